"""How many ticks a picture needs to settle: from full pictures that somebody outside compares, or from tiny ones.

What Lumen and temporal effects gather belongs to a view's size, so that tiny pictures tell little about large ones.
Python in an editor cannot compare large ones; whoever collects the frames can.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Callable, Generator, List, Optional

import unreal

from unrealsynth_plugin.camera import ColorCamera
from unrealsynth_plugin.capture import EXPORT_TRIES, ExportError
from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.core.settling import (
    LEAST_PICTURES,
    NOISE_STEPS,
    SETTLE_LIMIT,
    Series,
    shows_something,
    ticks_despite_motion,
)
from unrealsynth_plugin.exposure import SetLight, mean_of
from unrealsynth_plugin.jobs import Progress
from unrealsynth_plugin.spool import JobFolder, patiently
from unrealsynth_plugin.watch import wait_for_collector

Arrange = Callable[[], None]
"""Makes the scene another: light, objects and camera, all at once as for a frame."""
MeasureSettling = Callable[[ColorCamera, Arrange, Arrange], Generator[None, None, int]]
"""Whoever finds out how many ticks a picture needs from one scene to the other."""


class ComparedSettling:
    """The measuring of one environment of a job that somebody collects."""

    def __init__(self, folder: JobFolder, environment: str, progress: Progress, light_rests: bool) -> None:
        """`light_rests` is whether the exposure came to rest. Whoever compares tells the user when not."""
        self._job_folder = folder
        self._folder = folder.settling(environment)
        self._environment = environment
        self._progress = progress
        self._light_rests = light_rests
        self._ticks: Optional[int] = None

    def measure(self, camera: ColorCamera, elsewhere: Arrange, here: Arrange) -> Generator[None, None, int]:
        """How many captures are still incomplete after the scene has changed; 0 where none is.

        Raises Cancelled when nobody answers, and ExportError.
        """
        self._progress.announce("preparing", f"measuring how long pictures of {self._environment} take to settle")
        yield from patiently(self._folder.make)
        # As large as the pictures that count, and as long as settling may take: what is gathered must be of elsewhere.
        # Nobody looks at these, so they stay where they are.
        elsewhere()
        for _ in range(SETTLE_LIMIT):
            camera.shoot()
            yield
        here()
        ticks = yield from self._answer(camera)
        self._folder.remove()
        return ticks

    def _answer(self, camera: ColorCamera) -> Generator[None, None, int]:
        """Takes a picture a tick until the answer is there."""
        lost = 0
        for number in range(SETTLE_LIMIT):
            camera.shoot()
            lost += yield from self._export(camera, number)
            # What cannot be told now is told with the next picture.
            self._tell(number + 1)
            yield
            if self._is_answered():
                break
        else:
            yield from patiently(partial(self._tell, SETTLE_LIMIT))
            note = f"waiting for the pictures of {self._environment} to be compared"
            yield from wait_for_collector(self._is_answered, note, self._job_folder, self._progress)
        # In ticks without a capture the picture may have gone on.
        return self._ticks + lost if self._ticks else 0

    def _tell(self, complete: int) -> bool:
        return self._folder.tell(Series(complete, self._light_rests))

    def _is_answered(self) -> bool:
        self._ticks = self._folder.answer()
        return self._ticks is not None

    def _export(self, camera: ColorCamera, number: int) -> Generator[None, None, int]:
        """Writes the last picture; once more at the next tick when nothing came. Returns how many ticks that took."""
        for lost in range(EXPORT_TRIES - 1):
            try:
                camera.export(self._folder.picture(number))
            except ExportError:
                yield
            else:
                return lost
        camera.export(self._folder.picture(number))
        return EXPORT_TRIES - 1


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
        ticks = next(number for number in range(final) if _difference(pictures[number], pictures[-1]) < NOISE_STEPS)
    else:
        moving = ticks_despite_motion(lambda a, b: _difference(pictures[a], pictures[b]))
        ticks = final if moving is None else moving
        unreal.log_warning(
            "UnrealSynth: Something moves at all times, so that pictures never rest; every frame waits for "
            f"{ticks} captures."
        )
    return ticks


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
        if len(pictures) >= LEAST_PICTURES and _are_alike(pictures[-1], pictures[-2]):
            break
    return pictures


def _are_alike(a: List[float], b: List[float]) -> bool:
    return _difference(a, b) < NOISE_STEPS and shows_something(mean_of(b))


def _difference(a: List[float], b: List[float]) -> float:
    if not a or len(a) != len(b):
        return 255.0
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)
