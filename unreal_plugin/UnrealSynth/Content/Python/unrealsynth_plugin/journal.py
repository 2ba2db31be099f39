"""What of the user's is changed just now and would outlive the editor's process, written down before it is changed.

A note is on disk before the change it tells of; whoever has put everything back clears them all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.spool import write_json

Note = Dict[str, Any]
"""`kind`, and what is needed to put the thing back."""


class Journal:
    """`journal.json` in the spool. It exists only while something is changed, or after a crash."""

    def __init__(self, root: Path) -> None:
        self._path = root / "journal.json"

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
        if not write_json(self._path, {"notes": [*self.notes(), {"kind": kind, **values}]}):
            raise PluginError(f"{self._path} is held by another program; close it and start again.")

    def clear(self) -> None:
        """Everything is as it was. Raises PluginError when the file cannot be removed."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise PluginError(f"Cannot remove {self._path}: {error.strerror or error}. Delete it by hand.") from error
