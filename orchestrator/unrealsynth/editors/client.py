"""What an editor can be asked: the plugin's remote interface as typed calls.

Every call may be repeated without harm, so a call that gets no answer is sent again over a new connection until its
time is up. That no answer comes does not mean that the editor has died: it may import or load for minutes.
"""

from __future__ import annotations

import ast
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from unrealsynth.editors.discovery import EditorInfo, always, find
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError
from unrealsynth_plugin.core.contract import PROTOCOL

if TYPE_CHECKING:
    from unrealsynth.editors.remote import CommandConnection, CommandReply

_DEFAULT_TIMEOUT_S = 30.0
_RETRY_PAUSE_S = 0.2
_LOST_LIMIT = 3
"""An editor that drops the connection this often during one call is given up."""
RECONNECT_S = 5.0
"""How long an editor that dropped the connection may take to answer again."""

_COMMAND = '__import__("unrealsynth_plugin.service",fromlist=["call"]).call({})'
_PACKAGE = "unrealsynth_plugin"

_T = TypeVar("_T")


class RemoteTracebackError(Exception):
    """Cause of an EditorError: the traceback of what was raised inside the editor."""


@dataclass(frozen=True)
class PluginVersion:
    """What runs in an editor; `saved_dir` is the project's Saved folder, as the editor names it."""

    plugin_version: str
    protocol: int
    engine_version: str
    python_version: str
    project_dir: Path
    saved_dir: Path
    pid: int | None = None
    """Number of the editor's process, on its machine."""


@dataclass(frozen=True)
class Environment:
    """What an editor's renderer is set to; a console variable that it does not have is an empty text."""

    console_variables: dict[str, str]
    command_line: str
    is_loading_assets: bool
    ticks: int


class EditorClient:
    """Calls the plugin in one editor; connects when first needed and again when the connection is lost.

    Every call raises EditorTimeoutError when no answer came within `timeout_s`, EditorLostError when the editor is
    gone (`alive` tells, if the process is known), and EditorError when the plugin is missing, of another protocol, or
    reports a failure. A context manager; one thread at a time.
    """

    def __init__(self, info: EditorInfo, group: Endpoint = DEFAULT_GROUP, alive: Callable[[], bool] = always) -> None:
        self.info = info
        self._group = group
        self._alive = alive
        self._connection: CommandConnection | None = None
        self._node_in_doubt = False

    def __enter__(self) -> EditorClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; a later call connects again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def version(self, timeout_s: float = _DEFAULT_TIMEOUT_S) -> PluginVersion:
        """Versions and folders of the plugin's side."""
        reply = self._call("version", None, timeout_s)
        version = PluginVersion(
            plugin_version=self._field(reply, "plugin_version", str),
            protocol=self._field(reply, "protocol", int),
            engine_version=self._field(reply, "engine_version", str),
            python_version=self._field(reply, "python_version", str),
            project_dir=Path(self._field(reply, "project_dir", str)),
            saved_dir=Path(self._field(reply, "saved_dir", str)),
            pid=self._field(reply, "pid", int) if "pid" in reply else None,
        )
        if version.protocol != PROTOCOL:
            raise EditorError(
                f"The plugin in {self._where} ({version.plugin_version}) speaks protocol {version.protocol}, this "
                f"program {PROTOCOL}. Copy the plugin folder of this version into the project's Plugins folder and "
                "restart the editor."
            )
        return version

    def start(self, job_id: str, timeout_s: float = _DEFAULT_TIMEOUT_S) -> str:
        """Start a job that lies in the spool; returns its state, also if it runs or ended already."""
        return self._field(self._call("start", job_id, timeout_s), "state", str)

    def cancel(self, job_id: str, timeout_s: float = _DEFAULT_TIMEOUT_S) -> str:
        """Ask a job to stop; returns its state."""
        return self._field(self._call("cancel", job_id, timeout_s), "state", str)

    def status(self, job_id: str, timeout_s: float = _DEFAULT_TIMEOUT_S) -> str:
        """A job's state."""
        return self._field(self._call("status", job_id, timeout_s), "state", str)

    def environment(self, timeout_s: float = _DEFAULT_TIMEOUT_S) -> Environment:
        """What the editor's renderer is set to, and how often the plugin was ticked."""
        reply = self._call("environment", None, timeout_s)
        variables = self._field(reply, "console_variables", dict)
        return Environment(
            console_variables={str(name): str(value) for name, value in variables.items()},
            command_line=self._field(reply, "command_line", str),
            is_loading_assets=self._field(reply, "is_loading_assets", bool),
            ticks=self._field(reply, "ticks", int),
        )

    def settle(self, timeout_s: float = _DEFAULT_TIMEOUT_S) -> bool:
        """Ask the editor to finish loading and compiling, which may block it for long; returns whether it has."""
        return self._field(self._call("settle", None, timeout_s), "settled", bool)

    def evaluate(self, expression: str, timeout_s: float = _DEFAULT_TIMEOUT_S) -> str:
        """The repr of a Python expression's value in the editor. It may be evaluated more than once."""
        reply = self._send(expression, timeout_s)
        if not reply.success:
            raise self._failure(reply.result)
        return reply.result

    @property
    def group(self) -> Endpoint:
        """The multicast group in which the editor answers."""
        return self._group

    @property
    def _where(self) -> str:
        return f"the editor of {self.info.project_root}"

    def _call(self, op: str, job_id: str | None, timeout_s: float) -> dict[str, Any]:
        request: dict[str, object] = {"protocol": PROTOCOL, "id": uuid.uuid4().hex, "op": op}
        if job_id is not None:
            request["job"] = job_id
        # Dumped twice: JSON as the argument, and an ASCII string literal that Python reads as JSON does.
        result = self.evaluate(_COMMAND.format(json.dumps(json.dumps(request, separators=(",", ":")))), timeout_s)
        try:
            reply = json.loads(ast.literal_eval(result))
        except (ValueError, SyntaxError, TypeError) as error:
            raise EditorError(
                f"The plugin in {self._where} answered {op!r} with {result[:200]}, wanted a JSON object as a string. "
                "Is it of this program's version?"
            ) from error
        if isinstance(reply, dict) and reply.get("ok") is False:
            raise EditorError(f"The plugin in {self._where} refused {op!r}: {reply.get('error') or 'no reason given'}")
        if not isinstance(reply, dict) or reply.get("ok") is not True or reply.get("id") != request["id"]:
            raise EditorError(
                f"The plugin in {self._where} answered {op!r} with {result[:200]}, wanted an object with the "
                f"request's id {request['id']}. Is it of this program's version?"
            )
        return reply

    def _send(self, expression: str, timeout_s: float) -> CommandReply:
        deadline = time.monotonic() + timeout_s
        lost = timeouts = 0
        while True:
            connection = self._connected(deadline, timeout_s, after_loss=lost > 0)
            left_s = max(0.0, deadline - time.monotonic())
            try:
                # The first attempt leaves half of the time for a second.
                return connection.send(expression, timeout_s=left_s if timeouts else left_s / 2)
            except EditorTimeoutError as error:
                timeouts += 1
                self._forget()
                if not self._alive():
                    raise self._ended(error) from error
                if timeouts == 2 or time.monotonic() >= deadline:
                    raise self._silent(timeout_s, error) from error
            except EditorLostError as error:
                lost += 1
                self._forget()
                if not self._alive():
                    raise self._ended(error) from error
                if lost == _LOST_LIMIT or time.monotonic() >= deadline:
                    raise self._lost(error) from error
                time.sleep((lost - 1) * _RETRY_PAUSE_S)

    def _connected(self, deadline: float, timeout_s: float, after_loss: bool) -> CommandConnection:
        from unrealsynth.editors.remote import CommandConnection

        if self._connection is not None:
            return self._connection
        if after_loss:
            deadline = min(deadline, time.monotonic() + RECONNECT_S)
        try:
            if self._node_in_doubt:  # The editor may have been restarted, and be another node now.
                self.info = find(self.info.project_file, self._group, deadline - time.monotonic(), self._alive)
                self._node_in_doubt = False
            self._connection = CommandConnection(
                self.info.node_id, self._group, deadline - time.monotonic(), self._alive
            )
        except EditorLostError as error:
            raise self._ended(error) from error
        except EditorTimeoutError as error:
            self._node_in_doubt = True
            raise (self._lost(error) if after_loss else self._silent(timeout_s, error)) from error
        return self._connection

    def _forget(self) -> None:
        self.close()
        self._node_in_doubt = True

    def _silent(self, timeout_s: float, error: EditorError) -> EditorTimeoutError:
        return EditorTimeoutError(f"No answer from {self._where} within {timeout_s:g} s. {error}")

    def _lost(self, error: EditorError) -> EditorLostError:
        return EditorLostError(f"Contact with {self._where} is lost. {error}")

    def _ended(self, error: EditorError) -> EditorLostError:
        return EditorLostError(f"The process of {self._where} has ended. {error}")

    def _failure(self, trace: str) -> EditorError:
        last = trace.strip().rpartition("\n")[2]
        if last.startswith("ModuleNotFoundError") and _PACKAGE in last:
            message = (
                f"The UnrealSynth plugin is not loaded in {self._where}. Copy the plugin folder into the project's "
                "Plugins folder, enable it, and restart the editor."
            )
        else:
            message = f"A command failed in {self._where}: {last}"
        error = EditorError(message)
        error.__cause__ = RemoteTracebackError(trace)
        return error

    def _field(self, reply: dict[str, Any], key: str, kind: type[_T]) -> _T:
        value = reply.get(key)
        if not isinstance(value, kind):
            raise EditorError(
                f"The plugin in {self._where} answered with {key}={value!r}, wanted a {kind.__name__}. "
                "Is it of this program's version?"
            )
        return value
