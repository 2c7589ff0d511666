"""What a notebook cell shows: HTML that is already escaped, with the same in plain text for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from kamplay.method.results import StepResult, by_stake
from kamplay.show.findings import action, headline
from kamplay.show.locale import N_
from kamplay.show.registry import of_topic
from kamplay.show.view import current


@dataclass(frozen=True)
class Display:
    """``html``: client texts in it are escaped; empty shows nothing."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        # an empty cell still has an output, so that the page can tell it from one that did not run
        return {"text/html": self.html, "text/plain": self.text} if self.html else {"text/plain": ""}


NOTHING = Display("", "")
MOST = 5  # decisions a meeting can take; the others stand with their findings
# topics of a step's first screen; what they ask is not asked again at the end
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
    locale, names, kinds = current().locale, current().names, of_topic(topic)
    html, text = [], []
    for finding in (f for f in result.findings if f.kind in kinds):
        sentence, todo = headline(finding, locale, names), action(finding, locale, names)
        severity = finding.severity
        block = f'<div class="finding {severity}"><p class="headline">{escape(sentence)}</p>'
        if todo:
            block += f'<p class="action">{escape(todo)}</p>'
        html.append(block + "</div>")
        text.append(f"{MARKS[severity]} {sentence}" + (f"\n  → {todo}" if todo else ""))
    return Display("".join(html), "\n".join(text)) if html else NOTHING


def decisions(result: StepResult) -> Display:
    """The step's open decisions as a checklist, the most severe first: what to do, and for which accounts
    where the action does not name them.

    Where findings have a stake, they are ordered by it, one for each account. Actions on the step's first
    screen are left out.
    """
    locale, names = current().locale, current().names
    order = {"act": 0, "watch": 1, "note": 2}
    on_first_screen = {kind for topic in FIRST_SCREEN[result.step] for kind in of_topic(topic)}
    todo = [f for f in sorted(result.findings, key=lambda f: order[f.severity]) if f.action]
    left = [f for f in todo if f.kind not in on_first_screen]
    # optional actions only where there are no others
    left = [f for f in left if f.severity != "note"] or ([] if todo != left else left)
    left = by_stake(left) if any("stake" in f.figures for f in left) else left
    accounts_of: dict[str, str] = {}
    for f in left:
        do, who = action(f, locale, names) or "", [names.get(a, a) for a in f.accounts]
        count = max(len(who), int(f.figures.get("count") or 0))
        accounts_of.setdefault(do, "" if not who or who[0] in do else locale.words(who, total=count))
    items = list(accounts_of.items())[:MOST]
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
