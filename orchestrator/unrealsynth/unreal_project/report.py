"""What an installation or its removal says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Report:
    """What was done, or would be."""

    project: Path
    changes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    dry_run: bool = False

    def as_json(self) -> dict[str, object]:
        return {
            "ok": True,
            "project": self.project,
            "changes": list(self.changes),
            "notes": list(self.notes),
            "dry_run": self.dry_run,
        }

    def as_text(self) -> str:
        title = "Would change" if self.dry_run else "Changed"
        lines = [f"{title} in {self.project.parent}:", *(f"  {change}" for change in self.changes)]
        return "\n".join([*(lines if self.changes else ["Nothing to change."]), *self.notes])
