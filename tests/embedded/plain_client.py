"""A remote-execution client written from the protocol's description alone, on plain sockets."""

from __future__ import annotations

import json
import socket
import time
import uuid
from typing import Any

LOOPBACK = socket.inet_aton("127.0.0.1")


class PlainClient:
    """UDP member of a group, and the listening end of a command connection."""

    def __init__(self, group: tuple[str, int]) -> None:
        self.id = str(uuid.uuid4())
        self.group = group
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in ("SO_REUSEADDR", "SO_REUSEPORT"):
            if hasattr(socket, option):
                self.udp.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        self.udp.bind(("0.0.0.0", group[1]))
        self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, LOOPBACK)
        self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group[0]) + LOOPBACK)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.tcp: socket.socket | None = None

    def __enter__(self) -> PlainClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.udp.close()
        self.listener.close()
        if self.tcp is not None:
            self.tcp.close()

    @property
    def endpoint(self) -> dict[str, Any]:
        host, port = self.listener.getsockname()
        return {"command_ip": host, "command_port": port}

    def message(self, kind: str, **parts: Any) -> dict[str, Any]:
        return {"version": 1, "magic": "ue_py", "type": kind, "source": self.id, **parts}

    def say(self, message: dict[str, Any] | bytes) -> None:
        self.udp.sendto(message if isinstance(message, bytes) else json.dumps(message).encode(), self.group)

    def heard(self, kind: str, within_s: float) -> list[dict[str, Any]]:
        """Messages of a kind in the group, from now on."""
        messages = []
        until = time.monotonic() + within_s
        while (left := until - time.monotonic()) > 0:
            self.udp.settimeout(left)
            try:
                message = json.loads(self.udp.recv(65535))
            except TimeoutError:
                break
            except (ValueError, RecursionError):
                continue
            if isinstance(message, dict) and message["type"] == kind:
                messages.append(message)
        return messages

    def accept(self, within_s: float) -> bool:
        """Whether the editor connects in time."""
        self.listener.settimeout(within_s)
        try:
            self.tcp, _ = self.listener.accept()
        except TimeoutError:
            return False
        return True

    def command(self, editor_id: str, command: str, mode: str = "EvaluateStatement") -> dict[str, Any]:
        data = {"command": command, "unattended": True, "exec_mode": mode}
        return self.message("command", dest=editor_id, data=data)

    def send(self, message: dict[str, Any] | bytes) -> None:
        assert self.tcp is not None
        self.tcp.sendall(message if isinstance(message, bytes) else json.dumps(message).encode())

    def reply(self, within_s: float) -> dict[str, Any] | None:
        """The next whole reply; None if nothing comes."""
        received = b""
        assert self.tcp is not None
        until = time.monotonic() + within_s
        while (left := until - time.monotonic()) > 0:
            self.tcp.settimeout(left)
            try:
                received += self.tcp.recv(65536)
                return json.loads(received)
            except ValueError:
                continue
            except TimeoutError:
                break
        assert received == b"", f"part of a reply only: {received[:100]!r}"
        return None

    def closed(self, within_s: float) -> bool:
        """Whether the editor closes the connection in time."""
        assert self.tcp is not None
        self.tcp.settimeout(within_s)
        try:
            return self.tcp.recv(1) == b""
        except TimeoutError:
            return False
