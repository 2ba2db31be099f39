"""Copies of what an installation is about to change, and folders that come and go with it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from unrealsynth.errors import ProjectError
from unrealsynth.files import patiently, remove_folder
from unrealsynth.unreal_project import text_file
from unrealsynth.unreal_project.plugin_folder import is_link, is_there, remove

_STAGING = ".unrealsynth-"
OLD = "old"
"""The name of the plugin's former folder in a staging folder."""


def back_up(files: Iterable[tuple[Path, bytes]], folder: Path) -> None:
    """Copies of files in a new folder. Raises ProjectError."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise ProjectError(f"No backup can be made in {folder}: {error}. Nothing was changed.") from error
    for path, data in files:
        text_file.write(folder / path.name, data)


def free(path: Path) -> Path:
    """`path`, or with a number after it, so that nothing has that name."""
    number, wanted = 1, path
    while is_there(path):
        number += 1
        path = wanted.with_name(f"{wanted.name}-{number}")
    return path


def set_aside(folder: Path, kept: Path) -> None:
    """Moves a folder."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        patiently(lambda: folder.rename(kept))
    except PermissionError:
        raise
    except OSError:
        # Another disk.
        shutil.copytree(folder, kept, symlinks=True)
        remove(folder)


@contextlib.contextmanager
def staging_folder(project_folder: Path) -> Iterator[Path]:
    """A folder on the project's disk that is gone afterwards, outside of what the editor looks through."""
    folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=project_folder))
    try:
        yield folder
    finally:
        remove_folder(folder)


def clear_staging(project_folder: Path, kept: Path) -> None:
    """Removes what an installation that was killed has left; a plugin that it had moved away goes to `kept`."""
    for folder in project_folder.glob(f"{_STAGING}*"):
        old = folder / OLD
        if is_there(old) and not is_link(old):
            set_aside(old, free(kept / "plugin"))
        remove(folder)


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
            patiently((project_folder / name).rmdir)
