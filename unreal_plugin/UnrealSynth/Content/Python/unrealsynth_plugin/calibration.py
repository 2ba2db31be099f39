"""What the prepare step measures in an environment: its exposure, and how many ticks a picture needs to settle.

Both come from tiny pictures of the calibration view, one a tick. Where somebody outside can compare full pictures, the
ticks come from these: see `settling`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Callable, Generator, List

from unrealsynth_plugin.camera import ColorCamera
from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.core.settling import AT_LEAST, SAME, SETTLE_LIMIT

_ROUNDS = 4
_MIDDLE_GREY = 0.18
_LARGEST_STEP_EV = 4.0

SetLight = Callable[[SceneLight], None]
MeasureSettling = Callable[[ColorCamera, SetLight, CameraPose, SceneLight], Generator[None, None, int]]
"""Whoever finds out how many ticks a picture needs."""


def measure_exposure(
    camera: ColorCamera, set_light: SetLight, view: CameraPose, light: SceneLight
) -> Generator[None, None, float]:
    """The exposure bias, in EV, at which the view is middle grey on average as the eye averages it."""
    set_light(light)
    camera.aim(view)
    exposure_ev = 0.0
    for number in range(_ROUNDS):
        camera.set_exposure(exposure_ev)
        pixels = (yield from _settled(camera, AT_LEAST if number == 0 else 2))[-1]
        # The mean of the encoded values: it saturates, so a bright sky does not decide alone.
        mean = sum(pixels) / len(pixels) / 255.0 if pixels else 0.0
        step = math.log2(_MIDDLE_GREY / max(_linear(mean), 1e-4))
        exposure_ev += min(max(step, -_LARGEST_STEP_EV), _LARGEST_STEP_EV)
        if abs(step) < 0.02:
            break
    return exposure_ev


def measure_settling(
    camera: ColorCamera, set_light: SetLight, view: CameraPose, light: SceneLight
) -> Generator[None, None, int]:
    """How many captures are still incomplete after camera and light have changed; 0 where none is.

    For a job that nobody collects, and for the self-test: there is nobody else to compare pictures, and of large ones
    Python in an editor cannot read the pixels in time. What Lumen needs in a full picture may be more.
    """
    turn_away(camera, set_light, view, light)
    yield from _settled(camera, AT_LEAST)
    # Like a frame, the change comes at the beginning of a tick.
    yield
    camera.aim(view)
    set_light(light)
    pictures = yield from _settled(camera, AT_LEAST)
    # And so does the change that comes next: a tick counts once, however many captures it has.
    yield
    final = pictures[-1]
    return next(ticks for ticks, picture in enumerate(pictures) if _difference(picture, final) < SAME)


def turn_away(camera: ColorCamera, set_light: SetLight, view: CameraPose, light: SceneLight) -> None:
    """Looks elsewhere, under another light."""
    roll, pitch, yaw = view.rotation_deg
    camera.aim(replace(view, rotation_deg=(roll, pitch, yaw + 120.0)))
    set_light(_elsewhere(light))


def _elsewhere(light: SceneLight) -> SceneLight:
    """The sun at another place and height: a sky light that lags behind shows on even ground by the height alone."""
    if light.sun_azimuth_deg is None or light.sun_elevation_deg is None:
        return light
    height_deg = 15.0 if light.sun_elevation_deg > 40.0 else 65.0
    return replace(light, sun_azimuth_deg=light.sun_azimuth_deg + 90.0, sun_elevation_deg=height_deg)


def _settled(camera: ColorCamera, at_least: int) -> Generator[None, None, List[List[float]]]:
    """Tiny pictures, one a tick, until there are `at_least` so many and the last two agree, or too many."""
    pictures = [camera.probe()]
    while len(pictures) <= SETTLE_LIMIT:
        yield
        pictures.append(camera.probe())
        if len(pictures) >= at_least and _difference(pictures[-1], pictures[-2]) < SAME:
            break
    return pictures


def _difference(a: List[float], b: List[float]) -> float:
    if not a or len(a) != len(b):
        return 255.0
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)


def _linear(encoded: float) -> float:
    """The sRGB curve, IEC 61966-2-1."""
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4
