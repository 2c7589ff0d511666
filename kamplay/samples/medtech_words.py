"""The word lists of the medical-device sample: products, regions, names, roles. All invented; only place names are real."""

from __future__ import annotations

import numpy as np

# category: (share of list price that is cost, [(product, list price in yuan), …])
CATALOGUE: dict[str, tuple[float, list[tuple[str, float]]]] = {
    "体外诊断": (0.43, [("生化试剂盒", 680), ("化学发光试剂", 1450), ("凝血试剂", 920), ("血气测试卡", 1180), ("分子检测试剂", 2600)]),
    "手术耗材": (0.52, [("可吸收缝合线", 260), ("腔镜吻合器", 3900), ("一次性穿刺器", 580), ("止血材料", 760), ("超声刀头", 3400)]),
    "骨科植入": (0.38, [("锁定接骨板", 2600), ("髓内钉系统", 4800), ("人工髋关节", 16800), ("椎弓根螺钉", 1900)]),
    "影像设备": (0.64, [("便携超声仪", 128000), ("平板探测器", 236000), ("超声探头", 21000), ("造影注射套件", 420)]),
    "介入耗材": (0.48, [("导引导丝", 1350), ("球囊导管", 4200), ("造影导管", 760), ("药物支架", 7800)]),
    "输注护理": (0.57, [("留置针", 1200), ("输液泵", 9800), ("精密输液器", 860), ("镇痛泵", 260)]),
    "伤口敷料": (0.50, [("水胶体敷料", 380), ("银离子敷料", 640), ("负压引流套件", 1100)]),
    "口腔材料": (0.46, [("树脂充填材料", 480), ("种植体", 1600), ("印模材料", 210)]),
}
CATEGORIES = list(CATALOGUE)

# region: (the entity of ours that sells there, places)
REGIONS: dict[str, tuple[str, list[str]]] = {
    "华东": ("华衡上海", ["苏州", "宁波", "合肥", "无锡", "温州", "南昌", "济南", "嘉兴", "扬州"]),
    "华南": ("华衡广州", ["佛山", "东莞", "南宁", "厦门", "惠州", "海口", "泉州"]),
    "华北": ("华衡上海", ["保定", "太原", "石家庄", "唐山", "沧州", "大同"]),
    "华中": ("华衡广州", ["长沙", "襄阳", "洛阳", "宜昌", "岳阳", "南阳"]),
    "西南": ("华衡成都", ["绵阳", "贵阳", "昆明", "遵义", "宜宾", "南充"]),
    "西北": ("华衡成都", ["咸阳", "兰州", "西宁", "银川", "宝鸡"]),
}
REGION_WEIGHTS = [0.32, 0.2, 0.15, 0.14, 0.11, 0.08]

_BRAND_A = list("霁澜沅璟樾朔砚湛衍翊昶岑穗璞汐珩")
_BRAND_B = list("岳川宁禾庭和原徽陆松柏桥泽林屿谷")
_KINDS = {
    "hospital": ["综合医院", "骨科医院", "妇儿医院", "肿瘤医院", "中西医结合医院", "心血管病医院", "康复医院"],
    "dealer": ["医疗器械有限公司", "医疗科技有限公司", "医药商贸有限公司", "健康产业有限公司"],
    "lab": ["医学检验所"],
    "clinic": ["口腔门诊部", "外科门诊部"],
}
_SURNAMES = list("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方俞任袁柳")
_GIVEN_A = list("志文建晓思雨立宏海春国明雪若子嘉景承怀书")
_GIVEN_B = list("远军华敏琳宁超慧峰洁涛颖鹏岚哲诚萍昊莹波")

COMPETITORS = ["远澈医疗", "柏砚生物", "冠樾器械", "昶景诊断"]
STAGES = {"线索确认": 0.05, "需求调研": 0.10, "方案论证": 0.20, "试用评估": 0.30, "商务谈判": 0.50, "招标签约": 0.80}
STAGE_DAYS = {"线索确认": 40, "需求调研": 60, "方案论证": 75, "试用评估": 90, "商务谈判": 60, "招标签约": 45}  # usual age when in the stage

# (title, layer, buying role, influence), the most needed first: a small account has only the first ones
ROSTER: dict[str, list[tuple[str, str, str, int]]] = {
    "hospital": [
        ("分管副院长", "decision", "decider", 5),
        ("科室主任", "use", "evaluator", 4),
        ("设备科科长", "implementation", "evaluator", 4),
        ("院长", "image", "decider", 5),
        ("采购中心主任", "implementation", "designer", 3),
        ("临床工程师", "use", "initiator", 2),
    ],
    "dealer": [
        ("总经理", "decision", "decider", 5),
        ("仓储主管", "use", "user", 2),
        ("采购总监", "implementation", "evaluator", 4),
        ("董事长", "image", "decider", 5),
        ("产品经理", "implementation", "designer", 3),
        ("销售主管", "use", "initiator", 2),
    ],
}
LEFT = "（已离职）"

DEPARTMENTS = [("销售", 2), ("财务", 2), ("产品", 2), ("交付", 1), ("区域", 2)]
CAPABILITIES = {
    "客户规划与关系管理": ["大客户有统一定义", "每个大客户有年度计划", "决策链图按季度更新", "客户画像用于拜访准备"],
    "销售过程执行": ["商机按阶段评审", "赢率有历史依据", "拜访有计划、记录和复盘", "预测与实际定期对照"],
    "解决方案设计": ["能量化客户痛点", "方案可按模块组合", "为客户测算投入产出"],
    "交付与闭环响应": ["承诺交期可信", "投诉闭环且有时限", "跨部门升级路径清楚", "回款与交付联动"],
    "大客户组织": ["一个客户一个对口负责人", "铁三角共担指标", "多主体商机有协调机制"],
}


def pick(rng: np.random.Generator, words: list[str]) -> str:
    """One of ``words``."""
    return words[int(rng.integers(len(words)))]


def person(rng: np.random.Generator) -> str:
    """A person's name of three characters."""
    return pick(rng, _SURNAMES) + pick(rng, _GIVEN_A) + pick(rng, _GIVEN_B)


def brand(rng: np.random.Generator) -> str:
    """Two characters no real institution is likely to carry."""
    return pick(rng, _BRAND_A) + pick(rng, _BRAND_B)


def organisation(rng: np.random.Generator, kind: str, place: str, taken: set[str]) -> str:
    """An account name not in ``taken``, which it joins."""
    while True:
        name = place + brand(rng) + pick(rng, _KINDS[kind])
        if name not in taken:
            taken.add(name)
            return name
