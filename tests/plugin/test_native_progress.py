"""Jobs of the editor's own menu as native tasks: told sparingly, always ended, and none while work is unsaved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_process import TICK_S, in_process
from jobs_of_tests import put, simple_job

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth.embedded.unreal._render import Renders
from unrealsynth.embedded.unreal.world import Package
from unrealsynth_plugin.core.contract import Job
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import JobQueue, Progress, Steps
from unrealsynth_plugin.spool import JobFolder, Spool


class Bench:
    """Jobs that wait until they are told to end, and what shows them."""

    def __init__(self, engine: Engine, root: Path, log: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
        from unrealsynth_plugin import native_progress

        monkeypatch.setattr(native_progress, "_INTERVAL_S", 0.0)
        monkeypatch.setattr(native_progress, "_LOG_INTERVAL_S", 0.0)
        self.engine, self.root, self.log = engine, root, log
        self.goes_on = True
        self.error = ""
        self.queue = JobQueue(Spool(root), self._work, unreal.log_error)
        self.progress: Any = native_progress.NativeProgress(Spool(root), self.queue)

    def _work(self, job: Job, folder: JobFolder, progress: Progress) -> Steps:
        progress.announce("running", "making frames")
        while self.goes_on:
            yield
        if self.error:
            raise PluginError(self.error)

    def follow(self) -> None:
        put(self.root, simple_job("a"))
        self.queue.start("a")
        self.progress.follow("a")

    def tick(self, times: int = 3) -> None:
        for _ in range(times):
            self.queue.tick()
            self.progress.tick()
            self.engine.tick(TICK_S)

    def end(self, error: str = "") -> None:
        self.goes_on, self.error = False, error
        self.tick()

    def lines(self, text: str) -> list[str]:
        return [line for _, line in self.log if text in line]


@pytest.fixture(params=["5.3", "5.4", "5.6"])
def bench(
    request: pytest.FixtureRequest, tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    with in_process(tmp_path, shared_renderer, request.param) as made:
        yield Bench(made.engine, made.root, made.log, monkeypatch)
        assert made.engine.tasks == [] and not made.engine.unattended


def make_asset(folder: str) -> Package:
    """An asset that was never saved; its package."""
    asset = unreal.AssetToolsHelpers.get_asset_tools().create_asset(
        "Mine", folder, unreal.Material, unreal.MaterialFactoryNew()
    )
    assert asset is not None and isinstance(asset._outer, Package)
    return asset._outer


def test_a_task_lasts_as_long_as_its_job(bench: Bench) -> None:
    bench.follow()
    bench.tick()
    assert len(bench.engine.tasks) == 1
    assert "0 of 3, making frames" in bench.engine.tasks[0]._text  # type: ignore[attr-defined]
    bench.end()
    assert bench.engine.tasks == [] and bench.log == []


def test_a_text_is_told_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """The editor writes each into its log."""
    caplog.set_level("INFO", "LogEditorUtilityBlueprint")
    bench.follow()
    bench.tick(20)
    assert len([line for line in caplog.messages if "making frames" in line]) == 1
    bench.end()


def test_why_a_job_failed_stays_in_the_log(bench: Bench) -> None:
    """What the task said last is overwritten as it ends."""
    bench.follow()
    bench.tick()
    bench.end("The level has no ground.")
    [line] = bench.lines("The level has no ground. Details are in")
    assert str(bench.root / "jobs" / "a" / "heartbeat.json") in line


def test_a_task_that_cannot_be_told_is_ended_all_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no notifications here")

    monkeypatch.setattr(unreal.EditorUtilityTask, "set_task_notification_text", fail)
    bench.follow()
    bench.tick(1)
    monkeypatch.undo()
    bench.tick()
    assert bench.engine.tasks == []
    assert len(bench.lines("cannot be shown: no notifications here")) == 1
    bench.end()


@pytest.mark.parametrize("dirt", ["asset", "level"])
def test_with_unsaved_work_there_is_no_task_that_would_have_it_saved(bench: Bench, dirt: str) -> None:
    if dirt == "asset":
        make_asset("/Game/Mine")
    else:
        assert bench.engine.new_level("/Game/Mine")
        bench.engine.world._mark_dirty()
    bench.follow()
    bench.tick()
    assert bench.engine.tasks == [] and not bench.engine.unattended
    [line] = bench.lines("shows no notification: with one the editor would save /Game/Mine")
    assert "Stop Making Frames" in line
    assert bench.lines("0 of 3, making frames")
    assert bench.queue.state("a") == "running"
    bench.end()


def test_a_task_ends_when_the_user_changes_something(bench: Bench) -> None:
    bench.follow()
    bench.tick()
    make_asset("/Game/UnrealSynth_Generated/Materials")
    bench.engine.world._mark_dirty()
    bench.tick()
    assert len(bench.engine.tasks) == 1, "what the plugin makes, and its own map, are not the user's"
    mine = make_asset("/Game/Mine")
    bench.tick(1)
    assert bench.engine.tasks == [] and not bench.engine.unattended
    assert mine._dirty
    assert bench.lines("ends its notification, but goes on: with one the editor would save /Game/Mine/Mine")
    assert bench.queue.state("a") == "running"
    bench.end("No more.")
    assert bench.lines("No more. Details are in")


def test_cancel_in_the_notification_ends_the_job(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.follow()
    bench.tick()
    bench.engine.tasks[0]._cancelled = True  # type: ignore[attr-defined]
    bench.tick()
    assert bench.queue.state("a") == "cancelled"
    assert bench.engine.tasks == []
    assert "Ensure condition failed: MyTaskManager" not in caplog.messages, "ended twice"


@pytest.mark.parametrize("version", ["5.3", "5.7"])
def test_the_dialog_opens(tmp_path: Path, shared_renderer: Renders, version: str) -> None:
    with in_process(tmp_path, shared_renderer, version) as made:
        from unrealsynth_plugin.dialog import Dialog

        asked: list[str] = []

        def say_no(title: str, _: object) -> bool:
            asked.append(title)
            return False

        made.engine.answer = say_no
        Dialog().ask()
        assert asked == ["UnrealSynth: make frames"]
