"""Declared against drawn over whole plans: the plugin's own are as declared, doctored ones are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from made_sets import header_of
from synthetic_spool import MODELS, box_model

from unrealsynth.report.agreement import Agreement
from unrealsynth.report.draws import Declared, Draws, declared_by
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import Environment, Job, ObjectClass, Prepared
from unrealsynth_plugin.core.distributions import Choice, LogUniform, Normal, Uniform
from unrealsynth_plugin.core.ground import GroundGrid
from unrealsynth_plugin.core.planning import plan_frame
from unrealsynth_plugin.core.settings import Camera, Distractors, Light, Objects, Randomization, SunLight

FRAMES = 240
CRATE = box_model("tiny crate", (30, 30, 30))
RANDOMIZATION = Randomization(
    Objects(count=Uniform((0.0, 4.0)), empty=0.1, scale=LogUniform((0.5, 1.0)), height=Choice((0.0, 15.0))),
    Distractors(models=(CRATE.id,), count=Uniform((0.0, 2.0))),
    Camera(size=LogUniform((20.0, 90.0)), roll=Normal((0.0, 2.0), -3.0, 3.0), exposure=Uniform((-1.0, 1.0))),
    Light(sky_brightness=Uniform((0.5, 1.5))),
)
ENVIRONMENTS = (
    Environment("yard"),
    Environment("dusk", sun=SunLight(elevation=Uniform((5.0, 9.0)), temperature=4000.0)),
)
CLASSES = (ObjectClass("cone", ("cone",), 3.0), ObjectClass("sign", ("sign", "pit")))
JOB = Job("j", "0", "f" * 64, 5, (320, 240), (), CLASSES, (*MODELS, CRATE), ENVIRONMENTS, RANDOMIZATION)
Plan = dict[str, Any]


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    """What the manifest has of each frame."""
    prepared = {name: Prepared(name, exposure, 1) for name, exposure in (("yard", -1.5), ("dusk", 2.0))}

    def planned(k: int) -> Plan:
        environment = next(item.name for item in ENVIRONMENTS if item is _environment(k))
        return encode(plan_frame(JOB, prepared[environment], k, 0))

    return [planned(k) for k in range(FRAMES)]


def _environment(k: int) -> Environment:
    from unrealsynth_plugin.core.planning import environment_of

    return environment_of(JOB, k)


@pytest.fixture
def declared() -> Declared:
    return Declared(
        randomization=RANDOMIZATION,
        weights={entry.name: entry.weight for entry in CLASSES},
        models={entry.name: entry.models for entry in CLASSES},
        environments=tuple(item.name for item in ENVIRONMENTS),
        maps={item.name: item for item in ENVIRONMENTS},
        exposures={"yard": -1.5, "dusk": 2.0},
        grounds={},
        own_assets=frozenset(),
        seed=JOB.seed,
        shorter_side_px=240,
        images=FRAMES,
    )


def judged(declared: Declared, plans: list[Plan]) -> dict[str, Agreement]:
    draws = Draws(declared)
    for plan in plans:
        draws.add(plan)
    found = draws.agreements()
    assert len({item.name for item in found}) == len(found)
    return {item.name: item for item in found}


def test_the_plugins_plans_are_as_declared(declared: Declared, plans: list[Plan]) -> None:
    found = judged(declared, plans)
    assert {
        name: item.reason for name, item in found.items() if item.verdict not in {"as declared", "bent by redraws"}
    } == {}
    wanted = {"environments", "objects.empty", "objects.count", "classes", "models", "objects.rotation.yaw"}
    wanted |= {"objects.scale", "objects.height", "camera.size", "camera.azimuth", "camera.elevation", "camera.roll"}
    wanted |= {"camera.field_of_view", "camera.exposure", "light.sun_elevation", "light.sky_brightness"}
    assert wanted <= set(found)
    assert {"distractors.count", "distractors.rotation.yaw", "distractors.scale"} <= set(found)


def camera(change: Callable[[Plan], object]) -> Callable[[Plan], None]:
    def changed(plan: Plan) -> None:
        change(plan["camera"])

    return changed


def objects(change: Callable[[Plan], object]) -> Callable[[Plan], None]:
    def changed(plan: Plan) -> None:
        for item in plan["objects"]:
            if item["class_index"] is not None:
                change(item)

    return changed


def put(plan: Plan, key: str, value: object) -> None:
    plan[key] = value


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("environments", lambda plan: put(plan, "environment", "yard")),
        ("objects.empty", lambda plan: put(plan, "wanted_objects", max(plan["wanted_objects"], 1))),
        ("objects.count", lambda plan: put(plan, "wanted_objects", min(plan["wanted_objects"], 2))),
        ("classes", objects(lambda item: put(item, "class_index", 0))),
        ("models", objects(lambda item: put(item, "model", "cone" if item["model"] == "cone" else "pit"))),
        ("objects.rotation.yaw", objects(lambda item: put(item, "rotation_deg", [0, 0, item["rotation_deg"][2] / 2]))),
        ("objects.rotation.pitch", objects(lambda item: put(item, "rotation_deg", [0, 1, 9]))),
        ("objects.scale", objects(lambda item: put(item, "scale", 0.9))),
        ("objects.height", objects(lambda item: put(item, "location_cm", [0, 0, 15.0]))),
        ("camera.size", lambda plan: put(plan, "wanted_size_px", plan["wanted_size_px"] / 2 + 20)),
        ("camera.azimuth", camera(lambda item: put(item, "rotation_deg", [0, -20, 10]))),
        ("camera.elevation", camera(lambda item: put(item, "rotation_deg", [0, -20, 10]))),
        ("camera.roll", camera(lambda item: put(item, "rotation_deg", [2.9, -20, 10]))),
        ("camera.field_of_view", camera(lambda item: put(item, "fov_deg", 75.0))),
        ("camera.exposure", lambda plan: put(plan, "exposure_ev", 0.0)),
        ("light.sun_temperature", lambda plan: put(plan["light"], "sun_temperature_k", 5800.0)),
        ("light.sun_elevation", lambda plan: put(plan["light"], "sun_elevation_deg", 9.0)),
        ("light.sky_brightness", lambda plan: put(plan["light"], "sky_brightness", 1.5)),
    ],
)
def test_a_doctored_quantity_is_found(
    name: str, change: Callable[[Plan], object], declared: Declared, plans: list[Plan]
) -> None:
    import copy

    doctored = copy.deepcopy(plans)
    for plan in doctored:
        change(plan)
    assert judged(declared, doctored)[name].verdict == "not as declared"


def test_the_height_of_tilted_objects_is_not_recorded(declared: Declared, plans: list[Plan]) -> None:
    tilted = [{**plan, "objects": [{**item, "rotation_deg": [5, 0, 0]} for item in plan["objects"]]} for plan in plans]
    assert judged(declared, tilted)["objects.height"].verdict == "not recorded"


def test_heights_in_a_level_are_above_its_ground(declared: Declared, plans: list[Plan]) -> None:
    grid = GroundGrid(-1e4, -1e4, 2e4, 2, 2, (100.0, 100.0, 300.0, 300.0))
    grounds = {name: Prepared(name, 0.0, 1, 200.0, grid) for name in declared.environments}

    def raised(item: Plan) -> Plan:
        x, y, z = item["location_cm"]
        return {**item, "location_cm": [x, y, z + 200.0 + y / 100.0]}

    uphill = [{**plan, "objects": [raised(item) for item in plan["objects"]]} for plan in plans]
    assert judged(declared, uphill)["objects.height"].verdict == "not as declared"
    assert judged(replace(declared, grounds=grounds), uphill)["objects.height"].verdict == "as declared"


def test_the_height_of_a_projects_own_assets_is_not_recorded(declared: Declared, plans: list[Plan]) -> None:
    found = judged(replace(declared, own_assets=frozenset({"sign"})), plans)["objects.height"]
    assert (found.verdict, found.count) == ("not recorded", 0)
    assert "an asset of the project" in found.reason


def test_maps_that_were_not_recorded_are_not_judged(declared: Declared, plans: list[Plan]) -> None:
    found = judged(replace(declared, maps={}), plans)
    assert found["light.sun_elevation"].verdict == "not recorded"
    assert found["light.sky_brightness"].verdict == "as declared"  # the recipe's own


def test_an_unfinished_run_is_not_judged_by_its_maps(declared: Declared, plans: list[Plan]) -> None:
    first = [plan for plan in plans if plan["environment"] == "dusk"]
    assert judged(declared, first)["environments"].verdict == "too few to say"


def test_a_header_tells_what_was_declared() -> None:
    found = declared_by(header_of())
    assert found is not None
    assert found.randomization.camera.elevation == Uniform((10.0, 50.0))
    assert found.weights["Schild"] == 1.0
    assert found.maps["yard"].sun == SunLight(azimuth=45.0, elevation=40.0, intensity=10.0, temperature=5800.0)
    assert (found.seed, found.images, found.shorter_side_px) == (7, 16, 72)


@pytest.mark.parametrize("key", ["objects", "camera", "seed", "images"])
def test_a_header_of_another_version_is_passed_over(key: str) -> None:
    header = header_of()
    settings = {name: value for name, value in header.settings.items() if name != key}
    assert declared_by(replace(header, settings=settings)) is None
