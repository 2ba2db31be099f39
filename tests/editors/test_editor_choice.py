"""Choosing among running editors, starting embedded ones, and listing who answers."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from servers import Server, answer_result, plugin, same_folder

from unrealsynth import editor_choice
from unrealsynth.editor_choice import UnrealEditor, launch_editors, list_editors
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError, EditorLostError, ProjectError, RecipeError

VERSION = {
    "plugin_version": "0.1.0",
    "protocol": 1,
    "engine_version": "5.6.0",
    "python_version": "3.11.8",
    "project_dir": "/projects/fake/",
    "saved_dir": "/projects/fake/Saved/",
}
WITH_PLUGIN = plugin(lambda request: {"id": request["id"], "ok": True, **VERSION})
WITHOUT_PLUGIN = answer_result("Traceback\nModuleNotFoundError: No module named 'unrealsynth_plugin'", success=False)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_choice, "UNREAL_WAIT_S", 0.2)
    monkeypatch.setattr(editor_choice, "AUTO_WAIT_S", 0.2)


@pytest.mark.parametrize("kind", ["unreal", "auto"])
def test_the_only_unreal_editor_is_taken(group: Endpoint, tmp_path: Path, kind: editor_choice.EditorKind) -> None:
    with Server(group, WITH_PLUGIN):
        (editor,) = launch_editors(kind, None, 1, tmp_path, quietly, group)
        assert isinstance(editor, UnrealEditor)
        assert editor.saved_dir == Path("/projects/fake/Saved")
        assert editor.alive
        editor.stop()
    assert not editor.can_restart
    with pytest.raises(EditorError, match="was not started by this run"):
        editor.restart()


@pytest.mark.parametrize("kind", ["unreal", "auto"])
def test_which_one_is_taken_is_said_before_it_is_asked_for_anything(
    group: Endpoint, tmp_path: Path, kind: editor_choice.EditorKind
) -> None:
    said: list[tuple[str, int]] = []
    with Server(group, WITH_PLUGIN) as server:
        (editor,) = launch_editors(kind, None, 1, tmp_path, lambda text: said.append((text, len(server.reads))), group)
        editor.stop()
        line = f"taking the open editor of {Path('/projects/fake/Fake.uproject')} (engine 5.6.0)"
        assert said == [(line, 0)]
        assert server.reads


def quietly(text: str) -> None:
    """Tells nobody what is going on."""


def project_in(folder: Path, name: str = "Fake") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.uproject"
    file.write_text("{}", encoding="utf-8")
    return file


def test_the_editor_of_the_project_is_taken(group: Endpoint, tmp_path: Path) -> None:
    project = project_in(tmp_path / "b")
    with Server(group, WITH_PLUGIN, "/a/"), Server(group, WITH_PLUGIN, same_folder(tmp_path / "b")) as b:
        for named in (project, tmp_path / "b"):
            (editor,) = launch_editors("unreal", named, 1, tmp_path, quietly, group)
            assert editor.client.info.node_id == b.id
            editor.stop()


def test_not_that_of_another_project_in_the_folder(group: Endpoint, tmp_path: Path) -> None:
    project_in(tmp_path, "A")
    with Server(group, WITH_PLUGIN, same_folder(tmp_path), "A") as server:
        with pytest.raises(ProjectError, match=r"B\.uproject has no UnrealSynth plugin"):  # It would be started.
            launch_editors("unreal", project_in(tmp_path, "B"), 1, tmp_path, quietly, group)
        assert server.reads == []


@pytest.mark.parametrize("kind", ["unreal", "auto"])
@pytest.mark.parametrize("name", ["nope.uproject", "nowhere"])
def test_a_project_that_does_not_exist_is_named(
    group: Endpoint, tmp_path: Path, kind: editor_choice.EditorKind, name: str
) -> None:
    with pytest.raises(ProjectError, match=rf"{name} does not exist; name the \.uproject file"):
        launch_editors(kind, tmp_path / name, 1, tmp_path, quietly, group)


def test_an_embedded_editor_started_by_hand_is_taken_when_it_is_named(group: Endpoint, tmp_path: Path) -> None:
    with EmbeddedEditor(tmp_path / "by hand", group=group) as running:
        with pytest.raises(EditorError, match="No Unreal Editor answers"):
            launch_editors("unreal", None, 1, tmp_path, quietly, group)
        (editor,) = launch_editors("unreal", running.project_dir, 1, tmp_path, quietly, group)
        assert isinstance(editor, UnrealEditor)
        assert editor.saved_dir == running.saved_dir
        editor.stop()
        assert running.alive


@pytest.mark.parametrize(
    ("roots", "project", "message"),
    [
        ([], None, "No Unreal Editor answers"),
        (["/a/", "/b/"], None, r"(?s)Several .* --project.*/a.*/b"),
        (["/a/", "/b/"], "c", r"(?s)editor of .*Fake.uproject does not answer.*/a.*/b"),
        (["here", "here"], "here", "Several"),
    ],
)
def test_no_telling_which_is_an_error_that_lists_them(
    group: Endpoint, tmp_path: Path, roots: list[str], project: str | None, message: str
) -> None:
    file = None if project is None else project_in(tmp_path / project)
    with ExitStack() as servers:
        for root in roots:
            servers.enter_context(Server(group, WITH_PLUGIN, root if root != "here" else same_folder(tmp_path / root)))
        with pytest.raises(EditorError, match=message):
            # An editor that is not there would be started if it must be Unreal.
            launch_editors("unreal" if project != "c" else "auto", file, 1, tmp_path, quietly, group)


@pytest.mark.parametrize(("kind", "project", "count"), [("embedded", Path("/a"), 1), ("unreal", None, 2)])
def test_options_that_do_not_go_together(
    group: Endpoint, tmp_path: Path, kind: editor_choice.EditorKind, project: Path | None, count: int
) -> None:
    with Server(group, WITH_PLUGIN), pytest.raises(RecipeError):
        launch_editors(kind, project, count, tmp_path, quietly, group)


@pytest.mark.parametrize(("kind", "project"), [("embedded", None), ("auto", Path("/a")), ("unreal", None)])
def test_an_engine_is_for_starting_a_projects_editor(
    group: Endpoint, tmp_path: Path, kind: editor_choice.EditorKind, project: Path | None
) -> None:
    with pytest.raises(RecipeError, match="--engine is for starting an Unreal Editor"):
        launch_editors(kind, project, 1, tmp_path, quietly, group, engine=tmp_path)


@pytest.mark.parametrize("allowed", [False, True])
def test_only_who_says_so_loses_unsaved_changes(group: Endpoint, tmp_path: Path, allowed: bool) -> None:
    with Server(group, WITH_PLUGIN):
        (editor,) = launch_editors("unreal", None, 1, tmp_path, quietly, group, leave_unsaved=allowed)
        assert editor.leave_unsaved is allowed
        editor.stop()


def test_the_list_says_where_the_plugin_is_missing(group: Endpoint) -> None:
    with Server(group, WITH_PLUGIN, "/a/"), Server(group, WITHOUT_PLUGIN, "/b/"):
        first, second = list_editors(0.2, group=group)
    assert (first.project_root, first.plugin_version) == (Path("/a"), "0.1.0")
    assert (second.project_root, second.plugin_version) == (Path("/b"), None)
    assert first.as_json()["engine_version"] == "5.6.0"


def test_the_list_is_of_the_group_that_a_project_names(group: Endpoint, tmp_path: Path) -> None:
    project = project_in(tmp_path)
    (tmp_path / "Config").mkdir()
    (tmp_path / "Config" / "DefaultEngine.ini").write_text(
        "[/Script/PythonScriptPlugin.PythonScriptPluginSettings]\n"
        f"RemoteExecutionMulticastGroupEndpoint={group[0]}:{group[1]}\n",
        encoding="utf-8",
    )
    with Server(group, WITH_PLUGIN, "/a/"):
        assert [row.project_root for row in list_editors(0.2, project)] == [Path("/a")]
    with pytest.raises(ProjectError, match="does not exist"):
        list_editors(0.2, tmp_path / "none.uproject")


def test_the_end_of_an_editor_that_others_started_is_seen(group: Endpoint, tmp_path: Path) -> None:
    with EmbeddedEditor(tmp_path / "by hand", group=group) as running:
        (editor,) = launch_editors("unreal", running.project_dir, 1, tmp_path, quietly, group)
        assert editor.alive
        psutil.Process(running.pid).kill()
        deadline = time.monotonic() + 5.0
        while editor.alive:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        started = time.monotonic()
        with pytest.raises(EditorLostError, match="has ended"):
            editor.client.version(30.0)
        assert time.monotonic() - started < 5.0
        editor.stop()


@pytest.mark.parametrize("pid", [None, 2**22 + 1, os.getpid()])
def test_an_editor_whose_process_is_not_seen_counts_as_alive(group: Endpoint, tmp_path: Path, pid: int | None) -> None:
    """In another container or machine its number is nobody's here, or that of a process that is no editor."""
    numbered = {} if pid is None else {"pid": pid}
    with Server(group, plugin(lambda request: {"id": request["id"], "ok": True, **VERSION, **numbered})):
        (editor,) = launch_editors("unreal", None, 1, tmp_path, quietly, group)
        assert editor.alive
        assert isinstance(editor, UnrealEditor)
        assert editor.client.version().pid == pid
        assert editor._process is None
        editor.stop()
