"""The planted cases: which accounts are given a known truth, and by what hidden traits."""

from __future__ import annotations

import numpy as np

from kamplay.samples.medtech_actors import LAST, NEVER, Actor
from kamplay.samples.medtech_words import CATEGORIES

REASONS = ["order_rhythm", "payment", "complaints", "contact_lost", "competitor", "delivery", "satisfaction_gap"]
CURRENT_PER_REASON = 2
LARGE = 5  # of the churners now, among the 45 largest
PAST_PER_REASON = 7
PAST_UNEXPLAINED = 8  # left with no sign at all: no model finds these, and an honest score shows it
PASSING = 14  # showed a sign, recovered, stayed
PROSPECTS = 16
UNPAID_FROM = 860  # the day from which the unpaid key account leaves most invoices open
# days from the first sign to the last order: slow payment and rare surveys need longer to show
_LENGTH = dict.fromkeys(["no_sign", *REASONS], (190, 240))
_LENGTH |= {"payment": (250, 300), "order_rhythm": (230, 290), "satisfaction_gap": (250, 310)}
SKINNED_BY = 560  # the day by which the skinner's concessions have eaten the whole margin
GROUP_ORDER_DAY = 868

# rank by size at the start → the case planted there; the ranks keep each case where its story needs it
_PLACES = {
    1: "unpaid_key", 2: "skinner", 4: "lost_champion", 5: "two_entities", 6: "satisfaction_divergence", 7: "demanding_but_profitable",
    12: "white_space", 20: "stalled_deal", 45: "profit_destroyer", 170: "small_but_strong", 299: "one_off",
}  # fmt: skip
_GROUP = [40, 41, 42, 43]
_HOSPITALS = {"unpaid_key", "lost_champion", "satisfaction_divergence", "demanding_but_profitable", "white_space", "small_but_strong"}


def cast(actors: list[Actor], rng: np.random.Generator) -> None:
    """Give the actors (largest first) their cases, declines and stages, in place."""
    for rank, case in _PLACES.items():
        _plant(actors, actors[rank], case)
    _plant_group([actors[i] for i in _GROUP])
    free = [i for i, a in enumerate(actors) if not a.case and i > 9]
    able = [i for i in free if i < 115 and actors[i].start < 400 and actors[i].kind in ("hospital", "dealer")]
    large = _spread(rng, [i for i in able if i < 45], LARGE)
    current = large + _spread(rng, [i for i in able if i >= 45], CURRENT_PER_REASON * len(REASONS) - LARGE)
    for n, i in enumerate(current):
        reason = REASONS[n % len(REASONS)]
        _decline(actors[i], reason, LAST + int(rng.integers(25, 60)), int(rng.integers(*_LENGTH[reason])), rng)
        actors[i].interval = min(actors[i].interval, 14.0 if reason == "delivery" else 20.0)
        actors[i].stop = actors[i].end
    free = [i for i in free if i not in current]
    past = _spread(rng, [i for i in free if i > 18 and actors[i].start < 400], PAST_PER_REASON * len(REASONS) + PAST_UNEXPLAINED)
    for n, i in enumerate(past):
        reason = REASONS[n % len(REASONS)] if n < PAST_PER_REASON * len(REASONS) else "no_sign"
        length = int(rng.integers(*_LENGTH[reason]))
        stop = int(rng.integers(actors[i].start + length + 120, LAST - 190))  # there was a usual time before the decline
        _decline(actors[i], reason, stop, length, rng)
        actors[i].interval = min(actors[i].interval, 45.0)
        actors[i].stop = stop
        actors[i].stage = "lost" if rng.random() < 0.65 else "producing"  # sales does not always admit it
    free = [i for i in free if i not in past]
    for n, i in enumerate(_spread(rng, [i for i in free if actors[i].start < 300], PASSING)):
        onset = int(rng.integers(max(120, actors[i].start + 120), LAST - 260))
        a = actors[i]
        a.reason, a.passing, a.onset, a.end = REASONS[n % len(REASONS)], True, onset, onset + 200
        a.interval = min(a.interval, 45.0)
    free = [i for i in free if not actors[i].reason]
    for n, i in enumerate(_spread(rng, [i for i in free if i > 60], PROSPECTS)):
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
        a.categories += [c for c in CATEGORIES if c not in a.categories and c != "口腔材料"][: max(0, 4 - len(a.categories))]
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
