"""The stakeholder map, shown and said: people in rows by layer, coloured by stance, with the lines along
which they report.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.codebook import codebook
from kamplay.method.health.stakeholders import LAYERS, USUAL_INFLUENCE, Stakeholders
from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.palette import BAD, FILL, GOOD, GREY, INK, QUIET, SERIES, SURFACE, WARN, WHITE
from kamplay.show.charts.chart import NARROW, WIDE, draw_chart
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names, word
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAYER_LABELS = {
    "image": N_("Image"),
    "decision": N_("Decision"),
    "implementation": N_("Implementation"),
    "use": N_("Use"),
    "": N_("Layer not given"),
}
# in the running text of a cell, where a label's capital would be out of place
LAYER_WORDS = {
    "image": N_("image"),
    "decision": N_("decision"),
    "implementation": N_("implementation"),
    "use": N_("use"),
}
SIDE_LABELS = {
    "supporter": N_("supports us"),
    "neutral": N_("neutral"),
    "opponent": N_("against us"),
    "unknown": N_("stance not known"),
}
SIDE_COLOURS = {"supporter": GOOD, "neutral": WARN, "opponent": BAD, "unknown": WHITE}
SIDE_SIGNS = {"supporter": "+", "neutral": "0", "opponent": "–", "unknown": "?"}
THREAD_LABELS = {"visits": N_("one person visited"), "supporter": N_("one supporter")}
ALARMS = {
    "gone": N_("key person gone"),
    "unsupported": N_("no supporter where decisions are made"),
    "opposed": N_("opponent where decisions are made"),
    "thread": N_("single thread"),
    "layer": N_("layer without anyone"),
    "unseen": N_("not visited"),
}
NEXT_STEPS = {
    "meet_successor": N_("Meet the successor of {target}"),
    "win_decision": N_("Win over {target}"),
    "open_decision": N_("Find out who decides"),
    "second_thread": N_("Open a second contact: {target}"),
    "revisit": N_("Visit {target} again"),
    "open_layer": N_("Get to know somebody in the {layer} layer"),
    "confirm": N_("Confirm who is still there"),
    "keep": N_("Keep up the contact"),
}
# steps to which somebody can open the door
INTRODUCED = ("meet_successor", "win_decision", "open_decision", "second_thread", "open_layer")
MAX_PEOPLE = 18  # that one picture holds; the most influential are drawn
# inches: a row; title and legend together; the layers' names on the left
ROW, EDGES, GUTTER = 0.78, 0.95, 0.42
DASHES = (0, (3, 2))


@dataclass(frozen=True)
class Row:
    """People of one layer side by side."""

    layer: str
    contacts: list[str]


@dataclass(frozen=True)
class Node:
    """Where a person stands: the number of the row from the top, and from left to right, 0 to 1; ``room`` is
    the width up to the next one's circle.
    """

    row: int
    x: float
    room: float


@chart
def stakeholder_map_chart(health: Health, account: str | None = None, most: int = 3) -> Display:
    """The maps of the ``most`` key accounts where holes weigh most, one below the other; or that of one
    ``account``.
    """
    result = health.stakeholders
    if not result.figures:
        return NOTHING
    relations = result.relations
    if account is None:
        chosen = list(relations.index[relations["key"] & (relations["alarm_weight"] > 0)][:most])
    else:
        chosen = [account] if account in relations.index else []
    maps = [_map(result, name) for name in chosen]
    return Display("".join(m.html for m in maps), "\n".join(m.text for m in maps)) if maps else NOTHING


def _map(result: Stakeholders, account: str) -> Display:
    view = current()
    locale = view.locale
    everyone = result.people[result.people["account_id"] == account]
    people = everyone.sort_values("influence", ascending=False, kind="stable").head(MAX_PEOPLE)
    row = result.relations.loc[account]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        _draw(axes, people, view.name(account), locale, narrow)

    known = N_(
        "{account}: {contacts:n} {contacts:plural|person|people} known, {layers:n} of 4 layers, "
        "{supporters:n} for us, {opponents:n} against."
    )
    numbers = {name: row[name] for name in ("contacts", "layers", "supporters", "opponents")}
    sentences = [locale.say(known, account=view.name(account), **numbers)]
    if not missing(row["confirmed_share"]):
        confirmed = N_(
            "{share:pct} were confirmed within 180 days; a dashed edge marks what is only assumed."
        )
        sentences.append(locale.say(confirmed, share=row["confirmed_share"]))
    sentences.append(
        locale.text(
            N_(
                "Larger circles carry more influence; lines lead up to the superior; days are since "
                "the last visit."
            )
        )
    )
    if rest := len(everyone) - len(people):
        sentences.append(locale.say(N_("{rest:n} of less influence are not drawn."), rest=rest))
    caption = (" " if locale.language == "en" else "").join(sentences)
    rows = max(len(_rows(people, 3)), 4)
    return draw_chart(draw, caption, _alt(people, locale), height=(rows * ROW + EDGES) / NARROW[1])


def _alt(people: pd.DataFrame, locale: Locale) -> str:
    parts = []
    for person in people.itertuples():
        state = locale.text(N_("has left")) if person.gone else locale.text(SIDE_LABELS[person.side])
        words = {"layer": locale.text(LAYER_LABELS[person.layer or ""]), "who": person.label, "state": state}
        above = people["label"].get(person.reports_to) if person.reports_to else None
        if above:
            parts.append(locale.say(N_("{layer}: {who}, {state}, reports to {above}"), **words, above=above))
        else:
            parts.append(locale.say(N_("{layer}: {who}, {state}"), **words))
    return locale.text(N_("; ")).join(parts)


def _rows(people: pd.DataFrame, widest: int) -> list[Row]:
    """Rows from the top, at least one a layer. Whoever reports to somebody of the same layer stands in a row
    below.
    """
    out: list[Row] = []
    superior = people["reports_to"].to_dict()
    layer_of = people["layer"].fillna("").to_dict()
    for layer in [*LAYERS, *([""] if "" in layer_of.values() else [])]:
        depths: dict[int, list[str]] = {}
        for contact in (c for c in people.index if layer_of[c] == layer):
            depth, above = 0, superior[contact]
            while above and layer_of.get(above) == layer:
                depth, above = depth + 1, superior[above]
            depths.setdefault(depth, []).append(contact)
        if not depths:
            out.append(Row(layer, []))
        for _, same in sorted(depths.items()):
            out += [Row(layer, same[start : start + widest]) for start in range(0, len(same), widest)]
    return out


def _placed(rows: list[Row], superior: dict[str, Any], narrow: bool) -> dict[str, Node]:
    """Everyone's place: within a row in the order of the superiors above, so that lines cross little."""
    nodes: dict[str, Node] = {}
    half = 0.17 if narrow else 0.1  # half of what a label takes
    for number, row in enumerate(rows):
        order = sorted(row.contacts, key=lambda c: nodes[superior[c]].x if superior[c] in nodes else 0.5)
        for place, contact in enumerate(order):
            slot = 1 / len(order)
            x = max((place + 0.5) * slot - half, place * slot + 0.05)
            nodes[contact] = Node(number, x, min((place + 1) * slot - x - 0.01, 0.6))
    return nodes


def _draw(axes: Axes, people: pd.DataFrame, title: str, locale: Locale, narrow: bool) -> None:
    superior = {c: above if above in people.index else None for c, above in people["reports_to"].items()}
    rows = _rows(people, 3 if narrow else 5)
    nodes = _placed(rows, superior, narrow)
    width = (NARROW if narrow else WIDE)[0] - GUTTER - 0.15
    _draw_layers(axes, rows, locale, -GUTTER / width)
    _draw_lines(axes, superior, nodes)
    for contact, node in nodes.items():
        _draw_person(axes, people.loc[contact], node, locale, node.room * width * 72 - 16)
    axes.set_xlim(-GUTTER / width, 1)
    axes.set_ylim(-len(rows) + 0.45, 0.5)
    axes.axis("off")
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    _draw_legend(axes, people, locale, narrow)


def _draw_layers(axes: Axes, rows: list[Row], locale: Locale, left: float) -> None:
    """A pale stripe for each layer with its name, and a warning where nobody is known."""
    for layer in dict.fromkeys(row.layer for row in rows):
        numbers = [number for number, row in enumerate(rows) if row.layer == layer]
        axes.axhspan(-numbers[-1] - 0.48, -numbers[0] + 0.48, color=SURFACE, linewidth=0, zorder=0)
        label, middle = locale.text(LAYER_LABELS[layer]), -(numbers[0] + numbers[-1]) / 2
        small = 7.5 if len(label) < 12 else 7
        at, style = left * 0.95, dict[str, Any](rotation=0, ha="left")
        if locale.language == "en":
            at, style = left * 0.62, dict[str, Any](rotation=90, ha="center")
        axes.text(at, middle, label, color=QUIET, fontsize=small, va="center", **style)
        if not any(row.contacts for row in rows if row.layer == layer):
            nobody = locale.text(N_("nobody known"))
            axes.text(0.5, middle, nobody, color=BAD, fontsize=8.5, ha="center", va="center")


def _draw_lines(axes: Axes, superior: dict[str, Any], nodes: dict[str, Node]) -> None:
    """From each person up to the superior, in right angles between the rows; dashed where the superior is
    drawn below.

    Each superior has a height of its own in every gap between rows, a column of its own past rows in between,
    and a tone.
    """
    heights: dict[int, list[str]] = {}
    columns: dict[str, float] = {}
    tones: list[str] = []
    superiors = {above for above in superior.values() if above}
    # lines of several superiors run through one gap: only then tones are needed
    crowded = len({nodes[above].row for above in superiors}) < len(superiors)

    def height(above: str, row: int) -> float:
        """Where in the gap below a row the superior's lines run across."""
        used = heights.setdefault(row, [])
        if above not in used:
            used.append(above)
        return -row - 0.4 - 0.055 * (used.index(above) % 5)

    for contact, above in superior.items():
        if not above:
            continue
        if above not in tones:
            tones.append(above)
        one, up = nodes[contact], nodes[above]
        high, low = (up, one) if up.row < one.row else (one, up)
        across = height(above, high.row)
        xs, ys = [high.x, high.x, low.x, low.x], [-high.row, across, across, -low.row]
        if low.row - high.row > 1:
            between = [n for n in nodes.values() if high.row < n.row < low.row]
            taken = [x for other, x in columns.items() if other != above]
            wanted = [columns.get(above, low.x), low.x, high.x, *(i / 70 for i in range(-2, 70))]
            # through nobody
            free = [x for x in wanted if not any(n.x - 0.03 < x < n.x + n.room for n in between)]
            apart = [x for x in free if all(abs(x - t) > 0.012 for t in taken)]
            down = next(iter([*apart, *free]), low.x)
            if down != low.x:
                columns[above] = down
                near = height(above, low.row - 1)
                xs = [high.x, high.x, down, down, low.x, low.x]
                ys = [-high.row, across, across, near, near, -low.row]
        tone = SERIES[tones.index(above) % len(SERIES)] if crowded else SERIES[0]
        style: Any = "-" if high is up else DASHES
        axes.plot(xs, ys, color=tone, linewidth=1.1, linestyle=style, zorder=1, solid_joinstyle="round")


def _draw_person(axes: Axes, person: pd.Series, node: Node, locale: Locale, room: float) -> None:
    """A disc with its edge, and name, title and last visit beside it, in ``room`` points."""
    gone, side, at = bool(person["gone"]), person["side"], (node.x, -node.row)
    influence = USUAL_INFLUENCE if missing(person["influence"]) else person["influence"]
    size = 60 + 38 * influence
    ring = (size**0.5 + 4.5) ** 2  # room between the disc and its edge, or dashes look like teeth
    edge = GREY if gone else QUIET if side == "unknown" else SIDE_COLOURS[side]
    style: Any = (0, (2.2, 1.8)) if person["assumed"] and not gone else "-"
    axes.scatter(*at, s=ring, facecolor=WHITE, edgecolor=edge, linewidth=1.1, linestyle=[style], zorder=3)
    axes.scatter(*at, s=size, facecolor=FILL if gone else SIDE_COLOURS[side], edgecolor="none", zorder=4)
    sign, colour = (SIDE_SIGNS[side], QUIET if side == "unknown" else WHITE) if not gone else ("×", BAD)
    big = 12 if gone else 8.5
    axes.text(*at, sign, color=colour, fontsize=big, ha="center", va="center_baseline", zorder=5)
    offset = ring**0.5 / 2 + 3
    units = (room - offset) / 3.9  # of half an em at 8 points
    if gone:
        last = locale.text(N_("has left"))
    elif missing(person["days"]):
        last = locale.text(N_("no visit"))
    else:
        last = locale.say(N_("{days:n} d ago"), days=person["days"])
    lines = [
        (_cut(str(person["name"]), units), GREY if gone else INK, 8),
        (_cut(person["title"] or "", units), QUIET, 7.5),
        (last, BAD if gone else QUIET, 7.5),
    ]
    lines = [line for line in lines if line[0]]
    for number, (text, colour, fontsize) in enumerate(lines):
        axes.annotate(
            text,
            at,
            (offset, ((len(lines) - 1) / 2 - number) * 9.6),
            textcoords="offset points",
            fontsize=fontsize,
            color=colour,
            va="center",
            zorder=6,
            annotation_clip=False,
        )


def _cut(text: str, units: float) -> str:
    """As much of a text as fits into so many half-width places."""
    total = 0
    for number, letter in enumerate(text):
        total += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if total > units:
            return text[: max(number - 1, 1)] + "…"
    return text


def _draw_legend(axes: Axes, people: pd.DataFrame, locale: Locale, narrow: bool) -> None:
    from matplotlib.lines import Line2D

    def mark(marker: str, colour: str, edge: str, size: float) -> Line2D:
        style: Any = {"linestyle": "none", "color": colour, "markeredgecolor": edge, "markersize": size}
        return Line2D([], [], marker=marker, **style)

    present = set(people.loc[~people["gone"], "side"])
    marks = [
        (mark("o", colour, QUIET if side == "unknown" else colour, 7), locale.text(SIDE_LABELS[side]))
        for side, colour in SIDE_COLOURS.items()
        if side in present
    ]
    if people["gone"].any():
        marks.append((mark("x", BAD, BAD, 6), locale.text(N_("has left"))))
    axes.legend(
        *zip(*marks, strict=True),
        loc="upper left",
        bbox_to_anchor=(0, -0.01),
        ncols=3 if narrow else 5,
        frameon=False,
        fontsize=8,
        handletextpad=0.2,
        columnspacing=1.2,
        borderaxespad=0,
    )


@table
def stakeholders_table(health: Health) -> Display:
    """Key accounts, the gravest first: layers covered, supporters, single thread, last visit, what to do."""
    result, locale = health.stakeholders, current().locale
    if not result.figures:
        return NOTHING
    frame = result.relations[result.relations["key"]]
    labels = result.people["label"]
    steps = [_step_with_introducer(row, labels, locale) for _, row in frame.iterrows()]
    columns = [
        ACCOUNT,
        Column("layers", N_("Layers known, of 4"), "n", extra=True),
        Column("supporters", N_("Supporters"), "n"),
        Column("thread", N_("Single thread"), word(THREAD_LABELS), extra=True),
        Column("days", N_("Last visit, days ago"), "n", extra=True),
        Column("step", N_("What to do first"), css="long"),
    ]
    caption = N_(
        "Key accounts, the weight of their alarms times their revenue deciding the order. "
        "Supporters: stance 1 or 2, still there."
    )
    return html_table(with_names(frame.assign(step=steps)), columns, caption, most=15)


def next_step(row: pd.Series, labels: pd.Series, layers: Mapping[str, str], locale: Locale) -> str:
    """What to do first at an account. ``labels``: contact_id → person; ``layers``: layer → its word."""
    target = "" if missing(row["target"]) else str(labels.get(row["target"], row["target"]))
    layer = locale.text(layers[row["missing"][0]]) if len(row["missing"]) else ""
    return locale.say(NEXT_STEPS[row["next_step"]], target=target, layer=layer)


def _step_with_introducer(row: pd.Series, labels: pd.Series, locale: Locale) -> str:
    """What to do first and who opens the door: a supporter, or our own management where there is none."""
    step = next_step(row, labels, LAYER_WORDS, locale)
    if row["next_step"] not in INTRODUCED:
        return step
    if missing(row["introducer"]):
        alone = N_("{step}; no supporter to open the door, so an executive of ours asks")
        return locale.say(alone, step=step)
    return locale.say(N_("{step}, through {door}"), step=step, door=labels[row["introducer"]])


@sheet
def relations_sheet(health: Health) -> Sheet:
    """The accounts with contacts, the gravest first: who is known there, what is wrong, the first step."""
    locale, relations = current().locale, health.stakeholders.relations
    if relations.empty:
        return Sheet(N_("Relationships"), relations, [])
    labels = health.stakeholders.people["label"]

    def listed(words: Mapping[str, str]) -> Callable[[Iterable[str]], str]:
        return lambda keys: locale.text(N_("; ")).join(locale.text(words[key]) for key in keys)

    def person(contact: Any) -> str:
        return str(labels.get(contact, contact))

    steps = [next_step(row, labels, LAYER_LABELS, locale) for _, row in relations.iterrows()]
    columns = [
        *ACCOUNT_COLUMNS,
        Column("level", N_("Level")),
        REVENUE,
        Column("contacts", N_("Contacts known"), "n"),
        Column("layers", N_("Layers known, of 4"), "n"),
        Column("missing", N_("Layers without anyone"), listed(LAYER_LABELS)),
        Column("supporters", N_("Supporters"), "n"),
        Column("opponents", N_("Opponents"), "n"),
        Column("stance", N_("Stance, -2 to 2"), "n1"),
        Column("thread", N_("Single thread"), THREAD_LABELS),
        Column("thread_contact", N_("With whom"), person),
        Column("departed", N_("Left, nobody in the place"), person),
        Column("days", N_("Last visit, days ago"), "n"),
        Column("confirmed_share", N_("Contacts confirmed"), "pct"),
        Column("alarms", N_("Alarms"), listed(ALARMS)),
        Column("first_step", N_("What to do first")),
        Column("introducer", N_("Through"), person),
    ]
    return Sheet(N_("Relationships"), relations.assign(first_step=steps), columns)


@sheet
def people_sheet(health: Health) -> Sheet:
    """Everybody known, in the order of the accounts in ``relations_sheet``, the most influential first."""
    locale, people, relations = current().locale, health.stakeholders.people, health.stakeholders.relations
    if people.empty:
        return Sheet(N_("Contacts"), people, [])
    labels = people["label"]

    def choice(column: str) -> dict[str, str]:
        """The words of the contacts' table; a word that is none of them stands as the client wrote it."""
        choices = codebook()["contacts"].columns[column].choices
        return {key: str(words[locale.language]) for key, words in choices.items()}

    rows = people.assign(place=relations.index.get_indexer(people["account_id"]))
    rows = rows.sort_values(["place", "influence"], ascending=[True, False])
    columns = [
        *ACCOUNT_COLUMNS,
        Column("name", N_("Name")),
        Column("title", N_("Title")),
        Column("layer", N_("Layer"), choice("layer")),
        Column("role", N_("Buying role"), choice("role")),
        Column("side", N_("Side"), SIDE_LABELS),
        Column("stance", N_("Stance, -2 to 2"), "n"),
        Column("influence", N_("Influence, 1 to 5"), "n"),
        Column("need", N_("Personal need"), choice("need")),
        Column("style", N_("Thinking style"), choice("style")),
        Column("reports_to", N_("Reports to"), lambda contact: str(labels.get(contact, contact))),
        Column("gone", N_("Still there"), lambda gone: locale.text(N_("no") if gone else N_("yes"))),
        Column("confirmed", N_("Last confirmed"), "date"),
        Column("last", N_("Last visit"), "date"),
    ]
    return Sheet(N_("Contacts"), rows, columns)


# on whom an account hangs
THREAD_COUNTS = {
    "visits": N_("at {count:n} all visits of the last {days:n} days went to the same person"),
    "supporter": N_("at {count:n} only one person supports us"),
}


def _threads(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"threads": counts(THREAD_COUNTS, finding.figures, locale)}


# what this topic can find, in words
REL_MEET_SUCCESSOR = {
    "rel_meet_successor": N_(
        "Account owner: by the date in the plan have a supporter who reported to the one that left "
        "introduce the successor; an executive of ours visits the level above."
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
                "Account owner: visit a second person in another layer, introduced by the one we know."
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
    ),
    FindingSpec(
        "rel_unjudged",
        "stakeholders",
        N_(
            "Whether the decision layer supports us at the {count:n} key "
            "{count:plural|account|accounts} with contacts on file cannot be told: layer or stance "
            "is missing from the contacts."
        ),
        actions={
            "rel_ask_for_stance": N_(
                "Account owners: enter level and stance of each contact, key accounts first."
            )
        },
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
            "rel_mend_lines": N_("Account owners: state who reports to whom, and correct the contacts.")
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
                "Account owners: list the contacts of the ten largest accounts first, with title, "
                "level, role, stance, and whom each reports to."
            )
        },
    ),
)
