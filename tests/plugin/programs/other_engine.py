"""`python other_engine.py SWITCHES …`: an embedded editor that behaves as SWITCHES say, a JSON object.

Its keys are those of `engine.Switches`, `engine_version`, and `empty_exports`: as many of the first exports leave an
empty file, silently, as Unreal does when it cannot read a render target.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from unrealsynth.embedded import engine
from unrealsynth.embedded.__main__ import main
from unrealsynth.embedded.unreal.render_targets import RenderingLibrary

_wanted: dict[str, Any] = json.loads(sys.argv[1])
_version = _wanted.pop("engine_version", engine.ENGINE_VERSION)
_empty_exports = _wanted.pop("empty_exports", 0)
_switches: Any = {key: tuple(value) if isinstance(value, list) else value for key, value in _wanted.items()}
_Engine = engine.Engine
_export = RenderingLibrary.export_render_target


def make_engine(project_dir: Path, renderer: object, *_: object) -> engine.Engine:
    return _Engine(project_dir, renderer, _version, engine.Switches(**_switches))  # type: ignore[arg-type]


def export(world: object, target: object, file_path: str, file_name: str) -> None:
    global _empty_exports
    if _empty_exports:
        _empty_exports -= 1
        (Path(file_path) / file_name).write_bytes(b"")
    else:
        _export(world, target, file_path, file_name)  # type: ignore[arg-type]


RenderingLibrary.export_render_target = staticmethod(export)  # type: ignore[assignment,method-assign]
engine.Engine = make_engine  # type: ignore[assignment,misc]
sys.exit(main(sys.argv[2:]))
