"""The embedded editor's process without its engine: a module `unreal` of three names, no renderer, no world.

Arguments as for `python -m unrealsynth.embedded`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

from unrealsynth.embedded import __main__, editor


class BareEngine:
    """Ticks callbacks and nothing else. One that returns something true has more to do at once."""

    engine_version = "5.6.0-0+UnrealSynth-Embedded"

    def __init__(self) -> None:
        self.unattended = False
        self.quit_requested = False
        self.log = SimpleNamespace(listener=None)
        self.callbacks: list[Callable[[float], object]] = []

    def tick(self, delta_s: float) -> bool:
        results = [callback(delta_s) for callback in self.callbacks]
        return any(results)

    def close(self) -> None:
        pass


def start_engine(project: Path, renderer_factory: object) -> tuple[BareEngine, ModuleType]:
    engine = BareEngine()
    unreal = ModuleType("unreal")
    unreal.register_slate_post_tick_callback = engine.callbacks.append
    unreal.quit_editor = lambda: setattr(engine, "quit_requested", True)
    unreal.is_unattended = lambda: engine.unattended
    sys.modules["unreal"] = unreal
    return engine, unreal


if __name__ == "__main__":
    editor.start_engine = start_engine
    sys.exit(__main__.main(sys.argv[1:]))
