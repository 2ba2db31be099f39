"""How many ticks a picture needs to settle, from full pictures that somebody outside compares.

What Lumen and temporal effects gather belongs to a view's size, so that tiny pictures tell little about large ones.
Python in an editor cannot compare large ones; whoever collects the frames can.
"""

from __future__ import annotations

from functools import partial
from typing import Generator, Optional

from unrealsynth_plugin.calibration import Arrange
from unrealsynth_plugin.camera import ColorCamera
from unrealsynth_plugin.capture import ExportError
from unrealsynth_plugin.core.settling import SETTLE_LIMIT, Series
from unrealsynth_plugin.jobs import Progress
from unrealsynth_plugin.spool import JobFolder, patiently
from unrealsynth_plugin.watch import wait_for_collector

_EXPORT_TRIES = 3


class ComparedSettling:
    """The measuring of one environment of a job that somebody collects."""

    def __init__(self, folder: JobFolder, environment: str, progress: Progress) -> None:
        self._job_folder = folder
        self._folder = folder.settling(environment)
        self._environment = environment
        self._progress = progress
        self._ticks: Optional[int] = None
        self.light_rests = True
        """Whether the exposure came to rest. Whoever compares tells the user when not."""

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
        return self._folder.tell(Series(complete, self.light_rests))

    def _is_answered(self) -> bool:
        self._ticks = self._folder.answer()
        return self._ticks is not None

    def _export(self, camera: ColorCamera, number: int) -> Generator[None, None, int]:
        """Writes the last picture; once more at the next tick when nothing came. Returns how many ticks that took."""
        for lost in range(_EXPORT_TRIES - 1):
            try:
                camera.export(self._folder.picture(number))
            except ExportError:
                yield
            else:
                return lost
        camera.export(self._folder.picture(number))
        return _EXPORT_TRIES - 1
