"""An editor of the project that is busy is waited for, by a run and by `launch`, and not for ever."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from signs import presence, unreal_editor

from unrealsynth import editor_choice
from unrealsynth.editor_choice import UnrealEditor, launch_editors
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError, EditorTimeoutError
from unrealsynth.progress import RunProgress
from unrealsynth.unreal_project import running, waiting
from unrealsynth.unreal_project.launch import launch_project
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.waiting import await_busy_editor

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes cannot be stopped there")
BUSY_S = 1.0


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_choice, "UNREAL_WAIT_S", 0.2)
    monkeypatch.setattr(running, "PING_S", 0.2)
    monkeypatch.setattr(waiting, "LOOK_S", 0.1)


@pytest.fixture
def busy(installed: Project, group: Endpoint) -> Iterator[EmbeddedEditor]:
    """An editor of the project that stands still."""
    with EmbeddedEditor(installed.folder, installed.plugin_folder, group) as editor:
        os.kill(editor.pid or 0, signal.SIGSTOP)
        yield editor
        if editor.alive:
            os.kill(editor.pid or 0, signal.SIGCONT)


def goes_on(editor: EmbeddedEditor, after_s: float = BUSY_S) -> threading.Timer:
    timer = threading.Timer(after_s, os.kill, (editor.pid or 0, signal.SIGCONT))
    timer.start()
    return timer


def test_a_run_waits_and_says_for_what(
    installed: Project, busy: EmbeddedEditor, group: Endpoint, tmp_path: Path
) -> None:
    said: list[str] = []
    timer = goes_on(busy)
    (editor,) = launch_editors("unreal", installed.file, 1, tmp_path, said.append, group)
    timer.join()
    assert isinstance(editor, UnrealEditor) and editor.saved_dir == busy.saved_dir
    editor.stop()
    assert said[0].startswith(f"waiting for the editor that has Mine.uproject open, process {busy.pid} (its last sign")
    assert said[-1].startswith("taking the open editor of ")


def test_launch_waits_too(installed: Project, busy: EmbeddedEditor) -> None:
    timer = goes_on(busy)
    with RunProgress() as progress:
        launched = launch_project(installed, progress, engine=None, offscreen=True)
    timer.join()
    assert launched.pid is None, "it was open already"


def test_not_for_ever(
    installed: Project, busy: EmbeddedEditor, group: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "BLOCKED_LIMIT_S", 0.6)
    monkeypatch.setattr(running, "PRESENCE_FRESH_S", 0.1)
    with pytest.raises(EditorTimeoutError, match=rf"process {busy.pid}\).*a dialog blocks it.*unrealsynth doctor"):
        launch_editors("unreal", installed.file, 1, tmp_path, lambda _: None, group)


def test_not_for_one_that_has_ended(installed: Project, busy: EmbeddedEditor, group: Endpoint) -> None:
    timer = threading.Timer(BUSY_S, os.kill, (busy.pid or 0, signal.SIGKILL))
    timer.start()
    said: list[str] = []
    assert await_busy_editor(installed, group, said.append) is None
    timer.join()
    assert said


def test_not_for_one_that_does_not_hear(installed: Project, group: Endpoint) -> None:
    with unreal_editor(str(installed.file)) as pid:
        ticks = 0

        def tick(_: str) -> None:
            nonlocal ticks
            ticks += 1
            presence(installed, pid, -ticks, ticks)

        tick("")
        with pytest.raises(EditorError, match=f"process {pid}.*goes on ticking, but does not hear"):
            await_busy_editor(installed, group, tick)
    assert ticks == 1 + waiting.DEAF_SIGNS


def test_nobody_is_waited_for_where_none_is_known(installed: Project, group: Endpoint) -> None:
    said: list[str] = []
    assert await_busy_editor(installed, group, said.append) is None
    assert said == []
