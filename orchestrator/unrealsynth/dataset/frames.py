"""From a frame folder of the spool to the bytes of a finished frame. Pure but for reading; fit for worker threads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from unrealsynth.dataset import pictures
from unrealsynth.dataset.manifest import ManifestEntry, OutputSettings
from unrealsynth.errors import DataSetError, SelfCheckError
from unrealsynth.labels import MeasuredObject, YoloLabel, measure, yolo_label
from unrealsynth.selfcheck import FrameCheck, FrameChecker
from unrealsynth_plugin.core.contract import FORMAT, DecodeError, FrameRecord, ObjectRecord, decode


@dataclass(frozen=True)
class FrameSettings:
    """What making frames finished needs, the same for all of them."""

    fingerprint: str
    resolution: tuple[int, int]
    output: OutputSettings
    checker: FrameChecker


@dataclass(frozen=True)
class EncodedFrame:
    """A frame as it goes to disk."""

    image: bytes
    label: bytes
    entry: ManifestEntry
    left_out: Mapping[int, str]
    """Objects without a row, by index: `hidden`, `small` or `duplicate`."""
    check: FrameCheck
    blank: bool
    """Whether the picture is all but one colour: a frame to be drawn again."""
    record: FrameRecord

    @property
    def k(self) -> int:
        return self.entry.k


def read_record(folder: Path) -> tuple[FrameRecord, Mapping[str, object]]:
    """The record of a complete frame folder, and the JSON it was read from. Raises DataSetError."""
    path = folder / "frame.json"
    try:
        data = json.loads(path.read_bytes())
        return decode(FrameRecord, data), data
    except (OSError, ValueError, DecodeError) as error:
        raise DataSetError(f"The editor's record {path} cannot be read: {error}.") from error


def process_frame(folder: Path, settings: FrameSettings) -> EncodedFrame:
    """Reads, measures, checks, labels and encodes the complete frame in `folder`.

    Raises DataSetError when the folder is not a frame of this job, SelfCheckError when the ids are spoilt.
    """
    record, data = read_record(folder)
    _require_same_job(record, folder, settings)
    picture = pictures.read_rgb(_inside(folder, record.captures.rgb), record.resolution)
    ids = [pictures.read_ids(_inside(folder, name), record.resolution) for name in record.captures.ids]
    try:
        measured = measure(ids, record.objects)
    except SelfCheckError as error:
        raise SelfCheckError(f"Frame {record.k}: {error}") from error
    label = yolo_label(measured, record.resolution, settings.output.min_pixels)
    image_bytes = pictures.encode(picture, settings.output.image_format)
    label_bytes = label.text.encode("ascii")
    entry = ManifestEntry(
        k=record.k,
        split=settings.output.split(record.k),
        image=settings.output.image(record.k),
        label=settings.output.label(record.k),
        image_bytes=len(image_bytes),
        label_bytes=len(label_bytes),
        image_sha256=hashlib.sha256(image_bytes).hexdigest(),
        label_sha256=hashlib.sha256(label_bytes).hexdigest(),
        objects=tuple(_object(item, seen, label) for item, seen in zip(record.objects, measured, strict=True)),
        record=data,
    )
    check = settings.checker.check(record, measured)
    return EncodedFrame(image_bytes, label_bytes, entry, label.left_out, check, pictures.is_blank(picture), record)


def _object(item: ObjectRecord, seen: MeasuredObject, label: YoloLabel) -> Mapping[str, object]:
    return {**asdict(seen), "class_name": item.class_name, "left_out": label.left_out.get(item.index)}


def _inside(folder: Path, name: str) -> Path:
    if Path(name).name != name or name in {"", ".", ".."}:
        raise DataSetError(f"The record in {folder} names the file {name!r}, which is not in that folder.")
    return folder / name


def _require_same_job(record: FrameRecord, folder: Path, settings: FrameSettings) -> None:
    wanted = {"format": FORMAT, "fingerprint": settings.fingerprint, "resolution": settings.resolution}
    for key, value in wanted.items():
        if (got := getattr(record, key)) != value:
            raise DataSetError(f"The record in {folder} has {key} {got!r}, this data set has {value!r}.")
