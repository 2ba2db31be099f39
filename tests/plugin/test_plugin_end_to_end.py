"""Jobs in a real embedded editor process, from `start` to the frames on disk."""

from __future__ import annotations

import hashlib
import io
import shutil
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from editor_bench import CRATE_CM, EditorBench, crate_glb, record_of
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.contract import Environment, FrameRecord
from unrealsynth_plugin.core.distributions import Uniform
from unrealsynth_plugin.core.planning import environment_of
from unrealsynth_plugin.core.settings import (
    Camera,
    Captures,
    FogLayer,
    Ground,
    LampLight,
    Objects,
    PropPlacement,
    Randomization,
    Rotation,
    Sky,
    Spawn,
    SunLight,
)

YARD = Environment("yard", ground=Ground(color=(0.3, 0.3, 0.3)))
CRATES = Randomization(objects=Objects(count=3.0, empty=0.0))


@pytest.fixture(scope="module")
def bench(embedded_editor: EmbeddedEditor) -> EditorBench:
    return EditorBench(embedded_editor)


@pytest.fixture
def messy(bench: EditorBench) -> Iterator[EditorBench]:
    """For tests that leave the open map changed."""
    yield bench
    bench.evaluate("u.EditorLoadingAndSavingUtils.new_blank_map(False) and None")


def red(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)[..., 0]


def box_of(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def digests(frames: list[Path]) -> dict[str, str]:
    return {
        f"{frame.name}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
        for frame in frames
        for file in sorted(frame.iterdir())
        if file.name != "frame.json"
    }


def test_who_answers(bench: EditorBench) -> None:
    version = bench.client.version()
    assert version.plugin_version == VERSION
    assert Path(version.saved_dir) == bench.editor.saved_dir
    assert Path(version.project_dir) == bench.editor.project_dir


def test_a_job_makes_frames_that_agree_with_their_records(bench: EditorBench) -> None:
    job = bench.job(environments=(YARD,), randomization=CRATES, frames=tuple((k, 0) for k in range(6)), prepared=())
    frames = bench.make(job)
    assert [frame.name for frame in frames] == [f"{k:06d}" for k in range(6)]
    prepared = bench.prepared(job, "yard")
    assert prepared.settle_ticks == 0
    compared = 0
    for k, frame in enumerate(frames):
        assert sorted(file.name for file in frame.iterdir()) == ["frame.json", "ids-0.png", "rgb.png"]
        record = record_of(frame)
        assert (record.k, record.attempt, record.fingerprint) == (k, 0, "f")
        assert record.camera.location_cm == pytest.approx(record.plan.camera.location_cm, abs=1e-2)
        turned = np.subtract(record.camera.rotation_deg, record.plan.camera.rotation_deg)
        # The editor answers angles within half a turn.
        assert (turned + 180.0) % 360.0 - 180.0 == pytest.approx([0.0, 0.0, 0.0], abs=1e-3)
        assert record.camera.fov_deg == pytest.approx(record.plan.camera.fov_deg, abs=1e-4)
        ids = red(frame / "ids-0.png")
        assert ids.shape == (120, 160)
        assert set(np.unique(ids)) <= {0, *(placed.index + 1 for placed in record.objects)}
        compared += sum(_edges_agree(record, ids, placed.index) for placed in record.objects)
    assert compared >= 5


def _edges_agree(record: FrameRecord, ids: NDArray[np.uint8], index: int) -> bool:
    """Compares an object in full view; False for one that is hidden in part."""
    full = record.objects[index].box_full_px
    assert full is not None
    others = [other.box_full_px for other in record.objects if other.index != index]
    apart = all(
        o is not None and (full[2] < o[0] or o[2] < full[0] or full[3] < o[1] or o[3] < full[1]) for o in others
    )
    if not apart or full[0] < 0 or full[1] < 0 or full[2] > 160 or full[3] > 120:
        return False
    assert box_of(ids == index + 1) == pytest.approx(full, abs=1.1)
    return True


def test_pictures_are_middle_grey_on_average(bench: EditorBench) -> None:
    job = bench.job(environments=(YARD,), randomization=replace(CRATES, objects=Objects(empty=1.0)), prepared=())
    for frame in bench.make(job):
        with Image.open(frame / "rgb.png") as image:
            mean = np.asarray(image.convert("L")).mean()
        assert 70 < mean < 170
        assert record_of(frame).objects == ()


def test_the_same_frame_comes_out_the_same(bench: EditorBench) -> None:
    job = bench.job(environments=(YARD,), randomization=CRATES, frames=((0, 0), (1, 0), (2, 0)), prepared=())
    first = digests(bench.make(job))
    prepared = bench.prepared(job, "yard")
    # Alone, in another order, with the prepare record of the first job.
    again = bench.job(environments=(YARD,), randomization=CRATES, frames=((2, 0), (0, 0)), prepared=(prepared,))
    second = digests(bench.make(again))
    assert set(second) < set(first)
    assert all(first[name] == digest for name, digest in second.items())


def test_complete_frames_are_not_made_again(bench: EditorBench) -> None:
    folder = bench.start(bench.job(environments=(YARD,)), complete=(0,))
    assert bench.wait(folder, "done").frames_done == 2
    assert [file.name for file in (folder / "frames" / "000000").iterdir()] == ["frame.json"]
    assert (folder / "frames" / "000001" / "rgb.png").is_file()


def test_the_job_waits_while_frames_pile_up(bench: EditorBench) -> None:
    job = bench.job(environments=(YARD,), frames=tuple((k, 0) for k in range(4)), max_uncollected=2)
    folder = bench.start(job)
    heartbeat = bench.wait(folder, "paused")
    assert heartbeat.frames_done == 2
    (folder / "collector").touch()
    time.sleep(0.5)
    assert sorted(frame.name for frame in (folder / "frames").iterdir()) == ["000000", "000001"]
    for frame in ("000000", "000001"):
        shutil.rmtree(folder / "frames" / frame)
    (folder / "collector").touch()
    deadline = time.monotonic() + 30
    while len(list((folder / "frames").glob("*/frame.json"))) < 2 and time.monotonic() < deadline:
        (folder / "collector").touch()
        time.sleep(0.02)
    assert sorted(frame.name for frame in (folder / "frames").iterdir()) == ["000002", "000003"]
    bench.wait(folder, "done")


def test_the_job_waits_while_nobody_collects(bench: EditorBench) -> None:
    job = bench.job(environments=(YARD,), frames=((0, 0),))
    folder = bench.start(job, collector_age_s=60.0)
    bench.wait(folder, "paused", collect=False)
    time.sleep(0.3)
    assert not (folder / "frames" / "000000" / "frame.json").exists()
    (folder / "collector").touch()
    bench.wait(folder, "done")


def test_a_cancelled_job_gives_the_editor_back(bench: EditorBench) -> None:
    before = bench.evaluate("u.SystemLibrary.get_console_variable_int_value('r.ForceLOD')")
    job = bench.job(environments=(YARD,), frames=tuple((k, 0) for k in range(500)), max_uncollected=500)
    folder = bench.start(job)
    while not (folder / "frames" / "000000" / "frame.json").exists():
        bench.wait(folder, "preparing", "running")
    assert bench.evaluate("u.SystemLibrary.get_console_variable_int_value('r.CustomDepth')") == "3"
    bench.client.cancel(job.id)
    heartbeat = bench.wait(folder, "cancelled")
    assert heartbeat.frames_done < 500
    assert bench.evaluate("u.SystemLibrary.get_console_variable_int_value('r.ForceLOD')") == before
    ours = (
        "len(u.GameplayStatics.get_all_actors_with_tag("
        "u.get_editor_subsystem(u.UnrealEditorSubsystem).get_editor_world(), 'UnrealSynth'))"
    )
    assert bench.evaluate(ours) == "0", "the map the job worked in is still open"


@pytest.mark.parametrize(
    ("size_m", "wanted"),
    [
        ((2.0, 0.5, 1.0), "bounds came out as"),  # turned by a quarter
        ((1.0, 0.503, 2.0), "bounds came out as"),  # three millimetres too high
        (None, "no static mesh"),
    ],
)
def test_a_model_that_is_not_what_was_measured_is_named(
    bench: EditorBench, size_m: tuple[float, float, float] | None, wanted: str
) -> None:
    glb = b"glTF, but not really" if size_m is None else crate_glb(size_m)
    error = bench.fail(bench.job(models=(replace(bench.model("bad crate", glb), id="crate"),), environments=(YARD,)))
    assert "crate cannot be imported" in error
    assert wanted in error


def test_a_model_that_is_missing_is_named(bench: EditorBench) -> None:
    missing = replace(bench.crate, file="models/none.glb", sha256="f" * 64)
    assert "none.glb is missing" in bench.fail(bench.job(models=(missing,), environments=(YARD,)))


def test_a_name_that_leaves_the_spool_fails_the_job(bench: EditorBench) -> None:
    outside = replace(bench.crate, file="../../secret.glb", sha256="e" * 64)
    assert "leads out" in bench.fail(bench.job(models=(outside,), environments=(YARD,)))


def test_a_level_is_refused_with_a_sentence(bench: EditorBench) -> None:
    harbour = Environment("harbour", level="/Game/Maps/Harbour")
    assert "/Game/Maps/Harbour" in bench.fail(bench.job(environments=(harbour,)))


def test_unsaved_changes_of_the_user_are_not_lost(messy: EditorBench) -> None:
    messy.evaluate(
        "u.get_editor_subsystem(u.EditorActorSubsystem)"
        ".spawn_actor_from_class(u.StaticMeshActor, u.Vector(1, 2, 3)) and None"
    )
    assert "unsaved changes" in messy.fail(messy.job(environments=(YARD,)))
    assert messy.evaluate("len(u.get_editor_subsystem(u.EditorActorSubsystem).get_all_level_actors())") == "1"


def test_the_level_that_was_open_is_open_again(messy: EditorBench) -> None:
    messy.evaluate('u.get_editor_subsystem(u.LevelEditorSubsystem).new_level("/Game/Maps/Mine") and None')
    path = "u.get_editor_subsystem(u.UnrealEditorSubsystem).get_editor_world().get_path_name()"
    before = messy.evaluate(path)
    assert before == "'/Game/Maps/Mine.Mine'"
    messy.make(messy.job(environments=(YARD,), frames=((0, 0),)))
    assert messy.evaluate(path) == before


def test_environments_follow_one_another(bench: EditorBench) -> None:
    environments = (YARD, Environment("studio", sun=None, sky=Sky(color=(1.0, 1.0, 1.0))))
    job = bench.job(environments=environments, frames=())
    frames = sorted(((k, 0) for k in range(6)), key=lambda frame: environment_of(job, frame[0]).name)
    made = bench.make(replace(job, frames=tuple(frames)))
    names = {record_of(frame).plan.environment for frame in made}
    assert names == {"yard", "studio"}
    for name in names:
        assert bench.prepared(job, name).environment == name


def test_another_level_opened_meanwhile_ends_the_job(messy: EditorBench) -> None:
    job = messy.job(environments=(YARD,), frames=tuple((k, 0) for k in range(500)), max_uncollected=500)
    folder = messy.start(job)
    while not (folder / "frames" / "000000" / "frame.json").exists():
        messy.wait(folder, "preparing", "running")
    messy.evaluate("u.EditorLoadingAndSavingUtils.new_blank_map(False) and None")
    heartbeat = messy.wait(folder, "failed")
    assert heartbeat.error is not None
    assert "Another level" in heartbeat.error


def test_depth_is_the_distance_along_the_axis(bench: EditorBench) -> None:
    job = bench.job(
        environments=(YARD,),
        randomization=replace(CRATES, objects=Objects(empty=1.0)),
        frames=((0, 0),),
        captures=Captures(depth=True),
    )
    [frame] = bench.make(job)
    record = record_of(frame)
    assert record.captures.depth == "depth.exr"
    depth = _read_exr(frame / "depth.exr")
    _, pitch, _ = np.radians(record.camera.rotation_deg)
    roll = np.radians(record.camera.rotation_deg[0])
    # A ray (1, x, y) in the camera's axes falls by sin(pitch) + its upward part along the turned image axes.
    focal = 80.0 / np.tan(np.radians(record.camera.fov_deg) / 2)
    x = (np.arange(160) + 0.5 - 80.0)[None, :] / focal
    y = -(np.arange(120) + 0.5 - 60.0)[:, None] / focal
    rise = np.sin(pitch) + np.cos(pitch) * (-np.sin(roll) * x + np.cos(roll) * y)
    expected = record.camera.location_cm[2] / -np.minimum(rise, -1e-9)
    near = expected < 3000
    assert near.sum() > 1000
    assert depth[near] == pytest.approx(expected[near], rel=2e-3)


def _read_exr(path: Path) -> NDArray[np.float32]:
    with OpenEXR.File(str(path)) as file:
        channels = file.channels()
        pixels = channels["R"].pixels if "R" in channels else next(iter(channels.values())).pixels[..., 0]
    return np.asarray(pixels, dtype=np.float32)


def test_more_than_255_objects_take_several_id_pictures(bench: EditorBench) -> None:
    many = Randomization(
        objects=Objects(count=300.0, empty=0.0, scale=0.05, rotation=Rotation(yaw=0.0)),
    )
    many = replace(many, camera=replace(many.camera, size=Uniform((7.0, 12.0)), elevation=70.0))
    job = bench.job(
        environments=(replace(YARD, spawn=Spawn(radius=2000.0)),),
        randomization=many,
        resolution=(640, 480),
        frames=((0, 0),),
    )
    [frame] = bench.make(job)
    record = record_of(frame)
    assert len(record.objects) > 256, record.plan.rejections
    assert record.captures.ids == ("ids-0.png", "ids-1.png")
    first, second = red(frame / "ids-0.png"), red(frame / "ids-1.png")
    assert not ((first > 0) & (second > 0)).any()
    assert len(np.unique(first)) > 250
    assert set(np.unique(second)) <= set(range(len(record.objects) - 255 + 1))
    for placed in record.objects[255:]:
        seen = second == placed.index - 254
        if seen.any():
            box = placed.box_full_px
            assert box is not None
            found = box_of(seen)
            assert found[0] >= box[0] - 1.5
            assert found[3] <= box[3] + 1.5


def hdr_bytes() -> bytes:
    """A Radiance picture, 16 × 8: bright blue above, dark brown below."""
    rows = b"".join((b"\x20\x40\xff\x82" if y < 4 else b"\x40\x20\x10\x7e") * 16 for y in range(8))
    return b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 16\n" + rows


def test_the_sky_is_turned_as_a_yaw(bench: EditorBench) -> None:
    # The middle of the picture, columns 7 and 8 of 16, is red and lies along +X before it is turned.
    row = b"".join(b"\xff\x00\x00\x80" if x in (7, 8) else b"\x20\x20\x20\x80" for x in range(16))
    bench.put("textures/mark.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 16\n" + row * 8)
    yaw = 110.0
    level = Camera(azimuth=yaw, elevation=3.0, roll=0.0, field_of_view=90.0)
    job = bench.job(
        environments=(replace(YARD, sky=Sky(hdr="textures/mark.hdr", hdr_yaw=yaw), sun=None),),
        randomization=replace(CRATES, camera=level),
        frames=((0, 0),),
    )
    [frame] = bench.make(job)
    with Image.open(frame / "rgb.png") as image:
        top = np.asarray(image.convert("RGB"), dtype=float)[5]
    redness = np.maximum(top[:, 0] - top[:, 1], 0.0)
    assert redness.max() > 60
    assert float((redness * (np.arange(160) + 0.5)).sum() / redness.sum()) == pytest.approx(80.0, abs=8.0)


def test_the_ground_hides_nothing_that_stands_on_it(bench: EditorBench) -> None:
    # 3 cm long, 18 m off and seen through a long lens: the near plane is so close that depth is at its coarsest.
    tiny = Randomization(
        objects=Objects(count=1.0, empty=0.0, scale=0.015),
        camera=Camera(size=12.0, elevation=15.0, field_of_view=5.0, roll=0.0),
    )
    job = bench.job(
        environments=(YARD,), randomization=tiny, resolution=(640, 64), frames=tuple((k, 0) for k in range(4))
    )
    for frame in bench.make(job):
        [crate] = record_of(frame).objects
        assert crate.box_full_px is not None
        ids = red(frame / "ids-0.png") == 1
        assert ids.any()
        assert box_of(ids) == pytest.approx(crate.box_full_px, abs=1.1)


def png_bytes(rgb: tuple[int, int, int]) -> bytes:
    image = Image.new("RGB", (8, 8), rgb)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"sky": Sky(hdr="textures/sky.hdr", hdr_yaw=30.0), "sun": None},
        {"sky": Sky(color=(0.8, 0.9, 1.0), brightness=2.0), "sun": None},
        {"sky": Sky(clouds=True), "fog": FogLayer()},
        {"lamps": (LampLight((0, 0, 1500), radius=6000.0), LampLight((100, 0, 300), cone=40.0)), "sun": None},
        {"ground": Ground(texture="textures/ground.png", normal="textures/bumps.png", tile=100.0)},
        {"ground": None, "sun": SunLight(elevation=10.0)},
        {"props": (PropPlacement("crate", (0, 0, 0), yaw=20.0, scale=2.0),)},
    ],
    ids=["hdr", "color", "clouds and fog", "lamps", "textures", "no ground", "props"],
)
def test_every_kind_of_environment_is_lit_and_calibrated(bench: EditorBench, changes: dict[str, object]) -> None:
    bench.put("textures/sky.hdr", hdr_bytes())
    bench.put("textures/ground.png", png_bytes((120, 100, 80)))
    bench.put("textures/bumps.png", png_bytes((128, 128, 255)))
    environment = replace(YARD, **changes)  # type: ignore[arg-type]
    job = bench.job(environments=(environment,), frames=((0, 0),), prepared=())
    [frame] = bench.make(job)
    with Image.open(frame / "rgb.png") as image:
        pixels = np.asarray(image.convert("L"))
    assert 30 < pixels.mean() < 220
    assert bench.prepared(job, "yard").settle_ticks == 0


def test_this_engine_version_has_everything_the_plugin_sets(bench: EditorBench) -> None:
    bench.make(bench.job(environments=(YARD,), frames=((0, 0),), captures=Captures(depth=True)))
    log = bench.editor.log_path.read_text(encoding="utf-8")
    assert [line for line in log.splitlines() if "was left out" in line] == []


def test_several_jobs_follow_one_another(bench: EditorBench) -> None:
    jobs = [bench.job(environments=(YARD,), frames=((k, 0),)) for k in range(2)]
    folders = [bench.start(job) for job in jobs]
    for folder in folders:
        bench.wait(folder, "done")
        assert len(list((folder / "frames").glob("*/frame.json"))) == 1


def test_png_headers_are_what_the_record_says(bench: EditorBench) -> None:
    # An aspect ratio that tells width from height.
    [frame] = bench.make(bench.job(environments=(YARD,), resolution=(48, 96), frames=((0, 0),)))
    for name in ("rgb.png", "ids-0.png"):
        assert struct.unpack(">II", (frame / name).read_bytes()[16:24]) == (48, 96)
    assert record_of(frame).resolution == (48, 96)
    assert CRATE_CM[1][2] == 50.0
