"""What a person sees while a run goes on: a bar with frames per second and time left, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Say = Callable[[str], None]
"""Tells the user what is going on."""


class RunProgress:
    """Progress of one run. Prints plain lines now and then where stderr is not a terminal."""

    def __init__(self, *, line_interval_s: float = 10.0, step_interval_s: float = 60.0) -> None:
        self._console = Console(stderr=True)
        self._bar: Progress | None = None
        self._line_interval_s = line_interval_s
        self._next_line_s = 0.0
        self._step_interval_s = step_interval_s
        self._next_step_s = 0.0
        self._note = ""
        self._done = 0
        self._begun: int | None = None
        self._first_frame: tuple[float, int] | None = None

    def __enter__(self) -> RunProgress:
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._bar.add_task("starting", total=None, rate="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def step(self, note: str) -> None:
        """What is going on now. Of plain lines, one a minute is enough of what differs only in brackets."""
        if note == self._note:
            return
        before, self._note = self._note, note
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=note)
        elif self._first_frame is None:
            now_s = time.monotonic()
            if note.partition(" (")[0] != before.partition(" (")[0] or now_s >= self._next_step_s:
                self._next_step_s = now_s + self._step_interval_s
                self.say(note)

    def frames(self, done: int, total: int) -> None:
        """How far the run is; `done` and `total` count the frames that were there before."""
        now = time.monotonic()
        if self._begun is None:
            self._begun = done
        if self._first_frame is None and done > self._begun:
            self._first_frame = (now, done)
        self._done = done
        rate = self._rate(now)
        if self._bar is not None:
            text = f"{rate:.1f} frames/s" if rate else ""
            self._bar.update(self._bar.task_ids[0], completed=done, total=total, rate=text)
        elif now >= self._next_line_s and self._first_frame is not None:
            self._next_line_s = now + self._line_interval_s
            left = f", {(total - done) / rate:.0f} s left" if rate else ""
            self.say(f"{done} of {total} frames" + (f", {rate:.1f} frames/s" if rate else "") + left)

    def _rate(self, now: float) -> float:
        if self._first_frame is None or now - self._first_frame[0] < 0.5:
            return 0.0
        return (self._done - self._first_frame[1]) / (now - self._first_frame[0])
