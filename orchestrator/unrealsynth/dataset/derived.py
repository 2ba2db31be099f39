"""A data set made from another: same images, other labels or other splits, in a folder of its own.

It grows in a hidden folder beside its place and takes its name when it is whole; nothing that was there is touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import yaml

from unrealsynth.dataset.manifest import HEADER_NAME, MANIFEST_NAME, Header, ManifestEntry
from unrealsynth.dataset.splits import SPLITS
from unrealsynth.errors import DataSetError
from unrealsynth.files import patiently, remove_folder, write_error

YAML_NAME = "synth.yaml"


class FileLinker:
    """Puts a file to a second place: as a hard link, which takes no room, or as a copy where that cannot be."""

    def __init__(self, *, copy: bool = False) -> None:
        self._copy = copy

    def place(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not self._copy:
            try:
                os.link(source, target)
                return
            except OSError:
                # Another disk, or a file system without links: this will be so for all files.
                self._copy = True
        shutil.copyfile(source, target)


@contextmanager
def new_place(target: Path) -> Iterator[Path]:
    """A hidden path beside `target`, renamed to it at the end and removed when anything is raised.

    Raises DataSetError when there is something at `target` already.
    """
    require_free(target)
    unfinished = target.parent / f".{target.name}.unfinished-{os.getpid()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        if target.is_dir():
            patiently(target.rmdir)
        patiently(lambda: unfinished.replace(target))
    except OSError as error:
        raise write_error(target, error) from error
    finally:
        if unfinished.is_dir():
            remove_folder(unfinished)
        else:
            with contextlib.suppress(OSError):
                patiently(unfinished.unlink)


def require_free(target: Path) -> None:
    """Raises DataSetError when `target` is a file or a folder with something in it."""
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise DataSetError(f"{target} is there already and was not touched: give another place with --out.")


class DerivedDataSet:
    """A data set with header and manifest, made from the frames of another; to be used as a context manager."""

    def __init__(self, folder: Path, source: Path, header: Header, *, copy: bool = False) -> None:
        """`folder` is empty; images are taken from `source`."""
        self._folder = folder
        self._source = source
        self._header = header
        self._linker = FileLinker(copy=copy)
        self._manifest: BinaryIO | None = None
        self._splits: set[str] = set(SPLITS)

    def __enter__(self) -> DerivedDataSet:
        self._folder.mkdir(parents=True)
        self._manifest = (self._folder / MANIFEST_NAME).open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._manifest is not None:
            self._manifest.close()

    def add(self, entry: ManifestEntry, split: str, label_name: str, label: bytes | None) -> None:
        """A frame in `split`, its label at `label_name` below the data set; image and depth map are linked.

        Without a `label` the depth map is what `label_name` names.
        """
        image = _in_split(entry.image, split)
        self._linker.place(self._source / entry.image, self._folder / image)
        depth = None
        if entry.depth is not None:
            depth = replace(entry.depth, path=_in_split(entry.depth.path, split))
            self._linker.place(self._source / entry.depth.path, self._folder / depth.path)
        changed = replace(entry, split=split, image=image, label=label_name, depth=depth)
        if label is not None:
            path = self._folder / label_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(label)
            changed = replace(changed, label_bytes=len(label), label_sha256=hashlib.sha256(label).hexdigest())
        elif depth is not None:
            changed = replace(changed, label_bytes=depth.bytes, label_sha256=depth.sha256)
        self._splits.add(split)
        if self._manifest is None:
            raise DataSetError(f"{self._folder} is not open.")
        self._manifest.write(changed.to_line())

    def finish(self, names: Mapping[int, str], more: Mapping[str, object], folder: str) -> None:
        """Writes YAML and header. `more` are further keys of the YAML, `folder` is where labels lie."""
        splits = [split for split in ("train", "val", "test") if split in self._splits]
        for split in splits:
            for kind in ("images", folder):
                (self._folder / kind / split).mkdir(parents=True, exist_ok=True)
        data: dict[str, object] = {"names": dict(names), **more}
        folders: dict[str, object] = {split: f"images/{split}" for split in splits}
        data = folders | data
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
        (self._folder / YAML_NAME).write_text(text, encoding="utf-8", newline="\n")
        (self._folder / HEADER_NAME).write_bytes(self._header.to_json())


def _in_split(path: str, split: str) -> str:
    """`images/train/3.png` as `images/<split>/3.png`."""
    kind, _, name = path.split("/")
    return f"{kind}/{split}/{name}"
