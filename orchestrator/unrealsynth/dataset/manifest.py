"""What a data set says about itself: a header file, and one line of JSON for each finished frame.

A frame is finished when its line exists, ended by a newline. Both files are read as they lie on disk, one line at a
time, so that a million frames need no more memory than one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import BinaryIO

from unrealsynth.dataset.pictures import ImageFormat
from unrealsynth.dataset.splits import Split, share, split_of
from unrealsynth.errors import DataSetError
from unrealsynth_plugin.core.contract import DecodeError, Prepared, decode

FORMAT = 1
HEADER_NAME = "manifest.header.json"
MANIFEST_NAME = "manifest.jsonl"
_IMAGE = re.compile(r"images/(train|val)/(0|[1-9]\d*)\.(png|jpg)")
_LABEL = re.compile(r"labels/(train|val)/(0|[1-9]\d*)\.txt")


@dataclass(frozen=True)
class OutputSettings:
    """Settings of label and image files that are the same for all frames of a data set."""

    val: float = 0.5
    """Share of the frames that is for validation."""
    image_format: ImageFormat = "png"
    min_pixels: int = 16
    """Objects with fewer visible pixels get no label."""

    def split(self, k: int) -> Split:
        return split_of(k, share(self.val))

    def image(self, k: int) -> str:
        """Path of frame k's image below the data set."""
        return f"images/{self.split(k)}/{k}.{self.image_format}"

    def label(self, k: int) -> str:
        """Path of frame k's label file below the data set."""
        return f"labels/{self.split(k)}/{k}.txt"


@dataclass(frozen=True)
class Header:
    """What all frames of a data set have in common."""

    parts: Mapping[str, object]
    """Everything that a frame depends on, by key: values, or hashes of files. JSON data."""
    output: OutputSettings
    classes: tuple[str, ...]
    settings: Mapping[str, object]
    """The whole resolved recipe, to read."""
    models: tuple[Mapping[str, object], ...]
    """Where each model comes from: file, hash, licence when it states one."""
    engine: str
    renderer: str
    created_by: str
    """Name and version of the program."""
    prepared: tuple[Prepared, ...] = ()
    """What the editor found for each environment; every frame uses it."""
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """Hash of `parts`."""
        return hashlib.sha256(_canonical(self.parts).encode("ascii")).hexdigest()

    def differences(self, other: Header) -> tuple[str, ...]:
        """What keeps frames of the two apart, as `key: value here -> value in the other`."""
        mine, theirs = ({**header.parts, **_output_parts(header)} for header in (self, other))
        return tuple(
            f"{key}: {_brief(mine.get(key))} -> {_brief(theirs.get(key))}"
            for key in sorted({*mine, *theirs})
            if _canonical(mine.get(key)) != _canonical(theirs.get(key))
        )

    def to_json(self) -> bytes:
        data = {"format": self.format, "fingerprint": self.fingerprint, **asdict(self)}
        return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


@dataclass(frozen=True)
class ManifestEntry:
    """One finished frame."""

    k: int
    split: str
    image: str
    """Path below the data set, with slashes."""
    label: str
    image_bytes: int
    label_bytes: int
    image_sha256: str
    label_sha256: str
    objects: tuple[Mapping[str, object], ...]
    """Of each labelled class' object: what was measured, and `left_out` with the reason when it has no row."""
    record: Mapping[str, object]
    """The frame record, as the editor wrote it."""

    def to_line(self) -> bytes:
        """The line, with its newline."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


def read_header(folder: Path) -> Header | None:
    """The header of the data set in `folder`, None when there is none. Raises DataSetError when it cannot be read."""
    path = folder / HEADER_NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        data.pop("fingerprint")
        if data["format"] != FORMAT:
            raise DataSetError(
                f"{path} has format {data['format']}, this version reads {FORMAT}: use the version that made it "
                f"({data.get('created_by', 'unknown')})."
            )
        data["output"] = OutputSettings(**data["output"])
        data["classes"] = tuple(data["classes"])
        data["models"] = tuple(data["models"])
        data["prepared"] = tuple(decode(Prepared, item) for item in data["prepared"])
        return Header(**data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DecodeError) as error:
        raise DataSetError(f"{path} is damaged ({error}): give another folder with --out.") from error


def read_manifest(path: Path) -> Iterator[ManifestEntry]:
    """The finished frames in the manifest file `path`, in the order of completion; a torn last line is passed over.

    Raises DataSetError, with the line, when one before the last is damaged.
    """
    try:
        with path.open("rb") as file:
            for _, entry in entries(file, path):
                yield entry
    except FileNotFoundError:
        return


def entries(file: BinaryIO, path: Path) -> Iterator[tuple[bytes, ManifestEntry]]:
    """Line and frame, as `read_manifest`; the sum of the lines' lengths is where a torn last line begins."""
    damaged = 0
    for number, line in enumerate(file, 1):
        if damaged:
            raise DataSetError(f"{path}, line {damaged}, is damaged: no finished frame can be read from it.")
        entry = _parse(line)
        if entry is None:
            damaged = number
        else:
            yield line, entry


def _parse(line: bytes) -> ManifestEntry | None:
    if not line.endswith(b"\n"):
        return None
    try:
        data = json.loads(line)
        entry = ManifestEntry(**{**data, "objects": tuple(data["objects"])})
    except (ValueError, KeyError, TypeError):
        return None
    # Paths are used to remove files: nothing outside the data set may come in here.
    return entry if _IMAGE.fullmatch(entry.image) and _LABEL.fullmatch(entry.label) else None


def _output_parts(header: Header) -> dict[str, object]:
    return {f"output.{key}": value for key, value in asdict(header.output).items()} | {"classes": list(header.classes)}


def _canonical(value: object) -> str:
    """The same text for the same JSON, also when one side was read back."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _brief(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
