"""What plugin and orchestrator say to each other while a picture settles: one takes pictures, the other compares.

`jobs/<id>/settling/<environment>/` holds `0.png`, `1.png` and on, one a tick from the moment on when the scene has
changed. Nothing here is part of what a frame depends on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Callable, Optional

SETTLE_LIMIT = 64
"""Most pictures of a series."""
NOISE_STEPS = 0.5
"""Largest mean difference of two pictures that count as the same, in steps of 255."""
BLACK, WHITE = 4.0, 251.0
"""Means beyond which a picture shows nothing: two of these are the same whatever becomes of the light."""
LEAST_PICTURES = 4
"""Pictures looked at before the first can count as settled: a sky light follows the sun only after some ticks."""
_MOTION = SETTLE_LIMIT // 4
"""So many of the last pictures tell how much moves anyway."""
_EARLIER_BY = 4
"""So much earlier a picture must be like the last one: what is still on its way is like it only just before."""
SERIES_FILE = "series.json"
ANSWER_FILE = "answer.json"


@dataclass(frozen=True)
class Series:
    """`series.json`, by the plugin."""

    complete: int
    """So many pictures are on disk, from number 0 on."""
    light_rests: bool = True
    """Whether the exposure, measured before, came to rest."""


@dataclass(frozen=True)
class Answer:
    """`answer.json`, by whoever compares."""

    settle_ticks: int
    """So many pictures of the series are not yet like the one it comes to rest at."""


def shows_something(mean: float) -> bool:
    """Whether a picture of this mean, 0 to 255, can tell anything about the light."""
    return BLACK <= mean <= WHITE


def ticks_despite_motion(difference: Callable[[int, int], float]) -> Optional[int]:
    """How many of SETTLE_LIMIT pictures that never rest differ from the last one by more than what moves anyway.

    That is what the pictures of the last quarter differ by among themselves, by `difference` of two numbers. None where
    no earlier picture is as like the last one: then all of it may be one slow change.
    """
    first = SETTLE_LIMIT - _MOTION
    motion = max(difference(a, b) for a, b in combinations(range(first, SETTLE_LIMIT), 2))
    last, tolerance = SETTLE_LIMIT - 1, max(motion, NOISE_STEPS)
    return next((number for number in range(first - _EARLIER_BY) if difference(number, last) <= tolerance), None)
