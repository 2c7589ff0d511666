"""The relationship map: who is there at each account, what they think of us, who reports to whom, and where
the map has holes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.features_at import LEFT, has_left
from kamplay.method.measures.hierarchy import cycle_breaks
from kamplay.method.results import Findings, Severity

LAYERS = ("image", "decision", "implementation", "use")
TOP = ("image", "decision")
RECENT = 180  # days: the window of the single thread, and how long a confirmed person stays confirmed
UNSEEN = 90  # days without a visit after which an account counts as not visited
FEW = 2  # visits from which "all with one person" says something
SCALES = {"stance": (-2, 2), "influence": (1, 5)}
USUAL = 3.0  # influence (1 to 5) of a person for whom none is given
# of the key accounts' revenue without support where decisions are made: no longer a matter of single accounts
MUCH = 0.1
HEAVY = 4  # influence from which a person is missed when gone
# How grave each alarm is. They order the maps together with revenue, so the steps matter and not the exact
# figures
WEIGHT = {"gone": 3, "unsupported": 2, "opposed": 1, "thread": 2, "layer": 1, "unseen": 1}
MARK = (
    r"[\s（(\[【,，:：;；—–-]*" + LEFT
)  # the mark that somebody has left, with what sets it off from the title


@dataclass(frozen=True)
class Stakeholders:
    """``people``: index contact_id: account_id, name, title (without the mark), label (title and name),
    layer, role, stance (-2 to 2), influence (1 to 5), need, style, side (supporter, neutral, opponent,
    unknown), gone, assumed (not confirmed within RECENT days), confirmed, reports_to (a person of the same
    account, never in a circle), last and days (of the last visit to the person). ``relations``: index
    account_id of the accounts with contacts, the gravest first: revenue, key, level, contacts (present),
    gone, layers (covered, of 4), missing (layers without anyone, ``a;b``), supporters, opponents,
    top_supporters (image and decision layer), stance (mean weighted by influence), decider_known,
    unsupported, opposed, thread (visits, supporter, or None), one (contact_id of that thread), left
    (contact_id of the person of weight who is gone with nobody in the place), confirmed_share, last, days,
    unseen, alarms, weight, do, target and through (contact_id). ``figures``: accounts, key, unmapped (key
    ones without a contact), unmapped_revenue, confirmed_share, bad_lines, circles, doubles.
    """

    people: pd.DataFrame = field(default_factory=pd.DataFrame)
    relations: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: dict[str, Any] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()  # key accounts without a contact, the largest first


def stakeholders(book: Book, levels: pd.Series | None = None) -> Stakeholders:
    """The map of every account with contacts, as known at as_of. ``levels``: account_id → tier, shown beside
    the account.

    An account is key when its level is S or A; without levels, when its revenue is large enough to name
    singly. Empty without the table contacts.
    """
    if not book.has("contacts"):
        return Stakeholders()
    as_of = pd.Timestamp(book.as_of)
    visits = _visits(book, as_of)
    people, figures = _people(book, visits, as_of)
    revenue = purchases.revenue(book)
    key = purchases.material(revenue) if levels is None else levels.reindex(revenue.index).isin(["S", "A"])
    relations = _relations(people, visits, as_of)
    relations.insert(0, "revenue", revenue.reindex(relations.index).fillna(0.0))
    relations.insert(1, "key", key.reindex(relations.index).fillna(False).astype(bool))
    relations.insert(
        2, "level", levels.reindex(relations.index).astype(object) if levels is not None else None
    )
    relations = _next(relations, people, _seen(visits, as_of))
    gravity = relations["weight"] * relations["revenue"].clip(lower=0)
    order = pd.DataFrame(
        {
            "key": relations["key"],
            "gravity": gravity,
            "weight": relations["weight"],
            "revenue": relations["revenue"],
        }
    )
    relations = relations.loc[
        order.sort_values(["key", "gravity", "weight", "revenue"], ascending=False, kind="stable").index
    ]
    without = revenue[key & ~revenue.index.isin(relations.index)].sort_values(ascending=False, kind="stable")
    present = people[~people["gone"]]
    figures |= {
        "accounts": len(relations),
        "key": int(key.sum()),
        "unmapped": len(without),
        "unmapped_revenue": float(without.sum()),
        "confirmed_share": float((~present["assumed"]).mean()) if len(present) else None,
    }
    return Stakeholders(people, relations, figures, tuple(without.index))


def _visits(book: Book, as_of: pd.Timestamp) -> pd.DataFrame:
    """Visits up to as_of: account_id, date, contact_id; empty without the table."""
    if not book.has("visits"):
        return pd.DataFrame(
            {
                "account_id": pd.Series(dtype="str"),
                "date": pd.Series(dtype="datetime64[us]"),
                "contact_id": None,
            }
        )
    rows = book.table("visits")
    rows = rows[rows["date"] <= as_of]
    return rows.assign(contact_id=rows.get("contact_id"))[["account_id", "date", "contact_id"]]


def _seen(visits: pd.DataFrame, as_of: pd.Timestamp) -> pd.Index:
    """The contacts visited in the last RECENT days."""
    return pd.Index(
        visits.loc[visits["date"] > as_of - pd.Timedelta(days=RECENT), "contact_id"].dropna().unique(),
        dtype=object,
    )


def _people(book: Book, visits: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.DataFrame, dict[str, Any]]:
    rows = book.table("contacts")
    rows = rows[rows["account_id"].notna() & rows["contact_id"].notna()]
    doubles = int(rows["contact_id"].duplicated().sum())
    rows = rows.drop_duplicates("contact_id").set_index("contact_id")
    out = rows.reindex(
        columns=[
            "account_id",
            "name",
            "title",
            "layer",
            "role",
            "stance",
            "influence",
            "need",
            "style",
            "reports_to",
        ]
    )
    for column in ("name", "title", "layer", "role", "need", "style", "reports_to"):
        out[column] = out[column].astype(object).where(out[column].notna(), None)
    out["layer"] = out["layer"].where(out["layer"].isin(LAYERS), None)
    for column, (least, most) in SCALES.items():  # the check has told what lies outside
        out[column] = out[column].astype("float64").clip(least, most)
    out["gone"] = has_left(rows)
    title = out["title"].fillna("").astype(object).str.replace(MARK, "", case=False, regex=True).str.strip()
    out["title"] = title.where(out["gone"], out["title"]).replace("", None)
    name = out["name"].where(out["name"].notna(), pd.Series(out.index, index=out.index))
    out["name"] = name
    out["label"] = (out["title"].fillna("").astype(object) + " " + name.astype(object)).str.strip()
    out["side"] = np.select(
        [out["stance"] >= 1, out["stance"] <= -1, out["stance"].notna()],
        ["supporter", "opponent", "neutral"],
        "unknown",
    )
    confirmed = rows["confirmed"] if "confirmed" in rows else pd.Series(pd.NaT, index=rows.index)
    out["confirmed"] = pd.to_datetime(confirmed).where(confirmed <= as_of)
    out["assumed"] = ~(out["confirmed"] > as_of - pd.Timedelta(days=RECENT))
    out["reports_to"], bad, circles = _lines(out)
    last = visits.dropna(subset=["contact_id"]).groupby("contact_id")["date"].max()
    out["last"] = pd.to_datetime(last.reindex(out.index))
    out["days"] = (as_of - out["last"]).dt.days.astype("float64")
    return out, {"bad_lines": bad, "circles": circles, "doubles": doubles}


def _lines(people: pd.DataFrame) -> tuple[pd.Series, int, int]:
    """Reporting lines that can be drawn; how many lead to an unknown person or another account; how many
    circles were opened.
    """
    given = people["reports_to"]
    home = given.map(people["account_id"])
    good = given.notna() & (home == people["account_id"]) & (given != people.index)
    lines = given.where(good, None)
    cut = cycle_breaks(lines, people["influence"].fillna(USUAL))
    return lines.where(~lines.index.isin(cut), None), int((given.notna() & ~good).sum()), len(cut)


def _relations(people: pd.DataFrame, visits: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Per account what is there and what is not."""
    out = pd.DataFrame(index=pd.Index(sorted(people["account_id"].unique()), name="account_id"))
    here = people[~people["gone"]]

    def count(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby("account_id").size().reindex(out.index).fillna(0).astype(int)

    out["contacts"], out["gone"] = count(here), count(people[people["gone"]])
    known = pd.DataFrame({layer: count(here[here["layer"] == layer]) > 0 for layer in LAYERS})
    out["layers"] = known.sum(axis=1)
    out["missing"] = [
        ";".join(layer for layer, there in zip(LAYERS, row, strict=True) if not there)
        for row in known.to_numpy()
    ]
    friends = here[here["side"] == "supporter"]
    top = here[here["layer"] == "decision"]
    out["supporters"], out["opponents"] = count(friends), count(here[here["side"] == "opponent"])
    out["top_supporters"] = count(friends[friends["layer"].isin(TOP)])
    asked = here[here["stance"].notna()]
    weighed = asked.assign(weight=asked["influence"].fillna(USUAL))
    sums = (
        weighed.assign(sum=weighed["stance"] * weighed["weight"])
        .groupby("account_id")[["sum", "weight"]]
        .sum()
    )
    out["stance"] = (sums["sum"] / sums["weight"].where(sums["weight"] > 0)).reindex(out.index)
    out["decider_known"] = count(here[here["role"] == "decider"]) > 0
    # a file without any layer or stance cannot say that a layer lacks a supporter
    judged = people["layer"].notna().any() and people["stance"].notna().any()
    out["unsupported"] = (count(top[top["side"] == "supporter"]) == 0) & judged
    out["opposed"] = count(top[top["side"] == "opponent"]) > 0
    recent = visits[visits["date"] > as_of - pd.Timedelta(days=RECENT)].groupby("account_id")["contact_id"]
    # a visit without a name may have gone to somebody else: then nothing is said
    alone = (recent.size() >= FEW) & (recent.nunique() == 1) & (recent.count() == recent.size())
    alone = alone.reindex(out.index, fill_value=False).astype(bool)
    one = out["supporters"] == 1
    out["thread"] = pd.Series(
        np.select([alone, one], ["visits", "supporter"], "none"), index=out.index
    ).astype(object)
    out["thread"] = out["thread"].where(out["thread"] != "none", None)
    friend = (
        friends.reset_index().groupby("account_id")["contact_id"].first().reindex(out.index).astype(object)
    )
    out["one"] = recent.first().reindex(out.index).astype(object).where(alone, friend.where(one, None))
    out["left"] = _left(people, here).reindex(out.index).astype(object)
    out["left"] = out["left"].where(out["left"].notna(), None)
    out["confirmed_share"] = (~here["assumed"]).groupby(here["account_id"]).mean().reindex(out.index)
    out["last"] = visits.groupby("account_id")["date"].max().reindex(out.index)
    out["days"] = (as_of - pd.to_datetime(out["last"])).dt.days.astype("float64")
    out["unseen"] = ~(out["days"] < UNSEEN) & bool(len(visits))
    return out


def _left(people: pd.DataFrame, here: pd.DataFrame) -> pd.Series:
    """Per account the most influential person of weight who left while nobody known is in the same layer:
    contact_id.
    """
    gone = people[people["gone"]]
    heavy = (
        gone["layer"].isin(TOP)
        | (gone["role"] == "decider")
        | (gone["influence"] >= HEAVY)
        | (gone["side"] == "supporter")
    )
    filled = set(zip(here["account_id"], here["layer"], strict=True))
    empty = [
        (a, layer) not in filled or layer is None
        for a, layer in zip(gone["account_id"], gone["layer"], strict=True)
    ]
    kept = gone[heavy & pd.Series(empty, index=gone.index, dtype=bool)].sort_values(
        "influence", ascending=False, kind="stable"
    )
    return kept.reset_index().groupby("account_id")["contact_id"].first()


def _next(relations: pd.DataFrame, people: pd.DataFrame, seen: pd.Index) -> pd.DataFrame:
    """Adds alarms, weight, and what to do first: whom to reach (target) through whom.

    Who opens the door: a supporter close to the target in the reporting lines, then the one with the
    strongest stance, then influence.
    """
    out = relations
    flags = pd.DataFrame(
        {
            "gone": out["left"].notna(),
            "unsupported": out["unsupported"],
            "opposed": out["opposed"],
            "thread": out["thread"].notna(),
            "layer": out["missing"] != "",
            "unseen": out["unseen"],
        }
    )
    out["alarms"] = [
        ";".join(name for name, is_so in zip(WEIGHT, row, strict=True) if is_so)
        for row in flags[list(WEIGHT)].to_numpy()
    ]
    out["weight"] = flags[list(WEIGHT)].mul(pd.Series(WEIGHT)).sum(axis=1).astype(int)
    here = people[~people["gone"]].sort_values("influence", ascending=False, kind="stable").reset_index()
    neutral = (
        here[(here["layer"] == "decision") & (here["side"] != "supporter")]
        .groupby("account_id")["contact_id"]
        .first()
    )
    fresh = here[~here["contact_id"].isin(seen) & ~here["contact_id"].isin(set(out["one"].dropna()))]
    fresh = fresh.groupby("account_id")["contact_id"].first()
    head = here.groupby("account_id")["contact_id"].first()
    neutral, fresh, head = (s.reindex(out.index).astype(object) for s in (neutral, fresh, head))
    nobody = pd.Series(None, index=out.index, dtype=object)
    decision_empty = out["missing"].str.contains("decision")
    wanted = [
        (out["left"].notna(), "meet_successor", out["left"]),
        (out["unsupported"] & neutral.notna(), "win_decision", neutral),
        (out["unsupported"] & decision_empty, "open_decision", nobody),
        (out["thread"].notna() & fresh.notna(), "second_thread", fresh),
        (out["unseen"], "revisit", head),
        (out["missing"] != "", "open_layer", nobody),
        (out["confirmed_share"] < 0.5, "confirm", nobody),
    ]
    out["do"] = np.select([w[0].to_numpy(dtype=bool) for w in wanted], [w[1] for w in wanted], "keep")
    target = pd.Series(None, index=out.index, dtype=object)
    for _, name, who in wanted:
        target = target.where(out["do"] != name, who)
    out["target"] = target.where(target.notna(), None)
    out["through"] = _through(out, people, here)
    return out


def _through(relations: pd.DataFrame, people: pd.DataFrame, here: pd.DataFrame) -> pd.Series:
    """For each account the contact_id of the person who opens the door to ``target``: None where nobody
    present supports us.

    Nearest first (reports to the target, or the target to them; two steps up; elsewhere), then stance, then
    influence. In a single thread by visits the one known person stands in where nobody supports us.
    """
    friends = here[here["side"] == "supporter"][
        ["contact_id", "account_id", "reports_to", "stance", "influence"]
    ]
    friends = friends.assign(target=friends["account_id"].map(relations["target"]))
    friends = friends[friends["contact_id"] != friends["target"]]
    up = people["reports_to"]
    higher = friends["reports_to"].map(up)
    below = friends["target"].map(up)
    has = friends["target"].notna()
    near = np.select(
        [
            has & ((friends["reports_to"] == friends["target"]) | (below == friends["contact_id"])),
            has & (higher == friends["target"]),
        ],
        [0, 1],
        2,
    )
    ranked = friends.assign(near=near, influence=friends["influence"].fillna(0)).sort_values(
        ["near", "stance", "influence"], ascending=[True, False, False], kind="stable"
    )
    best = ranked.groupby("account_id")["contact_id"].first().reindex(relations.index).astype(object)
    alone = relations["one"].where(
        (relations["thread"] == "visits") & ~relations["one"].map(people["gone"]).fillna(True).astype(bool)
    )
    alone = alone.where(alone != relations["target"])
    best = best.where(best.notna(), alone)
    return best.where(best.notna(), None)


def add_findings(found: Findings, result: Stakeholders) -> None:
    """Champions gone, holes in the decision layer, single threads, assumptions; of key accounts only."""
    if not result.figures:
        found.add("rel_unknown", "note", "rel_ask_for_contacts")
        return
    people, frame = result.people, result.relations[result.relations["key"]]
    by_revenue = frame.sort_values("revenue", ascending=False, kind="stable")
    gone = by_revenue[by_revenue["left"].notna()]
    if len(gone):
        first = gone.iloc[0]
        who = people.loc[first["left"]]
        figures = {
            "count": len(gone),
            "revenue": gone["revenue"].sum(),
            "person": who["label"],
            "supporters": first["supporters"],
        }
        top = int(first["top_supporters"])
        days = None if pd.isna(first["days"]) else first["days"]
        if people["stance"].isna().all():  # nobody's stance is told: then not "nobody supports us"
            bare = {k: v for k, v in figures.items() if k != "supporters"}
            found.add("rel_champion_gone_bare", "act", "rel_meet_successor", gone.index, **bare)
        elif days is None:
            found.add("rel_champion_gone_unseen", "act", "rel_meet_successor", gone.index, top=top, **figures)
        else:
            found.add(
                "rel_champion_gone", "act", "rel_meet_successor", gone.index, top=top, days=days, **figures
            )
    hole = by_revenue[(by_revenue["unsupported"] | ~by_revenue["decider_known"]) & by_revenue["left"].isna()]
    if len(hole):
        blank = hole["missing"].str.contains("decision") | ~hole["decider_known"]
        figures = {"count": len(hole), "key": len(frame), "revenue": hole["revenue"].sum()}
        grave: Severity = "act" if hole["revenue"].sum() >= MUCH * frame["revenue"].sum() else "watch"
        if blank.any():
            found.add(
                "rel_gap_blank", grave, "rel_win_decision", hole.index, blank=int(blank.sum()), **figures
            )
        else:
            found.add("rel_gap", grave, "rel_win_decision", hole.index, **figures)
    thread = by_revenue[by_revenue["thread"].notna()]
    if len(thread):
        by_visits = int((thread["thread"] == "visits").sum())
        figures = {
            "count": len(thread),
            "revenue": thread["revenue"].sum(),
            "visits": by_visits,
            "supporter": len(thread) - by_visits,
        }
        found.add("rel_single_thread", "watch", "rel_second_thread", thread.index, days=RECENT, **figures)
    if len(frame) and gone.empty and hole.empty and thread.empty:
        told = (
            people["layer"].notna().any() and people["stance"].notna().any()
        )  # else nobody knows who supports us where
        found.add(
            "rel_covered" if told else "rel_unjudged",
            "note",
            None if told else "rel_ask_for_stance",
            count=len(frame),
        )
    if frame.empty and not result.unmapped:
        found.add("rel_no_key", "note", None, accounts=len(result.relations))
    if result.unmapped:
        said = {
            "count": result.figures["unmapped"],
            "key": result.figures["key"],
            "revenue": result.figures["unmapped_revenue"],
        }
        found.add("rel_unmapped", "watch", "rel_map_them", result.unmapped, **said)
    old = by_revenue[by_revenue["confirmed_share"] < 0.5]
    if len(old):
        present = people[~people["gone"] & people["account_id"].isin(frame.index)]
        figures = {
            "count": len(old),
            "key": len(frame),
            "share": float(present["assumed"].mean()),
            "days": RECENT,
        }
        found.add("rel_unconfirmed", "watch", "rel_confirm", old.index, **figures)
    if result.figures["bad_lines"] + result.figures["circles"]:
        found.add(
            "rel_lines_cut",
            "note",
            "rel_mend_lines",
            bad=result.figures["bad_lines"],
            circles=result.figures["circles"],
        )
