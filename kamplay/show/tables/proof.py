"""Tables of step 3: the model beside simpler orders, what calls would have met, inputs that moved, last period's score."""

from __future__ import annotations

from typing import Any

from kamplay.method.proof_later import LAST, WARNED
from kamplay.show.charts.proof import method_label
from kamplay.show.display import Display
from kamplay.show.labels import BANDS
from kamplay.show.locale import N_
from kamplay.show.tables.table import Column, table, word
from kamplay.show.view import current

STATES = {
    "moved": N_("moved strongly"),
    "shifted": N_("moved somewhat"),
    "stable": N_("unchanged, or within chance"),
    "missing": N_("cannot be compared"),
}
JUDGED = BANDS | {
    "act": N_("warned of: act"), "watch": N_("warned of: watch"), "none": N_("not warned of"), "silence": N_("had plainly stopped"),
}  # fmt: skip
INPUTS = {
    "lateness": N_("lateness against its own rhythm"), "silent": N_("days of silence"), "buys": N_("number of purchases"),
    "recent": N_("share of purchases in the last 90 days"), "order_rhythm": N_("sign: order rhythm"), "payment": N_("sign: payment"),
    "complaints": N_("sign: complaints"), "contact_lost": N_("sign: contact lost"), "competitor": N_("sign: competitor"),
    "delivery": N_("sign: delivery"), "satisfaction_gap": N_("sign: satisfaction against purchases"), "trend": N_("trend of purchases"),
    "irregular": N_("irregularity of purchases"), "buys_30": N_("purchases in 30 days"), "buys_90": N_("purchases in 90 days"),
    "buys_180": N_("purchases in 180 days"), "buys_365": N_("purchases in 365 days"), "decayed_30": N_("recent purchases, weighted (30 days)"),
    "decayed_120": N_("recent purchases, weighted (120 days)"), "returns": N_("returns"), "season_bought": N_("bought in the same season before"),
    "p_none": N_("chance of no purchase (purchase dates alone)"), "p_left": N_("chance of having left (purchase dates alone)"),
    "expected": N_("purchases expected (purchase dates alone)"),
    "breadth": N_("breadth of purchases"), "revenue": N_("revenue"), "tenure": N_("length of the relation"), "visits": N_("visits"),
}  # fmt: skip


def proof_versus(health: Any) -> Display:
    """The model beside the orders that need none."""
    view, frame = current(), health.proof_versus
    columns = [
        Column("method", N_("Order by"), lambda m: method_label(m, view)),
        Column("auc", N_("Ranks right (AUC)"), "pct"),
        Column("range", N_("95% interval"), extra=True),
        Column("met", N_("Stopped among the first calls"), "n"),
        Column("skill", N_("Error saved (Brier skill)"), "pct", extra=True),
    ]
    frame = frame[frame["auc"].notna()] if len(frame) else frame
    if frame.empty:
        return table(frame, [], "")
    locale = view.locale
    frame = frame.assign(range=[f"{locale.percent(a)}–{locale.percent(b)}" for a, b in zip(frame["low"], frame["high"], strict=True)])
    caption = locale.say(
        N_(
            "Ranks right: of an account that stopped and one that stayed, the one that stopped comes first. "
            "First calls: {k:n}. Error saved: against giving every account the same probability."
        ),
        k=int(frame["k"].iloc[0]),
    )
    return table(frame, columns, caption)


def proof_workload(health: Any) -> Display:
    """What a number of calls would have met in the test period."""
    view, frame = current(), health.proof_workload
    if frame.empty or not frame["stopped"].iloc[0]:
        return table(frame.iloc[:0], [], "")
    locale = view.locale
    mark = {True: locale.text(N_("{k} (as above)")), False: "{k}"}
    shown = frame.assign(calls=[mark[bool(t)].replace("{k}", locale.number(k)) for k, t in zip(frame["k"], frame["team"], strict=True)])
    columns = [
        Column("calls", N_("Accounts called"), css="keep"),
        Column("met", N_("Of them stopped"), "n"),
        Column("precision", N_("Hit rate"), "pct"),
        Column("recall", N_("Share of all that stopped"), "pct", extra=True),
        Column("revenue_share", N_("Share of the revenue lost"), "pct"),
        Column("stake_revenue_share", N_("The same by expected loss"), "pct", extra=True),
    ]
    caption = locale.say(
        N_(
            "Test period: {stopped:n} accounts stopped. Hit rate: the share of the calls that met one of them. "
            "By expected loss: calls in the order of probability times revenue."
        ),
        stopped=frame["stopped"].iloc[0],
    )
    return table(shown, columns, caption)


def proof_drift(health: Any) -> Display:
    """The model's inputs, then and now."""
    view, frame = current(), health.proof_drift
    locale = view.locale
    columns = [
        Column("feature", N_("Input"), lambda name: locale.text(INPUTS[name]) if name in INPUTS else str(name), css="long"),
        Column("state", N_("Moved since"), word(STATES)),
        Column("then", N_("Median then"), "n2", extra=True),
        Column("now", N_("Median now"), "n2", extra=True),
        Column("psi", N_("Stability index"), "n2"),
        Column("noise", N_("By chance up to"), "n2", extra=True),
    ]
    caption = N_(
        "The accounts the model learnt on against today's (population stability index: up to 0.1 unchanged, above 0.25 a strong move). "
        "By chance up to: what the index passes one time in twenty without any change."
    )
    return table(frame, columns, caption)


def proof_last(health: Any) -> Display:
    """Last period's bands and warnings against what happened since."""
    view, frame = current(), health.proof_last
    frame = frame[frame["accounts"] > 0].reindex(columns=LAST) if len(frame) else frame
    locale = view.locale
    if frame.empty:
        return table(frame, [], "")
    shown = frame.assign(range=[f"{locale.percent(a)}–{locale.percent(b)}" for a, b in zip(frame["low"], frame["high"], strict=True)])
    columns = [
        Column("band", N_("Judged then as"), word(JUDGED)),
        Column("accounts", N_("Accounts"), "n"),
        Column("stopped", N_("Nothing bought since"), "n"),
        Column("share", N_("Share"), "pct"),
        Column("range", N_("95% interval"), extra=True),
        Column("fell", N_("Nothing or less than half"), "n", extra=True),
        Column("predicted", N_("Predicted then"), "pct", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("fell", "predicted") or frame[c.key].notna().any()]
    if not frame["band"].isin(WARNED).any():
        return table(shown, columns, N_("Last period's health bands against what the accounts have bought since."))
    caption = N_(
        "Last period's health bands, then its warnings, against what the accounts have bought since; an account stands in both. "
        "Less than half: against the same days a year before, or against as many days before where the data begin later. "
        "A warned account that goes on buying is no false alarm if somebody saw to it in time."
    )
    return table(shown, columns, caption)
