"""A fault told: where, what is wrong, what to do, in the user's language; ``fault_texts`` has the words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kamplay.codebook import codebook
from kamplay.errors import Fault, KamplayError
from kamplay.show.locale import N_, Locale
from kamplay.show.texts.fault_texts import FAULTS, REASONS, YAML_REASONS, YAML_SLIPS


def problem(fault: Fault, locale: Locale) -> str:
    """What is wrong, as a sentence."""
    return locale.say(_words(fault)[0], **_values(fault, locale))


def fix(fault: Fault, locale: Locale) -> str:
    """What to do about it, as a sentence."""
    return locale.say(_words(fault)[1], **_values(fault, locale))


def _words(fault: Fault) -> tuple[str, str]:
    """A file is not used for its name, or for headers that are not what its name says; several currencies
    have a column in the engagement's beside them, or none.
    """
    if fault.code == "file_not_used" and "needed" in fault.args:
        return FAULTS["file_not_as_named"]
    if fault.code == "currencies_several" and fault.args.get("propose"):
        return FAULTS["currencies_with_column"]
    return FAULTS[fault.code]


def reason(code: str, args: dict[str, Any], locale: Locale) -> str:
    """Why a header feeds no column, as half a sentence."""
    return locale.say(REASONS[code], **{"used": "", **args})


def place(fault: Fault, locale: Locale) -> str:
    """File, sheet, row, column and value, as far as they are known."""
    file = f"{fault.file}#{fault.sheet}" if fault.file and fault.sheet else fault.file
    rows = (
        locale.say(N_("from row {row:n} on, {count:n} rows"), count=fault.count, row=fault.row)
        if _in_rows(fault)
        else row_words(fault, locale)
    )
    parts = [file, rows, fault.column, f"“{fault.value}”" if fault.value else None]
    return " · ".join(p for p in parts if p)


def _in_rows(fault: Fault) -> bool:
    """Whether a fault stands in several rows that are all known, and no values are named with theirs."""
    return 1 < fault.count == len(fault.rows) and fault.row is not None and not fault.args.get("places")


def row_words(fault: Fault, locale: Locale) -> str:
    """The row of a table, or the line of a settings file, in words; empty where there is none."""
    if not fault.row:
        return ""
    lines = str(fault.file).partition(" · ")[0].endswith((".yaml", ".yml"))
    return locale.say(N_("line {row:n}") if lines else N_("row {row:n}"), row=fault.row)


def more_places(fault: Fault, locale: Locale) -> list[str]:
    """The other values of a fault that stands in many rows, each with its row, as far as they are named."""
    brackets = " ({})" if locale.language == "en" else "（{}）"
    return [
        f"“{value}”{brackets.format(locale.say(N_('row {row:n}'), row=row))}"
        for row, value in fault.args.get("places", [])[1:]
    ]


def line(fault: Fault, locale: Locale) -> str:
    """One fault in one line: where, what is wrong, what to do."""
    times = f" ×{locale.number(fault.count)}" if fault.count > 1 and not _in_rows(fault) else ""
    if more := more_places(fault, locale):
        times = f", {', '.join(more)}{times}" if locale.language == "en" else f"、{'、'.join(more)}{times}"
    colon, gap = (": ", " ") if locale.language == "en" else ("：", "")
    where = place(fault, locale)
    return f"{where}{times}{colon if where else ''}{problem(fault, locale)}{gap}{fix(fault, locale)}"


def few_of_each(faults: Sequence[Fault], most: int = 3) -> tuple[list[Fault], int]:
    """Take the first faults of each kind in a column of a file, so that none floods a screen; how many are
    left.
    """
    seen: Counter[tuple[str | None, ...]] = Counter()
    told = []
    for fault in faults:
        key = (fault.code, fault.level, fault.table, fault.file, fault.sheet, fault.column)
        seen[key] += 1
        if seen[key] <= most:
            told.append(fault)
    return told, len(faults) - len(told)


def as_json(fault: Fault, locale: Locale) -> dict[str, Any]:
    """One fault as ``kamplay check --json`` prints it."""
    return {
        "level": fault.level,
        "code": fault.code,
        "table": fault.table,
        "file": fault.file,
        "sheet": fault.sheet,
        "row": fault.row,
        "column": fault.column,
        "value": fault.value,
        "problem": problem(fault, locale),
        "fix": fix(fault, locale),
        "count": fault.count,
        "places": [{"row": row, "value": value} for row, value in fault.args.get("places", [])],
    }


def _label(table: str, name: str, locale: Locale) -> str:
    return f"{codebook()[table].columns[name].labels[locale.language]} ({name})"


def _lacking(fault: Fault, locale: Locale) -> dict[str, Any]:
    """The words for the columns that a file lacks: one by its name, several each with what may be meant."""
    lacking = fault.args["lacking"]
    several, comma = len(lacking) > 1, locale.text(N_(", "))

    def each(key: str) -> list[str]:
        found = [
            (w["name"], w[key] if isinstance(w[key], list) else [w[key]] if w[key] else []) for w in lacking
        ]
        return [
            f"{name}{locale.colon}{comma.join(some[:20])}" if several else comma.join(some[:20])
            for name, some in found
            if some
        ]

    near, fitting = comma.join(each("near")), locale.text(N_("; ")).join(each("fitting"))
    return {
        "lacks": len(lacking),
        "label": locale.text(N_(", ")).join(w[locale.language] for w in lacking)
        if several
        else _label(str(fault.table), lacking[0]["name"], locale),
        "to_name": ", ".join(f"{w['name']}: …" for w in lacking),
        "near_hint": locale.say(N_(" (did you mean {near}?)"), near=near) if near else "",
        "fitting_hint": locale.say(N_("by their values these can be it: {fitting}; "), fitting=fitting)
        if fitting
        else "",
    }


def _values(fault: Fault, locale: Locale) -> dict[str, Any]:
    args = fault.args
    near = args.get("near")
    values = {
        "detail": "",
        "there": "",
        "expected": "",
        "amount": None,
        "differing": [],
        "one": None,
        "other_day": None,
        "table": fault.table or "transactions",
        "paste": f'date_format: {{{args.get("date_column", "date")}: "{args.get("form", "%d.%m.%Y")}"}}',
        "other_paste": f'"{args.get("other_form", "%m/%d/%Y")}"',
        "example": str(args.get("known", "")).split(", ")[0],
        **args,
        "near_hint": locale.say(N_(" (did you mean {near}?)"), near=near) if near else "",
    }
    if fault.code == "unreadable_date":
        hint = N_("; or say how the column is written, as in sources → {table}: {paste}")
        values["format_hint"] = locale.say(hint, **values) if args.get("mostly") else ""
    if fault.code == "date_unix":
        ways = N_("by Greenwich time"), N_("as each is midnight of its own time zone")
        values["clock_words"] = locale.text(ways[bool(args["midnights"])])
    if fault.code == "values_alike":
        twins = N_(" ({pairs:n} values of the column have such a twin)")
        values["twins_hint"] = locale.say(twins, pairs=args["pairs"]) if "pairs" in args else ""
    if fault.code == "line_repeated":
        worth = N_(", {amount:n} of {total:n}; without them it is {rest:n}")
        values["repeat_hint"] = locale.say(worth, **args) if "rest" in args else ""
    if fault.code == "date_in_future":
        worth = N_(", worth {amount:n}; no figure counts them")
        values["worth_hint"] = locale.say(worth, amount=args["amount"]) if "amount" in args else ""
    if "sheets" in args:
        values["sheet_sums"] = locale.text(N_(", ")).join(
            name
            if amount is None
            else locale.say(
                N_("{name} (hidden, {lines:n} lines, {amount:n2})")
                if name in args.get("hidden", ())
                else N_("{name} ({lines:n} lines, {amount:n2})"),
                name=name,
                lines=lines,
                amount=amount,
            )
            for name, lines, amount in args["sheets"][:8]
        )
    for key in ("totals", "candidates"):
        if key in args:
            pairs = (f"{header} {locale.number(total, 2)}" for header, total in args[key])
            values[key] = locale.text(N_("; ")).join(pairs)
    if len(args.get("totals", [])) > 1:
        values["used_total"], values["other_total"] = (
            f"{header} {locale.number(total, 2)}" for header, total in args["totals"][:2]
        )
    if fault.code == "header_not_fit":
        values["reason_words"] = reason(args["reason"], {}, locale)
    if fault.code in ("column_close", "header_ambiguous", "header_not_fit") and fault.table:
        values["label"] = _label(fault.table, args["name"], locale)
    if fault.code.startswith(("account_column_", "account_header_")):
        values["label"] = codebook()["accounts"].columns[args["name"]].labels[locale.language]
    if "owners" in args:
        values["owners_words"] = locale.words(args["owners"])
    if "lacking" in args:
        values |= _lacking(fault, locale)
    if "needed" in args and fault.table:
        values["table_label"] = codebook()[str(fault.table)].labels[locale.language]
        values["needed_words"] = locale.text(N_(", ")).join(
            label[locale.language] for label in args["needed"]
        )
    if "sums" in args:
        values["sums"] = locale.text(N_(", ")).join(
            f"{code} {locale.number(total, 2)} ({locale.number(rows)})" for code, rows, total in args["sums"]
        )
    if "missing" in args:
        values["missing_rates"] = ", ".join(f"{code}: …" for code in args["missing"].split(", "))
    shown = N_(" (so the number format of the cells shows)")
    values["by_format_hint"] = locale.text(shown) if args.get("by_format") else ""
    if "fill_down" in args:
        values["fill_down_list"] = ", ".join(args["fill_down"])
    if fault.code.startswith("columns_hidden"):
        parts = (f"{h} ({locale.number(s, 2)})" if s is not None else h for h, s in args["columns"])
        values["hidden"] = locale.text(N_(", ")).join(parts)
    if fault.code == "yaml_broken":
        values["detail"] = locale.say(YAML_REASONS[args["reason"]], **{"what": "", **args})
    if fault.code == "yaml_slip":
        said, meant = YAML_SLIPS[args["slip"]]
        words = {
            "slip_words": locale.text(said),
            "sign_words": locale.say(meant, meant=args.get("meant", "")),
        }
        values |= words
    if fault.code == "folder_without_data":
        named = locale.words(args.get("files", []), 6)
        values["files_hint"] = locale.say(N_(": {files}"), files=named) if named else ""
    if "choices" in args:
        values["choices"] = locale.text(N_(", ")).join(c[locale.language] for c in args["choices"])
    if fault.code == "out_of_range":
        low, high = args.get("low"), args.get("high")
        values["range"] = (
            f"{low:g} – {high:g}"
            if low is not None and high is not None
            else f"≥ {low:g}"
            if low is not None
            else f"≤ {high:g}"
        )
    return values


def print_faults(error: KamplayError, language: str) -> None:
    """Each fault in one line on standard error."""
    locale = Locale(language, "CNY")
    told, rest = few_of_each(error.faults)
    for fault in told:
        print(line(fault, locale), file=sys.stderr)
    if rest:
        print(
            locale.say(N_("{rest:n} more; kamplay check --json lists them all."), rest=rest), file=sys.stderr
        )
