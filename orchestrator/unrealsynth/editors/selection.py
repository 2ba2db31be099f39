"""Which editors a run works with: embedded ones that it starts, or the one Unreal Editor that is meant."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from unrealsynth.editors.client import EditorClient
from unrealsynth.editors.discovery import EditorInfo, discover
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError, RecipeError, UnrealSynthError

EditorKind = Literal["embedded", "unreal", "auto"]
UNREAL_WAIT_S = 3.0
AUTO_WAIT_S = 1.5
LIST_VERSION_S = 3.0


class Editor(Protocol):
    """An editor that can be given jobs, whoever started it."""

    @property
    def client(self) -> EditorClient: ...

    @property
    def saved_dir(self) -> Path: ...

    @property
    def alive(self) -> bool: ...

    @property
    def can_restart(self) -> bool: ...

    def restart(self) -> None: ...

    def stop(self) -> None: ...


class UnrealEditor:
    """An Unreal Editor that somebody else has started; it is left running."""

    can_restart = False
    alive = True

    def __init__(self, info: EditorInfo, group: Endpoint = DEFAULT_GROUP) -> None:
        self.client = EditorClient(info, group)
        self.saved_dir = self.client.version().saved_dir

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


def list_editors(timeout_s: float, group: Endpoint = DEFAULT_GROUP) -> list[EditorRow]:
    """Every editor that answers within the time, with the version of its plugin."""
    rows = []
    for info in discover(group, timeout_s):
        plugin_version: str | None = None
        try:
            with EditorClient(info, group) as client:
                plugin_version = client.version(LIST_VERSION_S).plugin_version
        except UnrealSynthError:
            # An editor without the plugin, or busy, is worth a line too.
            plugin_version = None
        rows.append(EditorRow(info.project_name, info.project_root, info.engine_version, plugin_version))
    return rows


def launch_editors(
    kind: EditorKind, project: Path | None, count: int, folder: Path, group: Endpoint = DEFAULT_GROUP
) -> Sequence[Editor]:
    """The editors of a run. Embedded ones are launched in folders of their own below `folder`, not yet awaited.

    Raises RecipeError for options that do not go together, EditorError when no Unreal Editor is the one meant.
    """
    if kind == "embedded" and project is not None:
        raise RecipeError("--project names an Unreal project; use it with --editor unreal.")
    if kind != "embedded":
        found = [
            info for info in discover(group, UNREAL_WAIT_S if kind == "unreal" else AUTO_WAIT_S) if not info.is_embedded
        ]
        if kind == "unreal" or found:
            if count > 1:
                raise RecipeError("--jobs starts several embedded editors; an Unreal Editor works alone.")
            return [UnrealEditor(_choose(found, project), group)]
    editors: list[EmbeddedEditor] = []
    try:
        for _ in range(count):
            # A new name each time: the editor of a run that was killed may still be about to end.
            editors.append(EmbeddedEditor(folder / f"editor-{uuid.uuid4().hex[:8]}", group=group))
            editors[-1].launch()
    except BaseException:
        for editor in editors:
            editor.stop()
        raise
    return editors


def _choose(found: Sequence[EditorInfo], project: Path | None) -> EditorInfo:
    meant = [info for info in found if project is None or info.belongs_to(project)]
    if len(meant) == 1:
        return meant[0]
    heard = "\n".join(f"  {info.project_name} ({info.engine_version}): {info.project_root}" for info in found)
    if not found:
        raise EditorError(
            "No Unreal Editor answers. Open the project, and switch on 'Enable Remote Execution' in its Python "
            "settings; or leave out --editor to use the embedded editor."
        )
    if not meant:
        raise EditorError(f"The editor of {project} does not answer. Those that do:\n{heard}")
    raise EditorError(f"Several Unreal Editors answer; name the one you mean with --project:\n{heard}")
