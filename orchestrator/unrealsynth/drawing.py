"""Boxes, masks and class names drawn over a picture, for people to look at. The picture itself is never changed."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Color = tuple[int, int, int]

_MASK_OPACITY = 0.12
"""Little, so that the object keeps its own colours; the mask's border says where it ends."""
_LAST_LATIN = 0x058F
"""Up to here (Latin, Greek, Cyrillic, Armenian) the usual font has all letters."""
_WIDE_FONTS = ("NotoSansCJK-Regular.ttc", "msyh.ttc", "PingFang.ttc", "Hiragino Sans GB.ttc", "DroidSansFallback.ttf")
"""Fonts of Linux, Windows and macOS with the letters of many scripts, tried for names that need them."""


@dataclass(frozen=True)
class DrawnBox:
    """A box to draw: edges in pixels, maximum exclusive."""

    box_px: tuple[float, float, float, float]
    class_index: int
    text: str
    mask: NDArray[np.bool_] | None = None
    """(height, width) of the picture; what of the object is visible."""


def draw_boxes(picture: Image.Image, boxes: Sequence[DrawnBox]) -> Image.Image:
    """A copy of the picture with mask, frame and name of each box; every class has a colour of its own."""
    drawn = _tinted(picture, boxes)
    canvas = ImageDraw.Draw(drawn)
    line = max(2, round(min(drawn.size) / 320))
    # Large boxes first, so that what lies inside them stays to be seen; names last, over every frame.
    ordered = sorted(boxes, key=lambda item: -_area(item.box_px))
    for item in ordered:
        x0, y0, x1, y1 = item.box_px
        right, bottom = max(x1 - 1, x0), max(y1 - 1, y0)
        canvas.rectangle((x0 - 1, y0 - 1, right + 1, bottom + 1), outline=(0, 0, 0), width=1)
        canvas.rectangle((x0, y0, right, bottom), outline=class_color(item.class_index), width=line)
    size_px = max(12, round(min(drawn.size) / 40))
    taken: list[tuple[float, float, float, float]] = []
    for item in ordered:
        taken.append(_draw_name(canvas, drawn.size, item, size_px, taken))
    return drawn


def class_color(class_index: int) -> Color:
    """A bright colour; steps of the golden angle keep neighbours apart."""
    red, green, blue = colorsys.hsv_to_rgb((0.12 + class_index * 0.618034) % 1.0, 0.75, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)


@cache
def font_for(text: str, size_px: int) -> Font:
    """A font that has the letters of `text`, if the machine has one."""
    if any(ord(letter) > _LAST_LATIN for letter in text):
        for name in _WIDE_FONTS:
            try:
                return ImageFont.truetype(name, size_px)
            except OSError:
                continue
    return _plain_font(size_px)


@cache
def _plain_font(size_px: int) -> Font:
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), size_px)


def _tinted(picture: Image.Image, boxes: Sequence[DrawnBox]) -> Image.Image:
    masked = [item for item in boxes if item.mask is not None]
    if not masked:
        return picture.convert("RGB")
    pixels = np.array(picture.convert("RGB"), np.float32)
    for item in masked:
        color = np.array(class_color(item.class_index), np.float32)
        pixels[item.mask] += _MASK_OPACITY * (color - pixels[item.mask])
        pixels[item.mask & ~ndimage.binary_erosion(item.mask)] = color
    return Image.fromarray(np.rint(pixels).astype(np.uint8))


def _draw_name(
    canvas: ImageDraw.ImageDraw,
    size: tuple[int, int],
    item: DrawnBox,
    size_px: int,
    taken: Sequence[tuple[float, float, float, float]],
) -> tuple[float, float, float, float]:
    """Writes the name above, below or inside its box, where no other name is if that can be; returns its place."""
    font = font_for(item.text, size_px)
    left, _, right, _ = canvas.textbbox((0, 0), item.text, font=font, anchor="ls")
    # The same height for every name, with and without descenders.
    width, height = right - left + 6, round(size_px * 1.25)
    x0, y0, x1, y1 = item.box_px
    across = [min(max(x, 0), max(size[0] - width, 0)) for x in (x0, x1 - width)]
    places = [
        (x, min(max(y, 0), size[1] - height), x + width, min(max(y, 0), size[1] - height) + height)
        for y in (y0 - height, y1, y0, y1 - height)
        for x in across
    ]
    place = min(places, key=lambda spot: sum(_shared(spot, other) for other in taken))
    canvas.rectangle(place, fill=class_color(item.class_index))
    canvas.text(
        (place[0] + 3 - left, place[1] + round(size_px * 0.98)), item.text, fill="black", font=font, anchor="ls"
    )
    return place


def _area(box: tuple[float, float, float, float]) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _shared(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    return _area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
