"""Labels measured in the instance ids: what of each object is visible, which objects get a label, and its row.

Pure functions. Boxes are [x0, y0, x1, y1] in pixel edges, maximum exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from unrealsynth import rle
from unrealsynth.errors import SelfCheckError
from unrealsynth.visibility import IDS_PER_PICTURE
from unrealsynth_plugin.core.contract import ObjectRecord
from unrealsynth_plugin.core.geometry import Box

PixelBox = tuple[int, int, int, int]
LeftOut = Literal["hidden", "small", "covered", "truncated", "duplicate"]
"""Why an object has no label. All but `hidden` and `duplicate` leave a visible remnant without one."""
REMNANTS: frozenset[LeftOut] = frozenset({"small", "covered", "truncated"})
_UNKNOWN_LIMIT = 0.001
"""Largest share of pixels whose byte belongs to no object."""
_MILLION = 1_000_000


@dataclass(frozen=True)
class LabelSettings:
    """Which objects get a label, and of what."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    box: Literal["visible", "full"] = "visible"
    """Boxes around the visible pixels, or around the whole object as far as it is inside the picture."""
    min_pixels: int = 16
    """Objects with fewer visible pixels are left out."""
    min_visible: float = 0.0
    """Objects of which others leave a smaller share uncovered are left out. Above 0 it costs extra id pictures."""
    max_truncated: float = 1.0
    """Objects of whose full box a larger share is outside the picture are left out."""
    redraw: bool = False
    """Draw a frame again, up to three times, when an object that is left out shows in it all the same."""


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
    visible: float | None = None
    """Visible pixels ÷ those that would be visible without other objects; None when it was not measured."""
    truncated: float = 0.0
    """Share of the full box outside the picture."""
    box_full_px: Box | None = None
    """Box of the whole object, not clipped; None when it is behind the camera."""


@dataclass(frozen=True)
class YoloLabel:
    """A label file, and which objects are in it."""

    text: str
    labelled: tuple[int, ...]
    """Indices of the objects that have a row, in the order of the rows."""
    left_out: dict[int, LeftOut]
    """Index to reason, of those that have none."""


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
    if unknown > _UNKNOWN_LIMIT * total:
        raise SelfCheckError(
            f"{unknown} of {total} pixels of the instance ids ({unknown / total:.1%}) belong to none of the "
            f"{len(by_index)} objects, at most {_UNKNOWN_LIMIT:.1%} may. Anti-aliasing, a post-process material or a "
            "gamma curve changes the ids: switch off whatever the project adds to scene captures."
        )
    return tuple(seen.get(item.index, MeasuredObject(item.index, item.class_index, None, 0, "")) for item in objects)


def yolo_label(measured: Sequence[MeasuredObject], resolution: tuple[int, int], settings: LabelSettings) -> YoloLabel:
    """The label file of a frame: one row for each object within the limits of `settings`, no row twice."""
    rows: dict[str, int] = {}
    left_out: dict[int, LeftOut] = {}
    for item in measured:
        box = labelled_box(item.box_px, item.box_full_px, resolution, settings)
        reason = _reason(item, settings)
        if reason is not None or box is None:
            left_out[item.index] = reason or "hidden"
        elif (row := yolo_row(item.class_index, box, resolution)) in rows:
            left_out[item.index] = "duplicate"
        else:
            rows[row] = item.index
    return YoloLabel("".join(f"{row}\n" for row in rows), tuple(rows.values()), left_out)


def labelled_box(
    visible: Box | None, full: Box | None, resolution: tuple[int, int], settings: LabelSettings
) -> Box | None:
    """The box that goes into a label: the visible one, or the full one inside the picture; None when nothing shows.

    A full box is at least as large as the visible one, whose edges are whole pixels.
    """
    if visible is None or settings.box == "visible" or full is None:
        return visible
    width, height = resolution
    return (
        max(min(full[0], visible[0]), 0.0),
        max(min(full[1], visible[1]), 0.0),
        min(max(full[2], visible[2]), float(width)),
        min(max(full[3], visible[3]), float(height)),
    )


def _reason(item: MeasuredObject, settings: LabelSettings) -> LeftOut | None:
    if item.box_px is None:
        return "hidden"
    if item.pixels < settings.min_pixels:
        return "small"
    if item.visible is not None and item.visible < settings.min_visible:
        return "covered"
    return "truncated" if item.truncated > settings.max_truncated else None


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
