"""The report: one HTML file that works offline, composed by the outline from the results of a run and
from the
displays of its executed (perhaps edited) notebooks.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import unescape
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
from babel.numbers import get_currency_name

from kamplay import digests, palette
from kamplay.api import STEPS, result
from kamplay.api import open as open_run
from kamplay.method.results import StepResult
from kamplay.report import benchmark
from kamplay.report.engine.notebooks import EXECUTED
from kamplay.report.final import draft_mark
from kamplay.report.pages import live_table
from kamplay.report.pages.argument import Argument, argument
from kamplay.report.pages.explorer import Explorer, explorer
from kamplay.report.pages.inert import inert
from kamplay.report.results import edition_of_run, written_once_in
from kamplay.run_folder import LOGO_KINDS, WORK, Run, issued, load_outline, load_settings
from kamplay.show.client_edition import Edition
from kamplay.show.labels import marked_chinese
from kamplay.show.locale import BABEL, N_, Locale, close
from kamplay.show.plan.actions import dated_back
from kamplay.show.summary import beside_others
from kamplay.show.view import View, using, view_of

# the last three stand in a course's notebooks; pasted into a client's they still enter no report
LEFT_OUT = {"parameters", "injected-parameters", "setup", "trainer", "exercise", "solution"}
DISPLAY = re.compile(r"kp\.(charts|tables)\.(\w+)\(")
FOOTER = N_(
    "Amounts are net of tax, returns deducted; currency: {currency}. The last 12 months are "
    "those that end on the reporting date, "
    "inclusive. The accompanying workbook lists every account."
)
OTHER_LANGUAGE = {
    "zh": N_("The workbook, the list of actions and the calendars are in Chinese."),
    "en": N_("The workbook, the list of actions and the calendars are in English."),
}
CHINESE_COUNTED = "<!-- Chinese texts, counted -->"


@dataclass(frozen=True)
class Composed:
    """What a run's report tells in one language, for every form that it is given."""

    run: Run
    view: View
    results: dict[str, StepResult]
    told: Argument
    edition: Edition
    logo: Path | None


def compose(run: Path, language: str, after: Explorer | None = None) -> Composed:
    """The report of a run folder in one language, from its results and its executed notebooks; names in its
    tables lead to what ``after`` has of them.
    """
    opened = open_run(run, language)
    settings = opened.settings
    outline = load_outline(run)
    found = {key: result(opened, step.result) for key, step in STEPS.items()}
    edition = edition_of_run(opened, found)
    results = edition.results(found)
    view = view_of(settings, language, opened.book, one_by_one(opened))
    displays: dict[str, str] = {}
    notes: dict[str, list[str]] = {}
    for step in STEPS.values():
        node = _executed(run, step.notebook, language)
        for name, html in _displays(node, language, settings.edition):
            if shown := edition.display(name, html):
                displays[name] = shown
        notes[step.notebook] = [
            *_note(run, step.notebook, language, settings.edition),
            *_added(node, language, settings.edition),
        ]
    if after:
        displays = {name: after.link(html) for name, html in displays.items()}
    beside = benchmark.beside_others(run, opened.book.as_of, settings.industry)
    if beside is not None:
        with using(view):
            displays[beside_others.NAME] = beside_others.beside_others(beside, settings.industry).html
    told = argument(opened, outline, results, displays, notes, view)
    logo = next(iter(sorted((run / WORK).glob("logo.*"))), None)
    return Composed(opened, view, results, told, edition, logo)


def render(run: Path, language: str) -> str:
    """The page of a run folder in one language."""
    after = explorer(run, language, load_settings(run).edition)
    return _page(compose(run, language, after), after)


def headlines(page: Path, most: int) -> list[str]:
    """The first sentences of a page that was made, as plain text: the one that says it all, then the main
    findings, up to ``most``.
    """
    html = page.read_text(encoding="utf-8").partition('<section id="summary"')[2].partition("</section>")[0]
    points = re.findall(r'<p class="headline">(.*?)</p>', html.partition('<ol class="points">')[2], re.DOTALL)
    whole = re.findall(r'<h2 class="whole">(.*?)</h2>', html, re.DOTALL)
    texts = (unescape(re.sub(r"<[^>]*>", "", text)) for text in (*whole, *points))
    return [re.sub(r"(?<=[。！？；]) ", "", " ".join(text.split())) for text in texts][:most]


def write_slides(run: Path, language: str, path: Path) -> None:
    """The slides of a run folder in one language."""
    from kamplay.report.pages import deck

    made = compose(run, language)
    locale, settings = made.view.locale, made.run.settings
    kind = locale.text(N_("Key account report"))
    if settings.edition == "internal":
        kind = f"{kind} · {locale.text(N_('internal edition'))}"
    industry = locale.label(settings.industry) if settings.industry else None
    about = [industry, _imprint_of(made)]
    cover = [settings.client, kind, _period(made), *filter(None, about)]
    draft = draft_mark(settings, locale)
    deck.write(path, made.told, made.results, made.view, made.edition, cover, draft, made.logo)


def one_by_one(run: Run) -> bool:
    """Whether single accounts are worth a list, as consumers are not."""
    from kamplay.method.measures.business import business

    return business(run.book) != "consumers"


# --- the executed notebooks


def _executed(run: Path, notebook: str, language: str) -> Any:
    import nbformat

    return nbformat.read(str(run / "notebooks" / f"{notebook}.{language}.ipynb"), as_version=4)


def _shown_cells(node: Any, language: str, edition: str) -> Iterator[tuple[Any, str]]:
    """The cells that a report of this language and edition may show, each with the digest of its source."""
    left_out = LEFT_OUT | ({"zh", "en"} - {language}) | ({"internal"} if edition == "client" else set())
    for cell in node.cells:
        if not left_out & set(cell.metadata.get("tags", [])):
            yield cell, digests.of_value(cell.source)[:16]


def _displays(node: Any, language: str, edition: str) -> Iterator[tuple[str, str]]:
    """What each chart and table of a notebook shows, as (``charts.pareto``, HTML); nothing for an empty
    one.
    """
    for cell, _ in _shown_cells(node, language, edition):
        called = DISPLAY.findall(cell.source) if cell.cell_type == "code" else []
        html = "".join(o.get("data", {}).get("text/html", "") for o in cell.get("outputs", []))
        if len(called) == 1 and html:
            yield ".".join(called[0]), inert(html)


def _added(node: Any, language: str, edition: str) -> list[str]:
    """Prose and displays that were added to the notebook, or changed in it, after it was executed."""
    known = node.metadata.get(EXECUTED)
    if known is None:
        return []
    new = [
        cell
        for cell, digest in _shown_cells(node, language, edition)
        if digest not in known and not (cell.cell_type == "code" and DISPLAY.search(cell.source))
    ]
    html = "".join(_of_cell(node, cell, language) for cell in new)
    return [_commentary(html)] if html.strip() else []


def _of_cell(node: Any, cell: Any, language: str) -> str:
    """A consultant's cell: its prose without HTML of its own, or what its code showed."""
    if cell.cell_type == "markdown":
        return _prose(close(cell.source) if language == "zh" else cell.source)
    alone = node.copy()
    alone.cells = [cell]
    return inert(str(_exporter().from_notebook_node(alone)[0]))


def _prose(markdown: str) -> str:
    import mistune

    return str(mistune.create_markdown(escape=True)(markdown))


@cache
def _exporter() -> Any:
    """Of code cells that a consultant adds: nbconvert's own steps before its templates, which act on code and
    style
    sheets, have nothing to do here.
    """
    from nbconvert import HTMLExporter

    folder = resources.files("kamplay.report").joinpath("templates")
    return HTMLExporter(
        template_name="section",
        extra_template_basedirs=[str(folder)],
        exclude_anchor_links=True,
        default_preprocessors=[],
    )


def _note(run: Path, notebook: str, language: str, edition: str) -> list[str]:
    """The consultant's commentary on a step, in this language if there is one of it; in the internal edition
    also that of ``<notebook>.internal``.
    """
    out = []
    for name in (notebook, *([f"{notebook}.internal"] if edition == "internal" else [])):
        files = [run / "notes" / f"{name}.{language}.md", run / "notes" / f"{name}.md"]
        if path := next((f for f in files if f.exists()), None):
            out.append(_commentary(_prose(path.read_text(encoding="utf-8-sig"))))
    return out


def _commentary(html: str) -> str:
    """Its headings stand below those of the chapter."""
    lower = re.sub(r"<(/?)h[1-6][^>]*>", r"<\1h4>", html)
    return f'<aside class="commentary">{lower}</aside>'


# --- the page


def template(name: str) -> Any:
    """A page's template; what it is given is escaped, and must be complete."""
    return _environment().get_template(name)


def load_templates() -> None:
    """Compile what every report is made of: children forked after it need not."""
    for environment in (_environment(), live_table.environment()):
        for name in environment.list_templates(filter_func=re.compile(r"(report|explorer)\.").match):
            environment.get_template(name)


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("kamplay.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy(script_hash: str | None = None) -> str:
    """A page's content security policy: no network, no script but the one of this hash."""
    script = f"script-src '{script_hash}'; " if script_hash else ""
    return (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; {script}"
        "base-uri 'none'; form-action 'none'"
    )


def frame(view: View, script_hash: str | None = None) -> dict[str, Any]:
    """What every page's template takes: language, words, policy, colours; ``script_hash`` is that of the one
    script that it has.
    """
    colours = {n: c for n, c in vars(palette).items() if n.isupper() and isinstance(c, str)}
    lang = {"zh": "zh-Hans", "en": "en"}[view.locale.language]
    return {"lang": lang, "_": view.locale.text, "csp": policy(script_hash), "accent": view.accent, **colours}


def _period(made: Composed) -> str:
    """The 12 months of the report, from their first day to the reporting date."""
    locale, as_of = made.view.locale, pd.Timestamp(made.run.settings.as_of)
    start = as_of + pd.Timedelta(days=1) - pd.DateOffset(months=12)
    return f"{locale.date(start)} – {locale.date(as_of)}"


def _imprint_of(made: Composed) -> str:
    settings = made.run.settings
    as_of = pd.Timestamp(settings.as_of)
    return _imprint(settings.prepared_by, issued(made.run.folder), as_of, made.view.locale)


def _page(made: Composed, after: Explorer) -> str:
    view, settings, told = made.view, made.run.settings, made.told
    locale = view.locale
    html = str(
        template("report.html.j2").render(
            **frame(view, after.script_hash),
            client=settings.client,
            industry=locale.label(settings.industry) if settings.industry else None,
            as_of=locale.date(pd.Timestamp(settings.as_of)),
            period=_period(made),
            imprint=_imprint_of(made),
            draft=draft_mark(settings, locale),
            first=told.first,
            parts=told.parts,
            behind=told.behind,
            explorer=after,
            internal=settings.edition == "internal",
            logo=_picture(made.logo) if made.logo else None,
            footer=_footer(made),
            chinese_counted=CHINESE_COUNTED,
        )
    )
    return _marked(html, locale)


def _footer(made: Composed) -> str:
    """What amounts and months are, and the language of the workbook where it is another than the page's."""
    locale, settings = made.view.locale, made.run.settings
    currency = get_currency_name(settings.currency, locale=locale.babel)
    there = [one for one in BABEL if any((made.run.folder / "notebooks").glob(f"*.{one}.ipynb"))]
    once = written_once_in(settings, there)
    other = locale.text(OTHER_LANGUAGE[once]) if once != locale.language else ""
    return locale.sentences(locale.say(FOOTER, currency=currency), other)


def _marked(html: str, locale: Locale) -> str:
    """An English page whose Chinese is marked, with the sentence that says how much there is."""
    if locale.language != "en":
        return html
    marked, count = marked_chinese(html)
    told = N_(
        "{count:n} names of accounts, people and companies, and values without an English word, stand in "
        "Chinese as recorded."
    )
    return marked.replace(CHINESE_COUNTED, f"<p>{locale.say(told, count=count)}</p>" if count else "", 1)


def _imprint(prepared_by: str | None, issued_on: date | None, as_of: pd.Timestamp, locale: Locale) -> str:
    """Who prepared the report and when it was issued, as far as known; and the day of its figures, where that
    is long before.
    """
    parts = [locale.say(N_("Prepared by {who}"), who=prepared_by)] if prepared_by else []
    parts += [locale.say(N_("Issued {day:date}"), day=str(issued_on))] if issued_on else []
    parts.append(dated_back(as_of.date(), issued_on, locale))
    return " · ".join(filter(None, parts))


def _picture(path: Path) -> str:
    return f"data:{LOGO_KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
