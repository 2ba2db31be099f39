"""How a frame is made again, and what comes before the first one, in an engine of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from in_process import InProcess, in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.switches import Switches
from unrealsynth.embedded.unreal import _render
from unrealsynth.embedded.unreal.capture import SceneCaptureComponent
from unrealsynth.embedded.unreal.render_targets import RenderingLibrary
from unrealsynth_plugin.core.contract import Prepared
from unrealsynth_plugin.core.settings import Captures, Objects, Randomization

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders, Shot
    from unrealsynth.embedded.unreal.capture import SceneCaptureComponent2D
    from unrealsynth.embedded.unreal.render_targets import TextureRenderTarget2D

SETTLE_TICKS = 3


@contextmanager
def engine(folder: Path, renderer: Renders, **switches: object) -> Iterator[InProcess]:
    with in_process(folder, renderer, switches=replace(Switches(), **switches)) as bench:  # type: ignore[arg-type]
        yield bench


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, list[int], bool]]:
    """Of pictures for the eye: captures since the cut, what has a stencil value, and whether hardware traces rays."""
    shots: list[tuple[int, list[int], bool]] = []
    shoot = _render.shoot

    def remember(component: SceneCaptureComponent2D, target: TextureRenderTarget2D, history: int) -> Shot:
        shot = shoot(component, target, history)
        if shot.grading.display_gamma > 2.0:
            marked = [number for number, instance in enumerate(shot.scene.instances) if instance.stencil]
            shots.append((history, marked, SceneCaptureComponent.use_ray_tracing_if_enabled.read(component)))
        return shot

    monkeypatch.setattr(_render, "shoot", remember)
    return shots


@pytest.mark.parametrize("lost", ["ids-1.png", "alone-1.png"])
def test_a_frame_that_is_taken_again_is_taken_from_the_same_state(
    tmp_path: Path,
    shared_renderer: Renders,
    taken: list[tuple[int, list[int], bool]],
    monkeypatch: pytest.MonkeyPatch,
    lost: str,
) -> None:
    export = RenderingLibrary.export_render_target
    failed: list[str] = []

    def fail_once(world: object, target: object, folder: str, file: str) -> None:
        if file == lost and not failed:
            failed.append(file)
            Path(folder, file).write_bytes(b"")
        else:
            export(world, target, folder, file)  # type: ignore[arg-type]

    monkeypatch.setattr(RenderingLibrary, "export_render_target", staticmethod(fail_once))
    with engine(tmp_path, shared_renderer, settle_captures=SETTLE_TICKS) as bench:
        # Each object is a batch of its own.
        for module in ("actors", "studio", "takes"):
            monkeypatch.setattr(f"unrealsynth_plugin.{module}.BATCH", 1)
        job = bench.job(
            prepared=(Prepared("yard", -1.8, SETTLE_TICKS),),
            captures=Captures(visibility=True),
            randomization=Randomization(objects=Objects(count=12.0, empty=0.0)),
        )
        heartbeat = bench.run(job)
        assert heartbeat.error is None, heartbeat.error_details
    assert failed == [lost]
    # Captures that are thrown away, the one that counts, and all that once more.
    of_frame = taken[-2 * (SETTLE_TICKS + 1) :]
    first, again = of_frame[: SETTLE_TICKS + 1], of_frame[SETTLE_TICKS + 1 :]
    assert [history for history, _, _ in first] == [1, 2, 3, 4]
    assert [history for history, _, _ in again] == [5, 6, 7, 8]
    assert len(first[0][1]) == 1
    assert [marked for _, marked, _ in of_frame] == [first[0][1]] * len(of_frame)


def test_rays_are_traced_by_hardware_where_the_project_does(
    tmp_path: Path, shared_renderer: Renders, taken: list[tuple[int, list[int], bool]]
) -> None:
    with engine(tmp_path, shared_renderer) as bench:
        assert bench.run(bench.job()).error is None
    assert {traced for _, _, traced in taken} == {True}


def test_what_was_drawn_for_the_first_time_is_waited_for(
    tmp_path: Path,
    shared_renderer: Renders,
    taken: list[tuple[int, list[int], bool]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[int] = []
    finish = unreal.AutomationLibrary.finish_loading_before_screenshot

    def count() -> None:
        waited.append(len(taken))
        finish()

    monkeypatch.setattr(unreal.AutomationLibrary, "finish_loading_before_screenshot", staticmethod(count))
    with engine(tmp_path, shared_renderer) as bench:
        assert bench.run(bench.job()).error is None
    # Before anything is looked at, and after one look, before anything is measured.
    assert waited[1] == waited[0] + 1


def test_textures_are_streamed_in_in_full_while_a_job_runs(tmp_path: Path, shared_renderer: Renders) -> None:
    seen: dict[str, set[str | None]] = {}
    name = "r.Streaming.FullyLoadUsedTextures"
    with engine(tmp_path, shared_renderer) as bench:
        assert bench.engine.console_variable(name) == "0"

        def look(folder: Path) -> None:
            seen.setdefault(bench.queue.state(folder.name), set()).add(bench.engine.console_variable(name))

        assert bench.run(bench.job(), look).error is None
        assert bench.engine.console_variable(name) == "0"
    assert seen["running"] == {"1"}
