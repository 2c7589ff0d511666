"""Read an engagement: find, read, map, clean, check and roll up. One call gives a Book, or every reason why
not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pandas as pd

from kamplay.book import Book, Reading, unread
from kamplay.codebook import TableSpec, codebook
from kamplay.engagement import Engagement, Settings, Source
from kamplay.errors import Fault, KamplayError
from kamplay.intake import verdicts
from kamplay.intake.checks import shared_documents, validation
from kamplay.intake.checks.validation import across, repeated
from kamplay.intake.columns.account_columns import BESIDE, columns_beside, counted
from kamplay.intake.columns.account_names import headers_of_names, names_beside
from kamplay.intake.columns.columns_read import SAMPLES, columns_read, passed_over
from kamplay.intake.columns.mapping import Mapped, map_headers
from kamplay.intake.columns.proposals import against_lists, values_alike
from kamplay.intake.columns.taken_up import take_up
from kamplay.intake.databases import database, large_files
from kamplay.intake.discovery import Input, find, named_exactly, without_transactions
from kamplay.intake.files import archives
from kamplay.intake.files.readers import Raw, cell_faults, read, without_value
from kamplay.intake.layout import currency_headings, page_layout, unpivot
from kamplay.intake.lines import currency, double_invoices, units
from kamplay.intake.lines.line_meaning import understood
from kamplay.intake.rollup import roll_up
from kamplay.intake.same_account import OneAccount
from kamplay.intake.table_fit import holds_no_such_table, not_used, shares_accounts
from kamplay.intake.values.cells import at, kept, of_one_type
from kamplay.intake.values.dates import DateRules
from kamplay.intake.values.parsing import blank_rows, clean, in_one_order, remarks
from kamplay.settings_file import with_lines

# Required cells whose absence is counted and reported, where refusing the file would refuse what every such
# export looks like
BLANK_ALLOWED = {"transactions": {"account_id"}, "opportunities": {"amount"}, "actions": {"status"}}


@dataclass(frozen=True)
class Aside:
    """An input with a name like a table whose headers hold none of the columns needed."""

    entry: Input
    faults: list[Fault]  # that it has as such a table
    warning: Fault  # that says it is not used
    cells: pd.DataFrame | None = None  # where it may be sales all the same


@dataclass
class Intake:
    """What reading found, usable or not.

    Attributes
    ----------
    tables : dict of str to DataFrame
        Checked tables by neutral name.
    readings : list of Reading
        How each input was read, row by row accounted for.
    refused : list of Reading
        The same for inputs whose headers do not suffice.
    set_aside : list of Aside
        Inputs that are not, or perhaps not, what their names say.
    raws : list of Raw
        The cells as they stood, to mark the faulty ones in a copy.
    faults : list of Fault
        Folded, errors first.
    rolled : Rolled, optional
        The transactions, where they live in a database and only their sums were fetched.
    names : dict of str to str
        account_id → its name on the lines, where a column of theirs names it beside its code.
    on_lines : DataFrame, optional
        What else the lines say of their accounts, one row an account.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    refused: list[Reading] = field(default_factory=list)
    set_aside: list[Aside] = field(default_factory=list)
    raws: list[Raw] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rolled: database.Rolled | None = None
    names: dict[str, str] = field(default_factory=dict)
    on_lines: pd.DataFrame | None = None

    @property
    def usable(self) -> bool:
        return not any(f.level == "error" for f in self.faults)


# how texts are held while millions of cells are looked through
_texts_of_arrow = pd.option_context("mode.string_storage", "pyarrow")


@_texts_of_arrow
def survey(engagement: Engagement) -> Intake:
    """Read and check all that an engagement holds.

    Parameters
    ----------
    engagement : Engagement
        The folder with its settings.

    Returns
    -------
    Intake
        Whatever could be read, with every fault; a fault in the data never raises.
    """
    intake = Intake()
    inputs, faults = find(engagement)
    parts: dict[str, list[pd.DataFrame]] = {}
    about: list[dict[str, Any]] = []
    large = [entry for entry in inputs if large_files.is_large(entry)]
    one_account = OneAccount(engagement.settings.same_account)
    for entry in (one for one in inputs if one not in large):
        if entry.source.url and entry.table == "transactions":
            intake.rolled, found = database.roll_up_source(engagement, entry.source, entry.accounts)
            intake.readings += [intake.rolled.reading] if intake.rolled else []
            faults += found
            continue
        frame, found, description = _one_input(entry, engagement.settings, len(about), intake)
        faults += found
        about.append(description)
        if frame is not None:
            parts.setdefault(entry.table, []).append(one_account.applied(frame, entry.table))
    if large:
        others = parts.pop("transactions", [])
        intake.rolled, readings, found = large_files.roll_up_files(engagement, large, others)
        intake.readings += readings
        faults += found
    faults += one_account.faults(only_sums=intake.rolled is not None)
    intake.names = one_account.names(intake.names)
    faults = _not_as_named(engagement, inputs, parts.get("transactions", []), intake, faults)
    faults = currency.between_inputs(faults, intake.readings)
    unclaimed = [f.file for f in faults if f.code == "file_not_used" and f.file]
    faults += against_lists(engagement.folder, unclaimed, intake.raws, intake.readings)
    tables = {
        name: parts[name][0].reset_index(drop=True)
        if len(parts[name]) == 1
        else pd.concat(parts[name], ignore_index=True)
        for name in codebook()
        if name in parts
    }
    tables = {
        name: frame for name, frame in tables.items() if len(frame) or name == "transactions"
    }  # a blank sheet is no table
    dedupe = engagement.settings.dedupe
    repeats = {name: repeated(name, frame, about) for name, frame in tables.items()}
    seen = tables
    if intake.rolled:  # the ids of who bought are all that is known of the lines
        bought = pd.DataFrame(
            {"account_id": intake.rolled.roll_up.accounts["account_id"], "_input": 0, "_row": 0}
        )
        seen = {**tables, "transactions": bought}
        repeats = {**repeats, "transactions": pd.Series(False, index=bought.index)}
    faults += across(seen, about, pd.Timestamp(datetime.now().date()), repeats, dedupe)
    if "transactions" in tables:
        shared = shared_documents.faults(tables["transactions"], repeats["transactions"], dedupe, about)
        faults = shared_documents.of_one_cause([*faults, *shared])
    faults = _doubles(tables, repeats, dedupe, about, faults)
    faults = _other_sheets(engagement, inputs, tables, about, faults)
    faults += _of_accounts(engagement, tables, repeats, about, intake)
    for name, frame in tables.items():
        drop = repeats[name] & (dedupe or bool(codebook()[name].key))
        intake.tables[name] = _finished(frame, drop, about, intake)
    archives.clear()
    judged = with_lines(_judged(engagement, intake, faults), engagement.folder)
    intake.faults = validation.fold_faults(judged)
    return intake


def _not_as_named(
    engagement: Engagement, inputs: list[Input], sold: list[pd.DataFrame], intake: Intake, faults: list[Fault]
) -> list[Fault]:
    """The faults with a warning for each input that is not what its name says.

    Where the transactions have no other input, one that claims to be them by its whole name or by settings is
    an error, and one that may be them by its values; beside others the latter is one if it shares their
    accounts.
    """
    asides = [a.entry for a in intake.set_aside]
    fed = {entry.table for entry in inputs if entry not in asides}
    lines = [frame["account_id"] for frame in sold if "account_id" in frame]
    accounts = {str(account) for column in lines for account in column.dropna().unique()}
    claimed = False
    for aside in intake.set_aside:
        entry, sales = aside.entry, aside.entry.table == "transactions"
        if "transactions" in fed:
            claims = aside.cells is not None and shares_accounts(aside.cells, accounts)
        else:
            claims = aside.cells is not None or named_exactly(entry) or bool(entry.source.columns)
        claimed |= sales and claims
        faults = [*faults, *(aside.faults if sales and claims else [aside.warning])]
        if not (sales and claims):
            place = (entry.shown, entry.sheet)
            intake.refused = [r for r in intake.refused if (r.file, r.sheet) != place]
    if any(e.table == "transactions" for e in asides) and "transactions" not in fed and not claimed:
        faults = without_transactions(engagement.folder, faults)
    return faults


def _doubles(
    tables: dict[str, pd.DataFrame],
    repeats: dict[str, pd.Series],
    dedupe: bool,
    about: list[dict[str, Any]],
    faults: list[Fault],
) -> list[Fault]:
    """The faults with the invoices that stand in two files or sheets."""
    lines = tables.get("transactions")
    if lines is None or len(about) < 2 or not {"date", "amount", "account_id"} <= set(lines.columns):
        return faults
    lines = lines[~repeats["transactions"]] if dedupe else lines
    doubles = double_invoices.faults(lines, about)
    alike = [] if doubles else double_invoices.on_other_days(lines, about)
    return [*double_invoices.without_repeats(faults, doubles), *double_invoices.of_one_cause(doubles), *alike]


def _other_sheets(
    engagement: Engagement,
    inputs: list[Input],
    tables: dict[str, pd.DataFrame],
    about: list[dict[str, Any]],
    faults: list[Fault],
) -> list[Fault]:
    """The faults, where those of sheets that are not read say what they would add and what count twice."""
    out: list[Fault] = []
    for fault in faults:
        entry = next((e for e in inputs if (e.shown, e.sheet) == (fault.file, fault.sheet)), None)
        lines = tables.get("transactions")
        if fault.code != "sheets_not_used" or fault.table != "transactions" or not entry or lines is None:
            seen = [s for s in fault.args.get("sheets", ()) if s[0] not in fault.args.get("hidden", ())]
            if fault.code != "sheets_not_used" or seen:
                out.append(replace(fault, args={**fault.args, "sheets": seen}) if seen else fault)
            continue
        number = next(i for i, d in enumerate(about) if d["place"]["sheet"] == entry.sheet)
        others = [
            (name, _one_input(replace(entry, sheet=name), engagement.settings, 0, Intake())[0])
            for name, _, _ in fault.args["sheets"]
        ]
        out += double_invoices.of_sheets(fault, lines[lines["_input"] == number], others)
    return out


def _of_accounts(
    engagement: Engagement,
    tables: dict[str, pd.DataFrame],
    repeats: dict[str, pd.Series],
    about: list[dict[str, Any]],
    intake: Intake,
) -> list[Fault]:
    """Take up what the lines say of their accounts; what was assumed, and spellings of one value."""
    lines, spec, faults = tables.get("transactions"), codebook()["accounts"], list[Fault]()
    beside = [(d["reading"], d["beside"]) for d in about if "beside" in d]
    if intake.rolled:
        places = {id(reading): place for place, reading in enumerate(intake.readings)}
        beside = [*((places[id(one)], found) for one, found in intake.rolled.beside), *beside]
        counts = {name: found for name, found in intake.rolled.counted.items() if len(found)}
    elif lines is not None and {"date", "account_id"} <= set(lines.columns):
        sold = lines[~repeats["transactions"]] if engagement.settings.dedupe else lines
        as_of = verdicts.reporting_date(engagement.settings.as_of, sold)
        names = {name.removeprefix(BESIDE) for name in lines if name.startswith(BESIDE)}
        counts = {name: found for name in names if len(found := counted(sold, name, as_of))}
    else:
        return []
    taken = take_up(counts, beside, intake.readings, tables.get("accounts"))
    intake.on_lines, intake.names = taken.accounts, {**taken.names, **intake.names}
    if lines is None or taken.accounts is None:
        return taken.faults
    for number, described in enumerate(about):
        headers = described["beside"].headers if "beside" in described else {}
        headers = {name: h for name, h in headers.items() if name in taken.accounts}
        cells = lines.loc[lines["_input"] == number, ["_row", *(BESIDE + name for name in headers)]]
        cells = cells.set_index("_row").rename(columns=lambda name: name.removeprefix(BESIDE))
        faults += values_alike(cells, spec, headers, described["place"])
    return [*taken.faults, *faults]


def _judged(engagement: Engagement, intake: Intake, faults: list[Fault]) -> list[Fault]:
    """The faults with the verdict on the transactions, unless an error in them stands already."""
    lines, stated = intake.tables.get("transactions"), engagement.settings.as_of
    if any(f.level == "error" and f.table == "transactions" for f in faults):
        return faults
    if intake.rolled:
        as_of = intake.rolled.as_of
        sums: verdicts.Sums | None = verdicts.sums_of_roll_up(intake.rolled.roll_up)
    elif lines is not None and {"date", "amount", "account_id"} <= set(lines.columns):
        as_of = verdicts.reporting_date(stated, lines)
        sums = verdicts.sums_of_lines(lines, as_of)
    else:
        return faults
    if sums is None:
        return [*faults, Fault("no_rows", table="transactions", file="data/")]
    readings = [r for r in intake.readings if r.table == "transactions"]
    judged = verdicts.unassigned_too_much(faults, sums.unassigned)
    return [*judged, *verdicts.verdict(sums, as_of, stated, readings)]


def prepare(engagement: Engagement) -> Book:
    """Read an engagement into a Book.

    Raises
    ------
    KamplayError
        The data cannot be used; it carries every fault.
    """
    return to_book(engagement, survey(engagement))


@_texts_of_arrow
def to_book(engagement: Engagement, intake: Intake) -> Book:
    """Roll a usable intake up into a Book. The cells as they stood are given up: of millions of lines they
    take as much memory as the Book, and nobody marks a copy of what can be used.

    Raises
    ------
    KamplayError
        The intake has an error.
    """
    if not intake.usable:
        raise KamplayError(intake.faults)
    intake.raws.clear()
    if intake.rolled:
        up, as_of = intake.rolled.roll_up, intake.rolled.as_of
    else:
        transactions = intake.tables["transactions"]
        as_of = verdicts.reporting_date(engagement.settings.as_of, transactions)
        up = roll_up(transactions, as_of)
    faults = tuple(
        replace(f, rows=()) for f in intake.faults
    )  # every row of every fault matters to the marked copy alone
    readings, sold_to = tuple(intake.readings), engagement.settings.accounts_are
    tables, on_lines = _with_regions(intake.tables, intake.on_lines)
    return Book(
        tables,
        unread(up, "monthly"),
        unread(up, "days"),
        unread(up, "baskets"),
        up.totals,
        readings,
        faults,
        as_of,
        sold_to,
        names_on_lines=intake.names,
        accounts_on_lines=on_lines,
        undone=up.undone,
    )


def _with_regions(
    tables: dict[str, pd.DataFrame], on_lines: pd.DataFrame | None
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame | None]:
    """The tables and what the lines say of their accounts; where neither has a region, the city is the
    region, as a client says where its accounts are in one column or in two.
    """
    listed = tables.get("accounts")
    if any(frame is not None and "region" in frame for frame in (listed, on_lines)):
        return tables, on_lines
    if listed is not None and "city" in listed:
        tables = {**tables, "accounts": listed.assign(region=listed["city"])}
    if on_lines is not None and "city" in on_lines:
        on_lines = on_lines.assign(region=on_lines["city"])
    return tables, on_lines


def _one_input(
    entry: Input, settings: Settings, number: int, intake: Intake
) -> tuple[pd.DataFrame | None, list[Fault], dict[str, Any]]:
    spec = codebook()[entry.table]
    place: dict[str, Any] = {"table": entry.table, "file": entry.shown, "sheet": entry.sheet}
    description: dict[str, Any] = {"place": place, "headers": {}}
    try:
        wanted = (*entry.source.columns.values(), *entry.source.where)
        source, left = entry.source, 0
        if source.url:
            raw, left = database.pull(entry.path, source, spec)
            source = source.model_copy(update={"where": {}})  # the database has filtered already
        else:
            raw = read(entry.path, entry.shown, entry.sheet, spec, wanted)
    except KamplayError as error:
        return None, error.faults, description
    intake.raws.append(raw)
    taken, faults = _as_lines(entry, raw, source, settings.currency, intake)
    if taken is None:
        return None, [*raw.faults, *faults], description
    raw, source = taken.raw, taken.source
    # of dates the readings tell how many distinct cells of a sheet are written in which way
    no_dates = [name for name in taken.mapped.frame if spec.columns[name].kind != "date"]
    mapped = replace(taken.mapped, frame=of_one_type(taken.mapped.frame, no_dates))
    description["headers"] = mapped.headers
    faults += raw.faults  # a row too long does not keep the others from being checked
    blank = blank_rows(mapped.frame)
    cells = kept(mapped.frame, ~blank)
    rules = {name: DateRules(raw.date1904, source.date_format.get(name)) for name in cells.columns}
    cleaned = {name: clean(cells[name], spec.columns[name], rules[name]) for name in cells.columns}
    frame = pd.DataFrame({name: values for name, (values, _) in cleaned.items()}, index=cells.index)
    meaning = understood(raw, cells, frame, spec, mapped.headers, mapped.unused, source, settings, place)
    faults += meaning.faults
    out = meaning.sums | meaning.void
    void = meaning.frame[meaning.void]
    frame, cells = kept(meaning.frame, ~out), kept(cells, ~out)
    bad = {name: mask for name, (_, every) in cleaned.items() if (mask := kept(every, ~out)).any()}
    for name in frame.columns:
        about = (spec.columns[name], mapped.headers[name], place, rules[name])
        said = remarks(cells[name], *about)
        # the currencies of the lines are settled by now
        faults += [f for f in said if name != "amount" or f.code != "currencies_mixed"]
    faults = in_one_order(faults)
    faults += validation.unreadable(bad, cells, spec, mapped.headers, place, rules)
    faults += cell_faults(raw, spec, mapped.headers, mapped.frame.index.difference(out.index[out]), place)
    bad |= without_value(raw, mapped.headers, frame.index, bad)
    faults += values_alike(frame, spec, mapped.headers, place)
    blank_allowed = BLANK_ALLOWED.get(entry.table, set())
    heads = page_layout.heads_on_first_line(frame, raw, spec, mapped.headers, place, bad)
    if heads:
        faults.append(heads.fault)
        bad |= {name: bad.get(name, False) | lacking for name, lacking in heads.lacking.items()}
    if not source.visible_only:
        faults += page_layout.hidden(frame, taken.file, spec, mapped.headers, place, taken.rows)
    faults += validation.contract(frame, spec, mapped.headers, place, blank_allowed, bad, cells)
    if entry.table == "transactions" and frame["account_id"].isna().any() and not heads:
        missing = frame["account_id"].isna()
        faults.append(
            validation.at_rows(
                Fault(
                    "account_blank",
                    "warning",
                    column=mapped.headers["account_id"],
                    args={"amount": float(frame.loc[missing, "amount"].sum())},
                    **place,
                ),
                missing.index[missing],
            )
        )
    if entry.table == "opportunities" and frame["amount"].isna().any():
        empty = frame["amount"].isna() & ~bad.get("amount", pd.Series(False, index=frame.index)).reindex(
            frame.index, fill_value=False
        )
        if empty.any():
            faults.append(
                validation.at_rows(
                    Fault("amount_blank", "warning", column=mapped.headers["amount"], **place),
                    empty.index[empty],
                )
            )
    description |= {
        "where": entry.source.where,
        "raw": taken.file,
        "unused": mapped.unused,
        "reading": len(intake.readings),
    }
    named = None
    if entry.table == "transactions":
        candidates = headers_of_names(raw, mapped, source, entry.accounts)
        named = names_beside(raw, candidates, frame["account_id"])
        beside = columns_beside(raw, mapped, source, entry.accounts, frame.index, place)
        faults += beside.faults
        description["beside"] = beside
        more, said = _beside(raw, beside.headers, frame.index, place)
        frame, faults = frame.join(more), [*faults, *said]
    left_out = passed_over(raw, mapped, spec, frame.index)
    columns = columns_read(mapped, spec, rules)
    if named:
        header, names = named
        intake.names |= {account: name for account, name in names.items() if account not in intake.names}
        left_out = [found for found in left_out if found["header"] != header]
        samples = list(dict.fromkeys(names.values()))[:SAMPLES]
        columns["account_name"] = {"header": header, "samples": samples, "ways": ["text"]}
    intake.readings.append(
        Reading(
            entry.table,
            entry.shown,
            entry.sheet,
            taken.count + left,
            mapped.set_aside + taken.set_aside + left,
            int(blank.sum()) + taken.empty,
            int(meaning.sums.sum()) + taken.totals,
            0,
            len(frame),
            mapped.headers,
            tuple(h for h in mapped.unused if not named or h != named[0]),
            len(void),
            round(float(void["amount"].sum()), 2) if len(void) else 0.0,
            columns,
            left_out,
            page_rows=taken.page_rows,
        )
    )
    rows = taken.rows.reindex(frame.index) if taken.rows is not None else frame.index
    return frame.assign(_input=number, _row=rows), [taken.in_the_file(f) for f in faults], description


def _beside(
    raw: Raw, headers: dict[str, str], rows: pd.Index, place: dict[str, Any]
) -> tuple[pd.DataFrame, list[Fault]]:
    """The columns of the accounts on these lines, read as such, each under its name for lines."""
    spec = codebook()["accounts"]
    cells = pd.DataFrame({name: at(raw.frame[header], rows) for name, header in headers.items()}, index=rows)
    rules = {name: DateRules(raw.date1904) for name in headers}
    cleaned = {name: clean(cells[name], spec.columns[name], rules[name]) for name in headers}
    bad = {name: wrong for name, (_, wrong) in cleaned.items() if wrong.any()}
    faults = validation.unreadable(bad, cells, spec, headers, place, rules)
    columns = {BESIDE + name: values for name, (values, _) in cleaned.items()}
    return pd.DataFrame(columns, index=rows), faults


@dataclass(frozen=True)
class _Taken:
    """An input as lines, and what became of the rows that are none."""

    file: Raw  # as it stands in the user's file
    raw: Raw
    source: Source
    mapped: Mapped
    page_rows: int
    set_aside: int
    lines: unpivot.Lines | None

    @property
    def rows(self) -> pd.Series | None:
        """Line → row of the file, where they differ."""
        return self.lines.rows if self.lines else None

    @property
    def empty(self) -> int:
        return self.lines.empty if self.lines else 0

    @property
    def totals(self) -> int:
        return self.lines.totals if self.lines else 0

    @property
    def count(self) -> int:
        """Rows of the input below its header; with months as columns, their cells."""
        return len(self.raw.frame) + self.page_rows + self.set_aside + self.empty + self.totals

    def in_the_file(self, fault: Fault) -> Fault:
        return self.lines.in_the_file(fault) if self.lines else fault


def _as_lines(
    entry: Input, file: Raw, source: Source, currency: str, intake: Intake
) -> tuple[_Taken | None, list[Fault]]:
    """The lines of an input under our names: without page headers and footers, heads carried down, months
    turned into lines, as its settings say. None with the errors that stand against it.
    """
    spec = codebook()[entry.table]
    place: dict[str, Any] = {"table": spec.name, "file": file.file, "sheet": file.sheet}
    raw, lines, set_aside = file, None, 0
    faults: list[Fault] = []
    if source.visible_only and file.hidden_rows:
        shown = raw.frame.loc[~raw.frame.index.isin(file.hidden_rows)]
        set_aside, raw = len(raw.frame) - len(shown), replace(raw, frame=shown)
    if source.visible_only:
        raw = replace(raw, frame=raw.frame.drop(columns=list(file.hidden_columns)))
    pages = page_layout.repeated_headers(raw)
    raw = replace(raw, frame=raw.frame.drop(pages)) if len(pages) else raw
    if stated := units.unit_row(raw):  # a second row of the header, under the amounts alone
        pages = pages.append(raw.frame.index[:1])
        raw = replace(raw, frame=raw.frame.iloc[1:], above=(*raw.above, (stated[0], f"({stated[1]})")))
    raw = currency_headings.as_column(raw)
    raw, source = page_layout.under_headings(raw, source)
    if source.unpivot:
        ends = page_layout.footers(raw, spec, unpivot.months_of(raw), [], pages)
        notes = page_layout.notes(raw, ends)
        raw, pages = replace(raw, frame=raw.frame.drop(ends), above=(*raw.above, *notes)), pages.append(ends)
        lines, faults = unpivot.to_lines(raw, spec, source)
        if lines is None:
            return None, faults
        raw, source = lines.raw, lines.source
    unfiltered = source.model_copy(update={"where": {}}) if source.fill_down else source
    mapped, found = map_headers(raw, spec, unfiltered, currency)
    if any(f.level == "error" for f in found):
        intake.refused.append(_refused(entry, raw, mapped, spec))
        named = lines is None and (
            unpivot.months_as_columns(raw, spec, mapped.headers, place)
            or page_layout.customer_headings(raw, spec, mapped.headers, place)
        )
        if named:  # what lacks or is doubtful for this reason needs no words of its own
            found = [f for f in found if f.code in ("header_missing", "where_keeps_nothing")] + [named]
        elif entry.source.by_name:
            sure = holds_no_such_table(raw.frame, spec, mapped, found)
            if sure or (spec.name == "transactions" and not set(spec.required) & set(mapped.headers)):
                warning, cells = not_used(raw, spec, mapped), None if sure else raw.frame
                intake.set_aside.append(Aside(entry, [*faults, *found], warning, cells))
                return None, []
        return None, [*faults, *found]
    if "account_id" in mapped.headers and not (source.fill_down or lines):
        headed = page_layout.customer_headings(raw, spec, mapped.headers, place)
        if headed:
            return None, [*faults, *found, headed]
    if lines is None:
        figures, dated = (
            page_layout.of_kind(spec, mapped.headers, *k) for k in (page_layout.FIGURES, ("date",))
        )
        chosen = page_layout.required_choices(spec, mapped.headers)
        ends = page_layout.footers(raw, spec, figures, dated, pages, chosen)
        if len(ends):
            notes = page_layout.notes(
                raw, ends
            )  # a unit or a currency is stated below the table as well as above
            raw, pages = (
                replace(raw, frame=raw.frame.drop(ends), above=(*raw.above, *notes)),
                pages.append(ends),
            )
            kept = mapped.frame.drop(ends, errors="ignore")
            mapped = replace(mapped, frame=kept, set_aside=len(raw.frame) - len(kept))
    faults += page_layout.page_fault(file, pages.sort_values(), place)
    if source.fill_down:
        raw, headings, wrong = page_layout.filled_down(raw, spec, mapped.headers, source)
        raw, pages = replace(raw, frame=raw.frame.drop(headings)), pages.append(headings)
        mapped, found = map_headers(raw, spec, source, currency)
        found += wrong
    if raw.merged:
        shared, merged = page_layout.shared_amounts(mapped.frame, raw, spec, mapped.headers, place)
        mapped, faults = replace(mapped, frame=shared), [*faults, *merged]
    if any(f.level == "error" for f in (*faults, *found)):
        return None, [*faults, *found]
    return _Taken(file, raw, source, mapped, len(pages), set_aside, lines), [*faults, *found]


def _refused(entry: Input, raw: Raw, mapped: Mapped, spec: TableSpec) -> Reading:
    """What is known of an input whose headers do not suffice: which of them feed a column, and what the
    others look like.
    """
    rows, kept = len(raw.frame), mapped.frame.index
    return Reading(
        entry.table,
        entry.shown,
        entry.sheet,
        rows,
        mapped.set_aside,
        0,
        0,
        0,
        0,
        mapped.headers,
        mapped.unused,
        columns=columns_read(mapped, spec),
        passed_over=passed_over(raw, mapped, spec, kept),
    )


def _finished(
    frame: pd.DataFrame, drop: pd.Series, about: list[dict[str, Any]], intake: Intake
) -> pd.DataFrame:
    """The table without bookkeeping columns and without the repeats to ``drop``, which its readings count."""
    for number, count in frame.loc[drop, "_input"].value_counts().items():
        at = about[int(number)]["reading"]
        reading = intake.readings[at]
        intake.readings[at] = replace(reading, repeated=int(count), used=reading.used - int(count))
    own = frame.drop(columns=[name for name in frame if name.startswith("_")])
    return kept(own, ~drop).reset_index(drop=True)
