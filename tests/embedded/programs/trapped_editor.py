"""`python trapped_editor.py TRAPS …`: an embedded editor with some of Unreal's traps, a JSON object.

`throttled`: 3 ticks a second while the background throttle is on. `crash_at_export` and `dialog_at_export`: in the
middle of that export, half of its file written, the process is gone or a dialog waits for an answer; once in a project.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from unrealsynth.embedded.__main__ import main
from unrealsynth.embedded.engine import Engine
from unrealsynth.embedded.unreal.editor_settings import EditorPerformanceSettings
from unrealsynth.embedded.unreal.render_targets import RenderingLibrary

THROTTLED_TICK_S = 1 / 3
_traps: dict[str, Any] = json.loads(sys.argv[1])
_tick = Engine.tick
_export = RenderingLibrary.export_render_target
_exports = itertools.count(1)


def tick(self: Engine, delta_s: float) -> bool:
    settings = self.default_object(EditorPerformanceSettings)
    if _traps.get("throttled") and EditorPerformanceSettings.throttle_cpu_when_not_foreground.read(settings):
        time.sleep(THROTTLED_TICK_S)
    return _tick(self, delta_s)


def export(world: Any, target: Any, file_path: str, file_name: str) -> None:
    number = next(_exports)
    path, once = Path(file_path, file_name), Path("trapped")
    _export(world, target, file_path, file_name)
    trapped = number in (_traps.get("crash_at_export"), _traps.get("dialog_at_export"))
    if trapped and not once.exists():
        once.touch()
        path.write_bytes(path.read_bytes()[:100])
        if number == _traps.get("crash_at_export"):
            os._exit(1)
        while True:
            time.sleep(1)


Engine.tick = tick  # type: ignore[method-assign]
RenderingLibrary.export_render_target = staticmethod(export)  # type: ignore[assignment,method-assign]
if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
