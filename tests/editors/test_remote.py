"""The command connection against servers that do what upyrc stumbles over."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers import Behaviour, Server, answer_result, hang_up, hang_up_amid_the_reply, in_turn, never_answer

from unrealsynth.editors import remote
from unrealsynth.editors.multicast import Endpoint, MulticastSocket
from unrealsynth.editors.remote import CommandConnection
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError

SOON_S = 2.0
"""At once, on a busy machine."""


def send(server: Server, timeout_s: float = 10.0, command: str = "1") -> remote.CommandReply:
    with server, CommandConnection(server.id, server.group) as connection:
        return connection.send(command, timeout_s=timeout_s)


def test_a_reply_is_read(group: Endpoint) -> None:
    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        reply = server.result(command, "'ü'")
        reply["data"]["output"] = [{"type": "Warning", "output": "hm"}]
        connection.sendall(json.dumps(reply, ensure_ascii=False).encode() + b"\n")

    assert send(Server(group, behave)) == remote.CommandReply(True, "'ü'", (("Warning", "hm"),))


def test_a_failure_is_a_reply_like_any(group: Endpoint) -> None:
    assert send(Server(group, answer_result("Traceback ...", success=False))).success is False


def in_pieces(text: str, size: int, pause_s: float) -> Behaviour:
    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        reply = json.dumps(server.result(command, text), ensure_ascii=False).encode()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for begin in range(0, len(reply), size):
            connection.sendall(reply[begin : begin + size])
            time.sleep(pause_s)

    return behave


@pytest.mark.parametrize(
    ("text", "size", "pause_s"),
    [
        ("é" * 20, 1, 0.0005),  # Cuts letters in two.
        ("}" * 200, 7, 0.001),  # Many pieces look like an end.
        ("x" * 10_000_000, 100_000, 0.0),
    ],
)
def test_a_reply_may_come_in_pieces(group: Endpoint, text: str, size: int, pause_s: float) -> None:
    assert send(Server(group, in_pieces(text, size, pause_s))).result == text


@pytest.mark.parametrize("behaviour", [hang_up, hang_up_amid_the_reply])
def test_a_closed_connection_is_noticed_at_once(group: Endpoint, behaviour: Behaviour) -> None:
    begin, begin_cpu = time.monotonic(), time.process_time()
    with pytest.raises(EditorLostError, match="closed the connection"):
        send(Server(group, behaviour))
    assert time.monotonic() - begin < SOON_S
    assert time.process_time() - begin_cpu < SOON_S


def test_no_answer_is_a_timeout(group: Endpoint) -> None:
    with pytest.raises(EditorTimeoutError, match=r"within 0\.3 s"):
        send(Server(group, never_answer), timeout_s=0.3)


def test_a_cut_reply_is_a_timeout_that_says_so(group: Endpoint) -> None:
    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        connection.sendall(json.dumps(server.result(command, "x" * 100)).encode()[:-30])

    with pytest.raises(EditorTimeoutError, match="bytes that are not a complete reply"):
        send(Server(group, behave), timeout_s=0.3)


@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"}\n", b"\xff\xfe"])
def test_garbage_is_an_error_at_once(group: Endpoint, garbage: bytes) -> None:
    begin = time.monotonic()
    with pytest.raises(EditorError, match="something else than JSON"):
        send(Server(group, lambda server, connection, command: connection.sendall(garbage)))
    assert time.monotonic() - begin < SOON_S


def test_an_endless_reply_is_given_up(group: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_REPLY_BYTES", 100_000)

    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        connection.sendall(b'{"data":"' + b"x" * 1_000_000)

    with pytest.raises(EditorError, match="no end in sight"):
        send(Server(group, behave))


CHANGES: list[Callable[[dict[str, Any]], dict[str, Any]]] = [
    lambda reply: {**reply, "dest": "another client"},
    lambda reply: {**reply, "version": 2},
    lambda reply: {**reply, "type": "pong"},
    lambda reply: {**reply, "data": {**reply["data"], "command": "another command"}},
    lambda reply: {**reply, "data": None},
]


@pytest.mark.parametrize("change", CHANGES, ids=["dest", "version", "type", "command", "data"])
@pytest.mark.parametrize("pause_s", [0.0, 0.05])
def test_a_reply_to_something_else_is_passed_over(
    group: Endpoint, change: Callable[[dict[str, Any]], dict[str, Any]], pause_s: float
) -> None:
    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        first = json.dumps(change(server.result(command, "wrong"))).encode()
        second = json.dumps(server.result(command, "right")).encode()
        if pause_s:
            connection.sendall(first)
            time.sleep(pause_s)
            connection.sendall(second)
        else:
            connection.sendall(first + second)

    assert send(Server(group, behave)).result == "right"


def test_a_connection_without_an_answer_is_not_used_again(group: Endpoint) -> None:
    with Server(group, never_answer) as server, CommandConnection(server.id, group) as connection:
        with pytest.raises(EditorTimeoutError):
            connection.send("1", timeout_s=0.2)
        with pytest.raises(EditorLostError):
            connection.send("2", timeout_s=0.2)


def test_the_editor_may_connect_late(group: Endpoint) -> None:
    # upyrc waits for 2 s.
    assert send(Server(group, answer_result("7"), connect_delay_s=2.3)).result == "7"


def test_a_lost_request_for_a_connection_is_repeated(group: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ASK_INTERVAL_S", 0.1)
    server = Server(group, answer_result("7"), deaf_to={"open_connection": 1})
    assert send(server).result == "7"
    assert len(server.opened) == 1


def test_an_editor_that_does_not_connect_is_a_timeout(group: Endpoint) -> None:
    with (
        Server(group, deaf_to={"open_connection": 99}) as server,
        pytest.raises(EditorTimeoutError, match="did not connect"),
    ):
        CommandConnection(server.id, group, timeout_s=0.3)


def test_a_dead_editor_is_not_waited_for(group: Endpoint) -> None:
    begin = time.monotonic()
    with pytest.raises(EditorLostError):
        CommandConnection("nobody", group, timeout_s=60.0, alive=lambda: False)
    assert time.monotonic() - begin < SOON_S


def test_every_connection_has_an_identity_and_a_port_of_its_own(group: Endpoint) -> None:
    with Server(group) as server:
        for _ in range(3):
            with CommandConnection(server.id, group) as connection:
                connection.send("1")
        until = time.monotonic() + SOON_S
        while len(server.closed_by) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    sources, ports = zip(*server.opened, strict=True)
    assert len(set(sources)) == len(set(ports)) == 3
    assert server.closed_by == list(sources)


def test_a_command_is_one_short_message(group: Endpoint) -> None:
    server = Server(group)
    send(server, command="x" * 3000)
    (read,) = server.reads
    assert json.loads(read)["data"] == {
        "command": "x" * 3000,
        "unattended": True,
        "exec_mode": "EvaluateStatement",
    }


def test_a_long_command_is_refused_and_does_no_harm(group: Endpoint) -> None:
    with Server(group, answer_result("7")) as server, CommandConnection(server.id, group) as connection:
        with pytest.raises(EditorError, match="too long"):
            connection.send("x" * 4096)
        assert connection.send("1").result == "7"


def test_nothing_leaves_the_host(group: Endpoint) -> None:
    with MulticastSocket(group) as multicast:
        assert multicast._socket.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 0
        interface = multicast._socket.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, 4)
        assert socket.inet_ntoa(interface) == "127.0.0.1"


def test_a_group_that_is_none_is_an_error_in_words() -> None:
    with pytest.raises(EditorError, match=r"127\.0\.0\.1:6766 cannot be joined"):
        MulticastSocket(("127.0.0.1", 6766))


def python(code: str, folder: Path, **environment: str) -> str:
    """Standard output of a new interpreter."""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


USE = """
import logging
from unrealsynth.editors import messages, multicast
from unrealsynth.editors.remote import CommandConnection
with CommandConnection({node!r}, {group!r}) as connection:
    assert connection.send("1").result == "7"
root = logging.getLogger()
print(root.handlers, root.level == logging.WARNING, connection.config.IP_MULTICAST_TTL)
"""


def test_upyrc_leaves_no_trace(group: Endpoint, tmp_path: Path) -> None:
    """Neither on the root logger nor in the folder for temporary files; and its environment has no say."""
    with Server(group, in_turn(answer_result("7"))) as server:
        output = python(
            USE.format(node=server.id, group=group),
            tmp_path,
            UPYRE_IP_MULTICAST_TTL="5",
            UPYRE_MULTICAST_GROUP_ADDR="239.1.1.1",
            MULTICAST_BIND_ADDRESS="1.2.3.4",
        )
    assert output == "[] True 0"
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_variable_of_upyrc_is_an_error_in_words(tmp_path: Path) -> None:
    code = """
from unrealsynth.editors.discovery import discover
from unrealsynth.errors import EditorError
try:
    discover()
except EditorError as error:
    print(error)
"""
    assert "UPYRE_" in python(code, tmp_path, UPYRE_BUFFER_SIZE="many")


def test_upyrc_is_imported_on_first_use(tmp_path: Path) -> None:
    code = """
import sys
import unrealsynth.editor_choice
print([name for name in ("upyrc", "jinja2", "requests", "numpy") if name in sys.modules])
"""
    assert python(code, tmp_path) == "[]"
