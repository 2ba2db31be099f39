"""The folder through which orchestrator and editor exchange everything large: models, jobs and finished frames.

It is `<project>/Saved/UnrealSynth`. A frame folder counts only when its `frame.json` exists, which is written last.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from unrealsynth.errors import EditorError, ModelError
from unrealsynth.files import patiently, remove_folder, write_error
from unrealsynth_plugin.core.codec import DecodeError, decode, encode
from unrealsynth_plugin.core.contract import FINAL_STATES, Heartbeat, Job, Prepared
from unrealsynth_plugin.core.settling import ANSWER_FILE, SERIES_FILE, SETTLE_LIMIT, Answer, Series
from unrealsynth_plugin.core.spool_files import (
    COLLECTOR,
    FRAME,
    FRAMES,
    HEARTBEAT,
    JOB,
    JOBS,
    PREPARED,
    SETTLING,
    SPOOL,
)

ABANDONED_S = 3600.0
"""A job that nobody has collected for so long belongs to a run that was killed; its editor has given it up."""
_POLL_INTERVAL_S = 0.05


class Spool:
    """The orchestrator's view of one editor's `Saved/UnrealSynth`."""

    def __init__(self, saved_dir: Path) -> None:
        self.root = saved_dir / SPOOL

    def ship(self, files: Mapping[str, bytes | Path]) -> None:
        """Puts files there under their names (`models/<sha256>.glb`), unless they are there already.

        Raises ModelError for a file that is no longer what its hash says, DataSetError when the disk takes no more.
        """
        for name, content in files.items():
            target = self.root / name
            with _disk_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists() and target.stat().st_size == _size(content):
                    continue
                data = _read(content, target.stem)
                fresh = target.with_name(target.name + ".part")
                fresh.write_bytes(data)
                patiently(lambda fresh=fresh, target=target: fresh.replace(target))  # type: ignore[misc]

    def sweep(self) -> None:
        """Removes what runs that were killed have left in an editor that went on."""
        for marker in self.root.glob(f"{JOBS}/*/{COLLECTOR}"):
            with contextlib.suppress(OSError):
                if time.time() - marker.stat().st_mtime > ABANDONED_S:
                    JobFolder(marker.parent).remove()

    def open_job(self, job: Job) -> JobFolder:
        """Writes the job's file; the editor finds it by the job's id."""
        folder = JobFolder(self.root / JOBS / job.id)
        target = folder.path / JOB
        with _disk_errors(target):
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.touch()
            target.write_text(json.dumps(encode(job)), encoding="utf-8")
        return folder


class JobFolder:
    """One job's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def id(self) -> str:
        """The job's id."""
        return self.path.name

    def touch(self) -> None:
        """Tells the editor that somebody collects."""
        marker = self.path / COLLECTOR
        with _disk_errors(marker):
            marker.touch()

    def heartbeat(self) -> Heartbeat | None:
        """The editor's last sign of life, or None before the first."""
        data = _read_json(self.path / HEARTBEAT)
        try:
            return None if data is None else decode(Heartbeat, data)
        except DecodeError as error:
            raise EditorError(f"The editor's heartbeat cannot be understood: {error}.") from error

    def wait_for_end(self, timeout_s: float) -> bool:
        """Whether the job has ended, within the time."""
        deadline = time.monotonic() + timeout_s
        while (beat := self.heartbeat()) is None or beat.state not in FINAL_STATES:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_INTERVAL_S)
        return True

    def prepared(self) -> tuple[Prepared, ...]:
        """The prepare records written so far."""
        folder = self.path / PREPARED
        files = sorted(folder.glob("*.json")) if folder.is_dir() else []
        return tuple(record for file in files if (record := _read_prepared(file)) is not None)

    def settling(self) -> list[SettlingFolder]:
        """The environments of which the editor takes pictures to be compared."""
        try:
            return [SettlingFolder(folder) for folder in (self.path / SETTLING).iterdir()]
        except (FileNotFoundError, PermissionError):
            return []

    def complete_frames(self) -> Iterator[Path]:
        """Folders of complete frames that are not collected yet, in the order of k."""
        folder = self.path / FRAMES
        if not folder.is_dir():
            return
        for frame in sorted(folder.iterdir()):
            if frame.name.isdecimal() and (frame / FRAME).is_file():
                yield frame

    def discard(self, frame: Path) -> None:
        """Deletes a frame's folder, as far as the system lets go of it."""
        remove_folder(frame)

    def remove(self) -> None:
        """Deletes the job's folder, as far as the system lets go of it."""
        remove_folder(self.path)


class SettlingFolder:
    """Pictures of one environment, taken by the editor to be compared."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def environment(self) -> str:
        """Its name."""
        return self._path.name

    def series(self) -> Series:
        """The pictures that are there. Raises EditorError for what makes no sense."""
        path = self._path / SERIES_FILE
        data = _read_json(path)
        try:
            series = Series(0) if data is None else decode(Series, data)
        except DecodeError as error:
            raise EditorError(f"The editor's {path} cannot be understood: {error}.") from error
        if not 0 <= series.complete <= SETTLE_LIMIT:
            raise EditorError(f"The editor's {path} says {series.complete} pictures; wanted 0 to {SETTLE_LIMIT}.")
        return series

    def picture(self, number: int) -> Path:
        """The file of a picture."""
        return self._path / f"{number}.png"

    def is_answered(self) -> bool:
        """Whether the editor was told already. To be asked before the series is read, which goes first."""
        return (self._path / ANSWER_FILE).is_file()

    def answer(self, settle_ticks: int) -> None:
        """Tells the editor how many ticks a picture needs."""
        target = self._path / ANSWER_FILE
        fresh = target.with_name(target.name + ".part")
        with _disk_errors(target):
            fresh.write_text(json.dumps(encode(Answer(settle_ticks))), encoding="utf-8")
            patiently(lambda: fresh.replace(target))


def _size(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _read(content: bytes | Path, sha256: str) -> bytes:
    """A file's bytes, as they were when it was measured."""
    if isinstance(content, bytes):
        return content
    data = content.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError(f"{content} was changed while the run began; run the command again.")
    return data


def _read_prepared(path: Path) -> Prepared | None:
    data = _read_json(path)
    try:
        return None if data is None else decode(Prepared, data)
    except DecodeError as error:
        raise EditorError(f"The editor's {path} cannot be understood ({error}); run the command again.") from error


def _read_json(path: Path) -> object:
    """The file's content, or None when it is missing or, on Windows, just being replaced."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, PermissionError):
        return None
    except (ValueError, RecursionError) as error:
        raise EditorError(f"{path} is not valid JSON ({error}); delete it and run the command again.") from error


@contextlib.contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_error(target, error) from error
