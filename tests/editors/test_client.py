"""The plugin's interface as typed calls, against servers that answer, misbehave, restart and die."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from servers import Behaviour, Server, answer_result, hang_up, hang_up_amid_the_reply, in_turn, never_answer, plugin

from unrealsynth.editors import client as client_module
from unrealsynth.editors.client import EditorClient, PluginVersion, RemoteTracebackError
from unrealsynth.editors.discovery import find
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError

SOON_S = 2.0

VERSION = {
    "plugin_version": "0.1.0",
    "protocol": 1,
    "engine_version": "5.6.0",
    "python_version": "3.11.8",
    "project_dir": "/projects/fake/",
    "saved_dir": "/projects/fake/Saved/",
}


def ok(**parts: object) -> Behaviour:
    """A plugin that answers every request with these parts."""
    return plugin(lambda request: {"id": request["id"], "ok": True, **parts})


def client_of(server: Server) -> EditorClient:
    return EditorClient(find(Path(server.pong["project_root"]), server.group), server.group)


def test_version(group: Endpoint) -> None:
    with Server(group, ok(**VERSION)) as server, client_of(server) as client:
        assert client.version() == PluginVersion(
            "0.1.0", 1, "5.6.0", "3.11.8", Path("/projects/fake"), Path("/projects/fake/Saved")
        )


@pytest.mark.parametrize("op", ["start", "cancel", "status"])
def test_requests_about_a_job(group: Endpoint, op: str) -> None:
    requests: list[dict[str, Any]] = []

    def reply(request: dict[str, Any]) -> object:
        requests.append(request)
        return {"id": request["id"], "ok": True, "state": "running"}

    job_id = "0123456789abcdef" * 2
    with Server(group, plugin(reply)) as server, client_of(server) as client:
        assert getattr(client, op)(job_id) == "running"
        assert getattr(client, op)(job_id) == "running"
    assert [{**request, "id": ""} for request in requests] == 2 * [{"protocol": 1, "id": "", "op": op, "job": job_id}]
    assert requests[0]["id"] != requests[1]["id"]
    assert all(len(read) <= 1024 for read in server.reads)
    assert len(server.opened) == 1


MISSING = """Traceback (most recent call last):
  File "<string>", line 1, in <module>
ModuleNotFoundError: No module named 'unrealsynth_plugin'
"""


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (answer_result(MISSING, success=False), "plugin is not loaded in the editor of /projects/fake"),
        (answer_result("Traceback ...\nKeyError: 3\n", success=False), "A command failed in .*: KeyError: 3"),
        (ok(**{**VERSION, "protocol": 2}), "speaks protocol 2, this program 1"),
        (ok(), "plugin_version=None, wanted a str"),
        (plugin(lambda request: {"id": request["id"], "ok": False, "error": "No such job."}), "No such job."),
        (plugin(lambda request: {"id": "", "ok": False, "error": "Not JSON."}), "Not JSON."),
        (plugin(lambda request: {"id": "1", "ok": True, **VERSION}), "wanted an object with the request's id"),
        (plugin(lambda request: [request["id"]]), "wanted an object with the request's id"),
        (answer_result("None"), "wanted a JSON object as a string"),
        (answer_result("<object at 0x1>"), "wanted a JSON object as a string"),
        (answer_result("'not JSON'"), "wanted a JSON object as a string"),
    ],
)
def test_what_is_wrong_is_said(group: Endpoint, behaviour: Behaviour, message: str) -> None:
    with Server(group, behaviour) as server, client_of(server) as client, pytest.raises(EditorError, match=message):
        client.version()


def test_the_editors_traceback_is_the_cause(group: Endpoint) -> None:
    with (
        Server(group, answer_result(MISSING, success=False)) as server,
        client_of(server) as client,
        pytest.raises(EditorError) as caught,
    ):
        client.version()
    assert isinstance(caught.value.__cause__, RemoteTracebackError)
    assert "No module named 'unrealsynth_plugin'" in str(caught.value.__cause__)


@pytest.mark.parametrize("mishap", [hang_up, hang_up_amid_the_reply])
def test_a_lost_connection_is_made_again_and_the_request_repeated(group: Endpoint, mishap: Behaviour) -> None:
    with Server(group, in_turn(mishap, ok(state="done"))) as server, client_of(server) as client:
        assert client.status("job") == "done"
    assert len(set(server.opened)) == 2
    assert len({json.loads(read)["data"]["command"] for read in server.reads}) == 1


def test_a_request_without_an_answer_is_repeated(group: Endpoint) -> None:
    with Server(group, in_turn(never_answer, ok(state="done"))) as server, client_of(server) as client:
        assert client.status("job", timeout_s=0.8) == "done"
    assert len(set(server.opened)) == 2


def test_an_answer_that_comes_late_is_not_taken_for_the_next_one(group: Endpoint) -> None:
    def late(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        server.sleep(0.5)
        answer_result("'late'")(server, connection, command)

    with Server(group, in_turn(late, late, answer_result("'fresh'"))) as server, client_of(server) as client:
        with pytest.raises(EditorTimeoutError):
            client.evaluate("'first'", timeout_s=0.3)
        assert client.evaluate("'second'") == "'fresh'"
        time.sleep(0.5)
        assert client.evaluate("'third'") == "'fresh'"


def test_an_editor_that_hung_up_and_is_silent_then_is_not_called_lost(group: Endpoint) -> None:
    behaviour = in_turn(hang_up, never_answer)
    with Server(group, behaviour) as server, client_of(server) as client, pytest.raises(EditorTimeoutError):
        client.status("job", timeout_s=0.6)


def test_an_editor_that_does_not_connect_is_a_timeout(group: Endpoint) -> None:
    with (
        Server(group, deaf_to={"open_connection": 99}) as server,
        client_of(server) as client,
        pytest.raises(EditorTimeoutError, match="did not connect"),
    ):
        client.status("job", timeout_s=0.4)


def test_silence_is_a_timeout(group: Endpoint) -> None:
    with Server(group, never_answer) as server, client_of(server) as client:
        begin = time.monotonic()
        with pytest.raises(EditorTimeoutError, match=r"No answer from the editor of /projects/fake within 0\.6 s\."):
            client.status("job", timeout_s=0.6)
        assert 0.55 < time.monotonic() - begin < 0.6 + SOON_S
    assert len(server.opened) == 2


def test_an_editor_that_keeps_hanging_up_is_lost(group: Endpoint) -> None:
    with Server(group, hang_up) as server, client_of(server) as client:
        begin = time.monotonic()
        with pytest.raises(EditorLostError, match="Contact with the editor of /projects/fake is lost"):
            client.status("job")
        assert time.monotonic() - begin < SOON_S


def test_an_editor_that_hung_up_and_is_gone_is_lost(group: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "RECONNECT_S", 0.3)
    with Server(group, ok(state="done")) as server, client_of(server) as client:
        client.status("job")
        server.stop()
        begin = time.monotonic()
        with pytest.raises(EditorLostError, match="Contact with the editor of /projects/fake is lost"):
            client.status("job")
        assert time.monotonic() - begin < 0.3 + SOON_S


def test_an_editor_restarted_is_found_by_its_project(group: Endpoint) -> None:
    with Server(group, ok(state="first")) as first, client_of(first) as client:
        assert client.status("job") == "first"
        first.stop()
        with Server(group, ok(state="second"), project_root="/elsewhere/"), Server(group, ok(state="third")) as third:
            assert client.status("job") == "third"
            assert client.info.node_id == third.id


def test_another_client_taking_over_is_survived(group: Endpoint, bare_editor: EmbeddedEditor) -> None:
    first = bare_editor.client
    with EditorClient(first.info, bare_editor.group) as second:
        for _ in range(3):
            assert first.evaluate("'first'") == "'first'"
            assert second.evaluate("'second'") == "'second'"


def test_a_killed_editor_is_lost_at_once(bare_editor: EmbeddedEditor) -> None:
    bare_editor.client.evaluate("1")
    begin = time.monotonic()
    with pytest.raises(EditorLostError, match="has ended"):
        bare_editor.client.evaluate("__import__('os').abort()")
    assert time.monotonic() - begin < SOON_S
    with pytest.raises(EditorLostError, match="has ended"):
        bare_editor.client.evaluate("1")


def test_a_busy_editor_answers_when_it_is_done(bare_editor: EmbeddedEditor) -> None:
    assert bare_editor.client.evaluate("__import__('time').sleep(0.3)", timeout_s=10.0) == "None"
    with pytest.raises(EditorTimeoutError):
        bare_editor.client.evaluate("__import__('time').sleep(0.8)", timeout_s=0.4)
    assert bare_editor.client.evaluate("6 * 7") == "42"
