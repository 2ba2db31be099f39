"""Which editors a run works with: embedded ones that it starts, or the one Unreal Editor that is meant."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import psutil

from unrealsynth.editors.client import EditorClient
from unrealsynth.editors.discovery import EditorInfo, discover
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError, RecipeError, UnrealSynthError
from unrealsynth.files import remove_folder
from unrealsynth.progress import Say
from unrealsynth.unreal_project.launched_editor import LaunchedEditor
from unrealsynth.unreal_project.orphan import end_orphan
from unrealsynth.unreal_project.project import open_project
from unrealsynth.unreal_project.running import EDITOR_PROGRAM
from unrealsynth.unreal_project.waiting import await_busy_editor

EditorKind = Literal["embedded", "unreal", "auto"]
UNREAL_WAIT_S = 3.0
AUTO_WAIT_S = 1.5
_LIST_VERSION_S = 3.0
_FOLDER = "editor-"


class Editor(Protocol):
    """An editor that can be given jobs, whoever started it."""

    @property
    def client(self) -> EditorClient: ...

    @property
    def saved_dir(self) -> Path: ...

    @property
    def alive(self) -> bool: ...

    @property
    def can_restart(self) -> bool:
        """Whether this run started it: it may be ended at any moment, and started again."""

    @property
    def leave_unsaved(self) -> bool:
        """Whether it may leave a level that has unsaved changes, which loses them."""

    def wait_until_ready(self) -> None: ...

    def restart(self) -> None: ...

    def stop(self) -> None: ...


class UnrealEditor:
    """An Unreal Editor that somebody else has started; it is left running."""

    can_restart = False

    def __init__(self, info: EditorInfo, group: Endpoint = DEFAULT_GROUP, *, leave_unsaved: bool = False) -> None:
        self.leave_unsaved = leave_unsaved
        self._process: psutil.Process | None = None
        self.client = EditorClient(info, group, lambda: self.alive)
        version = self.client.version()
        self.saved_dir = version.saved_dir
        self._process = _process_of(info, version.pid)

    @property
    def alive(self) -> bool:
        """False once its process is gone. One that cannot be seen from here, as in a container, counts as alive."""
        process = self._process
        try:
            return process is None or (process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True

    def wait_until_ready(self) -> None:
        """It answered already."""

    def restart(self) -> None:
        raise EditorError(f"The editor of {self.client.info.project_root} was not started by this run.")

    def stop(self) -> None:
        """Hangs up."""
        self.client.close()


@dataclass(frozen=True)
class EditorRow:
    """A line of `unrealsynth editors`."""

    project_name: str
    project_root: Path
    engine_version: str
    plugin_version: str | None
    """None when the plugin does not answer."""

    def as_text(self) -> str:
        plugin = f"plugin {self.plugin_version}" if self.plugin_version else "plugin does not answer"
        return f"{self.project_name}  {self.engine_version}  {plugin}  {self.project_root}"

    def as_json(self) -> dict[str, object]:
        return {
            "project_name": self.project_name,
            "project_root": str(self.project_root),
            "engine_version": self.engine_version,
            "plugin_version": self.plugin_version,
        }


def list_editors(timeout_s: float, project: Path | None = None, group: Endpoint = DEFAULT_GROUP) -> list[EditorRow]:
    """Every editor that answers within the time, with the version of its plugin; in a project's group if one is given.

    Raises ProjectError when the project is none.
    """
    group = group if project is None else open_project(project).group(group)
    rows = []
    for info in discover(group, timeout_s):
        plugin_version: str | None = None
        try:
            with EditorClient(info, group) as client:
                plugin_version = client.version(_LIST_VERSION_S).plugin_version
        except UnrealSynthError:
            # An editor without the plugin, or busy, is worth a line too.
            plugin_version = None
        rows.append(EditorRow(info.project_name, info.project_root, info.engine_version, plugin_version))
    return rows


Launch = Callable[[EditorKind, Path | None, int, Path, Say], Sequence[Editor]]
"""`launch_editors`, or another way to come to the editors of a run."""


def launch_editors(
    kind: EditorKind,
    project: Path | None,
    count: int,
    folder: Path,
    say: Say,
    group: Endpoint = DEFAULT_GROUP,
    *,
    engine: Path | None = None,
    leave_unsaved: bool = False,
) -> Sequence[Editor]:
    """The editors of a run. Embedded ones are launched in folders of their own below `folder`, not yet awaited; so is
    the Unreal Editor of a project when none has it open. One that has, but is busy, is waited for.

    `folder` belongs to this run alone: what editors of earlier runs left there is removed. `engine` is the folder of
    the Unreal Engine to start. `say` is told of an open editor that is taken, and of what is waited for. Raises
    RecipeError for options that do not go together, ProjectError when the project is none, EditorError when no Unreal
    Editor is the one meant.
    """
    if kind == "embedded" and project is not None:
        raise RecipeError("--project names an Unreal project; use it with --editor unreal.")
    if engine is not None and (kind != "unreal" or project is None):
        raise RecipeError("--engine is for starting an Unreal Editor; use it with --editor unreal and --project.")
    if kind != "embedded":
        own = open_project(project) if project is not None else None
        if own is not None:
            group = own.group(group)
            end_orphan(own, say)
        # An embedded editor that was started by hand is meant only when it is named.
        found = [
            info
            for info in discover(group, UNREAL_WAIT_S if kind == "unreal" else AUTO_WAIT_S)
            if not info.is_embedded or (own is not None and info.belongs_to(own.file))
        ]
        if kind == "unreal" or found:
            if count > 1:
                raise RecipeError("--jobs starts several embedded editors; an Unreal Editor works alone.")
            if kind == "unreal" and own is not None and not any(info.belongs_to(own.file) for info in found):
                busy = await_busy_editor(own, group, say)
                if busy is None:
                    launched = LaunchedEditor(own, say, group, engine=engine, leave_unsaved=leave_unsaved)
                    launched.launch()
                    return [launched]
                found = [busy]
            chosen = _choose(found, own.file if own is not None else None)
            say(f"taking the open editor of {chosen.opened} (engine {chosen.engine_version})")
            return [UnrealEditor(chosen, group, leave_unsaved=leave_unsaved)]
    remove_editor_folders(folder)
    # A new name each time: the editor of a run that was killed may still be about to end.
    editors = [EmbeddedEditor(folder / f"{_FOLDER}{uuid.uuid4().hex[:8]}", group=group) for _ in range(count)]
    try:
        for editor in editors:
            editor.launch()
    except BaseException:
        stop_editors(editors)
        raise
    return editors


def stop_editors(editors: Sequence[Editor]) -> None:
    """Stops them all at the same time: each may need a moment to end what it is doing."""
    with ThreadPoolExecutor(max(1, len(editors)), "stop") as pool:
        for stopped in [pool.submit(editor.stop) for editor in editors]:
            stopped.result()


def remove_editor_folders(folder: Path) -> None:
    """Removes the project folders of embedded editors that were launched in `folder` and have ended."""
    for project in folder.glob(f"{_FOLDER}*"):
        remove_folder(project)


def _process_of(info: EditorInfo, pid: int | None) -> psutil.Process | None:
    """The process of an editor. Elsewhere its number may be that of a process which has nothing to do with it."""
    try:
        process = None if pid is None else psutil.Process(pid)
        if process is None or EDITOR_PROGRAM in process.name():
            return process
        folder = info.project_root.name
        return process if folder and any(folder in argument for argument in process.cmdline()) else None
    except psutil.Error:
        return None


def _choose(found: Sequence[EditorInfo], project: Path | None) -> EditorInfo:
    meant = [info for info in found if project is None or info.belongs_to(project)]
    if len(meant) == 1:
        return meant[0]
    heard = "\n".join(f"  {info.project_name} ({info.engine_version}): {info.opened}" for info in found)
    if not found:
        raise EditorError(
            "No Unreal Editor answers. Open the project, and switch on 'Enable Remote Execution' in its Python "
            "settings; or leave out --editor to use the embedded editor."
        )
    if not meant:
        raise EditorError(f"The editor of {project} does not answer. Those that do:\n{heard}")
    raise EditorError(f"Several Unreal Editors answer; name the one you mean with --project:\n{heard}")
