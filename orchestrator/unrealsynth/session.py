"""One editor at work on its share of the frames: start, watch, restart, stop.

A job that ends, in whatever way, is looked into only when all frames it finished are collected.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from unrealsynth.editors.selection import Editor
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError, UnrealSynthError
from unrealsynth.jobs import Frame, make_job
from unrealsynth.recipe import ResolvedRecipe
from unrealsynth.spool import ENDED, JobFolder, Spool
from unrealsynth_plugin.core.contract import Heartbeat, Prepared

TOUCH_INTERVAL_S = 1.0
WATCH_INTERVAL_S = 0.2
SILENCE_LIMIT_S = 120.0
"""An editor that shows no sign of life for this time has failed,"""
BLOCKED_LIMIT_S = 1800.0
"""or for this time, when it announced a step that may block it for minutes."""
ASK_AFTER_S = 5.0
"""After this silence the editor is asked how the job is: on a full disk it cannot write that it failed."""
ASK_INTERVAL_S = 30.0
ASK_TIMEOUT_S = 1.0
RESTART_LIMIT = 3
"""Restarts in a row without a single new frame."""
CANCEL_TIMEOUT_S = 1.0
"""An editor that does not hear of the cancellation in time finds out that nobody collects."""


class EditorSession:
    """Gives an editor its frames and hands out the folders of those that are complete."""

    def __init__(
        self,
        editor: Editor,
        recipe: ResolvedRecipe,
        fingerprint: str,
        frames: Sequence[Frame],
        known: Callable[[], Iterable[Prepared]],
        say: Callable[[str], None],
    ) -> None:
        """`known` gives the prepare records that there are already, `say` tells the user."""
        self._editor = editor
        self._recipe = recipe
        self._fingerprint = fingerprint
        self._missing = dict(frames)
        self._again: dict[int, int] = {}
        self._known = known
        self._say = say
        self._folder: JobFolder | None = None
        self._in_hand: dict[int, Path] = {}
        self._heartbeat: Heartbeat | None = None
        self._trouble = ""
        self._last_sign = self._next_touch = self._next_watch = self._next_question = 0.0
        self._restarts = 0

    @property
    def busy(self) -> bool:
        """Whether frames are still to come or to be collected."""
        return bool(self._missing or self._again)

    @property
    def note(self) -> str:
        """What the editor says it is doing."""
        return self._heartbeat.note if self._heartbeat else "waiting for the editor"

    def start(self) -> None:
        """Writes the job of all missing frames and starts it. No frame of an earlier job may be in hand."""
        self.clean()
        spool = Spool(self._editor.saved_dir)
        spool.sweep()
        spool.ship(self._recipe.files)
        job = make_job(
            self._recipe,
            self._fingerprint,
            tuple(self._missing.items()),
            tuple(self._known()),
            leave_unsaved=self._editor.leave_unsaved,
        )
        self._folder = spool.open_job(job)
        self._heartbeat = None
        self._last_sign = time.monotonic()
        self._next_question = self._last_sign + ASK_AFTER_S
        self._trouble = ""
        try:
            self._editor.client.start(job.id)
        except (EditorLostError, EditorTimeoutError) as error:
            self._trouble = str(error)

    def new_frames(self, limit: int) -> list[Path]:
        """Up to `limit` folders of frames that became complete; each is to be collected or redrawn."""
        fresh = list(itertools.islice(self._fresh(), max(0, limit)))
        self._in_hand.update((int(frame.name), frame) for frame in fresh)
        return fresh

    def prepared(self) -> tuple[Prepared, ...]:
        """What the editor has found for the environments whose frames it made."""
        return self._folder.prepared() if self._folder is not None else ()

    def collected(self, k: int) -> None:
        """The frame is in the data set: its folder can go."""
        self._missing.pop(k, None)
        self._restarts = 0
        if self._folder is not None:
            self._folder.discard(self._in_hand.pop(k))

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
        if now < self._next_watch:
            return
        self._next_watch = now + WATCH_INTERVAL_S
        beat = self._folder.heartbeat()
        if beat != self._heartbeat and beat is not None:
            self._heartbeat, self._last_sign = beat, now
            self._next_question = now + ASK_AFTER_S
        # After the heartbeat: what was complete when it was written is seen now.
        if self._in_hand or any(self._fresh()):
            return
        self._judge(self._heartbeat, now - self._last_sign)

    def stop(self) -> None:
        """Ends the job in an editor that goes on without us. One of our own ends itself, its folder is removed."""
        if self._editor.can_restart or self._folder is None or not self.busy:
            return
        try:
            self._editor.client.cancel(self._folder.id, CANCEL_TIMEOUT_S)
            if self._folder.wait_for_end(CANCEL_TIMEOUT_S):
                self.clean()
        except UnrealSynthError as error:
            self._say(f"The job could not be cancelled in the editor, it will pause by itself: {error}")

    def clean(self) -> None:
        """Removes the job's folder."""
        if self._folder is not None:
            self._folder.remove()
            self._folder = None

    def _judge(self, beat: Heartbeat | None, silent_s: float) -> None:
        state = "waiting" if beat is None else beat.state
        limit_s = BLOCKED_LIMIT_S if state == "preparing" else SILENCE_LIMIT_S
        if state == "failed" and beat is not None:
            raise EditorError(f"The editor could not go on: {beat.error}")
        if state == "cancelled" and beat is not None:
            raise EditorError(f"The job ended in the editor: {beat.note}. Run the same command again to go on.")
        if state == "done" and self._missing:
            raise EditorError(
                f"The editor made all frames, but {len(self._missing)} of them, such as frame {min(self._missing)}, "
                "have vanished from its folder Saved/UnrealSynth. Run the same command again to make them."
            )
        if state == "done":
            self._missing, self._again = self._again, {}
            self.start()
        elif not self._editor.alive:
            self._restart(self._trouble or "The editor ended unexpectedly.")
        elif self._trouble:
            self._restart(self._trouble)
        elif silent_s > limit_s:
            self._restart(f"The editor gave no sign of life for {limit_s:.0f} s.")
        else:
            self._ask()

    def _ask(self) -> None:
        """Asks a silent editor how the job is; one that is busy does not answer."""
        if self._folder is None or time.monotonic() < self._next_question:
            return
        self._next_question = time.monotonic() + ASK_INTERVAL_S
        try:
            state = self._editor.client.status(self._folder.id, ASK_TIMEOUT_S)
        except (EditorLostError, EditorTimeoutError):
            return
        if state in ENDED and self._folder.heartbeat() == self._heartbeat:
            raise EditorError(
                f"The job ended in the editor ({state}), which cannot write why into {self._folder.path}. Is the disk "
                "full, or the folder gone? Run the same command again to go on."
            )

    def _restart(self, reason: str) -> None:
        if not self._editor.can_restart:
            raise EditorLostError(
                f"{reason} What was finished is on disk; start the editor and run the same command again to go on."
            )
        self._restarts += 1
        if self._restarts > RESTART_LIMIT:
            raise EditorLostError(
                f"{reason} It was started {self._restarts} times without finishing a single frame; "
                f"its log is in {self._editor.saved_dir.parent}."
            )
        self._say(f"{reason} Starting it again.")
        try:
            self._editor.restart()
        except (EditorLostError, EditorTimeoutError) as error:
            self._trouble = str(error)
            return
        self.start()

    def _fresh(self) -> Iterator[Path]:
        """Complete frames that nobody has in hand. One that could not be deleted does not come a second time."""
        if self._folder is None:
            return iter(())
        numbered = ((int(frame.name), frame) for frame in self._folder.complete_frames())
        return (frame for k, frame in numbered if k in self._missing and k not in self._in_hand)
