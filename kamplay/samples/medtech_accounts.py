"""The accounts as the generator sees them: hidden traits that drive every table, and the `accounts` table
itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from kamplay.samples.medtech_names import english_name

START = pd.Timestamp("2023-07-01")
AS_OF = pd.Timestamp("2026-06-30")
LAST = (AS_OF - START).days  # days are counted from START throughout; this is as_of
NEVER = 1_000_000


@dataclass(eq=False)
class Actor:
    """One account's hidden traits. Days count from START; money is yuan, net of tax; shares are 0 to 1."""

    kind: str  # hospital, dealer, lab, clinic
    size: float  # net yuan a year, at as_of
    interval: float  # mean days between orders
    region: str = ""
    place: str = ""
    name: str = ""
    account_id: str = ""
    parent: Actor | None = None
    owner: str = ""
    entity: str = ""
    start: int = 0
    stop: int = NEVER  # no order after this day
    onset: int = NEVER  # the first day of a decline
    end: int = NEVER  # the day the decline is complete
    reason: str = ""
    second: str = ""  # a lesser sign that travels with the first
    passing: bool = False  # the sign passes and the account stays: a false alarm
    growth: float = 0.0  # a year
    discount: float = 0.12
    categories: list[str] = field(default_factory=list)  # the most important first
    case: str = ""
    stage: str = "producing"

    def severity(self, day: int) -> float:
        """How far the decline has gone on ``day``, 0 to 1; a passing one rises to 0.6 and falls back."""
        if not self.reason or day < self.onset:
            return 0.0
        x = min(1.0, (day - self.onset) / (self.end - self.onset))
        return 0.6 * (1 - abs(2 * x - 1)) if self.passing else x

    def sign(self, reason: str, day: int) -> float:
        """How strongly the sign ``reason`` shows on ``day``, 0 to 1."""
        share = 1.0 if self.reason == reason else 0.4 if self.second == reason else 0.0
        return share * self.severity(day) if share else 0.0

    def buys_on(self, day: int) -> bool:
        return self.start <= day <= min(self.stop, LAST)

    @property
    def trades(self) -> bool:
        return self.start <= LAST


@lru_cache(maxsize=4096)
def day_to_date(day: int) -> pd.Timestamp:
    return START + pd.Timedelta(days=int(day))


@dataclass(frozen=True)
class Planting:
    """How many accounts there are, how their sizes spread, and what is planted among them.

    Attributes
    ----------
    median, spread : of the accounts' yearly purchases, lognormal: yuan, and the deviation of the logarithm.
    kinds : kind of account → how many.
    places : rank by size at the start (0 the largest) → the case planted there.
    group : the ranks of one group's four members.
    telling : the rank up to which an account buys often enough for its leaving to be told from chance.
    current_per_reason, large : accounts that are leaving, for each reason, and how many of them all are
        large.
    past_per_reason, past_unexplained : accounts that have left, with a sign and without.
    passing : accounts that showed a sign, recovered and stayed.
    prospects : accounts that have not bought yet.
    noise : by how much the usual chance in orders is multiplied.
    tables : the tables to make; all by default.
    """

    median: float
    spread: float
    kinds: Mapping[str, int]
    places: Mapping[int, str]
    group: tuple[int, int, int, int]
    telling: int
    current_per_reason: int
    large: int
    past_per_reason: int
    past_unexplained: int
    passing: int
    prospects: int
    noise: float = 1.0
    tables: frozenset[str] | None = None

    @property
    def count(self) -> int:
        return sum(self.kinds.values())

    def makes(self, table: str) -> bool:
        return self.tables is None or table in self.tables


def draw(rng: np.random.Generator, planting: Planting) -> list[Actor]:
    """The actors, the largest first, without any planted case."""
    count = planting.count
    sizes = np.sort(rng.lognormal(np.log(planting.median), planting.spread, count))[::-1]
    kinds = np.array([kind for kind, many in planting.kinds.items() for _ in range(many)])
    order = rng.permutation(count)
    actors = []
    for i, size in enumerate(sizes):
        kind = str(kinds[order[i]])
        if kind in ("lab", "clinic") and i < count // 5:
            kind = "hospital"  # no clinic is among the largest; made good below
        interval = float(np.clip(63 * (300_000 / size) ** 0.36 * rng.lognormal(0, 0.35), 9, 80))
        actors.append(Actor(kind, float(size), interval))
    _keep_the_mix(actors, planting.kinds["lab"] + planting.kinds["clinic"], rng)
    taken: set[str] = set()
    owners = {region: [person(rng) for _ in range(2)] for region in REGIONS}
    for i, actor in enumerate(actors):
        _settle(actor, i, rng, taken, owners)
    return actors


def _keep_the_mix(actors: list[Actor], wanted: int, rng: np.random.Generator) -> None:
    small = [a for a in actors[len(actors) // 2 :] if a.kind == "hospital"]
    missing = wanted - sum(a.kind in ("lab", "clinic") for a in actors)
    for j in rng.choice(len(small), missing, replace=False):
        small[int(j)].kind = "lab"


def _settle(
    actor: Actor, i: int, rng: np.random.Generator, taken: set[str], owners: dict[str, list[str]]
) -> None:
    actor.region = str(rng.choice(list(REGIONS), p=REGION_WEIGHTS))
    actor.entity, places = REGIONS[actor.region]
    actor.place = pick(rng, places)
    actor.name = organisation(rng, actor.kind, actor.place, taken)
    actor.owner = pick(rng, owners[actor.region])
    newcomer = i > 50 and rng.random() < 0.3
    actor.start = int(rng.integers(60, LAST - 120)) if newcomer else int(rng.integers(0, 30))
    actor.growth = float(np.clip(rng.normal(0.06, 0.18), -0.35, 0.6))
    low, high = (0.16, 0.27) if actor.kind == "dealer" else (0.06, 0.18)
    actor.discount = float(rng.uniform(low, high))
    usual = 3.2 + 0.5 * np.log(actor.size / 300_000) + rng.normal(0, 0.9)
    breadth = {"lab": 1, "clinic": 2}.get(actor.kind) or int(np.clip(round(usual), 2, 7))
    first = {"lab": ["体外诊断"], "clinic": ["口腔材料"]}.get(
        actor.kind, ["体外诊断"] if actor.kind == "hospital" and i < 60 else []
    )
    rest = [
        c
        for c in rng.permutation(CATEGORIES)
        if c not in first and (c != "口腔材料" or actor.kind != "hospital")
    ]
    actor.categories = first + [str(c) for c in rest[: breadth - len(first)]]


def number(actors: list[Actor], rng: np.random.Generator) -> None:
    """Give every actor its account_id, in order of first dealings, so that the number does not betray the
    rank.
    """
    key = [a.start + (float(rng.random()) * 30) for a in actors]
    for n, j in enumerate(np.argsort(key, kind="stable"), start=1):
        actors[int(j)].account_id = f"C{n:04d}"


# what sales wrote down of an account that it admits to have lost; nothing where it left without a sign
LOST_REASONS = {
    "order_rhythm": "采购量逐步减少",
    "payment": "长期拖欠货款，停止供货",
    "complaints": "投诉处理不满意",
    "contact_lost": "关键联系人离职",
    "competitor": "改用竞品",
    "delivery": "交货多次延误",
    "satisfaction_gap": "对服务不满意",
}


def accounts_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """The `accounts` table, one row per actor, by account_id; money in yuan."""
    rows = []
    for a in actors:
        strength = a.size * float(rng.lognormal(np.log(45 if a.kind == "hospital" else 9), 0.5))
        strong = a.case == "small_but_strong"
        revenue = 5_200_000_000.0 if strong else round(max(strength, 1_500_000), -4)
        public = a.kind == "hospital" and (strong or rng.random() < 0.7)
        before = int(rng.integers(30, 3000)) if a.start < 30 else int(rng.integers(0, 25))
        rows.append(
            {
                "account_id": a.account_id,
                "account_name": a.name,
                "account_name_en": english_name(a.name),
                "tax_id": f"99{int(a.account_id[1:]):016d}",  # 99 begins no real one
                "parent_id": a.parent.account_id if a.parent else None,
                "industry": {
                    "hospital": "医疗机构",
                    "dealer": "医疗器械流通",
                    "lab": "第三方检验",
                    "clinic": "医疗机构",
                }[a.kind],
                "region": a.region,
                "city": a.place,
                "nature": "渠道伙伴" if a.kind == "dealer" else "终端用户",
                "ownership": "公立" if public else pick(rng, ["民营", "民营", "合资", "国有控股"]),
                "source": pick(rng, ["展会", "经销商报备", "主动开发", "学术会议", "转介绍"]),
                "stage": a.stage,
                "since": day_to_date(a.start - before) if a.trades else None,
                "owner": a.owner,
                "sales_entity": a.entity,
                "registered_capital": 860_000_000.0
                if strong
                else round(revenue * float(rng.uniform(0.05, 0.25)), -4),
                "employees": 4_300 if strong else max(8, int(revenue / float(rng.uniform(450_000, 900_000)))),
                "annual_revenue": revenue,
                "listed": bool(not public and a.size > 2_000_000 and rng.random() < 0.25),
                "state_owned_share": 1.0 if public else round(float(rng.choice([0, 0, 0, 0.3, 0.51])), 2),
                "premises": "自有" if a.kind == "hospital" else pick(rng, ["自有", "租赁", "租赁"]),
                "credit_grade": str(rng.choice(["AAA", "AA", "A", "B"], p=[0.2, 0.35, 0.33, 0.12])),
                "credit_limit": round(a.size * 0.35 + 20_000, -4),
                "lost_reason": LOST_REASONS.get(a.reason) if a.stage == "lost" else None,
            }
        )
    table = pd.DataFrame(rows).sort_values("account_id", ignore_index=True)
    return table.assign(since=pd.to_datetime(table["since"]), employees=table["employees"].astype("int64"))


REASONS = [
    "order_rhythm",
    "payment",
    "complaints",
    "contact_lost",
    "competitor",
    "delivery",
    "satisfaction_gap",
]
UNPAID_FROM = 860  # the day from which the unpaid key account leaves most invoices open
# days from the first sign to the last order: slow payment and rare surveys need longer to show
_LENGTH = dict.fromkeys(["no_sign", *REASONS], (190, 240))
_LENGTH |= {"payment": (250, 300), "order_rhythm": (230, 290), "satisfaction_gap": (250, 310)}
SKINNED_BY = 560  # the day by which the skinner's concessions have eaten the whole margin
GROUP_ORDER_DAY = 868

# the ranks keep each case where its story needs it; accounts that left without a sign no model finds, and
# an honest score shows it
MEDTECH = Planting(
    median=300_000,
    spread=1.42,
    kinds={"hospital": 180, "dealer": 105, "lab": 9, "clinic": 6},
    places={
        1: "unpaid_key",
        2: "skinner",
        4: "lost_champion",
        5: "two_entities",
        6: "satisfaction_divergence",
        7: "demanding_but_profitable",
        12: "white_space",
        20: "stalled_deal",
        45: "profit_destroyer",
        170: "small_but_strong",
        299: "one_off",
    },
    group=(40, 41, 42, 43),
    telling=115,
    current_per_reason=2,
    large=5,
    past_per_reason=7,
    past_unexplained=8,
    passing=14,
    prospects=16,
)
_LARGEST = 45  # among them are the large accounts that are leaving
_HOSPITALS = {
    "unpaid_key",
    "lost_champion",
    "satisfaction_divergence",
    "demanding_but_profitable",
    "white_space",
    "small_but_strong",
}


def cast(actors: list[Actor], rng: np.random.Generator, planting: Planting) -> None:
    """Give the actors (largest first) their cases, declines and stages, in place."""
    for rank, case in planting.places.items():
        _plant(actors, actors[rank], case)
    _plant_group([actors[i] for i in planting.group])
    free = [i for i, a in enumerate(actors) if not a.case and i > 9]
    able = [
        i
        for i in free
        if i < planting.telling and actors[i].start < 400 and actors[i].kind in ("hospital", "dealer")
    ]
    leaving = planting.current_per_reason * len(REASONS)
    large = _spread(rng, [i for i in able if i < _LARGEST], planting.large)
    current = large + _spread(rng, [i for i in able if i >= _LARGEST], leaving - planting.large)
    for n, i in enumerate(current):
        reason = REASONS[n % len(REASONS)]
        _decline(
            actors[i], reason, LAST + int(rng.integers(25, 60)), int(rng.integers(*_LENGTH[reason])), rng
        )
        actors[i].interval = min(actors[i].interval, 14.0 if reason == "delivery" else 20.0)
        actors[i].stop = actors[i].end
    free = [i for i in free if i not in current]
    explained = planting.past_per_reason * len(REASONS)
    past = _spread(
        rng, [i for i in free if i > 18 and actors[i].start < 400], explained + planting.past_unexplained
    )
    for n, i in enumerate(past):
        reason = REASONS[n % len(REASONS)] if n < explained else "no_sign"
        length = int(rng.integers(*_LENGTH[reason]))
        stop = int(
            rng.integers(actors[i].start + length + 120, LAST - 190)
        )  # there was a usual time before the decline
        _decline(actors[i], reason, stop, length, rng)
        actors[i].interval = min(actors[i].interval, 45.0)
        actors[i].stop = stop
        actors[i].stage = "lost" if rng.random() < 0.65 else "producing"  # sales does not always admit it
    free = [i for i in free if i not in past]
    for n, i in enumerate(_spread(rng, [i for i in free if actors[i].start < 300], planting.passing)):
        onset = int(rng.integers(max(120, actors[i].start + 120), LAST - 260))
        a = actors[i]
        a.reason, a.passing, a.onset, a.end = REASONS[n % len(REASONS)], True, onset, onset + 200
        a.interval = min(a.interval, 45.0)
    free = [i for i in free if not actors[i].reason]
    for n, i in enumerate(_spread(rng, [i for i in free if i > planting.count // 5], planting.prospects)):
        actors[i].start = actors[i].stop = NEVER
        actors[i].stage = "potential" if n % 2 else "incubating"
    for a in actors:
        if a.trades and a.stage == "producing" and a.start > LAST - 200 and not a.case:
            a.stage = "incubating"


def _spread(rng: np.random.Generator, pool: list[int], count: int) -> list[int]:
    return [int(i) for i in rng.choice(pool, count, replace=False)]


def _decline(a: Actor, reason: str, end: int, length: int, rng: np.random.Generator) -> None:
    a.reason, a.end, a.onset = reason, end, end - length
    if reason == "satisfaction_gap":  # purchases hold, that is the point
        a.growth = max(a.growth, 0.03)
    if reason == "competitor":  # a breadth that can shrink
        a.categories += [c for c in CATEGORIES if c not in a.categories and c != "口腔材料"][
            : max(0, 4 - len(a.categories))
        ]
    if reason not in ("no_sign", "satisfaction_gap") and rng.random() < 0.45:
        a.second = str(rng.choice([r for r in REASONS if r not in (reason, "satisfaction_gap")]))


def _plant(actors: list[Actor], a: Actor, case: str) -> None:
    a.case, a.start = case, min(a.start, 20)
    _retype(a, "hospital" if case in _HOSPITALS else "dealer" if case in ("skinner", "one_off") else a.kind)
    top = actors[3].size
    if case == "unpaid_key":
        a.size, a.growth, a.interval = top * 1.25, 0.12, 9
    elif case == "skinner":
        a.size, a.growth, a.interval = top * 1.1, 0.15, 8
    elif case == "lost_champion":
        a.growth, a.interval = 0.28, 10
        a.reason, a.onset, a.end = "contact_lost", LAST - 150, LAST + 120
    elif case == "two_entities":
        a.growth, a.interval, a.entity = 0.08, 9, "华衡上海"
    elif case == "satisfaction_divergence":
        a.growth, a.interval = 0.14, 10
        a.reason, a.onset, a.end = "satisfaction_gap", LAST - 260, LAST + 20
    elif case == "demanding_but_profitable":
        a.growth, a.interval, a.discount = 0.38, 9, 0.02
        a.categories = ["体外诊断", "骨科植入", "介入耗材"]
    elif case == "white_space":
        a.growth, a.interval = 0.05, 12
        a.categories = ["手术耗材", "骨科植入", "介入耗材", "输注护理", "影像设备"]
    elif case == "profit_destroyer":
        a.size, a.interval, a.discount, a.growth = 1_150_000, 6.0, 0.38, 0.0
        a.categories = ["输注护理", "手术耗材", "伤口敷料"]
    elif case == "small_but_strong":
        a.size, a.interval, a.growth = 140_000, 40, 0.1
        a.categories = ["伤口敷料", "体外诊断"]
    elif case == "one_off":
        a.start = a.stop = GROUP_ORDER_DAY
        a.size, a.name = top * 0.6, f"{a.place}湛禾联合采购服务有限公司"
        a.categories = ["影像设备", "输注护理", "手术耗材"]


def _retype(a: Actor, kind: str) -> None:
    """Another kind, with a name that fits it."""
    if kind != a.kind:
        a.kind = kind
        stem = a.place + a.name[len(a.place) : len(a.place) + 2]
        a.name = stem + ("医学中心" if kind == "hospital" else "医疗供应链有限公司")
        if kind == "hospital" and "体外诊断" not in a.categories:
            a.categories = ["体外诊断", *a.categories]


def _plant_group(members: list[Actor]) -> None:
    """One hospital group: the head, two in a chain of parents, and one whose parent nobody filled in."""
    head = members[0]
    stem = f"{head.place}璞岳医疗集团"
    suffixes = ["", "总医院", "总医院东院区", "康复分院"]
    for member, suffix in zip(members, suffixes, strict=True):
        _retype(member, "hospital")
        member.case, member.start, member.name = "hidden_group", min(member.start, 20), stem + suffix
        member.region, member.place = head.region, head.place
        member.size, member.growth = head.size * (1.0 if suffix else 1.1), 0.05
        member.interval = min(member.interval, 18.0)
        if "体外诊断" not in member.categories:
            member.categories = ["体外诊断", *member.categories]
    members[1].parent, members[2].parent = head, members[1]


# category: (share of list price that is cost, [(product, list price in yuan), …])
CATALOGUE: dict[str, tuple[float, list[tuple[str, float]]]] = {
    "体外诊断": (
        0.43,
        [
            ("生化试剂盒", 680),
            ("化学发光试剂", 1450),
            ("凝血试剂", 920),
            ("血气测试卡", 1180),
            ("分子检测试剂", 2600),
        ],
    ),
    "手术耗材": (
        0.52,
        [
            ("可吸收缝合线", 260),
            ("腔镜吻合器", 3900),
            ("一次性穿刺器", 580),
            ("止血材料", 760),
            ("超声刀头", 3400),
        ],
    ),
    "骨科植入": (
        0.38,
        [("锁定接骨板", 2600), ("髓内钉系统", 4800), ("人工髋关节", 16800), ("椎弓根螺钉", 1900)],
    ),
    "影像设备": (
        0.64,
        [("便携超声仪", 128000), ("平板探测器", 236000), ("超声探头", 21000), ("造影注射套件", 420)],
    ),
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
    "hospital": [
        "综合医院",
        "骨科医院",
        "妇儿医院",
        "肿瘤医院",
        "中西医结合医院",
        "心血管病医院",
        "康复医院",
    ],
    "dealer": ["医疗器械有限公司", "医疗科技有限公司", "医药商贸有限公司", "健康产业有限公司"],
    "lab": ["医学检验所"],
    "clinic": ["口腔门诊部", "外科门诊部"],
}
_SURNAMES = list(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方俞任袁柳"
)
_GIVEN_A = list("志文建晓思雨立宏海春国明雪若子嘉景承怀书")
_GIVEN_B = list("远军华敏琳宁超慧峰洁涛颖鹏岚哲诚萍昊莹波")

COMPETITORS = ["远澈医疗", "柏砚生物", "冠樾器械", "昶景诊断"]
STAGES = {
    "线索确认": 0.05,
    "需求调研": 0.10,
    "方案论证": 0.20,
    "试用评估": 0.30,
    "商务谈判": 0.50,
    "招标签约": 0.80,
}
STAGE_DAYS = {
    "线索确认": 40,
    "需求调研": 60,
    "方案论证": 75,
    "试用评估": 90,
    "商务谈判": 60,
    "招标签约": 45,
}  # usual age when in the stage

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
    "客户规划与关系管理": [
        "大客户有统一定义",
        "每个大客户有年度计划",
        "决策链图按季度更新",
        "客户画像用于拜访准备",
    ],
    "销售过程执行": ["商机按阶段评审", "赢率有历史依据", "拜访有计划、记录和复盘", "预测与实际定期对照"],
    "解决方案设计": ["能量化客户痛点", "方案可按模块组合", "为客户测算投入产出"],
    "交付与闭环响应": ["承诺交期可信", "投诉闭环且有时限", "跨部门升级路径清楚", "回款与交付联动"],
    "大客户组织": ["一个客户一个对口负责人", "铁三角共担指标", "多主体商机有协调机制"],
}
# level as all raters see it, and target, by capability: in the preset's frames, but for the last
MATURITY = {
    "客户规划与关系管理": (2.4, 3.5),
    "销售过程执行": (2.9, 3.5),
    "解决方案设计": (2.1, 3.5),
    "交付与闭环响应": (2.5, 4.0),
    "大客户组织": (1.3, 4.0),
    "战略": (3.1, 4.0),
    "资源": (2.3, 3.0),
    "协同": (1.6, 3.5),
    "人才": (2.6, 3.5),
    "绩效": (2.0, 3.0),
    "行业知识": (3.4, 4.0),
    "方案能力": (2.2, 3.5),
    "谈判能力": (3.2, 3.5),
    "关系经营": (3.6, 3.5),
    "商业与财务分析": (1.8, 3.5),
    "项目协调": (2.7, 3.5),
    "数据运用": (1.9, 3.0),
    "合规与风险意识": (3.3, 4.0),
    "经销商协同管理": (2.4, 3.0),
}
DISPUTED = "交付与闭环响应"  # sales and delivery do not speak of the same thing
DISPUTE = (-1.4, -1.2, 0.1, 1.6, 0.4)  # how far each rater lies from the level there


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
