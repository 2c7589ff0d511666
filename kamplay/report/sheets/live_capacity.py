"""The sheet of capacity that computes: accounts and visit norms by level against what the team can make, in
all and by person.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.plan.capacity import ROLES
from kamplay.method.plan.step import Plan
from kamplay.report.sheets.live_tiers import LiveTiers
from kamplay.report.sheets.sheet_layout import LINE, TITLE_LINE, Styles
from kamplay.show.locale import N_, missing
from kamplay.show.plan.capacity import ROLE_NAMES, who
from kamplay.show.plan.strategies import level_head
from kamplay.show.view import View

AT = 3  # the row of the first header
LEVELS_HEAD = (
    N_("Level"),
    N_("Accounts, but the campaign's and those that have stopped"),
    N_("Branch visits a month, each"),
    N_("Head-office visits a month, each"),
    N_("Branch visits a month"),
    N_("Head-office visits a month"),
    N_("Visits a month"),
)
TEAM_HEAD = (N_("Can make"), N_("Left, or short"), N_("Taken up"))


def write(
    sheet: Any, plan: Plan, view: View, styles: Styles, tiers: LiveTiers | None
) -> tuple[int, int, int]:
    """Fill the sheet. ``tiers``: of the sheet from which accounts move between levels; None where it computes
    nothing.

    Returns
    -------
    the row of the last header, the rows below it, and the sheet's columns.
    """
    locale = view.locale
    gap = " " if locale.language == "en" else ""
    said = [locale.text(N_("Change a grey cell: norms, accounts that are visited, what can be made."))]
    if tiers:
        said.append(
            locale.text(N_("Accounts follow the sheet of tiers where a weight or a limit changes there."))
        )
    sheet.write_string(0, 0, locale.text(N_("Capacity, computed here")), styles["title"])
    sheet.set_row(0, TITLE_LINE)
    sheet.set_row(AT, 3 * LINE)
    sheet.write_string(1, 0, gap.join(said), styles["said"])
    for place, label in enumerate(LEVELS_HEAD):
        sheet.write_string(AT, place, locale.text(label), styles["head"])
    by_level = _visited(plan)
    rows: dict[str, int] = {}
    for row, level in enumerate(plan.levels.itertuples(), start=AT + 1):
        key = "" if missing(level.level) else str(level.level)
        rows[key] = row
        norm = float(level.branch + level.head_office)
        count = int(by_level.get(key, 0))
        name = level_head(key, locale) if key else locale.text(N_("Every account"))
        sheet.write_string(row, 0, name, styles["text"])
        if tiers and key:
            moved = (
                f'SUMIF({tiers.levels},"{key}",{tiers.now})-SUMIF({tiers.levels},"{key}",{tiers.reported})'
            )
            sheet.write_formula(row, 1, f"=MAX(0,{count}+{moved})", styles["n?"], count)
        else:
            sheet.write_number(row, 1, count, styles["n?"])
        at = row + 1
        norms = (float(level.branch), float(level.head_office))
        for place, each in enumerate(norms):
            sheet.write_number(row, 2 + place, each, styles["n1?"])
            sheet.write_formula(row, 4 + place, f"=B{at}*{'CD'[place]}{at}", styles["n1"], count * each)
        sheet.write_formula(row, 6, f"=E{at}+F{at}", styles["n1"], count * norm)
    last = AT + len(rows)
    _total(sheet, plan, view, styles, last, by_level)
    head = last + 6 + bool(len(_left_out(plan)))
    count = _people(sheet, plan, view, styles, head, rows)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 9, 14)
    return head, count, 10


def _none_pays(plan: Plan) -> bool:
    """Whether all visits of the norms are left out, as they do not pay."""
    return plan.finding("visits_none_planned") is not None


def _visited(plan: Plan) -> pd.Series:
    """How many accounts of each level ("" of none) norms are for, also where none of it pays: not the
    campaign's, nor those that have stopped.
    """
    units = plan.units[(plan.units["revenue"] > 0) & ~plan.units["gone"].astype(bool)]
    return units.groupby(units["level"].fillna("")).size() if len(units) else pd.Series(dtype=int)


def _left_out(plan: Plan) -> pd.DataFrame:
    """Visits a month of the norms that are not planned, by person ("" for nobody) and role."""
    if _none_pays(plan):
        out = plan.allocation.left_out
        visits = (out.groupby("role")["visits"].sum() / plan.allocation.months).reindex(ROLES).fillna(0.0)
        return pd.DataFrame({"person": "", "role": list(ROLES), "visits": visits.to_numpy()})
    return plan.allocation.loads.query("left_out > 0")[["person", "role", "left_out"]].rename(
        columns={"left_out": "visits"}
    )


def _total(sheet: Any, plan: Plan, view: View, styles: Styles, last: int, by_level: pd.Series) -> None:
    """The sum of all levels, and the team against it."""
    locale, row = view.locale, last + 1
    sheet.write_string(row, 0, locale.text(N_("In all")), styles["text!"])
    levels = plan.levels.assign(key=plan.levels["level"].fillna(""))
    norm = levels["branch"] + levels["head_office"]
    counts = levels["key"].map(by_level).fillna(0)
    sums = {
        1: counts.sum(),
        4: (counts * levels["branch"]).sum(),
        5: (counts * levels["head_office"]).sum(),
        6: (counts * norm).sum(),
    }
    for place in range(1, 7):
        if place in sums:
            letter = "ABCDEFG"[place]
            formula = f"=SUM({letter}{AT + 2}:{letter}{last + 1})"
            sheet.write_formula(
                row, place, formula, styles["n!" if place == 1 else "n1!"], float(sums[place])
            )
        else:
            sheet.write_blank(row, place, None, styles["text!"])
    able, needed = plan.allocation.capacity, float(sums[6])
    left_out = _left_out(plan)
    if len(left_out):
        row += 1
        sheet.write_string(row, 0, locale.text(N_("Not planned, as they do not pay")), styles["text"])
        by_role = left_out.groupby("role")["visits"].sum()
        for place, role in enumerate(ROLES, start=4):
            sheet.write_number(row, place, -float(by_role.get(role, 0.0)), styles["n1"])
        sheet.write_formula(row, 6, f"=E{row + 1}+F{row + 1}", styles["n1"], -float(by_role.sum()))
        needed -= float(by_role.sum())
    for place, label in enumerate(TEAM_HEAD):
        sheet.write_string(row + 1 + place, 0, locale.text(label), styles["text"])
    can, asked = f"G{row + 2}", f"G{row + 1}"
    if len(left_out):
        asked = f"(G{row}+G{row + 1})"
    if able is None:
        sheet.write_blank(row + 1, 6, None, styles["n1?"])
    else:
        sheet.write_number(row + 1, 6, float(able), styles["n1?"])
    left = "" if able is None else able - needed
    used = "" if not able else needed / able
    sheet.write_formula(row + 2, 6, f'=IF({can}="","",{can}-{asked})', styles["n1"], left)
    sheet.write_formula(row + 3, 6, f'=IF(N({can})>0,{asked}/{can},"")', styles["pct"], used)


def _people(sheet: Any, plan: Plan, view: View, styles: Styles, head: int, levels: dict[str, int]) -> int:
    """Who makes the visits: accounts by level, what the norms ask for, what can be made; how many rows."""
    locale, found = view.locale, plan.allocation
    if found.loads.empty:
        return 0
    labels = [
        locale.text(N_("Who visits")),
        locale.text(N_("Role")),
        *(level_head(key, locale) if key else locale.text(N_("Every account")) for key in levels),
        locale.text(N_("Visits a month by the norms")),
        locale.text(N_("Can make")),
        locale.text(N_("Left, or short")),
        locale.text(N_("Allocated a month")),
    ]
    sheet.set_row(head, 2 * LINE)
    for place, label in enumerate(labels):
        sheet.write_string(head, place, label, styles["head"])
    of = pd.concat([found.visits, found.unmet, found.left_out])[["unit_id", "person", "role"]]
    of = of.drop_duplicates(["unit_id", "role"])
    of = of.assign(person=of["person"].fillna(""), level=of["unit_id"].map(found.units["level"]).fillna(""))
    counts = of.groupby(["person", "role", "level"]).size().to_dict()
    loads = found.loads.sort_values("norm", ascending=False, kind="stable")
    norm = 2 + len(levels)
    for row, one in enumerate(loads.itertuples(), start=head + 1):
        sheet.write_string(row, 0, who(one.person, one.role, locale), styles["text"])
        sheet.write_string(row, 1, locale.text(ROLE_NAMES[one.role]), styles["text"])
        parts = []
        column = "CD"[ROLES.index(one.role)]
        for place, (key, at) in enumerate(levels.items(), start=2):
            person = "" if missing(one.person) else one.person
            sheet.write_number(row, place, int(counts.get((person, one.role, key), 0)), styles["n"])
            parts.append(f"{'ABCDEFGHIJ'[place]}{row + 1}*${column}${at + 1}")
        if one.left_out > 0:
            parts.append(f"-{one.left_out:g}")
        letters = "ABCDEFGHIJ"
        asked, can = f"{letters[norm]}{row + 1}", f"{letters[norm + 1]}{row + 1}"
        sheet.write_formula(row, norm, "=" + "+".join(parts), styles["n1"], float(one.norm))
        able = None if missing(one.capacity) else float(one.capacity)
        if able is None:
            sheet.write_blank(row, norm + 1, None, styles["n1?"])
        else:
            sheet.write_number(row, norm + 1, able, styles["n1?"])
        left = "" if able is None else able - float(one.norm)
        sheet.write_formula(row, norm + 2, f'=IF({can}="","",{can}-{asked})', styles["n1"], left)
        sheet.write_number(row, norm + 3, float(one.visits), styles["n1"])
    return len(loads)
