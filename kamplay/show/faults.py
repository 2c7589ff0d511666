"""Faults in words: where, what is wrong, what to do, in the user's language."""

from __future__ import annotations

import sys
from typing import Any

from kamplay.codebook import codebook
from kamplay.errors import Fault, KamplayError
from kamplay.show.locale import N_, Locale

# code → (what is wrong, what to do)
FAULTS: dict[str, tuple[str, str]] = {
    # settings and presets
    "folder_missing": (N_("There is no engagement folder here."), N_("Check the path, or make one with: kamplay new DIR")),
    "file_missing": (N_("The file does not exist."), N_("Check its name and place.")),
    "not_utf8": (N_("The file is not UTF-8 text."), N_("Save it as UTF-8.")),
    "yaml_broken": (N_("Line {line:n}, position {position:n} cannot be read: {detail}"), N_("Mend that line; texts with a colon or a # need quotes.")),
    "settings_not_a_mapping": (N_("The file holds no settings."), N_("Write lines such as client: NAME")),
    "setting_unknown": (N_("There is no such setting{near_hint}."), N_("Correct the name or remove the line.")),
    "setting_missing": (N_("This setting is required."), N_("Add it.")),
    "setting_not_allowed": (N_("This value is not allowed."), N_("Use {allowed}.")),
    "setting_invalid": (N_("This value cannot be used ({expected})."), N_("Correct it; the commented engagement.yaml of kamplay new shows what each setting takes.")),
    "set_without_value": (N_("This is not of the form key=value."), N_("Write for example --set health.horizon_days=90")),
    "date_unreadable": (N_("This is not a date."), N_("Write it as 2026-06-30.")),
    "as_of_future": (N_("The reporting date lies in the future."), N_("Use today or a date before it.")),
    "number_not_finite": (N_("This is not a number."), N_("Write the amount in figures.")),
    "path_outside": (N_("This path leads out of the engagement folder."), N_("Put the file into the folder's data/ and name it from there.")),
    "table_unknown": (N_("There is no table {table}{near_hint}."), N_("Use a table name of the codebook.")),
    "column_unknown": (N_("Table {table} has no column {name}{near_hint}."), N_("Use a column name of the codebook.")),
    "preset_unknown": (N_("There is no such preset{near_hint}."), N_("Use one of: {known}. In engagement.yaml a .yaml file of your own in the engagement folder serves too.")),
    "bands_not_ascending": (N_("The bands must start at rising values."), N_("Put them in order.")),
    "bands_and_scoring": (N_("A criterion has bands exactly when its scoring is bands."), N_("Add the bands, or change the scoring.")),
    "tiers_not_descending": (N_("Tiers must start at falling scores, the last at 0."), N_("Put them in order, the highest first.")),
    "logo_kind": (N_("This kind of picture cannot be used as a logo."), N_("Use one of: {kinds}.")),
    "note_unknown": (N_("No section takes a note of this name{near_hint}."), N_("Name it after the section it belongs to: {names}; or with .zh.md or .en.md.")),
    "topic_unknown": (N_("There is no such topic{near_hint}."), N_("Correct the name.")),
    "client_twice": (N_("Another folder of this fleet has the same client, so their reports would overwrite each other."), N_("Give each folder its own client.")),
    "run_missing": (N_("This is not the folder of a finished run."), N_("Name a folder such as reports/CLIENT/DATE.")),
    "not_empty": (N_("The folder exists and is not empty."), N_("Choose another name.")),
    # files and tables
    "table_missing": (N_("No file with transactions was found."), N_("Put it into data/ under a name such as transactions or 销售明细, or name it under sources.")),
    "source_missing": (N_("No such file in the engagement folder{near_hint}."), N_("Correct the path under sources; there are: {there}")),
    "file_kind_unknown": (N_("This kind of file cannot be read."), N_("Export it as .xlsx, .csv or .parquet.")),
    "file_unreadable": (N_("The file cannot be opened: {detail}"), N_("Open it, save it anew without a password, and try again.")),
    "file_empty": (N_("The file or sheet is empty."), N_("Export it again.")),
    "file_not_used": (N_("No table was recognised by this name; the file is not used."), N_("Name it under sources if it is needed.")),
    "sheet_missing": (N_("The workbook has no such sheet."), N_("Use one of: {there}")),
    "header_missing": (N_("The file has no such header{near_hint}."), N_("Correct it; the headers are: {there}")),
    "column_missing": (N_("The required column {label} was not found."), N_("Name the header that holds it under columns, for example columns: {{{name}: …}}; the headers are: {there}")),
    "where_keeps_nothing": (N_("The filter keeps no row."), N_("Correct the value; the column holds: {there}")),
    "no_rows": (N_("The table has no usable row."), N_("Check the export and the filter.")),
    # cells
    "unreadable_date": (N_("This is not a readable date, or it could be read two ways."), N_("Write it as 2026-06-30.")),
    "unreadable_amount": (N_("This is not a readable amount."), N_("Write it in figures.")),
    "unreadable_number": (N_("This is not a readable number."), N_("Write it in figures.")),
    "unreadable_integer": (N_("This is not a whole number."), N_("Write a whole number.")),
    "unreadable_share": (N_("This is not a readable share."), N_("Write 0.12 or 12%.")),
    "unreadable_flag": (N_("This is neither yes nor no."), N_("Write yes or no.")),
    "unreadable_choice": (N_("This is none of the values the column takes."), N_("Use one of: {choices}")),
    "cell_empty": (N_("This cell must not be empty."), N_("Fill it in or delete the row.")),
    "out_of_range": (N_("The value lies outside what is possible ({range})."), N_("Correct it.")),
    "key_repeated": (N_("This key was given before with other details."), N_("Keep one of the rows.")),
    "line_repeated": (N_("Lines that repeat another to the letter; they are kept."), N_("Confirm that they are real.")),
    "line_repeated_dropped": (N_("Rows that repeat another to the letter; one of each is used."), N_("Nothing, if that is right.")),
    "account_blank": (N_("Lines without an account, worth {amount:n}; no account gets them."), N_("Assign them if they can be assigned.")),
    "account_unknown": (N_("Rows of accounts that neither bought nor are listed."), N_("Check the account ids.")),
    "total_rows": (N_("Rows that sum up others; they are left out."), N_("Nothing, if that is right.")),
    "date_in_future": (N_("Lines dated after today."), N_("Check the dates.")),
    "data_ends_early": (N_("The last transaction lies over a month before the reporting date {as_of:date}."), N_("Ask for the missing months.")),
    "as_of_outside_data": (N_("No sale falls into the 12 months to this date; the data run from {first:date} to {last:date}."), N_("Use a date within the data.")),
}  # fmt: skip


def problem(fault: Fault, locale: Locale) -> str:
    """What is wrong, as a sentence."""
    return locale.say(FAULTS[fault.code][0], **_values(fault, locale))


def fix(fault: Fault, locale: Locale) -> str:
    """What to do about it, as a sentence."""
    return locale.say(FAULTS[fault.code][1], **_values(fault, locale))


def place(fault: Fault, locale: Locale) -> str:
    """File, sheet, row, column and value, as far as they are known."""
    file = f"{fault.file}#{fault.sheet}" if fault.file and fault.sheet else fault.file
    parts = [
        file,
        locale.say(N_("row {row:n}"), row=fault.row) if fault.row else None,
        fault.column,
        f"“{fault.value}”" if fault.value else None,
    ]
    return " · ".join(p for p in parts if p)


def line(fault: Fault, locale: Locale) -> str:
    """One fault in one line: where, what is wrong, what to do."""
    times = f" ×{locale.number(fault.count)}" if fault.count > 1 else ""
    colon, gap = (": ", " ") if locale.language == "en" else ("：", "")
    where = place(fault, locale)
    return f"{where}{times}{colon if where else ''}{problem(fault, locale)}{gap}{fix(fault, locale)}"


def as_json(fault: Fault, locale: Locale) -> dict[str, Any]:
    """One fault as ``kamplay check --json`` prints it."""
    return {"level": fault.level, "code": fault.code, "table": fault.table, "file": fault.file, "sheet": fault.sheet, "row": fault.row, "column": fault.column,
            "value": fault.value, "problem": problem(fault, locale), "fix": fix(fault, locale), "count": fault.count}  # fmt: skip


def _values(fault: Fault, locale: Locale) -> dict[str, Any]:
    args = fault.args
    near = args.get("near")
    values = {
        "detail": "",
        "there": "",
        "expected": "",
        "amount": None,
        **args,
        "near_hint": locale.say(N_(" (did you mean {near}?)"), near=near) if near else "",
    }
    if fault.code == "column_missing" and fault.table:
        values["label"] = f"{codebook()[fault.table].columns[args['name']].labels[locale.language]} ({args['name']})"
    if "choices" in args:
        values["choices"] = locale.text(N_(", ")).join(c[locale.language] for c in args["choices"])
    if fault.code == "out_of_range":
        low, high = args.get("low"), args.get("high")
        values["range"] = (
            f"{low:g} – {high:g}" if low is not None and high is not None else f"≥ {low:g}" if low is not None else f"≤ {high:g}"
        )
    return values


def print_faults(error: KamplayError, language: str) -> None:
    """Each fault in one line on standard error."""
    for fault in error.faults:
        print(line(fault, Locale(language, "CNY")), file=sys.stderr)
