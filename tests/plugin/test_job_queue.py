"""The states of jobs, with work that does what the test wants."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jobs_of_tests import put, simple_job

from unrealsynth_plugin.core.contract import Job
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import Cancelled, JobQueue, Progress, Steps
from unrealsynth_plugin.spool import JobFolder, Spool


class Bench:
    """A queue whose work makes one frame a tick and notes what happens to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events: list[str] = []
        self.log: list[str] = []
        self.surprise: Callable[[], None] = lambda: None
        self.may_end = True
        self.queue = JobQueue(Spool(root), self.work, self.log.append, lambda: self.may_end)

    def work(self, job: Job, folder: JobFolder, progress: Progress) -> Steps:
        self.events.append(f"begin {job.id}")
        try:
            for _ in job.frames:
                progress.announce("running", "making frames")
                self.surprise()
                progress.frames_done += 1
                yield
        finally:
            self.events.append(f"tidy {job.id}")

    def put(self, job_id: str, frames: int = 3) -> None:
        put(self.root, simple_job(job_id, frames))

    def heartbeat(self, job_id: str) -> dict[str, Any]:
        heartbeat: dict[str, Any] = json.loads((self.root / "jobs" / job_id / "heartbeat.json").read_text("utf-8"))
        return heartbeat


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_job_is_stepped_by_ticks(bench: Bench) -> None:
    bench.put("a")
    assert bench.queue.start("a") == "waiting"
    assert bench.heartbeat("a")["state"] == "waiting"
    bench.queue.tick()
    assert bench.queue.state("a") == "running"
    assert bench.heartbeat("a")["frames_total"] == 3
    bench.queue.tick()
    bench.queue.tick()
    assert bench.queue.state("a") == "running"
    bench.queue.tick()
    assert bench.queue.state("a") == "done"
    assert bench.heartbeat("a")["state"] == "done"
    assert bench.heartbeat("a")["frames_done"] == 3
    assert bench.events == ["begin a", "tidy a"]


def test_jobs_follow_one_another(bench: Bench) -> None:
    for job_id in ("b", "a"):
        bench.put(job_id, frames=1)
        bench.queue.start(job_id)
    for _ in range(10):
        bench.queue.tick()
    assert bench.events == ["begin b", "tidy b", "begin a", "tidy a"]


def test_start_is_idempotent(bench: Bench) -> None:
    bench.put("a", frames=1)
    for wanted in ("waiting", "running", "done", "done"):
        assert bench.queue.start("a") == wanted
        bench.queue.tick()
    assert bench.events == ["begin a", "tidy a"]


def test_a_job_that_ended_in_an_earlier_session_is_not_begun_again(bench: Bench) -> None:
    bench.put("a", frames=1)
    bench.queue.start("a")
    bench.queue.tick()
    bench.queue.tick()
    later = Bench(bench.root)
    assert later.queue.state("a") == "done"
    assert later.queue.start("a") == "done"
    later.queue.tick()
    assert later.events == []


def test_a_job_that_an_editor_died_over_is_begun_again(bench: Bench) -> None:
    bench.put("a")
    bench.queue.start("a")
    bench.queue.tick()
    later = Bench(bench.root)
    assert later.queue.start("a") == "waiting"
    later.queue.tick()
    assert later.events == ["begin a"]


@pytest.mark.parametrize("ticks", [0, 1, 2])
def test_cancel_ends_at_the_next_tick_and_tidies(bench: Bench, ticks: int) -> None:
    bench.put("a")
    bench.queue.start("a")
    for _ in range(ticks):
        bench.queue.tick()
    bench.queue.cancel("a")
    bench.queue.tick()
    assert bench.queue.state("a") == "cancelled"
    assert bench.heartbeat("a")["state"] == "cancelled"
    assert bench.events == ([] if ticks == 0 else ["begin a", "tidy a"])
    assert bench.queue.cancel("a") == "cancelled"


def test_a_cancelled_job_ends_only_when_the_editor_can_be_put_back_in_order(bench: Bench) -> None:
    for job_id in ("a", "b"):
        bench.put(job_id)
        bench.queue.start(job_id)
    bench.queue.tick()
    bench.may_end = False
    bench.queue.cancel("a")
    bench.queue.cancel("b")
    for _ in range(3):
        bench.queue.tick()
    assert bench.events == ["begin a"], "it was tidied, or went on"
    assert (bench.heartbeat("a")["state"], bench.heartbeat("a")["frames_done"]) == ("paused", 1)
    assert bench.heartbeat("a")["note"] == "cancelled, ends when the editor is free"
    assert bench.queue.state("b") == "cancelled", "what was never begun has nothing to put back"
    bench.may_end = True
    bench.queue.tick()
    assert bench.queue.state("a") == "cancelled"
    assert bench.events == ["begin a", "tidy a"]


def test_cancel_leaves_other_jobs_alone(bench: Bench) -> None:
    for job_id in ("a", "b"):
        bench.put(job_id, frames=1)
        bench.queue.start(job_id)
    bench.queue.tick()
    bench.queue.cancel("b")
    bench.queue.tick()
    assert bench.queue.state("a") == "done"
    assert bench.queue.state("b") == "cancelled"
    assert "begin b" not in bench.events


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PluginError("The level has unsaved changes."), "The level has unsaved changes."),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
    ],
)
def test_an_exception_ends_the_job_once(bench: Bench, error: Exception, sentence: str) -> None:
    def fail() -> None:
        raise error

    bench.surprise = fail
    bench.put("a")
    bench.queue.start("a")
    for _ in range(5):
        bench.queue.tick()
    heartbeat = bench.heartbeat("a")
    assert heartbeat["state"] == "failed"
    assert sentence in heartbeat["error"]
    assert "in fail" in heartbeat["error_details"]
    assert bench.events == ["begin a", "tidy a"]
    assert len(bench.log) == 1


def test_an_unreadable_job_fails_and_the_next_goes_on(bench: Bench) -> None:
    bench.put("a")
    (bench.root / "jobs" / "a" / "job.json").write_text("{", encoding="utf-8")
    bench.put("b", frames=1)
    for job_id in ("a", "b"):
        bench.queue.start(job_id)
    for _ in range(4):
        bench.queue.tick()
    assert bench.queue.state("a") == "failed"
    assert "job.json" in bench.heartbeat("a")["error"]
    assert bench.queue.state("b") == "done"


def test_ticks_from_inside_a_step_do_not_step(bench: Bench) -> None:
    # A blocking import of Unreal ticks Slate, and so calls the tick from within a step.
    bench.surprise = bench.queue.tick
    bench.put("a", frames=2)
    bench.queue.start("a")
    for _ in range(3):
        bench.queue.tick()
    assert bench.queue.state("a") == "done"
    assert bench.heartbeat("a")["frames_done"] == 2


def test_cancel_from_inside_a_step_waits_for_the_next_tick(bench: Bench) -> None:
    def cancel() -> None:
        bench.queue.cancel("a")

    bench.surprise = cancel
    bench.put("a")
    bench.queue.start("a")
    bench.queue.tick()
    assert bench.queue.state("a") == "running"
    bench.queue.tick()
    assert bench.queue.state("a") == "cancelled"
    assert bench.events == ["begin a", "tidy a"]


def test_a_full_disk_is_logged_once_and_the_job_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: JobFolder, heartbeat: object) -> bool:
        raise PluginError("Cannot write heartbeat.json: No space left on device.")

    bench.put("a")
    monkeypatch.setattr(JobFolder, "write_heartbeat", full)
    bench.queue.start("a")
    for _ in range(6):
        bench.queue.tick()
    assert bench.queue.state("a") == "done"
    assert len(bench.log) == 1
    monkeypatch.undo()
    bench.queue.tick()
    assert bench.heartbeat("a")["state"] == "done"


def test_work_that_is_no_longer_wanted_makes_room(bench: Bench) -> None:
    for job_id in ("a", "b"):
        bench.put(job_id, frames=1)
        bench.queue.start(job_id)

    def give_up() -> None:
        raise Cancelled("nobody collected the frames")

    bench.surprise = give_up
    bench.queue.tick()
    bench.surprise = lambda: None
    bench.queue.tick()
    bench.queue.tick()
    assert (bench.heartbeat("a")["state"], bench.heartbeat("a")["note"]) == ("cancelled", "nobody collected the frames")
    assert bench.queue.state("b") == "done"
    assert bench.log == []


def test_a_job_knows_whether_another_waits(tmp_path: Path) -> None:
    seen = []

    def work(job: Job, folder: JobFolder, progress: Progress) -> Steps:
        for _ in range(2):
            seen.append((job.id, progress.is_waited_for))
            yield

    queue = JobQueue(Spool(tmp_path), work, lambda _: None)
    for job_id in ("a", "b"):
        put(tmp_path, simple_job(job_id))
    queue.start("a")
    queue.tick()
    queue.start("b")
    for _ in range(4):
        queue.tick()
    assert seen == [("a", False), ("a", True), ("b", False), ("b", False)]


def test_no_step_is_made_nor_a_job_ended_while_it_is_held(tmp_path: Path) -> None:
    held = [False]
    steps: list[str] = []

    def work(_job: Job, _folder: JobFolder, progress: Progress) -> Steps:
        progress.is_held = lambda: held[0]
        try:
            while True:
                steps.append("step")
                yield
        finally:
            steps.append("end")

    queue = JobQueue(Spool(tmp_path), work, lambda _: None)
    put(tmp_path, simple_job("a"))
    queue.start("a")
    queue.tick()
    held[0] = True
    queue.cancel("a")
    queue.tick()
    assert steps == ["step"]
    held[0] = False
    queue.tick()
    assert steps == ["step", "end"]
    assert queue.state("a") == "cancelled"


def test_a_job_ends_before_the_editor_does_and_knows_why(tmp_path: Path) -> None:
    ended: list[bool] = []

    def work(_job: Job, _folder: JobFolder, progress: Progress) -> Steps:
        try:
            while True:
                yield
        finally:
            ended.append(progress.is_closing)
            raise AttributeError("'NoneType' object has no attribute 'load_level'")

    log: list[str] = []
    queue = JobQueue(Spool(tmp_path), work, log.append)
    put(tmp_path, simple_job("a"))
    queue.start("a")
    queue.close()
    assert ended == []
    queue = JobQueue(Spool(tmp_path), work, log.append)
    queue.start("a")
    queue.tick()
    queue.close()
    queue.tick()
    assert ended == [True]
    assert len(log) == 1 and "did not end well with the editor" in log[0]


def test_it_is_told_that_a_job_lives_while_the_editor_is_busy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put("a")
    bench.queue.beat()
    bench.queue.start("a")
    bench.queue.tick()
    later_s = bench.heartbeat("a")["time_s"] + 1.0
    monkeypatch.setattr(time, "time", lambda: later_s)
    bench.queue.beat()
    assert bench.heartbeat("a")["time_s"] == later_s
