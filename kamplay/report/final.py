"""What keeps a report from being final: what was not answered about the data, guesses that nobody has
confirmed, and figures nobody explains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kamplay import run_folder
from kamplay.engagement import SETTINGS_FILE, Settings
from kamplay.errors import Fault
from kamplay.method.results import StepResult
from kamplay.run_folder import Run
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import of_topic

DIFFERENCES = ("not_reconciled", "periods_not_reconciled")  # findings of a ledger that says otherwise
# a key figure that is not known: the topics whose findings say why, and the table without which none is due
EXPLAINED: dict[str, tuple[tuple[str, ...], str | None]] = {
    "nrr": (("revenue_bridge",), None),
    "grr": (("revenue_bridge",), None),
    "funnel_weighted": (("funnel", "win_rates", "stalled"), "opportunities"),
    "funnel_forecast": (("funnel", "win_rates", "stalled"), "opportunities"),
    "consensus_w": (("consensus",), "ballots"),
    "visits_per_month": (("capacity", "visits", "urgent"), None),
    "capacity": (("capacity", "visits", "urgent"), None),
    "over_capacity": (("capacity", "visits", "urgent"), None),
}


def left_open(run: Run, results: Mapping[str, StepResult]) -> list[Fault]:
    """Everything that a final report must not carry, each as a fault, the last of them how to go on; none
    where nothing is left.

    These are: a warning on the data whose code ``accepted_warnings`` does not answer; a ledger that differs
    and nothing that explains it; a setting that was guessed; a key figure that is not known and no finding
    that says why.
    """
    answered = run.settings.accepted_warnings
    found = [replace(fault, level="error") for fault in run.book.faults if fault.code not in answered]
    codes = list(dict.fromkeys(fault.code for fault in found))
    check = results["check"]
    for kind in DIFFERENCES:
        differs = check.finding(kind)
        if differs and not check.finding("difference_explained") and kind not in answered:
            found.append(Fault("final_difference", args=dict(differs.figures)))
            codes.append(kind)
    for name, value in run_folder.guessed(run.folder).items():
        found.append(Fault("final_guess", file=SETTINGS_FILE, column=name, value=value))
        codes.append(name)
    unknown = [
        name
        for step, result in results.items()
        for name, figure in result.key_figures.items()
        if figure is None and not _explained(step, name, run, results)
    ]
    found += [Fault("final_figure_unknown", value=name) for name in unknown]
    return [*found, Fault("final_refused", args={"codes": codes})] if found else []


def draft_mark(settings: Settings, locale: Locale) -> str:
    """What a report carries until it is final, "" from then on."""
    return "" if settings.final else locale.text(N_("Draft"))


def _explained(step: str, name: str, run: Run, results: Mapping[str, StepResult]) -> bool:
    """Whether the report says why a figure is not known."""
    if step == "health":  # the verdict on the model says which of its figures there can be
        return results[step].key_figures["verdict"] is not None
    topics, table = EXPLAINED.get(name, ((), None))
    kinds = {kind for topic in topics for kind in of_topic(topic)}
    return any(f.kind in kinds for f in results[step].findings) or bool(table and not run.book.has(table))
