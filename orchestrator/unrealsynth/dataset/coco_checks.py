"""COCO files checked: ids, references, and that every box, area and mask is what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from unrealsynth import rle
from unrealsynth.dataset.coco import FOLDER
from unrealsynth.dataset.faults import Fault

_RULE = 29
_TOLERANCE_PX = 0.01
_Object = Mapping[str, object]


def coco_files(path: Path) -> list[Path]:
    """The annotation files of a folder; none for a YAML file."""
    return sorted((path / FOLDER).glob("*.json")) if path.is_dir() else []


def coco_faults(root: Path, file: Path) -> Iterator[Fault]:
    """All faults of one annotation file of the data set in `root`."""
    name = file.relative_to(root).as_posix()
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        lists = {key: _objects(data[key]) for key in ("images", "annotations", "categories")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Fault(_RULE, name, f"cannot be read as COCO: {type(error).__name__}: {error}")
        return
    for kind, items in lists.items():
        seen: set[object] = set()
        for item in items:
            if item.get("id") in seen or type(item.get("id")) is not int:
                yield Fault(_RULE, name, f"{kind} has the id {item.get('id')!r} twice or not as a number")
            seen.add(item.get("id"))
    sizes: dict[object, tuple[float, float]] = {}
    for image in lists["images"]:
        message = _image_fault(root, file, image)
        if message is not None:
            yield Fault(_RULE, name, f"image {image.get('id')}: {message}")
        width, height = image.get("width"), image.get("height")
        if isinstance(width, int) and isinstance(height, int):
            sizes[image.get("id")] = width, height
    categories = {item.get("id") for item in lists["categories"]}
    for item in lists["annotations"]:
        for message in _annotation_faults(item, sizes, categories):
            yield Fault(_RULE, name, f"annotation {item.get('id')}: {message}")


def _objects(value: object) -> Sequence[_Object]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("a list of objects is wanted")
    return value


def _image_fault(root: Path, file: Path, image: _Object) -> str | None:
    width, height, name = image.get("width"), image.get("height"), image.get("file_name")
    if type(width) is not int or type(height) is not int or width <= 0 or height <= 0:
        return f"its size is {width!r} x {height!r}"
    if not isinstance(name, str) or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        return f"its file name {name!r} is not inside the data set"
    split = file.stem.rpartition("_")[2]
    places = [root / name, root / "images" / name, root / split / name, root / "images" / split / name]
    return None if any(place.is_file() for place in places) else f"the file {name} is not there"


def _annotation_faults(
    item: _Object, sizes: Mapping[object, tuple[float, float]], categories: set[object]
) -> Iterator[str]:
    if item.get("category_id") not in categories:
        yield f"there is no category {item.get('category_id')!r}"
    size = sizes.get(item.get("image_id"))
    if size is None:
        yield f"there is no image {item.get('image_id')!r}"
        return
    box = _numbers(item.get("bbox"), 4)
    if box is None or box[2] <= 0 or box[3] <= 0:
        yield f"the box is {item.get('bbox')!r}"
    elif (
        min(box[:2]) < -_TOLERANCE_PX
        or box[0] + box[2] > size[0] + _TOLERANCE_PX
        or box[1] + box[3] > size[1] + _TOLERANCE_PX
    ):
        yield f"the box {item.get('bbox')} leaves the picture of {size[0]} x {size[1]} px"
    area = item.get("area")
    if not isinstance(area, int | float) or area <= 0:
        yield f"the area is {area!r}"
    if item.get("iscrowd") not in (0, 1):
        yield f"iscrowd is {item.get('iscrowd')!r}"
    yield from _segmentation_faults(item.get("segmentation", []), size, area)


def _segmentation_faults(value: object, size: tuple[float, float], area: object) -> Iterator[str]:
    if isinstance(value, dict):
        counts = value.get("counts")
        try:
            runs = rle.decompress(counts).tolist() if isinstance(counts, str) else [int(run) for run in counts or ()]
        except (ValueError, TypeError):
            yield "the run lengths cannot be read"
            return
        pixels, total = sum(runs[1::2]), sum(runs)
        if value.get("size") != [size[1], size[0]] or total != size[0] * size[1]:
            yield f"the run lengths are for {value.get('size')}, the picture has {[size[1], size[0]]}"
        elif pixels != area:
            yield f"the run lengths cover {pixels} px, the area is {area!r}"
        return
    for part in value if isinstance(value, list) else [value]:
        points = _numbers(part, None)
        if points is None or len(points) < 6 or len(points) % 2:
            yield "a polygon has no 3 points of 2 numbers"
        elif min(points) < -_TOLERANCE_PX or max(points[0::2]) > size[0] + 1 or max(points[1::2]) > size[1] + 1:
            yield "a polygon leaves the picture"


def _numbers(value: object, count: int | None) -> list[float] | None:
    """A list of finite numbers, or None."""
    if not isinstance(value, list) or (count is not None and len(value) != count):
        return None
    good = all(isinstance(number, int | float) and abs(number) < float("inf") for number in value)
    return value if good else None
