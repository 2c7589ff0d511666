"""What a notebook cell shows: HTML that is already escaped, with the same in plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from kamplay.errors import Fault, KamplayError, nearest
from kamplay.method.results import Finding, StepResult
from kamplay.method.stakes import ranked
from kamplay.show.locale import N_
from kamplay.show.sentences import TOPICS, action, headline
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
MOST = 10  # decisions a meeting can take; the others stand with their findings
MARKS = {"act": "!", "watch": "?", "note": "·"}


def findings(result: StepResult, topic: str) -> Display:
    """What the step found out about a topic: each finding as a headline, with the action it calls for."""
    if topic not in TOPICS:
        raise KamplayError(Fault("topic_unknown", value=topic, args={"near": nearest(topic, TOPICS) or ""}))
    found = [f for f in result.findings if f.kind in TOPICS[topic]]
    return listing(found)


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
    """The step's open decisions as a list to tick off: what to do, and the finding that calls for it; the gravest first.

    Where findings say what money is at stake, they stand in its order, one for each account.
    """
    locale, names = current().locale, current().names
    order = {"act": 0, "watch": 1, "note": 2}
    todo = [f for f in sorted(result.findings, key=lambda f: order[f.severity]) if f.action]
    todo = [f for f in todo if f.severity != "note"] or todo  # what only might be done is said where it stands
    todo = (ranked(todo) if any("stake" in f.figures for f in todo) else todo)[:MOST]
    said = [(action(f, locale, names) or "", headline(f, locale, names)) for f in todo]
    if not said:
        sentence = locale.text(N_("Nothing is left to decide here."))
        return Display(f"<p>{escape(sentence)}</p>", sentence)
    items = "".join(f'<li>{escape(do)}<span class="why">{escape(why)}</span></li>' for do, why in said)
    return Display(f'<ul class="decisions">{items}</ul>', "\n".join(f"[ ] {do} ({why})" for do, why in said))
