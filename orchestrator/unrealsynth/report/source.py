"""A data set as it lies on disk, one frame at a time: ours through its manifest, anybody's through its label files.

Nothing is written and nothing is held: a million frames need no more memory than one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from unrealsynth.dataset.layout import SplitError, YoloLayout, below, label_path, read_layout
from unrealsynth.dataset.manifest import MANIFEST_NAME, Header, ManifestEntry, read_header, read_manifest
from unrealsynth.errors import DataSetError
from unrealsynth.labels import LabelSettings, labelled_box
from unrealsynth_plugin.core.geometry import Box, axes, dot


@dataclass(frozen=True, slots=True)
class LabelledObject:
    """One row of a label file, with what the manifest knows of it. Boxes are pixel edges."""

    class_index: int
    box_px: Box
    mask: str = ""
    """Counts string of COCO's run-length encoding; empty when it is not known."""
    outline_px: tuple[tuple[float, float], ...] = ()
    """The polygon of a segmentation label."""
    visible_px: Box | None = None
    """Measured box of the visible pixels."""
    full_px: Box | None = None
    """Projected box of the whole object, not clipped at the picture."""
    model: str | None = None
    visible: float | None = None
    """Share of what would be visible without other objects; None where it was not measured."""
    truncated: float | None = None
    """Share of the full box outside the picture."""
    distance_cm: float | None = None
    direction_deg: tuple[float, float] | None = None
    """Where the camera is, seen from the object: azimuth from its own X towards its Y, and elevation."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One image with its labels."""

    name: str
    split: str
    image: Path
    size: tuple[int, int]
    """Width and height, pixels."""
    objects: tuple[LabelledObject, ...]
    left_out: tuple[str, ...] = ()
    """Reason for each object without a row."""
    bad_rows: int = 0
    """Rows of the label file that cannot be read."""
    sha256: str = ""
    environment: str = ""
    plan: Mapping[str, Any] | None = None
    """What was drawn for the frame, as the manifest has it."""


@dataclass(frozen=True)
class DataSetSource:
    """Where the frames of a data set come from."""

    folder: Path
    name: str
    classes: tuple[str, ...]
    header: Header | None
    layout: YoloLayout | None = None
    """Where the files of a data set without a manifest lie."""

    def frames(self) -> Iterator[Frame]:
        """Every frame. Raises DataSetError when the manifest is damaged."""
        if self.header is not None:
            for entry in read_manifest(self.folder / MANIFEST_NAME):
                yield _frame_of_entry(self.folder, entry, self.header.output.labels)
        elif self.layout is not None:
            yield from _frames_of_files(self.layout, len(self.classes))


def is_data_set(path: Path) -> bool:
    """Whether `path` is the folder or the YAML file of a data set, not a recipe."""
    if path.is_dir():
        return True
    if path.suffix not in {".yaml", ".yml"} or not path.is_file():
        return False
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return isinstance(data, dict) and "names" in data and "train" in data


def open_data_set(path: Path) -> DataSetSource:
    """The data set in the folder `path` or of the YAML file `path`. Raises DataSetError when there is none."""
    folder = path.parent if path.is_file() else path
    header = read_header(folder)
    if header is not None:
        return DataSetSource(folder, str(header.settings.get("name") or folder.name), header.classes, header)
    layout = read_layout(path)
    names = layout.names
    if not names or sorted(names) != list(range(len(names))) or not layout.splits:
        raise DataSetError(
            f"{layout.yaml_path} does not describe a YOLO data set: `names`, numbered from 0, and `train` are wanted. "
            f"See what is wrong with: unrealsynth check {path}"
        )
    return DataSetSource(layout.root, folder.resolve().name, tuple(names[i] for i in range(len(names))), None, layout)


def _frame_of_entry(folder: Path, entry: ManifestEntry, settings: LabelSettings) -> Frame:
    record: Mapping[str, Any] = entry.record
    width, height = record["resolution"]
    eye = record["camera"]["location_cm"]
    objects = []
    left_out = []
    measured: Sequence[Mapping[str, Any]] = entry.objects
    for item, placed in zip(measured, record["objects"], strict=True):
        if item["left_out"] is not None:
            left_out.append(str(item["left_out"]))
            continue
        full = placed["box_full_px"]
        visible: Box = tuple(item["box_px"])
        box_full = None if full is None else tuple(full)
        objects.append(
            LabelledObject(
                class_index=item["class_index"],
                box_px=labelled_box(visible, box_full, (width, height), settings) or visible,
                visible_px=visible,
                mask=item["mask"],
                full_px=box_full,
                model=placed["model"],
                visible=item.get("visible"),
                truncated=item.get("truncated"),
                distance_cm=item.get("distance_cm", math.dist(eye, placed["location_cm"])),
                direction_deg=_direction(eye, placed["location_cm"], placed["rotation_deg"]),
            )
        )
    return Frame(
        name=str(entry.k),
        split=entry.split,
        image=folder / entry.image,
        size=(width, height),
        objects=tuple(objects),
        left_out=tuple(left_out),
        sha256=entry.image_sha256,
        environment=record["plan"]["environment"],
        plan=record["plan"],
    )


def _clipped(box: Sequence[float], width: float, height: float) -> Box:
    x0, x1 = (min(max(x, 0.0), width) for x in box[0::2])
    y0, y1 = (min(max(y, 0.0), height) for y in box[1::2])
    return x0, y0, x1, y1


def _direction(eye: Sequence[float], location: Sequence[float], rotation: Sequence[float]) -> tuple[float, float]:
    away = (eye[0] - location[0], eye[1] - location[1], eye[2] - location[2])
    x, y, z = (dot(away, axis) for axis in axes((rotation[0], rotation[1], rotation[2])))
    return math.degrees(math.atan2(y, x)) % 360.0, math.degrees(math.atan2(z, math.hypot(x, y)))


def _frames_of_files(layout: YoloLayout, class_count: int) -> Iterator[Frame]:
    pose_columns = "kpt_shape" in layout.data
    for split in layout.splits:
        try:
            for image in layout.images(split):
                yield _frame_of_files(layout.root, split, image, class_count, pose_columns)
        except SplitError as error:
            raise DataSetError(f"{layout.yaml_path}: {error}. Correct the YAML file.") from error


def _frame_of_files(root: Path, split: str, image: Path, class_count: int, pose_columns: bool) -> Frame:
    try:
        with Image.open(image) as picture:
            size = picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        size = (0, 0)
    label = label_path(image)
    try:
        lines = [line.split() for line in label.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, ValueError):
        lines = []
    rows = [_row(words, size, class_count, pose_columns) for words in lines] if size != (0, 0) else []
    objects = tuple(row for row in rows if row is not None)
    return Frame(below(root, image), split, image, size, objects, bad_rows=len(lines) - len(objects))


def _row(words: Sequence[str], size: tuple[int, int], class_count: int, pose_columns: bool) -> LabelledObject | None:
    """The object of a row of detection (5 columns), of key points (more), or of a polygon (1 + 2n); None if neither."""
    try:
        class_index = int(words[0])
        numbers = [float(word) for word in words[1:]]
    except ValueError:
        return None
    if not 0 <= class_index < class_count or not all(map(math.isfinite, numbers)):
        return None
    width, height = size
    if len(numbers) == 4 or (pose_columns and len(numbers) > 4):
        cx, cy, w, h = numbers[:4]
        edges = [(cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height]
        box = _clipped(edges, width, height)
        outline: tuple[tuple[float, float], ...] = ()
    elif len(numbers) >= 6 and len(numbers) % 2 == 0:
        outline = tuple((x * width, y * height) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
        xs, ys = zip(*outline, strict=True)
        box = (min(xs), min(ys), max(xs), max(ys))
    else:
        return None
    return LabelledObject(class_index, box, outline_px=outline) if box[0] < box[2] and box[1] < box[3] else None
