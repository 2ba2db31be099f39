"""The data set on disk, written so that at every moment it is one: label, image, then the manifest's line.

Whoever holds a `DataSet` open holds its lock. All that is unfinished lies in the working folder `.unrealsynth`, so a
crash leaves at most one image or label without a line; a mark there says which, and they go on the way back in.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Set
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import yaml

from unrealsynth.dataset.frames import EncodedFrame
from unrealsynth.dataset.lock import Lock
from unrealsynth.dataset.manifest import (
    HEADER_NAME,
    MANIFEST_NAME,
    Header,
    ManifestEntry,
    OutputSettings,
    entries,
    read_header,
    read_manifest,
)
from unrealsynth.dataset.splits import SPLITS
from unrealsynth.errors import DataSetError
from unrealsynth.files import patiently, remove_folder, write_atomically, write_error
from unrealsynth_plugin.core.contract import Prepared

WORKING_FOLDER = ".unrealsynth"
YAML_NAME = "synth.yaml"
_MARK = "writing-"
_DESKTOP_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}


class DataSet:
    """A data set that is being written. One thread at a time may call it."""

    def __init__(self, folder: Path) -> None:
        """Claims `folder`, which is empty, missing or a data set of ours. Raises DataSetError and leaves all as it was.

        The working folder may be used from now on, the data set after `begin`.
        """
        self.folder = folder
        self.working_folder = folder / WORKING_FOLDER
        self._header: Header | None = None
        self._manifest: BinaryIO | None = None
        self._finished: set[int] = set()
        self._doubtful = 0
        _require_ours(folder)
        self._is_new = not folder.exists()
        self._lock = Lock(self.working_folder / "lock")
        try:
            self._lock.acquire()
        except OSError as error:
            raise write_error(folder, error) from error

    @classmethod
    def open(cls, folder: Path, header: Header, *, overwrite: bool = False) -> DataSet:
        """Claims `folder` and begins in one go."""
        data_set = cls(folder)
        try:
            data_set.begin(header, overwrite=overwrite)
        except BaseException:
            data_set.close()
            raise
        return data_set

    @property
    def stored_header(self) -> Header | None:
        """The header on disk, None for a new data set."""
        return read_header(self.folder)

    @property
    def header(self) -> Header:
        if self._header is None:
            raise DataSetError(f"{self.folder} was claimed but not begun.")
        return self._header

    @property
    def finished(self) -> Set[int]:
        """Numbers of the finished frames; grows as frames are added."""
        return self._finished

    @property
    def doubtful(self) -> int:
        """How many of the frames found at the beginning failed their self-check."""
        return self._doubtful

    def begin(self, header: Header, *, overwrite: bool = False) -> None:
        """Goes on with what is there, or starts anew with `overwrite`, which removes what we made and nothing else.

        Raises DataSetError, naming the differences, when the frames there were made in another way.
        """
        stored = self.stored_header
        if stored is not None and overwrite:
            self._remove_ours(stored)
            stored = None
        if stored is not None and (differences := stored.differences(header)):
            raise DataSetError(
                f"The frames in {self.folder} were made in another way:\n"
                + "\n".join(f"  {line}" for line in differences)
                + "\nGive another folder with --out, undo the change, or start anew with --overwrite."
            )
        try:
            self._start(replace(header, prepared=stored.prepared if stored else header.prepared))
        except OSError as error:
            raise write_error(self.folder, error) from error

    def remember(self, prepared: Prepared) -> None:
        """Keeps what an editor found for an environment, unless it is known already."""
        if all(item.environment != prepared.environment for item in self.header.prepared):
            self._keep_header(replace(self.header, prepared=(*self.header.prepared, prepared)))

    def add(self, frame: EncodedFrame) -> None:
        """Writes a finished frame. Raises DataSetError, with nothing of the frame left behind, when it cannot."""
        if self._manifest is None:
            raise DataSetError(f"{self.folder} was not begun, or is closed.")
        entry = frame.entry
        if entry.k in self._finished:
            raise DataSetError(f"Frame {entry.k} is finished already in {self.folder}.")
        label, image = self.folder / entry.label, self.folder / entry.image
        mark = self.working_folder / f"{_MARK}{entry.k}"
        files = [(label, frame.label), (image, frame.image)]
        if entry.depth is not None and frame.depth is not None:
            files.insert(0, (self.folder / entry.depth.path, frame.depth))
        for path, _ in files:
            if path.exists():
                raise DataSetError(f"{path} is there, but was not made by UnrealSynth: move it away.")
        end = os.fstat(self._manifest.fileno()).st_size
        try:
            # An empty file: file systems keep the order of names, also through a power cut, but not that of contents.
            mark.touch()
            for path, data in files:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, data, self._temporary)
            _append(self._manifest, entry.to_line())
        except BaseException as error:
            with contextlib.suppress(OSError):
                self._manifest.truncate(end)
            _remove([*(path for path, _ in files), mark])
            if isinstance(error, OSError):
                raise write_error(self.folder / MANIFEST_NAME, error) from error
            raise
        self._finished.add(entry.k)
        with contextlib.suppress(OSError):
            patiently(mark.unlink)

    def close(self, *, complete: bool = False) -> None:
        """Lets go. When all that was asked for is there (`complete`), or nothing was begun, no working folder stays."""
        if self._manifest is not None:
            self._manifest.close()
            self._manifest = None
        if complete or not (self.folder / HEADER_NAME).exists():
            self._remove_working_folder()
        self._lock.release()

    def __enter__(self) -> DataSet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _temporary(self) -> Path:
        return self.working_folder / "temporary"

    def _start(self, header: Header) -> None:
        remove_folder(self._temporary)
        self._temporary.mkdir(parents=True)
        self._keep_header(header)
        if not (self.folder / YAML_NAME).exists():
            write_atomically(self.folder / YAML_NAME, yolo_yaml(header.classes), self._temporary)
        for kind in ("images", "labels"):
            for split in SPLITS:
                (self.folder / kind / split).mkdir(parents=True, exist_ok=True)
        self._finished = self._recover()
        self._manifest = (self.folder / MANIFEST_NAME).open("ab", buffering=0)

    def _keep_header(self, header: Header) -> None:
        path = self.folder / HEADER_NAME
        if not path.exists() or path.read_bytes() != header.to_json():
            write_atomically(path, header.to_json(), self._temporary)
        self._header = header

    def _recover(self) -> set[int]:
        """Cuts off a torn last line, drops frames whose files are lost, removes what a crash left without a line."""
        manifest = self.folder / MANIFEST_NAME
        finished: set[int] = set()
        lost: set[int] = set()
        kept = 0
        if manifest.exists():
            with manifest.open("r+b") as file:
                for line, entry in entries(file, manifest):
                    kept += len(line)
                    whole = self._is_whole(entry)
                    (finished if whole else lost).add(entry.k)
                    self._doubtful += whole and bool(entry.faults)
                file.truncate(kept)
        if lost:
            self._drop_lines(manifest, lost)
        self._remove_unfinished(self.header.output, finished)
        return finished

    def _is_whole(self, entry: ManifestEntry) -> bool:
        """Whether image and label have the sizes they were written with: a power cut may have emptied them."""
        wanted = [(entry.image, entry.image_bytes), (entry.label, entry.label_bytes)]
        if entry.depth is not None:
            wanted.append((entry.depth.path, entry.depth.bytes))
        try:
            return all((self.folder / name).stat().st_size == size for name, size in wanted)
        except FileNotFoundError:
            return False

    def _drop_lines(self, manifest: Path, lost: set[int]) -> None:
        shorter = self._temporary / MANIFEST_NAME
        with manifest.open("rb") as old, shorter.open("wb") as new:
            for line, entry in entries(old, manifest):
                if entry.k in lost:
                    _remove([self.folder / name for name in entry.files])
                else:
                    new.write(line)
            new.flush()
            os.fsync(new.fileno())
        patiently(lambda: shorter.replace(manifest))

    def _remove_unfinished(self, output: OutputSettings, finished: Set[int]) -> None:
        """Removes files of frames that were being written when the process ended."""
        for mark in self.working_folder.glob(f"{_MARK}*"):
            k = int(mark.name.removeprefix(_MARK))
            if k not in finished:
                _remove([self.folder / path for path in (output.label(k), output.image(k), output.depth(k))])
            _remove([mark])

    def _remove_ours(self, stored: Header) -> None:
        """Removes what the manifest lists, then what describes it, then folders that are empty; header last."""
        for entry in read_manifest(self.folder / MANIFEST_NAME):
            _remove([self.folder / name for name in entry.files])
        self._remove_unfinished(stored.output, frozenset())
        for kind in ("images", "labels", "depth"):
            for folder in (*(self.folder / kind / split for split in SPLITS), self.folder / kind):
                with contextlib.suppress(OSError):
                    patiently(folder.rmdir)
        _remove([self.folder / name for name in (MANIFEST_NAME, YAML_NAME, HEADER_NAME)])

    def _remove_working_folder(self) -> None:
        """What cannot be removed, because someone looks at it, is left to the next run."""
        lock = self.working_folder / "lock"
        for path in self.working_folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                remove_folder(path)
            elif path != lock:
                _remove([path])
        # While the lock is held, so that nobody waits for a file that is about to go. Windows must let go first.
        if os.name == "nt":
            self._lock.release()
        with contextlib.suppress(OSError):
            patiently(lock.unlink)
            patiently(self.working_folder.rmdir)
            if self._is_new:
                patiently(self.folder.rmdir)


def yolo_yaml(classes: tuple[str, ...]) -> bytes:
    """The file Ultralytics reads. It has no `path`, so that the folder of the file is the root, wherever that is."""
    data = {"train": "images/train", "val": "images/val", "names": dict(enumerate(classes))}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True).encode("utf-8")


def _require_ours(folder: Path) -> None:
    """Raises DataSetError when `folder` has something in it that is not ours."""
    try:
        names = {path.name for path in folder.iterdir()} - _DESKTOP_FILES
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataSetError(f"{folder} cannot be used for a data set: {error.strerror}.") from error
    if names and HEADER_NAME not in names and names != {WORKING_FOLDER}:
        raise DataSetError(
            f"{folder} is not empty and was not made by UnrealSynth (it has no {HEADER_NAME}): give another folder "
            "with --out. Nothing in it was touched."
        )


def _append(file: BinaryIO, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[file.write(view) :]
    os.fsync(file.fileno())


def _remove(paths: list[Path]) -> None:
    for path in paths:
        patiently(lambda path=path: path.unlink(missing_ok=True))  # type: ignore[misc]
