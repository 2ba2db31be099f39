"""What the prepare step measures in an environment: its exposure, and how many ticks a picture needs to settle.

Exposure comes from tiny pictures of the calibration view, one a tick. So do the ticks where nobody outside can compare
full pictures: see `settling`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Callable, Generator, List, Optional

import unreal

from unrealsynth_plugin.camera import ColorCamera
from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.core.settling import (
    AT_LEAST,
    BLACK,
    SAME,
    SETTLE_LIMIT,
    shows_something,
    ticks_despite_motion,
)

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
Arrange = Callable[[], None]
"""Makes the scene another: light, objects and camera, all at once as for a frame."""
MeasureSettling = Callable[[ColorCamera, Arrange, Arrange], Generator[None, None, int]]
"""Whoever finds out how many ticks a picture needs from one scene to the other."""


def measure_exposure(
    camera: ColorCamera,
    set_light: SetLight,
    view: CameraPose,
    light: SceneLight,
    say: Optional[Callable[[str], None]] = None,
) -> Generator[None, None, float]:
    """The exposure bias, in EV, at which the view is middle grey on average as the eye averages it.

    `say`, or else the log, is told when the pictures did not come to rest; then it is what suits the last one.
    """
    set_light(light)
    camera.aim(view)
    meter = _Meter(camera)
    exposure_ev, at_least = 0.0, AT_LEAST
    while meter.left > 0:
        camera.set_exposure(exposure_ev)
        mean = yield from meter.rest(at_least)
        step, at_least = _step_ev(mean), 2
        if abs(step) < _CLOSE_EV:
            mean = yield from meter.later()
            again = _step_ev(mean)
            if abs(again) < _CLOSE_EV:
                return exposure_ev + step
            step = again
        exposure_ev = min(max(exposure_ev + step, -_FURTHEST_EV), _FURTHEST_EV)
    (say or _warn)(
        f"The light did not come to rest within {EXPOSURE_PICTURES} pictures, so that an exposure of "
        f"{exposure_ev:+.1f} EV is a guess."
    )
    return exposure_ev


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
        step = _step_ev(_mean(camera.probe()))
        # Like a frame, what comes next begins with a tick of its own.
        yield
        if abs(step) < _WORTH_EV:
            break
        exposure_ev += step
    return exposure_ev


def measure_settling(
    camera: ColorCamera, set_light: SetLight, view: CameraPose, light: SceneLight
) -> Generator[None, None, int]:
    """`settle_ticks` between a view and the same, turned, under another light: where there are no frames."""

    def elsewhere() -> None:
        roll, pitch, yaw = view.rotation_deg
        camera.aim(replace(view, rotation_deg=(roll, pitch, yaw + 120.0)))
        set_light(_elsewhere(light))

    def here() -> None:
        camera.aim(view)
        set_light(light)

    return (yield from settle_ticks(camera, elsewhere, here))


def settle_ticks(camera: ColorCamera, elsewhere: Arrange, here: Arrange) -> Generator[None, None, int]:
    """How many captures are still incomplete after the scene has changed; 0 where none is.

    For a job that nobody collects, and for the self-test: there is nobody else to compare pictures, and of large ones
    Python in an editor cannot read the pixels in time. What Lumen needs in a full picture may be more.
    """
    elsewhere()
    yield from _settled(camera)
    # Like a frame, the change comes at the beginning of a tick.
    yield
    here()
    pictures = yield from _settled(camera)
    # And so does the change that comes next: a tick counts once, however many captures it has.
    yield
    final = len(pictures) - 1
    if _are_alike(pictures[-1], pictures[-2]):
        ticks = next(number for number in range(final) if _difference(pictures[number], pictures[-1]) < SAME)
    else:
        moving = ticks_despite_motion(lambda a, b: _difference(pictures[a], pictures[b]))
        ticks = final if moving is None else moving
        _warn(f"Something moves at all times, so that pictures never rest; every frame waits for {ticks} captures.")
    return ticks


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
        return _mean(self._camera.probe())


def _is_enough(mean: float, before: float, number: int) -> bool:
    """Whether the mean of a picture counts, the `number`-th of its exposure."""
    return abs(mean - before) < SAME if shows_something(mean) else number >= _BLIND_PATIENCE


def _warn(sentence: str) -> None:
    unreal.log_warning(f"UnrealSynth: {sentence}")


def _mean(picture: List[float]) -> float:
    """The mean of the encoded values, 0 to 255: it saturates, so a bright sky does not decide alone."""
    return sum(picture) / len(picture) if picture else 0.0


def _step_ev(mean: float) -> float:
    """How much brighter a picture has to be to be grey, no more than can be told from one."""
    if not shows_something(mean):
        return _LARGEST_STEP_EV if mean < BLACK else -_LARGEST_STEP_EV
    step = math.log2(_MIDDLE_GREY / max(_linear(mean / 255.0), 1e-4))
    return min(max(step, -_LARGEST_STEP_EV), _LARGEST_STEP_EV)


def _elsewhere(light: SceneLight) -> SceneLight:
    """The sun at another place and height: a sky light that lags behind shows on even ground by the height alone."""
    if light.sun_azimuth_deg is None or light.sun_elevation_deg is None:
        return light
    height_deg = 15.0 if light.sun_elevation_deg > 40.0 else 65.0
    return replace(light, sun_azimuth_deg=light.sun_azimuth_deg + 90.0, sun_elevation_deg=height_deg)


def _settled(camera: ColorCamera) -> Generator[None, None, List[List[float]]]:
    """Tiny pictures, one a tick, until there are enough and the last two agree, or too many."""
    pictures = [camera.probe()]
    while len(pictures) < SETTLE_LIMIT:
        yield
        pictures.append(camera.probe())
        if len(pictures) >= AT_LEAST and _are_alike(pictures[-1], pictures[-2]):
            break
    return pictures


def _are_alike(a: List[float], b: List[float]) -> bool:
    return _difference(a, b) < SAME and shows_something(_mean(b))


def _difference(a: List[float], b: List[float]) -> float:
    if not a or len(a) != len(b):
        return 255.0
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)


def _linear(encoded: float) -> float:
    """The sRGB curve, IEC 61966-2-1."""
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4
