"""The account plan of one unit as one or two A4 pages: a strip of figures, three years of revenue, and short
blocks that each say something of this account.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from markupsafe import escape

from kamplay.method.profile.step import Profile
from kamplay.show.display import Display, template
from kamplay.show.labels import TAG
from kamplay.show.locale import N_, missing
from kamplay.show.profile.actions import actions_block
from kamplay.show.profile.agreements import agreements_block
from kamplay.show.profile.blocks import Page, side_by_side
from kamplay.show.profile.business import business_block
from kamplay.show.profile.customer_edition import customer_page
from kamplay.show.profile.decision_chain import chain_block
from kamplay.show.profile.direction import goals_block, strategies_block
from kamplay.show.profile.header import facts_line, tiles
from kamplay.show.profile.known import changes_block, freshness_block, questions_block
from kamplay.show.profile.revenue_months import revenue_months_chart
from kamplay.show.profile.risks import risks_block
from kamplay.show.profile.service import service_block
from kamplay.show.profile.share import rivals_block, share_block
from kamplay.show.profile.visits import visits_block
from kamplay.show.view import current

LONGEST_NAME = 20  # letters; a longer one may break
AMOUNT = r"[−+]?(?:[A-Z]{0,2}[£¥€$])?\d[\d,.]*(?:[万亿]?元|%)"  # with its sign and its unit


def plan_display(profile: Profile, edition: str) -> Display:
    """The plan as one ``article``: everything from the client escaped, without a script."""
    page = customer_page(profile) if edition == "customer" else internal_page(profile)
    owner = profile.facts["owner"]
    people = {one for one in (*profile.people["name"], owner) if not missing(one)}
    return _display(page, people)


def internal_page(profile: Profile) -> Page:
    """All that is known and planned, for us."""
    view = current()
    return Page(
        name=view.name(profile.unit_id),
        kind=view.locale.text(N_("Account plan")),
        facts=facts_line(profile),
        tiles=tiles(profile),
        chart=revenue_months_chart(profile).html,
        parts=[
            side_by_side(
                [
                    business_block(profile),
                    share_block(profile),
                    rivals_block(profile),
                    service_block(profile),
                ],
                [chain_block(profile), agreements_block(profile)],
            ),
            side_by_side([strategies_block(profile)], [goals_block(profile)]),
            side_by_side([actions_block(profile)]),
            side_by_side(
                [risks_block(profile), visits_block(profile)],
                [questions_block(profile), changes_block(profile), freshness_block(profile)],
            ),
        ],
        turn=1,  # first how it stands, then what is to be done
    )


def _display(page: Page, people: Collection[str]) -> Display:
    html = _unbroken(template("account_plan.html.j2").render(page=page), people)
    lines = [page.name, " · ".join(page.facts)]
    lines += [f"{tile.label}: {tile.value} {tile.why}".strip() for tile in page.tiles]
    for block in (block for part in page.parts for column in part for block in column):
        lines += ["", block.title, *block.lines, *(" | ".join(row) for row in block.rows)]
    return Display(html, "\n".join(lines))


def _unbroken(html: str, people: Collection[str]) -> str:
    """The page with people's names and amounts marked, which Chinese would else break over two lines."""
    names = sorted({str(escape(name)) for name in people if 1 < len(name) <= LONGEST_NAME}, key=len)
    found = re.compile("|".join([*map(re.escape, reversed(names)), AMOUNT]))
    parts = TAG.split(html)
    for place in range(0, len(parts), 2):
        if not place or not parts[place - 1].startswith("<title"):  # which holds no element
            parts[place] = found.sub(r'<span class="name">\g<0></span>', parts[place])
    return "".join(parts)
