"""Editors of a project that run on this machine, whether they answer or not: known by the file that a plugin keeps up
to date, or by their process.

Several may have one project open, and each has a folder of its own in the spool.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import TypeAdapter, ValidationError

from unrealsynth.editors.discovery import discover
from unrealsynth.errors import EditorError, ProjectError
from unrealsynth.files import patiently
from unrealsynth.unreal_project.project import Project
from unrealsynth_plugin.core.contract import PRESENCE_FRESH_S, PresenceRecord
from unrealsynth_plugin.core.spool_files import EDITORS, PRESENCE

PING_S = 1.5
EDITOR_PROGRAM = "UnrealEditor"

_CLOCK_S = 2.0
"""Systems tell the start of a process to the second."""
_COMMANDLET = "-run="
_GAMES = {"-game", "-server"}


@dataclass(frozen=True)
class Presence(PresenceRecord):
    """What the plugin in an editor last wrote about itself."""

    @property
    def age_s(self) -> float:
        return time.time() - self.time_s

    @property
    def is_fresh(self) -> bool:
        return self.state == "running" and self.age_s < PRESENCE_FRESH_S


@dataclass(frozen=True)
class RunningEditor:
    """A process that has a project open in an Unreal Editor."""

    pid: int
    presence: Presence | None
    """None while its plugin has not written anything."""

    @property
    def is_ticking(self) -> bool:
        """Whether its plugin wrote just now."""
        return self.presence is not None and self.presence.is_fresh

    @property
    def state(self) -> str:
        """What is known of it, as half a sentence."""
        if self.presence is None:
            return (
                "its plugin has not said anything: it is still starting, or the plugin or Python is switched off in it"
            )
        age = f"its last sign of life is {self.presence.age_s:.0f} s old"
        return age if self.is_ticking else f"{age}: a dialog blocks it, or it is busy"


def presences(project: Project) -> list[Presence]:
    """The last words of the plugin in each editor, the latest first; of editors that crashed, too."""
    found = []
    for file in (project.spool / EDITORS).glob(f"*/{PRESENCE}"):
        # It may go with its editor just now, or be damaged.
        with contextlib.suppress(OSError, ValidationError):
            found.append(TypeAdapter(Presence).validate_json(patiently(file.read_bytes)))
    return sorted(found, key=lambda presence: presence.time_s, reverse=True)


def live_presence(project: Project) -> Presence | None:
    """The latest words of a plugin whose editor's process still runs."""
    return next((presence for presence in presences(project) if _is_live(presence, project)), None)


def running_editor(project: Project) -> RunningEditor | None:
    """An editor that has the project open, whether it answers or not; None when none is known."""
    presence = live_presence(project)
    if presence is not None:
        return RunningEditor(presence.pid, presence)
    pid = process_with(project)
    return None if pid is None else RunningEditor(pid, None)


def editor_of(project: Project) -> str | None:
    """Who has the project open, as the subject of a sentence; None when nobody is known to."""
    with contextlib.suppress(EditorError, ProjectError):
        for info in discover(project.group(), PING_S):
            if info.belongs_to(project.file):
                return f"An editor ({info.engine_version})"
    editor = running_editor(project)
    return None if editor is None else f"An editor (process {editor.pid})"


def process_with(project: Project) -> int | None:
    """A process of an Unreal Editor that was started with the project's file."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            program, *arguments = process.cmdline() or [""]
            if EDITOR_PROGRAM in program and not _is_no_editor(arguments) and _has_open(process, project):
                return int(process.pid)
    return None


def _is_live(presence: Presence, project: Project) -> bool:
    if presence.state != "running":
        return False
    try:
        process = psutil.Process(presence.pid)
        # The number of a process is given again after its end, and a crashed editor's file stays.
        is_the_writer = process.create_time() < presence.time_s + _CLOCK_S
        return is_the_writer and process.status() != psutil.STATUS_ZOMBIE and _has_open(process, project) is not False
    except (psutil.Error, OSError, ValueError):
        return False


def _has_open(process: psutil.Process, project: Project) -> bool | None:
    """Whether a process was started with the project's file; None when with no project's, or that cannot be read."""
    with contextlib.suppress(psutil.Error, OSError):
        for argument in process.cmdline()[1:]:
            if argument.lower().endswith(".uproject"):
                file = Path(argument)
                return (file if file.is_absolute() else process.cwd() / file).samefile(project.file)
    return None


def _is_no_editor(arguments: list[str]) -> bool:
    """Whether the program was started to cook or to play."""
    words = [argument.lower() for argument in arguments]
    return any(word.startswith(_COMMANDLET) or word in _GAMES for word in words)
