"""Label files for segmentation: one polygon an object, `class x1 y1 x2 y2 ...` in shares of the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.annotations import AnnotatedFrame
from unrealsynth.polygons import outline


def segment_label(frame: AnnotatedFrame) -> bytes:
    """A row for each labelled object: the outline of its visible pixels, with all parts and holes joined."""
    rows = []
    for item in frame.annotations:
        mask, corner = item.visible_mask(frame.size)
        rows.append(polygon_row(item.class_index, outline(mask, corner).joined(), frame.size))
    return "".join(rows).encode("ascii")


def polygon_row(class_index: int, points: NDArray[np.float64], size: tuple[int, int]) -> str:
    """The row, with its newline, of a polygon (n, 2) in pixel edges of a picture of `size` (width, height)."""
    shares = (points / np.array(size)).clip(0.0, 1.0).ravel().tolist()
    # One format for all numbers: a third of the time of one for each.
    return f"{class_index}{' %.6f' * len(shares) % tuple(shares)}\n"
