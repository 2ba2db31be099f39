"""The client's end of Unreal's discovery: a UDP socket in the multicast group, kept on this host.

Nothing sent here leaves the machine, for its time to live is 0; and what other machines send is not heard.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from unrealsynth.errors import EditorError

Endpoint = tuple[str, int]

DEFAULT_GROUP: Endpoint = ("239.0.0.1", 6766)
LOOPBACK = "127.0.0.1"
ANY_ADDRESS = "0.0.0.0"
TTL = 0
DEFAULT_BIND_ADDRESS = LOOPBACK if sys.platform == "win32" else ANY_ADDRESS
"""As Unreal's default since 5.3 on Windows; elsewhere a socket bound to 127.0.0.1 receives no multicast."""
_DEFAULT_INTERFACES = (LOOPBACK, ANY_ADDRESS) if sys.platform == "darwin" else (LOOPBACK,)
"""By which the group is joined and sent to. An Unreal Editor bound to 0.0.0.0 joins it on the default interface, and
on macOS hears what comes by that one alone; elsewhere one interface of this host hears another's messages too."""

_MAX_DATAGRAM_BYTES = 65535

_TAKEN = {errno.EADDRINUSE, errno.EACCES} if os.name == "nt" else {errno.EADDRINUSE}

_log = logging.getLogger(__name__)


class PortTakenError(EditorError):
    """Another program holds the group's port for itself."""


class MulticastSocket:
    """A socket that sends to `group` and receives what is sent there; a context manager.

    Raises EditorError if the group cannot be joined, PortTakenError if that is because of another program.
    """

    def __init__(
        self,
        group: Endpoint = DEFAULT_GROUP,
        bind_address: str = DEFAULT_BIND_ADDRESS,
        interfaces: tuple[str, ...] = _DEFAULT_INTERFACES,
    ) -> None:
        self._group = group
        self._interfaces = interfaces
        host, port = group
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "SO_REUSEPORT"):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, TTL)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
            self._bind(bind_address)
            for interface in interfaces:
                with self._needed(interface):
                    membership = socket.inet_aton(host) + socket.inet_aton(interface)
                    self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        except OSError as error:
            self._socket.close()
            raise EditorError(
                f"The multicast group {host}:{port} cannot be joined from {bind_address}: {error}. "
                "Editors are found through it; allow UDP multicast on the loopback interface."
            ) from error

    def _bind(self, address: str) -> None:
        port = self._group[1]
        try:
            self._socket.bind((address, port))
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            self._socket.close()
            raise PortTakenError(
                f"UDP port {port}, by which editors are found, is held by a program that does not share it: {error}. "
                "End that program, then try again."
            ) from error

    def __enter__(self) -> MulticastSocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, message: bytes) -> None:
        """Send one message. Raises EditorError if the system refuses."""
        try:
            for interface in self._interfaces:
                with self._needed(interface):
                    self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
                    self._socket.sendto(message, self._group)
        except OSError as error:
            host, port = self._group
            raise EditorError(
                f"Nothing can be sent to the multicast group {host}:{port}: {error}. "
                "Allow UDP multicast on the loopback interface."
            ) from error

    def _needed(self, interface: str) -> contextlib.AbstractContextManager[None]:
        # Without a network there is no default interface, and none is needed.
        return contextlib.nullcontext() if interface == LOOPBACK else contextlib.suppress(OSError)

    def receive(self, until_s: float) -> Iterator[dict[str, Any]]:
        """JSON objects as they arrive, until `time.monotonic()` reaches `until_s`; anything else is passed over."""
        while (left_s := until_s - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                datagram, (address, _) = self._socket.recvfrom(_MAX_DATAGRAM_BYTES)
            except TimeoutError:
                return
            except OSError as error:  # Windows reports an earlier datagram's failure here.
                _log.debug("The discovery socket reports: %s", error)
                continue
            if not is_this_host(address):
                continue
            try:
                message = json.loads(datagram)
            except (ValueError, RecursionError) as error:
                _log.debug("A datagram of %d bytes is not JSON: %s", len(datagram), error)
                continue
            if isinstance(message, dict):
                yield message


def is_this_host(address: str) -> bool:
    """Whether an IPv4 address is one of this host's: nobody can bind to another's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
