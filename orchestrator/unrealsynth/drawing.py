"""Boxes and class names drawn over a picture, for people to look at."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont


@dataclass(frozen=True)
class DrawnBox:
    """A box to draw: edges in pixels, maximum exclusive."""

    box_px: tuple[float, float, float, float]
    class_index: int
    text: str


def draw_boxes(picture: Image.Image, boxes: Sequence[DrawnBox]) -> Image.Image:
    """A copy of the picture with a frame and a name for each box; every class has a colour of its own."""
    drawn = picture.convert("RGB")
    canvas = ImageDraw.Draw(drawn)
    line = max(2, round(min(drawn.size) / 320))
    font = ImageFont.load_default(size=max(11, round(min(drawn.size) / 45)))
    for item in boxes:
        color = class_color(item.class_index)
        x0, y0, x1, y1 = item.box_px
        canvas.rectangle((x0, y0, x1 - 1, y1 - 1), outline=color, width=line)
        left, top, right, bottom = canvas.textbbox((0, 0), item.text, font=font)
        width, height = right - left + 6, bottom - top + 4
        x = min(max(x0, 0), drawn.width - width)
        y = y0 - height if y0 >= height else y0
        canvas.rectangle((x, y, x + width, y + height), fill=color)
        canvas.text((x + 3 - left, y + 2 - top), item.text, fill="black", font=font)
    return drawn


def class_color(class_index: int) -> tuple[int, int, int]:
    """A bright colour; steps of the golden angle keep neighbours apart."""
    red, green, blue = colorsys.hsv_to_rgb((0.12 + class_index * 0.618034) % 1.0, 0.75, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)
