"""The account plan of one unit as one or two A4 pages: a strip of figures, three years of revenue, and short
blocks that each say something of this account.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kamplay.method.profile.step import Profile
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.profile.actions import actions_block
from kamplay.show.profile.blocks import Page
from kamplay.show.profile.header import facts_line, tiles
from kamplay.show.profile.revenue_months import revenue_months_chart
from kamplay.show.view import current

if TYPE_CHECKING:
    from jinja2 import Template


def plan_display(profile: Profile, edition: str) -> Display:
    """The plan as one ``article``: everything from the client escaped, without a script."""
    return _display(internal_page(profile))


def internal_page(profile: Profile) -> Page:
    view = current()
    return Page(
        name=view.name(profile.unit_id),
        kind=view.locale.text(N_("Account plan")),
        facts=facts_line(profile),
        tiles=tiles(profile),
        chart=revenue_months_chart(profile).html,
        wide=[block for block in (actions_block(profile),) if not block.empty],
    )


def _display(page: Page) -> Display:
    html = _template().render(page=page)
    lines = [page.name, " · ".join(page.facts)]
    lines += [f"{tile.label}: {tile.value} {tile.why}".strip() for tile in page.tiles]
    for block in (*page.left, *page.right, *page.wide):
        lines += ["", block.title, *block.lines, *(" | ".join(row) for row in block.rows)]
    return Display(html, "\n".join(lines))


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("kamplay.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("account_plan.html.j2")
