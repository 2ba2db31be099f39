"""One editor at work on its share of the frames: start, watch, restart, stop."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from unrealsynth.editors.selection import Editor
from unrealsynth.errors import EditorError, EditorLostError, UnrealSynthError
from unrealsynth.jobs import Frame, make_job
from unrealsynth.recipe import ResolvedRecipe
from unrealsynth.spool import JobFolder, Spool
from unrealsynth_plugin.core.contract import Heartbeat, Prepared

TOUCH_INTERVAL_S = 1.0
HEARTBEAT_INTERVAL_S = 0.2
SILENCE_LIMIT_S = 120.0
"""An editor that announced nothing long and shows no sign of life for this time has failed."""
RESTART_LIMIT = 3
"""Restarts in a row without a single new frame."""


class EditorSession:
    """Gives an editor its frames and hands out the folders of those that are complete."""

    def __init__(
        self,
        editor: Editor,
        recipe: ResolvedRecipe,
        fingerprint: str,
        frames: Sequence[Frame],
        prepared: Callable[[], Iterable[Prepared]],
        say: Callable[[str], None],
    ) -> None:
        self.editor = editor
        self._recipe = recipe
        self._fingerprint = fingerprint
        self._missing = dict(frames)
        self._again: dict[int, int] = {}
        self._prepared = prepared
        self._say = say
        self._folder: JobFolder | None = None
        self._job_id = ""
        self._in_hand: dict[int, Path] = {}
        self._heartbeat: Heartbeat | None = None
        self._last_sign = self._next_touch = self._next_heartbeat = 0.0
        self._restarts = 0
        self._news = False

    @property
    def busy(self) -> bool:
        """Whether frames are still to come or to be collected."""
        return bool(self._missing or self._again)

    @property
    def note(self) -> str:
        """What the editor says it is doing."""
        return self._heartbeat.note if self._heartbeat else "waiting for the editor"

    def start(self) -> None:
        """Writes the job of all missing frames and starts it."""
        spool = Spool(self.editor.saved_dir)
        spool.ship(self._recipe.files)
        frames = [(k, attempt) for k, attempt in self._missing.items() if k not in self._in_hand]
        job = make_job(self._recipe, self._fingerprint, frames, tuple(self._prepared()))
        self._folder = spool.open_job(job)
        self._job_id = job.id
        self._heartbeat = None
        self._last_sign = time.monotonic()
        self.editor.client.start(job.id)

    def new_frames(self, limit: int) -> list[Path]:
        """Up to `limit` folders of frames that became complete; each is to be collected or redrawn."""
        if self._folder is None or limit <= 0:
            return []
        complete = (frame for frame in self._folder.complete_frames() if int(frame.name) not in self._in_hand)
        fresh = list(itertools.islice(complete, limit))
        self._in_hand.update((int(frame.name), frame) for frame in fresh)
        return fresh

    def new_prepared(self) -> tuple[Prepared, ...]:
        """Prepare records that this editor has written, once the heartbeat told of progress."""
        if self._folder is None or not self._news:
            return ()
        self._news = False
        return self._folder.prepared()

    def collected(self, k: int) -> None:
        """The frame is in the data set: its folder can go."""
        self._missing.pop(k, None)
        self._restarts = 0
        shutil.rmtree(self._in_hand.pop(k), ignore_errors=True)

    def redraw(self, k: int, attempt: int) -> None:
        """The frame is to be made again, with another attempt, once this job has ended."""
        self._again[k] = attempt
        self.collected(k)

    def watch(self) -> None:
        """Keeps the job going. Raises EditorError when it failed for good."""
        now = time.monotonic()
        if self._folder is None or not self.busy:
            return
        if now >= self._next_touch:
            self._next_touch = now + TOUCH_INTERVAL_S
            self._folder.touch()
        if now < self._next_heartbeat:
            return
        self._next_heartbeat = now + HEARTBEAT_INTERVAL_S
        beat = self._folder.heartbeat()
        if beat is not None and beat != self._heartbeat:
            self._news = self._news or self._heartbeat is None or beat.state != self._heartbeat.state
            self._heartbeat, self._last_sign = beat, now
        if not self.editor.alive:
            self._restart("ended unexpectedly")
        elif beat is not None and beat.state == "failed":
            raise EditorError(f"The editor could not go on: {beat.error}")
        elif beat is not None and beat.state == "cancelled":
            raise EditorError("The job was cancelled in the editor; run the same command again to go on.")
        elif beat is not None and beat.state == "done" and not self._missing:
            self._next_round()
        elif now - self._last_sign > SILENCE_LIMIT_S and not self._blocks:
            self._restart(f"gave no sign of life for {SILENCE_LIMIT_S:.0f} s")

    @property
    def _blocks(self) -> bool:
        """Whether the editor announced a step that may block it for minutes."""
        return self._heartbeat is not None and self._heartbeat.state == "preparing"

    def stop(self) -> None:
        """Cancels the job, as far as the editor still listens, and removes what is left of it."""
        try:
            if self._job_id and self.editor.alive and self.busy:
                self.editor.client.cancel(self._job_id)
        except UnrealSynthError as error:
            self._say(f"The job could not be cancelled in the editor: {error}")

    def clean(self) -> None:
        """Removes the job's folder."""
        if self._folder is not None:
            self._folder.remove()

    def _next_round(self) -> None:
        self.clean()
        self._missing, self._again = self._again, {}
        self.start()

    def _restart(self, reason: str) -> None:
        if not self.editor.can_restart:
            raise EditorLostError(
                f"The editor {reason}. Finished frames are on disk; start it and run the same command again to go on."
            )
        self._restarts += 1
        if self._restarts > RESTART_LIMIT:
            raise EditorLostError(
                f"The editor {reason} {self._restarts} times in a row without finishing a frame; "
                f"its log is below {self.editor.saved_dir.parent}."
            )
        self._say(f"The editor {reason}; starting it again.")
        self.editor.restart()
        self.start()
