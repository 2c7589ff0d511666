"""Accounts whose names hint at a group that is not recorded: suggestions for a person to confirm, never
applied.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.hierarchy import group_sizes
from kamplay.method.results import Findings

SHARED_BY = 8  # unlinked accounts and groups that may share a stem; a commoner one is a word, not a brand
COLUMNS = ["head", "account_id", "stem", "joint_revenue", "rank_now", "joint_rank"]

_PLACES = """
北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川
贵州 云南 陕西 甘肃 青海 台湾
内蒙古 广西 西藏 宁夏 新疆 香港 澳门 中国 全国 华东 华南 华北 华中 西南 西北 东北 石家庄 唐山 秦皇岛 邯郸
邢台 保定 张家口 承德 沧州 廊坊
衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔
沈阳 大连 鞍山 抚顺 本溪 丹东
锦州 营口 阜新 辽阳 盘锦 铁岭 葫芦岛 长春 四平 辽源 通化 白山 松原 白城 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山
大庆 伊春 佳木斯 七台河 牡丹江
黑河 绥化 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴
金华 衢州 舟山 台州 丽水 合肥
芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州
南平 龙岩 宁德 南昌 景德镇 萍乡
九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城
滨州 菏泽 郑州 开封 洛阳
平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 襄阳 鄂州
荆门 孝感 荆州 黄冈 咸宁 随州 恩施
长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 江门
湛江 茂名 肇庆 惠州 梅州 汕尾
河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾
崇左 海口 三亚 儋州 成都 自贡
攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 毕节
铜仁 昆明 曲靖 玉溪 保山 昭通
丽江 普洱 临沧 大理 拉萨 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威
张掖 平凉 酒泉 庆阳 定西 陇南
西宁 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 昆山 义乌 江阴 张家港 常熟 太仓 慈溪 余姚 晋江
"""
_PLACE = re.compile(
    rf"({'|'.join(sorted(_PLACES.split(), key=len, reverse=True))})[省市县区]?"
    # a town that is not listed; 超市 and 院区 are none
    r"|[\u4e00-\u9fff]{2,3}(?:县|(?<![超都城夜门])市|(?<![院社园校厂小库])区)"
)
_COMMON = re.compile(
    "第|[东西南北]院|院区|医|药|卫生|健康|康复|综合|骨科|妇|儿童|肿瘤|心血管|口腔|外科|内科|眼科|耳鼻|皮肤|精神|疾病|肛肠|门诊|诊所"
    "|检验|护理|体检|急救|血站|红十字|人民|中心|总院|分院|附属|省立|市立|省直|大学|学院|学校|中学|小学|研究|集团|股份|有限|公司|企业"
    "|总公司|生物|科技|技术|器械|设备|仪器|耗材|诊断|试剂|商贸|贸易|经贸|商业|产业|实业|发展|投资|控股|联合|采购|服务|咨询|管理|信息"
    "|网络|软件|电子|电气|电器|机械|机电|制造|工业|工程|建设|建筑|材料|化工|化学|能源|电力|环保|食品|餐饮|酒店|物流|运输|供应链|进出口"
    "|国际|连锁|超市|百货|商店|商场|银行|保险|证券|基金|文化|传媒|广告|教育|房地产|地产|置业|物业|农业|汽车|纺织|服装|家具|五金|塑料"
    "|包装|印刷|钢铁|金属|矿业|石油|铁路|航空|通信|电信|移动|智能|数据|工厂|厂|办事处|事业|总部|国家|中央|老年|职业|传染|结核|胸科|脑科"
    "|整形|美容|体育|交通|公安|武警|解放军|军区|部队|民政|职工|福利|养老|慈善|社区|街道"
)
_WORDS = """
ltd limited inc incorporated co corp corporation company llc llp plc gmbh mbh ag kg se sa sas sarl srl spa bv
nv ab oy as aps pty pte the
and und et of for de la le group gruppe holding holdings international intl global worldwide national europe
european asia pacific america
american americas africa china chinese india japan germany german deutschland france french italy italia
spain espana british england
scotland ireland canada australia states united kingdom great new york london paris berlin shanghai beijing
north northern south southern
east eastern west western central royal first general hospital hospitals clinic clinics medical medicine
health healthcare care dental
pharma pharmaceutical pharmaceuticals pharmacy university college school institute center centre laboratory
laboratories labs service
services solution solutions system systems technology technologies tech software digital data media
industries industrial industry
manufacturing engineering construction trading trade import export supply supplies distribution logistics
transport foods food energy power
electric electronics chemical chemicals bank capital partners partner investment investments insurance
finance financial consulting
management marketing retail stores store shop hotel hotels restaurant foundation association city county
saint customer client
"""
_GENERIC = frozenset(_WORDS.split())


@dataclass(frozen=True)
class _Name:
    """What is telling in a name: the leading place and the brand after it (Chinese), the words that are not
    common ones (Latin).
    """

    place: str
    brand: str
    words: tuple[str, ...]
    chinese: str  # all Chinese characters of it, what stands in brackets left out
    latin: frozenset[str]


def related_accounts(book: Book, heads: pd.Series, most: int = 20, least_share: float = 0.0) -> pd.DataFrame:
    """Find accounts whose name suggests a link that ``parent_id`` does not record: to be confirmed by a
    person, never applied.

    A stem is the place and two or more characters of brand, a brand that stands in no other name (in several
    places only if two of its characters are in no other name either), or a leading word of four or more
    letters that is not a common one. One that more than SHARED_BY unlinked accounts and groups share is
    refused. Work grows with the names, not with their square.

    Parameters
    ----------
    book : the client's data.
    heads : every account → the head of its group.
    most : rows at most.
    least_share : of all revenue, below which a suggestion is left out.

    Returns
    -------
    One row per suggestion, the largest joint_revenue first; an account is suggested once: head (the group
    that
    shares the stem, or the account of largest revenue), account_id (of another group its head), stem (what
    the
    names share), joint_revenue (12 months to as_of, both with all that is linked to them), rank_now (the
    better of their two ranks by that revenue) and joint_rank, both among all customers, groups counted as
    one.
    """
    own = book.accounts.get("account_name")
    kinds = zip(COLUMNS, ["str", "str", "str", "float64", "int64", "int64"], strict=True)
    empty = pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in kinds})
    if own is None or own.notna().sum() < 2:
        return empty
    names = {account: _parsed(name) for account, name in own.dropna().items()}
    lead = heads.to_dict()
    revenue = purchases.revenue(book)
    jointly = revenue.groupby(heads).sum()
    size = group_sizes(heads)
    rank = jointly.round(6).rank(ascending=False, method="min").astype(int)
    rows: dict[str, tuple[str, str, str]] = {}
    for stem, accounts in _clusters(names, lead):
        customers = sorted({lead[a] for a in accounts}, key=lambda h: (h not in size.index, -jointly[h], h))
        top, *others = customers
        for other in others:
            if (
                other not in rows and rows.get(top, ("",))[0] != other
            ):  # not again, and not the other way round
                rows[other] = (top, other, stem)
    if not rows:
        return empty
    out = pd.DataFrame(list(rows.values()), columns=COLUMNS[:3]).astype("str")
    one, two = out["head"], out["account_id"]
    out["joint_revenue"] = (one.map(jointly) + two.map(jointly)).round(6)
    out["rank_now"] = np.minimum(one.map(rank), two.map(rank)).astype("int64")
    sorted_revenue = np.sort(jointly.to_numpy().round(6))
    ahead = len(sorted_revenue) - np.searchsorted(
        sorted_revenue, out["joint_revenue"].to_numpy(), side="right"
    )
    # neither of the two is ahead of both together, unless the other's returns outweigh its sales
    for part in (one, two):
        ahead = ahead - (part.map(jointly).round(6) > out["joint_revenue"]).to_numpy()
    out["joint_rank"] = (ahead + 1).astype("int64")
    out = out[out["joint_revenue"] >= least_share * revenue.sum()]
    order = out.sort_values(["joint_revenue", "account_id"], ascending=[False, True], ignore_index=True)
    return order.head(most)


def add_findings(findings: Findings, related: pd.DataFrame) -> None:
    """Add how many accounts may belong to a group that is not recorded."""
    if related.empty:
        return
    first = related.iloc[0]
    who = dict.fromkeys([first["account_id"], first["head"], *related["account_id"]])
    figures = {name: first[name] for name in ("joint_revenue", "joint_rank", "rank_now")}
    findings.add("kin_suspected", "watch", "confirm_kin", who, count=len(related), **figures)


def _parsed(name: str) -> _Name:
    text = re.sub(r"\([^)]*\)", " ", unicodedata.normalize("NFKC", name).casefold())
    words = re.findall(r"[^\W\d_\u2e80-\u9fff]+", text)
    chinese = "".join(re.findall(r"[\u3400-\u9fff]", text))
    place, rest = "", chinese
    while (found := _PLACE.match(rest)) and found.end() <= len(rest):
        place, rest = found.group(1) or found.group(), rest[found.end() :]  # the last place is the closest
    common = _COMMON.search(rest)
    brand = rest[: common.start()] if common else rest
    return _Name(place, brand, tuple(w for w in words if w not in _GENERIC), chinese, frozenset(words))


def _clusters(names: dict[str, _Name], lead: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Stems that two to SHARED_BY customers share, with the accounts that bear them; the most telling kind
    first.
    """
    local, brands, words, worded = (defaultdict(list) for _ in range(4))
    pieces: Counter[str] = Counter()  # in how many names a piece of one to four characters stands
    for account, name in names.items():
        text = name.chinese
        pieces.update({text[k : k + n] for n in (1, 2, 3, 4) for k in range(len(text) - n + 1)})
        for word in name.latin:
            worded[word].append(account)
        for n in range(2, min(len(name.brand), 4) + 1):
            brands[name.brand[:n]].append(account)
            if len(name.place) + n >= 4:
                local[name.place, name.brand[:n]].append(account)
        if name.words and len(name.words[0]) >= 4:
            words[name.words[0]].append(account)

    def few(accounts: list[str]) -> bool:
        return 2 <= len({lead[a] for a in accounts}) <= SHARED_BY

    def whole(stem: str, accounts: list[str]) -> bool:
        """Two characters alone begin many brands: one of the names must have no more."""
        return len(stem) > 2 or any(names[a].brand == stem for a in accounts)

    for (place, stem), accounts in local.items():
        if few(accounts) and whole(stem, accounts):
            yield place + stem, accounts
    for stem, accounts in brands.items():
        if few(accounts) and whole(stem, accounts) and pieces[stem] == len(accounts):
            inside = Counter(c for a in accounts for c in set(names[a].chinese))
            rare = sum(pieces[c] == inside[c] for c in set(stem))
            if rare >= 2 or len({names[a].place for a in accounts} - {""}) <= 1:
                yield stem, accounts
    for stem, accounts in words.items():
        bare = any(len(names[a].words) == 1 for a in accounts)
        if (
            few(accounts)
            and few(worded[stem])
            and (bare or (len(stem) >= 5 and len(worded[stem]) == len(accounts)))
        ):
            yield stem, accounts
