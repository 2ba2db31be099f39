"""An embedded editor whose every tick takes a tenth of a second, so that there is time to do something to it."""

from __future__ import annotations

import sys
import time

from unrealsynth.embedded import engine
from unrealsynth.embedded.__main__ import main

TICK_S = 0.1
_tick = engine.Engine.tick


def tick(self: engine.Engine, delta_s: float) -> bool:
    time.sleep(TICK_S)
    return _tick(self, delta_s)


engine.Engine.tick = tick  # type: ignore[method-assign]
sys.exit(main(sys.argv[1:]))
