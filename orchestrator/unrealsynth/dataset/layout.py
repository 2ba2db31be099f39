"""Where the parts of a YOLO data set lie, ours or anybody's: the YAML file, the splits' images, their labels.

Nothing of the YAML is executed. Splits lie in the data set's folder, which is that of the YAML, or the one its `path`
names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from unrealsynth.errors import DataSetError

FORMATS = {
    "BMP": (".bmp",),
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
FORMAT_OF: Mapping[str, str] = {suffix: name for name, suffixes in FORMATS.items() for suffix in suffixes}
LABEL_FOLDERS: Mapping[str, tuple[str, str]] = {"semantic": ("masks", ".png"), "depth": ("depth", ".png")}
"""Folder and suffix of a task's labels; else those of `TEXT_LABELS`."""
TEXT_LABELS = ("labels", ".txt")
SPLITS = ("train", "val", "test", "minival")


class SplitError(ValueError):
    """A split of the YAML that leads to no images; `outside` when it leaves the folder."""

    def __init__(self, message: str, *, outside: bool = False) -> None:
        super().__init__(message)
        self.outside = outside


@dataclass(frozen=True)
class YoloLayout:
    """A data set by its YAML file."""

    yaml_path: Path
    data: Mapping[str, object]

    @property
    def root(self) -> Path:
        """Many data sets of others lie where their `path` says; else, and after a move, the YAML's folder."""
        folder = self.yaml_path.parent
        path = self.data.get("path")
        return folder / path if path and isinstance(path, str) and (folder / path).is_dir() else folder

    @property
    def names(self) -> Mapping[int, str]:
        """Class names by number, as far as the YAML has good ones; Ultralytics' own where it only has their count."""
        names = self.data.get("names")
        if isinstance(names, list):
            return {number: str(name) for number, name in enumerate(names)}
        if isinstance(names, dict):
            return {number: str(name) for number, name in names.items() if type(number) is int}
        count = self.data.get("nc")
        return {number: f"class_{number}" for number in range(count)} if type(count) is int else {}

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(split for split in SPLITS if self.data.get(split))

    def images(self, split: str) -> Iterator[Path]:
        """The images of a split, below folders or listed in text files. Raises SplitError."""
        for part in self.parts(split):
            yield from self._images_of(part, split)

    def parts(self, split: str) -> list[object]:
        """What the YAML names for a split. As in Ultralytics, `../` goes where only what follows it is there."""
        value = self.data[split]
        return [
            part[3:] if isinstance(part, str) and part.startswith("../") and (self.root / part[3:]).exists() else part
            for part in (value if isinstance(value, list) else [value])
        ]

    def _images_of(self, part: object, split: str) -> Iterator[Path]:
        if not isinstance(part, str) or not part or Path(part).is_absolute() or ".." in PurePosixPath(part).parts:
            raise SplitError(f"{split}: {part!r} is not a path inside the folder of the data set", outside=True)
        source = self.root / part
        if source.suffix == ".txt" and source.is_file():
            for line in source.read_text(encoding="utf-8-sig").splitlines():
                if name := line.strip():
                    yield source.parent / name if name.startswith("./") else self.root / name
        elif source.is_dir():
            yield from sorted(item for item in source.rglob("*.*") if item.suffix.lower() in FORMAT_OF)
        else:
            raise SplitError(f"{split}: {part!r} does not exist")


def find_yaml(path: Path) -> Path:
    """The YAML file of the data set in the folder `path`, or `path` itself. Raises DataSetError."""
    if path.is_file():
        return path
    found = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else []
    if len(found) == 1:
        return found[0]
    what = f"has {len(found)} YAML files" if found else "has no YAML file" if path.is_dir() else "does not exist"
    raise DataSetError(f"{path} {what}: give the folder of a data set with one, or the YAML file itself.")


def read_layout(path: Path) -> YoloLayout:
    """The data set in the folder `path`, or of the YAML file `path`. Raises DataSetError when it cannot be read."""
    yaml_path = find_yaml(path)
    try:
        data = yaml.safe_load(yaml_path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataSetError(f"{yaml_path} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise DataSetError(f"{yaml_path} holds no keys such as `train`, `val` and `names`.")
    return YoloLayout(yaml_path, data)


def label_path(image: Path, task: str = "detect") -> Path:
    """Where Ultralytics looks for the label: the last folder `images` becomes the task's, and the suffix changes."""
    folder, suffix = LABEL_FOLDERS.get(task, TEXT_LABELS)
    parts = list(image.parts)
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] == "images":
            parts[i] = folder
            break
    return Path(*parts).with_suffix(suffix)


def below(root: Path, path: Path) -> str:
    """The path below the data set, with slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
