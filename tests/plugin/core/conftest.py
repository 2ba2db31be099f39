"""A small job to plan frames of: a cone, a plank far off its origin, a ball, in two environments."""

import math
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from unrealsynth_plugin.core.contract import Environment, Job, Model, ObjectClass, Prepared
from unrealsynth_plugin.core.distributions import Uniform
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.settings import Distractors, Objects, PropPlacement, Randomization, Rotation


def model(name: str, hull: list[Vec3], rests: bool = True) -> Model:
    low, high = (tuple(fold(point[i] for point in hull) for i in range(3)) for fold in (min, max))
    return Model(name, f"models/{name}.glb", name, (low, high), tuple(hull), rests)  # type: ignore[arg-type]


def cone() -> Model:
    around = [2 * math.pi * i / 24 for i in range(24)]
    return model("cone", [(30 * math.cos(a), 30 * math.sin(a), 0.0) for a in around] + [(0.0, 0.0, 70.0)])


def plank() -> Model:
    return model("plank", [(x, y, z) for x in (-10.0, 110.0) for y in (-5.0, 5.0) for z in (20.0, 45.0)])


def ball() -> Model:
    random, points = Random(1), []
    for _ in range(60):
        x, y, z = (random.gauss(0, 1) for _ in range(3))
        length = math.hypot(x, y, z) / 20
        points.append((x / length, y / length, z / length))
    return model("ball", points, rests=False)


@pytest.fixture(scope="session")
def job() -> Job:
    """Tilted objects that hover, between props, with distractors."""
    tilted = Rotation(roll=Uniform((-40.0, 40.0)), pitch=Uniform((-40.0, 40.0)))
    return Job(
        id="first",
        plugin_version="0.1.0",
        fingerprint="f",
        seed=3,
        resolution=(640, 480),
        frames=((0, 0),),
        classes=(ObjectClass("cone", ("cone",)), ObjectClass("other", ("plank", "ball"), 2.0)),
        models=(cone(), plank(), ball()),
        environments=(
            Environment("yard", props=(PropPlacement("plank", (150.0, 0.0, 0.0), yaw=30.0, scale=2.0),)),
            Environment("void", ground=None, sun=None),
        ),
        randomization=Randomization(
            objects=Objects(rotation=tilted, height=Uniform((0.0, 40.0)), scale=Uniform((0.5, 1.5))),
            distractors=Distractors(models=("ball", "cone"), count=Uniform((0.0, 2.0))),
        ),
    )


@pytest.fixture(scope="session")
def prepared() -> Prepared:
    """Of either environment; its ground does not lie at 0."""
    return Prepared("yard", exposure_ev=1.5, settle_ticks=1, ground_z_cm=25.0)


@pytest.fixture(scope="session")
def randomized() -> Any:
    """The job with other settings of one group: `randomized(job, objects=..., camera=...)`."""

    def change(job: Job, **groups: Any) -> Job:
        return replace(job, randomization=replace(job.randomization, **groups))

    return change
