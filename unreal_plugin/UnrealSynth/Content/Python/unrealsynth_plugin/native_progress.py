"""Jobs that were started inside the editor, shown as the editor shows its own tasks: a notification with Cancel."""

from __future__ import annotations

import time
from typing import Any, Dict

import unreal

from unrealsynth_plugin.jobs import FINAL_STATES, JobQueue
from unrealsynth_plugin.spool import Spool

_INTERVAL_S = 0.25


@unreal.uclass()
class UnrealSynthTask(unreal.EditorUtilityTask):  # type: ignore[misc]
    """Does nothing itself: the job is stepped by the editor's tick."""


class NativeProgress:
    """Follows jobs to their end. An unfinished task keeps the editor from asking anything, so each is finished.

    A task that the user cancels is finished by the editor; doing it again would be an error.
    """

    def __init__(self, spool: Spool, queue: JobQueue) -> None:
        self._spool = spool
        self._queue = queue
        self._tasks: Dict[str, Any] = {}
        self._next_s = 0.0

    def follow(self, job_id: str) -> None:
        """Shows the job from now on."""
        task = unreal.new_object(UnrealSynthTask)
        unreal.get_editor_subsystem(unreal.EditorUtilitySubsystem).register_and_execute_task(task)
        self._tasks[job_id] = task

    def tick(self) -> None:
        """To be called once a tick."""
        if not self._tasks or time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + _INTERVAL_S
        for job_id, task in list(self._tasks.items()):
            try:
                self._show(job_id, task)
            except Exception as error:
                unreal.log_error(f"UnrealSynth: the progress of job {job_id} cannot be shown: {error}")
                if self._tasks.pop(job_id, None) is not None:
                    task.finish_executing_task(False)

    def _show(self, job_id: str, task: Any) -> None:
        state, beat = self._queue.state(job_id), self._spool.job(job_id).heartbeat()
        if task.was_cancel_requested():
            del self._tasks[job_id]
            self._queue.cancel(job_id)
            return
        if beat is not None:
            task.set_task_notification_text(f"UnrealSynth: {beat.frames_done} of {beat.frames_total}, {beat.note}")
        if state not in FINAL_STATES:
            return
        if beat is not None and beat.error is not None:
            unreal.log_error(f"UnrealSynth: {beat.error}")
            task.set_task_notification_text(f"UnrealSynth: {beat.error}")
        del self._tasks[job_id]
        task.finish_executing_task(state == "done")
