"""The editor's side of Unreal's Python remote execution: discovery over UDP multicast, commands over TCP.

It keeps Unreal's manners, the awkward ones too: what one read of the command socket brings is taken for one whole
message, a reply is one non-blocking send whose length nobody checks, and a client that goes away is never noticed. One
thing it does not share: since commands are code and there is no password, only clients on this host are served.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import json
import logging
import select
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import TracebackType

from unrealsynth.embedded.console import CommandResult, ExecMode
from unrealsynth.errors import EditorError

VERSION = 1
MAGIC = "ue_py"
LOOPBACK = "127.0.0.1"
ANY_ADDRESS = "0.0.0.0"
MULTICAST_TTL = 0
BUFFER_BYTES = 2 * 1024 * 1024
"""Unreal's default for both buffers of the command socket."""
CONNECT_DELAY_S = 1 / 60
"""An editor connects in a later frame. Clients that listen only after they have asked (upyrc) live on that."""

_MAX_DATAGRAM_BYTES = 65535

_log = logging.getLogger(__name__)

Endpoint = tuple[str, int]
Execute = Callable[[str, ExecMode, bool], CommandResult]
"""Runs (command, mode, unattended) and never raises."""


@dataclass(frozen=True)
class Pong:
    """What an editor tells about itself; roots are absolute folders."""

    user: str
    machine: str
    engine_version: str
    engine_root: str
    project_root: str
    project_name: str


@dataclass(frozen=True)
class _Message:
    type: str
    source: str
    data: Mapping[str, object]


class Node:
    """One editor in a multicast group. `tick` serves what has arrived; nothing happens in between.

    Raises EditorError if the group cannot be joined.
    """

    def __init__(self, group: Endpoint, pong: Pong, execute: Execute, node_id: str | None = None) -> None:
        self.id = node_id or str(uuid.uuid4())
        self._group = group
        self._pong = pong
        self._execute = execute
        self._discovery = _join(group)
        self._command: _CommandConnection | None = None
        self._asked: tuple[float, str, Endpoint] | None = None

    def __enter__(self) -> Node:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._hang_up()
        self._discovery.close()

    def wait(self, timeout_s: float) -> None:
        """Sleep until a message has arrived, at most `timeout_s`."""
        sockets = [self._discovery]
        if self._command is not None and not self._command.silent:
            sockets.append(self._command.socket)
        select.select(sockets, [], [], max(0.0, timeout_s))

    def tick(self) -> None:
        """Serve commands, then discovery, as Unreal does once a frame."""
        self._serve_commands()
        self._serve_discovery()
        if self._asked is not None and time.monotonic() >= self._asked[0]:
            _, source, endpoint = self._asked
            self._asked = None
            self._connect(source, endpoint)

    def _serve_commands(self) -> None:
        while (connection := self._command) is not None and (received := connection.read()):
            message = self._parse(received)
            if message is None:
                continue
            if message.type != "command":
                _log.error("A message of type %r is not served on the command connection.", message.type)
                continue
            reply = self._run(message)
            if reply is not None:
                connection.send(reply)

    def _run(self, message: _Message) -> bytes | None:
        command, mode, unattended = (message.data.get(key) for key in ("command", "exec_mode", "unattended"))
        if not isinstance(command, str) or not isinstance(unattended, bool) or mode not in list(ExecMode):
            _log.error("A command needs 'command', 'unattended' and 'exec_mode'; got %s.", sorted(message.data))
            return None
        result = self._execute(command, ExecMode(mode), unattended)
        data = {
            "success": result.success,
            "command": command,
            "result": result.result,
            "output": [{"type": line.type, "output": line.output} for line in result.output],
        }
        return self._pack("command_result", dest=message.source, data=data)

    def _serve_discovery(self) -> None:
        while True:
            try:
                received, (address, _) = self._discovery.recvfrom(_MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                return
            except OSError as error:  # Windows reports an earlier datagram's failure here.
                _log.debug("The discovery socket reports: %s", error)
                continue
            if not is_this_host(address):
                _log.warning("A datagram from %s was dropped: only this host is served.", address)
                continue
            message = self._parse(received)
            if message is not None:
                self._discover(message)

    def _discover(self, message: _Message) -> None:
        if message.type == "ping":
            pong = self._pack("pong", dest=message.source, data=asdict(self._pong))
            try:
                self._discovery.sendto(pong, self._group)
            except OSError as error:
                _log.error("The answer to a ping cannot be sent to %s:%d: %s", *self._group, error)
        elif message.type == "open_connection":
            address, port = message.data.get("command_ip"), message.data.get("command_port")
            if isinstance(address, str) and is_this_host(address) and isinstance(port, int) and 0 < port < 65536:
                self._asked = time.monotonic() + CONNECT_DELAY_S, message.source, (address, port)
            else:
                _log.error(
                    "open_connection needs 'command_ip', an IPv4 address of this host, and 'command_port'; got %s.",
                    dict(message.data),
                )
        elif message.type == "close_connection" and self._command and self._command.holder == message.source:
            self._hang_up()

    def _connect(self, source: str, endpoint: Endpoint) -> None:
        held = self._command
        if held is not None and held.holder == source and held.endpoint == endpoint:
            return
        self._hang_up()
        try:
            self._command = _CommandConnection(source, endpoint)
        except OSError as error:
            _log.error("No command connection to %s:%d: %s", *endpoint, error)

    def _hang_up(self) -> None:
        if self._command is not None:
            self._command.socket.close()
            self._command = None

    def _parse(self, received: bytes) -> _Message | None:
        """The message if it is one, of the right version, and meant for this node."""
        text = received.split(b"\0", 1)[0].decode("utf-8", errors="replace")
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            _log.error("%d bytes are not one JSON message: %s", len(received), error)
            return None
        if not isinstance(raw, dict):
            _log.error("A message is not an object: %.80s", text)
            return None
        if raw.get("version") != VERSION or raw.get("magic") != MAGIC:
            _log.error("A message has version %r and magic %r.", raw.get("version"), raw.get("magic"))
            return None
        source, kind, dest, data = raw.get("source"), raw.get("type"), raw.get("dest") or "", raw.get("data") or {}
        if not isinstance(source, str) or not isinstance(kind, str) or not isinstance(data, dict):
            _log.error("A message lacks 'source' or 'type': %.80s", text)
            return None
        if source == self.id or dest not in ("", self.id):
            return None
        return _Message(kind, source, data)

    def _pack(self, kind: str, dest: str, data: Mapping[str, object]) -> bytes:
        message = {"version": VERSION, "magic": MAGIC, "type": kind, "source": self.id, "dest": dest, "data": data}
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")


class _CommandConnection:
    """A TCP connection to the client `holder`, which listens at `endpoint`; nothing here tells whether it does."""

    def __init__(self, holder: str, endpoint: Endpoint) -> None:
        self.holder = holder
        self.endpoint = endpoint
        self.silent = False
        """Its end was read: it stays held, but waiting for it would never sleep."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self.socket.settimeout(0.0)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            with contextlib.suppress(BlockingIOError):
                self.socket.connect(endpoint)
        except OSError:
            self.socket.close()
            raise

    def read(self) -> bytes:
        """Everything that one read brings; empty if nothing is pending, broken connections included."""
        try:
            pending = len(self.socket.recv(BUFFER_BYTES, socket.MSG_PEEK))
            if pending == 0:
                self.silent = True
                return b""
            received = self.socket.recv(pending + 1)
        except BlockingIOError:
            return b""
        except OSError as error:
            # Not connected yet on some systems, refused or reset on all; Unreal cannot tell them apart either.
            self.silent |= error.errno != errno.ENOTCONN
            return b""
        # Unreal ends the buffer with a NUL that a byte arriving meanwhile has to give way to.
        return received[:pending]

    def send(self, reply: bytes) -> None:
        try:
            self.socket.send(reply)
        except OSError as error:
            _log.debug("A reply of %d bytes was lost: %s", len(reply), error)


def is_this_host(address: str) -> bool:
    """Whether an IPv4 address is one of this host's: nobody can bind to another's."""
    try:
        ipaddress.IPv4Address(address)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except (ValueError, OSError):
        return False
    return True


def _join(group: Endpoint) -> socket.socket:
    """A datagram socket in `group`, heard on the loopback interface and the default one, heard by this host only."""
    host, port = group
    discovery = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    try:
        discovery.settimeout(0.0)
        discovery.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            discovery.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        discovery.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, MULTICAST_TTL)
        discovery.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        discovery.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
        # A socket bound to 127.0.0.1 receives no multicast on Linux and macOS.
        discovery.bind((ANY_ADDRESS, port))
        membership = socket.inet_aton(host)
        discovery.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership + socket.inet_aton(LOOPBACK))
        with contextlib.suppress(OSError):  # Without a default route only the loopback interface is there to join.
            discovery.setsockopt(
                socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership + socket.inet_aton(ANY_ADDRESS)
            )
    except OSError as error:
        discovery.close()
        raise EditorError(
            f"The multicast group {host}:{port} cannot be joined on the loopback interface: {error}. "
            "Choose another group with --group, or allow UDP multicast on this machine."
        ) from error
    return discovery
