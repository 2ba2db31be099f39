"""Where objects may stand, seen from above: a circle, or a box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Optional, Tuple

from unrealsynth_plugin.core.contract import Prepared
from unrealsynth_plugin.core.geometry import Vec2, Vec3
from unrealsynth_plugin.core.settings import Spawn


@dataclass(frozen=True)
class Region:
    """The circle about `center` with `radius`, or the part of it inside `box`; cm."""

    center: Vec2
    radius: float
    box: Optional[Tuple[Vec3, Vec3]] = None

    @classmethod
    def of(cls, spawn: Spawn, prepared: Optional[Prepared] = None) -> Region:
        """The region of an environment, with what the editor found out about it."""
        box = prepared.region if prepared is not None and prepared.region is not None else spawn.box
        if box is None:
            return cls(spawn.center, spawn.radius)
        (x0, y0, _), (x1, y1, _) = box
        return cls(((x0 + x1) / 2.0, (y0 + y1) / 2.0), math.hypot(x1 - x0, y1 - y0) / 2.0, box)

    def draw(self, random: Random) -> Vec2:
        """A point, each equally likely."""
        if self.box is not None:
            (x0, y0, _), (x1, y1, _) = self.box
            return x0 + (x1 - x0) * random.random(), y0 + (y1 - y0) * random.random()
        # The square root spreads points evenly over the disc.
        radius = self.radius * math.sqrt(random.random())
        angle = 2.0 * math.pi * random.random()
        return self.center[0] + radius * math.cos(angle), self.center[1] + radius * math.sin(angle)

    def holds(self, x: float, y: float) -> bool:
        """Whether an object may stand there."""
        if self.box is not None:
            (x0, y0, _), (x1, y1, _) = self.box
            return x0 <= x <= x1 and y0 <= y <= y1
        return math.dist((x, y), self.center) <= self.radius
