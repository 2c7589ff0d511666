"""What the report shows, where, in which edition, and from which amount on: its declared outline.

The steps and their notebooks stay whole; the report takes from them what the outline names. Names of
findings,
topics, charts and tables are checked by ``kamplay.report.pages.telling``, which knows them all.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kamplay.presets.scorecard import Strict, Words

Exhibit = Annotated[str, Field(pattern=r"^(charts|tables)\.[a-z_]+$")]
Name = Annotated[str, Field(pattern=r"^[a-z_0-9]+$")]
Edition = Literal["client", "internal"]


class Opening(Strict):
    """The first screen.

    Parameters
    ----------
    findings : how many findings, the most money first.
    always : kinds of finding that stand before these wherever they were found, whether or not they call for
        something.
    topics : whose findings may stand there; a finding of the same single account as one before it does not.
    decisions : kinds of finding that ask for a decision, in the order in which they are preferred.
    most_decisions : how many of them.
    """

    findings: int = Field(5, ge=0, le=10)
    always: list[Name] = Field(default_factory=list)
    topics: list[Name]
    decisions: list[Name] = Field(default_factory=list)
    most_decisions: int = Field(3, ge=0, le=6)


class Chapter(Strict):
    """One chapter: its answer, its evidence, its caveat, and who does what by when. It is left out where
    none of them is there.

    Parameters
    ----------
    anchor : its place in the page, the same in every language.
    title : the question it answers, in few words.
    headline : kinds of finding, the first that was found is the chapter's headline.
    exhibits : displays of the notebooks, ``charts.pareto`` for ``kp.charts.pareto``; the first
    ``most_exhibits``
        that show something.
    rows : rows that a table shows at most; the workbook has them all.
    caveat : kinds of finding, the first that was found stands as the chapter's caveat.
    topics : whose further findings may stand in the chapter, those with most money first.
    findings, actions : how many of them.
    also : kinds of finding that stand there as well, in this order, whether they call for something or not.
    asks : kinds of finding of which only the action stands there, behind the others.
    notes : notebooks whose commentary stands in the chapter: the consultant's notes, and prose that was
    added to
        the executed notebook.
    editions : where the chapter stands.
    """

    anchor: Name
    title: Words
    headline: list[Name]
    exhibits: list[Exhibit] = Field(default_factory=list)
    most_exhibits: int = Field(2, ge=0, le=8)
    rows: int = Field(10, ge=1, le=50)
    caveat: list[Name] = Field(default_factory=list)
    topics: list[Name] = Field(default_factory=list)
    findings: int = Field(3, ge=0, le=10)
    actions: int = Field(4, ge=0, le=12)
    also: list[Name] = Field(default_factory=list)
    asks: list[Name] = Field(default_factory=list)
    notes: list[Annotated[str, Field(pattern=r"^\d_[a-z_]+$")]] = Field(default_factory=list)
    editions: tuple[Edition, ...] = ("client", "internal")


class Appendix(Strict):
    """What stands behind the chapters.

    Parameters
    ----------
    exhibits : displays on the data.
    checks : kinds of finding that tell how far the figures can be trusted, one line each.
    """

    exhibits: list[Exhibit] = Field(default_factory=list)
    rows: int = Field(12, ge=1, le=50)
    checks: list[Name] = Field(default_factory=list)


class Outline(Strict):
    """The outline of a report.

    Parameters
    ----------
    materiality : share of the revenue of 12 months below which a finding with an amount is left out.
    """

    title: Words
    source: Words
    materiality: float = Field(0.01, ge=0, le=1)
    opening: Opening
    chapters: list[Chapter] = Field(min_length=1)
    appendix: Appendix = Appendix()

    @model_validator(mode="after")
    def _anchors_once(self) -> Outline:
        anchors = [chapter.anchor for chapter in self.chapters]
        for anchor in anchors:
            if anchors.count(anchor) > 1:
                raise ValueError("anchor_twice", {"at": "chapters", "name": anchor})
        return self

    def kinds(self) -> dict[str, str]:
        """Every kind of finding that is named, with the setting that names it."""
        found = dict.fromkeys(self.opening.always, "opening.always")
        found |= dict.fromkeys(self.opening.decisions, "opening.decisions")
        for number, chapter in enumerate(self.chapters):
            found |= dict.fromkeys(chapter.headline, f"chapters.{number}.headline")
            found |= dict.fromkeys(chapter.caveat, f"chapters.{number}.caveat")
            found |= dict.fromkeys(chapter.also, f"chapters.{number}.also")
            found |= dict.fromkeys(chapter.asks, f"chapters.{number}.asks")
        return found | dict.fromkeys(self.appendix.checks, "appendix.checks")

    def topics(self) -> dict[str, str]:
        """Every topic that is named, with the setting that names it."""
        found = dict.fromkeys(self.opening.topics, "opening.topics")
        for number, chapter in enumerate(self.chapters):
            found |= dict.fromkeys(chapter.topics, f"chapters.{number}.topics")
        return found

    def exhibits(self) -> dict[str, str]:
        """Every display that is named, with the setting that names it."""
        found: dict[str, str] = {}
        for number, chapter in enumerate(self.chapters):
            found |= dict.fromkeys(chapter.exhibits, f"chapters.{number}.exhibits")
        return found | dict.fromkeys(self.appendix.exhibits, "appendix.exhibits")

    def charts(self) -> frozenset[str]:
        """The names of the charts among the exhibits."""
        return frozenset(
            name.removeprefix("charts.") for name in self.exhibits() if name.startswith("charts.")
        )
