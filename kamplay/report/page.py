"""The report: executed notebooks of one language and the results, as one HTML file that works offline."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
from babel.numbers import get_currency_name

from kamplay import palette
from kamplay.api import STEPS
from kamplay.engagement import Settings
from kamplay.method.results import Finding
from kamplay.report.explorer import Explorer, explorer
from kamplay.report.first_page import FirstPage, first_page
from kamplay.run_folder import LOGO_KINDS, WORK, issued
from kamplay.show.locale import N_, Locale, close
from kamplay.show.view import View, view_of

LEFT_OUT = {"parameters", "injected-parameters", "setup", "trainer", "exercise", "solution"}
FOOTER = N_(
    "Amounts are net of tax, returns deducted; currency: {currency}. The last 12 months are "
    "those that end on the reporting date, "
    "inclusive. The accompanying workbook lists every account."
)
APPENDIX = "appendix"
APPENDIX_TITLE = N_("Appendix: how this was checked")
MOVED = N_("How this was checked: {count:n} {count:plural|question|questions} in the appendix.")
QUESTIONS = (
    "## ",
    "### ",
)  # a question of the step; one that shows how its figures were checked, which the report puts last
LONG_BEFORE = 31  # days between the reporting date and the day of issue, from which a reader must be told


@dataclass(frozen=True)
class Section:
    """One step in the page: anchor, title, body HTML, and its questions as (anchor, text) for the contents;
    ``evidence`` and ``checked`` are the same of the questions that the appendix holds.
    """

    anchor: str
    title: str
    body: str
    questions: list[tuple[str, str]]
    evidence: str = ""
    checked: list[tuple[str, str]] = field(default_factory=list)


def render(run: Path, language: str) -> str:
    """The page of a run folder in one language, from its executed (perhaps edited) notebooks and its
    results."""
    settings = Settings.model_validate(json.loads((run / WORK / "settings.json").read_text(encoding="utf-8")))
    names = _names(run)
    view = view_of(settings, language, names)
    results = run / "results"
    figures = json.loads((results / "key_figures.json").read_text(encoding="utf-8"))
    findings = [
        Finding(**{**f, "accounts": tuple(f["accounts"])})
        for f in json.loads((results / "findings.json").read_text(encoding="utf-8"))
    ]
    sections = with_appendix(
        [section(run, step.key, step.notebook, language, settings.edition) for step in STEPS.values()],
        view.locale,
    )
    logo = next((_picture(p) for p in sorted((run / WORK).glob("logo.*"))), None)
    after = explorer(run, language, settings.edition)
    sections = [replace(part, body=after.link(part.body)) for part in sections]
    return _page(settings, view, first_page(figures, findings, view), sections, after, logo, issued(run))


def section(run: Path, step: str, notebook: str, language: str, edition: str) -> Section:
    """One executed notebook as a section: its language's prose, its displays, the consultant's note after the
    introduction.
    """
    import nbformat

    node = nbformat.read(str(run / "notebooks" / f"{notebook}.{language}.ipynb"), as_version=4)
    other = {"zh", "en"} - {language}
    left_out = LEFT_OUT | other | ({"internal"} if edition == "client" else set())
    node.cells = _with_something_to_read(
        _answered([c for c in node.cells if not left_out & set(c.metadata.get("tags", []))])
    )
    for cell in node.cells:
        cell.metadata["evidence"] = _asks(cell) and cell.source.lstrip().startswith("### ")
        if language == "zh" and cell.cell_type == "markdown":
            cell.source = close(cell.source)
    title, parts = _headings(_exporter().from_notebook_node(node)[0], step)
    stays, moved = [p for p in parts if not p.evidence], [p for p in parts if p.evidence]
    body = _with_note("".join(p.html for p in stays), run, notebook, language)
    questions, checked = ([q for p in side for q in p.questions] for side in (stays, moved))
    return Section(step, title, body, questions, "".join(p.html for p in moved), checked)


def with_appendix(sections: list[Section], locale: Locale) -> list[Section]:
    """The sections, each with a line that leads to its evidence, and the evidence of all as a last one;
    unchanged where there is none.
    """
    placed, evidence, checked = [], [], []
    for part in sections:
        if part.checked:
            line = locale.say(MOVED, count=len(part.checked))
            anchor = f"{APPENDIX}-{part.anchor}"
            evidence.append(
                f'<p class="of" id="{anchor}"><a href="#{part.anchor}">{part.title}</a></p>{part.evidence}'
            )
            checked += part.checked
            part = replace(
                part, body=f'{part.body}<p class="moved"><a href="#{anchor}">{escape(line)}</a></p>'
            )
        placed.append(part)
    if checked:
        placed.append(Section(APPENDIX, escape(locale.text(APPENDIX_TITLE)), "".join(evidence), checked))
    return placed


def _shows(cell: Any) -> bool:
    return any("text/html" in o.get("data", {}) or "image/png" in o.get("data", {}) for o in cell.outputs)


def _pictures(cell: Any) -> bool:
    """Whether a cell asks for a chart or a table: what a reading explains, other than a sentence."""
    return any(call in cell.source for call in ("kp.charts.", "kp.tables."))


def _asks(cell: Any) -> bool:
    return cell.cell_type == "markdown" and cell.source.lstrip().startswith(QUESTIONS)


def _answered(cells: list[Any]) -> list[Any]:
    """Without the questions that do not arise with this client: those whose every display showed nothing."""
    parts: list[list[Any]] = [[]]
    for cell in cells:
        if _asks(cell):
            parts.append([])
        parts[-1].append(cell)
    first, *questions = parts
    kept = []
    for part in questions:
        displays = [c for c in part if c.cell_type == "code" and c.outputs]
        if not displays or any(_shows(c) for c in displays):
            kept.append(part)
    return first + [cell for part in kept for cell in part]


def _with_something_to_read(cells: list[Any]) -> list[Any]:
    """Without the readings of which nothing is to be seen.

    A reading explains the displays between it and the prose before it. It goes where they asked for charts
    or tables and none of these showed anything, or where no display showed anything at all; one empty display
    among others takes no reading with it.
    """
    kept, explained = [], []
    for cell in cells:
        if cell.cell_type == "code":
            if cell.outputs:
                explained.append(cell)
        elif cell.source.lstrip().startswith("#"):
            explained = []
        else:
            pictures = [c for c in explained if _pictures(c)]
            if explained and not any(_shows(c) for c in pictures or explained):
                continue  # further prose on the same displays goes as well
            explained = []
        kept.append(cell)
    return kept


@cache
def _exporter() -> Any:
    """Of all sections: its templates are compiled once, and nbconvert's own steps before them, which act on
    code and style sheets, have nothing to do here.
    """
    from nbconvert import HTMLExporter

    folder = resources.files("kamplay.report").joinpath("templates")
    return HTMLExporter(
        template_name="section",
        extra_template_basedirs=[str(folder)],
        exclude_anchor_links=True,
        default_preprocessors=[],
    )


@dataclass(frozen=True)
class _Part:
    """What stands under one question, or before the first: HTML, its questions as (anchor, text), whether it
    is evidence.
    """

    html: str
    questions: list[tuple[str, str]]
    evidence: bool


def _headings(body: str, step: str) -> tuple[str, list[_Part]]:
    """The notebook's title taken out, its questions one level down with anchors of ours: nbconvert's are
    percent-encoded and repeat.

    Anchors count in the notebook's order, so that a question keeps its own wherever the report puts it.
    """
    title = ""
    asked: list[tuple[str, str]] = []
    parts = []

    def put(found: re.Match[str]) -> str:
        nonlocal title
        level, text = found.group(1), found.group(2)
        if level == "1" and not title:
            title = re.sub(r"<.*?>", "", text)
            return ""
        if level == "2" or (level == "3" and evidence and not found.string[: found.start()].strip()):
            asked.append((f"{step}-{len(asked) + 1}", re.sub(r"<.*?>", "", text)))
            return f'<h3 id="{asked[-1][0]}">{text}</h3>'
        return f"<h4>{text}</h4>"

    for piece in re.split(r'(?=<div class="prose(?: evidence)?">\s*<h[23])', body):
        evidence, before = piece.startswith('<div class="prose evidence">'), len(asked)
        plain = piece.removeprefix('<div class="prose evidence">') if evidence else piece
        placed = re.sub(r"<h([1-6])[^>]*>(.*?)</h\1>", put, plain, flags=re.DOTALL)
        placed = ('<div class="prose">' if evidence else "") + placed
        placed = re.sub(r'<div class="prose">\s*</div>', "", placed)
        parts.append(_Part(placed, asked[before:], evidence))
    return title, parts


def _with_note(body: str, run: Path, notebook: str, language: str) -> str:
    """The consultant's commentary, in this language if there is one of it, before the section's first
    question.
    """
    files = [run / "notes" / f"{notebook}.{language}.md", run / "notes" / f"{notebook}.md"]
    path = next((f for f in files if f.exists()), None)
    if path is None:
        return body
    import mistune

    text = mistune.create_markdown(escape=True)(path.read_text(encoding="utf-8-sig"))
    text = re.sub(r"<(/?)h[1-6]>", r"<\1h4>", str(text))  # its headings stand below the section's
    note = f'<aside class="commentary">{text}</aside>'
    place = body.find('<div class="prose"><h3')
    return body + note if place < 0 else body[:place] + note + body[place:]


def _names(run: Path) -> dict[str, str]:
    table = pd.read_csv(
        run / "results" / "accounts.csv",
        dtype=str,
        usecols=["account_id", "account_name"],
        keep_default_na=False,
    )
    return dict(zip(table["account_id"].map(unguard), table["account_name"].map(unguard), strict=True))


def unguard(text: str) -> str:
    """A cell of accounts.csv without the mark that keeps spreadsheets from taking it for a formula."""
    return text[1:] if re.match(r"'[=+\-@\t\r]", text) else text


@cache
def template(name: str) -> Any:
    """A page's template; what it is given is escaped, and must be complete."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("kamplay.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


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


def _page(
    settings: Settings,
    view: View,
    summary: FirstPage,
    sections: list[Section],
    after: Explorer,
    logo: str | None,
    issued_on: date | None,
) -> str:
    locale: Locale = view.locale
    as_of = pd.Timestamp(settings.as_of)
    start = as_of + pd.Timedelta(days=1) - pd.DateOffset(months=12)
    return template("report.html.j2").render(
        **frame(view, after.script_hash),
        client=settings.client,
        industry=settings.industry,
        as_of=locale.date(as_of),
        period=f"{locale.date(start)} – {locale.date(as_of)}",
        imprint=_imprint(settings.prepared_by, issued_on, as_of, locale),
        summary=summary,
        sections=sections,
        explorer=after,
        internal=settings.edition == "internal",
        logo=logo,
        footer=locale.say(FOOTER, currency=get_currency_name(settings.currency, locale=locale.babel)),
    )


def _imprint(prepared_by: str | None, issued_on: date | None, as_of: pd.Timestamp, locale: Locale) -> str:
    """Who prepared the report and when it was issued, as far as known; and the day of its figures, where that
    is long before.
    """
    parts = [locale.say(N_("Prepared by {who}"), who=prepared_by)] if prepared_by else []
    parts += [locale.say(N_("Issued {day:date}"), day=str(issued_on))] if issued_on else []
    if issued_on and pd.Timestamp(issued_on) > as_of + pd.Timedelta(days=LONG_BEFORE):
        told = N_("figures as of {as_of:date}, due dates from the day of issue")
        parts.append(locale.say(told, as_of=str(as_of.date())))
    return " · ".join(parts)


def _picture(path: Path) -> str:
    return f"data:{LOGO_KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
