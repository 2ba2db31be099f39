"""Whether an editor has a project open: by its answer, by the file its plugin keeps up to date, by its process."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from unrealsynth.dataset.files import patiently
from unrealsynth.editors.discovery import discover
from unrealsynth.errors import EditorError, ProjectError
from unrealsynth.unreal_project.project import Project

PRESENCE = "editor.json"
FRESH_S = 20.0
"""An editor that ticks writes its file every 5 s; one that has not for this long is blocked or gone."""
PING_S = 1.5
EDITOR_PROGRAM = "UnrealEditor"

_QUERY_LIMITED_INFORMATION = 0x1000
_STILL_ACTIVE = 259


@dataclass(frozen=True)
class Presence:
    """What the plugin in an editor last wrote about itself."""

    state: str
    pid: int
    time_s: float
    ticks: int
    plugin_version: str

    @property
    def age_s(self) -> float:
        return time.time() - self.time_s

    @property
    def is_fresh(self) -> bool:
        return self.state == "running" and self.age_s < FRESH_S


def read_presence(project: Project) -> Presence | None:
    """None when no plugin ever wrote there, or what it wrote cannot be read."""
    try:
        data = patiently((project.spool / PRESENCE).read_bytes)
        return TypeAdapter(Presence).validate_json(data)
    except (OSError, ValidationError):
        return None


def live_presence(project: Project) -> Presence | None:
    """The plugin's last word if its editor's process still runs."""
    presence = read_presence(project)
    if presence is None or presence.state != "running":
        return None
    command = process_command(presence.pid)
    if command is None:
        return None
    # The number of a process is given again after its end, so an old file alone says nothing.
    names_it = project.folder.name in command or EDITOR_PROGRAM in command
    return presence if presence.is_fresh or names_it else None


def editor_of(project: Project) -> str | None:
    """Who has the project open, as the subject of a sentence; None when nobody is known to."""
    with contextlib.suppress(EditorError, ProjectError):
        for info in discover(project.group(), PING_S):
            if info.belongs_to(project.file):
                return f"An editor ({info.engine_version})"
    presence = live_presence(project)
    if presence is not None:
        return f"An editor (process {presence.pid})"
    pid = process_with(project)
    return None if pid is None else f"An editor (process {pid})"


def process_command(pid: int) -> str | None:
    """The command line of a process, or its program where no more is to be had; None if it does not run."""
    if sys.platform == "win32":
        return _windows_program(pid)
    status = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            return status.read_bytes().replace(b"\0", b" ").decode("utf-8", errors="replace") or None
        except OSError:
            return None
    done = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, check=False)
    return done.stdout.decode("utf-8", errors="replace").strip() or None


def process_with(project: Project) -> int | None:
    """A process of an Unreal Editor that was started with the project's file, where the system lists them."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if len(arguments) > 1 and EDITOR_PROGRAM in os.fsdecode(arguments[0]):
            for argument in arguments[1:]:
                with contextlib.suppress(OSError):
                    if argument.endswith(b".uproject") and Path(os.fsdecode(argument)).samefile(project.file):
                        return int(folder.name)
    return None


def _windows_program(pid: int) -> str | None:
    if sys.platform == "win32":
        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel32.OpenProcess.restype = ctypes.c_void_p
        handle = ctypes.c_void_p(kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, 0, pid))
        if not handle:
            return None
        try:
            code = ctypes.c_ulong()
            if not kernel32.GetExitCodeProcess(handle, ctypes.byref(code)) or code.value != _STILL_ACTIVE:
                return None
            size = ctypes.c_ulong(1024)
            name = ctypes.create_unicode_buffer(size.value)
            kernel32.QueryFullProcessImageNameW(handle, 0, name, ctypes.byref(size))
            return name.value or str(pid)
        finally:
            kernel32.CloseHandle(handle)
    return None
