"""Editors that misbehave on the wire: real sockets, one thread each, and a behaviour to choose."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

Behaviour = Callable[["Server", socket.socket, dict[str, Any]], None]
"""Called with (server, command connection, command message) for each command that arrives."""

LOOPBACK = socket.inet_aton("127.0.0.1")


class Server:
    """Answers pings, connects when asked, and does with commands what `behaviour` says; a context manager."""

    def __init__(
        self,
        group: tuple[str, int],
        behaviour: Behaviour | None = None,
        project_root: str = "/projects/fake/",
        project_name: str = "Fake",
        connect_delay_s: float = 0.0,
        deaf_to: dict[str, int] | None = None,
    ) -> None:
        self.id = str(uuid.uuid4())
        self.group = group
        self.behaviour = behaviour or answer_result("None")
        self.pong = {
            "user": "me",
            "machine": "here",
            "engine_version": "5.6.0",
            "engine_root": "/engine/",
            "project_root": project_root,
            "project_name": project_name,
        }
        self.connect_delay_s = connect_delay_s
        self.deaf_to = dict(deaf_to or {})
        """How many messages of a type it does not hear."""
        self.opened: list[tuple[str, int]] = []
        """Source and port of each request for a connection that it acted on."""
        self.closed_by: list[str] = []
        self.reads: list[bytes] = []
        """What each read of a command connection brought."""
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in ("SO_REUSEADDR", "SO_REUSEPORT"):
            if hasattr(socket, option):
                self._udp.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        self._udp.bind(("0.0.0.0", group[1]))
        self._udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, LOOPBACK)
        self._udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        self._udp.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group[0]) + LOOPBACK)
        self._udp.settimeout(0.02)

    def __enter__(self) -> Server:
        self._spawn(self._discover)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._udp.close()

    def sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def shout(self, message: bytes) -> None:
        """Send to the group."""
        self._udp.sendto(message, self.group)

    def message(self, kind: str, dest: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"version": 1, "magic": "ue_py", "type": kind, "source": self.id, "dest": dest, "data": data}

    def result(self, command: dict[str, Any], result: str, success: bool = True) -> dict[str, Any]:
        data = {"success": success, "command": command["data"]["command"], "result": result, "output": []}
        return self.message("command_result", command["source"], data)

    def _spawn(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _discover(self) -> None:
        while not self._stop.is_set():
            try:
                message = json.loads(self._udp.recv(65535))
            except (TimeoutError, ValueError, RecursionError):
                continue
            if not isinstance(message, dict) or message.get("dest", self.id) != self.id:
                continue
            kind = message.get("type", "")
            if self.deaf_to.get(kind, 0) > 0:
                self.deaf_to[kind] -= 1
            elif kind == "ping":
                self.shout(json.dumps(self.message("pong", message["source"], self.pong)).encode())
            elif kind == "close_connection":
                self.closed_by.append(message["source"])
            elif kind == "open_connection":
                opened = message["source"], message["data"]["command_port"]
                if opened not in self.opened:  # As Unreal: ignored while held.
                    self.opened.append(opened)
                    self._spawn(self._serve, message["data"]["command_port"])

    def _serve(self, port: int) -> None:
        self.sleep(self.connect_delay_s)
        if self._stop.is_set():
            return
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.settimeout(0.02)
            while not self._stop.is_set():
                try:
                    received = connection.recv(65536)
                except TimeoutError:
                    continue
                except OSError:
                    return
                if not received:
                    return
                self.reads.append(received)
                try:
                    connection.settimeout(5.0)
                    self.behaviour(self, connection, json.loads(received))
                    connection.settimeout(0.02)
                except OSError:  # The client has hung up, or the behaviour has.
                    return


def answer_result(result: str, success: bool = True) -> Behaviour:
    """Answer every command with this result."""

    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        connection.sendall(json.dumps(server.result(command, result, success)).encode())

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour for each command; the last for all that follow."""
    left = list(behaviours)

    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(server, connection, command)

    return behave


def hang_up(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def hang_up_amid_the_reply(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
    reply = json.dumps(server.result(command, "1")).encode()
    connection.sendall(reply[: len(reply) // 2])
    time.sleep(0.05)
    hang_up(server, connection, command)


def never_answer(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
    pass


def plugin(reply: Callable[[dict[str, Any]], object]) -> Behaviour:
    """Answer as an editor with a plugin does that answers a request with `reply(request)`."""

    def behave(server: Server, connection: socket.socket, command: dict[str, Any]) -> None:
        expression = command["data"]["command"]
        head, tail = '__import__("unrealsynth_plugin.service",fromlist=["call"]).call(', ")"
        assert expression.startswith(head), expression
        request = json.loads(json.loads(expression[len(head) : -len(tail)]))
        answer_result(repr(json.dumps(reply(request))))(server, connection, command)

    return behave


def same_folder(path: Path) -> str:
    """A project root as Unreal writes it."""
    return path.as_posix() + "/"
