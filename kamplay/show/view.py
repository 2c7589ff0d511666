"""For whom a page is made: its language, its currency, the accounts' names, whether single accounts are
listed. Set once when a run is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from kamplay.book import Book
from kamplay.engagement import Settings
from kamplay.palette import ACCENT
from kamplay.show.labels import labels_of
from kamplay.show.locale import Locale


@dataclass(frozen=True)
class View:
    """``names``: account id → name to show; ``accent``: the brand's colour (#RRGGBB); ``as_of``: the
    reporting date; ``one_by_one``: whether single accounts are worth a list, as consumers are not;
    ``recorded``: account id → the name as recorded; ``alike``: account id → the others that differ from it in
    spaces, width or case alone; ``in_report``: the charts that the report shows, None where that is not
    known; ``on_paper``: whether what is being drawn is to be read on a phone and on paper, too.
    """

    locale: Locale
    names: Mapping[str, str] = field(default_factory=dict)
    accent: str = ACCENT
    as_of: date | None = None
    one_by_one: bool = True
    recorded: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[str, set[str]] = field(default_factory=dict)
    in_report: frozenset[str] | None = None
    on_paper: bool = True

    def name(self, account: str) -> str:
        return self.names.get(account, account)


_view = View(Locale("zh", "CNY"))


def current() -> View:
    """The view in use."""
    return _view


def use(view: View) -> View:
    """Set the view for what follows, as a notebook does once when it opens its run."""
    global _view
    _view = view
    return view


@contextmanager
def using(view: View) -> Iterator[View]:
    """The view for a block; the one before comes back after it."""
    before = current()
    use(view)
    try:
        yield view
    finally:
        use(before)


def view_of(settings: Settings, language: str, book: Book, one_by_one: bool = True) -> View:
    """The view that an engagement's settings ask for, in one language, with the accounts' names in it."""
    names, recorded = book.names_in(language), book.recorded_names
    labels = labels_of(settings.labels.values(), language, {*names.values(), *recorded.values()})
    locale, accent = Locale(language, settings.currency, labels), settings.brand.accent or View.accent
    return View(locale, names, accent, settings.as_of, one_by_one, recorded, _alike(book))


def _alike(book: Book) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for fault in book.faults:
        if fault.code == "accounts_written_alike":
            odd, other = str(fault.value), str(fault.args["other"])
            out.setdefault(odd, set()).add(other)
            out.setdefault(other, set()).add(odd)
    return out
