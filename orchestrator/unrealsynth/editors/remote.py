"""A command connection to one editor, on top of upyrc's, with its traps covered.

One command is in flight at a time. A connection that timed out, broke or brought nonsense is closed for good, so a
reply that comes late has nowhere to arrive.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from unrealsynth.editors.discovery import SLICE_S, always
from unrealsynth.editors.messages import BUFFER_BYTES, configuration, is_for, upyre
from unrealsynth.editors.multicast import LOOPBACK, Endpoint, MulticastSocket
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError

_MAX_COMMAND_BYTES = 4096
"""Unreal takes what one read brings for the whole command; a long one may come in pieces and vanish without answer."""
MAX_REPLY_BYTES = 16 * 1024 * 1024
ASK_INTERVAL_S = 1.0
"""How often an editor is asked again to connect: a datagram may get lost, and asking twice does no harm."""

_log = logging.getLogger(__name__)
_upyre = upyre()
_UpyrcConnection: Any = _upyre.PythonRemoteCommandConnection


@dataclass(frozen=True)
class CommandReply:
    """What an editor answers: `result` is a repr, or the traceback of a failure; `output` lists (type, text)."""

    success: bool
    result: str
    output: tuple[tuple[str, str], ...]


class CommandConnection(_UpyrcConnection):  # type: ignore[misc]  # upyrc has no types.
    """A connection that the editor `node_id` opened on our request; a context manager.

    upyrc's own constructor is passed over: it starts to listen after the editor was asked to connect, and for 2 s only.
    Raises EditorTimeoutError if the editor does not connect in time, EditorLostError if `alive` says that it has ended.
    """

    def __init__(
        self, node_id: str, group: Endpoint, timeout_s: float = 10.0, alive: Callable[[], bool] = always
    ) -> None:
        self.unreal_node_id = node_id
        self._group = group
        with socket.create_server((LOOPBACK, 0)) as listener:
            super(_UpyrcConnection, self).__init__(configuration(group, listener.getsockname()))
            self.cmd_connection = self._accept(listener, timeout_s, alive)
        self._raw_data = {
            "type": self.TYPE,
            "version": _upyre.PROTOCOL_VERSION,
            "magic": _upyre.UE_MAGIC,
            "source": self.config.LOCAL_UUID,
            "dest": node_id,
        }

    def __enter__(self) -> CommandConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up, and tell the editor, which would not notice by itself."""
        if self.cmd_connection.fileno() == -1:
            return
        self.cmd_connection.close()
        with contextlib.suppress(EditorError), MulticastSocket(self._group) as multicast:
            multicast.send(_upyre.CloseConnectionMessage(self.unreal_node_id, self.config).to_data())

    def send(
        self,
        command: str,
        exec_type: str = _upyre.ExecTypes.EVALUATE_STATEMENT,
        unattended: bool = True,
        timeout_s: float = 30.0,
        longest_bytes: int = _MAX_COMMAND_BYTES,
    ) -> CommandReply:
        """Run one command and wait for its reply.

        Raises EditorError for a command over `longest_bytes`, EditorTimeoutError without an answer in time,
        EditorLostError when the connection is closed; after any of the last two so is this object.
        """
        self._raw_data["data"] = {"command": command, "unattended": unattended, "exec_mode": exec_type}
        message = self.to_data()
        if len(message) > longest_bytes:
            raise EditorError(
                f"A command of {len(message)} bytes is too long for an editor; {longest_bytes} are allowed: "
                "write what it needs to a file and send the path."
            )
        try:
            self.cmd_connection.settimeout(timeout_s)
            self.cmd_connection.sendall(message)
            return self.receive(command, timeout_s)
        except (EditorError, KeyboardInterrupt):
            self.close()
            raise
        except OSError as error:
            self.close()
            raise EditorLostError(
                f"The connection to the editor broke while it worked on a command: {error}."
            ) from error

    def receive(self, command: str, timeout_s: float) -> CommandReply:
        """The reply to `command`, however many pieces it comes in; replies to other commands are passed over."""
        deadline = time.monotonic() + timeout_s
        received = b""
        while (left_s := deadline - time.monotonic()) > 0:
            self.cmd_connection.settimeout(min(left_s, SLICE_S))
            try:
                piece = self.cmd_connection.recv(BUFFER_BYTES)
            except TimeoutError:
                continue
            if not piece:
                raise EditorLostError(
                    "The editor closed the connection before it had answered; it ended, or another client took over."
                )
            received += piece
            if received.lstrip()[:1] not in (b"", b"{"):
                raise EditorError(f"The editor answered a command with something else than JSON: {received[:80]!r}.")
            if len(received) > MAX_REPLY_BYTES:
                raise EditorError(f"The editor's reply is longer than {MAX_REPLY_BYTES} bytes and has no end in sight.")
            if not piece.rstrip().endswith(b"}"):
                continue  # Not the end: spare a long reply being parsed for every piece.
            messages, received = _split(received)
            for message in messages:
                if self._answers(message, command):
                    return _reply(message["data"])
                _log.warning("A reply to another command was passed over.")
        part = f" It sent {len(received)} bytes that are not a complete reply." if received else ""
        raise EditorTimeoutError(
            f"The editor did not answer a command within {timeout_s:g} s.{part} "
            "It may be busy importing or loading, or show a dialog; wait for it, then try again."
        )

    def _answers(self, message: object, command: str) -> bool:
        # The editor repeats the command, and so tells which one it answers.
        return (
            isinstance(message, dict)
            and is_for(message, self.config.LOCAL_UUID, "command_result")
            and message["data"].get("command") == command
        )

    def _accept(self, listener: socket.socket, timeout_s: float, alive: Callable[[], bool]) -> socket.socket:
        question = _upyre.OpenConnectionMessage(self.unreal_node_id, self.config).to_data()
        deadline = time.monotonic() + timeout_s
        next_question = 0.0
        with MulticastSocket(self._group) as multicast:
            while (now := time.monotonic()) < deadline:
                if not alive():
                    raise EditorLostError("The editor has ended.")
                if now >= next_question:
                    multicast.send(question)
                    next_question = now + ASK_INTERVAL_S
                listener.settimeout(min(SLICE_S, deadline - now))
                with contextlib.suppress(TimeoutError):
                    return listener.accept()[0]
        raise EditorTimeoutError(
            f"The editor did not connect within {timeout_s:g} s. It may be busy, or a firewall is in the way of "
            f"connections on {LOOPBACK}; wait for it, then try again."
        )


def _split(received: bytes) -> tuple[list[Any], bytes]:
    """Whole JSON documents at the start of what was received, and the rest."""
    documents = []
    try:
        text = received.decode("utf-8")
    except UnicodeDecodeError:
        return [], received
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        try:
            document, end = decoder.raw_decode(text)
        except (ValueError, RecursionError):
            break
        documents.append(document)
        text = text[end:]
    return documents, text.encode("utf-8")


def _reply(data: dict[str, Any]) -> CommandReply:
    lines = data.get("output")
    output = tuple(
        (str(line.get("type", "")), str(line.get("output", "")))
        for line in (lines if isinstance(lines, list) else [])
        if isinstance(line, dict)
    )
    return CommandReply(data.get("success") is True, str(data.get("result", "")), output)
