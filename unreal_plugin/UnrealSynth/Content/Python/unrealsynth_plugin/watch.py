"""What holds a job up or ends it: the user at work in the editor, and nobody to collect the frames."""

from __future__ import annotations

import time
from typing import Callable

from unrealsynth_plugin.core.contract import Job
from unrealsynth_plugin.editor_state import EditorState, is_playing, world_path
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import Cancelled, Progress, Steps
from unrealsynth_plugin.spool import JobFolder

COLLECTOR_S = 10.0
"""After this long without a sign of life, nobody collects any more, and the job pauses."""
ABANDONED_S = 600.0
"""After this long it ends, and gives the editor back to its user."""


def undisturbed(steps: Steps, editor: EditorState, progress: Progress) -> Steps:
    """Takes `steps`, but pauses while the user plays the level. Raises PluginError when another map was opened."""
    try:
        for _ in steps:
            yield
            # First, for while somebody plays the editor does not tell which map is open.
            yield from _while_playing(progress)
            if editor.has_lost_map():
                raise map_changed()
    finally:
        steps.close()


def map_changed() -> PluginError:
    """Why a job ends that was making frames in a map which is not there any more."""
    return PluginError(
        f"Another level ({world_path()}) was opened while frames were made; start the run again to go on."
    )


def wait_until_wanted(job: Job, folder: JobFolder, progress: Progress) -> Steps:
    """Waits while frames pile up or nobody collects them. A job that collects itself never waits."""
    if not job.keeps_frames:
        yield from wait_for_collector(
            lambda: folder.uncollected() < job.max_uncollected, "waiting for frames to be collected", folder, progress
        )


def wait_for_collector(is_done: Callable[[], bool], waiting: str, folder: JobFolder, progress: Progress) -> Steps:
    """Waits until whoever collects has done something. Raises Cancelled when nobody does."""
    asked_s = time.time()
    while True:
        age_s = folder.collector_age_s(time.time())
        if age_s is None or age_s > COLLECTOR_S:
            note = "waiting for somebody to collect frames"
            if progress.is_waited_for or time.time() - asked_s > ABANDONED_S:
                raise Cancelled("nobody collected the frames")
        elif is_done():
            return
        else:
            note = waiting
        progress.announce("paused", note)
        yield


def _while_playing(progress: Progress) -> Steps:
    before = progress.state, progress.note
    if not is_playing():
        return
    while is_playing():
        progress.announce("paused", "waiting for Play-in-Editor to end")
        yield
    progress.announce(*before)
