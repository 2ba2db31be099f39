"""The node as the protocol's description has it, spoken to by a client that was written from that description."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from plain_client import PlainClient

from unrealsynth.embedded import node
from unrealsynth.embedded.console import CommandResult, ExecMode, OutputLine
from unrealsynth.embedded.node import Node, Pong

PONG = Pong("me", "machine", "5.6.0", "/engine/", "/projects/Größe/", "Größe")
NO_TIME = 0.05
"""Long enough for a loopback message, so silence for that long is silence."""


class Editor:
    """A node and the tick that serves it; its commands are answered with themselves in capitals."""

    def __init__(self, group: tuple[str, int]) -> None:
        self.executed: list[tuple[str, ExecMode, bool]] = []
        self.node = Node(group, PONG, self.execute)

    def execute(self, command: str, mode: ExecMode, unattended: bool) -> CommandResult:
        self.executed.append((command, mode, unattended))
        if command == "huge":
            return CommandResult(success=True, result="x" * 64_000_000)
        return CommandResult(success=True, result=command.upper(), output=(OutputLine("Info", "süß"),))

    def tick(self, for_s: float = NO_TIME) -> None:
        """Tick as an idle editor does: woken by messages, else at 60 Hz."""
        until = time.monotonic() + for_s
        while (left := until - time.monotonic()) > 0:
            self.node.wait(min(left, 1 / 60))
            self.node.tick()


@pytest.fixture
def editor(group: tuple[str, int]) -> Iterator[Editor]:
    editor = Editor(group)
    with editor.node:
        yield editor


@pytest.fixture
def client(group: tuple[str, int]) -> Iterator[PlainClient]:
    with PlainClient(group) as client:
        yield client


@pytest.fixture
def other(group: tuple[str, int]) -> Iterator[PlainClient]:
    with PlainClient(group) as client:
        yield client


def connect(client: PlainClient, editor: Editor) -> None:
    client.say(client.message("open_connection", dest=editor.node.id, data=client.endpoint))
    for _ in range(100):
        editor.tick(0.02)
        if client.accept(0.001):
            return
    pytest.fail("The editor did not connect.")


def answer(client: PlainClient, editor: Editor, message: dict[str, Any] | bytes) -> dict[str, Any]:
    client.send(message)
    for _ in range(100):
        editor.tick(0.02)
        reply = client.reply(0.001)
        if reply is not None:
            return reply
    pytest.fail("The editor did not answer.")


def is_answered(client: PlainClient, editor: Editor, message: dict[str, Any] | bytes) -> bool:
    client.send(message)
    editor.tick()
    return client.reply(NO_TIME) is not None


def test_a_ping_is_answered_to_the_group_with_the_asker_as_destination(
    editor: Editor, client: PlainClient, other: PlainClient
) -> None:
    client.say(client.message("ping"))
    editor.tick()
    expected = {"version": 1, "magic": "ue_py", "type": "pong", "source": editor.node.id, "dest": client.id}
    assert client.heard("pong", NO_TIME) == [{**expected, "data": asdict(PONG)}]
    assert other.heard("pong", NO_TIME) == [{**expected, "data": asdict(PONG)}]


@pytest.mark.parametrize(
    ("change", "is_logged"),
    [
        ({"version": 2}, True),
        ({"magic": "ue_cpp"}, True),
        ({"dest": "another editor"}, False),
        ({"source": None}, True),
        ({"type": 7}, True),
        ({"data": [1]}, True),
        ({"source": "itself"}, False),  # A node hears what it says.
    ],
)
def test_a_message_that_is_not_for_it_is_dropped(
    editor: Editor, client: PlainClient, caplog: pytest.LogCaptureFixture, change: dict[str, Any], is_logged: bool
) -> None:
    if change.get("source") == "itself":
        change = {"source": editor.node.id}
    client.say({**client.message("ping"), **change})
    editor.tick()
    assert client.heard("pong", NO_TIME) == []
    assert any(record.levelno == logging.ERROR for record in caplog.records) == is_logged


@pytest.mark.parametrize(
    "datagram",
    [b"", b"{", b"\xff\xfe", b"null", b"[" * 20_000, b"\0" * 10],
    ids=["empty", "cut", "no UTF-8", "no object", "deep", "NULs"],
)
def test_nonsense_does_not_end_the_node(editor: Editor, client: PlainClient, datagram: bytes) -> None:
    client.say(datagram)
    client.say(client.message("ping", dest=editor.node.id))
    editor.tick()
    assert len(client.heard("pong", NO_TIME)) == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"command_ip": "127.0.0.1"},
        {"command_ip": "localhost", "command_port": 80},
        {"command_ip": "127.0.0.1", "command_port": "80"},
        {"command_ip": "127.0.0.1", "command_port": 0},
        {"command_ip": ["127.0.0.1"], "command_port": 80},
        {"command_ip": "203.0.113.7", "command_port": 80},  # Another host's: commands are code.
    ],
)
def test_a_malformed_open_connection_is_logged(
    editor: Editor, client: PlainClient, caplog: pytest.LogCaptureFixture, data: dict[str, Any]
) -> None:
    client.say(client.message("open_connection", dest=editor.node.id, data=data))
    editor.tick()
    assert "open_connection needs" in caplog.text


def test_a_command_is_executed_and_its_result_sent_back(editor: Editor, client: PlainClient) -> None:
    connect(client, editor)
    reply = answer(client, editor, client.command(editor.node.id, "größe"))
    assert reply == {
        "version": 1,
        "magic": "ue_py",
        "type": "command_result",
        "source": editor.node.id,
        "dest": client.id,
        "data": {
            "success": True,
            "command": "größe",
            "result": "GRÖSSE",
            "output": [{"type": "Info", "output": "süß"}],
        },
    }
    assert editor.executed == [("größe", ExecMode.EVALUATE, True)]


@pytest.mark.parametrize(
    "data",
    [
        {"command": "a", "unattended": True},
        {"command": "a", "exec_mode": "EvaluateStatement"},
        {"unattended": True, "exec_mode": "EvaluateStatement"},
        {"command": "a", "unattended": True, "exec_mode": "Evaluate"},
        {"command": "a", "unattended": 1, "exec_mode": "EvaluateStatement"},
        {"command": "a", "unattended": True, "exec_mode": ["EvaluateStatement"]},
    ],
)
def test_a_command_with_a_key_missing_is_never_answered(
    editor: Editor, client: PlainClient, caplog: pytest.LogCaptureFixture, data: dict[str, Any]
) -> None:
    connect(client, editor)
    assert not is_answered(client, editor, client.message("command", dest=editor.node.id, data=data))
    assert "A command needs" in caplog.text
    assert editor.executed == []


def test_a_command_in_two_pieces_vanishes(
    editor: Editor, client: PlainClient, caplog: pytest.LogCaptureFixture
) -> None:
    connect(client, editor)
    message = json.dumps(client.command(editor.node.id, "a")).encode()
    assert not is_answered(client, editor, message[:40])
    assert not is_answered(client, editor, message[40:])
    assert caplog.text.count("not one JSON message") == 2
    assert editor.executed == []
    answer(client, editor, message)


def test_two_commands_in_one_read_vanish(editor: Editor, client: PlainClient) -> None:
    connect(client, editor)
    message = json.dumps(client.command(editor.node.id, "a")).encode()
    assert not is_answered(client, editor, message + message)
    assert editor.executed == []


def test_a_nul_ends_the_text(editor: Editor, client: PlainClient) -> None:
    connect(client, editor)
    message = json.dumps(client.command(editor.node.id, "a")).encode()
    answer(client, editor, message + b"\0 and more")


def test_a_command_for_another_editor_is_dropped(editor: Editor, client: PlainClient) -> None:
    connect(client, editor)
    assert not is_answered(client, editor, client.command("another editor", "a"))
    assert editor.executed == []


def test_a_reply_beyond_the_send_buffer_is_cut(editor: Editor, client: PlainClient) -> None:
    connect(client, editor)
    client.send(client.command(editor.node.id, "huge"))
    editor.tick()
    assert editor.executed
    assert client.tcp is not None
    received = 0
    client.tcp.settimeout(0.2)
    try:
        while piece := client.tcp.recv(1 << 20):
            received += len(piece)
    except TimeoutError:
        pass
    assert 0 < received < 64_000_000


def test_the_connection_of_another_client_replaces_the_first(
    editor: Editor, client: PlainClient, other: PlainClient
) -> None:
    connect(client, editor)
    connect(other, editor)
    assert client.closed(1.0)
    answer(other, editor, other.command(editor.node.id, "a"))


def test_another_port_of_the_same_client_replaces_the_first(editor: Editor, client: PlainClient) -> None:
    connect(client, editor)
    assert client.tcp is not None
    with client.tcp, client.listener:
        client.listener = socket.create_server(("127.0.0.1", 0))
        first = client.tcp
        connect(client, editor)
        assert first.recv(1) == b""
    answer(client, editor, client.command(editor.node.id, "a"))


def test_a_client_that_went_away_is_not_noticed(editor: Editor, client: PlainClient, other: PlainClient) -> None:
    connect(client, editor)
    assert client.tcp is not None
    client.tcp.close()
    editor.tick()
    client.say(client.message("open_connection", dest=editor.node.id, data=client.endpoint))
    editor.tick()
    assert not client.accept(NO_TIME), "same client, same port: ignored while held"
    connect(other, editor)


def test_a_port_without_listener_is_held_all_the_same(editor: Editor, client: PlainClient, other: PlainClient) -> None:
    host, port = client.listener.getsockname()
    client.listener.close()
    question = client.message("open_connection", dest=editor.node.id, data={"command_ip": host, "command_port": port})
    client.say(question)
    editor.tick()
    client.listener = socket.create_server((host, port))
    client.say(question)
    editor.tick()
    assert not client.accept(NO_TIME)
    connect(other, editor)


def test_only_the_holder_closes_the_connection(editor: Editor, client: PlainClient, other: PlainClient) -> None:
    connect(client, editor)
    other.say(other.message("close_connection", dest=editor.node.id))
    editor.tick()
    answer(client, editor, client.command(editor.node.id, "a"))
    client.say(client.message("close_connection", dest=editor.node.id))
    editor.tick()
    assert client.closed(1.0)


def test_a_connection_at_its_end_does_not_keep_the_loop_awake(editor: Editor, client: PlainClient) -> None:
    connect(client, editor)
    assert client.tcp is not None
    client.tcp.close()
    editor.tick()
    ticks = 0
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        editor.node.wait(1 / 60)
        editor.node.tick()
        ticks += 1
    assert ticks <= 15  # 12 at 60 Hz.


def test_it_connects_a_frame_later(editor: Editor, client: PlainClient) -> None:
    begin = time.monotonic()
    connect(client, editor)
    assert time.monotonic() - begin >= 1 / 60


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("203.0.113.7", False), ("localhost", False), ("", False), ("::1", False)],
)
def test_is_this_host(address: str, expected: bool) -> None:
    assert node.is_this_host(address) is expected


def test_other_hosts_are_not_served(
    editor: Editor, client: PlainClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(node, "is_this_host", lambda address: address != "127.0.0.1")
    client.say(client.message("ping"))
    editor.tick()
    assert client.heard("pong", NO_TIME) == []
    assert "127.0.0.1 was dropped" in caplog.text


def test_nothing_leaves_the_host(editor: Editor) -> None:
    discovery = editor.node._discovery
    assert discovery.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 0
    interface = discovery.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, 4)
    assert socket.inet_ntoa(interface) == "127.0.0.1"
