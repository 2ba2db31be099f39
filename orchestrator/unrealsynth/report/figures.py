"""Figures of the report as SVG that takes its colours and its font from the page, so that light and dark both read.

Matplotlib draws with a few marker colours, which are replaced by the page's CSS variables. Text stays text. No global
state of matplotlib is changed.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unrealsynth.report.markup import text

INK, FAINT, LINE = "#010101", "#020202", "#030303"
SPLIT_COLORS = ("#0a0a0a", "#0b0b0b", "#0c0c0c", "#0d0d0d")
ACCENT = SPLIT_COLORS[0]
_VARIABLES = {
    INK: "--ink",
    FAINT: "--faint",
    LINE: "--line",
    **dict(zip(SPLIT_COLORS, ("--c1", "--c2", "--c3", "--c4"), strict=True)),
}
_STYLE: Mapping[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": FAINT,
    "ytick.labelcolor": FAINT,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
}


def figure_svg(key: str, alt: str, size_in: tuple[float, float], draw: Callable[[Figure], None]) -> str:
    """What `draw` puts into a figure, as an element of the page; `key` is unlike that of any other figure."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": key}), warnings.catch_warnings():
        # Which font has the letters of a name is the browser's business.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        figure = Figure(size_in)
        draw(figure)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", transparent=True)
    return _embedded(stream.getvalue(), key, alt)


def axes_within(
    figure: Figure, *, left: float = 0.52, right: float = 0.12, bottom: float = 0.48, top: float = 0.1
) -> Axes:
    """Axes with margins in inches."""
    width, height = figure.get_size_inches()
    place = (left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height)
    return figure.add_axes(place)


def _embedded(svg: str, key: str, alt: str) -> str:
    """The drawing as part of a page: themed, named for those who cannot see it, with ids of its own."""
    svg = svg[svg.index("<svg") :]
    # Its style sheet would hold for the whole page.
    svg = re.sub(r"<(metadata|style\b)[^>]*>.*?</(metadata|style)>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s(xmlns(:xlink)?|version)=\"[^\"]*\"", "", svg)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{key}-", svg)
    svg = re.sub(r"#0[123abcd]0[123abcd]0[123abcd]", lambda color: f"var({_VARIABLES[color[0]]})", svg)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px var(--font)", svg)
    svg = re.sub(r'<svg ([^>]*?)width="([\d.]+)pt" height="([\d.]+)pt"', r"<svg \1", svg)
    return svg.replace("<svg ", f'<svg class="plot" role="img" aria-label="{text(alt)}" ', 1).strip()
