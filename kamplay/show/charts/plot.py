"""The figures of a chart, for a document that draws it itself and lets its reader edit it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Series:
    """A row of marks.

    Parameters
    ----------
    name : as the legend calls it; "" is drawn in no colour and named nowhere, as what a bar stands on.
    values : one for each category; of a curve or a cloud the heights over ``at``.
    colour : #RRGGBB.
    labels : the words beside the marks, "" for none; without any, no mark has words.
    colours : of single marks, where they differ.
    """

    name: str
    values: tuple[float | None, ...]
    colour: str
    at: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plot:
    """What a chart shows.

    Parameters
    ----------
    kind : bars (beside one another), stacked (end to end), line (over
        the categories), curve (lines) or cloud (marks) over ``at``.
    categories : from the top, or from the left; client texts are as they came.
    caption : what is shown, as a sentence.
    form : the number format of the values' axis, as a spreadsheet has it; "" for no axis.
    form_at : that of the other axis of a curve or a cloud.
    axes : the names of the axis at the bottom and of the one at the side.
    log : whether the axis at the side counts in powers of ten.
    message : what the reader is to take from it; "" where it has none of its own.
    """

    kind: Literal["bars", "stacked", "line", "curve", "cloud"]
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    caption: str
    form: str = ""
    form_at: str = ""
    axes: tuple[str, str] = ("", "")
    log: bool = False
    message: str = ""
