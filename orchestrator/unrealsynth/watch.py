"""The watch over a job that an editor carries out: whether it still does, and its end when nobody wants it any more."""

from __future__ import annotations

import time

from unrealsynth.editor_choice import Editor
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError, UnrealSynthError
from unrealsynth.progress import Say
from unrealsynth.spool import JobFolder
from unrealsynth.unreal_project.waiting import BLOCKED_LIMIT_S
from unrealsynth_plugin.core.contract import FINAL_STATES, Heartbeat

_TOUCH_INTERVAL_S = 1.0
WATCH_INTERVAL_S = 0.2
SILENCE_LIMIT_S = 120.0
"""An editor that shows no sign of life for this time has failed; BLOCKED_LIMIT_S in a step that may block it."""
WORTH_SAYING_S = 30.0
"""Silence is told to the user in steps of this."""
ASK_AFTER_S = 5.0
"""After this silence the editor is asked how the job is: on a full disk it cannot write that it failed."""
ASK_INTERVAL_S = 30.0
_ASK_TIMEOUT_S = 1.0
RESTART_LIMIT = 3
"""Restarts of one editor in a row that lead to nothing."""
CANCEL_TIMEOUT_S = 1.0
"""An editor that does not hear of the cancellation in time finds out that nobody collects."""


class Restarts:
    """Keeps count of how often an editor of ours is started again."""

    def __init__(self, editor: Editor, say: Say, in_vain: str = "in vain") -> None:
        """`in_vain` says, after "It was started 4 times", what did not come of it."""
        self._editor = editor
        self._say = say
        self._in_vain = in_vain
        self._in_a_row = 0

    def allow(self, reason: str) -> None:
        """Tells the user that it is started again, and why. Raises EditorLostError when it was often enough."""
        self._in_a_row += 1
        if self._in_a_row > RESTART_LIMIT:
            raise EditorLostError(
                f"{reason} It was started {self._in_a_row} times {self._in_vain}; "
                f"its log is in {self._editor.saved_dir.parent}."
            )
        self._say(f"{reason} Starting it again.")

    def forget(self) -> None:
        """To be called when something came of it."""
        self._in_a_row = 0


class Watch:
    """Looks after one job that lies in the spool."""

    def __init__(self, editor: Editor, folder: JobFolder) -> None:
        self.beat: Heartbeat | None = None
        """The editor's last sign of life."""
        self._editor = editor
        self._folder = folder
        self._trouble: EditorLostError | EditorTimeoutError | None = None
        self._last_sign_s = self._next_touch_s = self._next_look_s = self._next_question_s = 0.0

    def begin(self) -> None:
        """Starts the job; that the editor does not answer is a fault like any other."""
        try:
            self._editor.client.start(self._folder.id)
        except (EditorLostError, EditorTimeoutError) as error:
            self._trouble = error
        self._last_sign_s = time.monotonic()
        self._next_question_s = self._last_sign_s + ASK_AFTER_S

    @property
    def state(self) -> str:
        """The job's state."""
        return "waiting" if self.beat is None else self.beat.state

    @property
    def note(self) -> str:
        """What the editor says it is doing, and whether it has fallen silent."""
        note = "waiting for the editor" if self.beat is None else self.beat.note
        silent_s = (time.monotonic() - self._last_sign_s) // WORTH_SAYING_S * WORTH_SAYING_S
        if not silent_s or self.state in FINAL_STATES:
            return note
        return f"{note} (silent for {silent_s:.0f} s: it loads, compiles shaders, or shows a dialog)"

    def touch(self) -> None:
        """Tells the editor now and then that somebody waits. To be called often."""
        now = time.monotonic()
        if now >= self._next_touch_s:
            self._next_touch_s = now + _TOUCH_INTERVAL_S
            self._folder.touch()

    def look(self) -> bool:
        """Reads the heartbeat now and then; whether it did. To be called often."""
        now = time.monotonic()
        if now < self._next_look_s:
            return False
        self._next_look_s = now + WATCH_INTERVAL_S
        beat = self._folder.heartbeat()
        if beat is not None and beat != self.beat:
            self.beat, self._last_sign_s = beat, now
            self._next_question_s = now + ASK_AFTER_S
        return True

    def fault(self) -> EditorLostError | EditorTimeoutError | None:
        """Why a job that has not ended will not go on in this editor, as it seems.

        Raises EditorError when it has ended and the editor cannot write so.
        """
        silent_s = time.monotonic() - self._last_sign_s
        limit_s = BLOCKED_LIMIT_S if self.state == "preparing" else SILENCE_LIMIT_S
        if self._trouble is not None:
            return self._trouble
        if not self._editor.alive:
            return EditorLostError("The editor ended unexpectedly.")
        if silent_s > limit_s:
            return EditorTimeoutError(f"The editor gave no sign of life for {limit_s:.0f} s.")
        self._ask()
        return None

    def stop(self, say: Say) -> bool:
        """Ends the job in an editor that goes on without us; whether nothing will be written to its folder any more."""
        if self.state in FINAL_STATES or not self._editor.alive:
            return True
        if self._editor.can_restart:
            # It is about to be ended itself.
            return False
        try:
            self._editor.client.cancel(self._folder.id, CANCEL_TIMEOUT_S)
            return self._folder.wait_for_end(CANCEL_TIMEOUT_S)
        except UnrealSynthError as error:
            say(f"The job could not be cancelled in the editor, it will pause or end by itself: {error}")
            return False

    def _ask(self) -> None:
        """Asks a silent editor how the job is; one that is busy does not answer."""
        if time.monotonic() < self._next_question_s:
            return
        self._next_question_s = time.monotonic() + ASK_INTERVAL_S
        try:
            state = self._editor.client.status(self._folder.id, _ASK_TIMEOUT_S)
        except (EditorLostError, EditorTimeoutError):
            return
        if state in FINAL_STATES and self._folder.heartbeat() == self.beat:
            raise EditorError(
                f"The job ended in the editor ({state}), which cannot write why into {self._folder.path}. Is the disk "
                "full, or the folder gone? Run the same command again to go on."
            )
