"""Uneven ground as planning sees it, and the regions in which objects stand."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest

from unrealsynth_plugin.core.contract import Environment, Job, Prepared
from unrealsynth_plugin.core.ground import GroundGrid
from unrealsynth_plugin.core.placement import middle_of, model_of
from unrealsynth_plugin.core.planning import calibration_view, plan_frame
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.core.settings import Light, Objects, Randomization, Spawn


def slope(x: float, y: float) -> float:
    return 40.0 + 0.1 * x - 0.05 * y


def grid(holes: frozenset[tuple[int, int]] = frozenset()) -> GroundGrid:
    """An even slope over 41 × 31 points, 50 cm apart, from (-1000, -700)."""
    heights = tuple(
        None if (i, j) in holes else slope(-1000.0 + 50.0 * i, -700.0 + 50.0 * j) for j in range(31) for i in range(41)
    )
    return GroundGrid(-1000.0, -700.0, 50.0, 41, 31, heights)


@pytest.mark.parametrize("point", [(-1000.0, -700.0), (1000.0, 800.0), (0.0, 0.0), (33.3, -412.7), (999.0, -699.0)])
def test_a_slope_is_met_exactly(point: tuple[float, float]) -> None:
    assert grid().height_cm(*point) == pytest.approx(slope(*point), abs=1e-9)


@pytest.mark.parametrize("point", [(-1000.1, 0.0), (1000.1, 0.0), (0.0, 800.1), (0.0, -700.1)])
def test_there_is_no_ground_outside(point: tuple[float, float]) -> None:
    assert grid().height_cm(*point) is None


def test_there_is_no_ground_beside_a_hole_nor_on_a_cliff() -> None:
    holed = grid(frozenset({(20, 14)}))
    assert holed.height_cm(0.0, 0.0) is None and holed.height_cm(-49.0, -49.0) is None
    assert holed.height_cm(-51.0, 0.0) is not None
    # 35 degrees are 35 cm in 50.
    assert GroundGrid(0.0, 0.0, 50.0, 2, 2, (0.0, 34.0, 0.0, 34.0)).height_cm(25.0, 25.0) == 17.0
    assert GroundGrid(0.0, 0.0, 50.0, 2, 2, (0.0, 36.0, 0.0, 36.0)).height_cm(25.0, 25.0) is None


def test_a_region_is_a_circle_or_a_box() -> None:
    circle = Region.of(Spawn((10.0, 20.0), 30.0))
    box = Region.of(Spawn(box=((-5.0, 0.0, 0.0), (15.0, 2.0, 9.0))))
    assert (box.center, box.radius) == ((5.0, 1.0), pytest.approx(math.hypot(10.0, 1.0)))
    random = Random(4)
    for region in (circle, box):
        points = [region.draw(random) for _ in range(500)]
        assert all(region.holds(*point) for point in points)
        for axis, middle in enumerate(region.center):
            assert sum(point[axis] for point in points) / 500 == pytest.approx(middle, abs=0.05 * region.radius)
    assert not box.holds(16.0, 1.0) and not circle.holds(41.0, 20.0)


def test_what_the_editor_found_out_about_the_region_counts() -> None:
    found = Prepared("level", 0.0, 0, region=((0.0, 0.0, 0.0), (10.0, 10.0, 5.0)))
    assert Region.of(Spawn(actor="Stage"), found).box == found.region


@pytest.fixture
def level_job(job: Job) -> Job:
    """The crates of the other tests, upright, in a level."""
    box = ((-900.0, -600.0, 0.0), (900.0, 700.0, 300.0))
    return replace(
        job,
        environments=(Environment("level", level="/Game/Maps/Hill", spawn=Spawn(box=box)),),
        randomization=Randomization(objects=Objects(count=3.0, empty=0.0)),
    )


def test_objects_are_planned_on_the_grid(level_job: Job) -> None:
    prepared = Prepared("level", 1.0, 0, 40.0, grid(frozenset({(20, 14)})))
    for k in range(30):
        plan = plan_frame(level_job, prepared, k, 0)
        assert plan.objects
        for placed in plan.objects:
            model = model_of(level_job, placed.model)
            x, y, z = middle_of(model, placed)
            low, high = model.bounds_cm
            height = z - slope(x, y)
            stands = placed.scale * ((high[2] - low[2]) / 2 if model.rests else (low[2] + high[2]) / 2)
            assert height == pytest.approx(stands, abs=1e-6)
            assert math.hypot(x, y) > 20.0, "an object stands in the hole"
        eye = plan.camera.location_cm
        assert abs(eye[0]) > 1000 or not -700 < eye[1] < 800 or eye[2] > slope(eye[0], eye[1])


def test_another_sight_is_another_view_of_the_same_objects(level_job: Job) -> None:
    prepared = Prepared("level", 1.0, 0, 40.0, grid())
    for k in range(10):
        plans = [plan_frame(level_job, prepared, k, 0, sight) for sight in range(3)]
        assert plans == [plan_frame(level_job, prepared, k, 0, sight) for sight in range(3)]
        assert [plan.sight for plan in plans] == [0, 1, 2]
        assert len({plan.camera.location_cm for plan in plans}) == 3
        shown = [
            [(item.model, item.class_index, item.rotation_deg, item.scale) for item in plan.objects] for plan in plans
        ]
        assert all(len(items) < 3 or items == shown[0] for items in shown if len(shown[0]) == 3)


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        (Light(), (None, None, None, None, None)),
        (Light(sun_azimuth=30.0), (30.0, None, None, None, None)),
        (
            Light(sun_elevation=20.0, sun_intensity=4.0, sun_temperature=5000.0, sky_brightness=2.0),
            (None, 20.0, 4.0, 5000.0, 2.0),
        ),
    ],
)
def test_a_level_keeps_its_light_but_for_what_is_asked(
    level_job: Job, wish: Light, wanted: tuple[float | None, ...]
) -> None:
    asked = replace(level_job, randomization=replace(level_job.randomization, light=wish))
    prepared = Prepared("level", 1.0, 0, 40.0, grid())
    for light in (plan_frame(asked, prepared, 0, 0).light, calibration_view(asked, asked.environments[0], prepared)[1]):
        assert (
            light.sun_azimuth_deg,
            light.sun_elevation_deg,
            light.sun_intensity_lux,
            light.sun_temperature_k,
            light.sky_brightness,
        ) == wanted


def test_the_overview_looks_at_the_region_at_its_height(level_job: Job) -> None:
    prepared = Prepared("level", 1.0, 0, 40.0, grid())
    camera, _ = calibration_view(level_job, level_job.environments[0], prepared)
    x, _, z = camera.location_cm
    pitch = math.radians(-camera.rotation_deg[1])
    # From there, straight ahead, lies the middle of the region.
    assert z - math.tan(pitch) * abs(x) == pytest.approx(40.0)
