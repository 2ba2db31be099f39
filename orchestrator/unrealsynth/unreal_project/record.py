"""What an installation changed, kept in the project so that exactly that can be taken back.

It lies beside the plugin's folder, for the folder may be a link and Saved is deleted now and then.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeVar

from unrealsynth.errors import ProjectError
from unrealsynth.unreal_project import ini, text_file, uproject
from unrealsynth.unreal_project.ini import IniEdit
from unrealsynth.unreal_project.uproject import PluginEdit

_T = TypeVar("_T")

FORMAT = 1
RECORD = "Plugins/UnrealSynth.install.json"


@dataclass(frozen=True)
class FileRecord:
    """The edits of one file, in the order they were made; `path` is relative to the project's folder."""

    path: str
    created: bool = False
    ini_edits: tuple[IniEdit, ...] = ()
    plugin_edits: tuple[PluginEdit, ...] = ()

    def joined(self, later: FileRecord) -> FileRecord:
        """Both installations' edits; one that was made again counts once."""
        return replace(
            self,
            created=self.created or later.created,
            ini_edits=_without(self.ini_edits, later.ini_edits) + later.ini_edits,
            plugin_edits=_without(self.plugin_edits, later.plugin_edits) + later.plugin_edits,
        )

    def take_back(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text without the edits, and a sentence for each that is no longer there."""
        notes = []
        for ini_edit in reversed(self.ini_edits):
            before = ini.take_back(text, ini_edit)
            if before is None:
                notes.append(f"{self.path}: the line {ini_edit.line} is no longer there; nothing was put back for it.")
            text = text if before is None else before
        for plugin_edit in reversed(self.plugin_edits):
            before = uproject.take_back(text, plugin_edit)
            if before is None:
                notes.append(f"{self.path}: the plugin {plugin_edit.plugin} was changed since and is left as it is.")
            text = text if before is None else before
        return text, tuple(notes)


@dataclass(frozen=True)
class Record:
    """An installation. Folders are relative to the project's, parents first."""

    version: str
    linked: bool
    plugin_sha256: str
    files: tuple[FileRecord, ...] = ()
    folders: tuple[str, ...] = ()
    """Those that were made, to be removed again if empty."""
    backups: tuple[str, ...] = ()
    format: int = FORMAT

    def with_files(self, files: tuple[FileRecord, ...]) -> Record:
        """The record with a later installation's edits."""
        known = {file.path: file for file in self.files}
        for file in files:
            known[file.path] = known[file.path].joined(file) if file.path in known else file
        return replace(self, files=tuple(known.values()))


def load(project_folder: Path) -> Record | None:
    """The record of an installation; None if there is none. Raises ProjectError when it cannot be read."""
    path = project_folder / RECORD
    data = text_file.read(path)
    if data is None:
        return None
    try:
        raw = json.loads(data)
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']}, wanted {FORMAT}")
        # Not pydantic: a line may hold bytes that are no text, which it refuses.
        files = tuple(
            FileRecord(
                path=str(file["path"]),
                created=bool(file["created"]),
                ini_edits=tuple(IniEdit(**edit) for edit in file["ini_edits"]),
                plugin_edits=tuple(PluginEdit(**edit) for edit in file["plugin_edits"]),
            )
            for file in raw["files"]
        )
        folders, backups = tuple(map(str, raw["folders"])), tuple(map(str, raw["backups"]))
        if any(_leads_out(name) for name in (*folders, *backups, *(file.path for file in files))):
            raise ValueError("a name leads out of the project's folder")
        return Record(str(raw["version"]), bool(raw["linked"]), str(raw["plugin_sha256"]), files, folders, backups)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ProjectError(
            f"{path} is not a record of this program ({type(error).__name__}: {error}). Restore it, or delete it and "
            "remove by hand what it names."
        ) from error


def encode(record: Record) -> bytes:
    """The bytes of a record's file."""
    return (json.dumps(asdict(record), indent=1) + "\n").encode("ascii")


def _without(edits: tuple[_T, ...], others: tuple[_T, ...]) -> tuple[_T, ...]:
    return tuple(edit for edit in edits if edit not in others)


def _leads_out(name: str) -> bool:
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    return bool(windows.anchor) or posix.is_absolute() or ".." in windows.parts or not posix.parts
