"""One editor at work on its share of the frames: start, watch, restart, stop.

A job that ends, in whatever way, is looked into only when all frames it finished are collected.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from unrealsynth.editor_choice import Editor
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError
from unrealsynth.jobs import Frame, make_job
from unrealsynth.progress import Say
from unrealsynth.recipe import ResolvedRecipe
from unrealsynth.settling import Settling
from unrealsynth.spool import JobFolder, Spool
from unrealsynth.watch import Restarts, Watch
from unrealsynth_plugin.core.contract import Prepared


class EditorSession:
    """Gives an editor its frames and hands out the folders of those that are complete."""

    def __init__(
        self,
        editor: Editor,
        recipe: ResolvedRecipe,
        fingerprint: str,
        frames: Sequence[Frame],
        known: Callable[[], Iterable[Prepared]],
        say: Say,
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
        self._settling: Settling | None = None
        self._in_hand: dict[int, Path] = {}
        self._watch: Watch | None = None
        self._trouble = ""
        self._restarts = Restarts(editor, say, "without finishing a single frame")

    @property
    def busy(self) -> bool:
        """Whether frames are still to come or to be collected."""
        return bool(self._missing or self._again)

    @property
    def note(self) -> str:
        """What the editor says it is doing."""
        return self._watch.note if self._watch is not None else "waiting for the editor"

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
        self._settling = Settling(self._folder, job.resolution, self._say)
        self._trouble = ""
        self._watch = Watch(self._editor, self._folder)
        self._watch.begin()

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
        self._restarts.forget()
        if self._folder is not None:
            self._folder.discard(self._in_hand.pop(k))

    def redraw(self, k: int, attempt: int) -> None:
        """The frame is to be made again, with another attempt, once this job has ended."""
        self._again[k] = attempt
        self.collected(k)

    def watch(self) -> None:
        """Keeps the job going. Raises EditorError when it failed for good."""
        if self._watch is None or not self.busy:
            return
        self._watch.touch()
        if self._settling is not None:
            # At every call: the editor goes on taking pictures until it has its answer.
            self._settling.advance()
        # Frames after the heartbeat: what was complete when it was written is seen now.
        if self._watch.look() and not self._in_hand and not any(self._fresh()):
            self._judge(self._watch)

    def stop(self) -> None:
        """Ends the job in an editor that goes on without us. One of our own ends itself, its folder is removed."""
        if self._watch is not None and self.busy and self._watch.stop(self._say):
            self.clean()

    def clean(self) -> None:
        """Removes the job's folder."""
        if self._folder is not None:
            self._folder.remove()
            self._folder = self._settling = self._watch = None

    def _judge(self, watch: Watch) -> None:
        if watch.state == "failed" and watch.beat is not None:
            raise EditorError(f"The editor could not go on: {watch.beat.error}")
        if watch.state == "cancelled":
            raise EditorError(f"The job ended in the editor: {watch.note}. Run the same command again to go on.")
        if watch.state == "done" and self._missing:
            raise EditorError(
                f"The editor made all frames, but {len(self._missing)} of them, such as frame {min(self._missing)}, "
                "have vanished from its folder Saved/UnrealSynth. Run the same command again to make them."
            )
        if watch.state == "done":
            self._missing, self._again = self._again, {}
            self.start()
            return
        trouble = self._trouble or watch.fault()
        if trouble:
            self._restart(str(trouble))

    def _restart(self, reason: str) -> None:
        if not self._editor.can_restart:
            raise EditorLostError(
                f"{reason} What was finished is on disk; start the editor and run the same command again to go on."
            )
        self._restarts.allow(reason)
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
