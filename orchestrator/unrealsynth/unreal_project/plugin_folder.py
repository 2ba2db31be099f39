"""The plugin's folder in a project: a copy, or a link to the folder that came with this program.

A link is only ever unlinked, never followed: what it leads to belongs to somebody else.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from unrealsynth import resources
from unrealsynth.errors import ProjectError
from unrealsynth.files import patiently

_SKIPPED = {"__pycache__", ".DS_Store", "Thumbs.db"}
_VERSION_LINE = re.compile(r'^VERSION = "([^"]+)"', re.MULTILINE)


def is_link(folder: Path) -> bool:
    """Whether it is a symbolic link or a Windows junction, whole or broken."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    tag = getattr(status, "st_reparse_tag", 0)
    return stat.S_ISLNK(status.st_mode) or (tag != 0 and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None))


def is_there(folder: Path) -> bool:
    """Whether anything has that name, a broken link included."""
    return is_link(folder) or folder.exists()


def digest(folder: Path) -> str:
    """A hash of names and contents, caches left out."""
    total = hashlib.sha256()
    for file in sorted(_files(folder), key=lambda file: file.relative_to(folder).as_posix()):
        content = hashlib.sha256(file.read_bytes()).digest()
        total.update(file.relative_to(folder).as_posix().encode("utf-8", "surrogateescape") + b"\0" + content)
    return total.hexdigest()


def is_edited(folder: Path, installed_sha256: str) -> bool:
    """Whether somebody's own work may be in a plugin's folder: it is neither as installed nor as it comes."""
    if is_link(folder):
        return False
    return digest(folder) not in {installed_sha256, digest(resources.plugin_folder())}


def version(folder: Path) -> str | None:
    """The version of the plugin's code in a folder; None if it is not there."""
    try:
        text = (folder / "Content" / "Python" / "unrealsynth_plugin" / "__init__.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found = _VERSION_LINE.search(text)
    return found[1] if found else None


def copy(source: Path, target: Path, staging: Path) -> None:
    """Puts a copy of `source` at `target`, which is free; half a copy is never seen there."""
    staged = staging / target.name
    shutil.copytree(source, staged, ignore=shutil.ignore_patterns(*_SKIPPED, "*.pyc"))
    for path in [staged, *staged.rglob("*")]:  # A package installed read-only is still to be removable.
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    target.parent.mkdir(parents=True, exist_ok=True)
    patiently(lambda: staged.replace(target))


def link(source: Path, target: Path) -> None:
    """Makes `target`, which is free, lead to `source`: a symbolic link, or on Windows a junction where links are not
    allowed. Raises ProjectError when neither can be made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError as error:
        if os.name == "nt" and _junction(source, target):
            return
        raise ProjectError(f"{target} cannot be made a link: {error}. Install without --link.") from error


def remove(folder: Path) -> None:
    """Removes a folder, or a link without what it leads to."""
    if is_link(folder):
        patiently(folder.rmdir if os.name == "nt" else folder.unlink)
    elif folder.is_dir():
        patiently(lambda: shutil.rmtree(folder))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if not _SKIPPED & set(path.relative_to(folder).parts) and path.suffix != ".pyc" and path.is_file():
            yield path


def _junction(source: Path, target: Path) -> bool:
    try:
        import _winapi

        _winapi.CreateJunction(str(source), str(target))  # type: ignore[attr-defined,unused-ignore]
    except (ImportError, AttributeError, OSError):
        return False
    return True
