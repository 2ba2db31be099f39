"""Embedded editors as child processes: start, wait until they answer, restart, stop.

A child lives no longer than we do: it ends when its standard input, a pipe that only we hold, is closed. It gets no
Ctrl-C of ours, so that a run can end cleanly.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from unrealsynth import resources
from unrealsynth.editors.client import EditorClient
from unrealsynth.editors.discovery import find
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError

PROGRAM = (sys.executable, "-X", "utf8", "-m", "unrealsynth.embedded")
_LOG_NAME = "editor.log"
_START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 1.5
"""It has nothing to save: who waits for a run to end need not wait for the tick under way."""
LOG_LINES = 15
"""How much of a dead editor's log its error shows."""

_POSIX = os.name == "posix"
_NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows' way to keep Ctrl-C from a child.


class EmbeddedEditor:
    """An embedded editor with `project_dir` as its project; a context manager that starts and stops it.

    `program` is the command that the arguments of `python -m unrealsynth.embedded` are appended to. To start several
    at once, `launch` each, then `wait_until_ready` for each.
    """

    can_restart = True
    leave_unsaved = False

    def __init__(
        self,
        project_dir: Path,
        plugin_dir: Path | None = None,
        group: Endpoint = DEFAULT_GROUP,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.project_dir = project_dir.absolute()
        self.log_path = self.project_dir / _LOG_NAME
        self._plugin_dir = (plugin_dir or resources.plugin_folder()).absolute()
        self.group = group
        self._program = tuple(program)
        self._process: subprocess.Popen[bytes] | None = None
        self._node_id = ""
        self._log_start = 0
        self._client: EditorClient | None = None

    def __enter__(self) -> EmbeddedEditor:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def client(self) -> EditorClient:
        """Calls to the plugin. Raises EditorError before the editor was started."""
        if self._client is None:
            raise EditorError(f"The embedded editor of {self.project_dir} has not been started.")
        return self._client

    @property
    def saved_dir(self) -> Path:
        """The project's Saved folder, as Unreal calls it."""
        return self.project_dir / "Saved"

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start(self, timeout_s: float = _START_TIMEOUT_S) -> None:
        """Launch it and wait until it answers. Raises EditorError, with the end of its log, if it does not."""
        self.launch()
        self.wait_until_ready(timeout_s)

    def restart(self) -> None:
        """End it, however stuck it is, and start it again."""
        self.stop()
        self.start()

    def launch(self) -> None:
        """Start the process, without waiting for it."""
        if self.alive:
            raise EditorError(f"The embedded editor of {self.project_dir} runs already.")
        self._node_id = str(uuid.uuid4())
        arguments = _arguments(self.project_dir, self._plugin_dir, self.group)
        try:
            self.project_dir.mkdir(parents=True, exist_ok=True)
            with self.log_path.open("ab") as log:
                self._log_start = log.tell()
                self._process = subprocess.Popen(
                    [*self._program, *arguments, "--node-id", self._node_id],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.project_dir,
                    start_new_session=_POSIX,
                    creationflags=_NEW_GROUP,
                )
        except OSError as error:
            raise EditorError(
                f"The embedded editor of {self.project_dir} cannot be started: {error}. "
                "Choose a folder that can be written to, and check the Python installation."
            ) from error

    def wait_until_ready(self, timeout_s: float = _START_TIMEOUT_S) -> None:
        """Wait for the launched process to answer; one that has answered is not asked again."""
        if self._client is not None:
            return
        try:
            info = find(self.project_dir, self.group, timeout_s, lambda: self.alive, self._node_id)
        except EditorLostError as error:
            code = self._process.returncode if self._process is not None else None
            self.stop()
            raise EditorLostError(
                f"The embedded editor of {self.project_dir} ended with code {code} as it started. {self._log_end()}"
            ) from error
        except EditorTimeoutError as error:
            self.stop()
            raise EditorTimeoutError(f"{error} {self._log_end()}") from error
        except BaseException:
            self.stop()
            raise
        self._client = EditorClient(info, self.group, lambda: self.alive)

    def stop(self) -> None:
        """Ask it to end, by closing its standard input, then insist. Does nothing if it does not run."""
        if self._client is not None:
            self._client.close()
            self._client = None
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _log_end(self) -> str:
        try:
            with self.log_path.open("rb") as log:
                log.seek(self._log_start)
                lines = log.read().decode("utf-8", errors="replace").splitlines()[-LOG_LINES:]
        except OSError as error:
            return f"Its log {self.log_path} cannot be read: {error}."
        if not lines:
            return f"Its log {self.log_path} is empty."
        return "\n".join([f"Its log {self.log_path} ends with:", *(f"  {line}" for line in lines)])


def renderer_info() -> str:
    """The OpenGL driver that an embedded editor would draw with. Raises EditorError if there is none.

    Asked in a process of its own: a broken driver may take the process down.
    """
    code = "from unrealsynth.embedded.renderer import Renderer; print(Renderer().info)"
    command = [sys.executable, "-X", "utf8", "-c", code]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=_START_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EditorError(f"The embedded editor's renderer could not be tried: {error}.") from error
    if done.returncode != 0:
        last = done.stderr.strip().rpartition("\n")[2] or f"it ended with code {done.returncode}"
        raise EditorError(f"The embedded editor's renderer does not start: {last}")
    return done.stdout.strip()


def run_in_foreground(project_dir: Path, group: Endpoint = DEFAULT_GROUP) -> int:
    """Run an embedded editor, with its log on our standard error, until Ctrl-C; returns its exit code."""
    command = [*PROGRAM, *_arguments(project_dir.absolute(), resources.plugin_folder().absolute(), group)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, start_new_session=_POSIX, creationflags=_NEW_GROUP
    ) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.communicate()
            return process.returncode


def _arguments(project_dir: Path, plugin_dir: Path, group: Endpoint) -> list[str]:
    host, port = group
    return [str(project_dir), "--plugin", str(plugin_dir), "--group", f"{host}:{port}"]
