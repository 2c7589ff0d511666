"""The relationship map of one account: people in rows by layer, coloured by stance, with the lines along
which they report.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.health.stakeholders import LAYERS
from kamplay.method.results import Finding
from kamplay.show.chart import BAD, GOOD, INK, NARROW, QUIET, WARN, WIDE, draw_chart
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names, word
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAYER_WORDS = {
    "image": N_("Image"),
    "decision": N_("Decision"),
    "implementation": N_("Implementation"),
    "use": N_("Use"),
    "": N_("Layer not given"),
}
SIDE_WORDS = {
    "supporter": N_("supports us"),
    "neutral": N_("neutral"),
    "opponent": N_("against us"),
    "unknown": N_("stance not known"),
}
COLOURS = {"supporter": GOOD, "neutral": WARN, "opponent": BAD, "unknown": "#FFFFFF"}
SIGNS = {"supporter": "+", "neutral": "0", "opponent": "–", "unknown": "?"}
MOST = 18  # people one picture holds; the most influential are drawn
ROW, EDGES, GUTTER = (
    0.78,
    0.95,
    0.42,
)  # inches: a row, title and legend together, the layers' names on the left
LEFT_GREY = "#AEB9C2"
TONES = ("#A3AFB9", "#6E93AE", "#B39B7D", "#8C86B0")  # of the lines, one superior after the other


@dataclass(frozen=True)
class Node:
    contact: str
    row: int
    x: float  # 0 to 1 across the rows
    room: float  # of the width, up to the next one's circle


@chart
def stakeholder_map_chart(health: Any, account: str | None = None, most: int = 3) -> Display:
    """The maps of the ``most`` key accounts where holes weigh most, one below the other; or that of one
    ``account``.
    """
    result = health.stakeholders
    if not result.figures:
        return NOTHING
    if account is None:
        frame = result.relations
        chosen = list(frame.index[frame["key"] & (frame["weight"] > 0)][:most])
    else:
        chosen = [account] if account in result.relations.index else []
    shown = [_map(result, name) for name in chosen]
    return Display("".join(s.html for s in shown), "\n".join(s.text for s in shown)) if shown else NOTHING


def _map(result: Any, account: str) -> Display:
    view = current()
    locale = view.locale
    everyone = result.people[result.people["account_id"] == account].sort_values(
        "influence", ascending=False, kind="stable"
    )
    people, row = everyone.head(MOST), result.relations.loc[account]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        _draw(axes, people, view, account, narrow)

    rows = max(_rows(people, 3)[-1][0] + 1, 4)
    known = N_(
        "{account}: {contacts:n} {contacts:plural|person|people} known, {layers:n} of 4 layers, "
        "{supporters:n} for us, {opponents:n} against."
    )
    said = [
        locale.say(
            known,
            account=view.name(account),
            **{k: row[k] for k in ("contacts", "layers", "supporters", "opponents")},
        )
    ]
    if row["confirmed_share"] == row["confirmed_share"]:
        said.append(
            locale.say(
                N_("{share:pct} were confirmed within 180 days; a dashed edge marks what is only assumed."),
                share=row["confirmed_share"],
            )
        )
    said.append(
        locale.text(
            N_(
                "Larger circles carry more influence; lines lead up to the superior; days are since "
                "the last visit."
            )
        )
    )
    if len(everyone) > MOST:
        said.append(locale.say(N_("{rest:n} of less influence are not drawn."), rest=len(everyone) - MOST))
    caption = (" " if locale.language == "en" else "").join(said)
    return draw_chart(draw, caption, _alt(people, locale), height=(rows * ROW + EDGES) / NARROW[1])


def _alt(people: pd.DataFrame, locale: Locale) -> str:
    parts = []
    for person in people.itertuples():
        state = locale.text(N_("has left")) if person.gone else locale.text(SIDE_WORDS[person.side])
        above = people["label"].get(person.reports_to) if person.reports_to else None
        said = N_("{layer}: {who}, {state}, reports to {above}") if above else N_("{layer}: {who}, {state}")
        words = {"layer": locale.text(LAYER_WORDS[person.layer or ""]), "who": person.label, "state": state}
        parts.append(locale.say(said, **words, **({"above": above} if above else {})))
    return locale.text(N_("; ")).join(parts)


def _rows(people: pd.DataFrame, widest: int) -> list[tuple[int, str, list[str]]]:
    """Rows from the top: number, layer, contact ids. Whoever reports to somebody of the same layer stands in
    a row below.
    """
    out: list[tuple[int, str, list[str]]] = []
    above = people["reports_to"].to_dict()
    layer_of = people["layer"].fillna("").to_dict()
    extra = [""] if "" in layer_of.values() else []
    for layer in [*LAYERS, *extra]:
        depth: dict[str, int] = {}
        for contact in (c for c in people.index if layer_of[c] == layer):
            steps, up = 0, above[contact]
            while up and layer_of.get(up) == layer:
                steps, up = steps + 1, above[up]
            depth[contact] = steps
        if not depth:
            out.append((len(out), layer, []))
        for steps in sorted(set(depth.values())):
            same = [c for c, d in depth.items() if d == steps]
            for start in range(0, len(same), widest):
                out.append((len(out), layer, same[start : start + widest]))
    return out


def _placed(rows: list[tuple[int, str, list[str]]], above: dict[str, Any], narrow: bool) -> dict[str, Node]:
    """Everyone's place: within a row in the order of the superiors above, so that lines cross little."""
    nodes: dict[str, Node] = {}
    half = 0.17 if narrow else 0.1  # half of what a label takes
    for number, _, row in rows:
        row = sorted(row, key=lambda c: nodes[above[c]].x if above[c] in nodes else 0.5)
        for place, contact in enumerate(row):
            slot = 1 / len(row)
            x = max((place + 0.5) * slot - half, place * slot + 0.05)
            nodes[contact] = Node(contact, number, x, min((place + 1) * slot - x - 0.01, 0.6))
    return nodes


def _draw(axes: Axes, people: pd.DataFrame, view: View, account: str, narrow: bool) -> None:
    locale = view.locale
    above = {c: up if up in people.index else None for c, up in people["reports_to"].items()}
    rows = _rows(people, 3 if narrow else 5)
    nodes = _placed(rows, above, narrow)
    width = (NARROW if narrow else WIDE)[0] - GUTTER - 0.15
    _bands(axes, rows, locale, width)
    _lines(axes, above, nodes)
    for contact, node in nodes.items():
        _person(axes, people.loc[contact], node, locale, node.room * width * 72 - 16)
    axes.set_xlim(-GUTTER / width, 1)
    axes.set_ylim(-len(rows) + 0.45, 0.5)
    axes.axis("off")
    axes.set_title(view.name(account), loc="left", fontsize=10, color=INK)
    _legend(axes, people, locale, narrow)


def _bands(axes: Axes, rows: list[tuple[int, str, list[str]]], locale: Locale, width: float) -> None:
    """A pale stripe for each layer with its name, and a warning where nobody is known."""
    left = -GUTTER / width
    for layer in dict.fromkeys(layer for _, layer, _ in rows):
        mine = [n for n, name, _ in rows if name == layer]
        axes.axhspan(-mine[-1] - 0.48, -mine[0] + 0.48, color="#F4F6F8", linewidth=0, zorder=0)
        word, middle = locale.text(LAYER_WORDS[layer]), -(mine[0] + mine[-1]) / 2
        axes.text(
            left * 0.62 if locale.language == "en" else left * 0.95,
            middle,
            word,
            color=QUIET,
            fontsize=7.5 if len(word) < 12 else 7,
            rotation=90 if locale.language == "en" else 0,
            va="center",
            ha="center" if locale.language == "en" else "left",
        )
        if not any(row for _, name, row in rows if name == layer):
            axes.text(
                0.5,
                middle,
                locale.text(N_("nobody known")),
                color=BAD,
                fontsize=8.5,
                ha="center",
                va="center",
            )


def _lines(axes: Axes, above: dict[str, Any], nodes: dict[str, Node]) -> None:
    """From each person up to the superior, in right angles between the rows; dashed where the superior is
    drawn below.

    Each superior has a height of its own in every gap between rows, a column of its own past rows in between,
    and a tone.
    """
    heights: dict[int, list[str]] = {}
    columns: dict[str, float] = {}
    tones: list[str] = []
    places = [(nodes[u].row, u) for u in set(above.values()) if u]
    crowded = len({row for row, _ in places}) < len(
        places
    )  # lines of several superiors run through one gap: only then tones are needed
    for one, up in ((nodes[c], nodes[u]) for c, u in above.items() if u):
        mine = up.contact
        if mine not in tones:
            tones.append(mine)
        high, low = (up, one) if up.row < one.row else (one, up)
        lane = _height(heights.setdefault(high.row, []), mine, high.row)
        xs, ys = [high.x, high.x, low.x, low.x], [-high.row, lane, lane, -low.row]
        if low.row - high.row > 1:
            between = [n for n in nodes.values() if high.row < n.row < low.row]
            taken = [x for other, x in columns.items() if other != mine]
            wanted = [columns.get(mine, low.x), low.x, high.x, *(i / 70 for i in range(-2, 70))]
            past = [
                x for x in wanted if not any(n.x - 0.03 < x < n.x + n.room for n in between)
            ]  # through nobody
            down = next(
                (x for x in past if all(abs(x - t) > 0.012 for t in taken)), past[0] if past else low.x
            )
            if down != low.x:
                columns[mine] = down
                near = _height(heights.setdefault(low.row - 1, []), mine, low.row - 1)
                xs, ys = (
                    [high.x, high.x, down, down, low.x, low.x],
                    [-high.row, lane, lane, near, near, -low.row],
                )
        tone = TONES[tones.index(mine) % len(TONES)] if crowded else TONES[0]
        axes.plot(
            xs,
            ys,
            color=tone,
            linewidth=1.1,
            linestyle="-" if high is up else (0, (3, 2)),
            zorder=1,
            solid_joinstyle="round",
        )


def _height(used: list[str], superior: str, row: int) -> float:
    """Where in the gap below a row the superior's lines run across."""
    if superior not in used:
        used.append(superior)
    return -row - 0.4 - 0.055 * (used.index(superior) % 5)


def _person(axes: Axes, person: pd.Series, node: Node, locale: Locale, room: float) -> None:
    gone, y = bool(person["gone"]), -node.row
    influence = person["influence"] if person["influence"] == person["influence"] else 3.0
    size = 60 + 38 * influence
    ring = (size**0.5 + 4.5) ** 2  # room between the disc and its edge, or dashes look like teeth
    edge = LEFT_GREY if gone else QUIET if person["side"] == "unknown" else COLOURS[person["side"]]
    style: Any = (0, (2.2, 1.8)) if person["assumed"] and not gone else "-"
    fill = "#E4E8EC" if gone else COLOURS[person["side"]]
    axes.scatter(
        [node.x], [y], s=ring, facecolor="#FFFFFF", edgecolor=edge, linewidth=1.1, linestyle=[style], zorder=3
    )
    axes.scatter([node.x], [y], s=size, facecolor=fill, edgecolor="none", zorder=4)
    mark, colour = (
        ("×", BAD) if gone else (SIGNS[person["side"]], QUIET if person["side"] == "unknown" else "#FFFFFF")
    )
    axes.text(
        node.x,
        y,
        mark,
        color=colour,
        fontsize=12 if gone else 8.5,
        ha="center",
        va="center_baseline",
        zorder=5,
    )
    offset = ring**0.5 / 2 + 3
    units = (room - offset) / 3.9  # of half an em at 8 points
    visit = (
        locale.say(N_("{days:n} d ago"), days=person["days"])
        if person["days"] == person["days"]
        else locale.text(N_("no visit"))
    )
    last = locale.text(N_("has left")) if gone else visit
    lines = [
        (_cut(str(person["name"]), units), INK),
        (_cut(person["title"] or "", units), QUIET),
        (last, BAD if gone else QUIET),
    ]
    lines = [(words, c) for words, c in lines if words]
    for number, (words, c) in enumerate(lines):
        shift = ((len(lines) - 1) / 2 - number) * 9.6
        ink = LEFT_GREY if gone and c == INK else c
        small = 8 if number == 0 else 7.5
        axes.annotate(
            words,
            (node.x, y),
            (offset, shift),
            textcoords="offset points",
            fontsize=small,
            color=ink,
            va="center",
            zorder=6,
            annotation_clip=False,
        )


def _cut(words: str, units: float) -> str:
    """Words that fit into so many half-width places."""
    total = 0
    for number, letter in enumerate(words):
        total += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if total > units:
            return words[: max(number - 1, 1)] + "…"
    return words


def _legend(axes: Axes, people: pd.DataFrame, locale: Locale, narrow: bool) -> None:
    from matplotlib.lines import Line2D

    def dot(colour: str, edge: str, **more: Any) -> Line2D:
        return Line2D(
            [], [], marker="o", linestyle="none", color=colour, markeredgecolor=edge, markersize=7, **more
        )

    marks = [
        (dot(COLOURS[side], QUIET if side == "unknown" else COLOURS[side]), locale.text(word))
        for side, word in SIDE_WORDS.items()
        if (people.loc[~people["gone"], "side"] == side).any()
    ]
    if people["gone"].any():
        marks.append(
            (
                Line2D([], [], marker="x", linestyle="none", color=BAD, markersize=6),
                locale.text(N_("has left")),
            )
        )
    axes.legend(
        [m for m, _ in marks],
        [w for _, w in marks],
        loc="upper left",
        bbox_to_anchor=(0, -0.01),
        ncols=3 if narrow else 5,
        frameon=False,
        fontsize=8,
        handletextpad=0.2,
        columnspacing=1.2,
        borderaxespad=0,
    )


THREADS = {"visits": N_("one person visited"), "supporter": N_("one supporter")}
STEPS = {
    "meet_successor": N_("Meet the successor of {target}"),
    "win_decision": N_("Win over {target}"),
    "open_decision": N_("Find out who decides"),
    "second_thread": N_("Open a second contact: {target}"),
    "revisit": N_("Visit {target} again"),
    "open_layer": N_("Get to know somebody in the {layer} layer"),
    "confirm": N_("Confirm who is still there"),
    "keep": N_("Keep up the contact"),
}
OPENED = (
    "meet_successor",
    "win_decision",
    "open_decision",
    "second_thread",
    "open_layer",
)  # steps that somebody can open the door to
# in the running text of a cell, where a label's capital would be out of place
LAYER_LABELS = {
    "image": N_("image"),
    "decision": N_("decision"),
    "implementation": N_("implementation"),
    "use": N_("use"),
}


@table
def stakeholders_table(health: Any) -> Display:
    """Key accounts, the gravest first: layers covered, supporters, single thread, last visit, what to do."""
    result = health.stakeholders
    if not result.figures:
        return NOTHING
    frame = result.relations[result.relations["key"]]
    locale = current().locale
    people = result.people["label"]
    frame = frame.assign(step=[_step(row, people, locale) for _, row in frame.iterrows()])
    columns = [
        ACCOUNT,
        Column("layers", N_("Layers known, of 4"), "n", extra=True),
        Column("supporters", N_("Supporters"), "n"),
        Column("thread", N_("Single thread"), word(THREADS), extra=True),
        Column("days", N_("Last visit, days ago"), "n", extra=True),
        Column("step", N_("What to do first"), css="long"),
    ]
    said = N_(
        "Key accounts, the weight of their alarms times their revenue deciding the order. "
        "Supporters: stance 1 or 2, still there."
    )
    return html_table(with_names(frame), columns, said, most=15)


def _step(row: pd.Series, people: pd.Series, locale: Locale) -> str:
    """What to do first and who opens the door: a supporter, or our own management where there is none."""
    layer = LAYER_LABELS[row["missing"].split(";")[0]] if row["missing"] else ""
    target = people.get(row["target"], "") if not missing(row["target"]) else ""
    said = locale.say(STEPS[row["do"]], target=target, layer=locale.text(layer) if layer else "")
    if row["do"] not in OPENED:
        return said
    if missing(row["through"]):
        return locale.say(
            N_("{step}; no supporter to open the door, so an executive of ours asks"), step=said
        )
    return locale.say(N_("{step}, through {door}"), step=said, door=people[row["through"]])


# on whom an account hangs
THREAD_COUNTS: dict[str, str] = {
    "visits": N_("at {count:n} all visits of the last {days:n} days went to the same person"),
    "supporter": N_("at {count:n} only one person supports us"),
}


def _threads(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"threads": counts(THREAD_COUNTS, finding.figures, locale)}


# what this topic can find, in words
REL_ASK_FOR_STANCE = {
    "rel_ask_for_stance": N_(
        "Have the account owners enter layer and stance for each contact, key accounts first."
    )
}
REL_MEET_SUCCESSOR = {
    "rel_meet_successor": N_(
        "Account owner: within two weeks have a supporter who reported to the one that left introduce "
        "the successor; an executive of ours visits the level above."
    )
}
REL_WIN_DECISION = {
    "rel_win_decision": N_(
        "Account owner: for each account name the person in the decision layer to be won and the "
        "supporter who opens the door, and bring the answer to the next account review."
    )
}

register_findings(
    FindingSpec(
        "rel_champion_gone",
        "stakeholders",
        N_(
            "{count:n} key {count:plural|account has|accounts have} lost a person of weight whose "
            "place nobody known has taken ({names}; {revenue:money} a year). At {first} it is "
            "{person}: of those who remain {supporters:n} {supporters:plural|supports|support} us, "
            "{top:n} of them in the image or decision layer, and the last visit was {days:n} "
            "{days:plural|day|days} ago."
        ),
        actions=REL_MEET_SUCCESSOR,
    ),
    FindingSpec(
        "rel_champion_gone_unseen",
        "stakeholders",
        N_(
            "{count:n} key {count:plural|account has|accounts have} lost a person of weight whose "
            "place nobody known has taken ({names}; {revenue:money} a year). At {first} it is "
            "{person}: of those who remain {supporters:n} {supporters:plural|supports|support} us, "
            "{top:n} of them in the image or decision layer, and no visit is on record."
        ),
        actions=REL_MEET_SUCCESSOR,
    ),
    FindingSpec(
        "rel_champion_gone_bare",
        "stakeholders",
        N_(
            "{count:n} key {count:plural|account has|accounts have} lost a person of weight whose "
            "place nobody known has taken ({names}; {revenue:money} a year). At {first} it is "
            "{person}; whether those who remain support us is not on file."
        ),
        actions=REL_MEET_SUCCESSOR,
    ),
    FindingSpec(
        "rel_gap",
        "stakeholders",
        N_(
            "At {count:n} of {key:n} key accounts nobody known in the decision layer supports us; "
            "they bring {revenue:money} a year: {names}."
        ),
        actions=REL_WIN_DECISION,
    ),
    FindingSpec(
        "rel_gap_blank",
        "stakeholders",
        N_(
            "At {count:n} of {key:n} key accounts nobody known in the decision layer supports us, or "
            "it is not known who decides; they bring {revenue:money} a year: {names}. At {blank:n} "
            "of them the decider or the whole layer is unknown."
        ),
        actions=REL_WIN_DECISION,
    ),
    FindingSpec(
        "rel_single_thread",
        "stakeholders",
        N_(
            "{count:n} key {count:plural|account hangs|accounts hang} by one thread ({revenue:money} "
            "a year): {threads}: {names}."
        ),
        actions={
            "rel_second_thread": N_(
                "Account owner: visit a second person in another layer this month, introduced by the "
                "one we know."
            )
        },
        words=_threads,
    ),
    FindingSpec(
        "rel_covered",
        "stakeholders",
        N_(
            "At all {count:n} key accounts whose contacts are known somebody in the decision layer "
            "supports us, and none hangs by one person."
        ),
        actions=REL_ASK_FOR_STANCE,
    ),
    FindingSpec(
        "rel_unjudged",
        "stakeholders",
        N_(
            "Whether the decision layer supports us at the {count:n} key "
            "{count:plural|account|accounts} with contacts on file cannot be told: layer or stance "
            "is missing from the contacts."
        ),
        actions=REL_ASK_FOR_STANCE,
    ),
    FindingSpec(
        "rel_no_key",
        "stakeholders",
        N_(
            "Contacts are on file for {accounts:n} {accounts:plural|account|accounts}, but no "
            "account is key (level S or A), so no map is drawn."
        ),
    ),
    FindingSpec(
        "rel_unmapped",
        "stakeholders",
        N_(
            "Of {count:n} of the {key:n} key accounts not one contact is on file ({revenue:money} a "
            "year): {names}."
        ),
        actions={
            "rel_map_them": N_(
                "Account owner: enter at least the decider, one user and whom they report to, before "
                "the next review."
            )
        },
    ),
    FindingSpec(
        "rel_unconfirmed",
        "stakeholders",
        N_(
            "{share:pct} of what is on file about people at key accounts was not confirmed within "
            "{days:n} days and is an assumption; at {count:n} of {key:n} accounts that is true of "
            "more than half."
        ),
        actions={
            "rel_confirm": N_(
                "Account owner: at the next visit confirm who is still there and what they think of "
                "us, and date the entry."
            )
        },
    ),
    FindingSpec(
        "rel_lines_cut",
        "stakeholders",
        N_(
            "{bad:n} reporting {bad:plural|line leads|lines lead} to nobody known at the account, "
            "{circles:n} {circles:plural|circle of lines was|circles of lines were} opened at the "
            "most influential person; the maps are drawn without them."
        ),
        actions={
            "rel_mend_lines": N_("Ask the account owner who reports to whom, and correct the contacts.")
        },
    ),
    FindingSpec(
        "rel_unknown",
        "stakeholders",
        N_(
            "Who decides at the accounts, and what they think of us, is not known: no contacts were "
            "delivered. With them each key account gets a map of its people, and an alarm when a "
            "supporter leaves or everything hangs by one person."
        ),
        actions={
            "rel_ask_for_contacts": N_(
                "Begin with the ten largest accounts: name, title, layer, role, stance, and whom the "
                "person reports to."
            )
        },
    ),
)
