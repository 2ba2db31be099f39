"""Label files for oriented boxes: `class x1 y1 x2 y2 x3 y3 x4 y4` in shares of the picture, clockwise."""

from __future__ import annotations

from unrealsynth.dataset.annotations import AnnotatedFrame
from unrealsynth.dataset.segment import polygon_row
from unrealsynth.oriented_boxes import oriented_box


def obb_label(frame: AnnotatedFrame) -> bytes:
    """A row for each labelled object: the smallest rectangle around its visible pixels; no row twice."""
    rows = []
    for item in frame.annotations:
        mask, corner = item.visible_mask(frame.size)
        rows.append(polygon_row(item.class_index, oriented_box(mask, corner, frame.size), frame.size))
    return "".join(dict.fromkeys(rows)).encode("ascii")
