"""At which exposure an environment shows: looked for in tiny pictures of the calibration view, one a tick."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Generator, List, Optional

from unrealsynth_plugin.camera import ColorCamera
from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.core.settling import BLACK, LEAST_PICTURES, NOISE_STEPS, shows_something

EXPOSURE_PICTURES = 64
"""Most pictures that the exposure is looked for in."""
_MIDDLE_GREY = 0.18
_LARGEST_STEP_EV = 4.0
_FURTHEST_EV = 16.0
_CLOSE_EV = 0.02
_WORTH_EV = 0.05
"""A step smaller than this corrects nothing that anybody would see."""
_CORRECTIONS = 3
_APART = 4
"""So many pictures later a measurement must hold still: what changes slowly is like the picture just before."""
_PATIENCE = 16
"""Pictures after which one counts although it is not like the one before."""
_BLIND_PATIENCE = 4
"""The same for those that show nothing, and are alike only because of that."""

SetLight = Callable[[SceneLight], None]


@dataclass(frozen=True)
class Exposure:
    """An exposure bias as it was measured."""

    ev: float
    rests: bool
    """Whether the pictures came to rest; else the bias suits the last of them."""

    @property
    def doubt(self) -> Optional[str]:
        """What the user should know of it, as a sentence, or None."""
        if self.rests:
            return None
        return (
            f"The light did not come to rest within {EXPOSURE_PICTURES} pictures, so that an exposure of "
            f"{self.ev:+.1f} EV is a guess."
        )


def measure_exposure(
    camera: ColorCamera, set_light: SetLight, view: CameraPose, light: SceneLight
) -> Generator[None, None, Exposure]:
    """The bias at which the view is middle grey on average as the eye averages it."""
    set_light(light)
    camera.aim(view)
    meter = _Meter(camera)
    exposure_ev, at_least = 0.0, LEAST_PICTURES
    while meter.left > 0:
        camera.set_exposure(exposure_ev)
        mean = yield from meter.rest(at_least)
        step, at_least = _step_ev(mean), 2
        if abs(step) < _CLOSE_EV:
            mean = yield from meter.later()
            again = _step_ev(mean)
            if abs(again) < _CLOSE_EV:
                return Exposure(exposure_ev + step, rests=True)
            step = again
        exposure_ev = min(max(exposure_ev + step, -_FURTHEST_EV), _FURTHEST_EV)
    return Exposure(exposure_ev, rests=False)


def correct_exposure(
    camera: ColorCamera,
    set_light: SetLight,
    view: CameraPose,
    light: SceneLight,
    exposure_ev: float,
    settle_ticks: int,
) -> Generator[None, None, float]:
    """The exposure, measured once more in pictures that have waited for as many ticks as frames do."""
    set_light(light)
    for _ in range(_CORRECTIONS):
        camera.aim(view)
        camera.set_exposure(exposure_ev)
        for _ in range(settle_ticks):
            camera.glance()
            yield
        step = _step_ev(mean_of(camera.probe()))
        # Like a frame, what comes next begins with a tick of its own.
        yield
        if abs(step) < _WORTH_EV:
            break
        exposure_ev += step
    return exposure_ev


class _Meter:
    """Means of tiny pictures, one a tick, of which there are not too many."""

    def __init__(self, camera: ColorCamera) -> None:
        self.left = EXPOSURE_PICTURES
        self._camera = camera

    def rest(self, at_least: int) -> Generator[None, None, float]:
        """The mean once it is like the one before, or once there is no more patience."""
        # What is not compared need not be read.
        yield from self._pass(at_least - 2)
        mean = self._probe()
        for number in range(at_least, _PATIENCE + 1):
            yield
            before, mean = mean, self._probe()
            if self.left <= 0 or _is_enough(mean, before, number):
                break
        return mean

    def later(self) -> Generator[None, None, float]:
        """The mean of a picture some ticks later."""
        yield
        yield from self._pass(_APART - 1)
        return self._probe()

    def _pass(self, pictures: int) -> Generator[None, None, None]:
        for _ in range(pictures):
            self.left -= 1
            self._camera.glance()
            yield

    def _probe(self) -> float:
        self.left -= 1
        return mean_of(self._camera.probe())


def _is_enough(mean: float, before: float, number: int) -> bool:
    """Whether the mean of a picture counts, the `number`-th of its exposure."""
    return abs(mean - before) < NOISE_STEPS if shows_something(mean) else number >= _BLIND_PATIENCE


def mean_of(picture: List[float]) -> float:
    """The mean of the encoded values, 0 to 255: it saturates, so a bright sky does not decide alone."""
    return sum(picture) / len(picture) if picture else 0.0


def _step_ev(mean: float) -> float:
    """How much brighter a picture has to be to be grey, no more than can be told from one."""
    if not shows_something(mean):
        return _LARGEST_STEP_EV if mean < BLACK else -_LARGEST_STEP_EV
    step = math.log2(_MIDDLE_GREY / max(_linear(mean / 255.0), 1e-4))
    return min(max(step, -_LARGEST_STEP_EV), _LARGEST_STEP_EV)


def _linear(encoded: float) -> float:
    """The sRGB curve, IEC 61966-2-1."""
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4
