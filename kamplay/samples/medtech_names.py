"""The English names of the sample's accounts: the place and the brand by their sound, the kind in words; and
those of its owners, entities, competitors and cities, by column, as an engagement states them.
"""

from __future__ import annotations

import re

PLACES = {
    "苏州": "Suzhou", "宁波": "Ningbo", "合肥": "Hefei", "无锡": "Wuxi", "温州": "Wenzhou",
    "南昌": "Nanchang", "济南": "Jinan", "嘉兴": "Jiaxing", "扬州": "Yangzhou", "佛山": "Foshan",
    "东莞": "Dongguan", "南宁": "Nanning", "厦门": "Xiamen", "惠州": "Huizhou", "海口": "Haikou",
    "泉州": "Quanzhou", "保定": "Baoding", "太原": "Taiyuan", "石家庄": "Shijiazhuang",
    "唐山": "Tangshan", "沧州": "Cangzhou", "大同": "Datong", "长沙": "Changsha", "襄阳": "Xiangyang",
    "洛阳": "Luoyang", "宜昌": "Yichang", "岳阳": "Yueyang", "南阳": "Nanyang", "绵阳": "Mianyang",
    "贵阳": "Guiyang", "昆明": "Kunming", "遵义": "Zunyi", "宜宾": "Yibin", "南充": "Nanchong",
    "咸阳": "Xianyang", "兰州": "Lanzhou", "西宁": "Xining", "银川": "Yinchuan", "宝鸡": "Baoji",
}  # fmt: skip
SOUNDS = {
    "霁": "ji", "澜": "lan", "沅": "yuan", "璟": "jing", "樾": "yue", "朔": "shuo", "砚": "yan", "湛": "zhan",
    "衍": "yan", "翊": "yi", "昶": "chang", "岑": "cen", "穗": "sui", "璞": "pu", "汐": "xi", "珩": "heng",
    "岳": "yue", "川": "chuan", "宁": "ning", "禾": "he", "庭": "ting", "和": "he", "原": "yuan", "徽": "hui",
    "陆": "lu", "松": "song", "柏": "bai", "桥": "qiao", "泽": "ze", "林": "lin", "屿": "yu", "谷": "gu",
}  # fmt: skip
KINDS = {
    "综合医院": "General Hospital",
    "骨科医院": "Orthopaedic Hospital",
    "妇儿医院": "Maternity Hospital",
    "肿瘤医院": "Cancer Hospital",
    "中西医结合医院": "Integrated Hospital",
    "心血管病医院": "Heart Hospital",
    "康复医院": "Rehab Hospital",
    "医疗器械有限公司": "Medical Devices",
    "医疗科技有限公司": "Medical Technology",
    "医药商贸有限公司": "Medical Trading",
    "健康产业有限公司": "Wellness",
    "医学检验所": "Medical Laboratory",
    "口腔门诊部": "Dental Clinic",
    "外科门诊部": "Surgical Clinic",
    "联合采购服务有限公司": "Joint Purchasing",
    "医学中心": "Medical Centre",
    "医疗供应链有限公司": "Medical Supply Chain",
    "医疗集团": "Medical Group",
}


BRANCHES = {"总医院": "Main Hospital", "总医院东院区": "Main Hospital East", "康复分院": "Rehab Branch"}


LABELS = {
    "owner": {
        "陶思远": "Tao Siyuan", "邹景敏": "Zou Jingmin", "许宏峰": "Xu Hongfeng", "鲁思涛": "Lu Sitao",
        "周雨琳": "Zhou Yulin", "冯子哲": "Feng Zizhe", "赵景远": "Zhao Jingyuan", "葛宏岚": "Ge Honglan",
        "秦志哲": "Qin Zhizhe", "孙海慧": "Sun Haihui", "施立超": "Shi Lichao", "鲁思昊": "Lu Sihao",
    },
    "entity": {
        "华衡上海": "Huaheng Shanghai", "华衡成都": "Huaheng Chengdu", "华衡广州": "Huaheng Guangzhou",
    },
    "competitor": {
        "柏砚生物": "Boyan Biotech", "冠樾器械": "Guanyue Devices", "远澈医疗": "Yuanche Medical",
        "昶景诊断": "Changjing Diagnostics", "华衡医疗": "Huaheng Medical",
    },
    "city": PLACES,
}  # fmt: skip


def english_name(name: str) -> str | None:
    """The English name of an account of the sample; None of a name that is put together in another way."""
    places = "|".join(PLACES)
    found = re.match(rf"({places})(.)(.)(.*)$", name)
    if not found or found[2] not in SOUNDS or found[3] not in SOUNDS:
        return None
    kind, branch = _kind(found[4])
    brand = (SOUNDS[found[2]] + SOUNDS[found[3]]).capitalize()
    return " ".join(filter(None, (PLACES[found[1]], brand, kind, branch))) if kind else None


def _kind(rest: str) -> tuple[str, str]:
    """The words for the kind, and for what follows it."""
    for kind, words in KINDS.items():
        if rest.startswith(kind):
            more = rest.removeprefix(kind)
            if not more:
                return words, ""
            if more in BRANCHES:
                return words, BRANCHES[more]
    return "", ""
