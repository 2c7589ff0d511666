"""The relationship map of one account: people in rows by layer, coloured by stance, with the lines along which they report."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.relationship import LAYERS
from kamplay.show.charts.figure import BAD, GOOD, INK, NARROW, QUIET, WARN, WIDE, chart
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAYER_WORDS = {
    "image": N_("Image"), "decision": N_("Decision"), "implementation": N_("Implementation"), "use": N_("Use"), "": N_("Layer not given"),
}  # fmt: skip
SIDE_WORDS = {"supporter": N_("supports us"), "neutral": N_("neutral"), "opponent": N_("against us"), "unknown": N_("stance not known")}
COLOURS = {"supporter": GOOD, "neutral": WARN, "opponent": BAD, "unknown": "#FFFFFF"}
SIGNS = {"supporter": "+", "neutral": "0", "opponent": "–", "unknown": "?"}
MOST = 18  # people one picture holds; the most influential are drawn
ROW, EDGES, GUTTER = 0.78, 0.95, 0.42  # inches: a row, title and legend together, the layers' names on the left
LEFT_GREY = "#AEB9C2"
TONES = ("#A3AFB9", "#6E93AE", "#B39B7D", "#8C86B0")  # of the lines, one superior after the other


@dataclass(frozen=True)
class Node:
    contact: str
    row: int
    x: float  # 0 to 1 across the rows
    room: float  # of the width, up to the next one's circle


def relationship(health: Any, account: str | None = None, most: int = 3) -> Display:
    """The maps of the ``most`` key accounts where holes weigh most, one below the other; or that of one ``account``."""
    result = health.relationship
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
    everyone = result.people[result.people["account_id"] == account].sort_values("influence", ascending=False, kind="stable")
    people, row = everyone.head(MOST), result.relations.loc[account]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        _draw(axes, people, view, account, narrow)

    rows = max(_rows(people, 3)[-1][0] + 1, 4)
    known = N_(
        "{account}: {contacts:n} {contacts:plural|person|people} known, {layers:n} of 4 layers, "
        "{supporters:n} for us, {opponents:n} against."
    )
    said = [locale.say(known, account=view.name(account), **{k: row[k] for k in ("contacts", "layers", "supporters", "opponents")})]
    if row["confirmed_share"] == row["confirmed_share"]:
        said.append(
            locale.say(
                N_("{share:pct} were confirmed within 180 days; a dashed edge marks what is only assumed."), share=row["confirmed_share"]
            )
        )
    said.append(locale.text(N_("Larger circles carry more influence; lines lead up to the superior; days are since the last visit.")))
    if len(everyone) > MOST:
        said.append(locale.say(N_("{rest:n} of less influence are not drawn."), rest=len(everyone) - MOST))
    caption = (" " if locale.language == "en" else "").join(said)
    return chart(draw, caption, _alt(people, locale), height=(rows * ROW + EDGES) / NARROW[1])


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
    """Rows from the top: number, layer, contact ids. Whoever reports to somebody of the same layer stands in a row below."""
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
            left * 0.62 if locale.language == "en" else left * 0.95, middle, word, color=QUIET, fontsize=7.5 if len(word) < 12 else 7,
            rotation=90 if locale.language == "en" else 0, va="center", ha="center" if locale.language == "en" else "left",
        )  # fmt: skip
        if not any(row for _, name, row in rows if name == layer):
            axes.text(0.5, middle, locale.text(N_("nobody known")), color=BAD, fontsize=8.5, ha="center", va="center")


def _lines(axes: Axes, above: dict[str, Any], nodes: dict[str, Node]) -> None:
    """From each person up to the superior, in right angles between the rows; dashed where the superior is drawn below.

    Each superior has a height of its own in every gap between rows, a column of its own past rows in between, and a tone.
    """
    heights: dict[int, list[str]] = {}
    columns: dict[str, float] = {}
    tones: list[str] = []
    places = [(nodes[u].row, u) for u in set(above.values()) if u]
    crowded = len({row for row, _ in places}) < len(places)  # lines of several superiors run through one gap: only then tones are needed
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
            past = [x for x in wanted if not any(n.x - 0.03 < x < n.x + n.room for n in between)]  # through nobody
            down = next((x for x in past if all(abs(x - t) > 0.012 for t in taken)), past[0] if past else low.x)
            if down != low.x:
                columns[mine] = down
                near = _height(heights.setdefault(low.row - 1, []), mine, low.row - 1)
                xs, ys = [high.x, high.x, down, down, low.x, low.x], [-high.row, lane, lane, near, near, -low.row]
        tone = TONES[tones.index(mine) % len(TONES)] if crowded else TONES[0]
        axes.plot(xs, ys, color=tone, linewidth=1.1, linestyle="-" if high is up else (0, (3, 2)), zorder=1, solid_joinstyle="round")


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
    axes.scatter([node.x], [y], s=ring, facecolor="#FFFFFF", edgecolor=edge, linewidth=1.1, linestyle=[style], zorder=3)
    axes.scatter([node.x], [y], s=size, facecolor=fill, edgecolor="none", zorder=4)
    mark, colour = ("×", BAD) if gone else (SIGNS[person["side"]], QUIET if person["side"] == "unknown" else "#FFFFFF")
    axes.text(node.x, y, mark, color=colour, fontsize=12 if gone else 8.5, ha="center", va="center_baseline", zorder=5)
    offset = ring**0.5 / 2 + 3
    units = (room - offset) / 3.9  # of half an em at 8 points
    visit = locale.say(N_("{days:n} d ago"), days=person["days"]) if person["days"] == person["days"] else locale.text(N_("no visit"))
    last = locale.text(N_("has left")) if gone else visit
    lines = [(_cut(str(person["name"]), units), INK), (_cut(person["title"] or "", units), QUIET), (last, BAD if gone else QUIET)]
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
        return Line2D([], [], marker="o", linestyle="none", color=colour, markeredgecolor=edge, markersize=7, **more)

    marks = [
        (dot(COLOURS[side], QUIET if side == "unknown" else COLOURS[side]), locale.text(word))
        for side, word in SIDE_WORDS.items()
        if (people.loc[~people["gone"], "side"] == side).any()
    ]
    if people["gone"].any():
        marks.append((Line2D([], [], marker="x", linestyle="none", color=BAD, markersize=6), locale.text(N_("has left"))))
    axes.legend(
        [m for m, _ in marks], [w for _, w in marks], loc="upper left", bbox_to_anchor=(0, -0.01), ncols=3 if narrow else 5, frameon=False,
        fontsize=8, handletextpad=0.2, columnspacing=1.2, borderaxespad=0,
    )  # fmt: skip
