"""Many clients on one page: what holds across them, in sentences, and the words of its table."""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.portfolio import Across
from kamplay.show.locale import N_, Locale

NAMED = 3  # clients that a sentence names

SENTENCES = {
    "refused": N_("The data of {count:n} of {known:n} clients cannot be used: {names}."),
    "failed": N_("The run of {count:n} of {known:n} clients failed: {names}."),
    "depends_on_one": N_(
        "{count:n} of {known:n} clients {count:plural|depends|depend} on one customer for over {at:pct} of "
        "revenue: {names}."
    ),
    "few_make_most": N_(
        "At {count:n} of {known:n} clients {few:n} accounts or fewer make 80% of revenue: {names}."
    ),
    "loses_a_fifth": N_(
        "{count:n} of {known:n} clients lost more than {at:pct} of the revenue of the year before at the "
        "accounts they had: {names}."
    ),
    "shrinks": N_(
        "{count:n} of {known:n} clients sell less than the year before to the accounts they had: {names}."
    ),
    "fell_since": N_(
        "The revenue of {count:n} of {known:n} clients fell by more than {at:pct} since the last report: "
        "{names}."
    ),
    "paid_late": N_(
        "At {count:n} of {known:n} clients what is overdue is more than {days:n} days late: {names}."
    ),
    "wins_little": N_("{count:n} of {known:n} clients win fewer than {at:pct} of their deals: {names}."),
    "behind": N_(
        "The data of {count:n} of {known:n} clients end more than {days:n} days before {newest:date}: "
        "{names}."
    ),
    "proven": N_(
        "For {count:n} of {known:n} clients the chance that an account stops is proven on the past."
    ),
}
STATUS = {"done": N_("done"), "failed": N_("failed"), "refused": N_("data refused")}
DOTS = {"done": "green", "failed": "red", "refused": "yellow"}
VERDICTS = {
    "validated": N_("proven"),
    "not_better": N_("not better than simple"),
    "too_few": N_("too few cases"),
}


def sentence(found: Across, names: Mapping[str, str], locale: Locale) -> str:
    """A finding across clients. ``names``: folder's name → the client's."""
    named = locale.accounts([names[one] for one in found.clients], most=NAMED)
    about = {**found.figures, "count": found.count, "known": found.known, "names": named}
    return locale.say(SENTENCES[found.kind], **about)
