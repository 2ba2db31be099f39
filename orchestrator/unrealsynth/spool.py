"""The folder through which orchestrator and editor exchange everything large: models, jobs and finished frames.

It is `<project>/Saved/UnrealSynth`. A frame folder counts only when its `frame.json` exists, which is written last.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from unrealsynth.errors import DataSetError, EditorError
from unrealsynth_plugin.core.contract import DecodeError, Heartbeat, Job, Prepared, decode, encode


class Spool:
    """The orchestrator's view of one editor's `Saved/UnrealSynth`."""

    def __init__(self, saved_dir: Path) -> None:
        self.root = saved_dir / "UnrealSynth"

    def ship(self, files: Mapping[str, bytes | Path]) -> None:
        """Puts files there under their names (`models/<sha256>.glb`), unless they are there already."""
        for name, content in files.items():
            target = self.root / name
            if target.exists():
                continue
            with _disk_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                fresh = target.with_name(target.name + ".part")
                if isinstance(content, Path):
                    shutil.copyfile(content, fresh)
                else:
                    fresh.write_bytes(content)
                fresh.replace(target)

    def open_job(self, job: Job) -> JobFolder:
        """Writes the job's file; the editor finds it by the job's id."""
        folder = JobFolder(self.root / "jobs" / job.id)
        target = folder.path / "job.json"
        with _disk_errors(target):
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.touch()
            target.write_text(json.dumps(encode(job)), encoding="utf-8")
        return folder


class JobFolder:
    """One job's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def touch(self) -> None:
        """Tells the editor that somebody collects."""
        marker = self.path / "collector"
        marker.touch()

    def heartbeat(self) -> Heartbeat | None:
        """The editor's last sign of life, or None before the first."""
        data = _read_json(self.path / "heartbeat.json")
        try:
            return None if data is None else decode(Heartbeat, data)
        except DecodeError as error:
            raise EditorError(f"The editor's heartbeat cannot be understood: {error}.") from error

    def prepared(self) -> tuple[Prepared, ...]:
        """The prepare records written so far."""
        folder = self.path / "prepared"
        files = sorted(folder.glob("*.json")) if folder.is_dir() else []
        records = (_read_json(file) for file in files)
        return tuple(decode(Prepared, record) for record in records if record is not None)

    def complete_frames(self) -> Iterator[Path]:
        """Folders of complete frames that are not collected yet, in the order of k."""
        folder = self.path / "frames"
        if not folder.is_dir():
            return
        for frame in sorted(folder.iterdir()):
            if (frame / "frame.json").is_file():
                yield frame

    def remove(self) -> None:
        """Deletes the job's folder, as far as the system lets go of it."""
        shutil.rmtree(self.path, ignore_errors=True)


def _read_json(path: Path) -> object:
    """The file's content, or None when it is missing or, on Windows, just being replaced."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, PermissionError):
        return None
    except ValueError as error:
        raise EditorError(f"{path} is not valid JSON ({error}); delete it and run the command again.") from error


@contextlib.contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataSetError(
            f"Cannot write {target}: {error.strerror or error}. Free some space and run the command again."
        ) from error
