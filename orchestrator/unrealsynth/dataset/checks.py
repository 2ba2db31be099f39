"""Every check a YOLO detection data set has to pass, ours or anybody's; stricter than Ultralytics.

Rules are numbered. 1-7: structure, 8-11: pictures, 12-17 and 19: rows of labels, 30: agreement with the manifest,
where there is one. Nothing is written, nothing of the YAML is executed.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import yaml
from PIL import Image

from unrealsynth.dataset.manifest import MANIFEST_NAME, ManifestEntry, read_manifest
from unrealsynth.dataset.rows import Row, read_rows
from unrealsynth.errors import DataSetError

_FORMATS = {
    "BMP": (".bmp",),
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
_FORMAT_OF = {suffix: name for name, suffixes in _FORMATS.items() for suffix in suffixes}
_KEYS = {
    *("path", "train", "val", "test", "minival", "names", "nc", "channels", "kpt_shape", "flip_idx", "kpt_names"),
    *("kpt_oks_sigmas", "masks_dir", "label_mapping", "depth_scale", "max_depth"),
}
_SPLITS = ("train", "val", "test", "minival")
_SMALLEST_PX = 10
_FLAT_DEVIATION = 1.0
_DARK, _BRIGHT = 4.0, 251.0
_ORIENTATION = 0x0112
_BOX_TOLERANCE_PX = 0.01


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, at `path` below the data set."""

    rule: int
    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message} [{self.rule}]"


@dataclass(frozen=True)
class _Frame:
    """What looking at one image and its label gave."""

    split: str
    faults: tuple[Fault, ...]
    image_sha256: str = ""
    rows: tuple[tuple[int, Row], ...] = ()
    size: tuple[int, int] = (0, 0)


def check(path: Path) -> list[Fault]:
    """All faults of the data set in the folder `path`, or of the YAML file `path`, in the order of the rules.

    Raises DataSetError when there is no data set to check.
    """
    yaml_path = _find_yaml(path)
    root = yaml_path.parent
    try:
        data = yaml.safe_load(yaml_path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [Fault(1, yaml_path.name, f"cannot be read: {error}")]
    if not isinstance(data, dict):
        return [Fault(1, yaml_path.name, "holds no keys")]
    faults = [*_yaml_faults(yaml_path.name, data), *_name_faults(yaml_path.name, data.get("names"))]
    images: dict[str, list[Path]] = {}
    for split in _SPLITS:
        if split in data:
            images[split], found = _images(root, yaml_path.name, split, data[split])
            faults += found
    faults += [*_pair_faults(root, images), *_stem_faults(root, images), *_stray_faults(root)]
    class_count = len(data["names"]) if isinstance(data.get("names"), (dict, list)) else 0
    jobs = [(split, image) for split, found in images.items() for image in found]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        looked = pool.map(lambda job: _look(root, job[0], job[1], class_count), jobs)
        frames = {_below(root, image): frame for (_, image), frame in zip(jobs, looked, strict=True)}
    faults += [fault for frame in frames.values() for fault in frame.faults]
    faults += _twin_faults(frames)
    if (root / MANIFEST_NAME).exists():
        faults += _manifest_faults(root, frames)
    return sorted(faults, key=lambda fault: fault.rule)


def _find_yaml(path: Path) -> Path:
    if path.is_file():
        return path
    found = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else []
    if len(found) == 1:
        return found[0]
    what = f"has {len(found)} YAML files" if found else "has no YAML file" if path.is_dir() else "does not exist"
    raise DataSetError(f"{path} {what}: give the folder of a data set with one, or the YAML file itself.")


def _yaml_faults(name: str, data: Mapping[str, object]) -> Iterator[Fault]:
    for key in data:
        if key not in _KEYS:
            why = "Ultralytics executes it" if key == "download" else "is no key Ultralytics knows"
            yield Fault(1, name, f"{key!r}: {why}")
    if data.get("path"):
        yield Fault(2, name, "`path` depends on the current directory or on where the folder lies: leave it out")
    for key in ("train", "val"):
        if key not in data:
            yield Fault(1, name, f"{key!r} is missing")


def _name_faults(name: str, names: object) -> Iterator[Fault]:
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not names:
        yield Fault(4, name, "`names` is missing or empty")
        return
    if [key for key in names if type(key) is not int] or sorted(names) != list(range(len(names))):
        yield Fault(4, name, f"`names` has the numbers {list(names)}, 0 to {len(names) - 1} are wanted")
    for key, value in names.items():
        if not isinstance(value, str) or not value.strip():
            yield Fault(4, name, f"class {key} has the name {value!r}, a text is wanted")
        elif re.search(r"[\x00-\x1f\x7f-\x9f]", value):
            yield Fault(4, name, f"the name {value!r} of class {key} has a control character")
        elif key == 0 and value.startswith("n0"):
            yield Fault(4, name, f"the first name {value!r} looks like an ImageNet code to Ultralytics")
    counts = Counter(str(value).casefold() for value in names.values())
    for text in (text for text, count in counts.items() if count > 1):
        yield Fault(4, name, f"the name {text!r} is given to {counts[text]} classes")


def _images(root: Path, name: str, split: str, value: object) -> tuple[list[Path], list[Fault]]:
    """The images of one split: below folders, or listed in text files."""
    found: list[Path] = []
    faults: list[Fault] = []
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, str) or not part or Path(part).is_absolute() or ".." in PurePosixPath(part).parts:
            faults.append(Fault(2, name, f"{split}: {part!r} is not a path inside the folder of the data set"))
            continue
        source = root / part
        if source.suffix == ".txt" and source.is_file():
            lines = source.read_text(encoding="utf-8-sig").split()
            found += [source.parent / line if line.startswith("./") else root / line for line in lines]
        elif source.is_dir():
            found += sorted(item for item in source.rglob("*.*") if item.suffix.lower() in _FORMAT_OF)
        else:
            faults.append(Fault(3, name, f"{split}: {part!r} does not exist"))
            continue
    if not found and not faults:
        faults.append(Fault(3, name, f"{split}: {value!r} has no image"))
    return found, faults


def _pair_faults(root: Path, images: Mapping[str, list[Path]]) -> Iterator[Fault]:
    wanted = {label_path(image): image for found in images.values() for image in found}
    for label, image in wanted.items():
        if not label.is_file():
            yield Fault(5, _below(root, image), f"has no label {_below(root, label)}")
    for folder in sorted({label.parent for label in wanted}):
        for label in sorted(folder.glob("*.txt")):
            if label not in wanted:
                yield Fault(5, _below(root, label), "has no image")
    places = Counter(image for found in images.values() for image in found)
    for image in (image for image, count in places.items() if count > 1):
        yield Fault(3, _below(root, image), f"is named {places[image]} times")


def _stem_faults(root: Path, images: Mapping[str, list[Path]]) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for image in (image for found in images.values() for image in found):
        other = seen.setdefault(image.stem, image)
        if other != image:
            yield Fault(6, _below(root, image), f"has the same stem as {_below(root, other)}")


def _stray_faults(root: Path) -> Iterator[Fault]:
    for folder, folders, files in os.walk(root):
        for name in sorted([*files, *folders]):
            if name.startswith((".", "~")) or name.endswith((".cache", ".npy", ".tmp", ".part", "~")):
                yield Fault(7, _below(root, Path(folder, name)), "is a cache, a temporary or a hidden file")


def _look(root: Path, split: str, image: Path, class_count: int) -> _Frame:
    """Reads one image and its label."""
    name = _below(root, image)
    try:
        data = image.read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            picture.verify()
        with Image.open(io.BytesIO(data)) as picture:
            faults = [Fault(rule, name, message) for rule, message in _header_faults(image, picture)]
            pixels = np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return _Frame(split, (Fault(8, name, f"cannot be opened: {error}"),))
    faults += [Fault(10, name, message) for message in _brightness_faults(pixels)]
    size = (pixels.shape[1], pixels.shape[0])
    digest = hashlib.sha256(data).hexdigest()
    label = label_path(image)
    if not label.is_file():
        return _Frame(split, tuple(faults), digest, (), size)
    rows, row_faults = read_rows(label.read_bytes(), class_count, size)
    faults += [Fault(fault.rule, _below(root, label), fault.message, fault.line) for fault in row_faults]
    return _Frame(split, tuple(faults), digest, tuple(rows), size)


def _header_faults(image: Path, picture: Image.Image) -> Iterator[tuple[int, str]]:
    wanted = _FORMAT_OF[image.suffix.lower()]
    if picture.format != wanted:
        yield 8, f"is {picture.format}, its suffix says {wanted}"
    if picture.mode != "RGB":
        yield 9, f"has the mode {picture.mode}, RGB of 8 bits is wanted"
    if picture.getexif().get(_ORIENTATION, 1) != 1:
        yield 9, "is turned by its EXIF data"
    if min(picture.size) < _SMALLEST_PX:
        yield 9, f"is {picture.width} x {picture.height} px, at least {_SMALLEST_PX} are wanted"


def _brightness_faults(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Iterator[str]:
    sample = pixels[::4, ::4].reshape(-1, 3)
    mean = float(sample.mean())
    if float(sample.std(axis=0).max()) < _FLAT_DEVIATION:
        yield "is all but one colour"
    elif not _DARK <= mean <= _BRIGHT:
        yield f"is {'black' if mean < _DARK else 'white'} nearly everywhere (mean {mean:.1f} of 255)"


def _twin_faults(frames: Mapping[str, _Frame]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, frame in frames.items():
        if frame.image_sha256 and (other := seen.setdefault(frame.image_sha256, name)) != name:
            across = frames[other].split != frame.split
            yield Fault(3 if across else 11, name, f"is the same picture as {other}{' of another split' * across}")


def _manifest_faults(root: Path, frames: Mapping[str, _Frame]) -> Iterator[Fault]:
    counts: Counter[str] = Counter()
    for line, entry in enumerate(read_manifest(root / MANIFEST_NAME), 1):
        counts[entry.image] += 1
        if counts[entry.image] > 1:
            yield Fault(30, MANIFEST_NAME, f"frame {entry.k} is there twice", line)
        elif entry.image not in frames:
            yield Fault(30, MANIFEST_NAME, f"{entry.image} does not exist", line)
        else:
            yield from _entry_faults(root, entry, frames[entry.image])
    for name in frames.keys() - counts.keys():
        yield Fault(30, name, "is not in the manifest")


def _entry_faults(root: Path, entry: ManifestEntry, frame: _Frame) -> Iterator[Fault]:
    if entry.split != frame.split:
        yield Fault(30, entry.image, f"is in {frame.split}, the manifest says {entry.split}")
    label = root / entry.label
    label_sha256 = hashlib.sha256(label.read_bytes()).hexdigest() if label.is_file() else entry.label_sha256
    if frame.image_sha256 not in {"", entry.image_sha256}:
        yield Fault(30, entry.image, "is not as it was written")
    if label_sha256 != entry.label_sha256:
        yield Fault(30, entry.label, "is not as it was written")
    resolution = entry.record.get("resolution")
    if frame.size != (0, 0) and resolution != list(frame.size):
        yield Fault(9, entry.image, f"is {frame.size[0]} x {frame.size[1]} px, its record says {resolution}")
    measured = [item for item in entry.objects if item["left_out"] is None]
    if len(measured) != len(frame.rows):
        yield Fault(30, entry.label, f"has {len(frame.rows)} good rows, the manifest {len(measured)} objects")
        return
    for (line, row), item in zip(frame.rows, measured, strict=True):
        if row.class_index != item["class_index"]:
            yield Fault(30, entry.label, f"class {row.class_index}, the manifest says {item['class_index']}", line)
        distance = _distance_px(row, item["box_px"], frame.size)
        if distance > _BOX_TOLERANCE_PX:
            yield Fault(19, entry.label, f"the box is {distance:.2f} px from the measured {item['box_px']}", line)


def _distance_px(row: Row, box: object, size: tuple[int, int]) -> float:
    """Largest distance of an edge of the row from the measured pixel box."""
    if not isinstance(box, Iterable):
        return float("inf")
    corners = zip(row.corners(), size * 2, box, strict=True)
    return max(abs(corner * side - float(edge)) for corner, side, edge in corners)


def label_path(image: Path) -> Path:
    """Where Ultralytics looks for the label: the last folder `images` becomes `labels`, the suffix `.txt`."""
    parts = list(image.parts)
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] == "images":
            parts[i] = "labels"
            break
    return Path(*parts).with_suffix(".txt")


def _below(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
