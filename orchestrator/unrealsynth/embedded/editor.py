"""The embedded editor's process: one loop that ticks the engine with the plugin's callbacks, then remote execution.

The order within a tick is Unreal's. Nothing that a plugin raises ends the loop; it ends when the editor is asked to
quit: by `unreal.SystemLibrary.quit_editor`, by a signal, or because the process that started it is gone.
"""

from __future__ import annotations

import faulthandler
import getpass
import json
import logging
import os
import platform
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Protocol

from unrealsynth.embedded.console import Console, Severity
from unrealsynth.embedded.node import Endpoint, Node, Pong
from unrealsynth.errors import EditorError

if TYPE_CHECKING:
    from unrealsynth.embedded.renderer import Renderer

PROJECT_NAME = "UnrealSynthEmbedded"
IDLE_TICK_S = 1 / 60
WORKING_FOR_S = 0.1
"""After work the loop goes on without waiting for this long: between two renders lie ticks that do nothing."""
LAST_TICK_S = 10.0
"""How long the tick under way may go on when the parent process is gone."""

_log = logging.getLogger(__name__)


class PythonLog(Protocol):
    """The engine's log; `listener` gets the severity and the text of what Python logs."""

    listener: Callable[[Severity, str], None] | None


class TickingEngine(Protocol):
    """What the loop needs of the engine."""

    unattended: bool

    @property
    def engine_version(self) -> str: ...

    @property
    def quit_requested(self) -> bool: ...

    @property
    def log(self) -> PythonLog: ...

    def tick(self, delta_s: float) -> bool:
        """One frame: world, Slate's callbacks, tickers. Returns whether there is more to do at once."""

    def close(self) -> None: ...


def default_renderer() -> Renderer:
    """The OpenGL renderer. Raises EditorError if there is no OpenGL."""
    from unrealsynth.embedded.renderer import Renderer

    return Renderer()


def run(
    project_dir: Path,
    plugin_dir: Path,
    group: Endpoint,
    renderer_factory: Callable[[], Renderer] = default_renderer,
    node_id: str | None = None,
) -> int:
    """Be an editor until asked to quit; returns the exit code. To be called by a process's main thread.

    `node_id` is the identity in the group; without it a new one.
    """
    faulthandler.enable()
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="[%(asctime)s.%(msecs)03d] %(name)s: %(levelname)s: %(message)s",
        datefmt="%Y.%m.%d-%H.%M.%S",
    )
    try:
        scripts = plugin_dir.absolute() / "Content" / "Python"
        if not scripts.is_dir():
            raise EditorError(f"{plugin_dir} is not a plugin folder: there is no Content/Python in it.")
        project = open_project(project_dir)
        engine, unreal = start_engine(project, renderer_factory)
        editor = Editor(engine, unreal, project, [scripts], group, node_id)
    except EditorError as error:
        _log.critical("%s", error)
        return error.exit_code
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, editor.on_signal)
    watch_parent(editor.quit)
    return editor.run()


def open_project(project_dir: Path) -> Path:
    """The folder's `.uproject` file; a folder without one becomes a project."""
    project_dir = project_dir.absolute()
    try:
        found = sorted(project_dir.glob("*.uproject"))
        if found:
            return found[0]
        project_dir.mkdir(parents=True, exist_ok=True)
        project = project_dir / f"{PROJECT_NAME}.uproject"
        description = {"FileVersion": 3, "EngineAssociation": "5.6", "Description": "Made by UnrealSynth."}
        project.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise EditorError(
            f"The embedded editor cannot use {project_dir} as its project folder: {error}. "
            "Choose a folder that can be written to."
        ) from error
    return project


def start_engine(project: Path, renderer_factory: Callable[[], Renderer]) -> tuple[TickingEngine, ModuleType]:
    """The engine, and the stand-in `unreal` module on top of it, which every `import unreal` gets from now on.

    The renderer is made at once, although it is needed much later: without OpenGL the editor had better not start.
    """
    from unrealsynth.embedded import unreal
    from unrealsynth.embedded.engine import Engine

    engine = Engine(project.parent, renderer_factory())
    sys.modules["unreal"] = unreal
    return engine, unreal


def watch_parent(quit_editor: Callable[[], None]) -> None:
    """Quit when standard input ends, if it is a pipe: then its other end, the parent process, is gone."""
    try:
        if not stat.S_ISFIFO(os.fstat(0).st_mode):
            return
    except OSError:  # No standard input at all.
        return

    def watch() -> None:
        while os.read(0, 4096):
            pass
        quit_editor()
        time.sleep(LAST_TICK_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


class Editor:
    """The loop. `script_folders` go on the module path, and their `init_unreal.py` is run in the first tick."""

    def __init__(
        self,
        engine: TickingEngine,
        unreal: ModuleType,
        project: Path,
        script_folders: Sequence[Path],
        group: Endpoint,
        node_id: str | None = None,
    ) -> None:
        self._engine = engine
        self._console = Console(unreal, engine)
        engine.log.listener = self._console.log
        self._script_folders = [*script_folders, project.parent / "Content" / "Python"]
        self._node = Node(group, _pong(project, engine.engine_version), self._console.execute, node_id)
        self._quit = threading.Event()

    def quit(self) -> None:
        """Ask the loop to end after the tick under way; from any thread."""
        self._quit.set()

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        self.quit()

    def run(self) -> int:
        sys.path[:0] = [str(folder) for folder in self._script_folders]
        with self._node, self._console.redirected_streams():
            self._run_init_scripts()
            _log.info("Ready.")
            before = time.monotonic()
            worked = before - WORKING_FOR_S
            while not (self._quit.is_set() or self._engine.quit_requested):
                now = time.monotonic()
                if self._tick_engine(now - before):
                    worked = time.monotonic()
                before = now
                self._node.tick()
                if time.monotonic() - worked > WORKING_FOR_S:
                    self._node.wait(now + IDLE_TICK_S - time.monotonic())
            self._engine.close()
        _log.info("Quit.")
        return 0

    def _run_init_scripts(self) -> None:
        for folder in self._script_folders:
            script = folder / "init_unreal.py"
            if script.is_file():
                self._console.run_init_script(script)

    def _tick_engine(self, delta_s: float) -> bool:
        try:
            return self._engine.tick(delta_s)
        except Exception:  # A capture that was due, or whatever else a plugin set off: Unreal logs it and goes on.
            _log.exception("A tick failed.")
            return False


def _pong(project: Path, engine_version: str) -> Pong:
    return Pong(
        user=_user(),
        machine=platform.node(),
        engine_version=engine_version,
        engine_root=_folder(Path(__file__).parent),
        project_root=_folder(project.parent),
        project_name=project.stem,
    )


def _folder(path: Path) -> str:
    return path.as_posix().rstrip("/") + "/"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # A user without an entry in the system's list.
        return ""
