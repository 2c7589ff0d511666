"""What the printed pages of a course share: the template loader, the look, Markdown as HTML."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import mistune
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from kamplay.palette import ACCENT
from kamplay.show.locale import N_, Locale

LANGUAGES = {"zh": "zh-Hans", "en": "en"}


def page(template: str, language: str, **values: Any) -> str:
    """A self-contained page: what it is given is escaped and must be complete; no script, nothing from a
    network.
    """
    return _environment().get_template(template).render(language=LANGUAGES[language], accent=ACCENT, **values)


_CODE = re.compile(r"\s*[（(]`[^`]*`[）)]")


def on_paper(text: str) -> str:
    """A text of an exercise without the names that a notebook's answer goes by."""
    return _CODE.sub("", text)


def header(label: str) -> Markup:
    """A table's header that breaks before what stands in Chinese brackets, and not inside."""
    text = str(escape(label))
    return Markup(re.sub(r"（[^）]*）", r'<wbr><span style="white-space:nowrap">\g<0></span>', text))


def team_label(name: str, locale: Locale) -> str:
    """A team's folder in words: team 1; a folder of another name as it is."""
    found = re.fullmatch(r"team_0*(\d+)", name)
    return locale.say(N_("Team {number}"), number=found[1]) if found else name


def prose(text: str) -> Markup:
    """Markdown as HTML; HTML in it is escaped."""
    return Markup(_markdown()(text))


@cache
def _markdown() -> Any:
    return mistune.create_markdown(escape=True, plugins=["table"])


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("kamplay.teaching"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
