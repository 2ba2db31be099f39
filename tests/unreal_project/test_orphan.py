"""The editor of a run that was killed: it is ended by the next, and no other editor is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from engine_on_disk import EngineOnDisk

from unrealsynth.unreal_project.launched_editor import LaunchedEditor
from unrealsynth.unreal_project.orphan import end_orphan
from unrealsynth.unreal_project.project import Project

KILLED_RUN = """
import os, sys
from pathlib import Path
from unrealsynth.unreal_project.launched_editor import LaunchedEditor
from unrealsynth.unreal_project.project import open_project
LaunchedEditor(open_project(Path(sys.argv[1])), print, engine=Path(sys.argv[2])).launch()
os._exit(9)
"""


def record(project: Project) -> Path:
    return project.spool / "launch" / "run.json"


@pytest.fixture
def orphan(installed: Project, engine: EngineOnDisk) -> psutil.Process:
    """An editor whose run has ended as a killed one does."""
    done = subprocess.run([sys.executable, "-c", KILLED_RUN, str(installed.file), str(engine.root)], check=False)
    assert done.returncode == 9
    return psutil.Process(json.loads(record(installed).read_text(encoding="utf-8"))["editor"]["pid"])


def test_the_editor_of_a_killed_run_is_ended(installed: Project, orphan: psutil.Process) -> None:
    assert orphan.is_running()
    said: list[str] = []
    end_orphan(installed, said.append)
    assert not orphan.is_running()
    assert said == [f"ending the editor (process {orphan.pid}) of a run that was killed"]
    end_orphan(installed, said.append)
    assert len(said) == 1


def test_a_process_that_got_its_number_is_left_alone(installed: Project, orphan: psutil.Process) -> None:
    data = json.loads(record(installed).read_text(encoding="utf-8"))
    data["editor"]["started_s"] -= 60.0
    record(installed).write_text(json.dumps(data), encoding="utf-8")
    end_orphan(installed, print)
    assert orphan.is_running()


@pytest.mark.parametrize("text", ["", "{}", '{"editor": 1, "run": []}'])
def test_nonsense_ends_nothing(installed: Project, orphan: psutil.Process, text: str) -> None:
    record(installed).write_text(text, encoding="utf-8")
    end_orphan(installed, print)
    assert orphan.is_running()


def test_the_editor_of_a_living_run_is_left_alone(installed: Project, engine: EngineOnDisk) -> None:
    editor = LaunchedEditor(installed, print, engine=engine.root)
    editor.launch()
    end_orphan(installed, print)
    assert editor.alive and record(installed).is_file()
    editor.stop()
    assert not record(installed).exists()


def test_an_editor_that_is_left_to_its_user_belongs_to_nobody(installed: Project, engine: EngineOnDisk) -> None:
    editor = LaunchedEditor(installed, print, engine=engine.root)
    editor.launch()
    editor.leave()
    assert editor.alive and not record(installed).exists()
    editor.stop()
    with_window = LaunchedEditor(installed, print, engine=engine.root, attended=True)
    with_window.launch()
    assert not record(installed).exists()
    with_window.stop()
