"""Labels measured in the instance ids: what of each object is visible, and its row in a YOLO label file.

Pure functions. Boxes are [x0, y0, x1, y1] in pixel edges, maximum exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from unrealsynth import rle
from unrealsynth.errors import SelfCheckError
from unrealsynth_plugin.core.contract import ObjectRecord

PixelBox = tuple[int, int, int, int]

IDS_PER_PICTURE = 255
"""One red byte tells this many objects apart; 0 is none."""
UNKNOWN_LIMIT = 0.001
"""Largest share of pixels whose byte belongs to no object."""
_MILLION = 1_000_000


@dataclass(frozen=True)
class MeasuredObject:
    """What the instance ids show of one labelled object."""

    index: int
    class_index: int
    box_px: PixelBox | None
    """Box of its visible pixels, None when it has none."""
    pixels: int
    """How many pixels it covers."""
    mask: str
    """The visible mask as the counts string of COCO's run-length encoding, empty when nothing is visible."""


@dataclass(frozen=True)
class YoloLabel:
    """A label file, and which objects are in it."""

    text: str
    labelled: tuple[int, ...]
    """Indices of the objects that have a row, in the order of the rows."""
    left_out: dict[int, str]
    """Index to reason, of those that have none: `hidden`, `small` or `duplicate`."""


def measure(ids: Sequence[NDArray[np.uint8]], objects: Sequence[ObjectRecord]) -> tuple[MeasuredObject, ...]:
    """What is visible of each of `objects`, in their order.

    `ids` are the red bytes of the id pictures, each (h, w): in picture b the byte is index - 255 * b + 1. A few pixels
    with another byte are taken for background; more than 0.1 % of them raise SelfCheckError, for then something blends
    or colours the ids.
    """
    seen: dict[int, MeasuredObject] = {}
    unknown = 0
    by_index = {item.index: item for item in objects}
    for batch, picture in enumerate(ids):
        pixels = np.bincount(picture.ravel(), minlength=IDS_PER_PICTURE + 1)
        places = ndimage.find_objects(picture, max_label=IDS_PER_PICTURE)
        for byte in np.flatnonzero(pixels[1:]).tolist():
            index = batch * IDS_PER_PICTURE + byte
            if index not in by_index:
                unknown += int(pixels[byte + 1])
                continue
            rows, columns = places[byte]
            box = (columns.start, rows.start, columns.stop, rows.stop)
            mask = rle.encode(picture[rows, columns] == byte + 1, picture.shape, (rows.start, columns.start))
            seen[index] = MeasuredObject(index, by_index[index].class_index, box, int(pixels[byte + 1]), mask)
    total = sum(picture.size for picture in ids)
    if unknown > UNKNOWN_LIMIT * total:
        raise SelfCheckError(
            f"{unknown} of {total} pixels of the instance ids ({unknown / total:.1%}) belong to none of the "
            f"{len(by_index)} objects, at most {UNKNOWN_LIMIT:.1%} may. Anti-aliasing, a post-process material or a "
            "gamma curve changes the ids: switch off whatever the project adds to scene captures."
        )
    return tuple(seen.get(item.index, MeasuredObject(item.index, item.class_index, None, 0, "")) for item in objects)


def yolo_label(measured: Sequence[MeasuredObject], resolution: tuple[int, int], min_pixels: int) -> YoloLabel:
    """The label file of a frame: one row for each object with at least `min_pixels` visible, no row twice."""
    rows: dict[str, int] = {}
    left_out: dict[int, str] = {}
    for item in measured:
        if item.box_px is None:
            left_out[item.index] = "hidden"
        elif item.pixels < min_pixels:
            left_out[item.index] = "small"
        elif (row := yolo_row(item.class_index, item.box_px, resolution)) in rows:
            left_out[item.index] = "duplicate"
        else:
            rows[row] = item.index
    return YoloLabel("".join(f"{row}\n" for row in rows), tuple(rows.values()), left_out)


def yolo_row(class_index: int, box_px: tuple[float, float, float, float], resolution: tuple[int, int]) -> str:
    """`class cx cy w h` with six decimals, of the box clipped to the picture of `resolution` (width, height)."""
    width, height = resolution
    x0, x1 = (min(max(x, 0), width) for x in box_px[0::2])
    y0, y1 = (min(max(y, 0), height) for y in box_px[1::2])
    numbers = (*_centre_and_extent(x0, x1, width), *_centre_and_extent(y0, y1, height))
    cx, w, cy, h = (f"{number // _MILLION}.{number % _MILLION:06d}" for number in numbers)
    return f"{class_index} {cx} {cy} {w} {h}"


def _centre_and_extent(low: float, high: float, size: int) -> tuple[int, int]:
    """Centre and extent in millionths of `size`, rounded so that neither end leaves [0, 1]."""
    centre = round(_MILLION * (low + high) / (2 * size))
    extent = round(_MILLION * (high - low) / size)
    return centre, min(extent, 2 * centre, 2 * (_MILLION - centre))
