"""What is in a data set, counted frame by frame in bounded memory. Pure: nothing is read, nothing is judged."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unrealsynth.report.samples import Sample
from unrealsynth.report.source import Frame, LabelledObject

SMALL_PX, LARGE_PX = 32, 96
"""COCO's limits: below 32² px of area an object is small, from 96² px on large."""
BANDS = ("small", "medium", "large")
_CENTRE_CELLS = 16
_THIRDS = 3
AZIMUTH_STEP_DEG = 30
ELEVATION_STEP_DEG = 15
_BORDER_PX = 1.0
"""A box that comes so near to the picture's edge touches it."""
_CLEAN_VIEW_PX = 32.0
OUTSIDE_PX = 1.5
_SAMPLE = 20_000
_CLASS_SAMPLE = 2_000


@dataclass
class ClassStatistics:
    """One class."""

    name: str
    images: Counter[str] = field(default_factory=Counter)
    """Images it is in, by split."""
    labels: Counter[str] = field(default_factory=Counter)
    """Its labels, by split."""
    bands: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, np.int64))
    sizes_px: Sample[float] = field(default_factory=lambda: Sample(_CLASS_SAMPLE))
    """Square roots of box areas."""
    places: NDArray[np.int64] = field(default_factory=lambda: np.zeros((_THIRDS, _THIRDS), np.int64))
    """Box centres by third of the picture: row, column."""
    directions: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((180 // ELEVATION_STEP_DEG, 360 // AZIMUTH_STEP_DEG), np.int64)
    )
    """Where the camera was, seen from the object: elevation from -90 up, azimuth from 0 up."""
    environments: Counter[str] = field(default_factory=Counter)
    """Images it is in, by environment."""
    models: Counter[str] = field(default_factory=Counter)
    views: int = 0
    """Objects inside the picture whose projected box meets no other object's."""
    ious: Sample[float] = field(default_factory=lambda: Sample(_CLASS_SAMPLE))
    """Intersection over union of projected and visible box, of the views."""
    edges_px: Sample[float] = field(default_factory=lambda: Sample(_CLASS_SAMPLE))
    """Largest distance of an edge of the visible box from the projected one, of the views."""
    outside: int = 0
    """Visible boxes that leave their projected box, which is wrong for every object."""

    @property
    def total(self) -> int:
        return self.labels.total()


@dataclass
class Statistics:
    """A whole data set."""

    classes: list[ClassStatistics]
    frames: Counter[str] = field(default_factory=Counter)
    """Images by split."""
    empty: Counter[str] = field(default_factory=Counter)
    """Images without a label, by split."""
    per_image: Counter[int] = field(default_factory=Counter)
    """Images by number of labels."""
    resolutions: Counter[tuple[int, int]] = field(default_factory=Counter)
    sizes_px: Sample[float] = field(default_factory=lambda: Sample(_SAMPLE))
    centres: NDArray[np.int64] = field(default_factory=lambda: np.zeros((_CENTRE_CELLS, _CENTRE_CELLS), np.int64))
    """Box centres: row, column of a grid over the picture."""
    touching: int = 0
    """Boxes that touch the picture's edge."""
    visible: Sample[float] = field(default_factory=lambda: Sample(_SAMPLE))
    truncated: Sample[float] = field(default_factory=lambda: Sample(_SAMPLE))
    distances_cm: Sample[float] = field(default_factory=lambda: Sample(_SAMPLE))
    environments: Counter[str] = field(default_factory=Counter)
    """Images by environment."""
    environment_splits: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    """Objects in the scene without a label, by reason."""
    rejections: Counter[str] = field(default_factory=Counter)
    """Draws that did not fit and were repeated, by reason."""
    wanted: int = 0
    placed: int = 0
    redrawn: int = 0
    """Images that were drawn again as a whole."""
    bad_rows: int = 0
    camera_heights_cm: Sample[float] = field(default_factory=lambda: Sample(_SAMPLE))
    camera_elevations_deg: Sample[float] = field(default_factory=lambda: Sample(_SAMPLE))
    digests: array[int] = field(default_factory=lambda: array("Q"))
    """First 64 bits of every image's hash, where the manifest has it."""

    @classmethod
    def of(cls, names: tuple[str, ...]) -> Statistics:
        """Empty statistics of classes so named."""
        return cls([ClassStatistics(name) for name in names])

    def add(self, frame: Frame) -> None:
        """Takes one frame in."""
        self.frames[frame.split] += 1
        self.empty[frame.split] += not frame.objects
        self.per_image[len(frame.objects)] += 1
        if min(frame.size) > 0:
            self.resolutions[frame.size] += 1
        self.left_out.update(frame.left_out)
        self.bad_rows += frame.bad_rows
        if frame.sha256:
            self.digests.append(int(frame.sha256[:16], 16))
        if frame.plan is not None:
            plan = frame.plan
            self.environments[frame.environment] += 1
            self.environment_splits[frame.environment, frame.split] += 1
            self.rejections.update(plan["rejections"])
            self.wanted += plan["wanted_objects"]
            self.placed += sum(item["class_index"] is not None for item in plan["objects"])
            self.redrawn += plan["attempt"] > 0
            self.camera_heights_cm.add(plan["camera"]["location_cm"][2])
            self.camera_elevations_deg.add(-plan["camera"]["rotation_deg"][1])
        for index in {item.class_index for item in frame.objects}:
            self.classes[index].images[frame.split] += 1
            if frame.environment:
                self.classes[index].environments[frame.environment] += 1
        for item in frame.objects:
            self._add_object(item, frame)
        self._add_views(frame)

    @property
    def images(self) -> int:
        return self.frames.total()

    @property
    def labels(self) -> int:
        return sum(entry.total for entry in self.classes)

    @property
    def splits(self) -> list[str]:
        order = ["train", "val", "test"]
        return sorted(self.frames, key=lambda split: (order.index(split) if split in order else len(order), split))

    @property
    def bands(self) -> NDArray[np.int64]:
        """Labels by COCO's size limits."""
        total: NDArray[np.int64] = np.sum([np.zeros(3, np.int64), *(entry.bands for entry in self.classes)], axis=0)
        return total

    @property
    def same_pictures(self) -> int:
        """Images that are, byte for byte, the same as another one."""
        if not self.digests:
            return 0
        return len(self.digests) - len(np.unique(np.frombuffer(self.digests, np.uint64)))

    def _add_object(self, item: LabelledObject, frame: Frame) -> None:
        entry = self.classes[item.class_index]
        width, height = frame.size
        x0, y0, x1, y1 = item.box_px
        area = (x1 - x0) * (y1 - y0)
        entry.labels[frame.split] += 1
        entry.bands[0 if area < SMALL_PX**2 else 1 if area < LARGE_PX**2 else 2] += 1
        entry.sizes_px.add(area**0.5)
        self.sizes_px.add(area**0.5)
        across, down = (x0 + x1) / 2 / width, (y0 + y1) / 2 / height
        entry.places[_cell(down, _THIRDS), _cell(across, _THIRDS)] += 1
        self.centres[_cell(down, _CENTRE_CELLS), _cell(across, _CENTRE_CELLS)] += 1
        self.touching += x0 < _BORDER_PX or y0 < _BORDER_PX or x1 > width - _BORDER_PX or y1 > height - _BORDER_PX
        if item.visible is not None:
            self.visible.add(item.visible)
        if item.truncated is not None:
            self.truncated.add(item.truncated)
        if item.distance_cm is not None:
            self.distances_cm.add(item.distance_cm)
        if item.model is not None:
            entry.models[item.model] += 1
        if item.direction_deg is not None:
            azimuth, elevation = item.direction_deg
            rows, columns = entry.directions.shape
            entry.directions[_cell((elevation + 90) / 180, rows), _cell(azimuth / 360, columns)] += 1

    def _add_views(self, frame: Frame) -> None:
        """The label self-check: the projected box against the one measured in the pixels."""
        width, height = frame.size
        for item in frame.objects:
            full, seen = item.full_px, item.visible_px
            if full is None or seen is None:
                continue
            entry = self.classes[item.class_index]
            edges = [a - b for a, b in zip(seen, full, strict=True)]
            entry.outside += max(-edges[0], -edges[1], edges[2], edges[3]) > OUTSIDE_PX
            inside = full[0] >= 0 and full[1] >= 0 and full[2] <= width and full[3] <= height
            if not inside or max(full[2] - full[0], full[3] - full[1]) < _CLEAN_VIEW_PX:
                continue
            if item.visible is not None:
                covered = item.visible < 1.0
            else:
                covered = any(other is not item and _meet(full, other.full_px) for other in frame.objects)
            if not covered:
                entry.views += 1
                entry.ious.add(_iou(seen, full))
                entry.edges_px.add(max(map(abs, edges)))


def _cell(share: float, count: int) -> int:
    return min(max(int(share * count), 0), count - 1)


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float] | None) -> bool:
    """Whether two boxes overlap, or come so near that they may share a pixel."""
    return b is not None and a[0] < b[2] + 1 and b[0] < a[2] + 1 and a[1] < b[3] + 1 and b[1] < a[3] + 1


def _iou(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    width = max(min(a[2], b[2]) - max(a[0], b[0]), 0.0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return width * height / (sum(areas) - width * height)
