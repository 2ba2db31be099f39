"""The wait for an editor that has a project open and does not answer: it loads, imports, compiles or shows a dialog."""

from __future__ import annotations

import contextlib
import time
from functools import partial

import psutil

from unrealsynth.editors.discovery import EditorInfo, find
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError
from unrealsynth.progress import Say
from unrealsynth.unreal_project import running
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.running import RunningEditor

BLOCKED_LIMIT_S = 2 * 3600.0
"""An editor may be silent for so long: the first start on a machine may compile shaders for an hour.

One with a dialog open says no more than one that compiles."""
LOOK_S = 10.0
"""How often it is looked whether the process still lives and what its plugin wrote."""
DEAF_SIGNS = 2
"""An editor answers in the frame that brings a ping: one that wrote this often meanwhile does not hear."""


def await_busy_editor(project: Project, group: Endpoint, say: Say) -> EditorInfo | None:
    """The editor that is known to have the project open, as soon as it answers; None if none is, or it has ended.

    Raises EditorTimeoutError when it is silent for too long, EditorError when it goes on ticking without an answer.
    """
    deadline = time.monotonic() + BLOCKED_LIMIT_S
    signs: set[tuple[int, int]] = set()
    while (editor := running.running_editor(project)) is not None:
        if editor.presence is not None:
            signs.add((editor.pid, editor.presence.ticks))
        if len(signs) > DEAF_SIGNS or time.monotonic() >= deadline:
            raise _given_up(project, editor, is_deaf=len(signs) > DEAF_SIGNS)
        say(f"waiting for the editor that has {project.file.name} open, process {editor.pid} ({editor.state})")
        left_s = max(0.0, deadline - time.monotonic())
        with contextlib.suppress(EditorTimeoutError, EditorLostError):
            return find(project.file, group, min(LOOK_S, left_s), partial(psutil.pid_exists, editor.pid))
    return None


def _given_up(project: Project, editor: RunningEditor, *, is_deaf: bool) -> EditorError:
    who = f"The editor that has {project.file} open (process {editor.pid})"
    doctor = f'unrealsynth doctor "{project.file}"'
    if is_deaf:
        return EditorError(
            f"{who} goes on ticking, but does not hear this program. Restart it, or find out why with: {doctor}"
        )
    return EditorTimeoutError(
        f"{who} did not answer within {BLOCKED_LIMIT_S / 3600:.0f} hours: {editor.state}. Look at its window, answer "
        f"the dialog that is open or close it, or find out more with: {doctor}"
    )
