"""The plugin under each engine version, and with each value of every switch for what is not known of Unreal.

By default each version and each value is tried at least once, several together; `slow` tries each in each version.
"""

from __future__ import annotations

import json
import runpy
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import OpenEXR
import pytest
from in_process import InProcess, in_process
from numpy.typing import NDArray
from PIL import Image
from test_plugin_rules import is_in_stub, version_of, versioned

from unrealsynth.embedded import unreal
from unrealsynth.embedded.profiles import SINCE, usual_switches
from unrealsynth.embedded.switches import Switches
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import Environment, FrameRecord, Job, Prepared
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.core.settings import Captures, Spawn

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

VERSIONS = ("5.3", "5.4", "5.5", "5.6", "5.7")
THROTTLE = "EditorPerformanceSettings.throttle_cpu_when_not_foreground"
FULL_EXR = "EXR with 32 bits a channel"

OTHERWISE: dict[str, list[Any]] = {
    "struct_access": ["reference"],
    "ldr_alpha": [255],
    "settle_captures": [3],
    "captures_settle": ["each"],
    "attributes_reregister": [True],
    "shader_ticks": [0, 500],
    "sky_ticks": [2],
    "task_options_apply": [False],
    "import_result": ["bool"],
    "override_pipelines": ["objects"],
    "exportable_floats": [("RTF_RGBA16F", "RTF_RGBA32F")],
    "other_exports": ["nothing"],
    "image_writer": [False],
    "float_read_back": ["bytes"],
    "throttle_names": [(), ("bThrottleCPUWhenNotForeground",)],
    "relative_paths": [False],
    "coordinates_input": ["Coordinates"],
    "volumes_blend": [True],
    "transient_marks_level": [True],
    "assets_mark_level": [False],
    "translucent_stencil": [True],
    "masked_stencil": [False],
}
"""For each switch the values besides the usual one that the plugin copes with."""
BROKEN = {
    "stencil_in_captures": "no ids: `unrealsynth selftest` fails, and generate refuses",
    "viewport": "nothing to compare the grey cards with: `unrealsynth selftest` says so",
    "target_gamma_counts": "dark pictures: the grey cards of `unrealsynth selftest` fail",
}
"""What no plugin can make up for, and who notices."""
SETTLING: dict[str, Any] = {"settle_captures": 3, "sky_ticks": 2}
COMBINED = [
    ("5.3", {"task_options_apply": False, "override_pipelines": "objects", "shader_ticks": 500, **SETTLING}),
    ("5.4", {"struct_access": "reference", "attributes_reregister": True, "assets_mark_level": False, **SETTLING}),
    (
        "5.5",
        {
            "coordinates_input": "Coordinates",
            "throttle_names": (),
            "volumes_blend": True,
            "exportable_floats": ("RTF_RGBA16F", "RTF_RGBA32F"),
        },
    ),
    (
        "5.6",
        {
            "ldr_alpha": 255,
            "captures_settle": "each",
            "transient_marks_level": True,
            "relative_paths": False,
            "image_writer": False,
        },
    ),
    (
        "5.7",
        {
            "task_options_apply": False,
            "translucent_stencil": True,
            "masked_stencil": False,
            "shader_ticks": 0,
            "float_read_back": "bytes",
        },
    ),
]
"""Values that may get in each other's way, together."""


def test_every_switch_is_tried_with_every_value() -> None:
    assert set(OTHERWISE) | set(BROKEN) == {field.name for field in fields(Switches)}
    tried = [switches_of(version, {}) for version in VERSIONS]
    tried += [switches_of(version, values) for version, values in COMBINED]
    for name, values in OTHERWISE.items():
        assert getattr(Switches(), name) not in values
        for value in values:
            assert value in [getattr(switches, name) for switches in tried], f"{name}={value} is tried by nobody"


def switches_of(version: str, values: dict[str, Any]) -> Switches:
    return replace(usual_switches((5, int(version[2:]))), **values)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version(tmp_path: Path, shared_renderer: Renders, version: str) -> None:
    with in_process(tmp_path, shared_renderer, version) as bench:
        _make_frames(bench)
        left_out = bench.left_out()
    minor = int(version.split(".")[1])
    expected: set[str] = set()
    if minor < 6:
        expected |= {
            f"InterchangeGenericAssetsPipeline.{name}" for name in ("scene_name_sub_folder", "asset_type_sub_folders")
        }
    if minor < 4:
        expected.add("InterchangeGenericCommonMeshesProperties.auto_detect_mesh_type")
    assert left_out == expected


@pytest.mark.parametrize(("version", "values"), COMBINED, ids=[version for version, _ in COMBINED])
def test_values_together(tmp_path: Path, shared_renderer: Renders, version: str, values: dict[str, Any]) -> None:
    with in_process(tmp_path, shared_renderer, version, switches_of(version, values)) as bench:
        _make_frames(bench)


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in OTHERWISE.items() for value in values])
def test_each_value_in_each_version(
    tmp_path: Path, shared_renderer: Renders, version: str, name: str, value: object
) -> None:
    with in_process(tmp_path, shared_renderer, version, switches_of(version, {name: value})) as bench:
        _make_frames(bench)


def _make_frames(bench: InProcess) -> None:
    """A whole small job, from nothing to two frames, and everything about them that must not depend on the engine."""
    switches = bench.engine.switches
    throttled = bench.engine.find("/Script/UnrealEd.Default__EditorPerformanceSettings")
    assert throttled is not None
    job = bench.job(frames=((0, 0), (1, 0)), captures=Captures(depth=True))
    heartbeat = bench.run(job)
    assert heartbeat.state == "done", (heartbeat.error, heartbeat.error_details)
    prepared = _prepared(bench, job)
    assert prepared.settle_ticks >= max(switches.settle_captures, switches.sky_ticks)
    for k in (0, 1):
        _check_frame(bench, job, k)
    # The exposure is that of settled pictures, whatever the engine does with the first ones.
    assert prepared.exposure_ev == pytest.approx(-1.55, abs=0.6)
    for name in switches.throttle_names:
        assert throttled.get_editor_property(name) is True, "the throttle is not as it was"
    assert (THROTTLE in bench.left_out()) is (not switches.throttle_names)
    exported = "RTF_RGBA32F" in switches.exportable_floats
    written = switches.float_read_back == "exact" and (exported or switches.image_writer)
    assert (FULL_EXR in bench.left_out()) is not written
    assert bench.engine.console_variable("r.CustomDepth") == "1"
    assert len(bench.engine.world._actors) == 0
    # A second job finds nothing in its way.
    again = bench.job(captures=Captures(), prepared=(prepared,))
    assert bench.run(again).error is None


def _frame(bench: InProcess, job: Job, k: int) -> tuple[FrameRecord, NDArray[np.uint8]]:
    """The record and the ids."""
    frame = bench.frame(job, k)
    with Image.open(frame / "ids-0.png") as image:
        ids = np.asarray(image)[..., 0]
    return decode(FrameRecord, json.loads((frame / "frame.json").read_text(encoding="utf-8"))), ids


def _check_frame(bench: InProcess, job: Job, k: int) -> None:
    frame = bench.frame(job, k)
    record, ids = _frame(bench, job, k)
    assert record.objects
    with Image.open(frame / "rgb.png") as image:
        pixels = np.asarray(image.convert("RGB"), float)
    assert 60 < pixels.mean() < 190
    assert set(np.unique(ids)) <= {0, *(placed.index + 1 for placed in record.objects)}
    with OpenEXR.File(str(frame / "depth.exr")) as file:
        precision = file.channels()["RGBA"].pixels.dtype
    assert precision == (np.float16 if FULL_EXR in bench.left_out() else np.float32)
    front = min(record.objects, key=lambda placed: np.linalg.norm(_from_camera(record, placed.location_cm)))
    rows, columns = np.nonzero(ids == front.index + 1)
    box = front.box_full_px
    assert box is not None
    left, top, right, bottom = max(box[0], 0), max(box[1], 0), min(box[2], 96), min(box[3], 72)
    seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert seen == pytest.approx((left, top, right, bottom), abs=1.6)


def _from_camera(record: FrameRecord, location_cm: tuple[float, float, float]) -> Any:
    return np.subtract(location_cm, record.camera.location_cm)


def _prepared(bench: InProcess, job: Job) -> Prepared:
    file = bench.root / "jobs" / job.id / "prepared" / "yard.json"
    return decode(Prepared, json.loads(file.read_text(encoding="utf-8")))


LEVEL_PROGRAM = Path(__file__).parent / "programs" / "make_level.py"
IN_LEVEL = Environment(
    "yard",
    level="/Game/Maps/Terrace",
    ground=None,
    # So small that its ground is soon measured; the step is in it.
    spawn=Spawn(box=((-300.0, -300.0, 100.0), (300.0, 300.0, 200.0))),
)


@pytest.mark.parametrize(
    ("version", "values"),
    [
        ("5.3", {"volumes_blend": True, **SETTLING}),
        ("5.7", {"attributes_reregister": True, "struct_access": "reference", "transient_marks_level": True}),
    ],
    ids=["5.3", "5.7"],
)
def test_a_users_level(tmp_path: Path, shared_renderer: Renders, version: str, values: dict[str, Any]) -> None:
    with in_process(tmp_path, shared_renderer, version, switches_of(version, values)) as bench:
        runpy.run_path(str(LEVEL_PROGRAM), {"LEVEL": "Terrace", "PARTITIONED": False})
        job = bench.job(
            environments=(IN_LEVEL,),
            frames=((0, 0), (1, 0)),
            captures=Captures(depth=True),
            # Where the user's own changes could not be told from ours, they are asked first.
            leave_unsaved=bench.engine.switches.transient_marks_level,
        )
        heartbeat = bench.run(job)
        assert heartbeat.state == "done", (heartbeat.error, heartbeat.error_details)
        assert _prepared(bench, job).settle_ticks >= bench.engine.switches.settle_captures
        for k in (0, 1):
            record, ids = _frame(bench, job, k)
            assert record.objects
            assert set(np.unique(ids)) <= {0, *(placed.index + 1 for placed in record.objects)}


def test_what_stands_for_far_things_is_not_loaded_with_them(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer):
        from unrealsynth_plugin.cells import Cells

        runpy.run_path(str(LEVEL_PROGRAM), {"LEVEL": "Parcels", "PARTITIONED": True})
        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).load_level("/Game/Maps/Parcels")
        cells = Cells()
        cells.load(Region.of(IN_LEVEL.spawn))
        actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
        loaded = [str(actor.get_actor_label()) for actor in actors.get_all_level_actors()]
        assert "Terrace" in loaded and "Seen from far away" not in loaded
        cells.release()
        assert "Terrace" not in [str(actor.get_actor_label()) for actor in actors.get_all_level_actors()]


def test_the_plugin_and_the_stand_in_agree_on_versions() -> None:
    asked_for = {name: version_of(since) for name, since, _ in versioned() if is_in_stub(since)}
    assert asked_for == {name: SINCE[name] for name in asked_for}
