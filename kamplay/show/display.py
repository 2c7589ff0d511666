"""What a notebook cell shows: HTML that is already escaped, with the same in plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from kamplay.method.results import Finding, StepResult, by_stake
from kamplay.show.findings import action, headline
from kamplay.show.locale import N_
from kamplay.show.registry import of_topic
from kamplay.show.view import current


@dataclass(frozen=True)
class Display:
    """``html`` holds no unescaped word of the client's; an empty one shows nothing."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return (
            {"text/html": self.html, "text/plain": self.text} if self.html else {"text/plain": ""}
        )  # an output, so that it is known to be empty


NOTHING = Display("", "")
MOST = 5  # decisions a meeting can take; the others stand with their findings
# what a step asks on its first screen is not asked again at its end
FIRST_SCREEN = {
    "check": ("coverage",),
    "tiers": ("tiering_test", "key_accounts"),
    "value": ("concentration",),
    "health": ("watch",),
    "plan": ("urgent",),
}
MARKS = {"act": "!", "watch": "?", "note": "·"}


def findings(result: StepResult, topic: str) -> Display:
    """What the step found out about a topic: each finding as a headline, with the action it calls for."""
    kinds = of_topic(topic)
    return listing(f for f in result.findings if f.kind in kinds)


def listing(found: Iterable[Finding], numbered: bool = False) -> Display:
    """Findings as blocks: headline, then action."""
    locale, names = current().locale, current().names
    html, text = [], []
    for finding in found:
        said, todo = headline(finding, locale, names), action(finding, locale, names)
        severity = finding.severity
        block = f'<div class="finding {severity}"><p class="headline">{escape(said)}</p>'
        if todo:
            block += f'<p class="action">{escape(todo)}</p>'
        html.append(block + "</div>")
        text.append(f"{MARKS[severity]} {said}" + (f"\n  → {todo}" if todo else ""))
    return Display("".join(html), "\n".join(text)) if html else NOTHING


def decisions(result: StepResult) -> Display:
    """The step's open decisions as a list to tick off: what to do, and for which accounts where that does not
    name them; gravest first.

    Where findings say what money is at stake, they stand in its order, one for each account. What the first
    screen of the step asks already is left out.
    """
    locale, names = current().locale, current().names
    order = {"act": 0, "watch": 1, "note": 2}
    told = {kind for topic in FIRST_SCREEN[result.step] for kind in of_topic(topic)}
    todo = [f for f in sorted(result.findings, key=lambda f: order[f.severity]) if f.action]
    left = [f for f in todo if f.kind not in told]
    left = [f for f in left if f.severity != "note"] or (
        [] if todo != left else left
    )  # what only might be done is said where it stands
    left = by_stake(left) if any("stake" in f.figures for f in left) else left
    said: dict[str, str] = {}
    for f in left:
        do, who = action(f, locale, names) or "", [names.get(a, a) for a in f.accounts]
        said.setdefault(
            do,
            ""
            if not who or who[0] in do
            else locale.words(who, total=max(len(who), int(f.figures.get("count") or 0))),
        )
    items = list(said.items())[:MOST]
    if not items:
        sentence = locale.text(
            N_("Nothing further is left to decide here.") if todo else N_("Nothing is left to decide here.")
        )
        return Display(f"<p>{escape(sentence)}</p>", sentence)
    why = {do: f'<span class="why">{escape(who)}</span>' if who else "" for do, who in items}
    html = "".join(f"<li>{escape(do)}{why[do]}</li>" for do, _ in items)
    return Display(
        f'<ul class="decisions">{html}</ul>',
        "\n".join(f"[ ] {do}" + (f" ({who})" if who else "") for do, who in items),
    )
