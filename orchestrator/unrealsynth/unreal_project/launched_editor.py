"""An Unreal Editor that we start: its command line, the wait until it can be given work, restart, and end.

It is waited for in four steps, each shown: the process lives, it answers in the group, its plugin answers with our
version, and it has looked through the project's files and compiled its shaders.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from unrealsynth.editors.client import EditorClient
from unrealsynth.editors.discovery import EditorInfo, find
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError, ProjectError, UnrealSynthError
from unrealsynth.files import patiently
from unrealsynth.progress import Say
from unrealsynth.unreal_project import orphan, plugin_folder, running
from unrealsynth.unreal_project.engines import find_editor
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.settings import EDITOR_SETTINGS_INI, ENGINE_INI, settings
from unrealsynth.unreal_project.waiting import BLOCKED_LIMIT_S
from unrealsynth_plugin import VERSION

NOTE_INTERVAL_S = 10.0
POLL_S = 0.5
_ANSWER_S = 30.0
_QUIT_S = 60.0
DIALOG_S = 60.0
"""After this long a dialog in the editor's window may be what it waits for."""
_KILL_S = 10.0
LOG_LINES = 15

_QUIT = '__import__("unreal").SystemLibrary.quit_editor()'
_INI_NAMES = {ENGINE_INI: "Engine", EDITOR_SETTINGS_INI: "EditorSettings"}
_POSIX = os.name == "posix"
_NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


def command_line(program: Path, project: Path, log: Path, *, offscreen: bool, attended: bool) -> list[str]:
    """The program and its arguments. The settings are given too, in case the project's files lack them.

    An editor in which somebody works must not be unattended: that one saves nothing, and closes without asking.
    """
    overrides = [
        f"-ini:{_INI_NAMES[setting.file]}:[{setting.section}]:{setting.key}={setting.value}"
        for setting in settings()
        if not setting.key.startswith("r.")  # Console variables of a section are not read from there.
    ]
    return [
        str(program),
        str(project),
        *([] if attended else ["-unattended"]),
        "-nosplash",
        "-nosound",
        *(["-RenderOffscreen"] if offscreen else []),
        "-stdout",
        "-FullStdOutLogOutput",
        "-log",
        f"-abslog={log}",
        *overrides,
    ]


def windows_command_line(arguments: Sequence[str]) -> str:
    """The arguments as one text in Unreal's manner: the quotes of `-key="a value"` stand around the value alone."""
    return " ".join(map(_quoted, arguments))


class LaunchedEditor:
    """An Unreal Editor of a project, started by us; ended by `stop` unless it is left to itself.

    `launch` starts the process, `wait_until_ready` waits for it, `client` does so if nobody has. An attended one is its
    user's from the first moment: it may ask, and is left to itself when the wait fails.
    """

    can_restart = True

    def __init__(
        self,
        project: Project,
        say: Say,
        group: Endpoint = DEFAULT_GROUP,
        *,
        engine: Path | None = None,
        offscreen: bool = sys.platform != "darwin",
        attended: bool = False,
        leave_unsaved: bool = False,
    ) -> None:
        """`say` is told what is waited for."""
        self.project = project
        self.group = project.group(group)
        self._say = say
        self.log_path = project.spool / "launch" / "editor.log"
        self._engine = engine
        self._offscreen = offscreen
        self._attended = attended
        self._started_s = 0.0
        # Without a window nobody has worked in it; what counts as changed there, the editor did as it loaded.
        self.leave_unsaved = leave_unsaved or offscreen
        self._process: subprocess.Popen[bytes] | None = None
        self._client: EditorClient | None = None
        self._saved_dir = project.folder / "Saved"

    @property
    def client(self) -> EditorClient:
        """Calls to the plugin. Raises EditorError when the editor does not become ready."""
        if self._client is None:
            self.wait_until_ready()
        if self._client is None:
            raise EditorError(f"The editor of {self.project.file} has not been started.")
        return self._client

    @property
    def saved_dir(self) -> Path:
        return self._saved_dir

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def launch(self) -> None:
        """Starts the process. Raises ProjectError when the plugin is not installed, EditorError when no engine is
        found or another editor has the project open."""
        if self.alive:
            raise EditorError(f"The editor of {self.project.file} runs already.")
        _require_plugin(self.project)
        user = running.editor_of(self.project)
        if user is not None:
            raise EditorError(
                f"{user} has {self.project.file.name} open already. Close it, or find out why it is not used with: "
                f'unrealsynth doctor "{self.project.file}"'
            )
        program = find_editor(self.project, self._engine)
        arguments = command_line(
            program, self.project.file, self.log_path, offscreen=self._offscreen, attended=self._attended
        )
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            patiently(lambda: self.log_path.unlink(missing_ok=True))
            with self._output_path.open("wb") as output:
                self._process = subprocess.Popen(
                    windows_command_line(arguments) if sys.platform == "win32" else arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=program.parent,
                    start_new_session=_POSIX,
                    creationflags=_NEW_GROUP,
                )
        except OSError as error:
            raise EditorError(f"The Unreal Editor {program} cannot be started: {error}.") from error
        if not self._attended:
            orphan.own(self.project, self._process.pid)
        self._started_s = time.monotonic()

    def wait_until_ready(self, timeout_s: float = BLOCKED_LIMIT_S) -> None:
        """Waits for the four steps. Raises EditorLostError, with the end of its log, when the process ends."""
        deadline = time.monotonic() + timeout_s
        with contextlib.ExitStack() as if_not_ready:
            if not self._attended:
                if_not_ready.callback(self.stop)
            try:
                info = self._await_answer(deadline)
                client = EditorClient(info, self.group, lambda: self.alive)
                if_not_ready.callback(client.close)
                self._await_plugin(client, deadline)
                self._await_loading(client, deadline)
            except EditorLostError as error:
                if self.alive:
                    raise
                code = self._process.returncode if self._process is not None else None
                raise EditorLostError(
                    f"The editor of {self.project.file} ended with code {code} before it was ready. {self._log_end()}"
                ) from error
            if_not_ready.pop_all()
        self._client = client

    def restart(self) -> None:
        """Ends it, however stuck it is, and starts it again."""
        self.stop()
        self.launch()
        self.wait_until_ready()

    def stop(self) -> None:
        """Asks it to quit, then insists. Does nothing if it does not run."""
        client, self._client = self._client, None
        process, self._process = self._process, None
        if client is not None:
            if process is not None and process.poll() is None:
                with contextlib.suppress(UnrealSynthError):
                    client.evaluate(_QUIT, timeout_s=5.0)
            client.close()
        if process is None:
            return
        patience_s = _QUIT_S if client is not None else 0.0
        for insist in (process.terminate, process.kill):
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                insist()
            patience_s = _KILL_S
        process.wait()
        orphan.disown(self.project)

    def leave(self) -> None:
        """Lets it go on when this process ends."""
        orphan.disown(self.project)
        if self._client is not None:
            self._client.close()

    @property
    def _output_path(self) -> Path:
        return self.log_path.with_name("output.log")

    def _await_answer(self, deadline: float) -> EditorInfo:
        while True:
            self._say_waiting("waiting for the editor's first answer; a first start compiles shaders, up to an hour")
            left_s = deadline - time.monotonic()
            try:
                return find(self.project.file, self.group, min(NOTE_INTERVAL_S, left_s), lambda: self.alive)
            except EditorTimeoutError as error:
                if time.monotonic() >= deadline:
                    raise EditorTimeoutError(f"{error} {self._log_end()}") from error

    def _await_plugin(self, client: EditorClient, deadline: float) -> None:
        while True:
            self._say_waiting("the editor answers; waiting for its plugin")
            try:
                version = client.version(min(_ANSWER_S, max(1.0, deadline - time.monotonic())))
                break
            except EditorTimeoutError:
                if time.monotonic() >= deadline:
                    raise
        if version.plugin_version != VERSION:
            raise EditorError(
                f"The editor of {self.project.file} runs plugin {version.plugin_version}, this is {VERSION}. "
                f'Bring it up to date with: unrealsynth install "{self.project.file}"'
            )
        self._saved_dir = version.saved_dir

    def _await_loading(self, client: EditorClient, deadline: float) -> None:
        next_note = 0.0
        while True:
            if time.monotonic() >= next_note:
                next_note = time.monotonic() + NOTE_INTERVAL_S
                self._say_waiting("the plugin answers; waiting for assets and shaders")
            # A blocked editor is compiling; only its process tells whether it still lives.
            with contextlib.suppress(EditorTimeoutError):
                if client.settle(min(_ANSWER_S, max(1.0, deadline - time.monotonic()))):
                    self._say("the editor is ready")
                    return
            if time.monotonic() >= deadline:
                raise EditorTimeoutError(
                    f"The editor of {self.project.file} was not ready in time: it still loads assets or compiles "
                    f"shaders. {self._log_end()}"
                )
            time.sleep(POLL_S)

    def _say_waiting(self, what: str) -> None:
        last = self._log_lines()[-1:]
        if self._attended and time.monotonic() - self._started_s >= DIALOG_S:
            what += "; a dialog in its window may wait for an answer"
        self._say(f"{what} ({last[0][:100]})" if last else what)

    def _log_lines(self) -> list[str]:
        for path in (self.log_path, self._output_path):
            with contextlib.suppress(OSError), path.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
                lines = log.read().decode("utf-8", errors="replace").split("\n")
                if found := [line.strip() for line in lines if line.strip()]:
                    return found
        return []

    def _log_end(self) -> str:
        lines = self._log_lines()[-LOG_LINES:]
        if not lines:
            return f"It wrote no log to {self.log_path}."
        return "\n".join([f"Its log {self.log_path} ends with:", *(f"  {line}" for line in lines)])


def _require_plugin(project: Project) -> None:
    found = plugin_folder.version(project.plugin_folder)
    if found != VERSION:
        has = f"has plugin {found}, this is {VERSION}" if found else "has no UnrealSynth plugin"
        raise ProjectError(f'{project.file} {has}. Run: unrealsynth install "{project.file}"')


def _quoted(argument: str) -> str:
    if " " not in argument:
        return argument
    key, equals, value = argument.partition("=")
    return f'{key}="{value}"' if argument.startswith("-") and equals else f'"{argument}"'
