"""A file that says that an editor is there and goes on ticking, for whoever gets no answer from it.

It tells a busy or blocked editor from one whose remote execution is not heard. Nothing is raised into a tick.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Callable, Dict

from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import PresenceRecord
from unrealsynth_plugin.core.spool_files import PRESENCE
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.spool import write_json

INTERVAL_S = 5.0
"""How often the file is written."""


class Presence:
    """`editor.json` in the editor's folder, and the editor's loading on request.

    `finish_loading` blocks until shaders are compiled; it is called in a tick, and only when somebody asked for it.
    """

    def __init__(
        self, folder: Path, describe: Callable[[], Dict[str, Any]], finish_loading: Callable[[], None]
    ) -> None:
        self.ticks = 0
        self._file = folder / PRESENCE
        self._describe = describe
        self._finish_loading = finish_loading
        self._state = "running"
        self._next_s = 0.0
        self._settling = "not asked"
        self._trouble = ""

    def tick(self) -> None:
        """To be called once a tick."""
        self.ticks += 1
        if self._state == "ended":
            return
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + INTERVAL_S
            self._write()
        if self._settling == "asked":
            # Loading ticks again from inside, so the state comes first.
            self._settling = "under way"
            self._write()
            try:
                self._finish_loading()
            except Exception as error:
                # A job loads and waits by itself; whoever asked is told.
                self._trouble = f"{type(error).__name__}: {error}"
            self._settling = "done"

    def settle(self, is_loading: bool) -> Dict[str, Any]:
        """Asks for all loading and compiling to be finished, which may take long; answers whether it is."""
        if not is_loading and self._settling == "not asked":
            self._settling = "asked"
        return {"is_loading_assets": is_loading, "settled": self._settling == "done", "trouble": self._trouble[:400]}

    def close(self) -> None:
        """The editor is about to end."""
        self._state = "ended"
        self._write()

    def _write(self) -> None:
        record = PresenceRecord(self._state, os.getpid(), time.time(), self.ticks, VERSION)
        try:
            write_json(self._file, {**self._describe(), **encode(record)})
        except PluginError:
            # A full disk: the next write comes in seconds.
            return
