"""matplotlib's SVG for many small drawings: one renderer for the layout and for the drawing, each text
measured
once for all drawings of a process, and words as text, not as outlines. All but the words is matplotlib's own.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.colors import rgb2hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.textpath import TextToPath

_MEASURE = TextToPath()


def svg_of(figure: Figure) -> str:
    """The figure as SVG. ``savefig`` would draw it twice, the first time for the layout alone."""
    canvas = _Canvas(figure)
    figure.dpi = 72  # as SVG counts
    if layout := figure.get_layout_engine():
        layout.execute(figure)
    figure.set_layout_engine("none")
    renderer = canvas.get_renderer()
    figure.draw(renderer)
    renderer.finalize()
    return canvas.out.getvalue()


class _Renderer(RendererSVG):
    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Any:
        return _size_of(s, prop.copy(), ismath)

    def _draw_text_as_path(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any,
        mtext: Any = None,
    ) -> None:
        """The words as text in the reader's font, as wide as our own font makes them: what was laid out
        by its
        measures neither runs over nor leaves a gap.
        """
        if not s.strip():
            return
        about = {"x": _short(x), "y": _short(y), "font-size": _short(prop.get_size_in_points())}
        if len(s) > 1:
            about["textLength"] = _short(_size_of(s, prop.copy(), ismath)[0])
            about["lengthAdjust"] = "spacingAndGlyphs"
        if angle:
            about["transform"] = f"rotate({_short(-angle)} {about['x']} {about['y']})"
        colour = rgb2hex(gc.get_rgb())
        alpha = gc.get_alpha() if gc.get_forced_alpha() else gc.get_rgb()[3]
        faint = "" if alpha == 1 else f"; opacity: {_short(alpha)}"
        self.writer.element("text", s, attrib={**about, "style": f"fill: {colour}{faint}"})

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        """What matplotlib would look up in the font's tables for every text that it lays out."""
        return _line_of(prop.copy())


class _Canvas(FigureCanvasSVG):
    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.out = io.StringIO()
        self._renderer: _Renderer | None = None

    def get_renderer(self) -> _Renderer:
        if self._renderer is None:
            width, height = self.figure.get_size_inches() * 72
            about = {"Date": None, "Creator": None}
            self._renderer = _Renderer(width, height, self.out, image_dpi=72, metadata=about)
        return self._renderer


def _short(number: float) -> str:
    """To a hundredth of a point, without zeros at the end."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=16_384)
def _size_of(text: str, font: FontProperties, math: Any) -> Any:
    return _MEASURE.get_text_width_height_descent(text, font, math)


@lru_cache(maxsize=256)
def _line_of(properties: FontProperties) -> tuple[float, float, float]:
    """Ascent, descent and gap of a line, in points."""
    font: Any = get_font(fontManager._find_fonts_by_props(properties))
    table = font.get_sfnt_table("OS/2")
    scale = 1 / font.get_sfnt_table("head")["unitsPerEm"] * properties.get_size_in_points()
    up, down, gap = (table[name] * scale for name in ("sTypoAscender", "sTypoDescender", "sTypoLineGap"))
    return up, -down, gap
