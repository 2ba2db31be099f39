"""Projected against measured boxes: what is compared, what fails a frame, and what stops a run."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from synthetic_spool import Placed, frame_record, job, paint, random_scene, shifted

from unrealsynth.errors import SelfCheckError
from unrealsynth.labels import measure
from unrealsynth.selfcheck import CleanView, FrameCheck, FrameChecker, SelfCheck
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import FrameRecord, Job
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.core.settings import PropPlacement, SunLight

RESOLUTION = (320, 240)
CAMERA = CameraPose((-800.0, 0.0, 200.0), (0.0, -10.0, 0.0), 60.0)
"""Looks along X at the origin; a thing at (0, 0) of 100 cm is about 34 px."""
CRATE_LIKE = Placed(2, (0.0, 0.0, 0.0), (0.0, 0.0, 30.0), 1.2)


def checked(
    things: list[Placed],
    camera: CameraPose = CAMERA,
    of: Job | None = None,
    shift: tuple[float, float, float, float] = (0, 0, 0, 0),
    loose: tuple[str, ...] = (),
) -> FrameCheck:
    """The check of a painted scene, the full box of object 0 moved by `shift`."""
    record = frame_record(5, RESOLUTION, camera, things)
    _, ids = paint(camera, things, RESOLUTION, 1)
    record = shifted(record, 0, shift)
    return FrameChecker(of or job(RESOLUTION), loose).check(record, measure(ids, record.objects))


def test_a_single_object_in_view_is_clean() -> None:
    check = checked([CRATE_LIKE])
    (view,) = check.views
    assert check.faults == ()
    assert view.class_name == "яma: 'x'"
    assert max(map(abs, view.edges_px)) < 1
    assert view.iou > 0.9


def test_what_is_smaller_than_its_source_may_be_a_fallback() -> None:
    """Only an asset of a project can have Nanite."""
    plain = job(RESOLUTION)
    asset = replace(plain, models=tuple(replace(model, asset="/Game/Props/Crate") for model in plain.models))
    faults = [checked([CRATE_LIKE], of=of, shift=(-30, -30, 30, 30)).faults for of in (plain, asset)]
    assert ["Nanite" in fault for found in faults for fault in found] == [False, True]


def test_random_scenes_agree() -> None:
    """Ids painted from the convention agree with boxes projected from it, for tilted, wide and narrow cameras."""
    total = SelfCheck()
    for k in range(60):
        rng = np.random.default_rng(k)
        camera, things = random_scene(rng, 4, 1)
        record = frame_record(k, RESOLUTION, camera, things)
        _, ids = paint(camera, things, RESOLUTION, k)
        total.add(FrameChecker(job(RESOLUTION)).check(record, measure(ids, record.objects)))
    summary = total.summary()
    assert (summary.frames, summary.failed_frames) == (60, 0)
    assert summary.clean_views > 40
    assert summary.median_edge_px is not None
    assert summary.median_edge_px < 0.5
    assert summary.p99_edge_px is not None
    assert summary.p99_edge_px < 1.5
    assert len(summary.iou_by_class) == 3
    assert min(summary.iou_by_class.values()) > 0.9


def with_environment(**changes: Any) -> Job:
    base = job(RESOLUTION)
    return replace(base, environments=(replace(base.environments[0], **changes),))


@pytest.mark.parametrize(
    ("things", "of"),
    [
        pytest.param([CRATE_LIKE, Placed(0, (-100.0, 20.0, 0.0))], None, id="covered by another object"),
        pytest.param([CRATE_LIKE, Placed(None, (-200.0, 0.0, 0.0))], None, id="covered by a distractor"),
        pytest.param([Placed(2, (0.0, 0.0, -20.0), scale=1.2)], None, id="sunk into the ground"),
        pytest.param([Placed(2, (0.0, 440.0, 0.0), scale=1.5)], None, id="cut by the picture's edge"),
        pytest.param([Placed(0, (0.0, 0.0, 0.0), scale=0.5)], None, id="smaller than 32 px"),
        pytest.param(
            [CRATE_LIKE], with_environment(props=(PropPlacement("crate", (-150.0, 0.0, 0.0)),)), id="covered by a prop"
        ),
        pytest.param([CRATE_LIKE], with_environment(level="/Game/Yard"), id="in a level of the user's"),
    ],
)
def test_what_may_be_covered_is_not_compared(things: list[Placed], of: Job | None) -> None:
    check = checked(things, of=of)
    assert 0 not in [view.index for view in check.views]
    assert check.faults == ()


def test_what_is_near_but_covers_nothing_stays_clean() -> None:
    beside = [CRATE_LIKE, Placed(1, (200.0, -330.0, 0.0)), Placed(None, (0.0, 300.0, 0.0))]
    assert [view.index for view in checked(beside).views] == [0, 1]
    lit = with_environment(sun=SunLight(), ground=None)
    assert len(checked([replace(CRATE_LIKE, location_cm=(0.0, 0.0, -20.0))], of=lit).views) == 1


def test_a_prop_that_lies_flat_covers_nothing() -> None:
    # The crate is 80 cm high: sunk to a top at 1 cm it lies flat, a little higher it does not.
    under = PropPlacement("crate", (-150.0, 0.0, 0.0))
    top_cm = next(model.bounds_cm[1][2] for model in job(RESOLUTION).models if model.id == "crate")
    for height_cm, views in ((0.9, 1), (1.5, 0)):
        sunk = replace(under, location=(-20.0, 0.0, height_cm - top_cm))
        assert len(checked([CRATE_LIKE], of=with_environment(props=(sunk,))).views) == views


def test_loose_models_are_only_held_to_their_box() -> None:
    assert checked([CRATE_LIKE], loose=("pit",)).views == ()
    (fault,) = checked([CRATE_LIKE], shift=(4, 0, 0, 0), loose=("pit",)).faults
    assert "leaves its projected box" in fault


@pytest.mark.parametrize(
    ("shift", "fault"),
    [
        ((0, 0, 0, 0), None),
        ((0, 0, 1, 0), None),  # half a pixel of rounding and one more
        ((3, 0, 3, 0), "leaves its projected box"),  # moved sideways
        ((0, -4, 0, -4), "leaves its projected box"),  # moved up
        ((4, 4, -4, -4), "leaves its projected box"),  # projected too small
        ((-4, -4, 4, 4), "differ by"),  # projected too large
        ((-4, 0, 0, 0), None),  # one edge, a little: a part thinner than a pixel
        ((0, -4, 0, 4), "differ by"),  # two edges a little
        ((-30, 0, 0, 0), "differ by"),  # one edge by far: a part has no ids
    ],
)
def test_disagreement_of_a_clean_view(shift: tuple[float, float, float, float], fault: str | None) -> None:
    faults = checked([CRATE_LIKE], shift=shift).faults
    if fault is None:
        assert faults == ()
    else:
        assert fault in faults[0]
        assert "object 0 (яma: 'x', model pit)" in faults[0]


def test_an_object_that_is_not_drawn_is_a_fault() -> None:
    record = frame_record(5, RESOLUTION, CAMERA, [CRATE_LIKE])
    blank = np.zeros(RESOLUTION[::-1], np.uint8)
    (fault,) = FrameChecker(job(RESOLUTION)).check(record, measure([blank], record.objects)).faults
    assert "has no visible pixel although nothing covers" in fault


def test_a_visible_object_behind_the_camera_is_a_fault() -> None:
    record = frame_record(5, RESOLUTION, CAMERA, [CRATE_LIKE])
    _, ids = paint(CAMERA, [CRATE_LIKE], RESOLUTION, 1)
    behind = replace(record, objects=(replace(record.objects[0], box_full_px=None),))
    (fault,) = FrameChecker(job(RESOLUTION)).check(behind, measure(ids, behind.objects)).faults
    assert "although its pose is behind the camera" in fault


def test_covered_objects_too_must_stay_in_their_box() -> None:
    things = [CRATE_LIKE, Placed(0, (-100.0, 20.0, 0.0))]
    (fault,) = checked(things, shift=(10, 10, 10, 10)).faults
    assert "leaves its projected box" in fault


GOOD = FrameCheck(1, (CleanView(0, "cone", (0.25, -0.25, 0.5, 0.0), 0.9),), ())
BAD = FrameCheck(7, (), ("object 0 is wrong.", "object 1 is a little wrong."))


@pytest.mark.parametrize(
    ("checks", "stops_at"),
    [
        ([BAD, BAD, BAD], 3),  # three from the start
        ([GOOD] * 500 + [BAD] * 2, None),
        ([BAD] + [GOOD] * 500 + [BAD] * 2, 503),  # three, however many went well
        ([BAD, BAD] + [GOOD] * 17, None),  # two of nineteen
        ([GOOD] * 18 + [BAD, BAD], 20),  # two of twenty are more than 5 %
        ([GOOD] * 19 + [BAD], None),  # one of twenty is not
        ([BAD, BAD] + [GOOD] * 16 + [GOOD] * 40, None),  # a good frame stops nothing
    ],
)
def test_when_a_run_stops(checks: list[FrameCheck], stops_at: int | None) -> None:
    total = SelfCheck()
    stopped = None
    for number, check in enumerate(checks, 1):
        try:
            total.add(check)
        except SelfCheckError as error:
            stopped = number
            assert "Frame 7: object 0 is wrong." in str(error)
            assert "--frame 7" in str(error)
            break
    assert stopped == stops_at


def test_summary_of_known_numbers() -> None:
    total = SelfCheck()
    assert total.summary().median_edge_px is None
    for hundredths in range(25):  # edges of 0.00, 0.01, ... 0.99 px
        edges = tuple((-1) ** i * (4 * hundredths + i) / 100 for i in range(4))
        total.add(FrameCheck(0, (CleanView(0, "cone", edges, 0.5 + hundredths / 100),), ()))
    total.add(FrameCheck(0, (CleanView(0, "sign", (1000.0, 0.0, 0.0, 0.0), 1.0),), ()))
    summary = total.summary()
    assert summary.clean_views == 26
    assert summary.median_edge_px == pytest.approx(0.48)  # 52 of 104 edges are at most that: three zeros more
    assert summary.p99_edge_px == pytest.approx(0.99)
    assert summary.iou_by_class == pytest.approx({"cone": 0.62, "sign": 1.0})


def test_a_frame_record_survives_its_json() -> None:
    """The helper writes what the plugin writes: the contract reads it back unchanged."""
    record = frame_record(5, RESOLUTION, CAMERA, [CRATE_LIKE, Placed(None, (0.0, 300.0, 0.0))])
    assert decode(FrameRecord, json.loads(json.dumps(asdict(record)))) == record
