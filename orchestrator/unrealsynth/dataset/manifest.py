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
from typing import BinaryIO, Literal

from unrealsynth import __version__
from unrealsynth.dataset.pictures import ImageFormat
from unrealsynth.dataset.splits import Split, share, split_of
from unrealsynth.errors import DataSetError
from unrealsynth.labels import LabelSettings
from unrealsynth_plugin.core.codec import DecodeError, decode
from unrealsynth_plugin.core.contract import Prepared

FORMAT = 1
HEADER_NAME = "manifest.header.json"
MANIFEST_NAME = "manifest.jsonl"
Task = Literal["detect", "segment", "obb", "semantic", "depth"]
_PATHS = re.compile(
    r"images/(train|val|test)/(0|[1-9]\d*)\.(png|jpg)"
    r"\|((labels/\1/\2\.txt)|(masks|depth)/\1/\2\.png)"
    r"\|(depth/\1/\2\.png)?"
)
"""Image, label and depth map of one frame."""
_LONGEST_SHOWN = 60
"""Letters of a value in a message."""


@dataclass(frozen=True)
class OutputSettings:
    """Settings of label and image files that are the same for all frames of a data set."""

    val: float = 0.5
    """Share of the frames that is for validation."""
    image_format: ImageFormat = "png"
    labels: LabelSettings = LabelSettings()
    """Which objects have a label."""
    task: Task = "detect"
    """What the label files are for; other than detect in an export."""
    split_by: str | None = None
    """How frames were dealt to the splits when not by `val`: then the data set cannot grow."""

    def split(self, k: int) -> Split:
        return split_of(k, share(self.val))

    def image(self, k: int) -> str:
        """Path of frame k's image below the data set."""
        return f"images/{self.split(k)}/{k}.{self.image_format}"

    def label(self, k: int) -> str:
        """Path of frame k's label file below the data set."""
        return f"labels/{self.split(k)}/{k}.txt"

    def depth(self, k: int) -> str:
        """Path of frame k's depth map below the data set, where Ultralytics looks for it."""
        return f"depth/{self.split(k)}/{k}.png"


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
    """Version of the engine; for an embedded editor with its driver."""
    created_by: str
    """Name and version of the program."""
    prepared: tuple[Prepared, ...] = ()
    """What the editor found for each environment; every frame uses it."""
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """Hash of `parts`."""
        return hashlib.sha256(_canonical(self.parts).encode("ascii")).hexdigest()

    def shortfall(self, images: int) -> str:
        """A sentence when `images` are fewer than the recipe asks for; empty otherwise, and for splits dealt anew."""
        asked = self.settings.get("images")
        if not isinstance(asked, int) or images >= asked or self.output.split_by is not None:
            return ""
        return f"{images} of {asked} images are made: the same generate command makes the others"

    def differences(self, other: Header) -> tuple[str, ...]:
        """What keeps frames of the two apart, as `key: value here -> value in the other`."""
        # The parts come last: what they say of the classes is more than the names.
        mine, theirs = ({**_output_parts(header), **header.parts} for header in (self, other))
        return tuple(
            line for key in sorted({*mine, *theirs}) for line in _differences(key, mine.get(key), theirs.get(key))
        )

    def to_json(self) -> bytes:
        data = {"format": self.format, "fingerprint": self.fingerprint, **asdict(self)}
        return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


@dataclass(frozen=True)
class DepthFile:
    """A depth map on disk."""

    path: str
    """Below the data set, with slashes."""
    bytes: int
    sha256: str
    beyond: int
    """Pixels without a depth: nothing there, or farther than the format reaches."""


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
    """Of each object of a class: what was measured (`frames.measured_object` has the keys), and `left_out` with the
    reason when it has no label."""
    record: Mapping[str, object]
    """The frame record, as the editor wrote it."""
    depth: DepthFile | None = None
    """The depth map, where one was taken."""
    faults: tuple[str, ...] = ()
    """What the self-check found wrong, a sentence each."""

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of everything that belongs to the frame, below the data set."""
        return (self.image, self.label) if self.depth is None else (self.image, self.label, self.depth.path)

    def to_line(self) -> bytes:
        """The line, with its newline."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["depth"] = None if self.depth is None else asdict(self.depth)
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


def read_header(folder: Path) -> Header | None:
    """The header of the data set in `folder`, None when there is none. Raises DataSetError when it cannot be read."""
    path = folder / HEADER_NAME
    maker = ""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        maker = data["created_by"]
        data.pop("fingerprint")
        if data["format"] != FORMAT:
            raise DataSetError(
                f"{path} has format {data['format']}, this version reads {FORMAT}: use the version that made it "
                f"({maker})."
            )
        labels = LabelSettings(**data["output"].pop("labels"))
        data["output"] = OutputSettings(**data["output"], labels=labels)
        data["classes"] = tuple(data["classes"])
        data["models"] = tuple(data["models"])
        data["prepared"] = tuple(decode(Prepared, item) for item in data["prepared"])
        return Header(**data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DecodeError) as error:
        # A file that still says who made it is whole as a rule, but from a version with other settings.
        what, then = "is damaged", "make"
        if maker:
            what = f"was made by {maker} and cannot be read by unrealsynth {__version__}"
            then = "use the version that made it, or make"
        raise DataSetError(f"{path} {what} ({error}): {then} the data set again in another folder.") from error


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
        entry = parse_entry(line)
        if entry is None:
            damaged = number
        else:
            yield line, entry


def parse_entry(line: bytes) -> ManifestEntry | None:
    """The frame of one line of a manifest, None when it is torn or damaged."""
    if not line.endswith(b"\n"):
        return None
    try:
        data = json.loads(line)
        depth = data.get("depth")
        data["depth"] = None if depth is None else DepthFile(**depth)
        entry = ManifestEntry(**{**data, "objects": tuple(data["objects"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    # Paths are used to remove files: nothing outside the data set may come in here.
    return entry if _PATHS.fullmatch(f"{entry.image}|{entry.label}|{entry.depth.path if entry.depth else ''}") else None


def _output_parts(header: Header) -> dict[str, object]:
    output = asdict(header.output)
    labels = output.pop("labels")
    return {
        **{f"output.{key}": value for key, value in output.items()},
        **{f"labels.{key}": value for key, value in labels.items()},
        "classes": list(header.classes),
    }


def _differences(key: str, here: object, there: object) -> Iterator[str]:
    """How two values differ; of lists too long to show, only the entries that do."""
    if _canonical(here) == _canonical(there):
        return
    if isinstance(here, list) and isinstance(there, list) and len(here) == len(there) and _is_long(here, there):
        for number, (mine, theirs) in enumerate(zip(here, there, strict=True)):
            yield from _differences(f"{key}[{number}]", mine, theirs)
    else:
        yield f"{key}: {_brief(here)} -> {_brief(there)}"


def _is_long(*values: object) -> bool:
    return any(len(_canonical(value)) > _LONGEST_SHOWN for value in values)


def _canonical(value: object) -> str:
    """The same text for the same JSON, also when one side was read back."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _brief(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
