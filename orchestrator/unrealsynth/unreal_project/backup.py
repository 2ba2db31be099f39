"""Copies of what an installation is about to change, and folders that come and go with it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

from unrealsynth.dataset.files import patiently
from unrealsynth.errors import ProjectError
from unrealsynth.unreal_project import text_file
from unrealsynth.unreal_project.plugin_folder import is_there


def back_up(files: Iterable[tuple[Path, bytes]], parent: Path) -> Path | None:
    """Copies of files in a new folder below `parent`; None if there are none. Raises ProjectError."""
    files = list(files)
    if not files:
        return None
    folder = free(parent / time.strftime("%Y%m%d-%H%M%S"))
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise ProjectError(f"No backup can be made in {folder}: {error}. Nothing was changed.") from error
    for path, data in files:
        text_file.write(folder / path.name, data)
    return folder


def free(path: Path) -> Path:
    """`path`, or with a number after it, so that nothing has that name."""
    number, wanted = 1, path
    while is_there(path):
        number += 1
        path = wanted.with_name(f"{wanted.name}-{number}")
    return path


def set_aside(folder: Path, kept: Path) -> None:
    """Moves a folder on its disk."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    patiently(lambda: folder.rename(kept))


def missing_folders(project_folder: Path, needed: Iterable[Path]) -> list[str]:
    """Which of the needed folders and those above them are not there, relative to the project's, parents first."""
    missing = set()
    for folder in needed:
        while folder != project_folder and not folder.exists():
            missing.add(folder.relative_to(project_folder).as_posix())
            folder = folder.parent
    return sorted(missing)


def remove_empty(project_folder: Path, folders: Iterable[str]) -> None:
    """Removes folders, children first; one that somebody uses stays."""
    for name in sorted(folders, key=len, reverse=True):
        with contextlib.suppress(OSError):
            (project_folder / name).rmdir()
