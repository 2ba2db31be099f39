"""Where objects and camera stand: apart, on the ground, as large as wanted. Checked on the models' own hulls."""

import itertools
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.spatial.transform import Rotation as Turn

from unrealsynth_plugin.core.contract import Environment, FramePlan, Job, PlannedObject, Prepared
from unrealsynth_plugin.core.distributions import LogUniform, Number, Uniform
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.placement import prop_footprints
from unrealsynth_plugin.core.planning import environment_of, plan_frame
from unrealsynth_plugin.core.settings import Camera, Distractors, Objects, PropPlacement, Randomization, Rotation, Spawn

Randomized = Callable[..., Job]
Points = NDArray[np.float64]


def turned(points: Points, rotation: Vec3) -> Points:
    """Rotated in a right-handed frame with Y to the left, as scipy does, then mirrored back."""
    roll, pitch, yaw = rotation
    mirror = [1, -1, 1]
    turn = Turn.from_euler("ZYX", [-yaw, -pitch, roll], degrees=True)
    return np.asarray(turn.apply(points * mirror) * mirror)


def hull_of(job: Job, placed: PlannedObject) -> Points:
    """The world position of the model's hull."""
    (model,) = (model for model in job.models if model.id == placed.model)
    return placed.scale * turned(np.array(model.hull_cm), placed.rotation_deg) + placed.location_cm


def pixels(job: Job, points: Points, plan: FramePlan) -> Points:
    """Pixel positions, by hand."""
    roll, pitch, yaw = plan.camera.rotation_deg
    axes = turned(np.eye(3), (roll, pitch, yaw))
    view = (points - plan.camera.location_cm) @ axes.T
    assert (view[:, 0] > plan.camera.near_cm).all()
    width, height = job.resolution
    focal = width / 2 / math.tan(math.radians(plan.camera.fov_deg / 2))
    return np.stack([width / 2 + focal * view[:, 1] / view[:, 0], height / 2 - focal * view[:, 2] / view[:, 0]], axis=1)


def apart(a: Points, b: Points) -> bool:
    """Whether a plane lies between two sets of points, by linear programming."""
    if (a.min(0) > b.max(0)).any() or (b.min(0) > a.max(0)).any():
        return True
    rows = np.vstack([np.hstack([a, np.ones((len(a), 1))]), -np.hstack([b, np.ones((len(b), 1))])])
    return bool(linprog(np.zeros(4), A_ub=rows, b_ub=-np.ones(len(rows)), bounds=(None, None)).status == 0)


def test_the_check_itself_tells_apart() -> None:
    cube = np.array(list(itertools.product((0.0, 10.0), repeat=3)))
    assert not apart(cube, cube + 9.9)
    assert apart(cube, cube + 10.1)
    diamond = turned(cube - 5, (0.0, 0.0, 45.0))
    assert apart(diamond, np.add(cube, (4, 4, 0)))
    assert not apart(diamond, np.add(cube, (3, 3, 0)))


def test_nothing_stands_in_another_thing(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    full = randomized(job, objects=replace(job.randomization.objects, count=5.0, empty=0.0))
    pairs = 0
    for k in range(60):
        plan = plan_frame(full, prepared, k, 0)
        things = [hull_of(full, placed) for placed in plan.objects]
        for prop in environment_of(full, k).props:
            fixed = PlannedObject(prop.model, None, prop.location, (0.0, 0.0, prop.yaw), prop.scale)
            things.append(hull_of(full, fixed))
        for a, b in itertools.combinations(things, 2):
            assert apart(a, b), f"frame {k}"
            pairs += 1
    assert pairs > 500


@pytest.mark.parametrize(
    "rotation",
    [
        Rotation(),  # upright
        Rotation(roll=Uniform((-180.0, 180.0)), pitch=Uniform((-90.0, 90.0))),  # any way up
        Rotation(roll=90.0),  # on its side
    ],
)
@pytest.mark.parametrize("height", [0.0, 17.5, Uniform((0.0, 40.0))])
def test_objects_stand_on_the_ground_or_hover_by_the_drawn_height(
    job: Job, prepared: Prepared, randomized: Randomized, rotation: Rotation, height: Number
) -> None:
    settings = Objects(count=3.0, empty=0.0, rotation=rotation, height=height, scale=Uniform((0.5, 1.5)))
    standing = randomized(job, objects=settings, distractors=Distractors())
    heights = []
    for k in range(25):
        for placed in plan_frame(standing, prepared, k, 0).objects:
            lowest = float(hull_of(standing, placed)[:, 2].min()) - prepared.ground_z_cm
            if placed.model == "ball":
                # It does not rest: its origin is put at the height.
                lowest = placed.location_cm[2] - prepared.ground_z_cm
            heights.append(lowest)
    if isinstance(height, Uniform):
        assert min(heights) > -1e-6 and max(heights) < 40 + 1e-6
        assert np.std(heights) == pytest.approx(40 / math.sqrt(12), rel=0.2)
    else:
        assert heights == pytest.approx([height] * len(heights), abs=1e-6)
    assert len(heights) > 60


def test_objects_stand_within_the_spawn_region_and_the_picture(
    job: Job, prepared: Prepared, randomized: Randomized
) -> None:
    spawn = Spawn((1000.0, -500.0), 300.0)
    moved = replace(job, environments=(Environment("far", spawn=spawn),))
    for k in range(40):
        plan = plan_frame(moved, prepared, k, 0)
        for placed in plan.objects:
            hull = hull_of(job, placed)
            # Placed by the middle of the turned bounding box, which is within the model's size of its hull's.
            middle = (hull.min(0) + hull.max(0)) / 2
            assert math.dist(middle[:2], spawn.center) < spawn.radius + 20
            x, y = pixels(job, hull, plan).mean(axis=0)
            assert -10 < x < job.resolution[0] + 10 and -10 < y < job.resolution[1] + 10


# Harder and harder perspective: the nearer an object, the more its near side grows.
@pytest.mark.parametrize(
    ("camera", "resolution"),
    [
        (Camera(), (640, 480)),
        (Camera(), (480, 640)),
        (Camera(size=LogUniform((20.0, 100.0)), roll=Uniform((-180.0, 180.0))), (640, 640)),
        (Camera(size=Uniform((200.0, 400.0)), field_of_view=Uniform((70.0, 100.0))), (640, 480)),
        (Camera(field_of_view=10.0, elevation=30.0), (640, 480)),
    ],
)
def test_the_camera_makes_its_object_as_large_as_wanted(
    job: Job, prepared: Prepared, randomized: Randomized, camera: Camera, resolution: tuple[int, int]
) -> None:
    single = replace(job, resolution=resolution, environments=(Environment("open"),))
    single = randomized(
        single,
        camera=camera,
        objects=replace(job.randomization.objects, count=1.0, empty=0.0),
        distractors=Distractors(),
    )
    for k in range(80):
        plan = plan_frame(single, prepared, k, 0)
        seen = pixels(single, hull_of(single, plan.objects[0]), plan)
        assert np.ptp(seen, axis=0).max() == pytest.approx(plan.wanted_size_px, rel=0.02), f"frame {k}"


@pytest.mark.parametrize("size_cm", [1.0, 6.0, 25.0, 400.0])
def test_small_and_large_models_are_framed_alike(
    job: Job, prepared: Prepared, randomized: Randomized, size_cm: float
) -> None:
    ball = job.models[2]
    scaled = (np.array(ball.hull_cm) * size_cm / 40).tolist()
    low, high = (tuple(fold(point[i] for point in scaled) for i in range(3)) for fold in (min, max))
    model = replace(ball, hull_cm=tuple(map(tuple, scaled)), bounds_cm=(low, high), rests=True)
    single = replace(job, models=(model,), classes=(replace(job.classes[0], models=("ball",)),))
    single = replace(single, environments=(Environment("open", spawn=Spawn(radius=100.0)),))
    single = randomized(single, objects=Objects(count=1.0, empty=0.0), distractors=Distractors())
    for k in range(40):
        plan = plan_frame(single, prepared, k, 0)
        hull = hull_of(single, plan.objects[0])
        assert np.ptp(pixels(single, hull, plan), axis=0).max() == pytest.approx(plan.wanted_size_px, rel=0.02)
        # The near plane cuts neither the object nor the ground below the camera.
        assert np.linalg.norm(hull - plan.camera.location_cm, axis=1).min() > plan.camera.near_cm
        assert plan.camera.location_cm[2] > prepared.ground_z_cm + plan.camera.near_cm
        assert sum(plan.rejections.values()) < 48


def test_an_object_far_off_its_origin_is_in_the_picture(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    planks = replace(job, classes=(replace(job.classes[1], models=("plank",)),))
    single = randomized(planks, objects=Objects(count=1.0, empty=0.0), distractors=Distractors())
    for k in range(40):
        plan = plan_frame(single, prepared, k, 0)
        seen = pixels(single, hull_of(single, plan.objects[0]), plan)
        x, y = (seen.min(0) + seen.max(0)) / 2
        # The middle is aimed into 72 % of the picture; perspective moves the middle of the box a little.
        assert 0.1 * 640 < x < 0.9 * 640 and 0.1 * 480 < y < 0.9 * 480


def test_the_others_have_sizes_in_the_wanted_range(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    camera = Camera(size=LogUniform((40.0, 200.0)))
    many = randomized(job, camera=camera, objects=Objects(count=4.0, empty=0.0), distractors=Distractors())
    sizes = []
    for k in range(60):
        plan = plan_frame(many, prepared, k, 0)
        for placed in plan.objects:
            sizes.append(float(np.ptp(pixels(many, hull_of(many, placed), plan), axis=0).max()))
    # Half to one and a half times, as perspective may change what was reckoned from afar.
    assert min(sizes) > 20 * 0.8 and max(sizes) < 300 + 1e-6
    inside = sum(40 <= size <= 200 for size in sizes)
    assert inside / len(sizes) > 0.9


def test_the_camera_is_above_the_ground_and_outside_of_everything(
    job: Job, prepared: Prepared, randomized: Randomized
) -> None:
    low = randomized(job, camera=Camera(elevation=Uniform((-5.0, 30.0)), size=Uniform((100.0, 300.0))))
    for k in range(80):
        plan = plan_frame(low, prepared, k, 0)
        eye = np.array([plan.camera.location_cm])
        assert eye[0, 2] > prepared.ground_z_cm + plan.camera.near_cm
        for placed in plan.objects:
            assert apart(hull_of(low, placed), eye)
        for prop in environment_of(low, k).props:
            fixed = PlannedObject(prop.model, None, prop.location, (0.0, 0.0, prop.yaw), prop.scale)
            assert apart(hull_of(low, fixed), eye)


@pytest.mark.parametrize(
    ("prop", "in_the_way"),
    [
        (PropPlacement("plank", (0.0, 0.0, -44.0)), False),  # 45 cm high, sunk to 1 cm
        (PropPlacement("plank", (0.0, 0.0, -43.9)), True),  # a millimetre higher
        (PropPlacement("plank", (0.0, 0.0, 0.0), scale=0.02), False),  # 0.9 cm high
        (PropPlacement("plank", (0.0, 0.0, 0.2), scale=0.02), True),  # the same, raised
    ],
)
def test_objects_may_stand_on_what_lies_flat(job: Job, prop: PropPlacement, in_the_way: bool) -> None:
    assert len(prop_footprints(job, Environment("road", props=(prop,)))) == in_the_way


def test_a_crowded_yard_hides_nothing_and_is_in_nobodys_way(
    job: Job, prepared: Prepared, randomized: Randomized
) -> None:
    spots = itertools.product((-600.0, -300.0, 0.0, 300.0, 600.0), repeat=2)
    props = tuple(PropPlacement("plank", (x, y, 0.0), yaw=x + y, scale=4.0) for x, y in spots)
    yard = replace(job, environments=(Environment("crowded", props=props),))
    yard = randomized(yard, objects=Objects(count=1.0, empty=0.0), distractors=Distractors())
    fixed = [
        hull_of(yard, PlannedObject("plank", None, prop.location, (0.0, 0.0, prop.yaw), prop.scale)) for prop in props
    ]
    rejections: Counter[str] = Counter()
    for k in range(60):
        plan = plan_frame(yard, prepared, k, 0)
        rejections.update(plan.rejections)
        hull = hull_of(yard, plan.objects[0])
        eye = np.array([plan.camera.location_cm])
        sight = np.vstack([eye, (hull.min(0) + hull.max(0)) / 2])
        for prop in fixed:
            assert apart(hull, prop)
            assert apart(eye, prop)
            assert apart(sight, prop)
    assert {"overlap", "camera inside a prop", "hidden behind a prop"} <= set(rejections)


def test_the_camera_aims_at_each_object_as_often(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    three = replace(job, environments=(Environment("open"),))
    three = randomized(three, objects=Objects(count=3.0, empty=0.0), distractors=Distractors())
    aimed: Counter[int] = Counter()
    for k in range(150):
        plan = plan_frame(three, prepared, k, 0)
        sizes = [np.ptp(pixels(three, hull_of(three, placed), plan), axis=0).max() for placed in plan.objects]
        misses = np.abs(np.log(np.array(sizes) / plan.wanted_size_px))
        assert misses.min() < 0.01
        if len(sizes) == 3:
            aimed[int(misses.argmin())] += 1
    assert sum(aimed.values()) > 120
    assert min(aimed[i] for i in range(3)) > 25


def test_a_frame_always_has_a_camera(job: Job, prepared: Prepared) -> None:
    # Looking up from below the ground only: no draw is without fault.
    settings = Randomization(objects=Objects(count=1.0, empty=0.0), camera=Camera(elevation=-60.0))
    below = replace(job, randomization=settings)
    plan = plan_frame(below, prepared, 0, 0)
    assert len(plan.objects) == 1
    assert plan.rejections["camera below the ground"] == 48


def test_what_finds_no_place_is_left_out_and_counted(job: Job, prepared: Prepared, randomized: Randomized) -> None:
    # A hundred planks cannot stand in a circle of 1.5 m.
    crowd = replace(job, environments=(Environment("small", spawn=Spawn((0.0, 0.0), 150.0)),))
    plan = plan_frame(randomized(crowd, objects=Objects(count=100.0, empty=0.0)), prepared, 0, 0)
    labelled = [placed for placed in plan.objects if placed.class_index is not None]
    assert plan.wanted_objects == 100
    assert 1 <= len(labelled) < 50
    assert plan.rejections["no place found"] >= 100 - len(labelled)
    assert list(plan.rejections) == sorted(plan.rejections)
