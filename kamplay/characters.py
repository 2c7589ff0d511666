"""Characters that mean the same: full width and half width, traditional and simplified.

Headers and statuses of Taiwan and Hong Kong are read by the same words as those of the mainland.
"""

from __future__ import annotations

import unicodedata

# The traditional forms of the characters that headers, statuses and total rows are made of; 帐 is how many
# write 账
_TRADITIONAL = (
    "丟並亞佈佔併來係倉個備傚傢債僅價儀億償優兌內兩冊凍別刪則剋創劃動務勝勞匯區參員問單噸噹嚮嚴"
    "國圍圓團報場實審寫專對導層屬崗幣幾庫廢張帳彆彙後徑從復態憑應戰戶掛採換揹搆摺據敗數斷於時暫會"
    "東條棄業構標機檔檢檯欄權歐歸決沒沖淨淺減測準滿潛潤濟為無營爭爾狀獲現產異當療發監盤盧確碼稅"
    "種稱穫競筆箇範簡簽籤糰約紅納紐級細組結絕給統經維線編緻總織繫續羅義聯職脩臺與茲華萬蓋薦藍蘭"
    "處號衝裝裡製複見規訂計託記訪設訴診註証評詢話該誌認語說誰調請諮諾證識議護譽讓負財貨責買貸費"
    "貼資賓質賬購贏軍輪輸辦迴週進運過達選還醫釦銀銖銷錄錢錶鍵鎊鎖鏈長門閉開間閤關階際隻離電韆韓"
    "響頁項須預頭題額願類風颱餘餽駁體髮鬚鬥麥點齣龍帐"
)
_SIMPLIFIED = (
    "丢并亚布占并来系仓个备效家债仅价仪亿偿优兑内两册冻别删则克创划动务胜劳汇区参员问单吨当向严"
    "国围圆团报场实审写专对导层属岗币几库废张账别汇后径从复态凭应战户挂采换背构折据败数断于时暂会"
    "东条弃业构标机档检台栏权欧归决没冲净浅减测准满潜润济为无营争尔状获现产异当疗发监盘卢确码税"
    "种称获竞笔个范简签签团约红纳纽级细组结绝给统经维线编致总织系续罗义联职修台与兹华万盖荐蓝兰"
    "处号冲装里制复见规订计托记访设诉诊注证评询话该志认语说谁调请咨诺证识议护誉让负财货责买贷费"
    "贴资宾质账购赢军轮输办回周进运过达选还医扣银铢销录钱表键镑锁链长门闭开间合关阶际只离电千韩"
    "响页项须预头题额愿类风台余馈驳体发须斗麦点出龙账"
)
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    """A text with these characters in their simplified form; as long as before."""
    return text if text.isascii() else text.translate(_TO_SIMPLIFIED)


def alike(text: str) -> str:
    """A text in one width and in simplified characters."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_TO_SIMPLIFIED)
