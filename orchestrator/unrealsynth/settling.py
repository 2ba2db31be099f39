"""How many captures a picture needs to settle: full pictures, taken by the editor one a tick, are compared here.

Their number is the same however fast they come and are looked at, because it follows from the first two that agree.
Where something moves all the time no two do; then it follows from all that are taken at most.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.pictures import read_rgb
from unrealsynth.progress import Say
from unrealsynth.spool import JobFolder, SettlingFolder
from unrealsynth_plugin.core.settling import (
    LEAST_PICTURES,
    NOISE_STEPS,
    SETTLE_LIMIT,
    shows_something,
    ticks_despite_motion,
)

Picture = NDArray[np.uint8]
_SMALL_PX = 64


class Comparison:
    """The pictures of one environment, in the order in which they come."""

    def __init__(self, read: Callable[[int], Picture]) -> None:
        """`read` gives the picture of a number. Few are kept: there may be many, and large ones."""
        self._read = read
        self._compared = 0
        self._first: Picture | None = None
        self._last: Picture | None = None
        self._small: list[NDArray[np.float32]] = []
        self.rests = True
        """Whether there were two in a row that agree."""

    def settle_ticks(self, complete: int) -> int | None:
        """How many of the first pictures are not like the one that it comes to rest at; None before it does.

        `complete` pictures can be read. After SETTLE_LIMIT of them the last one counts as rest; what moves even then
        counts as moving always.
        """
        while self._compared < min(complete, SETTLE_LIMIT):
            picture = self._read(self._compared)
            before, self._last = self._last, picture
            if self._first is None:
                self._first = picture
            self._compared += 1
            self._small.append(_small(picture))
            if self._compared >= LEAST_PICTURES and self._rests(before, picture):
                return self._first_like(self._first, picture)
            if self._compared == SETTLE_LIMIT:
                self.rests = False
                ticks = ticks_despite_motion(lambda a, b: float(np.mean(np.abs(self._small[a] - self._small[b]))))
                return SETTLE_LIMIT - 1 if ticks is None else ticks
        return None

    @staticmethod
    def _rests(before: Picture | None, picture: Picture) -> bool:
        return before is not None and are_same(before, picture) and shows_something(float(np.mean(picture)))

    def _first_like(self, first: Picture, final: Picture) -> int:
        if are_same(first, final):
            return 0
        last = self._compared - 1
        return next((number for number in range(1, last) if are_same(self._read(number), final)), last)


class Settling:
    """Answers the editor about all environments of one job."""

    def __init__(self, folder: JobFolder, resolution: tuple[int, int], say: Say) -> None:
        """`say` tells the user of what never settles."""
        self._folder = folder
        self._resolution = resolution
        self._say = say
        self._comparisons: dict[str, Comparison] = {}

    def advance(self) -> None:
        """Compares what has come since the last call. Raises UnrealSynthError for files that make no sense."""
        for pictures in self._folder.settling():
            # An editor takes a while to delete what is answered, and may not be able to.
            if not pictures.is_answered():
                self._compare(pictures)

    def _compare(self, pictures: SettlingFolder) -> None:
        environment = pictures.environment
        comparison = self._comparisons.setdefault(environment, Comparison(partial(self._read, pictures)))
        series = pictures.series()
        ticks = comparison.settle_ticks(series.complete)
        if ticks is None:
            return
        pictures.answer(ticks)
        del self._comparisons[environment]
        if not series.light_rests:
            self._say(
                f"The light of {environment} did not come to rest while its exposure was measured, so that its "
                "pictures may be too dark or too bright; look for what changes slowly or flickers in it."
            )
        if ticks == SETTLE_LIMIT - 1:
            self._say(
                f"Pictures of {environment} still change after {SETTLE_LIMIT} captures, so that every frame waits for "
                f"{ticks}; look for what moves or flickers in it."
            )
        elif not comparison.rests:
            self._say(
                f"Something moves in {environment} at all times, so that its pictures never rest; every frame waits "
                f"for {ticks} captures, after which they changed no more than that."
            )

    def _read(self, pictures: SettlingFolder, number: int) -> Picture:
        return read_rgb(pictures.picture(number), self._resolution)


def _small(picture: Picture) -> NDArray[np.float32]:
    """Means of boxes of a picture, few enough to be kept of all pictures."""
    down, across = (max(1, side // _SMALL_PX) for side in picture.shape[:2])
    height, width = picture.shape[0] // down, picture.shape[1] // across
    rows = picture[: height * down].reshape(height, down, -1, 3).sum(axis=1, dtype=np.uint32)
    boxes = rows[:, : width * across].reshape(height, width, across, 3).sum(axis=2, dtype=np.uint32)
    small: NDArray[np.float32] = boxes.astype(np.float32) / np.float32(down * across)
    return small


def are_same(a: Picture, b: Picture) -> bool:
    """Whether two pictures of one size differ by noise alone."""
    # The larger less the smaller does not leave eight bits.
    return float(np.mean(np.maximum(a, b) - np.minimum(a, b))) < NOISE_STEPS
