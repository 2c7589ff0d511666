"""What a step gives: figures, findings and tables, without a word of any language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import pandas as pd

from kamplay.method.noise_gate import FALSE_SHARE, SPENT, WITHOUT_REFERENCE, Look, Reference, threshold

Severity = Literal["act", "watch", "note"]
ACCOUNTS_NAMED = 20  # accounts that a finding names; all of them are in accounts.csv


@dataclass(frozen=True)
class Finding:
    """One thing a step found out; its sentence and its action are written by ``kamplay.show``.

    Attributes
    ----------
    step : the step that found it.
    kind : the code of the finding, one ``FindingSpec`` each.
    severity : ``act``, ``watch`` or ``note``.
    figures : plain numbers, texts and ISO dates; shares 0 to 1, amounts in the engagement's currency.
        ``stake`` is what could be lost or is missing within a year, ``gain`` what could be won.
    accounts : account ids, the most important first, ``ACCOUNTS_NAMED`` at most.
    about : how many accounts it is about, of which ``accounts`` are the first; 0 where that is not known.
    others : the accounts behind ``accounts``, where its action asks about all of them; not in findings.json.
    action : code of what to do; None where nothing is to be done.
    reference : how it compares with a client to whom nothing happens: ``outside`` (more than chance),
        ``within`` (no more than chance, so a note), ``none`` (it claims a change and cannot be compared),
        ``fact`` (it claims none). Where a range is known, ``chance_low`` and ``chance_high`` of the figures
        are what chance gives.
    """

    step: str
    kind: str
    severity: Severity
    figures: dict[str, Any] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    action: str | None = None
    reference: Reference = "fact"
    about: int = 0
    others: tuple[str, ...] = ()


class Findings(list[Finding]):
    """The findings of a step in the order in which they are made."""

    def __init__(self, step: str):
        super().__init__()
        self.step = step
        self._looks: list[Look] = []
        # place of a finding: its look, and whether it is left out within chance
        self._looked_at: dict[int, tuple[Look, bool]] = {}

    def add(
        self,
        kind: str,
        severity: Severity,
        action: str | None = None,
        accounts: Iterable[str] = (),
        /,
        *,
        stake: Any = None,
        gain: Any = None,
        look: Any = None,
        only_outside: Any = False,
        **figures: Any,
    ) -> None:
        """Add a finding; of ``accounts`` the first ``ACCOUNTS_NAMED`` are named, and ``count`` tells how many
        there are where the figures do not.

        Parameters
        ----------
        stake, gain : float or None. Money that could be lost (or is missing) and that could be won within a
        year; the last
            of the figures, left out where unknown. Decisions are put in their order, see ``by_stake``.
        look : Look or None. How the finding compares with what chance gives; ``settled`` makes a note of it
            within chance, or leaves it out where ``only_outside`` (bool).
        figures : the figures of the finding's sentence; numpy's types become Python's.
        """
        if look is not None:
            self.looked(look)
            self._looked_at[len(self)] = look, bool(only_outside)
        plain = {name: figure(value) for name, value in figures.items()}
        money = {"stake": figure(stake), "gain": figure(gain)}
        plain |= {name: float(value) for name, value in money.items() if value is not None}
        every = tuple(dict.fromkeys(accounts))
        if len(every) > ACCOUNTS_NAMED:  # so that a sentence says how many more there are
            plain.setdefault("count", len(every))
        reference: Reference = "none" if kind in WITHOUT_REFERENCE else "fact"
        named, about = every[:ACCOUNTS_NAMED], len(every)
        others = every[ACCOUNTS_NAMED:] if action and "asked" not in plain else ()
        self.append(Finding(self.step, kind, severity, plain, named, action, reference, about, others))

    def looked(self, look: Look) -> None:
        """Count a look that could have told a change, also where it led to no finding."""
        if not any(look is known for known in self._looks):
            self._looks.append(look)

    def settled(self) -> tuple[Finding, ...]:
        """The findings with all looks of the step judged together, see ``kamplay.method.noise_gate``."""
        most = threshold([look.p_value for look in self._looks], FALSE_SHARE * SPENT[self.step])
        out = []
        for place, finding in enumerate(self):
            look, only_outside = self._looked_at.get(place, (None, False))
            if look is None:
                out.append(finding)
            elif look.p_value <= most or not only_outside:
                out.append(_compared(finding, look, most))
        return tuple(out)


def _compared(finding: Finding, look: Look, most: float) -> Finding:
    """The finding beside what chance gives; within chance a note of the level, for which nothing is to be
    done."""
    figures = finding.figures
    if chance := look.range(most):
        figures = figures | {"chance_low": figure(chance[0]), "chance_high": figure(chance[1])}
    if look.p_value <= most:
        return replace(finding, figures=figures, reference="outside")
    figures = {name: value for name, value in figures.items() if name not in ("stake", "gain")}
    return replace(finding, figures=figures, severity="note", action=None, reference="within")


@dataclass(frozen=True)
class StepResult:
    """The common part of the five results: ``accounts`` (index account_id) holds the step's columns of
    accounts.csv.
    """

    step: ClassVar[str]
    key_figures: dict[str, Any]
    findings: tuple[Finding, ...]
    accounts: pd.DataFrame

    def finding(self, kind: str) -> Finding | None:
        """The finding of that kind, or None when the step had no reason for it."""
        return next((f for f in self.findings if f.kind == kind), None)


def figure(value: Any) -> Any:
    """A number for JSON: numpy's types become Python's, and what is not finite becomes None."""
    if value is None or value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def by_stake(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by the money at stake, the most first; then by what could be won; then the rest.

    Of the findings about one account (or two) only the first stays for each account.
    """

    def order(finding: Finding) -> tuple[int, float]:
        figures = finding.figures
        if "stake" in figures:
            return 0, -figures["stake"]
        return (1, -figures["gain"]) if "gain" in figures else (2, 0.0)

    named: set[str] = set()
    out = []
    for finding in sorted(findings, key=order):
        about = set(finding.accounts[:1] if finding.action == "protect_first" else finding.accounts)
        if len(about) <= 2:
            if about & named:
                continue
            named |= about
        out.append(finding)
    return out
