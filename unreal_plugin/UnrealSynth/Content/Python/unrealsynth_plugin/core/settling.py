"""What plugin and orchestrator say to each other while a picture settles: one takes pictures, the other compares.

`jobs/<id>/settling/<environment>/` holds `0.png`, `1.png` and on, one a tick from the moment on when camera and light
have changed. Nothing here is part of what a frame depends on.
"""

from __future__ import annotations

from dataclasses import dataclass

SETTLE_LIMIT = 64
"""Most pictures of a series."""
SAME = 0.5
"""Largest mean difference of two pictures that count as the same, in steps of 255."""
AT_LEAST = 4
"""Pictures looked at before the first can count as settled: a sky light follows the sun only after some ticks."""
SERIES_FILE = "series.json"
ANSWER_FILE = "answer.json"


@dataclass(frozen=True)
class Series:
    """`series.json`, by the plugin."""

    complete: int
    """So many pictures are on disk, from number 0 on."""


@dataclass(frozen=True)
class Answer:
    """`answer.json`, by whoever compares."""

    settle_ticks: int
    """So many pictures of the series are not yet like the one it comes to rest at."""
