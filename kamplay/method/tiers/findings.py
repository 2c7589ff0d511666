"""What step 1 found out, as findings: who is key, what only looks it, how firm, how far people agree, who
moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.registry import usual_margin
from kamplay.method.results import Findings, Severity
from kamplay.method.tiers.consensus import Consensus
from kamplay.method.tiers.migration import Earlier
from kamplay.method.tiers.rating import FIRM, KEY, Rating
from kamplay.method.tiers.tiering_test import TieringTest

GATES = (
    "skinner",
    "unprofitable",
    "one_off",
    "broken_word",
    "litigation",
    "lost",
)  # gates with a sentence of their own
GUARDS = ("small_but_strong", "demanding")


@dataclass(frozen=True)
class Told:
    """All that the findings speak of; see ``tiers.Tiers`` for the tables."""

    book: Book
    rating: Rating
    rated: pd.DataFrame
    accounts: pd.DataFrame
    worth: TieringTest
    criteria: pd.DataFrame
    rules: pd.DataFrame
    overrides: pd.DataFrame
    voices: Consensus | None
    judgements: pd.DataFrame
    position: pd.DataFrame
    axes: pd.DataFrame
    intake: pd.DataFrame
    moves: pd.DataFrame
    earlier: Earlier | None
    kin: pd.DataFrame

    @property
    def buying(self) -> pd.DataFrame:
        """The units that bought in the 12 months, the largest first."""
        rows = self.rated[self.rated["revenue"] > 0]
        return (
            rows.assign(_id=rows.index)
            .sort_values(["revenue", "_id"], ascending=[False, True])
            .drop(columns="_id")
        )

    def size(self, units: Iterable[str]) -> int:
        """How many accounts that bought stand behind these units."""
        bought = self.accounts[self.accounts["revenue"] > 0]
        return int(bought["group"].isin(set(units)).sum())

    @property
    def all(self) -> int:
        """Accounts that bought in the 12 months."""
        return int((self.accounts["revenue"] > 0).sum())


def tier_findings(told: Told) -> Findings:
    """The findings of step 1, topic by topic."""
    found = Findings("tiers")
    _worth(found, told)
    _key(found, told)
    _held(found, told)
    _kept(found, told)
    _firmness(found, told)
    _open(found, told)
    criteria_findings(found, told.rating, told.criteria, told.judgements)
    agreement_findings(found, told.rating, told.voices, told.all, told.size)
    _overrides(found, told)
    _beside(found, told)
    _moves(found, told)
    return found


def _worth(found: Findings, told: Told) -> None:
    w, who = told.worth, told.buying.index[:1]
    figures = {
        "top1_share": w.top1_share,
        "gini": w.gini,
        "gini_low": w.gini_low,
        "gini_high": w.gini_high,
        "accounts": w.accounts,
        "spread": w.spread,
    }
    if not w.worthwhile:
        found.add("not_worth_tiering", "act", "do_not_tier", who, **figures)
        return
    visible = "visible_account" in w.reasons
    found.add("worth_tiering" if visible else "worth_tiering_spread", "note", "tier", who, **figures)
    if "tiers_alike" in w.reasons:
        found.add("tiers_alike", "watch", "redraw_tiers", spread=w.spread)


def _key(found: Findings, told: Told) -> None:
    buying = told.buying
    key, total = buying[buying["level"].isin(KEY)], buying["revenue"].sum()
    share = key["revenue"].sum() / total if total else None
    if len(key):
        found.add(
            "key_accounts",
            "act",
            "confirm_key",
            key.index,
            key=told.size(key.index),
            accounts=told.all,
            share=share,
        )
    else:
        found.add("key_none", "act", "lower_tiers", accounts=told.all)
    blank = buying[buying["blank"]]
    if len(blank):
        grave = len(blank) > len(buying) / 2
        found.add(
            "unrated",
            "act" if grave else "watch",
            "fill_criteria",
            blank.index,
            count=told.size(blank.index),
            accounts=told.all,
        )
    joined = buying[buying["members"] > 1]
    if len(joined):
        found.add(
            "groups_rated",
            "note",
            None,
            joined.index,
            groups=len(joined),
            members=joined["members"].sum(),
            revenue=joined["revenue"].sum(),
        )
    if len(told.kin):
        first = told.kin.iloc[0]
        who = dict.fromkeys([first["account_id"], first["head"], *told.kin["account_id"]])
        figures = {
            "count": len(told.kin),
            **{k: first[k] for k in ("joint_revenue", "joint_rank", "rank_now")},
        }
        found.add("kin_suspected", "watch", "confirm_kin", who, **figures)


def _held(found: Findings, told: Told) -> None:
    buying, total = told.buying, told.buying["revenue"].sum()
    words = told.rules[told.rules["kind"] == "gate"].set_index("key")
    for gate in words.index:
        held = buying[buying["gate"] == gate]
        if len(held):
            own = gate in GATES
            figures = {
                "count": len(held),
                "revenue": held["revenue"].sum(),
                "share": held["revenue"].sum() / total,
                "most": words.loc[gate, "cap"],
            }
            said = {} if own else {"zh": words.loc[gate, "zh"], "en": words.loc[gate, "en"]}
            if gate == "skinner":
                figures |= {
                    "margin": (held["margin_share"] * held["revenue"]).sum() / held["revenue"].sum(),
                    "usual": usual_margin(told.rating.book),
                }
            severity: Severity = "act" if gate in ("skinner", "unprofitable", "broken_word") else "watch"
            found.add(
                f"gate_{gate}" if own else "gate_own",
                severity,
                f"review_{gate}" if own else "review_gate",
                held.index,
                **figures,
                **said,
            )
    if not buying["gate"].notna().any() and len(words):
        found.add("gates_none", "note")
    blind = told.rules[~told.rules["checked"]]
    if len(blind):
        found.add("rules_unchecked", "note", None, **both(blind))


def _kept(found: Findings, told: Told) -> None:
    buying = told.rated.loc[told.rated["safeguard"].notna()].sort_values("revenue", ascending=False)
    words = told.rules[told.rules["kind"] == "safeguard"].set_index("key")
    for guard in words.index:
        kept = buying[buying["safeguard"] == guard]
        if len(kept):
            own = guard in GUARDS
            said = {} if own else {"zh": words.loc[guard, "zh"], "en": words.loc[guard, "en"]}
            figures = {
                "count": len(kept),
                "revenue": kept["revenue"].sum(),
                "raised": int(kept["kept"].sum()),
            }
            found.add(
                f"kept_{guard}" if own else "kept_own",
                "note",
                "keep_and_grow" if guard == "small_but_strong" else None,
                kept.index,
                **figures,
                **said,
            )


def _firmness(found: Findings, told: Told) -> None:
    buying = told.buying
    doubt = buying[buying["tier_probability"] < FIRM]
    if doubt.empty:
        if buying["tier_probability"].notna().any():
            found.add("all_firm", "note", accounts=told.all)
        return
    upper = doubt[doubt["level"].isin(KEY)]
    by_weights, by_data = (told.size(doubt.index[doubt[side] < FIRM]) for side in ("by_weights", "by_data"))
    figures = {
        "unstable": told.size(doubt.index),
        "accounts": told.all,
        "upper": told.size(upper.index),
        "firm": FIRM,
        "by_weights": by_weights,
        "by_data": by_data,
    }
    found.add(
        "borderline", "watch", "settle_borderline", upper.index if len(upper) else doubt.index, **figures
    )
    drivers = doubt["doubt"].dropna().value_counts()
    if len(drivers):
        top = sorted(drivers[drivers == drivers.iloc[0]].index)[0]
        words = told.criteria.set_index("criterion").loc[top]
        found.add(
            "doubt_driver",
            "note",
            "sharpen_criterion",
            count=told.size(doubt.index[doubt["doubt"] == top]),
            unstable=told.size(doubt.index),
            zh=words["zh"],
            en=words["en"],
        )


def _open(found: Findings, told: Told) -> None:
    """Which accounts have to be settled by name, for whatever reason, and how many key ones are beyond doubt."""
    buying = told.buying
    key, still = buying[buying["level"].isin(KEY)], buying[buying["open"] != ""]
    sure = told.size(key.index[key["open"] == ""])
    if still.empty:
        if len(key):  # of none there is nothing to be sure of
            found.add("settled", "note", None, key=told.size(key.index))
        return
    whys = {
        f"by_{why}": told.size(still.index[still["open"].str.contains(why)])
        for why in ("weights", "data", "departments", "votes")
    }
    revenue, total = still["revenue"].sum(), buying["revenue"].sum()
    doubt = told.size(key.index) - sure
    figures = {
        "sure": sure,
        "doubt": doubt,
        "near": told.size(still.index) - doubt,
        "key": told.size(key.index),
        "count": told.size(still.index),
        "revenue": revenue,
        "share": revenue / total,
    }
    found.add("to_settle", "act", "settle_by_name", still.index, **figures, **whys)


def _overrides(found: Findings, told: Told) -> None:
    by = {state: rows.index for state, rows in told.overrides.groupby("state")}
    for state in ("applied", "expired", "unusable"):
        if state in by:
            action = {"applied": None, "expired": "renew_overrides", "unusable": "mend_overrides"}[state]
            found.add(
                f"overrides_{state}", "watch" if action else "note", action, by[state], count=len(by[state])
            )


def _beside(found: Findings, told: Told) -> None:
    """The map, and the accounts to assess before they buy."""
    if told.rating.card.position is not None:
        if told.position.empty:
            found.add("map_unknown", "note", "ask_for_map")
        else:
            fields: dict[str, Any] = {
                f"{name}_count": int((told.position["field"] == name).sum())
                for name in ("protect", "win", "keep", "serve")
            }
            win = told.position[told.position["field"] == "win"].sort_values(
                ["attractiveness", "revenue"], ascending=False, kind="stable"
            )
            known = win[win["spend"] > 0]
            fields |= {
                "spend": known["spend"].sum(),
                "share": (known["spend"] * known["share"]).sum() / known["spend"].sum()
                if len(known)
                else None,
            }
            found.add(
                "map_fields",
                "note",
                "go_for_win" if len(win) else None,
                win.index,
                known=len(told.position),
                accounts=told.all,
                **fields,
            )
    rule = told.rating.card.intake
    if rule is None:
        return
    if not told.book.has("wallet"):
        found.add("intake_unknown", "note", "ask_for_wallet")
    elif len(told.intake):
        figures = {
            "count": len(told.intake),
            "days": rule.within_days,
            "due": str(told.intake["due"].iloc[0]),
            "above": rule.assess_above,
            "dedicated": int(told.intake["dedicated"].sum()),
        }
        found.add(
            "intake_due",
            "act",
            "assess_intake",
            told.intake.index,
            **figures,
            dedicated_above=rule.dedicated_above,
        )
    else:
        found.add("intake_none", "note", None, above=rule.assess_above)


def _moves(found: Findings, told: Told) -> None:
    if told.earlier is None:
        return
    date = told.earlier.as_of.isoformat()
    if told.moves.empty:
        found.add("none_moved", "note", None, as_of=date)
        return
    by = told.moves["why"].value_counts()
    ways = {
        "up": int((told.moves["direction"] == "up").sum()),
        "down": int((told.moves["direction"] == "down").sum()),
    }
    whys = {
        f"by_{why}": int(by.get(why, 0)) for why in ("data", "weights", "rule", "gate", "override", "both")
    }
    falls = told.moves[told.moves["direction"] == "down"].sort_values("revenue", ascending=False)
    was, is_ = (told.moves[c].isin(KEY) for c in ("level_before", "level_now"))
    crossed = {"into": int((~was & is_).sum()), "out": int((was & ~is_).sum())}
    found.add(
        "moved",
        "watch",
        "explain_moves",
        falls.index,
        count=len(told.moves),
        as_of=date,
        **crossed,
        **ways,
        **whys,
    )


def both(rows: pd.DataFrame) -> dict[str, list[str]]:
    """The rows' labels in each language."""
    return {"zh": rows["zh"].tolist(), "en": rows["en"].tolist()}


STRONG = 0.7  # Kendall's W from which agreement is strong enough to act on (Schmidt 1997)
SUBSTANTIAL = 0.6  # Fleiss' kappa from which agreement is called substantial (Landis & Koch 1977)
CONSISTENT = 0.1  # a consistency ratio up to here is accepted (Saaty 1980)


def criteria_findings(
    found: Findings, rating: Rating, criteria: pd.DataFrame, judgements: pd.DataFrame
) -> None:
    """Whether the criteria are known, where the weights come from, and whether pairwise judgements are
    consistent.
    """
    missing = criteria[criteria["coverage"] < 0.5]
    if len(missing):
        names = missing["criterion"].tolist()
        found.add(
            "criteria_unknown",
            "watch",
            "fill_criteria",
            criteria=names,
            weight=missing["weight"].sum(),
            zh=missing["zh"].tolist(),
            en=missing["en"].tolist(),
        )
    else:
        found.add("criteria_known", "note")
    unused = _unused_ratings(rating)
    if unused:
        found.add("ratings_unused", "note", None, zh=unused, en=unused)
    settled = rating.settled
    if settled.missing:
        found.add("ballots_missing", "watch", "hold_ballot")
    elif settled.source == "ballots":
        found.add("weights_from_ballots", "note")
    odd = {k: v for k, v in rating.card.sums().items() if not np.isclose(v, 100.0) and not np.isclose(v, 1.0)}
    if odd:
        found.add("weights_normalised", "note", None, sum=next(iter(odd.values())), sets=len(odd))
    if rating.card.recalibrate:
        found.add("weights_recalibrated", "note", None, share=rating.card.recalibrate.share)
    if len(judgements):
        group = judgements.iloc[-1]
        rough = judgements[judgements["cr"] > CONSISTENT]
        figures: dict[str, Any] = {
            "cr": group["cr"] if group["cr"] == group["cr"] else 0.0,
            "raters": len(judgements) - 1,
        }
        if len(rough):
            worst = rough.sort_values("cr", ascending=False).iloc[0]
            a, b = rating.card.criteria[worst["a"]], rating.card.criteria[worst["b"]]
            pair = {key: worst[key] for key in ("given", "mended", "cr_after", "rater")} | {
                "worst": worst["cr"]
            }
            words = {"zh": [a.zh, b.zh], "en": [a.en, b.en]}
            found.add(
                "judgements_rough", "act", "mend_judgement", count=len(rough), **figures, **pair, **words
            )
        else:
            found.add("judgements_consistent", "note", None, **figures)


def _unused_ratings(rating: Rating) -> list[str]:
    """Names in the ratings table that neither a criterion nor a rule of the card asks for."""
    if not rating.book.has("ratings"):
        return []
    card = rating.card
    names = {n for key, c in [*card.leaves().items(), *card.specials.items()] for n in (key, c.zh, c.en)}
    for rule in [*card.gates.values(), *card.safeguards.values()]:
        names |= {rule.zh, rule.en} | {m.partition(".")[2] for m in rule.when}
    scored = [*card.leaves().values(), *card.specials.values()]
    names |= {c.measure.partition(".")[2] for c in scored if c.measure and "." in c.measure}
    asked = {n.strip().casefold() for n in names}
    given = rating.book.table("ratings")["criterion"].dropna().str.strip()
    return sorted({name for name in given if name.casefold() not in asked})


def agreement_findings(
    found: Findings, rating: Rating, v: Consensus | None, accounts: int, size: Callable[[Iterable[str]], int]
) -> None:
    """How far the departments agree, where they differ, and which accounts hang on it. ``accounts`` that
    bought; ``size`` of some units.
    """
    if v is None or (v.w is None and v.kappa is None):
        found.add("agreement_unmeasured", "watch", "hold_ballot")
        if v is None:
            return
    if v.w is not None:
        strong = v.w.w >= STRONG
        found.add(
            "agreement",
            "note" if strong else "act",
            None if strong else "settle_weights",
            w=v.w.w,
            raters=v.w.raters,
            p_value=v.w.p_value,
        )
    if len(v.rounds) > 1 and v.rounds["w"].notna().sum() > 1:
        told = v.rounds[v.rounds["w"].notna()]
        first, last = told.iloc[0], told.iloc[-1]
        figures = {
            "w_before": first["w"],
            "w_now": last["w"],
            "kappa_before": first["kappa"],
            "kappa_now": last["kappa"],
        }
        if abs(last["w"] - first["w"]) > 0.005:
            rose = last["w"] > first["w"]
            found.add(
                "agreement_rose" if rose else "agreement_fell", "note" if rose else "watch", None, **figures
            )
    if v.kappa is not None:
        named = v.kappa_named.kappa if v.kappa_named else None
        firm = v.kappa.kappa >= SUBSTANTIAL and (named is None or named >= SUBSTANTIAL)
        figures = {
            "kappa": v.kappa.kappa,
            "low": v.kappa.low,
            "high": v.kappa.high,
            "raters": v.kappa.raters,
            "named": named,
        }
        found.add("who_is_key", "note" if firm else "watch", None if firm else "settle_names", **figures)
    if v.furthest is not None:
        f = v.furthest
        words = rating.card.criteria[f.criterion]
        found.add(
            "furthest",
            "watch",
            "talk_pair",
            more=f.department_a,
            less=f.department_b,
            gap=f.gap,
            zh=words.zh,
            en=words.en,
        )
    if len(v.proposal) and rating.settled.source != "ballots":
        total = sum(c.weight for c in rating.card.criteria.values())
        own = pd.Series({key: c.weight / total for key, c in rating.card.criteria.items()})
        top = str((v.proposal.reindex(own.index) - own).abs().idxmax())
        figures = {
            "count": size(v.changes),
            "accounts": accounts,
            "ours": own[top],
            "theirs": v.proposal[top],
        }
        words = rating.card.criteria[top]
        found.add("proposal", "watch", "adopt_mean", v.changes, **figures, zh=words.zh, en=words.en)
    if len(v.unusable):
        found.add(
            "ballots_unusable",
            "watch",
            "mend_ballots",
            count=len(v.unusable),
            raters=v.unusable["rater"].nunique(),
        )
