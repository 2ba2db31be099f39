"""Choosing among running editors, starting embedded ones, and listing who answers."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from servers import Server, answer_result, plugin

from unrealsynth.editors import selection
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.editors.selection import UnrealEditor, launch_editors, list_editors
from unrealsynth.errors import EditorError, RecipeError

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
    monkeypatch.setattr(selection, "UNREAL_WAIT_S", 0.2)
    monkeypatch.setattr(selection, "AUTO_WAIT_S", 0.2)


@pytest.mark.parametrize("kind", ["unreal", "auto"])
def test_the_only_unreal_editor_is_taken(group: Endpoint, tmp_path: Path, kind: selection.EditorKind) -> None:
    with Server(group, WITH_PLUGIN):
        (editor,) = launch_editors(kind, None, 1, tmp_path, group)
        assert isinstance(editor, UnrealEditor)
        assert editor.saved_dir == Path("/projects/fake/Saved")
        assert editor.alive
        editor.stop()
    assert not editor.can_restart
    with pytest.raises(EditorError, match="was not started by this run"):
        editor.restart()


def test_the_editor_of_the_project_is_taken(group: Endpoint, tmp_path: Path) -> None:
    with Server(group, WITH_PLUGIN, "/a/"), Server(group, WITH_PLUGIN, "/b/") as b:
        (editor,) = launch_editors("unreal", Path("/b"), 1, tmp_path, group)
        assert editor.client.info.node_id == b.id
        editor.stop()


def test_an_embedded_editor_started_by_hand_is_taken_when_it_is_named(group: Endpoint, tmp_path: Path) -> None:
    with EmbeddedEditor(tmp_path / "by hand", group=group) as running:
        with pytest.raises(EditorError, match="No Unreal Editor answers"):
            launch_editors("unreal", None, 1, tmp_path, group)
        (editor,) = launch_editors("unreal", running.project_dir, 1, tmp_path, group)
        assert isinstance(editor, UnrealEditor)
        assert editor.saved_dir == running.saved_dir
        editor.stop()
        assert running.alive


@pytest.mark.parametrize(
    ("roots", "project", "message"),
    [
        ([], None, "No Unreal Editor answers"),
        ([], "/a", "No Unreal Editor answers"),
        (["/a/", "/b/"], None, r"(?s)Several .* --project.*/a.*/b"),
        (["/a/", "/b/"], "/c", r"(?s)editor of /c does not answer.*/a.*/b"),
        (["/a/", "/a/"], "/a", "Several"),
    ],
)
def test_no_telling_which_is_an_error_that_lists_them(
    group: Endpoint, tmp_path: Path, roots: list[str], project: str | None, message: str
) -> None:
    with ExitStack() as servers:
        for root in roots:
            servers.enter_context(Server(group, WITH_PLUGIN, root))
        with pytest.raises(EditorError, match=message):
            launch_editors("unreal", None if project is None else Path(project), 1, tmp_path, group)


@pytest.mark.parametrize(("kind", "project", "count"), [("embedded", Path("/a"), 1), ("unreal", None, 2)])
def test_options_that_do_not_go_together(
    group: Endpoint, tmp_path: Path, kind: selection.EditorKind, project: Path | None, count: int
) -> None:
    with Server(group, WITH_PLUGIN), pytest.raises(RecipeError):
        launch_editors(kind, project, count, tmp_path, group)


@pytest.mark.parametrize(("kind", "project"), [("embedded", None), ("auto", Path("/a")), ("unreal", None)])
def test_an_engine_is_for_starting_a_projects_editor(
    group: Endpoint, tmp_path: Path, kind: selection.EditorKind, project: Path | None
) -> None:
    with pytest.raises(RecipeError, match="--engine is for starting an Unreal Editor"):
        launch_editors(kind, project, 1, tmp_path, group, engine=tmp_path)


@pytest.mark.parametrize("allowed", [False, True])
def test_only_who_says_so_loses_unsaved_changes(group: Endpoint, tmp_path: Path, allowed: bool) -> None:
    with Server(group, WITH_PLUGIN):
        (editor,) = launch_editors("unreal", None, 1, tmp_path, group, leave_unsaved=allowed)
        assert editor.leave_unsaved is allowed
        editor.stop()


def test_the_list_says_where_the_plugin_is_missing(group: Endpoint) -> None:
    with Server(group, WITH_PLUGIN, "/a/"), Server(group, WITHOUT_PLUGIN, "/b/"):
        first, second = list_editors(0.2, group)
    assert (first.project_root, first.plugin_version) == (Path("/a"), "0.1.0")
    assert (second.project_root, second.plugin_version) == (Path("/b"), None)
    assert first.as_json()["engine_version"] == "5.6.0"
