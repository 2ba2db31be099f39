"""What is drawn for a frame, and what it depends on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from scipy import stats

from unrealsynth_plugin.core.contract import Environment, FramePlan, Job, ObjectClass, Prepared
from unrealsynth_plugin.core.distributions import Choice, LogUniform, Normal, Number, Uniform
from unrealsynth_plugin.core.planning import calibration_view, environment_of, models_of, plan_frame
from unrealsynth_plugin.core.settings import Camera, Distractors, Light, Objects, Rotation, Sky, SunLight

Randomized = Callable[..., Job]


def plans(job: Job, prepared: Prepared, count: int) -> list[FramePlan]:
    return [plan_frame(job, prepared, k, 0) for k in range(count)]


def labelled(plan: FramePlan) -> list[int]:
    return [placed.class_index for placed in plan.objects if placed.class_index is not None]


def test_the_same_frame_is_planned_again_whatever_else_is_made(job: Job, prepared: Prepared) -> None:
    other = replace(
        job,
        id="second",
        frames=tuple((k, 0) for k in reversed(range(1000))),
        max_uncollected=1,
        prepared=(prepared,),
        fingerprint="g",
    )
    backwards = [plan_frame(other, prepared, k, 0) for k in reversed(range(40))]
    assert plans(job, prepared, 40) == backwards[::-1]


@pytest.mark.parametrize(("k", "attempt", "seed"), [(8, 0, 3), (7, 1, 3), (7, 0, 4)])
def test_another_frame_attempt_or_seed_is_another_plan(
    job: Job, prepared: Prepared, k: int, attempt: int, seed: int
) -> None:
    plan, other = plan_frame(job, prepared, 7, 0), plan_frame(replace(job, seed=seed), prepared, k, attempt)
    assert (other.k, other.attempt) == (k, attempt)
    assert plan.camera != other.camera
    assert plan.objects != other.objects


def test_an_attempt_stays_in_its_environment(job: Job, prepared: Prepared) -> None:
    for k in range(20):
        names = {plan_frame(job, prepared, k, attempt).environment for attempt in range(3)}
        assert names == {environment_of(job, k).name}


def test_environments_are_equally_likely(job: Job) -> None:
    many = replace(job, environments=tuple(Environment(str(i)) for i in range(4)))
    seen = Counter(environment_of(many, k).name for k in range(2000))
    assert stats.chisquare(list(seen.values())).pvalue > 0.01
    assert len(seen) == 4


def test_distractors_move_nothing_that_is_labelled(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    without = randomized(job, distractors=Distractors())
    for plan, bare in zip(plans(job, prepared, 40), plans(without, prepared, 40), strict=True):
        assert [placed for placed in plan.objects if placed.class_index is not None] == list(bare.objects)
        assert (plan.camera, plan.light, plan.wanted_size_px) == (bare.camera, bare.light, bare.wanted_size_px)


def test_the_models_of_frames_are_known_without_planning_them(job: Job, prepared: Prepared) -> None:
    few = set()
    for k in range(60):
        plan = plan_frame(job, prepared, k, 0)
        props = {prop.model for prop in environment_of(job, k).props}
        models = models_of(job, [(k, 0)])
        planned = {item.model for item in plan.objects} | props
        found_a_place = plan.wanted_objects == len(labelled(plan)) and not plan.rejections
        assert models == planned if found_a_place else models >= planned
        few.add(len(models))
    assert few >= {1, 2, 3}
    assert models_of(job, []) == frozenset()
    assert models_of(job, [(k, 0) for k in range(60)]) == {"cone", "plank", "ball"}


def test_distractors_come_last_and_without_a_class(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    made = plans(randomized(job, distractors=Distractors(("ball", "cone"), count=3.0)), prepared, 60)
    for plan in made:
        kinds = [placed.class_index is None for placed in plan.objects]
        assert kinds == sorted(kinds)
        assert sum(kinds) <= 3
    unlabelled = [placed.model for plan in made for placed in plan.objects if placed.class_index is None]
    assert len(unlabelled) > 120
    assert {"ball", "cone"} == set(unlabelled)


def test_light_settings_change_the_light_alone(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    lit = randomized(job, light=Light(sun_elevation=Uniform((1.0, 2.0))))
    for plan, other in zip(plans(job, prepared, 30), plans(lit, prepared, 30), strict=True):
        assert replace(other, light=plan.light) == plan
        if plan.light.sun_elevation_deg is not None:
            assert other.light.sun_elevation_deg == pytest.approx(1.5, abs=0.5)
            assert replace(other.light, sun_elevation_deg=plan.light.sun_elevation_deg) == plan.light


def test_a_larger_count_adds_objects_and_turns_no_other(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    """Places and camera may change, as they depend on what else stands there; models, rotations and scales do not."""
    few, many = (
        plans(randomized(job, objects=replace(job.randomization.objects, count=count, empty=0.0)), prepared, 30)
        for count in (2.0, 4.0)
    )
    for plan, larger in zip(few, many, strict=True):
        if len(labelled(plan)) == 2 and len(labelled(larger)) == 4:
            for placed, same in zip(plan.objects[:2], larger.objects[:2], strict=True):
                assert (placed.model, placed.rotation_deg, placed.scale) == (same.model, same.rotation_deg, same.scale)
                assert placed.class_index == same.class_index


def test_a_class_added_at_the_end_takes_its_share_from_the_others(
    job: Job, prepared: Prepared, randomized: Randomized
) -> None:
    """Which class an object has may change; how many there are, how each is turned, and the light do not."""
    single = randomized(job, objects=Objects(count=1.0, empty=0.0), distractors=Distractors())
    added = replace(single, classes=(*job.classes, ObjectClass("third", ("cone",), 3.0)))
    before, after = plans(single, prepared, 300), plans(added, prepared, 300)
    for plan, other in zip(before, after, strict=True):
        assert (plan.light, plan.wanted_size_px, plan.environment) == (
            other.light,
            other.wanted_size_px,
            other.environment,
        )
        assert [placed.rotation_deg for placed in plan.objects] == [placed.rotation_deg for placed in other.objects]
    assert Counter(index for plan in after for index in labelled(plan))[2] / 300 == pytest.approx(0.5, abs=0.08)


def test_classes_come_by_weight_and_their_models_equally(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    made = plans(randomized(job, objects=Objects(count=1.0, empty=0.0), distractors=Distractors()), prepared, 600)
    models = Counter(plan.objects[0].model for plan in made)
    classes = Counter(plan.objects[0].class_index for plan in made)
    assert sum(classes.values()) == 600
    # Weights 1 : 2, the second class with two models.
    assert stats.chisquare([classes[0], classes[1]], [200, 400]).pvalue > 0.01
    assert stats.chisquare([models[name] for name in ("cone", "plank", "ball")], [200, 200, 200]).pvalue > 0.01


def test_a_class_without_weight_does_not_come(job: Job, prepared: Prepared) -> None:
    cone, other = job.classes
    made = plans(replace(job, classes=(replace(cone, weight=0.0), other)), prepared, 60)
    assert {index for plan in made for index in labelled(plan)} == {1}


def test_the_count_is_uniform_and_missing_objects_are_counted(job: Job, prepared: Prepared) -> None:
    made = plans(job, prepared, 800)
    wanted = Counter(plan.wanted_objects for plan in made if plan.wanted_objects)
    assert set(wanted) == {1, 2, 3, 4, 5}
    assert stats.chisquare(list(wanted.values())).pvalue > 0.01
    left_out = 0
    for plan in made:
        missing = plan.wanted_objects - len(labelled(plan))
        assert missing >= 0
        assert plan.rejections.get("no place found", 0) >= missing
        left_out += missing
    # Few are left out in an open yard.
    assert left_out < 0.1 * sum(plan.wanted_objects for plan in made)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_some_frames_are_empty_on_purpose(job: Job, prepared: Prepared, randomized: Randomized, share: float) -> None:
    made = plans(randomized(job, objects=Objects(count=2.0, empty=share)), prepared, 300)
    empty = [plan for plan in made if plan.wanted_objects == 0]
    assert not any(labelled(plan) for plan in empty)
    assert len(empty) / 300 == pytest.approx(share, abs=0.07 if 0 < share < 1 else 0)


def test_a_count_of_zero_is_an_empty_frame(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    for count in (0.0, -3.0, Normal((-5.0, 1.0))):
        plan = plan_frame(randomized(job, objects=Objects(count=count), distractors=Distractors()), prepared, 0, 0)
        assert (plan.wanted_objects, plan.objects) == (0, ())


# One setting, how it is read from a plan, and its distribution's name for Kolmogorov and Smirnov.
@pytest.mark.parametrize(
    ("number", "camera_key", "read", "cumulative"),
    [
        (
            Uniform((35.0, 90.0)),
            "field_of_view",
            lambda plan: plan.camera.fov_deg,
            stats.uniform(35, 55).cdf,
        ),
        (Normal((1.0, 3.0)), "roll", lambda plan: plan.camera.rotation_deg[0], stats.norm(1, 3).cdf),
        (
            Uniform((0.0, 360.0)),
            "azimuth",
            lambda plan: plan.camera.rotation_deg[2],
            stats.uniform(0, 360).cdf,
        ),
        (
            Uniform((20.0, 70.0)),
            "elevation",
            lambda plan: -plan.camera.rotation_deg[1],
            stats.uniform(20, 50).cdf,
        ),
        (LogUniform((20.0, 200.0)), "size", lambda plan: plan.wanted_size_px, stats.loguniform(20, 200).cdf),
        (
            Uniform((-1.0, 1.0)),
            "exposure",
            lambda plan: plan.exposure_ev - 1.5,  # on top of the prepared exposure
            stats.uniform(-1, 2).cdf,
        ),
    ],
)
def test_camera_settings_are_drawn_as_asked(
    job: Job,
    prepared: Prepared,
    randomized: Randomized,
    number: Number,
    camera_key: str,
    read: Callable[[FramePlan], float],
    cumulative: Callable[[float], float],
) -> None:
    # Without props and with one object nothing but rounding is rejected.
    open_ground = replace(job, seed=1, environments=(Environment("open"),))
    camera = replace(Camera(elevation=Uniform((20.0, 60.0))), **{camera_key: number})
    simple = randomized(open_ground, camera=camera, objects=Objects(count=1.0), distractors=Distractors())
    drawn = [read(plan) for plan in plans(simple, prepared, 400)]
    assert stats.kstest(drawn, cumulative).pvalue > 0.01


def test_object_settings_are_drawn_as_asked(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    rotation = Rotation(Uniform((10.0, 50.0)), Uniform((-20.0, 20.0)), Normal((0.0, 5.0)))
    settings = Objects(count=1.0, empty=0.0, rotation=rotation, scale=LogUniform((0.5, 2.0)))
    made = [plan.objects[0] for plan in plans(randomized(job, objects=settings), prepared, 400)]
    roll, pitch, yaw = zip(*(placed.rotation_deg for placed in made), strict=True)
    assert stats.kstest(roll, stats.norm(0, 5).cdf).pvalue > 0.01
    assert stats.kstest(pitch, stats.uniform(-20, 40).cdf).pvalue > 0.01
    assert stats.kstest(yaw, stats.uniform(10, 40).cdf).pvalue > 0.01
    assert stats.kstest([placed.scale for placed in made], stats.loguniform(0.5, 2).cdf).pvalue > 0.01


def test_the_default_size_is_a_share_of_the_shorter_side(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    tall = replace(job, resolution=(300, 900))
    single = randomized(tall, objects=Objects(count=1.0, empty=0.0))
    drawn = [plan.wanted_size_px for plan in plans(single, prepared, 400)]
    assert stats.kstest(drawn, stats.loguniform(18, 180).cdf).pvalue > 0.01


LIT = Environment(
    "lit",
    sun=SunLight(azimuth=10.0, elevation=Uniform((30.0, 40.0)), intensity=8.0, temperature=5000.0),
    sky=Sky(brightness=0.7),
)


@pytest.mark.parametrize(
    ("environment", "light", "expected"),
    [
        # The map's values, the median of a distribution for calibration.
        (LIT, Light(), (10.0, 35.0, 8.0, 5000.0, 0.7)),
        # The recipe overrides one by one.
        (LIT, Light(sun_azimuth=99.0, sky_brightness=2.0), (99.0, 35.0, 8.0, 5000.0, 2.0)),
        (LIT, Light(sun_elevation=0.0, sun_intensity=LogUniform((1.0, 100.0))), (10.0, 0.0, 10.0, 5000.0, 0.7)),
        (LIT, Light(sun_temperature=Choice((3000.0,))), (10.0, 35.0, 8.0, 3000.0, 0.7)),
        # Where there is no sun the recipe makes none, the sky stays adjustable.
        (replace(LIT, sun=None), Light(sun_azimuth=99.0, sky_brightness=2.0), (None, None, None, None, 2.0)),
    ],
)
def test_the_recipe_overrides_the_light_of_the_map(
    job: Job,
    prepared: Prepared,
    randomized: Randomized,
    environment: Environment,
    light: Light,
    expected: tuple[float | None, ...],
) -> None:
    lit = randomized(replace(job, environments=(environment,)), light=light)
    _, median = calibration_view(lit, environment)
    found = (
        median.sun_azimuth_deg,
        median.sun_elevation_deg,
        median.sun_intensity_lux,
        median.sun_temperature_k,
        median.sky_brightness,
    )
    assert found == pytest.approx(expected)
    for plan in plans(lit, prepared, 10):
        drawn = plan.light
        assert (drawn.sun_azimuth_deg, drawn.sun_temperature_k, drawn.sky_brightness) == (found[0], found[3], found[4])
        if drawn.sun_elevation_deg is not None:
            assert 0 <= drawn.sun_elevation_deg <= 40


def test_calibration_looks_down_on_the_spawn_region(job: Job) -> None:
    camera, _ = calibration_view(job, job.environments[0])
    # The medians of elevation and field of view, 31.5 and 57.5, at the distance of the region's radius.
    assert camera.rotation_deg == (0.0, -31.5, 0.0)
    assert camera.fov_deg == 57.5
    assert camera.location_cm == pytest.approx((-800 * 0.852640, 0, 800 * 0.522499), abs=0.01)


def test_a_job_that_names_an_unknown_model_says_so(job: Job, prepared: Prepared) -> None:
    with pytest.raises(LookupError, match="names the model 'none'"):
        plan_frame(replace(job, classes=(ObjectClass("a", ("none",)),)), prepared, 1, 0)
