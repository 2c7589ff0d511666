"""A chart that one drawing serves at every width: as wide as a phone, and no wider on a laptop or on paper.

Half the bytes of two drawings and half the height in print; for charts that are read at a glance and hold no long names.
"""

from __future__ import annotations

from html import escape

from kamplay.show.charts.figure import Draw, drawn
from kamplay.show.display import Display
from kamplay.show.view import current

SIZE = (4.3, 3.2)  # inches


def compact(draw: Draw, caption: str, alt: str, height: float = 1.0) -> Display:
    """The drawing with its caption. ``draw(axes, view, narrow)`` is called as for a phone; ``height`` scales the default height."""
    picture, _ = drawn(draw, current(), SIZE, height, True)
    html = (
        f'<figure class="chart compact"><img src="{picture}" alt="{escape(alt, quote=True)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
    return Display(html, f"[{caption}] {alt}")
