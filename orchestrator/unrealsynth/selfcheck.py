"""The projected boxes against the measured ones, on every frame: do picture, ids and poses belong together?

A *clean view* is an object of which nothing can be covered: its full box lies inside the picture and is disjoint from
the full box of every other object, distractor and prop, and no part of it is below the ground. Only clean views are
compared edge by edge; a visible box that leaves its full box is wrong for every object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import SelfCheckError
from unrealsynth.labels import MeasuredObject
from unrealsynth_plugin.core import geometry
from unrealsynth_plugin.core.contract import Environment, FrameRecord, Job, Model, ObjectRecord
from unrealsynth_plugin.core.geometry import Box, Vec3
from unrealsynth_plugin.core.overlaps import meet
from unrealsynth_plugin.core.placement import lies_flat

OUTSIDE_PX = 1.5
"""How far a visible box may leave its full box."""
_EDGE_PX = 2.0
"""Edge difference of a clean view that counts as off."""
_LARGE_SHARE = 0.25
"""One edge alone makes a view wrong when it is off by this share of the box's side beyond `_EDGE_PX`."""
_SMALLEST_VIEW_PX = 32.0
"""Longest side from which a clean view is compared."""
_FAILED_FRAMES = 3
_FAILED_SHARE = 0.05
_SHARE_FROM_FRAMES = 20
_SUNK_CM = 0.1
_FALLBACK = (
    " If its mesh has Nanite and the editor cannot draw that (r.Nanite is 0, the hardware has none, or the material is "
    "see-through), a coarser fallback mesh is seen: switch Nanite on, or off in the mesh itself."
)
"""What else may be wrong with an asset of a project, whose boxes follow its source geometry."""


@dataclass(frozen=True)
class CleanView:
    """An object of which nothing can be covered."""

    index: int
    class_name: str
    edges_px: tuple[float, float, float, float]
    """Visible minus full box: x0, y0, x1, y1."""
    iou: float


@dataclass(frozen=True)
class FrameCheck:
    """What the comparison found in one frame."""

    k: int
    views: tuple[CleanView, ...]
    faults: tuple[str, ...]
    """A sentence for each object that is wrong, the worst first; a frame that has one fails."""


class FrameChecker:
    """Compares the frames of one job. Holds nothing that changes, so threads may share it."""

    def __init__(self, job: Job, loose_models: Iterable[str] = ()) -> None:
        """`loose_models` do not fill their hull (masked or translucent materials), so that no view of them is clean."""
        self._environments = {item.name: item for item in job.environments}
        self._corners = {item.id: geometry.corners(item.bounds_cm) for item in job.models}
        self._heights = {item.id: item.bounds_cm[1][2] for item in job.models}
        self._hulls = {item.id: _hull(item) for item in job.models}
        self._loose = frozenset(loose_models)
        self._assets = frozenset(item.id for item in job.models if item.asset is not None)

    def check(self, record: FrameRecord, measured: Sequence[MeasuredObject]) -> FrameCheck:
        """Compares `measured`, in the order of `record.objects`, with the record's full boxes."""
        visible = {item.index: item.box_px for item in measured}
        environment = self._environments[record.plan.environment]
        occluders = self._unlabelled_boxes(record, environment)
        views: list[CleanView] = []
        faults: list[tuple[float, str]] = []
        for item in record.objects:
            box, full = visible[item.index], item.box_full_px
            outside = 0.0 if box is None else _outside(box, full)
            if box is not None and outside > OUTSIDE_PX:
                faults.append((outside, _outside_fault(item, box, outside)))
            others = [other.box_full_px for other in record.objects if other.index != item.index]
            if full is None or not self._is_clean(item, full, [*others, *occluders], record, environment):
                continue
            if box is None:
                faults.append((max(_sides(full)), _unseen_fault(item, full)))
                continue
            x0, y0, x1, y1 = (seen - projected for seen, projected in zip(box, full, strict=True))
            view = CleanView(item.index, item.class_name, (x0, y0, x1, y1), _iou(box, full))
            views.append(view)
            if outside <= OUTSIDE_PX and _is_wrong(view, full):
                hint = _FALLBACK if item.model in self._assets else ""
                faults.append((max(map(abs, view.edges_px)), _edge_fault(item, view, box, full) + hint))
        faults.sort(key=lambda fault: -fault[0])
        return FrameCheck(record.k, tuple(views), tuple(sentence for _, sentence in faults))

    def _unlabelled_boxes(self, record: FrameRecord, environment: Environment) -> list[Box | None]:
        """Boxes that hold the distractors and props: those of their bounds, which is never too small.

        What lies flat on the ground can cover nothing that stands on it.
        """
        placed = [
            (item.model, item.location_cm, item.rotation_deg, item.scale)
            for item in record.plan.objects
            if item.class_index is None
        ]
        placed += [
            (prop.model, prop.location, (0.0, 0.0, prop.yaw), prop.scale)
            for prop in environment.props
            if not lies_flat(prop, self._heights[prop.model])
        ]
        return [
            geometry.full_box(self._corners[model], location, rotation, scale, record.camera, record.resolution)
            for model, location, rotation, scale in placed
        ]

    def _is_clean(
        self,
        item: ObjectRecord,
        full: Box,
        others: Sequence[Box | None],
        record: FrameRecord,
        environment: Environment,
    ) -> bool:
        width, height = record.resolution
        x0, y0, x1, y1 = full
        return (
            x0 >= 0
            and y0 >= 0
            and x1 <= width
            and y1 <= height
            and max(_sides(full)) >= _SMALLEST_VIEW_PX
            and item.model not in self._loose
            # What else stands in a level of the user's is not known.
            and environment.level is None
            and not any(other is not None and meet(full, other) for other in others)
            and (environment.ground is None or self._lowest_cm(item) >= -_SUNK_CM)
        )

    def _lowest_cm(self, item: ObjectRecord) -> float:
        """Height of the object's lowest point."""
        frame = geometry.axes(item.rotation_deg)
        heights = self._hulls[item.model] @ np.array([axis[2] for axis in frame])
        return item.location_cm[2] + item.scale * float(heights.min())


@dataclass(frozen=True)
class Summary:
    """How well projected and measured boxes agree over a run."""

    frames: int
    failed_frames: int
    clean_views: int
    median_edge_px: float | None
    p99_edge_px: float | None
    iou_by_class: Mapping[str, float]
    """Mean intersection over union of visible and full box of the clean views."""


@dataclass
class SelfCheck:
    """Sums up the checks of a run, in bounded memory, and stops it when the labels cannot be trusted.

    A frame fails when one object is wrong beyond what thin parts explain (see `FrameChecker`). The run stops at three
    such frames, or when at least twenty frames were made and more than 5 % of them fail.
    """

    frames: int = 0
    failed_frames: int = 0
    _edges: NDArray[np.int64] = field(default_factory=lambda: np.zeros(4001, np.int64))
    """Counts of edge differences in hundredths of a pixel; the last holds everything from 40 px on."""
    _ious: dict[str, tuple[int, float]] = field(default_factory=dict)

    def add(self, check: FrameCheck) -> None:
        """Takes one frame in. Raises SelfCheckError when the run has to stop."""
        self.frames += 1
        for view in check.views:
            hundredths = np.minimum(np.rint(np.abs(view.edges_px) * 100), len(self._edges) - 1)
            np.add.at(self._edges, hundredths.astype(np.int64), 1)
            count, total = self._ious.get(view.class_name, (0, 0.0))
            self._ious[view.class_name] = (count + 1, total + view.iou)
        if not check.faults:
            return
        self.failed_frames += 1
        too_many = self.frames >= _SHARE_FROM_FRAMES and self.failed_frames > _FAILED_SHARE * self.frames
        if self.failed_frames >= _FAILED_FRAMES or too_many:
            raise SelfCheckError(
                f"The labels cannot be trusted: in {self.failed_frames} of {self.frames} frames the boxes projected "
                f"from the poses disagree with the pixels. Frame {check.k}: {check.faults[0]} Look at the picture with "
                f"`unrealsynth render RECIPE --frame {check.k}`; when the model has see-through or hair-thin parts, or "
                "something in the map covers the objects, that is the cause."
            )

    def summary(self) -> Summary:
        """The numbers so far."""
        return Summary(
            self.frames,
            self.failed_frames,
            sum(count for count, _ in self._ious.values()),
            self._percentile(0.5),
            self._percentile(0.99),
            {name: total / count for name, (count, total) in sorted(self._ious.items())},
        )

    def _percentile(self, share: float) -> float | None:
        """Smallest difference in pixels that at least `share` of the edges do not exceed."""
        sums = np.cumsum(self._edges)
        return float(np.searchsorted(sums, share * sums[-1])) / 100 if sums[-1] else None


def _hull(model: Model) -> NDArray[np.float64]:
    points: Sequence[Vec3] = model.hull_cm or geometry.corners(model.bounds_cm)
    return np.asarray(points, np.float64)


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _iou(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [sides[0] * sides[1] for sides in (_sides(a), _sides(b))]
    return shared / (sum(areas) - shared)


def _outside(box: Box, full: Box | None) -> float:
    """How far `box` leaves `full`, px."""
    if full is None:
        return max(_sides(box))
    return max(full[0] - box[0], full[1] - box[1], box[2] - full[2], box[3] - full[3])


def _is_wrong(view: CleanView, full: Box) -> bool:
    """Whether a clean view disagrees by more than thin parts explain.

    A part thinner than a pixel (a mast, a spike) may leave no pixel, which moves one edge inwards although all is
    well. So a single edge must be off by a good share of the side, while two edges suffice with little.
    """
    off = [abs(edge) for edge in view.edges_px]
    width, height = _sides(full)
    large = [edge > _EDGE_PX + _LARGE_SHARE * side for edge, side in zip(off, (width, height) * 2, strict=True)]
    return any(large) or sum(edge > _EDGE_PX for edge in off) >= 2


def _text(box: Box) -> str:
    return "[" + ", ".join(f"{edge:.1f}".removesuffix(".0") for edge in box) + "]"


def _name(item: ObjectRecord) -> str:
    return f"object {item.index} ({item.class_name}, model {item.model})"


def _outside_fault(item: ObjectRecord, box: Box, outside: float) -> str:
    if item.box_full_px is None:
        return f"{_name(item)} is visible in {_text(box)} px although its pose is behind the camera."
    return (
        f"the visible box {_text(box)} px of {_name(item)} leaves its projected box {_text(item.box_full_px)} px by "
        f"{outside:.1f} px, at most {OUTSIDE_PX} px are allowed."
    )


def _unseen_fault(item: ObjectRecord, full: Box) -> str:
    return f"{_name(item)} has no visible pixel although nothing covers its projected box {_text(full)} px."


def _edge_fault(item: ObjectRecord, view: CleanView, box: Box, full: Box) -> str:
    edges = ", ".join(f"{edge:+.1f}" for edge in view.edges_px)
    return (
        f"nothing covers {_name(item)}, but its visible box {_text(box)} px and its projected box {_text(full)} px "
        f"differ by {edges} px, at most {_EDGE_PX:g} px are allowed."
    )
