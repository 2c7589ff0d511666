"""All clients on one page, made of what stands in the folder of results: index.html and fleet.parquet.

Nothing is kept of a client but what its own folder holds: where that is gone, the next page is without it.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from kamplay.errors import Fault
from kamplay.json_files import read_json
from kamplay.method.portfolio import Across, across
from kamplay.report.client_figures import BILLS, FIGURES, RATES, figures_of
from kamplay.report.fleets.fleet import STATUS
from kamplay.report.pages import live_table
from kamplay.report.pages.live_table import Field
from kamplay.report.pages.page import frame, template
from kamplay.show.faults import line
from kamplay.show.locale import N_, Locale
from kamplay.show.portfolio import DOTS, VERDICTS, sentence
from kamplay.show.portfolio import STATUS as STATES
from kamplay.show.view import View

PAGE, TABLE = "index.html", "fleet.parquet"
LANGUAGES = ("zh", "en")
FAILED = "failed"  # in a client's folder: what failed runs left
# what is read of a run, beside the pages that its manifest says it has
NEEDED = ("manifest.json", "results/key_figures.json", "results/findings.json", BILLS, RATES)
TEXTS = ["client", "status", "why", "industry", "currency", "as_of", "issued", "verdict", "before"]
MEASURED = [*FIGURES, "days_overdue", "win_rate", "act", "watch", "warnings"]
CHANGES = ["revenue_change", "top1_change", "grr_change", "act_change"]
COLUMNS = [*TEXTS, *MEASURED, *CHANGES]
ENDED = ["faults", "faults_told", "error", "where"]  # of a status: why there is no report

FIELDS = (
    Field("client", N_("Client"), shown=True, search=True, css="name", foreign=True, names=True),
    Field("status", N_("Last run"), "choice", STATES, shown=True, filter=True, css="half word", dots=DOTS),
    Field("industry", N_("Industry"), "choice", filter=True, search=True, foreign=True),
    Field("currency", N_("Currency"), "choice", names=True),
    Field("as_of", N_("As of"), "date", shown=True),
    Field("issued", N_("Issued"), "date"),
    Field("revenue", N_("Revenue, 12 months"), "money", shown=True),
    Field("revenue_change", N_("Since the last report"), "change", shown=True, css="half word"),
    Field("before", N_("Last report as of"), "date"),
    Field("accounts", N_("Accounts"), "n"),
    Field("top1_share", N_("Largest account"), "pct", shown=True, css="half"),
    Field("top5_share", N_("Five largest"), "pct"),
    Field("accounts_for_80", N_("Accounts for 80%"), "n", shown=True, css="half"),
    Field("gini", N_("Gini"), "pct"),
    Field("nrr", N_("NRR"), "pct"),
    Field("grr", N_("GRR"), "pct", shown=True, css="half"),
    Field("churn_rate", N_("Churn rate"), "pct"),
    Field("days_overdue", N_("Days overdue"), "n1"),
    Field("win_rate", N_("Win rate"), "pct"),
    Field("verdict", N_("Chance of stopping"), "choice", VERDICTS),
    Field("act", N_("Findings to act on"), "n", shown=True, css="half"),
    Field("watch", N_("Findings to watch"), "n"),
    Field("warnings", N_("Warnings on the data"), "n"),
    Field("told", N_("Reason"), shown=True, css="long"),
)


def needed(name: str) -> bool:
    """Whether a file of the folder of results, by its name in it, is read for the page."""
    own = name.split("/", 2)
    return name.endswith(f"/{STATUS}") or FAILED in own[1:2] or (len(own) == 3 and own[2] in NEEDED)


def write_portfolio(out: Path, language: str | None = None) -> Path:
    """Make the page on all clients anew from what stands in ``out``, and its table; the page.

    In ``index.zh.html`` and ``index.en.html`` it stands in both languages; ``index.html`` is the one in
    ``language``, left out that of the page that is there. Where there is no client left, all are removed.
    """
    language = language or _language_of(out / PAGE)
    clients = table_of(out)
    pages = {lang: out / f"index.{lang}.html" for lang in LANGUAGES}
    if clients.empty:
        for path in [*pages.values(), out / PAGE, out / TABLE]:
            path.unlink(missing_ok=True)
        return out / PAGE
    _replace(out / TABLE, lambda fresh: clients[COLUMNS].to_parquet(fresh))
    found = across(clients)
    for lang, path in pages.items():
        html = page(clients, found, lang)
        for target in [path, out / PAGE] if lang == language else [path]:
            _replace(target, lambda fresh, html=html: fresh.write_text(html, encoding="utf-8", newline="\n"))
    return out / PAGE


def is_there(out: str) -> bool:
    """Whether a folder of results of this machine has the page."""
    try:
        return (Path(out) / PAGE).is_file()
    except OSError:  # no place at all
        return False


def _language_of(page: Path) -> str:
    try:
        return "en" if '<html lang="en">' in page.read_text(encoding="utf-8")[:200] else "zh"
    except OSError:
        return "zh"


def _replace(target: Path, write: Any) -> None:
    """A file whole or as it was."""
    fresh = target.with_name(f".{target.name}.new")
    write(fresh)
    fresh.replace(target)


# --- the table


def table_of(out: Path) -> pd.DataFrame:
    """One row a client that has a run, or a try at one (index: its folder's name, sorted), with COLUMNS; and
    ENDED, and ``pages`` (files beside the page, by language and for the workbook).

    ``why`` is the code of the first fault. Shares from 0 to 1, amounts in the client's currency; a figure
    that is not known is missing. Changes are since the run of the date before.
    """
    rows = {}
    for folder in sorted(p for p in out.iterdir() if p.is_dir() and not p.name.startswith(".")):
        row = _row(folder)
        if row:
            rows[folder.name] = row
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*COLUMNS, *ENDED, "pages"])
    table[TEXTS] = table[TEXTS].astype(object).where(table[TEXTS].notna(), None)
    table[[*MEASURED, *CHANGES]] = table[[*MEASURED, *CHANGES]].astype("float64")
    return table.rename_axis("folder")


def _row(folder: Path) -> dict[str, Any] | None:
    status = read_json(folder / STATUS)
    runs = sorted(p.parent for p in folder.glob("*/manifest.json") if _is_date(p.parent.name))
    if not runs and not status and not (folder / FAILED).is_dir():
        return None
    run = next((r for r in runs if r.name == status.get("as_of")), runs[-1] if runs else None)
    row: dict[str, Any] = {"client": status.get("client"), "status": status.get("status"), "pages": {}}
    row |= {"faults": status.get("faults", []), "faults_told": status.get("count", 0)}
    row |= {"error": status.get("error"), "where": status.get("where")}
    if run is not None:
        row |= _of_run(run)
        row["pages"] = {k: f"{folder.name}/{run.name}/{v}" for k, v in row["pages"].items()}
        earlier = [r for r in runs if r.name < run.name]
        if earlier:
            row |= _changes(row, _of_run(earlier[-1]))
    row["status"] = row["status"] or ("done" if run else "failed")
    row["client"] = row["client"] or folder.name
    row["why"] = next((f.get("code") for f in row["faults"]), None)
    return row


def _of_run(run: Path) -> dict[str, Any]:
    """What is told of one run; what it does not hold is missing."""
    manifest, figures = read_json(run / "manifest.json"), read_json(run / "results" / "key_figures.json")
    settings = manifest.get("settings", {})
    row: dict[str, Any] = {
        "client": manifest.get("client"),
        "industry": settings.get("industry"),
        "currency": settings.get("currency"),
        "as_of": run.name,
        "issued": manifest.get("issued"),
        "verdict": figures.get("health", {}).get("verdict"),
        "warnings": len(manifest.get("warnings", [])),
    }
    row |= figures_of(run, date.fromisoformat(run.name))
    findings = read_json(run / "results" / "findings.json", [])
    row |= {grave: sum(f.get("severity") == grave for f in findings) for grave in ("act", "watch")}
    pages = {lang: f"report.{lang}.html" for lang in manifest.get("languages", [])}
    row["pages"] = pages | {"workbook": "results.xlsx"}
    return row


def _changes(now: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    def less(name: str) -> float | None:
        return None if now[name] is None or then[name] is None else now[name] - then[name]

    same = now["currency"] == then["currency"] and (then["revenue"] or 0) > 0 and now["revenue"] is not None
    return {
        "before": then["as_of"],
        "revenue_change": now["revenue"] / then["revenue"] - 1 if same else None,
        "top1_change": less("top1_share"),
        "grr_change": less("grr"),
        "act_change": less("act"),
    }


def _is_date(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True


# --- the page


def page(clients: pd.DataFrame, found: list[Across], language: str) -> str:
    """The page in one language.

    Parameters
    ----------
    clients : as of ``table_of``.
    found : what holds across them.
    """
    currencies = sorted(set(clients["currency"].dropna()))
    locale = Locale(language, currencies[0] if currencies else "CNY")
    view = View(locale)
    names = clients["client"].to_dict()
    script = live_table.script()
    counts = clients["status"].value_counts()
    tiles = [(locale.text(STATES[state]), locale.number(int(counts.get(state, 0)))) for state in STATES]
    newest = clients["as_of"].dropna().max()
    other = next(lang for lang in LANGUAGES if lang != language)
    return str(
        template("portfolio.html.j2").render(
            **frame(view, live_table.hash_of(script)),
            total=locale.say(N_("{count:n} {count:plural|client|clients}"), count=len(clients)),
            newest=locale.say(N_("newest data as of {day:date}"), day=newest)
            if isinstance(newest, str)
            else "",
            other=(f"index.{other}.html", {"zh": "中文", "en": "English"}[other], _lang(other)),
            tiles=tiles,
            points=[(one.severity, sentence(one, names, locale)) for one in found],
            table=_live(clients, currencies, locale),
            css=live_table.css(),
            script=script,
        )
    )


def _lang(language: str) -> str:
    return {"zh": "zh-Hans", "en": "en"}[language]


def _live(clients: pd.DataFrame, currencies: list[str], locale: Locale) -> str:
    """The table of clients, the largest first where all have one currency, else by name."""
    one_currency = len(currencies) < 2
    shown = clients.assign(told=[_why(row, locale) for row in clients.itertuples(name="Client")])
    order = ["revenue", "client"] if one_currency else ["client"]
    shown = shown.sort_values(order, ascending=[False, True] if one_currency else [True], kind="stable")
    known = [f for f in FIELDS if shown[f.key].notna().any()]
    if one_currency:
        known = [f for f in known if f.key != "currency"]
    columns = []
    for one in known:
        made = one if one_currency or one.kind != "money" else _own_currency(one)
        column = live_table.column(made, shown[one.key], made.words, locale)
        if not one_currency and one.key == "currency":
            column["shown"] = True
        if one.key == "client":
            column["links"] = {
                n: to for n, pages in enumerate(shown["pages"]) if (to := _main(pages, locale))
            }
        columns.append(column)
    columns += _links(shown["pages"], locale)
    data = live_table.whole(
        columns,
        shown["revenue"] if one_currency else (),
        len(shown),
        locale,
        "fleet.csv",
        "revenue" if one_currency else "client",
        locale.text(
            N_("{shown} of {total} clients, revenue {sum} ({unit})")
            if one_currency
            else N_("{shown} of {total} clients")
        ),
        locale.text(N_("No client fits; choose fewer conditions.")),
    )
    on_paper = locale.text(
        N_("On screen this table can be searched and filtered; fleet.parquet holds all of it.")
    )
    return live_table.section(locale.text(N_("All clients")), on_paper, data, _plain(shown, locale), locale)


def _own_currency(one: Field) -> Field:
    """A column of amounts in several currencies, which no unit and no sum fits."""
    return Field(**{f.name: getattr(one, f.name) for f in fields(Field)} | {"kind": "n"})


def _links(pages: pd.Series, locale: Locale) -> list[dict[str, Any]]:
    """A column for each kind of file beside the one that the client's name leads to."""
    words = {"zh": N_("In Chinese"), "en": N_("In English"), "workbook": N_("Workbook")}
    made = []
    for kind, label in words.items():
        there = [_url(one[kind]) if kind in one else "" for one in pages]
        there = [to if to != _main(one, locale) else "" for to, one in zip(there, pages, strict=True)]
        if not any(there):
            continue
        values = pd.Series([locale.text(N_("open")) if to else None for to in there], dtype=object)
        column = live_table.column(Field(kind, label, shown=True, css="half word"), values, None, locale)
        column["links"] = {n: to for n, to in enumerate(there) if to}
        made.append(column)
    return made


def _main(pages: dict[str, str], locale: Locale) -> str:
    """The report that a client's name leads to: in the page's language, else in another."""
    to = pages.get(locale.language) or pages.get("en") or pages.get("zh")
    return _url(to) if to else ""


def _url(path: str) -> str:
    """A file beside the page, as a link: a name can hold whatever a folder's name can."""
    return quote(path)


def _why(row: Any, locale: Locale) -> str | None:
    """Why there is no report of the last run, in words: the first fault, or the error and where it was."""
    if not row.faults:
        return f"{row.where}: {row.error}" if row.where and row.error else row.error
    about = row.faults[0]
    try:
        told = line(Fault(**{**about, "rows": ()}), locale)
    except (TypeError, KeyError, ValueError):  # kept by another version
        return str(about.get("code"))
    rest = int(row.faults_told) - 1
    more = locale.say(N_("{rest:n} more; kamplay check lists them all."), rest=rest) if rest > 0 else ""
    return locale.sentences(told, more)


def _plain(clients: pd.DataFrame, locale: Locale) -> str:
    """The clients as a table without a script: each with its status and its report."""
    rows = [
        (
            row.client,
            _main(row.pages, locale),
            locale.text(STATES[row.status]),
            locale.date(row.as_of),
            row.told or "",
        )
        for row in clients.itertuples()
    ]
    return str(template("portfolio_plain.html.j2").render(_=locale.text, rows=rows))
