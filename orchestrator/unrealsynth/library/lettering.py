"""Letters and pictures on surfaces: strokes drawn into a mask, and the mask projected onto texels.

The alphabet is ours, as strokes on a grid 4 wide and 6 high, so no font file is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from unrealsynth.library.mesh import Reals, unit
from unrealsynth.library.noise import Field
from unrealsynth.library.surfaces import Texels

_STROKES = MappingProxyType(
    {
        "A": "00 26 40|12 32",
        "B": "00 06 36 45 44 33 42 41 30 00|03 33",
        "C": "45 36 16 05 01 10 30 41",
        "D": "00 06 26 44 42 20 00",
        "E": "40 00 06 46|03 33",
        "F": "00 06 46|03 33",
        "G": "45 36 16 05 01 10 30 41 43 23",
        "H": "00 06|40 46|03 43",
        "I": "20 26",
        "K": "00 06|46 03 40",
        "L": "06 00 40",
        "M": "00 06 23 46 40",
        "N": "00 06 40 46",
        "O": "10 01 05 16 36 45 41 30 10",
        "P": "00 06 36 45 44 33 03",
        "R": "00 06 36 45 44 33 03|23 40",
        "S": "45 36 16 05 04 13 33 42 41 30 10 01",
        "T": "20 26|06 46",
        "U": "06 01 10 30 41 46",
        "V": "06 20 46",
        "W": "06 10 24 30 46",
        "X": "00 46|06 40",
        "Y": "06 23 46|23 20",
        "Z": "06 46 00 40",
        "0": "10 01 05 16 36 45 41 30 10",
        "1": "14 26 20",
        "2": "05 16 36 45 44 00 40",
        "3": "05 16 36 45 44 33 42 41 30 10 01|23 33",
        "4": "30 36 02 42",
        "5": "46 06 03 33 42 41 30 00",
        "6": "45 36 16 05 01 10 30 41 42 33 03",
        "7": "06 46 10",
        "8": "13 04 05 16 36 45 44 33 13 02 01 10 30 41 42 33",
        "9": "01 10 30 41 45 36 16 05 04 13 43",
    }
)
"""Polylines as pairs of digits, x then y upwards; `|` lifts the pen."""
_SUPERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class Decal:
    """A mask that lies on a plane in space: texels in front of it take its value."""

    mask: Field
    """(h, w) coverage, first row on top."""
    centre: tuple[float, float, float]
    right: tuple[float, float, float]
    up: tuple[float, float, float]
    width: float
    """Metres; the height follows from the mask."""

    def on(self, texels: Texels) -> Field:
        """Coverage (n,) of texels that face the decal's front."""
        right, up = unit(self.right), unit(self.up)
        rows, columns = self.mask.shape
        per_metre = columns / self.width
        offset = texels.points - np.asarray(self.centre)
        column = offset @ right * per_metre + columns / 2.0 - 0.5
        row = rows / 2.0 - 0.5 - offset @ up * per_metre
        value = ndimage.map_coordinates(self.mask, [row, column], order=1, mode="constant", output=np.float32)
        return np.asarray(value * (texels.normals @ np.cross(right, up) > 0.3), dtype=np.float32)


def lettered(text: str, height: int = 96, weight: float = 0.16, slant: float = 0.0) -> Field:
    """A line of text as a mask (rows, columns) with a margin; `weight` is the stroke's width against its height."""
    scale = height * _SUPERSAMPLING
    unit_px = scale * (1.0 - weight) / 6.0
    pen = weight * scale
    advance = 4.0 * unit_px + 1.75 * pen
    margin = 0.5 * pen
    widths = [0.45 * advance if letter in " I1" else advance for letter in text]
    canvas = Image.new("L", (int(sum(widths) + 2 * margin), int(scale + 2 * margin)))
    draw = ImageDraw.Draw(canvas)
    x = margin + 0.375 * pen
    for letter, width in zip(text, widths, strict=True):
        indent = -1.55 * unit_px if letter in "I1" else 0.0
        for line in _STROKES.get(letter, "").split("|"):
            points = _softened(np.array([[int(pair[0]), int(pair[1])] for pair in line.split()], dtype=np.float64))
            if len(points):
                columns = x + indent + points[:, 0] * unit_px + pen / 2.0 + slant * points[:, 1] * unit_px
                rows = margin + scale - pen / 2.0 - points[:, 1] * unit_px
                _stroke(draw, list(zip(columns.tolist(), rows.tolist(), strict=True)), pen)
        x += width
    return _reduced(canvas)


def _softened(points: Reals) -> Reals:
    """Corners of chamfered bowls cut once more (Chaikin), right angles left alone."""
    if len(points) < 4:
        return points
    result = [points[0]]
    for before, corner, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
        if float(unit(corner - before) @ unit(after - corner)) > 0.3:
            result += [0.7 * corner + 0.3 * before, 0.7 * corner + 0.3 * after]
        else:
            result.append(corner)
    return np.stack([*result, points[-1]])


def _stroke(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], pen: float) -> None:
    draw.line(points, fill=255, width=round(pen), joint="curve")


def polygon_mask(size: tuple[int, int], polygons: Sequence[Sequence[Sequence[float]]]) -> Field:
    """Polygons in 0…1 (x right, y down) as a smooth-edged mask of `size` (columns, rows)."""
    columns, rows = size[0] * _SUPERSAMPLING, size[1] * _SUPERSAMPLING
    canvas = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(canvas)
    for polygon in polygons:
        draw.polygon([(x * columns, y * rows) for x, y in polygon], fill=255)
    return _reduced(canvas)


def _reduced(canvas: Image.Image) -> Field:
    size = (canvas.width // _SUPERSAMPLING, canvas.height // _SUPERSAMPLING)
    return np.asarray(np.asarray(canvas.resize(size, Image.Resampling.BOX)) / 255.0, dtype=np.float32)
