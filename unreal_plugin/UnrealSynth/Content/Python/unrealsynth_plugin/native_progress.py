"""Jobs that were started inside the editor, shown as the editor shows its own tasks: a notification with Cancel.

While a task runs the editor asks nothing, but saves without asking whatever is unsaved when it is closed or another
level is opened. So there is a task only while nothing of the user's is unsaved; otherwise the log tells the progress.
"""

from __future__ import annotations

import time
from typing import Any, Dict, Optional

import unreal

from unrealsynth_plugin.assets import GENERATED
from unrealsynth_plugin.compatibility import finish_task
from unrealsynth_plugin.core.contract import FINAL_STATES
from unrealsynth_plugin.jobs import JobQueue
from unrealsynth_plugin.open_world import is_temporary
from unrealsynth_plugin.spool import Spool

_INTERVAL_S = 0.25
_LOG_INTERVAL_S = 10.0


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
        self._said: Dict[str, str] = {}
        """The jobs that are followed, and what was told of each last."""
        self._tasks: Dict[str, Any] = {}
        self._next_s = 0.0
        self._next_line_s = 0.0

    def follow(self, job_id: str) -> None:
        """Tells of the job from now on."""
        self._said[job_id] = ""
        unsaved = unsaved_work()
        if unsaved is not None:
            _explain("shows no notification", unsaved)
            return
        task = unreal.new_object(UnrealSynthTask)
        unreal.get_editor_subsystem(unreal.EditorUtilitySubsystem).register_and_execute_task(task)
        self._tasks[job_id] = task

    def tick(self) -> None:
        """To be called once a tick."""
        if not self._said or time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + _INTERVAL_S
        for job_id in list(self._said):
            try:
                self._show(job_id)
            except Exception as error:
                trouble = f"UnrealSynth: the progress of job {job_id} cannot be shown: {error}"
                if trouble != self._said[job_id]:
                    self._said[job_id] = trouble
                    unreal.log_error(trouble)
                self._leave(job_id, False)

    def _show(self, job_id: str) -> None:
        task = self._tasks.get(job_id)
        if task is not None and task.was_cancel_requested():
            del self._tasks[job_id]
            self._queue.cancel(job_id)
            return
        state, folder = self._queue.state(job_id), self._spool.job(job_id)
        beat = folder.heartbeat()
        if state in FINAL_STATES:
            if beat is not None and beat.error is not None:
                # Ending a task overwrites what it says.
                unreal.log_error(f"UnrealSynth: {beat.error} Details are in {folder.path / 'heartbeat.json'}.")
            self._leave(job_id, state == "done")
            return
        unsaved = unsaved_work() if task is not None else None
        if unsaved is not None:
            self._finish(job_id, False)
            _explain("ends its notification, but goes on", unsaved)
        if beat is not None:
            self._tell(job_id, f"UnrealSynth: {beat.frames_done} of {beat.frames_total}, {beat.note}")

    def _tell(self, job_id: str, text: str) -> None:
        """Each text that a notification is given becomes a line of the log, so that none is given twice."""
        if text == self._said[job_id]:
            return
        task = self._tasks.get(job_id)
        if task is not None:
            task.set_task_notification_text(text)
        elif time.monotonic() < self._next_line_s:
            return
        else:
            self._next_line_s = time.monotonic() + _LOG_INTERVAL_S
            unreal.log(text)
        self._said[job_id] = text

    def _leave(self, job_id: str, success: bool) -> None:
        self._finish(job_id, success)
        del self._said[job_id]

    def _finish(self, job_id: str, success: bool) -> None:
        """Ends the notification, if there is one. A task that cannot be ended is tried again at the next tick."""
        if job_id in self._tasks:
            finish_task(self._tasks[job_id], success)
            del self._tasks[job_id]


def unsaved_work() -> Optional[str]:
    """An unsaved asset or level that is not of our own making, or None."""
    files = unreal.EditorLoadingAndSavingUtils
    for package in [*files.get_dirty_content_packages(), *files.get_dirty_map_packages()]:
        name = str(package.get_name())
        if not name.startswith(f"{GENERATED}/") and not is_temporary(name):
            return name
    return None


def _explain(what: str, unsaved: str) -> None:
    unreal.log(
        f"UnrealSynth {what}: with one the editor would save {unsaved} without asking as it is closed. The log tells "
        "the progress, and Tools > UnrealSynth > Stop Making Frames ends it."
    )
