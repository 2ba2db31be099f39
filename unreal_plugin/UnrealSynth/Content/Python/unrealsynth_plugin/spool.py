"""The folder `Saved/UnrealSynth` of the project: all that the plugin reads and writes on disk.

No name that comes from outside leads out of this folder, and a JSON file is either there as a whole or not at all.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Dict, Generator, Optional

from unrealsynth_plugin.core.codec import DecodeError, decode, encode
from unrealsynth_plugin.core.contract import Heartbeat, Job, Prepared
from unrealsynth_plugin.core.settling import ANSWER_FILE, SERIES_FILE, SETTLE_LIMIT, Answer, Series
from unrealsynth_plugin.core.spool_files import (
    ASSETS,
    COLLECTOR,
    FRAME,
    FRAMES,
    HEARTBEAT,
    JOB,
    JOBS,
    PREPARED,
    SETTLING,
)
from unrealsynth_plugin.errors import PluginError

_JOB_ID = re.compile(r"[a-z0-9-]{1,64}")
_FORBIDDEN = re.compile(r'[\x00-\x1f\\:*?"<>|]')
"""Control characters, and what Windows gives a meaning of its own."""
_WRITE_TRIES = 500


class Spool:
    """`Saved/UnrealSynth`, through which orchestrator and plugin exchange everything large."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, name: str) -> Path:
        """The file called `name` in the spool, `models/1f0c….glb`. Raises PluginError for a name that leaves it."""
        parts = PurePosixPath(name).parts
        path = self.root.joinpath(*parts)
        if not parts or name.startswith("/") or ".." in parts or _FORBIDDEN.search(name) or not self._holds(path):
            raise PluginError(f"The name {name!r} leads out of the folder {self.root}; start the run again.")
        return path

    def job(self, job_id: str) -> JobFolder:
        """The folder of a job. Raises PluginError for an id that is not made of a-z, 0-9 and hyphens."""
        if not _JOB_ID.fullmatch(job_id):
            raise PluginError(f"{job_id!r:.80} is no job id; wanted up to 64 characters of a-z, 0-9 and '-'.")
        return JobFolder(self.root / JOBS / job_id)

    def _holds(self, path: Path) -> bool:
        root = self.root.resolve()
        return root in path.resolve().parents


class JobFolder:
    """One job's folder in the spool."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether the job was put there."""
        return (self.path / JOB).is_file()

    def job(self) -> Job:
        """The job. Raises PluginError, naming the key, when it cannot be read."""
        data = _read_json(self.path / JOB)
        if data is None:
            raise PluginError(f"{self.path / JOB} does not exist; start the run again.")
        try:
            return decode(Job, data)
        except DecodeError as error:
            raise PluginError(
                f"The job {self.path.name} cannot be read ({error}); plugin and orchestrator may differ in version."
            ) from error

    def heartbeat(self) -> Optional[Heartbeat]:
        """The last one written, or None."""
        try:
            data = _read_json(self.path / HEARTBEAT)
            return None if data is None else decode(Heartbeat, data)
        except (DecodeError, PluginError):
            return None

    def write_heartbeat(self, heartbeat: Heartbeat) -> bool:
        """False when another process holds the file just now: try again at a later tick."""
        return write_json(self.path / HEARTBEAT, encode(heartbeat))

    def prepared(self, environment: str) -> Optional[Prepared]:
        """What an earlier start of this job found for the environment."""
        data = _read_json(self._prepared_path(environment))
        try:
            return None if data is None else decode(Prepared, data)
        except DecodeError:
            return None

    def write_prepared(self, prepared: Prepared) -> bool:
        """False when another process holds the file just now: try again at a later tick."""
        return write_json(self._prepared_path(prepared.environment), encode(prepared))

    def write_assets(self, report: Dict[str, Any]) -> bool:
        """False when another process holds the file just now: try again at a later tick."""
        return write_json(self.path / ASSETS, report)

    def settling(self, environment: str) -> SettlingFolder:
        """The folder in which pictures of the environment are compared."""
        return SettlingFolder(self.path / SETTLING / _file_name(environment))

    def frame(self, k: int) -> FrameFolder:
        """The folder of frame k."""
        return FrameFolder(self.path / FRAMES / f"{k:06d}")

    def discard_incomplete(self) -> None:
        """Removes frame folders that were never finished, as far as the system lets go of them."""
        frames = self.path / FRAMES
        for folder in list(frames.iterdir()) if frames.is_dir() else []:
            if not (folder / FRAME).is_file():
                shutil.rmtree(folder, ignore_errors=True)

    def uncollected(self) -> int:
        """How many complete frames lie there."""
        try:
            return sum((frame / FRAME).is_file() for frame in (self.path / FRAMES).iterdir())
        except FileNotFoundError:
            return 0

    def collector_age_s(self, now_s: float) -> Optional[float]:
        """Seconds since somebody who collects gave a sign of life, or None when nobody ever did."""
        try:
            return now_s - (self.path / COLLECTOR).stat().st_mtime
        except FileNotFoundError:
            return None

    def _prepared_path(self, environment: str) -> Path:
        return self.path / PREPARED / f"{_file_name(environment)}.json"


class FrameFolder:
    """One frame's folder. It is complete when its `frame.json` exists."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def is_complete(self) -> bool:
        """Whether the frame was finished and lies there still."""
        return (self.path / FRAME).is_file()

    def make(self) -> bool:
        """Creates the folder, empty: what an interrupted frame left must not pass for new.

        False when another process holds such a file just now: try again at a later tick.
        """
        return _make_empty(self.path)

    def write_record(self, record: Dict[str, Any]) -> bool:
        """Completes the frame. False when another process holds the file just now: try again at a later tick."""
        return write_json(self.path / FRAME, record)


class SettlingFolder:
    """Pictures of one environment from the moment on when the scene has changed, for somebody to compare."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> bool:
        """Creates the folder, empty. False when another process holds an old file just now: try at a later tick."""
        return self._withdraw() and _make_empty(self.path)

    def picture(self, number: int) -> Path:
        """The file of a picture."""
        return self.path / f"{number}.png"

    def tell(self, series: Series) -> bool:
        """Tells which pictures are there. False when another process holds the file just now."""
        return write_json(self.path / SERIES_FILE, encode(series))

    def answer(self) -> Optional[int]:
        """How many ticks a picture needs, once somebody has said so. Raises PluginError when it makes no sense."""
        path = self.path / ANSWER_FILE
        try:
            ticks = decode(Answer, json.loads(path.read_text(encoding="utf-8"))).settle_ticks
        except (FileNotFoundError, PermissionError):
            # Windows refuses while it is being put there.
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise PluginError(f"{path} cannot be read ({error}); start the run again.") from error
        if not 0 <= ticks < SETTLE_LIMIT:
            raise PluginError(f"{path} says {ticks} ticks; wanted 0 to {SETTLE_LIMIT - 1}. Start the run again.")
        return ticks

    def remove(self) -> None:
        """Deletes the pictures, as far as the system lets go of them; the rest goes with the job."""
        if self._withdraw():
            shutil.rmtree(self.path, ignore_errors=True)

    def _withdraw(self) -> bool:
        # Before the answer goes: a series without one would be looked at again.
        try:
            (self.path / SERIES_FILE).unlink()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True


def patiently(write: Callable[[], bool]) -> Generator[None, None, None]:
    """Repeats a write, one try a tick, while another process holds the file."""
    for _ in range(_WRITE_TRIES):
        if write():
            return
        yield
    raise PluginError("A file of the spool folder stays locked by another program; close it and start the run again.")


def _file_name(environment: str) -> str:
    """The name of an environment, which is to name a file. Raises PluginError where it cannot."""
    if not environment or environment in (".", "..") or "/" in environment or _FORBIDDEN.search(environment):
        raise PluginError(f"{environment!r:.80} cannot name an environment; use a name without '/', '\\' and ':'.")
    return environment


def _make_empty(path: Path) -> bool:
    """Creates a folder, or empties it. False when another process holds a file in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        for stale in path.iterdir():
            stale.unlink()
    except PermissionError:
        return False
    except OSError as error:
        raise PluginError(f"Cannot write {path}: {error.strerror or error}. Start the run again.") from error
    return True


def write_json(path: Path, data: Dict[str, Any]) -> bool:
    """Replaces `path` in one step, so that a reader meets the old or the new file.

    False when Windows refuses because another process has the old file open. Raises PluginError when the disk does.
    """
    fresh = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
    except OSError as error:
        raise PluginError(f"Cannot write {fresh}: {error.strerror or error}. Free space and start again.") from error
    try:
        fresh.replace(path)
    except PermissionError:
        return False
    except OSError as error:
        raise PluginError(f"Cannot write {path}: {error.strerror or error}. Start the run again.") from error
    return True


def _read_json(path: Path) -> Any:
    """The file's content, or None when there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise PluginError(f"{path} cannot be read ({error}); start the run again.") from error
