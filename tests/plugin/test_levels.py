"""Jobs in a user's own level, built by a script in a real embedded editor and saved there."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from editor_bench import EditorBench, record_of
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth_plugin.core.contract import Environment, FrameRecord, Job, Prepared
from unrealsynth_plugin.core.distributions import Uniform
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.planning import plan_frame
from unrealsynth_plugin.core.settings import Camera, Captures, Light, Objects, Randomization, Rotation, Spawn

PROGRAM = Path(__file__).parent / "programs" / "make_level.py"
CRATES = Randomization(objects=Objects(count=3.0, empty=0.0, rotation=Rotation()))
STAGE = ((-800.0, -800.0, 100.0), (800.0, 800.0, 200.0))
"""Bounds of the level's actor of that name."""


@pytest.fixture(scope="module")
def bench(embedded_editor: EmbeddedEditor) -> Iterator[EditorBench]:
    made = EditorBench(embedded_editor)
    for name, partitioned in (("Terrace", False), ("Parcels", True)):
        names = (
            json.dumps({"LEVEL": name, "PARTITIONED": partitioned}).replace("true", "True").replace("false", "False")
        )
        made.client.evaluate(f'len(__import__("runpy").run_path({str(PROGRAM)!r}, {names}))')
    yield made
    made.evaluate("u.EditorLoadingAndSavingUtils.new_blank_map(False) and None")


@pytest.fixture(scope="module")
def known(bench: EditorBench) -> Prepared:
    """What is found out about the level."""
    job = bench.job(environments=(level(),), frames=((0, 0),), prepared=())
    bench.make(job)
    return bench.prepared(job, "terrace")


def level(name: str = "Terrace", **spawn: Any) -> Environment:
    region = spawn or {"box": STAGE}
    return Environment("terrace", level=f"/Game/Maps/{name}", ground=None, spawn=Spawn(**region))


def labels(bench: EditorBench) -> list[str]:
    """Of all actors, the plugin's transient ones too."""
    body = (
        "sorted(str(actor.get_actor_label())"
        " for actor in [*u.get_editor_subsystem(u.EditorActorSubsystem).get_all_level_actors(), *u.GameplayStatics"
        ".get_all_actors_with_tag(u.get_editor_subsystem(u.UnrealEditorSubsystem).get_editor_world(), 'UnrealSynth')])"
    )
    return [str(name) for name in eval(bench.evaluate(body))]


def load(bench: EditorBench, name: str) -> None:
    bench.evaluate(f"u.get_editor_subsystem(u.LevelEditorSubsystem).load_level('/Game/Maps/{name}')")


def lowest_cm(record: FrameRecord, index: int, hull: tuple[Vec3, ...]) -> tuple[float, float, float]:
    """The middle of the object seen from above, and the height of its lowest point; it stands upright."""
    placed = record.objects[index]
    yaw = math.radians(placed.rotation_deg[2])
    points = [
        (
            placed.location_cm[0] + placed.scale * (x * math.cos(yaw) - y * math.sin(yaw)),
            placed.location_cm[1] + placed.scale * (x * math.sin(yaw) + y * math.cos(yaw)),
            placed.location_cm[2] + placed.scale * z,
        )
        for x, y, z in hull
    ]
    xs, ys, zs = zip(*points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, min(zs)


def depths_cm(record: FrameRecord, index: int, hull: tuple[Vec3, ...]) -> tuple[float, float]:
    """Nearest and farthest corner along the camera's axis; Unreal's forward is (CP·CY, CP·SY, SP)."""
    placed, camera = record.objects[index], record.camera
    yaw = math.radians(placed.rotation_deg[2])
    pitch, turn = math.radians(camera.rotation_deg[1]), math.radians(camera.rotation_deg[2])
    forward = np.array([math.cos(pitch) * math.cos(turn), math.cos(pitch) * math.sin(turn), math.sin(pitch)])
    points = [(x * math.cos(yaw) - y * math.sin(yaw), x * math.sin(yaw) + y * math.cos(yaw), z) for x, y, z in hull]
    away = placed.scale * np.array(points) + placed.location_cm - np.array(camera.location_cm)
    along = away @ forward
    return float(along.min()), float(along.max())


def depth_of(frame: Path) -> NDArray[np.float32]:
    with OpenEXR.File(str(frame / "depth.exr")) as file:
        channels = file.channels()
        return np.asarray((channels["RGBA"] if "RGBA" in channels else channels["RGB"]).pixels[..., 0])


def test_objects_stand_on_the_level_and_its_things_hide_them(bench: EditorBench, known: Prepared) -> None:
    job = bench.job(
        environments=(level(),),
        # From low down, so that much is in the way.
        randomization=replace(CRATES, camera=Camera(elevation=Uniform((2.0, 12.0)))),
        frames=tuple((k, 0) for k in range(10)),
        captures=Captures(depth=True),
        prepared=(known,),
    )
    frames, prepared = bench.make(job), known
    assert prepared.ground is not None
    # Worked out from the blocks: a step at x = 0, walls of 300 cm.
    assert prepared.ground.height_cm(-400.0, -700.0) == pytest.approx(100.0, abs=0.01)
    assert prepared.ground.height_cm(400.0, -700.0) == pytest.approx(150.0, abs=0.01)
    assert prepared.ground.height_cm(-10.0, -700.0) is None, "the step is too steep to stand on"
    hidden = 0
    for k, frame in enumerate(frames):
        record = record_of(frame)
        assert record.objects
        assert record.lifts_cm is not None and len(record.lifts_cm) == len(record.plan.objects)
        planned = plan_frame(job, prepared, k, 0, record.plan.sight)
        assert replace(record.plan, rejections=planned.rejections) == planned
        ids, depth = np.asarray(Image.open(frame / "ids-0.png"))[..., 0], depth_of(frame)
        for placed in record.objects:
            x, _, z = lowest_cm(record, placed.index, bench.crate.hull_cm)
            assert z == pytest.approx(150.0 if x > 0 else 100.0, abs=0.05)
            # Were an id shown through a wall, the depth there would be the wall's.
            shown, (near, far) = depth[ids == placed.index + 1], depths_cm(record, placed.index, bench.crate.hull_cm)
            assert shown.size == 0 or (shown.min() > near - 1.0 and shown.max() < far + 1.0)
            full = placed.box_full_px
            assert full is not None
            inside = full[0] > 0 and full[1] > 0 and full[2] < 160 and full[3] < 120
            hidden += inside and shown.size < 0.25 * (full[2] - full[0]) * (full[3] - full[1])
    assert hidden > 0, "nothing of the level hid anything"


def test_what_the_camera_aims_at_is_not_hidden(bench: EditorBench, known: Prepared) -> None:
    """In each frame something of the object that the view was made for is in the id picture."""
    one = replace(CRATES, objects=Objects(count=1.0, empty=0.0))
    job = bench.job(
        environments=(level(),), randomization=one, frames=tuple((k, 0) for k in range(12)), prepared=(known,), seed=11
    )
    blocked = 0
    for frame in bench.make(job):
        record = record_of(frame)
        blocked += record.plan.rejections.get("hidden by the level", 0)
        with Image.open(frame / "ids-0.png") as ids:
            assert (np.asarray(ids)[..., 0] == 1).any(), frame
    assert blocked > 0, "no view was blocked, so that nothing was tried"


@pytest.mark.slow
def test_the_region_may_be_an_actor(bench: EditorBench) -> None:
    job = bench.job(environments=(level(actor="Stage"),), frames=((0, 0),), prepared=())
    [frame] = bench.make(job)
    found = bench.prepared(job, "terrace").region
    assert found is not None
    assert np.array(found) == pytest.approx(np.array(STAGE), abs=0.01)
    for placed in record_of(frame).objects:
        assert max(abs(placed.location_cm[0]), abs(placed.location_cm[1])) < 1000.0


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        (level("Nowhere"), "There is no level /Game/Maps/Nowhere in the project of this editor"),
        (level(actor="Stagge"), "has no actor named Stagge"),
        (level(box=((5000.0, 5000.0, 0.0), (6000.0, 6000.0, 10.0))), "No ground was found in the spawn region"),
    ],
)
def test_what_is_not_there_is_named(bench: EditorBench, environment: Environment, wanted: str) -> None:
    assert wanted in bench.fail(bench.job(environments=(environment,), prepared=()))


def test_the_level_is_left_as_it_was(bench: EditorBench, known: Prepared) -> None:
    load(bench, "Terrace")
    before = labels(bench)
    viewport = (
        "[round(x, 3) for x in"
        " u.get_editor_subsystem(u.UnrealEditorSubsystem).get_level_viewport_camera_info()[0].to_tuple()]"
    )
    seen = bench.evaluate(viewport)
    light = Light(sun_azimuth=200.0, sun_elevation=60.0, sun_intensity=3.0, sky_brightness=0.5)
    bench.make(bench.job(environments=(level(),), randomization=replace(CRATES, light=light), prepared=(known,)))
    assert labels(bench) == before
    assert bench.evaluate("len(u.EditorLoadingAndSavingUtils.get_dirty_map_packages())") == "0"
    assert bench.evaluate(viewport) == seen
    assert sun_of(bench) == (9.0, -40.0, 30.0)
    assert not list(bench.spool.glob("editors/*/journal.json"))


def test_the_level_that_was_open_comes_back(bench: EditorBench) -> None:
    load(bench, "Terrace")
    bench.make(bench.job(environments=(Environment("yard"),), frames=((0, 0),)))
    path = bench.evaluate("u.get_editor_subsystem(u.UnrealEditorSubsystem).get_editor_world().get_path_name()")
    assert path == "'/Game/Maps/Terrace.Terrace'"
    assert "Terrace" in labels(bench)


def sun_of(bench: EditorBench) -> tuple[float, float, float]:
    """Intensity, pitch and yaw."""
    body = (
        "[(round(a.light_component.intensity, 3), round(a.get_actor_rotation().pitch, 3),"
        " round(a.get_actor_rotation().yaw, 3))"
        " for a in u.get_editor_subsystem(u.EditorActorSubsystem).get_all_level_actors()"
        " if isinstance(a, u.DirectionalLight)][0]"
    )
    found: tuple[float, float, float] = eval(bench.evaluate(body))
    return found


def endless(bench: EditorBench, known: Prepared, **changes: Any) -> Job:
    frames = tuple((k, 0) for k in range(500))
    return bench.job(environments=(level(),), frames=frames, max_uncollected=500, prepared=(known,), **changes)


def first_frame(bench: EditorBench, folder: Path, k: int = 0) -> None:
    while not (folder / "frames" / f"{k:06d}" / "frame.json").exists():
        bench.wait(folder, "preparing", "running")
        time.sleep(0.01)


def test_a_save_meanwhile_keeps_nothing_of_ours(bench: EditorBench, known: Prepared) -> None:
    load(bench, "Terrace")
    before = labels(bench)
    light = Light(sun_azimuth=200.0, sun_elevation=60.0, sun_intensity=3.0)
    job = endless(bench, known, randomization=replace(CRATES, light=light))
    folder = bench.start(job)
    first_frame(bench, folder)
    assert bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).save_current_level()") == "True"
    first_frame(bench, folder, 3)
    bench.client.cancel(job.id)
    bench.wait(folder, "cancelled")
    load(bench, "Terrace")
    assert sun_of(bench) == (9.0, -40.0, 30.0)
    assert labels(bench) == before


def test_the_job_waits_while_the_user_plays(bench: EditorBench, known: Prepared) -> None:
    job = endless(bench, known)
    folder = bench.start(job)
    first_frame(bench, folder)
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).editor_request_begin_play()")
    assert bench.wait(folder, "paused").note == "waiting for Play-in-Editor to end"
    made = len(list((folder / "frames").glob("*/frame.json")))
    time.sleep(0.4)
    assert len(list((folder / "frames").glob("*/frame.json"))) == made
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).editor_request_end_play()")
    (folder / "collector").touch()
    first_frame(bench, folder, made + 1)
    bench.client.cancel(job.id)
    bench.wait(folder, "cancelled")


def test_a_job_that_is_cancelled_while_the_user_plays_ends_afterwards(bench: EditorBench, known: Prepared) -> None:
    """While somebody plays the editor hands out no world in which anything could be put back."""
    load(bench, "Terrace")
    before = labels(bench)
    light = Light(sun_azimuth=200.0, sun_elevation=60.0, sun_intensity=3.0)
    folder = bench.start(endless(bench, known, randomization=replace(CRATES, light=light)))
    first_frame(bench, folder)
    assert sun_of(bench) != (9.0, -40.0, 30.0)
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).editor_request_begin_play()")
    bench.wait(folder, "paused")
    bench.client.cancel(folder.name)
    deadline = time.monotonic() + 10.0
    while "cancelled" not in (note := bench.wait(folder, "paused").note) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert note == "cancelled, ends when the editor is free"
    assert bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).is_in_play_in_editor()") == "True"
    assert list(bench.spool.glob("editors/*/journal.json"))
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).editor_request_end_play()")
    bench.wait(folder, "cancelled")
    assert labels(bench) == before
    assert sun_of(bench) == (9.0, -40.0, 30.0)
    assert bench.evaluate("u.SystemLibrary.get_console_variable_int_value('r.CustomDepth')") == "1"
    assert not list(bench.spool.glob("editors/*/journal.json"))
    assert "Play-in-Editor" in play_and_fail(bench)


def play_and_fail(bench: EditorBench) -> str:
    """Why a job is refused that comes while somebody plays."""
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).editor_request_begin_play()")
    try:
        return bench.fail(bench.job(environments=(level(),)))
    finally:
        bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).editor_request_end_play()")


def test_a_stencil_of_the_levels_own_is_refused(bench: EditorBench) -> None:
    """It would be taken for the id of an object."""
    load(bench, "Terrace")
    outline(bench, "Wall 1", shown=True)
    error = bench.fail(bench.job(environments=(level(),), prepared=()))
    assert "Wall 1 renders into custom depth with stencil value 7" in error
    outline(bench, "Wall 1", shown=False)


def outline(bench: EditorBench, label: str, *, shown: bool) -> None:
    """Has an actor render into custom depth, or no more, and saves the level."""
    bench.evaluate(
        f"[(a.static_mesh_component.set_render_custom_depth({shown}),"
        " a.static_mesh_component.set_custom_depth_stencil_value(7))"
        " for a in u.get_editor_subsystem(u.EditorActorSubsystem).get_all_level_actors()"
        f" if str(a.get_actor_label()) == {label!r}] and None"
    )
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).save_current_level()")


def test_a_sky_light_that_captures_in_real_time_is_followed_and_put_back(bench: EditorBench, known: Prepared) -> None:
    load(bench, "Terrace")
    sky = (
        "[a.light_component for a in u.get_editor_subsystem(u.EditorActorSubsystem).get_all_level_actors()"
        " if isinstance(a, u.SkyLight)][0]"
    )
    bench.evaluate(
        f"(lambda c: (c.set_real_time_capture(True), c.set_mobility(u.ComponentMobility.STATIONARY)))({sky})"
    )
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).save_current_level()")
    light = Light(sun_elevation=60.0, sky_brightness=0.5)
    folder = bench.start(endless(bench, known, randomization=replace(CRATES, light=light)))
    first_frame(bench, folder)
    assert bench.evaluate(f"(lambda c: (c.real_time_capture, c.mobility.name))({sky})") == "(False, 'MOVABLE')"
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).save_current_level()")
    bench.client.cancel(folder.name)
    bench.wait(folder, "cancelled")
    load(bench, "Terrace")
    assert bench.evaluate(f"(lambda c: (c.real_time_capture, c.mobility.name))({sky})") == "(True, 'STATIONARY')"
    bench.evaluate(f"(lambda c: (c.set_real_time_capture(False), c.set_mobility(u.ComponentMobility.MOVABLE)))({sky})")
    bench.evaluate("u.get_editor_subsystem(u.LevelEditorSubsystem).save_current_level()")


@pytest.mark.parametrize("opened", ["Terrace", "Parcels"])
def test_a_level_that_the_user_opens_ends_the_job_and_stays(bench: EditorBench, known: Prepared, opened: str) -> None:
    """The job's own level opened anew, or another one."""
    bench.evaluate("u.EditorLoadingAndSavingUtils.new_blank_map(False) and None")
    folder = bench.start(endless(bench, known))
    first_frame(bench, folder)
    load(bench, opened)
    heartbeat = bench.wait(folder, "failed")
    assert heartbeat.error is not None and "was opened while frames were made" in heartbeat.error
    path = bench.evaluate("u.get_editor_subsystem(u.UnrealEditorSubsystem).get_editor_world().get_path_name()")
    if opened == "Parcels":
        assert path == "'/Game/Maps/Parcels.Parcels'"
    load(bench, "Terrace")


def test_a_level_that_the_user_changes_meanwhile_is_not_left(bench: EditorBench, known: Prepared) -> None:
    bench.evaluate("u.EditorLoadingAndSavingUtils.new_blank_map(False) and None")
    folder = bench.start(endless(bench, known))
    first_frame(bench, folder)
    bench.evaluate(
        "u.get_editor_subsystem(u.EditorActorSubsystem)"
        ".spawn_actor_from_class(u.PointLight, u.Vector()).set_actor_label('Mine')"
    )
    bench.client.cancel(folder.name)
    bench.wait(folder, "cancelled")
    assert "Mine" in labels(bench)
    assert not [name for name in labels(bench) if name.startswith("UnrealSynth")]
    error = bench.fail(bench.job(environments=(level(),)))
    assert "/Game/Maps/Terrace has unsaved changes; save or discard them and start again. Only a run that" in error
    assert "Mine" in labels(bench)
    bench.make(bench.job(environments=(level(),), frames=((0, 0),), prepared=(known,), leave_unsaved=True))
    assert "Mine" not in labels(bench)


def test_a_partitioned_level_is_loaded_where_it_is_seen(bench: EditorBench) -> None:
    load(bench, "Parcels")
    before = labels(bench)
    assert "Terrace" not in before
    job = bench.job(environments=(level("Parcels", actor="Stage"),), frames=((0, 0),), prepared=())
    [frame] = bench.make(job)
    assert record_of(frame).objects
    assert bench.prepared(job, "terrace").ground_z_cm in (pytest.approx(100.0), pytest.approx(150.0))
    assert labels(bench) == before


@pytest.mark.slow
def test_what_is_known_of_the_ground_is_not_measured_again(bench: EditorBench, known: Prepared) -> None:
    job = bench.job(environments=(level(),), randomization=CRATES, frames=((1, 0),), prepared=())
    [frame] = bench.make(job)
    assert bench.prepared(job, "terrace") == known
    [again] = bench.make(bench.job(environments=(level(),), randomization=CRATES, frames=((1, 0),), prepared=(known,)))
    assert (again / "ids-0.png").read_bytes() == (frame / "ids-0.png").read_bytes()
    assert (again / "rgb.png").read_bytes() == (frame / "rgb.png").read_bytes()
