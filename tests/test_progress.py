"""What is said on the way where stderr is no terminal."""

from __future__ import annotations

import re

import pytest

from unrealsynth import progress as progress_module
from unrealsynth.progress import RunProgress


class Clock:
    """Stands in for the module `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress_module, "time", clock)
    return clock


def test_lines_come_now_and_then_with_rate_and_time_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(line_interval_s=10.0) as progress:
        for done in range(101):
            progress.frames(done, 200)
            clock.now += 0.5
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "1 of 200 frames"
    # Two frames a second, a line every ten.
    assert lines[1:] == [
        f"{done} of 200 frames, 2.0 frames/s, {(200 - done) / 2:.0f} s left" for done in (21, 41, 61, 81)
    ]


def test_frames_that_were_there_before_do_not_count_as_fast(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(line_interval_s=0.0) as progress:
        progress.frames(1000, 1010)
        clock.now += 60.0  # the editor starts
        for done in range(1001, 1005):
            progress.frames(done, 1010)
            clock.now += 2.0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "1001 of 1010 frames"
    rates = [float(re.findall(r"([\d.]+) frames/s", line)[0]) for line in lines[1:]]
    assert rates == [0.5, 0.5, 0.5]
    assert lines[-1].endswith("12 s left")


def test_each_step_is_told_once_until_frames_come(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress() as progress:
        for note in ("starting", "starting", "measuring"):
            progress.step(note)
        progress.frames(0, 2)
        progress.frames(1, 2)
        progress.step("making frames")
        progress.say("a warning")
    assert capsys.readouterr().err.splitlines() == ["starting", "measuring", "1 of 2 frames", "a warning"]


def test_what_differs_in_brackets_is_told_once_a_minute(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress() as progress:
        for seconds in range(0, 90, 10):
            progress.step(f"waiting ({seconds} s)")
            clock.now += 10.0
        progress.step("ready")
    assert capsys.readouterr().err.splitlines() == ["waiting (0 s)", "waiting (60 s)", "ready"]
