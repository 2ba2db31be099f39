"""Who has a project open without answering: processes and what plugins wrote, told apart by project and time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from signs import presence, unreal_editor

from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.running import live_presence, process_with, running_editor

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no other program passes for UnrealEditor.exe there")


@pytest.fixture
def neighbour(project: Project) -> Project:
    """Another project in the same folder."""
    file = project.folder / "Neighbour.uproject"
    file.write_bytes(project.file.read_bytes())
    return Project(file)


def test_nobody(project: Project) -> None:
    assert running_editor(project) is None


def test_an_editor_that_still_starts_is_known_by_its_arguments(project: Project, neighbour: Project) -> None:
    assert process_with(project) is None
    with unreal_editor(str(project.file), "-log") as pid:
        assert process_with(project) == pid
        assert process_with(neighbour) is None
        editor = running_editor(project)
        assert editor is not None and editor.pid == pid and "still starting" in editor.state
    assert process_with(project) is None


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_the_project_may_be_named_otherwise(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(project.folder)
    with unreal_editor(str(tmp_path / "link" / project.file.name)) as pid:
        assert process_with(project) == pid
    monkeypatch.chdir(tmp_path)
    with unreal_editor(f"{project.folder.name}/{project.file.name}") as pid:
        monkeypatch.chdir("/")  # It is relative to the folder of that process, not to ours.
        assert process_with(project) == pid


@pytest.mark.parametrize("mode", ["-run=Cook", "-game", "-server"])
def test_what_cooks_or_plays_is_no_editor(project: Project, mode: str) -> None:
    with unreal_editor(str(project.file), mode):
        assert process_with(project) is None


def test_other_programs_are_no_editors(project: Project) -> None:
    with unreal_editor(str(project.file), program=("/usr/bin/less",)):
        assert process_with(project) is None


def test_projects_of_one_folder_share_the_spool_but_not_the_editor(project: Project, neighbour: Project) -> None:
    with unreal_editor(str(neighbour.file)) as pid:
        presence(project, pid, 0.0)
        assert live_presence(project) is None
        found = live_presence(neighbour)
        assert found is not None and found.pid == pid


def test_a_number_that_was_given_again(project: Project, tmp_path: Path) -> None:
    """Even to an editor of another project, and a moment ago."""
    other = tmp_path / "Other.uproject"
    other.write_text("{}", encoding="utf-8")
    with unreal_editor(str(other)) as pid:
        presence(project, pid, 1.0)
        assert live_presence(project) is None
    started_s = psutil.Process(os.getpid()).create_time()
    presence(project, os.getpid(), time.time() - started_s + 10.0)
    assert live_presence(project) is None
    presence(project, os.getpid(), time.time() - started_s - 1.0)
    assert live_presence(project) is not None, "old, but written by this process"


def test_a_process_that_ended_without_being_waited_for(project: Project) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        presence(project, child.pid, 0.0)
        assert live_presence(project) is not None
        os.kill(child.pid, signal.SIGKILL)
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert live_presence(project) is None


@pytest.mark.parametrize("pid", [-1, 0, 2**31 - 1, 10**30])
def test_a_number_that_is_none(project: Project, pid: int) -> None:
    presence(project, pid, 1e9)
    assert live_presence(project) is None
