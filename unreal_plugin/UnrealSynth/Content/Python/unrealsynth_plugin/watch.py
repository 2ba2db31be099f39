"""What holds a job up or ends it: the user at work in the editor, and nobody to collect the frames."""

from __future__ import annotations

import time
from typing import Callable

from unrealsynth_plugin.core.contract import Job
from unrealsynth_plugin.editor_state import EditorState
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import Cancelled, Progress, Steps
from unrealsynth_plugin.open_world import has_world, is_at_rest, is_playing, world_path
from unrealsynth_plugin.spool import JobFolder

COLLECTOR_S = 10.0
"""After this long without a sign of life a collector counts as gone, and the job pauses."""
ABANDONED_S = 600.0
"""A job that has waited this long and has no collector ends, and gives the editor back to its user."""


def undisturbed(steps: Steps, editor: EditorState, progress: Progress) -> Steps:
    """Takes `steps`, but pauses while the user plays the level or opens one.

    Raises PluginError when another map was opened, or the user has changed what a job has borrowed.
    """
    try:
        while True:
            # First, for meanwhile the editor does not tell which map is open.
            yield from _while_away(progress)
            if editor.has_lost_map():
                raise map_changed()
            for check in list(editor.checks):
                check()
            try:
                next(steps)
            except StopIteration:
                return
            yield
    finally:
        steps.close()


def map_changed() -> PluginError:
    """Why a job ends that was making frames in a map which is not there any more."""
    where = f" ({world_path()})" if has_world() else ""
    return PluginError(f"Another level{where} was opened while frames were made; start the run again to go on.")


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


def _while_away(progress: Progress) -> Steps:
    if is_at_rest():
        return
    before = progress.state, progress.note
    while not is_at_rest():
        progress.announce("paused", f"waiting for {'Play-in-Editor to end' if is_playing() else 'a level to be open'}")
        yield
    progress.announce(*before)
