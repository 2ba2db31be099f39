"""A YOLO data set as one file for the online platform: a ZIP, or an NDJSON list of images and labels.

The platform wants the ZIP, the folder in it and the YAML in that folder to carry the same name.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import yaml
from PIL import Image

from unrealsynth.dataset.layout import SplitError, YoloLayout, below, label_path
from unrealsynth.errors import DataSetError

_NDJSON_SPLITS = ("train", "val", "test")


def write_zip(layout: YoloLayout, target: Path, name: str, task: str) -> int:
    """Writes images, labels for `task` and YAML of the data set; returns the number of images. Raises DataSetError."""
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        data = {key: value for key, value in layout.data.items() if key not in {"path", "download"}}
        for split in layout.splits:
            first, *more = layout.parts(split)
            data[split] = [first, *more] if more else first
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
        archive.writestr(f"{name}/{name}.yaml", text.encode("utf-8"))
        for part in _lists(layout):
            archive.write(layout.root / part, f"{name}/{part}")
        for _, image in labelled_images(layout):
            count += 1
            # Images are packed already.
            archive.write(image, f"{name}/{below(layout.root, image)}", zipfile.ZIP_STORED)
            label = label_path(image, task)
            if label != image and label.is_file():
                archive.write(label, f"{name}/{below(layout.root, label)}")
    return count


def write_ndjson(layout: YoloLayout, target: Path, name: str, task: str) -> int:
    """Writes the list: a record of the data set, then one of each image; returns how many those are.

    The images stay where they are, at a path relative to `target`. Raises DataSetError for a layout other than
    `images/<split>`, the only one that local lists can name.
    """
    kind = {"detect": "boxes", "segment": "segments", "obb": "obb"}.get(task)
    if kind is None:
        raise DataSetError(f"NDJSON holds labels for detect, segment and obb; {layout.root} is for {task}.")
    folder = Path(os.path.relpath(layout.root.resolve(), target.parent.resolve())).as_posix()
    count = 0
    with target.open("w", encoding="utf-8", newline="\n") as file:
        names = {str(number): text for number, text in layout.names.items()}
        record = {"type": "dataset", "task": task, "name": name, "class_names": names, "path": folder}
        file.write(_line(record))
        for split, image in labelled_images(layout):
            if below(layout.root, image) != f"images/{split}/{image.name}" or split not in _NDJSON_SPLITS:
                raise DataSetError(
                    f"{image} is not at images/{split}/{image.name} below {layout.root}, where an NDJSON list looks "
                    "for it: export a ZIP instead."
                )
            count += 1
            file.write(_line(_image_record(split, image, kind)))
    return count


def labelled_images(layout: YoloLayout) -> Iterator[tuple[str, Path]]:
    """Split and image, of all splits. Raises DataSetError when the YAML names what is not there."""
    for split in layout.splits:
        try:
            for image in layout.images(split):
                yield split, image
        except SplitError as error:
            raise DataSetError(f"{layout.yaml_path}: {error}.") from error


def _lists(layout: YoloLayout) -> Iterator[str]:
    """Text files that list the images of splits."""
    for split in layout.splits:
        for part in layout.parts(split):
            if isinstance(part, str) and part.endswith(".txt") and (layout.root / part).is_file():
                yield PurePosixPath(part).as_posix()


def _image_record(split: str, image: Path, kind: str) -> dict[str, object]:
    label = label_path(image)
    try:
        with Image.open(image) as picture:
            width, height = picture.size
        text = label.read_text(encoding="utf-8-sig") if label.is_file() else ""
        rows = [[int(words[0]), *map(float, words[1:])] for words in map(str.split, text.splitlines()) if words]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataSetError(f"{image} or its label cannot be read: {error}. `unrealsynth check` says more.") from error
    return {
        "type": "image",
        "file": image.name,
        "width": width,
        "height": height,
        "split": split,
        "annotations": {kind: rows} if rows else {},
    }


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
