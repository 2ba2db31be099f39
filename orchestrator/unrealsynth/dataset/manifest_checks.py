"""Files of a frame against its manifest line: is on disk what was measured, and is it within the limits?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.annotations import Annotation, annotated
from unrealsynth.dataset.faults import Fault
from unrealsynth.dataset.manifest import MANIFEST_NAME, ManifestEntry
from unrealsynth.dataset.rows import Row, polygon_area
from unrealsynth.dataset.semantic import semantic_mask
from unrealsynth.errors import DataSetError
from unrealsynth.labels import LabelSettings
from unrealsynth.polygons import AREA_TOLERANCE

_BOX_TOLERANCE_PX = 0.01
_ROUNDED = 5.1e-5
"""Shares have four decimals in the manifest."""
_OUTLINE_TOLERANCE_PX = 0.05
"""Polygons lie a little inside their mask."""


@dataclass
class Looked:
    """What looking at one image and its label gave."""

    split: str
    size: tuple[int, int]
    image_digest: bytes
    label_sha256: str = ""
    rows: list[tuple[int, Row]] = field(default_factory=list)
    """Good rows with their lines."""
    picture: NDArray[Any] | None = None
    """The mask or depth map that is the label."""


def entry_faults(
    entry: ManifestEntry, line: int, looked: Looked, task: str, limits: LabelSettings, class_count: int
) -> Iterator[Fault]:
    """`line` is that of the entry in the manifest, `class_count` the data set's without a background."""
    if entry.split != looked.split:
        yield Fault(30, entry.image, f"is in {looked.split}, the manifest says {entry.split}")
    if looked.image_digest.hex() != entry.image_sha256:
        yield Fault(30, entry.image, "is not as it was written")
    if looked.label_sha256 not in {"", entry.label_sha256}:
        yield Fault(30, entry.label, "is not as it was written")
    resolution = entry.record.get("resolution")
    if resolution != list(looked.size):
        yield Fault(9, entry.image, f"is {looked.size[0]} x {looked.size[1]} px, its record says {resolution}")
        return
    for item in entry.objects:
        yield from _limit_faults(item, line, limits)
    try:
        frame = annotated(entry, limits)
        if task == "semantic":
            yield from _mask_faults(entry.label, looked, semantic_mask(frame, class_count))
        elif task == "depth":
            yield from _depth_faults(entry, looked)
        else:
            yield from _row_faults(entry.label, looked, frame.annotations, task)
    except (KeyError, TypeError, ValueError, DataSetError) as error:
        yield Fault(30, MANIFEST_NAME, f"frame {entry.k} is damaged: {error}", line)


def _mask_faults(label: str, looked: Looked, wanted: NDArray[np.uint8]) -> Iterator[Fault]:
    if looked.picture is not None and looked.picture.shape == wanted.shape:
        wrong = int(np.count_nonzero(looked.picture != wanted))
        if wrong:
            yield Fault(23, label, f"{wrong} pixels are not of the class that was measured")


def _depth_faults(entry: ManifestEntry, looked: Looked) -> Iterator[Fault]:
    if looked.picture is not None and entry.depth is not None:
        missing = int(looked.picture.size - np.count_nonzero(looked.picture))
        if missing != entry.depth.beyond:
            yield Fault(24, entry.label, f"{missing} pixels have no depth, the manifest says {entry.depth.beyond}")


def _limit_faults(item: Mapping[str, object], line: int, limits: LabelSettings) -> Iterator[Fault]:
    """A labelled object that the settings leave out."""
    if item.get("left_out") is not None:
        return
    name = f"object {item.get('index')} has a label, but"
    pixels, visible, truncated = item.get("pixels"), item.get("visible"), item.get("truncated")
    if isinstance(pixels, int) and pixels < max(limits.min_pixels, 1):
        yield Fault(18, MANIFEST_NAME, f"{name} {pixels} visible pixels, at least {limits.min_pixels} are wanted", line)
    if isinstance(visible, float) and visible < limits.min_visible - _ROUNDED:
        yield Fault(18, MANIFEST_NAME, f"{name} {visible:.0%} of it show, {limits.min_visible:.0%} are wanted", line)
    if isinstance(truncated, float) and truncated > limits.max_truncated + _ROUNDED:
        yield Fault(
            18, MANIFEST_NAME, f"{name} {truncated:.0%} are cut off, at most {limits.max_truncated:.0%} may be", line
        )


def _row_faults(label: str, looked: Looked, wanted: Sequence[Annotation], task: str) -> Iterator[Fault]:
    if len(wanted) != len(looked.rows):
        yield Fault(30, label, f"has {len(looked.rows)} good rows, the manifest {len(wanted)} objects")
        return
    for (line, row), item in zip(looked.rows, wanted, strict=True):
        if row.class_index != item.class_index:
            yield Fault(30, label, f"class {row.class_index}, the manifest says {item.class_index}", line)
        if task == "detect":
            distance = _distance_px(row, item.box_px, looked.size)
            if distance > _BOX_TOLERANCE_PX:
                yield Fault(19, label, f"the box is {distance:.2f} px from the measured {_text(item.box_px)}", line)
        elif task == "segment":
            yield from _polygon_faults(label, line, row, item, looked.size)
        elif task == "obb":
            outside = _outside_px(row, item, looked.size)
            if outside > _OUTLINE_TOLERANCE_PX:
                yield Fault(21, label, f"pixels of the object are {outside:.2f} px outside", line)


def _polygon_faults(label: str, line: int, row: Row, item: Annotation, size: tuple[int, int]) -> Iterator[Fault]:
    area = polygon_area(row.points, size)
    if abs(area - item.pixels) > max(AREA_TOLERANCE * item.pixels, 1.0):
        yield Fault(20, label, f"the polygon has {area:.0f} px, the mask {item.pixels}", line)
    distance = _distance_px(row, item.visible_px, size)
    if distance > _OUTLINE_TOLERANCE_PX:
        yield Fault(20, label, f"the polygon is {distance:.2f} px from the measured {_text(item.visible_px)}", line)


def _outside_px(row: Row, item: Annotation, size: tuple[int, int]) -> float:
    """How far corners of the object's pixels lie outside the oriented box."""
    mask, (top, left) = item.visible_mask(size)
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - mask[rows, ::-1].argmax(axis=1)
    points = np.concatenate([np.stack([x + left, y + top], axis=1) for x in (first, last) for y in (rows, rows + 1)])
    corners = np.reshape(row.points, (4, 2)) * np.array(size)
    sides = np.roll(corners, -1, axis=0) - corners
    outward = np.stack([sides[:, 1], -sides[:, 0]], axis=1) / np.maximum(np.hypot(*sides.T), 1e-9)[:, None]
    return float(((points[:, None] - corners) * outward).sum(axis=2).max())


def _distance_px(row: Row, box: Sequence[float], size: tuple[int, int]) -> float:
    """Largest distance of an edge of the row from the measured pixel box."""
    corners = zip(row.corners(), size * 2, box, strict=True)
    return max(abs(corner * side - edge) for corner, side, edge in corners)


def _text(box: Sequence[float]) -> str:
    return "[" + ", ".join(f"{edge:g}" for edge in box) + "]"
