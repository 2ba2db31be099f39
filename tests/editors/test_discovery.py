"""Finding editors: who answers, who does not, and who is meant."""

from __future__ import annotations

import json
import os
import time
import unicodedata
from pathlib import Path

import pytest
from servers import Server, same_folder

from unrealsynth.editors.discovery import EditorInfo, discover, find
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.errors import EditorLostError, EditorTimeoutError


def test_an_editor_tells_about_itself(group: Endpoint) -> None:
    with Server(group) as server:
        assert discover(group, 0.2) == [EditorInfo(server.id, Path("/projects/fake"), "Fake", "5.6.0", "me", "here")]


def test_nobody_answers(group: Endpoint) -> None:
    assert discover(group, 0.2) == []


def test_each_editor_is_listed_once_and_by_project(group: Endpoint) -> None:
    with Server(group, project_root="/b/") as b, Server(group, project_root="/a/") as a:
        assert [info.node_id for info in discover(group, 0.2)] == [a.id, b.id]


def test_a_ping_that_got_lost_is_repeated(group: Endpoint) -> None:
    with Server(group, deaf_to={"ping": 2}):
        assert len(discover(group, 0.6)) == 1


def test_nonsense_in_the_group_is_passed_over(group: Endpoint) -> None:
    with Server(group, deaf_to={"ping": 1}) as server:
        answer = server.message("pong", "somebody else", server.pong)
        for nonsense in (b"", b"{", b"\xff", b"[]", b"[" * 20_000, json.dumps(answer).encode()):
            server.shout(nonsense)
        assert len(discover(group, 0.3)) == 1


def test_the_editor_of_a_project_is_found_at_once(group: Endpoint, tmp_path: Path) -> None:
    project = tmp_path / "Größe 1"
    project.mkdir()
    (project / "Größe.uproject").touch()
    with Server(group), Server(group, project_root=same_folder(project), project_name="Größe") as server:
        begin = time.monotonic()
        assert find(project, group).node_id == server.id
        assert find(project / "Größe.uproject", group).node_id == server.id
        assert time.monotonic() - begin < 2.0


def test_projects_of_one_folder_are_told_apart(group: Endpoint, tmp_path: Path) -> None:
    root = same_folder(tmp_path)
    with (
        Server(group, project_root=root, project_name="A") as a,
        Server(group, project_root=root, project_name="B") as b,
    ):
        assert find(tmp_path / "A.uproject", group).node_id == a.id
        assert find(tmp_path / "B.uproject", group).node_id == b.id
        with pytest.raises(EditorTimeoutError, match=r"have .*A\.uproject, .*B\.uproject open"):
            find(tmp_path / "C.uproject", group, 0.3)


@pytest.mark.parametrize("name", ["Größe 1.0", "GRÖSSE 1.0", unicodedata.normalize("NFD", "Größe 1.0")])
def test_a_projects_name_may_be_spelled_as_the_file_system_takes_it(tmp_path: Path, name: str) -> None:
    info = EditorInfo("id", tmp_path, name, "5.6.0", "me", "here")
    assert info.belongs_to(tmp_path / "Größe 1.0.uproject")
    assert info.belongs_to(tmp_path / "Größe 1.0.UPROJECT")
    assert not info.belongs_to(tmp_path / "Größe 1.uproject")


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_project_may_be_named_through_a_link(group: Endpoint, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project")
    with Server(group, project_root=same_folder(tmp_path / "project")) as server:
        assert find(tmp_path / "link", group).node_id == server.id


def test_an_editor_without_a_project_is_nobodys(
    group: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Server(group, project_root="", project_name=""), pytest.raises(EditorTimeoutError):
        find(tmp_path, group, 0.2)


def test_an_editor_that_is_not_there_is_a_timeout_that_lists_the_others(group: Endpoint, tmp_path: Path) -> None:
    with Server(group), pytest.raises(EditorTimeoutError, match=r"Those that answered have .*Fake\.uproject open"):
        find(tmp_path, group, 0.2)
    with pytest.raises(EditorTimeoutError, match="No other editor answered"):
        find(tmp_path, group, 0.2)


def test_a_process_that_ended_is_not_waited_for(group: Endpoint, tmp_path: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(EditorLostError):
        find(tmp_path, group, 60.0, alive=lambda: time.monotonic() < begin + 0.1)
    assert time.monotonic() - begin < 2.0
