"""Options that several commands of the command line have."""

from __future__ import annotations

from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unrealsynth.editor_choice import Launch

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout; progress goes to stderr.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


class EditorKind(str, Enum):
    """Which editor makes the pictures."""

    embedded = "embedded"
    unreal = "unreal"
    auto = "auto"


Editor = Annotated[
    EditorKind, typer.Option("--editor", help="Embedded, a running Unreal Editor, or Unreal if it answers.")
]
Project = Annotated[
    Path | None, typer.Option("--project", help="The Unreal project whose editor is meant.", show_default=False)
]
Engine = Annotated[
    Path | None,
    typer.Option("--engine", help="Folder of the Unreal Engine to start, if it is not found.", show_default=False),
]
LeaveUnsaved = Annotated[
    bool, typer.Option("--leave-unsaved", help="Lose unsaved changes in the level that is open in Unreal.")
]


def launch_with(engine: Path | None, *, leave_unsaved: bool) -> Launch:
    """The way to the editors of a run, with these options."""
    from unrealsynth.editor_choice import launch_editors

    return partial(launch_editors, engine=engine, leave_unsaved=leave_unsaved)
