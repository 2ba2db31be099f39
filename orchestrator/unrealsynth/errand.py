"""A job without frames that one waits for: the self-test, or measuring a project's own assets."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from unrealsynth.editor_choice import Editor
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError
from unrealsynth.progress import Say
from unrealsynth.spool import JobFolder, Spool
from unrealsynth.watch import Restarts, Watch
from unrealsynth_plugin.core.contract import FINAL_STATES, Job

_T = TypeVar("_T")
_POLL_S = 0.05


@dataclass(frozen=True)
class Errand:
    """What an editor is to do."""

    job: Job
    """It gets an id of its own each time it is started."""
    failure: str
    """Half a sentence that says what was not done: "The self-test was not carried out"."""
    files: Mapping[str, bytes | Path] = field(default_factory=dict)
    """What the job needs in the spool, by name."""

    def run(self, editor: Editor, take: Callable[[JobFolder], _T], say: Say) -> _T:
        """What `take` makes of the finished job's folder, which is removed. `say` tells the user what is going on.

        An editor of ours that ends or falls silent is started again. Raises EditorError.
        """
        restarts = Restarts(editor, say)
        is_lost = False
        while True:
            try:
                if is_lost:
                    editor.restart()
                return self._try(editor, take, say)
            except (EditorLostError, EditorTimeoutError) as error:
                if not editor.can_restart:
                    lost = isinstance(error, EditorLostError)
                    advice = "Start the editor" if lost else "It may show a dialog: look at it"
                    raise type(error)(f"{error} {advice}, and run the same command again.") from error
                is_lost = True
                restarts.allow(str(error))

    def _try(self, editor: Editor, take: Callable[[JobFolder], _T], say: Say) -> _T:
        spool = Spool(editor.saved_dir)
        spool.sweep()
        spool.ship(self.files)
        folder = spool.open_job(replace(self.job, id=uuid.uuid4().hex))
        watch = Watch(editor, folder)
        try:
            watch.begin()
            self._wait(watch, say)
            return take(folder)
        except (EditorLostError, EditorTimeoutError):
            if editor.can_restart:
                # Ended before its folder is removed, or it would write there again.
                editor.stop()
            raise
        finally:
            # Whatever ended the wait, an editor of others goes back to its user.
            if watch.stop(say):
                folder.remove()

    def _wait(self, watch: Watch, say: Say) -> None:
        said = ""
        while True:
            watch.touch()
            if watch.look():
                if watch.note != said:
                    said = watch.note
                    say(said)
                if watch.state == "done":
                    return
                self._require_going_on(watch)
            time.sleep(_POLL_S)

    def _require_going_on(self, watch: Watch) -> None:
        if watch.beat is not None and watch.state in FINAL_STATES:
            raise EditorError(f"{self.failure}: {watch.beat.error or watch.beat.note}")
        fault = watch.fault()
        if fault is not None:
            raise type(fault)(f"{self.failure}: {fault}") from fault
