"""From a frame folder of the spool to the bytes of a finished frame. Pure but for reading; fit for worker threads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from unrealsynth.dataset import pictures
from unrealsynth.dataset.depth import encode_depth, read_depth
from unrealsynth.dataset.manifest import DepthFile, ManifestEntry, OutputSettings
from unrealsynth.errors import DataSetError, SelfCheckError
from unrealsynth.labels import REMNANTS, MeasuredObject, YoloLabel, measure, yolo_label
from unrealsynth.selfcheck import FrameCheck, FrameChecker
from unrealsynth.visibility import distance_cm, truncated_fraction, visible_fractions
from unrealsynth_plugin.core.codec import decode, encode
from unrealsynth_plugin.core.contract import FORMAT, FrameRecord, ObjectRecord
from unrealsynth_plugin.core.geometry import Vec3, full_box
from unrealsynth_plugin.core.spool_files import FRAME


@dataclass(frozen=True)
class FrameSettings:
    """What making frames finished needs, the same for all of them."""

    fingerprint: str
    resolution: tuple[int, int]
    output: OutputSettings
    checker: FrameChecker
    model_files: Mapping[str, str] = field(default_factory=dict)
    """Name of the user's file, by the model's id."""
    hulls: Mapping[str, tuple[Vec3, ...]] = field(default_factory=dict)
    """Vertices by model, cm, of those whose full boxes are computed here, because the editor knew but their bounds."""


@dataclass(frozen=True)
class EncodedFrame:
    """A frame as it goes to disk."""

    image: bytes
    label: bytes
    entry: ManifestEntry
    left_out: Mapping[int, str]
    """Objects without a label, by index, with the reason."""
    check: FrameCheck
    blank: bool
    """Whether the picture is all but one colour: a frame to be drawn again."""
    record: FrameRecord
    has_remnant: bool = False
    """Whether an object without a label shows, and the settings want none: a frame to be drawn again."""
    depth: bytes | None = None
    """The depth map as PNG, where one was taken."""

    @property
    def k(self) -> int:
        return self.entry.k


def read_record(folder: Path) -> tuple[FrameRecord, Mapping[str, object]]:
    """The record of a complete frame folder, and the JSON it was read from. Raises DataSetError."""
    path = folder / FRAME
    try:
        data = json.loads(path.read_bytes())
        return decode(FrameRecord, data), data
    except (OSError, ValueError, RecursionError) as error:
        raise DataSetError(
            f"The editor's record {path} cannot be read: {error}. Run the same command again to make the frame anew."
        ) from error


def process_frame(folder: Path, settings: FrameSettings) -> EncodedFrame:
    """Reads, measures, checks, labels and encodes the complete frame in `folder`.

    Raises DataSetError when the folder is not a frame of this job, SelfCheckError when the ids are spoilt.
    """
    record, data = read_record(folder)
    _require_same_job(record, folder, settings)
    if settings.hulls:
        record = _with_full_boxes(record, settings.hulls)
        data = encode(record)
    picture = pictures.read_rgb(_inside(folder, record.captures.rgb), record.resolution)
    ids = [pictures.read_ids(_inside(folder, name), record.resolution) for name in record.captures.ids]
    try:
        seen = measure(ids, record.objects)
    except SelfCheckError as error:
        raise SelfCheckError(f"Frame {record.k}: {error}") from error
    measured = _with_shares(seen, record, folder)
    rules = settings.output.labels
    label = yolo_label(measured, record.resolution, rules)
    image_bytes = pictures.encode(picture, settings.output.image_format)
    label_bytes = label.text.encode("ascii")
    depth_bytes, depth = _depth(record, folder, settings.output)
    check = settings.checker.check(record, measured)
    entry = ManifestEntry(
        k=record.k,
        split=settings.output.split(record.k),
        image=settings.output.image(record.k),
        label=settings.output.label(record.k),
        image_bytes=len(image_bytes),
        label_bytes=len(label_bytes),
        image_sha256=hashlib.sha256(image_bytes).hexdigest(),
        label_sha256=hashlib.sha256(label_bytes).hexdigest(),
        objects=tuple(
            measured_object(item, seen, record, label, settings.model_files)
            for item, seen in zip(record.objects, measured, strict=True)
        ),
        record=data,
        depth=depth,
        faults=check.faults,
    )
    return EncodedFrame(
        image=image_bytes,
        label=label_bytes,
        entry=entry,
        left_out=label.left_out,
        check=check,
        blank=pictures.is_blank(picture),
        record=record,
        has_remnant=rules.redraw and not REMNANTS.isdisjoint(label.left_out.values()),
        depth=depth_bytes,
    )


def measured_object(
    item: ObjectRecord, seen: MeasuredObject, record: FrameRecord, label: YoloLabel, files: Mapping[str, str]
) -> Mapping[str, object]:
    """An object as it stands in the manifest. Lengths in cm, angles in degrees, boxes [x0, y0, x1, y1] in pixel edges.

    `visible` is None when it was not measured, `left_out` None when the object has a label, else the reason.
    """
    return {
        "index": item.index,
        "class_index": item.class_index,
        "class_name": item.class_name,
        "model": item.model,
        "model_file": files.get(item.model),
        "box_px": seen.box_px,
        "box_full_px": item.box_full_px,
        "pixels": seen.pixels,
        "visible": None if seen.visible is None else round(seen.visible, 4),
        "truncated": round(seen.truncated, 4),
        "distance_cm": round(distance_cm(record.camera, item.location_cm), 2),
        "location_cm": item.location_cm,
        "rotation_deg": item.rotation_deg,
        "scale": item.scale,
        "left_out": label.left_out.get(item.index),
        "mask": seen.mask,
    }


def _with_full_boxes(record: FrameRecord, hulls: Mapping[str, tuple[Vec3, ...]]) -> FrameRecord:
    """The record with full boxes from the poses that were read back."""
    objects = tuple(
        replace(
            item,
            box_full_px=full_box(
                hulls[item.model],
                item.location_cm,
                item.rotation_deg,
                item.scale,
                record.camera,
                record.resolution,
            ),
        )
        for item in record.objects
    )
    return replace(record, objects=objects)


def _with_shares(measured: Sequence[MeasuredObject], record: FrameRecord, folder: Path) -> tuple[MeasuredObject, ...]:
    """Adds what other objects and the picture's edge leave of each."""
    alone = None
    if record.captures.alone is not None:
        alone = [
            (item, pictures.read_ids(_inside(folder, item.file), record.resolution)) for item in record.captures.alone
        ]
    visible = visible_fractions({item.index: item.pixels for item in measured}, alone)
    return tuple(
        replace(
            seen,
            visible=visible[item.index],
            truncated=truncated_fraction(item.box_full_px, record.resolution),
            box_full_px=item.box_full_px,
        )
        for item, seen in zip(record.objects, measured, strict=True)
    )


def _depth(record: FrameRecord, folder: Path, output: OutputSettings) -> tuple[bytes | None, DepthFile | None]:
    if record.captures.depth is None:
        return None, None
    data, beyond = encode_depth(read_depth(_inside(folder, record.captures.depth), record.resolution))
    return data, DepthFile(output.depth(record.k), len(data), hashlib.sha256(data).hexdigest(), beyond)


def _inside(folder: Path, name: str) -> Path:
    if Path(name).name != name or name in {"", ".", ".."}:
        raise DataSetError(f"The record in {folder} names the file {name!r}, which is not in that folder.")
    return folder / name


def _require_same_job(record: FrameRecord, folder: Path, settings: FrameSettings) -> None:
    wanted = {"format": FORMAT, "fingerprint": settings.fingerprint, "resolution": settings.resolution}
    for key, value in wanted.items():
        if (got := getattr(record, key)) != value:
            raise DataSetError(f"The record in {folder} has {key} {got!r}, this data set has {value!r}.")
