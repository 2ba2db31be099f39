"""How long a picture takes to settle, measured by the plugin: with somebody outside who compares, and alone."""

from __future__ import annotations

import json
import os
import random
import runpy
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from editor_bench import settling_of
from grey_camera import VIEW, Camera, result_of, steps
from in_process import YARD, InProcess, in_process
from test_profiles import IN_LEVEL, LEVEL_PROGRAM

from unrealsynth.embedded import unreal
from unrealsynth.embedded.switches import Switches
from unrealsynth.embedded.unreal import _render, _runtime
from unrealsynth.embedded.unreal.render_targets import RenderingLibrary
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import Heartbeat, Job, Prepared
from unrealsynth_plugin.core.settling import SETTLE_LIMIT

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders, Shot
    from unrealsynth.embedded.unreal.capture import SceneCaptureComponent2D
    from unrealsynth.embedded.unreal.render_targets import TextureRenderTarget2D

sys.modules["unreal"] = unreal

from unrealsynth_plugin.settling import settle_ticks  # noqa: E402

TICK_S = 1 / 60
MEASURING = "measuring how long pictures of yard take to settle"
FRAMES = ((0, 0), (1, 0))


@contextmanager
def engine(folder: Path, renderer: Renders, **switches: object) -> Iterator[InProcess]:
    with in_process(folder, renderer, switches=replace(Switches(), **switches)) as bench:  # type: ignore[arg-type]
        yield bench


def prepared_of(bench: InProcess, job: Job) -> Prepared:
    file = bench.root / "jobs" / job.id / "prepared" / "yard.json"
    return decode(Prepared, json.loads(file.read_text(encoding="utf-8")))


def note_of(bench: InProcess) -> str:
    """What the only job says it is doing."""
    [file] = bench.root.glob("jobs/*/heartbeat.json")
    return decode(Heartbeat, json.loads(file.read_text(encoding="utf-8"))).note


def measure(bench: InProcess) -> tuple[int, list[bytes]]:
    """The ticks that were measured, and the pictures that were then made."""
    job = bench.job(frames=FRAMES)
    heartbeat = bench.run(job)
    assert heartbeat.error is None, heartbeat.error_details
    pictures = [(bench.frame(job, k) / "rgb.png").read_bytes() for k, _ in FRAMES]
    return prepared_of(bench, job).settle_ticks, pictures


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory, shared_renderer: Renders) -> list[bytes]:
    """What the frames are like where nothing lags behind."""
    with engine(tmp_path_factory.mktemp("at once"), shared_renderer) as bench:
        ticks, pictures = measure(bench)
    assert ticks == 0
    return pictures


@pytest.mark.parametrize(
    ("settle_captures", "sky_ticks", "expected"), [(1, 0, 1), (3, 0, 3), (6, 0, 6), (0, 1, 1), (0, 3, 3), (2, 3, 3)]
)
def test_the_number_grows_with_the_lag_and_frames_are_right(
    tmp_path: Path,
    shared_renderer: Renders,
    at_once: list[bytes],
    settle_captures: int,
    sky_ticks: int,
    expected: int,
) -> None:
    with engine(tmp_path, shared_renderer, settle_captures=settle_captures, sky_ticks=sky_ticks) as bench:
        ticks, pictures = measure(bench)
    assert ticks == expected
    assert pictures == at_once


def test_pictures_are_as_large_as_those_that_count(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those of elsewhere, which are as many as may be needed, and of which nothing is written."""
    taken: list[tuple[str, int, int]] = []
    exported: list[str] = []
    shoot, export = _render.shoot, RenderingLibrary.export_render_target

    def remember(component: SceneCaptureComponent2D, target: TextureRenderTarget2D, history: int) -> Shot:
        shot = shoot(component, target, history)
        if shot.grading.display_gamma > 2.0:
            taken.append((note_of(bench), shot.view.width, shot.view.height))
        return shot

    def name(world: object, target: object, folder: str, file: str) -> None:
        if "settling" in folder:
            exported.append(file)
        export(world, target, folder, file)  # type: ignore[arg-type]

    monkeypatch.setattr(_render, "shoot", remember)
    monkeypatch.setattr(RenderingLibrary, "export_render_target", staticmethod(name))
    with engine(tmp_path, shared_renderer) as bench:
        assert bench.run(bench.job()).error is None
    sizes = [size for note, *size in taken if note == MEASURING]
    assert exported == ["0.png", "1.png", "2.png", "3.png"]
    assert sizes == [[96, 72]] * (SETTLE_LIMIT + len(exported))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What the job said it did, and what a frame sets, at each picture for the eye."""
    taken: list[tuple[str, object]] = []
    shoot = _render.shoot

    def remember(component: SceneCaptureComponent2D, target: TextureRenderTarget2D, history: int) -> Shot:
        shot = shoot(component, target, history)
        if shot.grading.display_gamma > 2.0:
            [file] = _runtime.engine().project_dir.glob("Saved/UnrealSynth/jobs/*/heartbeat.json")
            note = decode(Heartbeat, json.loads(file.read_text(encoding="utf-8"))).note
            things = [(id(each.mesh), str(each.transform), each.visible) for each in shot.scene.instances]
            taken.append((note, (things, shot.view.location, shot.scene.sun, shot.exposure.bias_ev)))
        return shot

    monkeypatch.setattr(_render, "shoot", remember)
    return taken


@pytest.mark.parametrize("keeps_frames", [False, True])
def test_the_scene_changes_as_it_does_between_frames(
    tmp_path: Path, shared_renderer: Renders, seen: list[tuple[str, object]], keeps_frames: bool
) -> None:
    """Objects, camera, light and exposure, all at once: those of the second frame, then those of the first."""
    with engine(tmp_path, shared_renderer) as bench:
        assert bench.run(bench.job(frames=FRAMES, keeps_frames=keeps_frames)).error is None
    making = "making frames in yard"
    first, second = (state for note, state in seen if note == making)
    before = [state for note, state in seen if note != making]
    pictures = [4, 4] if keeps_frames else [SETTLE_LIMIT, 4]
    assert first != second
    assert before[-sum(pictures) :] == [second] * pictures[0] + [first] * pictures[1]
    assert first not in before[: -sum(pictures)] and second not in before[: -sum(pictures)]


def test_a_single_frame_comes_after_the_view_of_calibration(
    tmp_path: Path, shared_renderer: Renders, seen: list[tuple[str, object]]
) -> None:
    with engine(tmp_path, shared_renderer) as bench:
        assert bench.run(bench.job(frames=FRAMES[:1])).error is None
    calibrated = next(state for note, state in reversed(seen) if note == "measuring the light of yard")
    measured = [state for note, state in seen if note == MEASURING]
    assert measured == [calibrated] * SETTLE_LIMIT + [seen[-1][1]] * 4
    assert seen[-1][1] != calibrated


def test_nobody_looks_at_a_job_that_keeps_its_frames(
    tmp_path: Path, shared_renderer: Renders, at_once: list[bytes]
) -> None:
    with engine(tmp_path, shared_renderer, settle_captures=2) as bench:
        bench.compares = False
        job = bench.job(frames=FRAMES, keeps_frames=True)
        assert bench.run(job).error is None
        assert prepared_of(bench, job).settle_ticks == 2
        assert not (bench.root / "jobs" / job.id / "settling").exists()
        assert [(bench.frame(job, k) / "rgb.png").read_bytes() for k, _ in FRAMES] == at_once


def test_what_is_known_is_not_measured(tmp_path: Path, shared_renderer: Renders) -> None:
    with engine(tmp_path, shared_renderer) as bench:
        bench.compares = False
        job = bench.job(prepared=(Prepared("yard", -1.8, 0),))
        assert bench.run(job).error is None
        assert not (bench.root / "jobs" / job.id / "settling").exists()


def test_what_a_save_disturbs_is_measured_again(tmp_path: Path, shared_renderer: Renders) -> None:
    """A save puts the level's light and the viewport back, and what was measured meanwhile is of a mixture."""
    with engine(tmp_path, shared_renderer) as bench:
        runpy.run_path(str(LEVEL_PROGRAM), {"LEVEL": "Terrace", "PARTITIONED": False})
        levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
        series: list[int] = []

        def save_once(folder: Path) -> None:
            found = len([*folder.glob("settling/*/*.png")])
            if found == 2 and series[-1:] != [2] and len(set(series)) < 3:
                assert levels.save_current_level()
            series.append(found)

        job = bench.job(environments=(IN_LEVEL,), frames=FRAMES)
        assert bench.run(job, save_once).error is None
        # Twice from nothing up to the answer.
        assert sum(now < before for before, now in pairwise(series)) == 2


class Slow:
    """A job whose pictures nobody compares until the test does."""

    def __init__(self, bench: InProcess) -> None:
        self.bench = bench
        self.job = bench.job()
        self.folder = bench.submit(self.job)
        self.pictures = self.folder / "settling" / YARD.name

    def tick(self, *states: str) -> Heartbeat:
        """Goes on until the job has one of the states."""
        for _ in range(1000):
            self.bench.engine.tick(TICK_S)
            if self.bench.queue.state(self.job.id) in states:
                return decode(Heartbeat, json.loads((self.folder / "heartbeat.json").read_text(encoding="utf-8")))
        raise TimeoutError(self.bench.queue.state(self.job.id))

    @property
    def numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self.pictures.glob("*.png"))


@pytest.fixture
def slow(tmp_path: Path, shared_renderer: Renders) -> Iterator[Slow]:
    with engine(tmp_path, shared_renderer, settle_captures=5) as bench:
        yield Slow(bench)


def test_without_an_answer_the_series_ends_and_waits(slow: Slow) -> None:
    heartbeat = slow.tick("paused")
    assert heartbeat.note == "waiting for the pictures of yard to be compared"
    assert slow.numbers == list(range(SETTLE_LIMIT))
    for _ in range(20):
        slow.bench.engine.tick(TICK_S)
    assert slow.numbers == list(range(SETTLE_LIMIT))
    settling_of(slow.folder).advance()
    # The same, however late.
    assert json.loads((slow.pictures / "answer.json").read_text(encoding="utf-8")) == {"settle_ticks": 5}
    slow.tick("done")
    assert prepared_of(slow.bench, slow.job).settle_ticks == 5
    assert not slow.pictures.exists()


def test_where_nobody_collects_the_job_waits_and_ends(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    gone_s = time.time() - 60.0
    os.utime(slow.folder / "collector", (gone_s, gone_s))
    heartbeat = slow.tick("paused")
    assert heartbeat.note == "waiting for somebody to collect frames"
    monkeypatch.setattr("unrealsynth_plugin.watch.ABANDONED_S", 0.0)
    assert slow.tick("cancelled").note == "nobody collected the frames"
    assert not slow.bench.engine.world._actors


@pytest.mark.parametrize("text", ["{", '{"settle_ticks": 64}', '{"ticks": 1}'])
def test_an_answer_that_makes_no_sense_ends_the_job(slow: Slow, text: str) -> None:
    slow.tick("paused")
    (slow.pictures / "answer.json").write_text(text, encoding="utf-8")
    error = slow.tick("failed").error
    assert error is not None
    assert "answer.json" in error


@pytest.mark.parametrize(("lag", "expected"), [(0, 0), (3, 4)])
def test_an_export_that_fails_makes_the_number_no_smaller(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch, lag: int, expected: int
) -> None:
    export = RenderingLibrary.export_render_target
    failed: list[str] = []

    def fail_once(world: object, target: object, folder: str, file: str) -> None:
        if "settling" in folder and file == "1.png" and not failed:
            failed.append(file)
            Path(folder, file).write_bytes(b"")
        else:
            export(world, target, folder, file)  # type: ignore[arg-type]

    monkeypatch.setattr(RenderingLibrary, "export_render_target", staticmethod(fail_once))
    with engine(tmp_path, shared_renderer, settle_captures=lag) as bench:
        ticks, _ = measure(bench)
    assert failed
    assert ticks == expected


def ticks_of(camera: Camera) -> int:
    def cut() -> None:
        camera.aim(VIEW)

    return int(result_of(settle_ticks(camera, cut, cut)))  # type: ignore[arg-type]


def test_settling_is_measured_between_two_scenes() -> None:
    assert [ticks_of(Camera(0.0, steps(ticks))) for ticks in (0, 1, 5, 30)] == [0, 1, 5, 30]


@pytest.mark.parametrize("ticks", [0, 5, 12])
def test_what_moves_is_no_reason_to_wait(ticks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(unreal, "log_warning", said.append)
    random_moves = random.Random(3)
    camera = Camera(0.0, steps(ticks), moves=lambda _: [random_moves.gauss(0.0, 6.0) for _ in range(576)])
    found = ticks_of(camera)
    assert found == pytest.approx(ticks, abs=2)
    [sentence] = said
    assert sentence.endswith(f"every frame waits for {found} captures.")
