"""Whole runs in tests: on an editor that is shared, and without words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.progress import RunProgress
from unrealsynth.summary import RunSummary

Run = Callable[..., RunSummary]


class Shared:
    """The session's editor as a run's own, which a run must not stop."""

    can_restart = False
    leave_unsaved = False

    def __init__(self, editor: EmbeddedEditor) -> None:
        self._editor = editor
        self.client = editor.client
        self.saved_dir = editor.saved_dir

    @property
    def alive(self) -> bool:
        return self._editor.alive

    def wait_until_ready(self) -> None:
        """The session waited."""

    def restart(self) -> None:
        raise AssertionError("the shared editor was to be restarted")

    def stop(self) -> None:
        self.client.close()


class Quiet(RunProgress):
    """Says nothing, and can stop the run as Ctrl-C does."""

    def __init__(self, stop_at: int | None = None) -> None:
        super().__init__()
        self._stop_at = stop_at

    def step(self, note: str) -> None: ...

    def say(self, text: str) -> None: ...

    def frames(self, done: int, total: int) -> None:
        if self._stop_at is not None and done >= self._stop_at:
            raise KeyboardInterrupt


def files_of(data_set: Path) -> dict[str, str]:
    """Hashes of images, labels and YAML by their names."""
    found = [path for path in data_set.rglob("*") if path.suffix in {".png", ".jpg", ".txt", ".yaml"}]
    return {path.relative_to(data_set).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
