"""Uneven ground as a grid of heights: what planning knows of a level without asking the editor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional, Tuple

STEEPEST_DEG = 35.0
"""On steeper ground nothing is stood."""


@dataclass(frozen=True)
class GroundGrid:
    """Heights at x = x0 + i * step, y = y0 + j * step, row j after row; None where there is no ground."""

    x0_cm: float
    y0_cm: float
    step_cm: float
    columns: int
    rows: int
    heights_cm: Tuple[Optional[float], ...]

    def height_cm(self, x: float, y: float) -> Optional[float]:
        """Height of the ground, bilinear. None outside the grid, beside a hole, and where it is too steep to stand."""
        column, row = (x - self.x0_cm) / self.step_cm, (y - self.y0_cm) / self.step_cm
        # A point on the far edge belongs to the last cell.
        i, j = min(math.floor(column), self.columns - 2), min(math.floor(row), self.rows - 2)
        u, v = column - i, row - j
        if i < 0 or j < 0 or u > 1.0 or v > 1.0:
            return None
        first = j * self.columns + i
        a, b = self.heights_cm[first], self.heights_cm[first + 1]
        c, d = self.heights_cm[first + self.columns], self.heights_cm[first + self.columns + 1]
        if a is None or b is None or c is None or d is None:
            return None
        if max(a, b, c, d) - min(a, b, c, d) > self.step_cm * math.tan(math.radians(STEEPEST_DEG)):
            return None
        return (a * (1.0 - u) + b * u) * (1.0 - v) + (c * (1.0 - u) + d * u) * v

    def middle_cm(self) -> Optional[float]:
        """The median height, None when there is no ground at all."""
        known = sorted(height for height in self.heights_cm if height is not None)
        return known[len(known) // 2] if known else None
