"""The stakeholder map: who is there at each account, what they think of us, who reports to whom, where the
map has holes, and whom to reach through whom.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.features_at import LEFT, TOP_LAYERS, has_left
from kamplay.method.measures.hierarchy import cycle_breaks
from kamplay.method.results import Findings
from kamplay.presets.scorecard import KEY_LEVELS

LAYERS = ("image", "decision", "implementation", "use")
DECIDING = ("decision", "image", "implementation", "use")  # the same, where it is decided first
RECENT_DAYS = 180  # the window of the single thread, and how long a confirmed person stays confirmed
UNVISITED_DAYS = 90  # without a visit after which an account counts as not visited
MIN_VISITS = 2  # from which "all with one person" says something
STANCE, INFLUENCE = (-2, 2), (1, 5)  # the scales
USUAL_INFLUENCE = 3.0  # of a person for whom none is given
HIGH_INFLUENCE = 4  # from which a person is missed when gone
# part of the key accounts' revenue without support in the decision layer: no longer a matter of single
# accounts
# How grave each alarm is. They order the maps together with revenue, so the steps matter and not the exact
# figures
ALARM_WEIGHTS = {"gone": 3, "unsupported": 2, "opposed": 1, "thread": 2, "layer": 1, "unseen": 1}
# the mark that somebody has left, with what sets it off from the title
LEFT_MARK = r"[\s（(\[【,，:：;；—–-]*" + LEFT
TEXTS = ["name", "title", "layer", "role", "need", "style", "reports_to"]


@dataclass(frozen=True)
class Stakeholders:
    """Whom we know at the accounts, as of as_of.

    Attributes
    ----------
    people : index contact_id: account_id, name, title (without the mark that somebody has left), label (title
        and name), layer (of LAYERS), role, stance (STANCE), influence (INFLUENCE), need, style, side
        (supporter, neutral, opponent, unknown), gone, confirmed (date), assumed (not confirmed within
        RECENT_DAYS), reports_to (a person of the same account, never in a cycle), last and days (of the last
        visit).
    relations : index account_id of the accounts with contacts, key ones and the gravest first: revenue (12
        months), key, level; contacts (still there), gone, layers (number covered), missing (list of layers
        without anyone), supporters, opponents, top_supporters (image and decision layer), stance (mean
        weighted by influence), decider_known; unsupported (nobody in the decision layer supports us),
        opposed; thread (on whom the account hangs: ``visits`` all to one person, one ``supporter``, or None)
        with thread_contact; departed (contact_id of the person of weight who has left with nobody in the
        place); confirmed_share; last, days and unvisited (of visits); alarms (list, of ALARM_WEIGHTS) and
        alarm_weight (their sum); next_step, and target reached by introducer (contact_id).
    figures : accounts, key, unmapped (key accounts without a contact), unmapped_revenue, confirmed_share (of
        those still there), bad_lines, circles (reporting lines that are left out), doubles.
    unmapped : key accounts without a contact, the largest first.
    """

    people: pd.DataFrame = field(default_factory=pd.DataFrame)
    relations: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: dict[str, Any] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()


def stakeholders(book: Book, levels: pd.Series | None = None) -> Stakeholders:
    """Map the people of every account with contacts.

    Parameters
    ----------
    levels : account → level. S and A are key; without levels an account is key when its revenue is large
        enough to name singly.

    Returns
    -------
    Empty without the table contacts.
    """
    if not book.has("contacts"):
        return Stakeholders()
    as_of = pd.Timestamp(book.as_of)
    visits = _visits(book, as_of)
    people, figures = _people(book, visits, as_of)
    revenue = purchases.revenue(book)
    is_key = purchases.material(revenue) if levels is None else levels.reindex(revenue.index).isin(KEY_LEVELS)
    relations = _relations(people, visits, as_of)
    index = relations.index
    relations.insert(0, "revenue", revenue.reindex(index).fillna(0.0))
    relations.insert(1, "key", is_key.reindex(index).fillna(False).astype(bool))
    relations.insert(2, "level", None if levels is None else levels.reindex(index).astype(object))
    relations = _with_alarms(relations)
    relations = _with_next_step(relations, people, _recent(visits, as_of)["contact_id"])
    gravity = relations["alarm_weight"] * relations["revenue"].clip(lower=0)
    order = relations.assign(gravity=gravity).sort_values(
        ["key", "gravity", "alarm_weight", "revenue"], ascending=False, kind="stable"
    )
    relations = relations.loc[order.index]
    unmapped = revenue[is_key & ~revenue.index.isin(index)].sort_values(ascending=False, kind="stable")
    present = people[~people["gone"]]
    figures |= {
        "accounts": len(relations),
        "key": int(is_key.sum()),
        "unmapped": len(unmapped),
        "unmapped_revenue": float(unmapped.sum()),
        "confirmed_share": float((~present["assumed"]).mean()) if len(present) else None,
    }
    return Stakeholders(people, relations, figures, tuple(unmapped.index))


def _visits(book: Book, as_of: pd.Timestamp) -> pd.DataFrame:
    """Visits up to as_of: account_id, date, contact_id; empty without the table."""
    kinds = {"account_id": "str", "date": "datetime64[us]", "contact_id": "object"}
    if not book.has("visits"):
        return pd.DataFrame(columns=list(kinds)).astype(kinds)
    rows = book.table("visits")
    return rows[rows["date"] <= as_of].reindex(columns=list(kinds))


def _recent(visits: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    return visits[visits["date"] > as_of - pd.Timedelta(days=RECENT_DAYS)]


def _people(book: Book, visits: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.DataFrame, dict[str, Any]]:
    rows = book.table("contacts")
    rows = rows[rows["account_id"].notna() & rows["contact_id"].notna()]
    doubles = int(rows["contact_id"].duplicated().sum())
    rows = rows.drop_duplicates("contact_id").set_index("contact_id")
    out = rows.reindex(columns=["account_id", *TEXTS[:4], "stance", "influence", *TEXTS[4:]])
    for column in TEXTS:
        out[column] = out[column].astype(object).where(out[column].notna(), None)
    out["layer"] = out["layer"].where(out["layer"].isin(LAYERS), None)
    for column, scale in (
        ("stance", STANCE),
        ("influence", INFLUENCE),
    ):  # the check warns of what lies outside
        out[column] = out[column].astype("float64").clip(*scale)
    out["gone"] = has_left(rows)
    title = out["title"].fillna("").astype(object)
    title = title.str.replace(LEFT_MARK, "", case=False, regex=True).str.strip()
    out["title"] = title.where(out["gone"], out["title"]).replace("", None)
    out["name"] = out["name"].where(out["name"].notna(), pd.Series(out.index, index=out.index))
    label = out["title"].fillna("").astype(object) + " " + out["name"].astype(object)
    out["label"] = label.str.strip()
    stance = out["stance"]
    sides = ["supporter", "opponent", "neutral"]
    out["side"] = np.select([stance >= 1, stance <= -1, stance.notna()], sides, "unknown")
    confirmed = rows["confirmed"] if "confirmed" in rows else pd.Series(pd.NaT, index=rows.index)
    out["confirmed"] = pd.to_datetime(confirmed).where(confirmed <= as_of)
    out["assumed"] = ~(out["confirmed"] > as_of - pd.Timedelta(days=RECENT_DAYS))
    out["reports_to"], bad_lines, circles = _reporting_lines(out)
    last = visits.dropna(subset=["contact_id"]).groupby("contact_id")["date"].max()
    out["last"] = pd.to_datetime(last.reindex(out.index))
    out["days"] = (as_of - out["last"]).dt.days.astype("float64")
    return out, {"bad_lines": bad_lines, "circles": circles, "doubles": doubles}


def _reporting_lines(people: pd.DataFrame) -> tuple[pd.Series, int, int]:
    """Reporting lines that can be drawn; how many lead to an unknown person or another account; how many
    circles were opened.
    """
    given = people["reports_to"]
    same_account = given.map(people["account_id"]) == people["account_id"]
    usable = given.notna() & same_account & (given != people.index)
    lines = given.where(usable, None)
    cut = cycle_breaks(lines, people["influence"].fillna(USUAL_INFLUENCE))
    return lines.where(~lines.index.isin(cut), None), int((given.notna() & ~usable).sum()), len(cut)


def _relations(people: pd.DataFrame, visits: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Per account who is there and who is not."""
    out = pd.DataFrame(index=pd.Index(sorted(people["account_id"].unique()), name="account_id"))
    present, gone = people[~people["gone"]], people[people["gone"]]
    supporters, opponents = (present[present["side"] == side] for side in ("supporter", "opponent"))

    def count(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby("account_id").size().reindex(out.index).fillna(0).astype(int)

    out["contacts"], out["gone"] = count(present), count(gone)
    covered = pd.DataFrame({layer: count(present[present["layer"] == layer]) > 0 for layer in LAYERS})
    out["layers"] = covered.sum(axis=1)
    out["missing"] = _true_columns(~covered)
    out["supporters"], out["opponents"] = count(supporters), count(opponents)
    out["top_supporters"] = count(supporters[supporters["layer"].isin(TOP_LAYERS)])
    weights = present["influence"].fillna(USUAL_INFLUENCE).where(present["stance"].notna())
    sums = pd.DataFrame({"stance": present["stance"] * weights, "weight": weights})
    sums = sums.groupby(present["account_id"]).sum()
    out["stance"] = (sums["stance"] / sums["weight"].where(sums["weight"] > 0)).reindex(out.index)
    out["decider_known"] = count(present[present["role"] == "decider"]) > 0
    # a file without any layer or stance cannot say that a layer lacks a supporter
    is_judged = people["layer"].notna().any() and people["stance"].notna().any()
    out["unsupported"] = (count(supporters[supporters["layer"] == "decision"]) == 0) & is_judged
    out["opposed"] = count(opponents[opponents["layer"] == "decision"]) > 0
    recent = _recent(visits, as_of).groupby("account_id")["contact_id"]
    # a visit without a name may have gone to somebody else: then nothing is said
    one_visited = (recent.size() >= MIN_VISITS) & (recent.nunique() == 1) & (recent.count() == recent.size())
    one_visited = one_visited.reindex(out.index, fill_value=False).astype(bool)
    one_supporter = out["supporters"] == 1
    thread = np.select([one_visited, one_supporter], ["visits", "supporter"], "none")
    out["thread"] = _blank_none(pd.Series(thread, index=out.index, dtype=object).replace("none", None))
    visited = recent.first().reindex(out.index).astype(object)
    supporter = _first(supporters).reindex(out.index).astype(object)
    out["thread_contact"] = visited.where(one_visited, supporter.where(one_supporter, None))
    out["departed"] = _blank_none(_departed(gone, present).reindex(out.index).astype(object))
    out["confirmed_share"] = (~present["assumed"]).groupby(present["account_id"]).mean().reindex(out.index)
    out["last"] = visits.groupby("account_id")["date"].max().reindex(out.index)
    out["days"] = (as_of - pd.to_datetime(out["last"])).dt.days.astype("float64")
    out["unvisited"] = ~(out["days"] < UNVISITED_DAYS) & bool(len(visits))
    return out


def _true_columns(flags: pd.DataFrame) -> list[list[str]]:
    """Per row the names of the columns that are true."""
    return [[str(name) for name in flags.columns[row]] for row in flags.to_numpy(dtype=bool)]


def _blank_none(series: pd.Series) -> pd.Series:
    return series.where(series.notna(), None)


def _first(people: pd.DataFrame) -> pd.Series:
    """Account → contact_id of its first row."""
    return people.rename_axis("contact_id").reset_index().groupby("account_id")["contact_id"].first()


def _by_influence(people: pd.DataFrame) -> pd.DataFrame:
    return people.sort_values("influence", ascending=False, kind="stable")


def _departed(gone: pd.DataFrame, present: pd.DataFrame) -> pd.Series:
    """Per account the most influential person of weight who left with nobody known in the same layer."""
    has_weight = (
        gone["layer"].isin(TOP_LAYERS)
        | (gone["role"] == "decider")
        | (gone["influence"] >= HIGH_INFLUENCE)
        | (gone["side"] == "supporter")
    )
    known = present[present["layer"].notna()]
    filled = set(zip(known["account_id"], known["layer"], strict=True))
    is_empty = [place not in filled for place in zip(gone["account_id"], gone["layer"], strict=True)]
    return _first(_by_influence(gone[has_weight & pd.Series(is_empty, index=gone.index, dtype=bool)]))


def _with_alarms(relations: pd.DataFrame) -> pd.DataFrame:
    flags = pd.DataFrame(
        {
            "gone": relations["departed"].notna(),
            "unsupported": relations["unsupported"],
            "opposed": relations["opposed"],
            "thread": relations["thread"].notna(),
            "layer": relations["missing"].map(len) > 0,
            "unseen": relations["unvisited"],
        }
    )[list(ALARM_WEIGHTS)]
    weight = flags.mul(pd.Series(ALARM_WEIGHTS)).sum(axis=1).astype(int)
    return relations.assign(alarms=_true_columns(flags), alarm_weight=weight)


def _with_next_step(relations: pd.DataFrame, people: pd.DataFrame, recently: pd.Series) -> pd.DataFrame:
    """Adds what to do first: whom to reach (target), through whom. ``recently``: contacts visited of late."""
    present = _by_influence(people[~people["gone"]])
    to_win = present[(present["layer"] == "decision") & (present["side"] != "supporter")]
    # where one alone supports us, the next is who has most influence, seen of late or not
    by_supporter = present["account_id"].map(relations["thread"]) == "supporter"
    seen = present.index.isin(recently.dropna()) & ~by_supporter
    known = seen | present.index.isin(relations["thread_contact"].dropna())
    decider, newcomer, head = (
        _first(rows).reindex(relations.index).astype(object) for rows in (to_win, present[~known], present)
    )
    nobody = pd.Series(None, index=relations.index, dtype=object)
    decision_empty = relations["missing"].map(lambda layers: "decision" in layers)
    steps = [
        ("meet_successor", relations["departed"].notna(), relations["departed"]),
        ("win_decision", relations["unsupported"] & decider.notna(), decider),
        ("open_decision", relations["unsupported"] & decision_empty, nobody),
        ("second_thread", relations["thread"].notna() & newcomer.notna(), newcomer),
        ("revisit", relations["unvisited"], head),
        ("open_layer", relations["missing"].map(len) > 0, nobody),
        ("confirm", relations["confirmed_share"] < 0.5, nobody),
    ]
    conditions = [condition.to_numpy(dtype=bool) for _, condition, _ in steps]
    out = relations.assign(next_step=np.select(conditions, [name for name, _, _ in steps], "keep"))
    target = nobody
    for name, _, person in steps:
        target = target.where(out["next_step"] != name, person)
    out["target"] = _blank_none(target)
    out["introducer"] = _introducers(out, people, present)
    return out


def _introducers(relations: pd.DataFrame, people: pd.DataFrame, present: pd.DataFrame) -> pd.Series:
    """Per account the contact_id of the supporter who opens the door to the target; None without one.

    The nearest in the reporting lines first (one step from the target, either way; two steps below;
    elsewhere), then the one of the strongest stance, then influence. Where all visits went to one person,
    that person stands in for a supporter.
    """
    superior = people["reports_to"]
    rows = present[present["side"] == "supporter"].rename_axis("contact_id").reset_index()
    rows["target"] = rows["account_id"].map(relations["target"])
    rows = rows[rows["contact_id"] != rows["target"]]
    has_target = rows["target"].notna()
    one_step = (rows["reports_to"] == rows["target"]) | (rows["target"].map(superior) == rows["contact_id"])
    two_steps = rows["reports_to"].map(superior) == rows["target"]
    rows["distance"] = np.select([has_target & one_step, has_target & two_steps], [0, 1], 2)
    rows["influence"] = rows["influence"].fillna(0)
    rows = rows.sort_values(
        ["distance", "stance", "influence"], ascending=[True, False, False], kind="stable"
    )
    nearest = rows.groupby("account_id")["contact_id"].first().reindex(relations.index).astype(object)
    visited = relations["thread_contact"]
    is_there = ~visited.map(people["gone"]).fillna(True).astype(bool)
    visited = visited.where((relations["thread"] == "visits") & is_there & (visited != relations["target"]))
    return _blank_none(nearest.where(nearest.notna(), visited))


def add_findings(found: Findings, result: Stakeholders) -> None:
    """Add champions gone, holes in the decision layer, single threads, assumptions; of key accounts only."""
    if not result.figures:
        found.add("rel_unknown", "note", "rel_ask_for_contacts")
        return
    people, figures = result.people, result.figures
    accounts = result.relations[result.relations["key"]].sort_values(
        "revenue", ascending=False, kind="stable"
    )
    without = accounts["unsupported"] | ~accounts["decider_known"]
    gone = accounts[accounts["departed"].notna()]
    hole = accounts[without & accounts["departed"].isna()]
    thread = accounts[accounts["thread"].notna()]
    if len(gone):
        _add_champions_gone(found, gone, people)
    if len(hole):
        _add_holes(found, hole, accounts)
    if len(thread):
        by_visits = int((thread["thread"] == "visits").sum())
        found.add(
            "rel_single_thread",
            "watch",
            "rel_second_thread",
            thread.index,
            days=RECENT_DAYS,
            count=len(thread),
            revenue=thread["revenue"].sum(),
            visits=by_visits,
            supporter=len(thread) - by_visits,
        )
    if len(accounts) and gone.empty and hole.empty and thread.empty:
        if people["layer"].notna().any() and people["stance"].notna().any():
            found.add("rel_covered", "note", None, count=len(accounts))
        else:  # nobody knows who supports us where
            found.add("rel_unjudged", "note", "rel_ask_for_stance", count=len(accounts))
    if accounts.empty and not result.unmapped:
        found.add("rel_no_key", "note", None, accounts=len(result.relations))
    if result.unmapped:
        sums = {"count": figures["unmapped"], "key": figures["key"], "revenue": figures["unmapped_revenue"]}
        found.add("rel_unmapped", "watch", "rel_map_them", result.unmapped, **sums)
    unconfirmed = accounts[accounts["confirmed_share"] < 0.5]
    if len(unconfirmed):
        present = people[~people["gone"] & people["account_id"].isin(accounts.index)]
        found.add(
            "rel_unconfirmed",
            "watch",
            "rel_confirm",
            unconfirmed.index,
            count=len(unconfirmed),
            key=len(accounts),
            share=float(present["assumed"].mean()),
            days=RECENT_DAYS,
        )
    if figures["bad_lines"] + figures["circles"]:
        lines = {"bad": figures["bad_lines"], "circles": figures["circles"]}
        found.add("rel_lines_cut", "note", "rel_mend_lines", **lines)


def _add_champions_gone(found: Findings, gone: pd.DataFrame, people: pd.DataFrame) -> None:
    first = gone.iloc[0]
    figures = {
        "count": len(gone),
        "revenue": gone["revenue"].sum(),
        "person": people.loc[first["departed"], "label"],
    }
    supported = {"top": int(first["top_supporters"])}
    if people["stance"].isna().all():  # nobody's stance is on file: then not "nobody supports us"
        kind, supported = "rel_champion_gone_bare", {}
    elif pd.isna(first["days"]):
        kind, figures["supporters"] = "rel_champion_gone_unseen", first["supporters"]
    else:
        kind, figures["supporters"] = "rel_champion_gone", first["supporters"]
        supported["days"] = first["days"]
    found.add(kind, "act", "rel_meet_successor", gone.index, **supported, **figures)


def _add_holes(found: Findings, hole: pd.DataFrame, accounts: pd.DataFrame) -> None:
    figures = {"count": len(hole), "key": len(accounts), "revenue": hole["revenue"].sum()}
    blank = hole["missing"].map(lambda layers: "decision" in layers) | ~hole["decider_known"]
    kind = "rel_gap"
    if blank.any():
        kind, figures = "rel_gap_blank", {"blank": int(blank.sum()), **figures}
    # a blank in the map of contacts is to be filled, not an event
    found.add(kind, "watch", "rel_win_decision", hole.index, **figures)
