"""What of the user's is changed just now and would outlive the editor's process, written down before it is changed.

A note is on disk before the change it tells of; whoever has put everything back clears them all.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.spool import write_json

Note = Dict[str, Any]
"""`kind`, and what is needed to put the thing back."""
_PATIENCE_S = 0.2
"""On Windows a virus scanner that has the file open, for milliseconds, keeps it from being changed. A tick
must not wait for longer."""


class Journal:
    """`journal.json` in an editor's folder. It exists only while something is changed, or after a crash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "journal.json"

    def written_s(self) -> float:
        """When the last note was written, in seconds since 1970; 0 for no notes."""
        try:
            return self._path.stat().st_mtime
        except OSError:
            return 0.0

    def notes(self) -> List[Note]:
        """What is changed, the oldest first; a damaged file tells nothing."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        notes = data.get("notes") if isinstance(data, dict) else None
        return [note for note in notes if isinstance(note, dict)] if isinstance(notes, list) else []

    def add(self, kind: str, **values: Any) -> None:
        """Writes a note down. Raises PluginError when that cannot be: then nothing may be changed."""
        notes = [*self.notes(), {"kind": kind, **values}]
        if not _until_free(lambda: write_json(self._path, {"notes": notes})):
            raise PluginError(f"{self._path} is held by another program; close it and start again.")

    def clear(self) -> None:
        """Everything is as it was. Raises PluginError when the file cannot be removed."""
        try:
            if not _until_free(self._remove):
                raise PluginError(f"{self._path} is held by another program; close it and delete the file.")
        except OSError as error:
            raise PluginError(f"Cannot remove {self._path}: {error.strerror or error}. Delete it by hand.") from error

    def _remove(self) -> bool:
        try:
            self._path.unlink(missing_ok=True)
        except PermissionError:
            return False
        return True


def _until_free(action: Callable[[], bool]) -> bool:
    """Does `action` until it succeeds, or for too long."""
    give_up_s = time.monotonic() + _PATIENCE_S
    while not action():
        if time.monotonic() >= give_up_s:
            return False
    return True
