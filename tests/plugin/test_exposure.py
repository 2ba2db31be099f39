"""Exposure from tiny pictures, of a camera that the test makes up and of the embedded editor's."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from grey_camera import LIGHT, VIEW, Camera, result_of, slowly, steps
from in_process import InProcess, in_process
from PIL import Image

from unrealsynth.embedded import unreal
from unrealsynth.embedded.switches import Switches
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import Job, Prepared
from unrealsynth_plugin.core.settling import SETTLE_LIMIT

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

sys.modules["unreal"] = unreal

from unrealsynth_plugin.exposure import (  # noqa: E402
    EXPOSURE_PICTURES,
    Exposure,
    correct_exposure,
    measure_exposure,
)

FRAMES = ((0, 0), (1, 0))
RIGHT_EV = -1.81
"""Of the yard under a daylight sky."""


def exposure_of(camera: Camera) -> Exposure:
    found = result_of(measure_exposure(camera, lambda _: None, VIEW, LIGHT))  # type: ignore[arg-type]
    assert isinstance(found, Exposure)
    return found


@pytest.mark.parametrize("right_ev", [-9.0, -4.0, -1.8, 0.0, 2.5, 6.0, 11.0])
@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("ticks", [0, 1, 3, 6])
def test_exposure_is_found(right_ev: float, forgets: bool, ticks: int) -> None:
    found = exposure_of(Camera(right_ev, steps(ticks), forgets))
    assert (found.ev, found.rests, found.doubt) == (pytest.approx(right_ev, abs=0.06), True, None)


@pytest.mark.parametrize(
    "lacks_ev",
    [*(steps(ticks) for ticks in (10, 20, 32, 40)), slowly(10.0, 3.0), slowly(8.0, 6.0), slowly(1.0, 10.0)],
)
@pytest.mark.parametrize("right_ev", [-4.0, -1.8, 1.0])
def test_exposure_is_found_though_pictures_settle_slowly(right_ev: float, lacks_ev: Callable[[int], float]) -> None:
    found = exposure_of(Camera(right_ev, lacks_ev))
    assert (found.ev, found.rests) == (pytest.approx(right_ev, abs=0.1), True)


@pytest.mark.parametrize("ticks", [64, 80, 200])
def test_pictures_that_do_not_settle_are_told_and_the_best_is_given(ticks: int) -> None:
    camera = Camera(-1.8, steps(ticks))
    found = exposure_of(camera)
    assert EXPOSURE_PICTURES <= camera.taken <= EXPOSURE_PICTURES + 5
    # What suits the last of them.
    assert found.ev == pytest.approx(min(-1.8 + 0.5 * (ticks + 1 - camera.taken), 16.0), abs=2.5)
    assert not found.rests
    assert found.doubt is not None and f"{found.ev:+.1f} EV is a guess" in found.doubt


def test_nothing_to_see_is_told() -> None:
    assert exposure_of(Camera(60.0)) == Exposure(16.0, rests=False)


def test_what_moves_does_not_matter_to_the_exposure() -> None:
    random_moves = random.Random(3)
    camera = Camera(-1.8, moves=lambda _: [random_moves.gauss(0.0, 4.0) for _ in range(576)])
    found = exposure_of(camera)
    assert (found.ev, found.rests) == (pytest.approx(-1.8, abs=0.1), True)
    assert camera.taken < 40


def test_few_pictures_are_read() -> None:
    camera = Camera(-1.8)
    exposure_of(camera)
    assert camera.read <= 9


def test_what_is_off_in_a_picture_that_waited_is_corrected_once() -> None:
    camera = Camera(-1.8, steps(30))

    def corrected(exposure_ev: float, ticks: int) -> float:
        checking = correct_exposure(
            camera,  # type: ignore[arg-type]
            lambda _: None,
            VIEW,
            LIGHT,
            exposure_ev,
            ticks,
        )
        return float(result_of(checking))

    assert corrected(-1.5, 30) == pytest.approx(-1.8, abs=0.1)
    # As bright as it is by then, though it would be brighter later.
    assert corrected(-1.8, 20) == pytest.approx(3.2, abs=0.1)
    camera.forgets = True
    assert corrected(3.0, 30) == pytest.approx(-1.8, abs=0.1)
    # Nobody would see it.
    assert corrected(-1.79, 30) == -1.79


@contextmanager
def engine(folder: Path, renderer: Renders, **switches: object) -> Iterator[InProcess]:
    with in_process(folder, renderer, switches=replace(Switches(), **switches)) as bench:  # type: ignore[arg-type]
        yield bench


def prepared_of(bench: InProcess, job: Job) -> Prepared:
    file = bench.root / "jobs" / job.id / "prepared" / "yard.json"
    return decode(Prepared, json.loads(file.read_text(encoding="utf-8")))


def brightness_of(bench: InProcess, job: Job) -> float:
    """The mean of all frames."""
    means = []
    for k, _ in job.frames:
        with Image.open(bench.frame(job, k) / "rgb.png") as image:
            means.append(np.asarray(image.convert("L"), float).mean())
    return float(np.mean(means))


@pytest.mark.parametrize("captures", [32, 40])
def test_an_engine_that_settles_slowly_is_exposed_like_another(
    tmp_path: Path, shared_renderer: Renders, captures: int
) -> None:
    with engine(tmp_path, shared_renderer, settle_captures=captures) as bench:
        job = bench.job(frames=FRAMES)
        assert bench.run(job).error is None
        prepared = prepared_of(bench, job)
        assert prepared.exposure_ev == pytest.approx(RIGHT_EV, abs=0.1)
        assert prepared.settle_ticks == captures
        assert 90 < brightness_of(bench, job) < 150
        assert not [text for _, text in bench.log if "did not come to rest" in text]


def test_an_engine_that_never_settles_makes_frames_that_are_exposed_all_the_same(
    tmp_path: Path, shared_renderer: Renders
) -> None:
    with engine(tmp_path, shared_renderer, settle_captures=80) as bench:
        job = bench.job(frames=FRAMES)
        assert bench.run(job).error is None
        assert prepared_of(bench, job).settle_ticks == SETTLE_LIMIT - 1
        assert 90 < brightness_of(bench, job) < 150
        [said] = [text for _, text in bench.log if "did not come to rest" in text]
        assert said.startswith("UnrealSynth: yard: The light did not come to rest within 64 pictures")
        of_light, of_settling = bench.told
        assert of_light.startswith("The light of yard did not come to rest")
        assert of_settling.startswith("Pictures of yard still change after 64 captures")
