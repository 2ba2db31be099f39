"""How many captures a picture needs to settle: full pictures, taken by the editor one a tick, are compared here.

Their number is the same however fast they come and are looked at, because it follows from the first two that agree.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.pictures import read_rgb
from unrealsynth.spool import JobFolder
from unrealsynth_plugin.core.settling import AT_LEAST, SAME, SETTLE_LIMIT

Picture = NDArray[np.uint8]


class Comparison:
    """The pictures of one environment, in the order in which they come."""

    def __init__(self, read: Callable[[int], Picture]) -> None:
        """`read` gives the picture of a number. Few are kept: there may be many, and large ones."""
        self._read = read
        self._compared = 0
        self._first: Picture | None = None
        self._last: Picture | None = None

    def settle_ticks(self, complete: int) -> int | None:
        """How many of the first pictures are not like the one that it comes to rest at; None before it does.

        `complete` pictures can be read. After SETTLE_LIMIT of them the last one counts as rest.
        """
        while self._compared < min(complete, SETTLE_LIMIT):
            picture = self._read(self._compared)
            before, self._last = self._last, picture
            if self._first is None:
                self._first = picture
            self._compared += 1
            rests = before is not None and self._compared >= AT_LEAST and are_same(before, picture)
            if rests or self._compared == SETTLE_LIMIT:
                return self._first_like(self._first, picture)
        return None

    def _first_like(self, first: Picture, final: Picture) -> int:
        if are_same(first, final):
            return 0
        last = self._compared - 1
        return next((number for number in range(1, last) if are_same(self._read(number), final)), last)


class Settling:
    """Answers the editor about all environments of one job."""

    def __init__(self, folder: JobFolder, resolution: tuple[int, int], say: Callable[[str], None]) -> None:
        """`say` tells the user of what never settles."""
        self._folder = folder
        self._resolution = resolution
        self._say = say
        self._comparisons: dict[str, Comparison] = {}
        self._answered: set[str] = set()

    def advance(self) -> None:
        """Compares what has come since the last call. Raises UnrealSynthError for files that make no sense."""
        for environment in self._folder.settling():
            # What an editor could not delete is not looked at again.
            if environment not in self._answered:
                self._compare(environment)

    def _compare(self, environment: str) -> None:
        comparison = self._comparisons.setdefault(environment, Comparison(partial(self._read, environment)))
        ticks = comparison.settle_ticks(self._folder.settling_pictures(environment))
        if ticks is None:
            return
        self._folder.answer_settling(environment, ticks)
        self._answered.add(environment)
        del self._comparisons[environment]
        if ticks == SETTLE_LIMIT - 1:
            self._say(
                f"Pictures of {environment} still change after {SETTLE_LIMIT} captures, so that every frame waits for "
                f"{ticks}; look for what moves or flickers in it."
            )

    def _read(self, environment: str, number: int) -> Picture:
        return read_rgb(self._folder.settling_picture(environment, number), self._resolution)


def are_same(a: Picture, b: Picture) -> bool:
    """Whether two pictures of one size differ by noise alone."""
    # The larger less the smaller does not leave eight bits.
    return float(np.mean(np.maximum(a, b) - np.minimum(a, b))) < SAME
