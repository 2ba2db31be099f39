"""An editor that somebody else started, such as the user's own Unreal Editor."""

from __future__ import annotations

import functools
from pathlib import Path

from unrealsynth.editors.client import EditorClient
from unrealsynth.editors.discovery import EditorInfo, discover
from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.errors import EditorError

ANSWER_TIMEOUT_S = 5.0


class AttachedEditor:
    """Talks to a running editor; it can neither start nor end it."""

    can_restart = False

    def __init__(self, info: EditorInfo, group: Endpoint = DEFAULT_GROUP) -> None:
        self.client = EditorClient(info, group)

    @functools.cached_property
    def saved_dir(self) -> Path:
        """The project's Saved folder. Raises EditorError if the plugin does not answer."""
        return self.client.version().saved_dir

    @property
    def alive(self) -> bool:
        """Always true: another's process is not ours to watch, and silence is no proof."""
        return True

    def restart(self) -> None:
        raise EditorError(
            f"The editor of {self.client.info.project_root} was not started by this program; restart it by hand."
        )

    def stop(self) -> None:
        """Hang up; the editor goes on."""
        self.client.close()


def attach(
    project: Path | None = None, group: Endpoint = DEFAULT_GROUP, timeout_s: float = ANSWER_TIMEOUT_S
) -> AttachedEditor:
    """The editor that has `project` (a folder or a `.uproject`) open; without it, the only one that answers.

    Raises EditorError, with a list of those that answered, if there is none or no telling which.
    """
    infos = discover(group, timeout_s)
    fitting = [info for info in infos if project is None or info.belongs_to(project)]
    if len(fitting) == 1:
        return AttachedEditor(fitting[0], group)
    listed = "".join(f"\n  {info.project_root} (engine {info.engine_version})" for info in infos)
    if not infos:
        raise EditorError(
            f"No editor answered within {timeout_s:g} s. Start the Unreal Editor with the project open, and switch on "
            "'Enable Remote Execution' in its Python settings."
        )
    if project is None:
        raise EditorError(f"Several editors answered; choose one with --project.{listed}")
    if fitting:
        raise EditorError(f"{len(fitting)} editors have {project} open; close all but one.{listed}")
    raise EditorError(f"No editor has {project} open. These answered:{listed}")
