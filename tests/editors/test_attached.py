"""Choosing among running editors, and listing them."""

from __future__ import annotations

from pathlib import Path

import pytest
from servers import Server, answer_result, plugin

from unrealsynth.editors.attached import attach
from unrealsynth.editors.listing import list_editors
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.errors import EditorError

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


def test_the_only_editor_is_taken(group: Endpoint) -> None:
    with Server(group, WITH_PLUGIN):
        editor = attach(group=group, timeout_s=0.2)
        assert editor.saved_dir == Path("/projects/fake/Saved")
        assert editor.alive
        editor.stop()


def test_the_editor_of_the_project_is_taken(group: Endpoint) -> None:
    with Server(group, project_root="/a/"), Server(group, project_root="/b/") as b:
        assert attach(Path("/b"), group, 0.2).client.info.node_id == b.id


@pytest.mark.parametrize(
    ("roots", "project", "message"),
    [
        ([], None, "No editor answered"),
        ([], "/a", "No editor answered"),
        (["/a/", "/b/"], None, r"choose one with --project\.\n  /a .*\n  /b"),
        (["/a/", "/b/"], "/c", r"No editor has /c open.*\n  /a .*\n  /b"),
        (["/a/", "/a/"], "/a", "2 editors have /a open"),
    ],
)
def test_no_telling_which_is_an_error_that_lists_them(
    group: Endpoint, roots: list[str], project: str | None, message: str
) -> None:
    servers = [Server(group, project_root=root) for root in roots]
    try:
        for server in servers:
            server.__enter__()
        with pytest.raises(EditorError, match=message):
            attach(None if project is None else Path(project), group, 0.2)
    finally:
        for server in servers:
            server.stop()


def test_another_ones_editor_cannot_be_restarted(group: Endpoint) -> None:
    with Server(group):
        editor = attach(group=group, timeout_s=0.2)
    assert not editor.can_restart
    with pytest.raises(EditorError, match="restart it by hand"):
        editor.restart()


def test_the_list_says_where_the_plugin_is_missing(group: Endpoint) -> None:
    with Server(group, WITH_PLUGIN, "/a/"), Server(group, WITHOUT_PLUGIN, "/b/"):
        first, second = list_editors(0.2, group)
    assert (first.project_root, first.plugin_version, first.plugin_error) == ("/a", "0.1.0", None)
    assert (second.project_root, second.plugin_version) == ("/b", None)
    assert "not loaded" in str(second.plugin_error)
    assert first.as_json()["engine_version"] == "5.6.0"
