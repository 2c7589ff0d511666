"""The sheet of tiers that computes: weights and limits in cells, and every tier from them by the rules of the
scorecard, so that a changed weight moves the tiers as a new run would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from kamplay.method.tiers import thresholds
from kamplay.method.tiers.rating import matrix_field
from kamplay.method.tiers.scoring import score
from kamplay.method.tiers.step import Tiers
from kamplay.presets.scorecard import Criterion, Scorecard
from kamplay.report.sheets.sheet_layout import LINE, TITLE_LINE, Styles
from kamplay.show.client_edition import named
from kamplay.show.locale import N_, missing
from kamplay.show.view import View

NEVER, ALWAYS = 1e9, -1e9  # the start of a tier that nobody can reach, and of one that all reach
AT = 3  # the first row of the weights and of the tiers
NOTES = {
    "use": N_(
        "Change a grey cell (weights, limits): scores and tiers follow at once, by the rules of the "
        "scorecard. Weights need not add up to 100."
    ),
    "reweight": N_("An empty cell among the points is not known; its weight goes to the other criteria."),
    "natural": N_(
        "The limits are natural breaks of today's scores; a new run draws them anew, this sheet does not."
    ),
    "by_data": N_("{share:pct} of each weight comes from the data and stays as it is."),
}


@dataclass(frozen=True)
class _Node:
    """A criterion of the tree with the places among the measured ones that it spans."""

    key: str
    criterion: Criterion
    level: int
    first: int
    last: int
    siblings: tuple[int, ...]  # where its siblings and itself begin


def tells_nothing_internal(card: Scorecard, tiers: Tiers) -> bool:
    """Whether the sheet may be in the client's edition: none of its points tells what accounts earn or what a
    rater thinks of them, and no account is held back or set by hand.
    """
    scored = [*card.leaves().values(), *card.specials.values()]
    by_hand = tiers.accounts[["gate", "override"]].notna().any(axis=None)
    return not by_hand and all(c.measure in named().measures for c in scored)


def _nodes(card: Scorecard) -> list[_Node]:
    """Every criterion of the card, the measured ones in their order."""

    def walk(criteria: dict[str, Criterion], level: int, start: int) -> Iterator[_Node]:
        widths = [max(1, _leaves(c)) for c in criteria.values()]
        begins = tuple(int(start + sum(widths[:n])) for n in range(len(widths)))
        for (key, c), first, width in zip(criteria.items(), begins, widths, strict=True):
            yield _Node(key, c, level, first, first + width - 1, begins)
            yield from walk(c.of, level + 1, first)

    return list(walk(card.criteria, 0, 0))


def _leaves(criterion: Criterion) -> int:
    return sum(_leaves(c) for c in criterion.of.values()) if criterion.of else 1


@dataclass(frozen=True)
class LiveTiers:
    """What the sheet of capacity needs of this one: its name, and the places of its counts by level."""

    sheet: str
    levels: str
    now: str
    reported: str


class _Live:
    """The sheet while it is written. Columns: who, then what is computed, then the points."""

    LABELS = (
        N_("Account ID"),
        N_("Account"),
        N_("Revenue"),
        N_("Score"),
        N_("Tier by score"),
        N_("At most"),
        N_("At least"),
        N_("Set by hand"),
        N_("Tier now"),
        N_("Tier in the report"),
        N_("Changed"),
        N_("Counted"),
    )
    ID, NAME, REVENUE, SCORE, BY_SCORE, MOST, LEAST, HAND, NOW, REPORTED, CHANGED, COUNTED = range(12)
    POINTS = 12

    def __init__(self, sheet: Any, tiers: Tiers, card: Scorecard, view: View, styles: Styles):
        self.sheet, self.tiers, self.card = sheet, tiers, card
        self.view, self.locale, self.styles = view, view.locale, styles
        self.nodes = _nodes(card)
        self.depth = 1 + max(node.level for node in self.nodes)
        self.leaves = [node for node in self.nodes if not node.criterion.of]
        self.keys = [tier.key for tier in card.tiers]
        rated = tiers.rated
        order = np.lexsort((rated.index.to_numpy(dtype=str), -rated["revenue"].to_numpy(dtype=float)))
        self.rated = rated.iloc[order]
        self.points = tiers.points.loc[self.rated.index, [leaf.key for leaf in self.leaves]]
        # names of levels and weights, then the share of the data, then the weight that counts
        below = self.weight_row(self.depth - 1) + 1
        self.by_data = below if card.recalibrate else None
        self.effective = below + bool(card.recalibrate)
        self.head = max(self.effective, AT + 1 + len(self.keys)) + 2
        self.first, self.last = self.head + 1, self.head + len(self.rated)
        self.bonus = self.POINTS + len(self.leaves)
        self.axes = (self.bonus + 1, self.bonus + 2)
        self.width = self.bonus + (3 if card.matrix else 1)

    # --- places

    @staticmethod
    def weight_row(level: int) -> int:
        """The row of the weights of a level of the tree; their names stand in the row above."""
        return AT + 2 + 2 * level

    def cell(self, row: int, column: int, fixed: bool = True) -> str:
        mark = "$" if fixed else ""
        return f"{mark}{xl_col_to_name(column)}{mark}{row + 1}"

    def column(self, place: int) -> str:
        name = xl_col_to_name(place)
        return f"${name}${self.first + 1}:${name}${self.last + 1}"

    def span(self, row: int, first: int, last: int, fixed: bool = True) -> str:
        """Cells of a row; ``fixed``: of the weights above, else of an account's own row."""
        mark = "$" if fixed else ""
        return f"${xl_col_to_name(first)}{mark}{row + 1}:${xl_col_to_name(last)}{mark}{row + 1}"

    # --- values as the package has them

    def scores(self) -> np.ndarray:
        weights = self.tiers.criteria.set_index("criterion")["weight"].reindex(self.points.columns)
        return score(self.points, weights.to_numpy(dtype=float), self.rated["bonus"].to_numpy(dtype=float))

    # --- parts

    def write(self) -> LiveTiers:
        sheet, styles, locale = self.sheet, self.styles, self.locale
        said = [locale.text(NOTES["use"]), locale.text(NOTES["reweight"])]
        if self.card.cut == "natural":
            said.append(locale.text(NOTES["natural"]))
        if self.card.recalibrate:
            said.append(locale.say(NOTES["by_data"], share=self.card.recalibrate.share))
        sheet.write_string(0, 0, locale.text(N_("Tiers, computed here")), styles["title"])
        sheet.set_row(0, TITLE_LINE)
        sheet.set_row(AT, 2 * LINE)
        sheet.set_row(self.head, 2 * LINE)
        for level in range(self.depth):
            sheet.set_row(self.weight_row(level) - 1, 2 * LINE)
        sheet.write_string(1, 0, (" " if locale.language == "en" else "").join(said), styles["said"])
        self._weights()
        self._list(*self._tiers())
        sheet.freeze_panes(self.first, self.REVENUE)
        sheet.autofilter(self.head, 0, max(self.last, self.head + 1), self.width - 1)
        for first, last, width in (
            (self.ID, self.ID, 11),
            (self.NAME, self.NAME, 26),
            (self.REVENUE, self.REVENUE, 13),
            (self.SCORE, self.COUNTED, 10),
            (self.POINTS, self.width - 1, 10),
        ):
            sheet.set_column(first, last, width)
        sheet.set_column(self.COUNTED, self.COUNTED, 9, None, {"hidden": True})
        name = sheet.get_name().replace("'", "''")
        levels, now, reported = (
            f"'{name}'!{self.cell(AT + 1, place)}:{self.cell(AT + len(self.keys), place)}"
            for place in (self.BY_SCORE, self.HAND, self.NOW)
        )
        return LiveTiers(sheet.get_name(), levels, now, reported)

    def _weights(self) -> None:
        """The tree of weights, a row for each of its levels, above the points of the measured criteria."""
        sheet, styles, locale = self.sheet, self.styles, self.locale
        told = self.tiers.criteria.set_index("criterion")
        top = {node.key: float(told["top_weight"].iloc[node.first]) for node in self.nodes if node.level == 0}
        sheet.write_string(AT, self.POINTS, locale.text(N_("Weights")), styles["part"])
        for node in self.nodes:
            weight = top[node.key] if node.level == 0 else node.criterion.weight
            place = self.POINTS + node.first
            row = self.weight_row(node.level)
            sheet.write_number(row, place, weight, styles["n2?"])
            sheet.write_string(row - 1, place, self.named(node.criterion), styles["quiet"])
        for number, leaf in enumerate(self.leaves):
            parts = []
            for node in self.nodes:
                if node.first <= number <= node.last:
                    row = self.weight_row(node.level)
                    own = self.cell(row, self.POINTS + node.first)
                    siblings = "+".join(self.cell(row, self.POINTS + first) for first in node.siblings)
                    parts.append(f"{own}/({siblings})")
            formula, place = "*".join(parts), self.POINTS + number
            if self.by_data is not None and self.card.recalibrate:
                share = self.card.recalibrate.share
                data = float(told.loc[leaf.key, "by_data"])
                sheet.write_number(self.by_data, place, data, styles["pct"])
                formula = f"{1 - share!r}*({formula})+{share!r}*{self.cell(self.by_data, place)}"
            value = float(told.loc[leaf.key, "weight"])
            sheet.write_formula(self.effective, place, f"={formula}", styles["pct!"], value)

    def named(self, criterion: Criterion) -> str:
        """What a criterion is called."""
        return criterion.get(self.locale.language)

    def _tiers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The tiers with where they begin and how many accounts they hold; returns scores, positions by score
        and by all rules.
        """
        sheet, styles, locale, card = self.sheet, self.styles, self.locale, self.card
        scores, counted = self.scores(), self.rated["counted"].to_numpy(dtype=bool)
        limit = {
            "score": N_("From score"),
            "quota": N_("Share of accounts"),
            "capacity": N_("Places"),
            "natural": N_("From score"),
            "matrix": N_("High from"),
        }[card.cut]
        labels = {
            self.SCORE: N_("Tier"),
            self.BY_SCORE: N_("Level"),
            self.MOST: limit,
            self.LEAST: N_("Starts at"),
            self.HAND: N_("Accounts now"),
            self.NOW: N_("In the report"),
        }
        for place, label in labels.items():
            sheet.write_string(AT, place, locale.text(label), styles["head"])
        if card.matrix:
            starts = np.array([])
            position = matrix_field(
                *(axis >= high for axis, (_, _, high) in zip(self._axes(), self._on(), strict=True))
            )
        else:
            starts = thresholds.limits(scores, card, counted)
            position = thresholds.place(scores, starts)
        settled = self._settled(position)
        buying = self.rated["revenue"].to_numpy(dtype=float) > 0
        reported = self.rated["tier"].to_numpy(dtype=object)
        for number, tier in enumerate(card.tiers):
            row = AT + 1 + number
            sheet.write_string(row, self.SCORE, tier.key, styles["text"])
            sheet.write_string(row, self.BY_SCORE, tier.level, styles["text"])
            self._start(row, number, starts)
            now = int((buying & (settled == tier.key)).sum())
            names = self.column(self.NOW), self.cell(row, self.SCORE), self.column(self.REVENUE)
            formula = f'=COUNTIFS({names[0]},{names[1]},{names[2]},">0")'
            sheet.write_formula(row, self.HAND, formula, styles["n"], now)
            sheet.write_number(row, self.NOW, int((buying & (reported == tier.key)).sum()), styles["n"])
        return scores, position, settled

    def _settled(self, position: np.ndarray) -> np.ndarray:
        """Tiers with gates, safeguards and decisions by hand."""
        at = {key: place for place, key in enumerate(self.keys)}
        ceiling = self.rated["highest"].map(at).fillna(0).to_numpy(dtype=int)
        floor = self.rated["lowest"].map(at).fillna(len(at) - 1).to_numpy(dtype=int)
        held = np.minimum(np.maximum(position, ceiling), floor)
        by_rule = np.array(self.keys, dtype=object)[held]
        by_hand = self.rated["override"].notna().to_numpy()
        return np.where(by_hand, self.rated["tier"].to_numpy(dtype=object), by_rule)

    def _start(self, row: int, number: int, starts: np.ndarray) -> None:
        """The cell to change of a tier, and the score that it begins at."""
        sheet, styles, card, tier = self.sheet, self.styles, self.card, self.card.tiers[number]
        last = number == len(self.keys) - 1
        if card.matrix:
            if number < 2:
                sheet.write_number(row, self.MOST, self._on()[number][2], styles["n2?"])
            return
        start = ALWAYS if last else float(np.clip(starts[number], ALWAYS, NEVER))
        shown = self.styles.of(num_format='[>=1000000]"–";[<-1000000]"–";0.00')
        given = self.cell(row, self.MOST)
        if last:
            sheet.write_number(row, self.LEAST, ALWAYS, shown)
        elif card.cut in ("score", "natural"):
            sheet.write_number(row, self.MOST, min(max(start, -1e6), 1e6), styles["n2?"])
            sheet.write_formula(row, self.LEAST, f"={given}", shown, start)
        else:
            asked = tier.share if card.cut == "quota" else tier.places
            sheet.write_number(row, self.MOST, float(asked or 0), styles["pct?" if tier.share else "n?"])
            given = f"SUM({self.cell(AT + 1, self.MOST)}:{given})"
            ranked = self.column(self.COUNTED)
            size = f"INT({given}*COUNT({ranked})+1E-9)" if card.cut == "quota" else given
            formula = (
                f"=IF({size}>=COUNT({ranked}),{ALWAYS:.0f},IF({size}<=0,{NEVER:.0f},"
                f"LARGE({ranked},MAX(1,{size}))+IF(LARGE({ranked},MAX(1,{size}))>"
                f"LARGE({ranked},MIN(COUNT({ranked}),{size}+1)),0,0.000001)))"
            )
            sheet.write_formula(row, self.LEAST, formula, shown, start)

    def _on(self) -> list[tuple[int, int, float]]:
        """The two axes of a matrix: the places of its measured criteria, first and last, and the limit."""
        matrix = self.card.matrix
        if matrix is None:
            return []
        spans = {node.key: (node.first, node.last) for node in self.nodes if node.level == 0}
        pairs = zip((matrix.first, matrix.second), matrix.high, strict=True)
        return [(*spans[key], high) for key, high in pairs]

    def _axes(self) -> list[np.ndarray]:
        weights = self.tiers.criteria.set_index("criterion")["weight"].reindex(self.points.columns).to_numpy()
        table = self.points.to_numpy(dtype=float)
        return [
            np.round(score(table[:, a : b + 1], weights[a : b + 1]), thresholds.DIGITS)
            for a, b, _ in self._on()
        ]

    def _mean(self, row: int, first: int, last: int) -> str:
        """The weighted mean over the known points of a row."""
        weights = self.span(self.effective, self.POINTS + first, self.POINTS + last)
        own = self.span(row, self.POINTS + first, self.POINTS + last, fixed=False)
        return f"IFERROR(SUMPRODUCT({weights},{own})/SUMPRODUCT({weights}*ISNUMBER({own})),0)"

    def _list(self, scores: np.ndarray, position: np.ndarray, settled: np.ndarray) -> None:
        sheet, styles, locale, view = self.sheet, self.styles, self.locale, self.view
        titles = [locale.text(label) for label in self.LABELS]
        titles += [self.named(leaf.criterion) for leaf in self.leaves]
        titles += [locale.text(N_("Special items"))]
        tops = self.card.criteria
        if self.card.matrix:
            axes = (tops[self.card.matrix.first], tops[self.card.matrix.second])
            titles += [self.named(c) for c in axes]
        for place, title in enumerate(titles):
            sheet.write_string(self.head, place, title, styles["head"])
        axes_now = self._axes()
        ranked = self.card.cut in ("quota", "capacity")
        starts = f"{self.cell(AT + 1, self.LEAST)}:{self.cell(AT + len(self.keys) - 1, self.LEAST)}"
        keys = f"{self.cell(AT + 1, self.SCORE)}:{self.cell(AT + len(self.keys), self.SCORE)}"
        high = [self.cell(AT + 1 + n, self.MOST) for n in range(2)]
        changed = locale.text(N_("changed"))
        for number, unit in enumerate(self.rated.itertuples()):
            row = self.first + number
            own = {
                name: self.cell(row, getattr(self, name), fixed=False)
                for name in ("SCORE", "BY_SCORE", "MOST", "LEAST", "HAND", "NOW", "REPORTED")
            }
            sheet.write_string(row, self.ID, str(unit.Index), styles["text"])
            sheet.write_string(row, self.NAME, view.name(str(unit.Index)), styles["text"])
            sheet.write_number(row, self.REVENUE, float(unit.revenue), styles["money"])
            mean = self._mean(row, 0, len(self.leaves) - 1)
            bonus = self.cell(row, self.bonus, fixed=False)
            formula = f"=MIN(100,MAX(0,{mean}+{bonus}))"
            sheet.write_formula(row, self.SCORE, formula, styles["n2"], float(scores[number]))
            if self.card.matrix:
                a, b = (self.cell(row, place, fixed=False) for place in self.axes)
                at = f"IF({a}>={high[0]},IF({b}>={high[1]},1,2),IF({b}>={high[1]},3,4))"
            else:
                at = f"1+SUMPRODUCT(--(ROUND({own['SCORE']},{thresholds.DIGITS})<{starts}))"
            by_score = self.keys[int(position[number])]
            sheet.write_formula(row, self.BY_SCORE, f"=INDEX({keys},{at})", styles["text"], by_score)
            for name, value in (("MOST", unit.highest), ("LEAST", unit.lowest)):
                if not missing(value):
                    sheet.write_string(row, getattr(self, name), str(value), styles["text"])
            if not missing(unit.override):
                sheet.write_string(row, self.HAND, str(unit.tier), styles["text"])
            held = (
                f"MIN(MAX(MATCH({own['BY_SCORE']},{keys},0),"
                f'IF({own["MOST"]}="",1,MATCH({own["MOST"]},{keys},0))),'
                f'IF({own["LEAST"]}="",{len(self.keys)},MATCH({own["LEAST"]},{keys},0)))'
            )
            formula = f'=IF({own["HAND"]}<>"",{own["HAND"]},INDEX({keys},{held}))'
            sheet.write_formula(row, self.NOW, formula, styles["text"], str(settled[number]))
            if not missing(unit.tier):
                sheet.write_string(row, self.REPORTED, str(unit.tier), styles["text"])
            moved = changed if str(settled[number]) != str(unit.tier) else ""
            formula = f'=IF({own["NOW"]}={own["REPORTED"]},"","{changed}")'
            sheet.write_formula(row, self.CHANGED, formula, styles["text"], moved)
            if ranked and unit.counted:
                formula = f"=ROUND({own['SCORE']},{thresholds.DIGITS})"
                value = round(float(scores[number]), thresholds.DIGITS)
                sheet.write_formula(row, self.COUNTED, formula, styles["n2"], value)
            for place, points in enumerate(self.points.iloc[number], start=self.POINTS):
                if not pd.isna(points):
                    sheet.write_number(row, place, float(points), styles["n1"])
            sheet.write_number(row, self.bonus, float(unit.bonus), styles["n1"])
            for place, axis, (a_, b_, _) in zip(self.axes, axes_now, self._on(), strict=False):
                formula = f"=ROUND({self._mean(row, a_, b_)},{thresholds.DIGITS})"
                sheet.write_formula(row, place, formula, styles["n1"], float(axis[number]))


def write(
    sheet: Any, tiers: Tiers, card: Scorecard, view: View, styles: Styles
) -> tuple[LiveTiers, int, int, int]:
    """Fill the sheet.

    Returns
    -------
    what the capacity needs of it, the row of the list's header, its rows, and the sheet's columns.
    """
    live = _Live(sheet, tiers, card, view, styles)
    return live.write(), live.head, len(live.rated), live.width
