"""The visit sheets of the next two weeks as one printable file for each language."""

from __future__ import annotations

from pathlib import Path

from kamplay.method.plan.step import Plan
from kamplay.show.plan.visit_sheet import visit_sheets_page
from kamplay.show.view import View


def write(folder: Path, plan: Plan, view: View, client: str) -> Path | None:
    """``visit_sheets.<language>.html`` in ``folder``: self-contained, every name escaped, no script; no file
    without a visit in these weeks.
    """
    if plan.visit_sheets.visits.empty:
        return None
    path = folder / f"visit_sheets.{view.locale.language}.html"
    path.write_text(visit_sheets_page(plan, view, client), encoding="utf-8", newline="\n")
    return path
