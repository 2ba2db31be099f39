"""The editor that a run started and could not end, because the run itself was killed.

It has no window, so that nobody would ever close it. What says so lies beside its log: which process is the editor,
and which the run that it belongs to.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from pydantic import TypeAdapter, ValidationError

from unrealsynth.files import patiently
from unrealsynth.progress import Say
from unrealsynth.unreal_project.project import Project

_FILE = "run.json"
_SAME_START_S = 1.0
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class _Process:
    """A process; its number alone may be another's after its end."""

    pid: int
    started_s: float

    def find(self) -> psutil.Process | None:
        """None when it has ended, or cannot be seen from here."""
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_s) < _SAME_START_S
            return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
        return None


@dataclass(frozen=True)
class _Ownership:
    editor: _Process
    run: _Process


def own(project: Project, editor_pid: int) -> None:
    """Writes down that the editor belongs to this process. Without that, it would only not be found by a later run."""
    with contextlib.suppress(psutil.Error, OSError):
        ownership = _Ownership(_process(editor_pid), _process(os.getpid()))
        patiently(lambda: _path(project).write_text(json.dumps(asdict(ownership)), encoding="utf-8"))


def disown(project: Project) -> None:
    """The editor has ended, or goes on by itself."""
    with contextlib.suppress(OSError):
        patiently(lambda: _path(project).unlink(missing_ok=True))


def end_orphan(project: Project, say: Say) -> None:
    """Ends the project's editor if the run that it belongs to is no more."""
    try:
        ownership = TypeAdapter(_Ownership).validate_json(_path(project).read_bytes())
    except (OSError, ValidationError):
        return
    if ownership.run.find() is not None:
        return
    editor = ownership.editor.find()
    if editor is not None:
        say(f"ending the editor (process {editor.pid}) of a run that was killed")
        for insist in (editor.terminate, editor.kill):
            with contextlib.suppress(psutil.Error):
                insist()
                editor.wait(_PATIENCE_S)
                break
    disown(project)


def _process(pid: int) -> _Process:
    return _Process(pid, psutil.Process(pid).create_time())


def _path(project: Project) -> Path:
    return project.spool / "launch" / _FILE
