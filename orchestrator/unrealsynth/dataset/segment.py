"""Label files for segmentation: one polygon an object, `class x1 y1 x2 y2 ...` in shares of the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.annotations import AnnotatedFrame
from unrealsynth.polygons import outline

_MILLION = 1_000_000


def segment_label(frame: AnnotatedFrame) -> bytes:
    """A row for each labelled object: the outline of its visible pixels, with all parts and holes joined."""
    rows = []
    for item in frame.annotations:
        mask, corner = item.visible_mask(frame.size)
        rows.append(polygon_row(item.class_index, outline(mask, corner).joined(), frame.size))
    return "".join(rows).encode("ascii")


def polygon_row(class_index: int, points: NDArray[np.float64], size: tuple[int, int]) -> str:
    """The row, with its newline, of a polygon (n, 2) in pixel edges of a picture of `size` (width, height)."""
    millionths = np.rint(points * (_MILLION / np.array(size))).astype(np.int64).clip(0, _MILLION)
    numbers = (f"{value // _MILLION}.{value % _MILLION:06d}" for value in millionths.ravel().tolist())
    return f"{class_index} {' '.join(numbers)}\n"
