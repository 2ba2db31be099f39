"""COCO JSON: one file a split, with boxes and masks of the labelled objects, written as it is read.

Polygons are used where they say it all, run lengths for objects with holes, which COCO's polygons cannot hold.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from unrealsynth import __version__
from unrealsynth.dataset.annotations import AnnotatedFrame, Annotation
from unrealsynth.files import patiently
from unrealsynth.polygons import outline

FOLDER = "annotations"
_DIGITS = 3


class CocoWriter:
    """Writes `annotations/instances_<split>.json` below a folder. Memory does not grow with the frames."""

    def __init__(self, folder: Path, classes: Sequence[str], description: str) -> None:
        self._folder = folder / FOLDER
        self._classes = classes
        self._description = description
        self._parts: dict[str, tuple[BinaryIO, BinaryIO]] = {}
        self._count = 0

    def __enter__(self) -> CocoWriter:
        self._folder.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        for files in self._parts.values():
            for file in files:
                file.close()

    def add(self, frame: AnnotatedFrame) -> None:
        """An image, also one without objects, and its annotations."""
        images, labels = self._files(frame.entry.split)
        image_id = frame.entry.k + 1
        width, height = frame.size
        name = PurePosixPath(frame.entry.image).name
        _append(images, {"id": image_id, "file_name": name, "width": width, "height": height, "license": 0})
        for item in frame.annotations:
            self._count += 1
            _append(labels, coco_annotation(item, self._count, image_id, frame.size))

    def finish(self) -> None:
        """Puts the files together."""
        for split, (images, labels) in self._parts.items():
            with (self._folder / f"instances_{split}.json").open("wb") as whole:
                whole.write(self._head().encode("utf-8"))
                for file, end in ((images, b'\n],\n"annotations": [\n'), (labels, b"\n]}\n")):
                    file.seek(0)
                    shutil.copyfileobj(file, whole)
                    whole.write(end)
            for file in (images, labels):
                file.close()
                patiently(Path(file.name).unlink)

    def _files(self, split: str) -> tuple[BinaryIO, BinaryIO]:
        if split not in self._parts:
            images, labels = ((self._folder / f"{kind}_{split}.part").open("w+b") for kind in ("images", "labels"))
            self._parts[split] = images, labels
        return self._parts[split]

    def _head(self) -> str:
        info = {"description": self._description, "version": "1", "contributor": f"unrealsynth {__version__}"}
        categories = [
            {"id": number + 1, "name": name, "supercategory": "object"} for number, name in enumerate(self._classes)
        ]
        return (
            f'{{"info": {_text(info)},\n"licenses": [{_text({"id": 0, "name": "unknown", "url": ""})}],\n'
            f'"categories": {_text(categories)},\n"images": [\n'
        )


def coco_annotation(item: Annotation, number: int, image_id: int, size: tuple[int, int]) -> Mapping[str, object]:
    """An object in COCO's form: box [x, y, width, height] in pixels, area in pixels, category from 1."""
    x0, y0, x1, y1 = item.box_px
    mask, corner = item.visible_mask(size)
    found = outline(mask, corner)
    if found.holes:
        segmentation: object = {"size": [size[1], size[0]], "counts": item.mask}
    else:
        segmentation = [[round(value, _DIGITS) for value in part.ravel().tolist()] for part in found.parts]
    return {
        "id": number,
        "image_id": image_id,
        "category_id": item.class_index + 1,
        "bbox": [round(value, _DIGITS) for value in (x0, y0, x1 - x0, y1 - y0)],
        "area": item.pixels,
        "iscrowd": 0,
        "segmentation": segmentation,
    }


def _append(file: BinaryIO, value: Mapping[str, object]) -> None:
    if file.tell():
        file.write(b",\n")
    file.write(_text(value).encode("utf-8"))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
