"""The way between this program and an editor's remote execution: who may hear it, and whether it is open at all."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from unrealsynth.editors.multicast import (
    ANY_ADDRESS,
    DEFAULT_BIND_ADDRESS,
    LOOPBACK,
    Endpoint,
    MulticastSocket,
    PortTakenError,
)
from unrealsynth.errors import EditorError
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.settings import BIND_ADDRESS, ENGINE_INI, TTL

_PROBE_S = 1.0


def exposure(project: Project) -> str | None:
    """A warning when other machines may be able to drive the project's editor; None when it hears this one alone."""
    address = project.python_setting(BIND_ADDRESS) or DEFAULT_BIND_ADDRESS
    ttl = project.python_setting(TTL) or "0"
    if address == LOOPBACK:
        return None
    if not ttl.isdecimal() or int(ttl) == 0:
        return (
            f"Remote execution listens beyond loopback, at {address}: its own messages stay on this machine, but it "
            f"hears what others send to UDP port {project.group()[1]}, and there is no password. Keep that port closed "
            "in the firewall."
        )
    return (
        f"Remote execution listens beyond this machine: {ENGINE_INI} sets {TTL}={ttl} and the address {address}, and "
        "there is no password, so every machine of the network can run code in the editor. "
        f"Set {TTL}=0 unless you mean that."
    )


def hears_itself(group: Endpoint) -> bool:
    """Whether what is sent to the group on this machine arrives. Raises EditorError if it cannot be joined."""
    token = uuid.uuid4().hex
    with MulticastSocket(group) as sender, MulticastSocket(group) as receiver:
        sender.send(_message(token))
        return _arrives(receiver, token)


def reaches_editor_at(group: Endpoint, address: str) -> bool:
    """Whether a socket that is bound and joined as Unreal does it for this address hears this program, and is heard."""
    asked, answered = uuid.uuid4().hex, uuid.uuid4().hex
    try:
        with _editors_socket(group, address) as editor, MulticastSocket(group) as client:
            client.send(_message(asked))
            if not _is_received(editor, asked):
                return False
            editor.sendto(_message(answered), group)
            return _arrives(client, answered)
    except OSError:
        return False


def port_problem(group: Endpoint) -> str | None:
    """What is to be said when another program holds the group's port for itself; None if none does."""
    try:
        MulticastSocket(group).close()
    except PortTakenError as error:
        return str(error)
    except EditorError:  # What else may be in the way is for who sends to the group.
        return None
    return None


def _message(token: str) -> bytes:
    # No remote execution takes this for one of its own messages.
    return json.dumps({"unrealsynth_probe": token}).encode("utf-8")


def _arrives(receiver: MulticastSocket, token: str) -> bool:
    return any(message.get("unrealsynth_probe") == token for message in receiver.receive(time.monotonic() + _PROBE_S))


def _is_received(receiver: socket.socket, token: str) -> bool:
    deadline = time.monotonic() + _PROBE_S
    while (left_s := deadline - time.monotonic()) > 0:
        receiver.settimeout(left_s)
        with contextlib.suppress(TimeoutError):
            if token.encode("ascii") in receiver.recv(65535):
                return True
    return False


@contextmanager
def _editors_socket(group: Endpoint, address: str) -> Iterator[socket.socket]:
    """A socket with the options that Unreal's remote execution sets."""
    host, port = group
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as editor:
        editor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            editor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        editor.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        editor.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        if address != ANY_ADDRESS:
            editor.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        editor.bind((address, port))
        membership = socket.inet_aton(host) + socket.inet_aton(address)
        editor.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        yield editor
