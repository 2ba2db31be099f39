"""`python trapped_editor.py TRAPS …`: an embedded editor with some of Unreal's traps, a JSON object.

`throttled`: 3 ticks a second while the background throttle is on. `crash_at_export` and `dialog_at_export`: in the
middle of that export for a frame, half of its file written, the process is gone or a dialog waits for an answer; once
in a project. `crash_at_settling`: the same for a picture that is to show when it settles. `settle_captures` and
`sky_ticks`: as in `Switches`.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from unrealsynth.embedded import engine
from unrealsynth.embedded.__main__ import main
from unrealsynth.embedded.unreal.editor_settings import EditorPerformanceSettings
from unrealsynth.embedded.unreal.render_targets import RenderingLibrary

THROTTLED_TICK_S = 1 / 3
_traps: dict[str, Any] = json.loads(sys.argv[1])
_tick = engine.Engine.tick
_export = RenderingLibrary.export_render_target
_exports = {"frames": itertools.count(1), "settling": itertools.count(1)}
_lags = {name: _traps[name] for name in ("settle_captures", "sky_ticks") if name in _traps}
_Engine = engine.Engine


def make_engine(project_dir: Path, renderer: object, *_: object) -> engine.Engine:
    return _Engine(project_dir, renderer, engine.ENGINE_VERSION, engine.Switches(**_lags))  # type: ignore[arg-type]


def tick(self: engine.Engine, delta_s: float) -> bool:
    settings = self.default_object(EditorPerformanceSettings)
    if _traps.get("throttled") and EditorPerformanceSettings.throttle_cpu_when_not_foreground.read(settings):
        time.sleep(THROTTLED_TICK_S)
    return _tick(self, delta_s)


def export(world: Any, target: Any, file_path: str, file_name: str) -> None:
    path, once = Path(file_path, file_name), Path("trapped")
    kind = path.parent.parent.name
    number = next(_exports[kind])
    _export(world, target, file_path, file_name)
    crashes = number == _traps.get("crash_at_export" if kind == "frames" else "crash_at_settling")
    hangs = kind == "frames" and number == _traps.get("dialog_at_export")
    if (crashes or hangs) and not once.exists():
        once.touch()
        path.write_bytes(path.read_bytes()[:100])
        if crashes:
            os._exit(1)
        while True:
            time.sleep(1)


_Engine.tick = tick  # type: ignore[method-assign]
engine.Engine = make_engine  # type: ignore[assignment,misc]
RenderingLibrary.export_render_target = staticmethod(export)  # type: ignore[assignment,method-assign]
if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
