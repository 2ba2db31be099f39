"""The jobs of this editor, one after another, each a generator that the editor's tick steps on.

Whatever a job does or raises, a tick returns: an exception ends the job, is told in its heartbeat, and comes no second
time. This module knows nothing of `unreal`; what a job does is handed in.
"""

from __future__ import annotations

import time
import traceback
from typing import Callable, Dict, Generator, Optional

from unrealsynth_plugin.core.contract import FINAL_STATES, Heartbeat, Job
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.spool import JobFolder, Spool

HEARTBEAT_S = 0.25
"""Shortest time between two heartbeats that tell nothing but progress."""
ENDS_LATER = "cancelled, ends when the editor is free"

Steps = Generator[None, None, None]
"""Work in steps: each `yield` waits for the editor's next tick."""


class Cancelled(Exception):
    """Raised by work that is no longer wanted; the text says why."""


class Progress:
    """What a job tells about itself; written to its heartbeat file."""

    def __init__(self, job_id: str, folder: JobFolder, log: Callable[[str], None]) -> None:
        self.is_waited_for = False
        """Whether another job waits for this one to end."""
        self.is_held: Callable[[], bool] = lambda: False
        """Asked before each step: whether the editor is in the middle of something that no step may change."""
        self.is_closing = False
        """Whether the editor is about to end: then there is nothing left that could be put back in order."""
        self.state = "waiting"
        self.note = "waiting for its turn"
        self.frames_done = 0
        self.frames_total = 0
        self.error: Optional[str] = None
        self.error_details: Optional[str] = None
        self._job_id = job_id
        self._folder = folder
        self._log = log
        self._written_s = 0.0
        self._due = True
        self._complaint = ""

    def announce(self, state: str, note: str) -> None:
        """Tells at once what comes next; called before a step that may block the editor for minutes."""
        if (state, note) != (self.state, self.note):
            self.state, self.note, self._due = state, note, True
            self.beat()

    def beat(self) -> None:
        """Writes the heartbeat if something changed or the last one is old enough."""
        now_s = time.time()
        if not self._due and now_s - self._written_s < HEARTBEAT_S:
            return
        heartbeat = Heartbeat(
            self._job_id,
            self.state,
            self.note,
            self.frames_done,
            self.frames_total,
            now_s,
            self.error,
            self.error_details,
        )
        self._written_s = now_s
        try:
            self._due = not self._folder.write_heartbeat(heartbeat)
        except PluginError as error:
            # A full disk must not keep a job from ending; the state is still told by `status`.
            self._due = True
            if str(error) != self._complaint:
                self._complaint = str(error)
                self._log(f"UnrealSynth: {error}")

    @property
    def is_over(self) -> bool:
        """Whether the job has ended and that is on disk."""
        return self.state in FINAL_STATES and not self._due


Work = Callable[[Job, JobFolder, Progress], Steps]
"""Makes a job's frames. Its `finally` clauses put the editor back in order and do not yield."""


class JobQueue:
    """All jobs this editor was given since it started.

    `may_end` says whether the editor can be put back in order now; it is asked before a job is cancelled.
    """

    def __init__(
        self, spool: Spool, work: Work, log: Callable[[str], None], may_end: Callable[[], bool] = lambda: True
    ) -> None:
        self._spool = spool
        self._work = work
        self._log = log
        self._may_end = may_end
        self._jobs: Dict[str, Progress] = {}
        self._cancelled: Dict[str, bool] = {}
        self._current: Optional[str] = None
        self._steps: Optional[Steps] = None
        self._stepping = False
        self._closed = False

    def start(self, job_id: str) -> str:
        """Queues the job unless it is known or was ended before; answers its state."""
        folder = self._existing(job_id)
        if job_id not in self._jobs:
            ended = self._ended_before(folder)
            if ended is not None:
                return ended
            self._jobs[job_id] = Progress(job_id, folder, self._log)
            self._jobs[job_id].beat()
        return self._jobs[job_id].state

    def cancel(self, job_id: str) -> str:
        """Ends the job at the next tick at which the editor can be put back in order; answers the state it has now."""
        progress = self._jobs.get(job_id)
        if progress is None:
            return self._ended_before(self._existing(job_id)) or "waiting"
        if progress.state not in FINAL_STATES:
            self._cancelled[job_id] = True
        return progress.state

    def state(self, job_id: str) -> str:
        """The job's state; `waiting` for one that lies in the spool and was never started."""
        progress = self._jobs.get(job_id)
        if progress is None:
            return self._ended_before(self._existing(job_id)) or "waiting"
        return progress.state

    def beat(self) -> None:
        """Tells that the current job lives, while the editor is busy with something else."""
        if self._current is not None:
            self._jobs[self._current].beat()

    def close(self) -> None:
        """The editor is about to end. What a job had changed is for the next start to put back."""
        self._closed = True
        if self._current is None or self._steps is None:
            return
        self._jobs[self._current].is_closing = True
        try:
            self._steps.close()
        except Exception as error:
            self._log(f"UnrealSynth: job {self._current} did not end well with the editor: {error}")

    def tick(self) -> None:
        """One step of the current job. Blocking calls of the engine tick again from inside a step: those only beat."""
        if self._closed:
            return
        if self._stepping:
            self.beat()
            return
        self._stepping = True
        try:
            self._step()
        finally:
            self._stepping = False

    def _step(self) -> None:
        for progress in self._jobs.values():
            if not progress.is_over:
                progress.beat()
        for job_id in list(self._cancelled):
            if job_id != self._current:
                self._end(job_id, "cancelled", "cancelled")
        if self._current is None:
            self._current = next((key for key, job in self._jobs.items() if job.state == "waiting"), None)
        if self._current is None:
            return
        job_id, progress = self._current, self._jobs[self._current]
        progress.is_waited_for = any(job.state == "waiting" for job in self._jobs.values() if job is not progress)
        if progress.is_held():
            return
        try:
            if job_id in self._cancelled:
                if self._steps is not None:
                    if not self._may_end():
                        progress.announce("paused", ENDS_LATER)
                        return
                    self._steps.close()
                self._end(job_id, "cancelled", "cancelled")
                return
            if self._steps is None:
                self._steps = self._begin(job_id, progress)
            next(self._steps)
            progress.beat()
        except StopIteration:
            self._end(job_id, "done", "all frames are made")
        except Cancelled as reason:
            self._end(job_id, "cancelled", str(reason))
        except PluginError as error:
            self._fail(job_id, str(error))
        except Exception as error:
            self._fail(job_id, f"The plugin failed with {type(error).__name__}: {error}. Details are in the heartbeat.")

    def _begin(self, job_id: str, progress: Progress) -> Steps:
        folder = self._spool.job(job_id)
        job = folder.job()
        if job.id != job_id:
            raise PluginError(f"The folder of job {job_id} holds job {job.id!r:.80}; start the run again.")
        progress.frames_total = len(job.frames)
        return self._work(job, folder, progress)

    def _fail(self, job_id: str, sentence: str) -> None:
        details = traceback.format_exc()
        self._log(f"UnrealSynth: job {job_id} failed. {details}")
        self._jobs[job_id].error = sentence
        self._jobs[job_id].error_details = details
        self._end(job_id, "failed", "failed")

    def _end(self, job_id: str, state: str, note: str) -> None:
        self._cancelled.pop(job_id, None)
        if job_id == self._current:
            self._current, self._steps = None, None
        self._jobs[job_id].announce(state, note)

    def _existing(self, job_id: str) -> JobFolder:
        folder = self._spool.job(job_id)
        if job_id not in self._jobs and not folder.exists():
            raise PluginError(f"There is no job {job_id} in {self._spool.root / 'jobs'}.")
        return folder

    def _ended_before(self, folder: JobFolder) -> Optional[str]:
        heartbeat = folder.heartbeat()
        return heartbeat.state if heartbeat is not None and heartbeat.state in FINAL_STATES else None
