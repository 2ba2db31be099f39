"""The report's drawings, each from its numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle, Wedge
from matplotlib.ticker import FixedLocator, MaxNLocator
from numpy.typing import NDArray

from unrealsynth.report.agreement import Agreement
from unrealsynth.report.figures import ACCENT, FAINT, INK, LINE, SPLIT_COLORS, axes_within, figure_svg
from unrealsynth.report.markup import text
from unrealsynth.report.statistics import (
    AZIMUTH_STEP_DEG,
    BANDS,
    ELEVATION_STEP_DEG,
    LARGE_PX,
    SMALL_PX,
    ClassStatistics,
    Statistics,
)

MOST_CLASSES = 30
_FINE_FROM = 2000
"""Labels from which the map of centres has all its cells; fewer would only show chance."""


def class_balance(statistics: Statistics) -> str:
    """Labels of each class, by split."""
    entries = statistics.classes[:MOST_CLASSES]
    names = [short(entry.name) for entry in entries]
    splits = statistics.splits

    def draw(figure: Figure) -> None:
        axes = axes_within(figure, left=_label_width(names), right=0.3, bottom=0.3, top=0.32)
        left = np.zeros(len(entries))
        for split, color in zip(splits, SPLIT_COLORS, strict=False):
            counts = np.array([entry.labels[split] for entry in entries], float)
            axes.barh(names, counts, left=left, color=color, height=0.68, label=split)
            left += counts
        for place, entry in enumerate(entries):
            axes.annotate(f"{entry.total:,}", (left[place], place), (4, 0), textcoords="offset points", va="center")
        axes.invert_yaxis()
        axes.set_xlim(0, max(left.max(), 1) * 1.1)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        _across(axes)
        axes.legend(
            ncols=4, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.1, handlelength=1, columnspacing=1
        )

    alt = "Labels by class: " + ", ".join(f"{entry.name} {entry.total}" for entry in entries)
    return figure_svg("balance", alt, (5.2, 0.75 + 0.27 * len(entries)), draw)


def per_image(statistics: Statistics) -> str:
    """Images by number of labelled objects."""
    top = max(statistics.per_image)
    counts = np.array([statistics.per_image[number] for number in range(top + 1)])

    def draw(figure: Figure) -> None:
        axes = axes_within(figure)
        axes.bar(np.arange(top + 1), counts, color=ACCENT, width=0.8 if top < 40 else 1.0)
        axes.xaxis.set_major_locator(MaxNLocator(12, integer=True) if top > 12 else FixedLocator(range(top + 1)))
        axes.set_xlabel("labelled objects in an image")
        axes.set_ylabel("images")
        _up(axes)

    mean = statistics.labels / statistics.images
    alt = f"Images by number of labelled objects, 0 to {top}, {mean:.1f} on average"
    return figure_svg("per-image", alt, (5.2, 2.3), draw)


def box_sizes(statistics: Statistics) -> str:
    """Square roots of box areas against COCO's limits."""
    sizes = np.maximum(np.asarray(statistics.sizes_px.items), 1.0)
    shares = statistics.bands / max(statistics.labels, 1)

    def draw(figure: Figure) -> None:
        axes = axes_within(figure, top=0.26)
        low, high = min(16.0, sizes.min()), max(192.0, sizes.max())
        axes.hist(sizes, np.geomspace(low, high * 1.001, 33).tolist(), color=ACCENT, weights=_percent(sizes))
        axes.set_xscale("log", base=2)
        axes.set_xlim(low, high)
        for limit in (SMALL_PX, LARGE_PX):
            axes.axvline(limit, color=INK, linewidth=1, linestyle=(0, (3, 3)))
        middles = (np.sqrt(low * SMALL_PX), np.sqrt(SMALL_PX * LARGE_PX), np.sqrt(LARGE_PX * high))
        for name, share, middle in zip(BANDS, shares, middles, strict=True):
            axes.annotate(f"{name} {share:.0%}", (middle, 1.02), xycoords=("data", "axes fraction"), ha="center")
        ticks = [tick for tick in (4, 8, 16, 32, 64, 96, 128, 256, 512, 1024, 2048) if low <= tick <= high]
        axes.set_xticks([tick for tick in ticks if tick != 128], [str(tick) for tick in ticks if tick != 128])
        axes.minorticks_off()
        axes.set_xlabel("√ area of the box, pixels")
        axes.set_ylabel("% of the boxes")
        _up(axes)

    alt = "Box sizes: " + ", ".join(f"{share:.0%} {name}" for name, share in zip(BANDS, shares, strict=True))
    return figure_svg("sizes", f"{alt}; limits 32 and 96 pixels", (5.2, 2.5), draw)


def class_sizes(statistics: Statistics) -> str:
    """The range of box sizes of each class."""
    entries = [entry for entry in statistics.classes[:MOST_CLASSES] if entry.total]
    names = [short(entry.name) for entry in entries]
    ranges = [np.quantile(entry.sizes_px.items, [0.05, 0.25, 0.5, 0.75, 0.95]) for entry in entries]

    def draw(figure: Figure) -> None:
        axes = axes_within(figure, left=_label_width(names))
        for place, (lowest, low, middle, high, highest) in enumerate(ranges):
            axes.plot([lowest, highest], [place, place], color=ACCENT, linewidth=2, solid_capstyle="round")
            axes.plot([low, high], [place, place], color=ACCENT, linewidth=8, solid_capstyle="butt")
            axes.plot([middle, middle], [place - 0.28, place + 0.28], color=INK, linewidth=2)
        axes.set_yticks(range(len(entries)), names)
        axes.set_ylim(len(entries) - 0.4, -0.6)
        axes.set_xscale("log", base=2)
        low, high = min(row[0] for row in ranges) / 1.15, max(row[-1] for row in ranges) * 1.15
        ticks = [tick for tick in (2, 4, 8, 16, 32, 64, 96, 192, 384, 768, 1536) if low <= tick <= high]
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.set_xlim(low, high)
        axes.minorticks_off()
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.set_xlabel("√ area of the box, pixels")
        _across(axes)

    middles = ", ".join(f"{entry.name} {row[2]:.0f}" for entry, row in zip(entries, ranges, strict=True))
    return figure_svg(
        "class-sizes", f"Median box size in pixels by class: {middles}", (5.2, 0.85 + 0.27 * len(entries)), draw
    )


def centres(statistics: Statistics) -> str:
    """Where in the picture the centres of the boxes are."""
    counts = statistics.centres
    if counts.sum() < _FINE_FROM:
        counts = np.add.reduceat(np.add.reduceat(counts, range(0, len(counts), 2), 0), range(0, len(counts), 2), 1)
    (width, height), _ = statistics.resolutions.most_common(1)[0]
    shape = min(max(height / max(width, 1), 0.4), 1.6)

    def draw(figure: Figure) -> None:
        axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
        _grid(axes, counts)
        axes.set_aspect(shape * counts.shape[1] / counts.shape[0])
        for third in (1 / 3, 2 / 3):
            axes.axvline(third * counts.shape[1], color=LINE, linewidth=0.8)
            axes.axhline(third * counts.shape[0], color=LINE, linewidth=0.8)

    middle = sum(int(entry.places[1, 1]) for entry in statistics.classes)
    share = middle / max(statistics.labels, 1)
    alt = f"Heat map of box centres over the picture; {share:.0%} are in its middle ninth"
    return figure_svg("centres", alt, (3.4, 3.4 * shape), draw)


def shares(key: str, values: Sequence[float], label: str, alt: str) -> str:
    """A histogram of shares from 0 to 1."""

    def draw(figure: Figure) -> None:
        axes = axes_within(figure)
        numbers = np.asarray(values)
        axes.hist(numbers * 100, np.linspace(0, 100, 21).tolist(), color=ACCENT, weights=_percent(numbers))
        axes.set_xlim(0, 100)
        axes.set_xlabel(label)
        axes.set_ylabel("% of the objects")
        _up(axes)

    return figure_svg(key, alt, (5.2, 2.2), draw)


def brightness(values: NDArray[np.float64]) -> str:
    """Mean brightness of the pictures."""

    def draw(figure: Figure) -> None:
        axes = axes_within(figure)
        axes.hist(values, np.linspace(0, 255, 33).tolist(), color=ACCENT, weights=_percent(values))
        axes.set_xlim(0, 255)
        axes.set_xlabel("mean brightness of a picture, 0 black to 255 white")
        axes.set_ylabel("% of the pictures")
        _up(axes)

    low, high = np.quantile(values, [0.05, 0.95])
    return figure_svg(
        "brightness", f"Brightness of the pictures: 90 % between {low:.0f} and {high:.0f} of 255", (5.2, 2.2), draw
    )


def directions(number: int, entry: ClassStatistics) -> str:
    """From where a class was seen: the sky above the object, its front at the top, the zenith in the middle."""
    rows, columns = entry.directions.shape
    # What is below the horizon counts for the horizon's ring.
    rings = entry.directions[rows // 2 :].copy()
    rings[0] += entry.directions[: rows // 2].sum(axis=0)
    top = max(int(rings.max()), 1)

    def draw(figure: Figure) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(-122, 122)
        axes.set_ylim(-122, 122)
        cells = np.argwhere(rings).tolist()
        # Wedge angles run from the right, against the clock.
        wedges = [
            Wedge(
                (0, 0),
                90 - ring * ELEVATION_STEP_DEG,
                90 - (column + 1) * AZIMUTH_STEP_DEG,
                90 - column * AZIMUTH_STEP_DEG,
                width=ELEVATION_STEP_DEG,
            )
            for ring, column in cells
        ]
        colors = [to_rgba(ACCENT, 0.15 + 0.85 * float(rings[ring, column]) / top) for ring, column in cells]
        axes.add_collection(PatchCollection(wedges, facecolors=colors, linewidths=0))
        for elevation in (0, 30, 60):
            axes.add_patch(Circle((0, 0), 90 - elevation, fill=False, edgecolor=LINE, linewidth=0.8))
            if elevation:
                axes.text(0, 90 - elevation, f"{elevation}°", ha="center", va="center", color=INK, fontsize=8)
        for x, y, word in ((0, 106, "front"), (106, 0, "right"), (0, -106, "back"), (-106, 0, "left")):
            turn = 0 if x == 0 else -90 if x > 0 else 90
            axes.text(x, y, word, ha="center", va="center", color=FAINT, rotation=turn)

    seen = int((rings.sum(axis=0) > 0).sum())
    return figure_svg(f"direction-{number}", f"{entry.name}: seen from {seen} of {columns} sides", (2.1, 2.1), draw)


def spark(agreement: Agreement) -> str:
    """A small drawing of one quantity: bars of what was drawn, a line of what was declared."""
    drawn, declared = agreement.drawn_shares, agreement.declared_shares
    if not 1 < len(drawn) <= 40:
        return ""
    top = max(*drawn, *declared)
    step = 120 / len(drawn)
    bars = "".join(
        f'<rect x="{i * step + 0.5:.1f}" y="{28 - 26 * share / top:.1f}" width="{step - 1:.1f}" '
        f'height="{26 * share / top:.1f}" fill="var(--c1)"/>'
        for i, share in enumerate(drawn)
    )
    points = " ".join(
        f"{x:.1f},{28 - 26 * share / top:.1f}" for i, share in enumerate(declared) for x in (i * step, (i + 1) * step)
    )
    line = f'<polyline points="{points}" fill="none" stroke="var(--ink)" stroke-width="1.3"/>'
    alt = text(f"{agreement.name}: bars drawn, line declared")
    return f'<svg class="spark" viewBox="0 0 120 29" role="img" aria-label="{alt}">{bars}{line}</svg>'


def short(name: str, most: int = 24) -> str:
    """A name that fits beside a bar."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in name)
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _grid(axes: Axes, counts: NDArray[np.int64]) -> None:
    """A heat map without a raster, as the colour is the page's."""
    top = max(int(counts.max()), 1)
    rows, columns = counts.shape
    cells = np.argwhere(counts).tolist()
    colors = [to_rgba(ACCENT, 0.1 + 0.9 * float(counts[row, column]) / top) for row, column in cells]
    squares = [Rectangle((column, row), 1, 1) for row, column in cells]
    axes.add_collection(PatchCollection(squares, facecolors=colors, linewidths=0))
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)


def _percent(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full(len(values), 100.0 / max(len(values), 1))


def _up(axes: Axes) -> None:
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _across(axes: Axes) -> None:
    axes.grid(axis="x")
    axes.tick_params(axis="x", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _label_width(names: Sequence[str]) -> float:
    """Room for names beside the axes, inches; letters of East Asian scripts are twice as wide."""
    letters = [sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in name) for name in names]
    return 0.15 + 0.077 * max(letters, default=0)
