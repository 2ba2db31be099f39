"""A camera that tests make up: how exposed its pictures are, and what moves in them, is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.core.geometry import CameraPose

VIEW = CameraPose((0.0, 0.0, 100.0), (0.0, -30.0, 0.0), 60.0, 1.0)
LIGHT = SceneLight(0.0, 45.0, 10.0, 6000.0, 1.0)


@dataclass
class Camera:
    """A camera whose pictures are all of one grey, after a cut less exposed than they will be."""

    right_ev: float
    lacks_ev: Callable[[int], float] = lambda _: 0.0
    """What the picture of a number lacks after a cut."""
    forgets: bool = False
    """Whether to set the exposure is a cut."""
    exposure_ev: float = 0.0
    taken: int = 0
    read: int = 0
    since_cut: int = 0
    moves: Callable[[int], list[float]] = field(default=lambda _: [0.0] * 8)
    """What moves in the picture of a number, in steps of 255."""

    def aim(self, _view: CameraPose) -> None:
        self.since_cut = 0

    def set_exposure(self, exposure_ev: float) -> None:
        self.exposure_ev = exposure_ev
        self.since_cut *= not self.forgets

    def glance(self) -> None:
        self.taken += 1
        self.since_cut += 1

    def probe(self) -> list[float]:
        self.glance()
        self.read += 1
        exposed_ev = self.exposure_ev - self.right_ev - self.lacks_ev(self.since_cut - 1)
        # As a film has it: a shoulder below white.
        linear = 0.18 * 2.0 ** min(exposed_ev, 30.0)
        shown = 1.18 * linear / (linear + 1.0)
        encoded = 12.92 * shown if shown <= 0.0031308 else 1.055 * min(shown, 1.0) ** (1.0 / 2.4) - 0.055
        return [min(max(round(255.0 * encoded + move), 0), 255) for move in self.moves(self.taken)]


def steps(ticks: int) -> Callable[[int], float]:
    """As the embedded editor has it: half an EV less in each of so many captures."""
    return lambda number: 0.5 * max(0, ticks - number)


def slowly(amount_ev: float, ticks: float) -> Callable[[int], float]:
    return lambda number: amount_ev * math.exp(-number / ticks)


def result_of(measuring: Any) -> Any:
    """What steps come to."""
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            return end.value
