"""What the health score tells: what it rests on, what costs points, what caps it, and why it moved."""

from __future__ import annotations

from kamplay.method.health_movement import EarlierScore, Movement
from kamplay.method.health_score import HealthScore
from kamplay.method.results import Findings, Severity

FELL = 15.0  # points that a customer loses of its own doing before it is named
THIN = 0.25  # the share of thin scores from which they are a matter to watch


def tell(found: Findings, now: HealthScore, before: EarlierScore | None = None, moved: Movement | None = None) -> None:
    """Findings on the score, and, where there is an earlier run, on its movement (``moved``: what ``compared`` gave)."""
    scored = now.accounts[now.accounts["health"].notna()].sort_values("revenue", ascending=False, kind="stable")
    if scored.empty:
        return
    _rests_on(found, now)
    lost, total = now.dimensions.set_index("dimension")["lost"], float((100 - scored["raw"]).mean())
    if lost.max() > 0:
        first = now.dimensions.set_index("dimension").loc[lost.idxmax()]
        found.add("score_dearest", "note", None, (), zh=first["zh"], en=first["en"], lost=lost.max(), total=total)
    capped = scored[scored["cap"] < 0]
    if len(capped):
        binding = now.flags[now.flags["flag"].isin(capped["capped_by"])]
        words = {language: binding[language].tolist() for language in ("zh", "en")}
        found.add("score_capped", "watch", "clear_flags", capped.index, count=len(capped), points=-capped["cap"].mean(), **words)
    _by_hand(found, now)
    if before is not None and moved is not None:
        _moved(found, now, before, moved)


def _rests_on(found: Findings, now: HealthScore) -> None:
    scored = now.accounts[now.accounts["health"].notna()].sort_values("revenue", ascending=False, kind="stable")
    thin = scored[scored["thin"]]
    found.add("score_coverage", "note", None, (), coverage=scored["coverage"].mean())
    if len(thin):
        severity: Severity = "watch" if len(thin) >= THIN * len(scored) else "note"
        figures = {"count": len(thin), "thin": len(thin), "judged": len(scored), "limit": now.card.thin_below}
        found.add("score_thin", severity, "fill_sides", thin.index, **figures)
    unknown = now.dimensions[(now.dimensions["accounts"] == 0) & (now.dimensions["weight"] > 0)].sort_values(
        "weight", ascending=False, kind="stable"
    )
    if len(unknown):
        words = {language: unknown[language].tolist() for language in ("zh", "en")}
        found.add("score_unknown", "note", "fill_sides", (), weight=unknown["weight"].sum(), **words)


def _by_hand(found: Findings, now: HealthScore) -> None:
    impossible = (now.overrides["state"] == "unusable") & ~now.overrides["health"].between(0, 100)
    states = now.overrides["state"].where(~impossible, "impossible")
    kinds = {
        "applied": "score_by_hand",
        "expired": "score_hand_expired",
        "impossible": "score_hand_impossible",
        "unusable": "score_hand_unusable",
    }
    for state, rows in now.overrides.groupby(states):
        action = None if state == "applied" else "correct_scores" if state == "impossible" else "renew_scores"
        found.add(kinds[str(state)], "watch" if action else "note", action, rows.index, count=len(rows))


def _moved(found: Findings, now: HealthScore, before: EarlierScore, moved: Movement) -> None:
    if moved.steps.empty:
        return
    steps = moved.steps.set_index("item")
    points, counts = steps["points"], steps["accounts"]
    shown = {item: points[item] for item in ("before", "now", "customer", "age", "override", "definition")}
    shown |= {"since": before.as_of.isoformat(), "mix": points["left"] + points["entered"]}
    shown |= {item: int(counts[item]) for item in ("left", "entered")}
    if not moved.same_version:  # what the customers did cannot be told from what is counted in another way
        found.add("score_version", "watch", "explain_version", (), **shown)
        return
    found.add("score_moved", "note", None, (), **shown)
    if now.definition != before.definition:
        found.add("score_definition", "watch", "explain_definition", (), definition=points["definition"])
    fell = moved.accounts[moved.accounts["customer"] <= -FELL]
    if len(fell):
        large = fell.assign(revenue=now.accounts["revenue"].reindex(fell.index)).sort_values("revenue", ascending=False, kind="stable")
        first = large.iloc[0][["before", "now", "customer"]].astype(float)
        figures = {"count": len(fell), "least": FELL, "before": first["before"], "now": first["now"], "points": -first["customer"]}
        found.add("score_fell", "act", "ask_why_fell", large.index, **figures)
