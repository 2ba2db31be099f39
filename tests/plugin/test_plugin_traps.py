"""The plugin and those of Unreal's traps that show from inside the editor. The table of all is in `test_traps.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import trimesh
from in_process import InProcess, in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.switches import Switches
from unrealsynth.embedded.unreal import _editions, _render, capture, sky
from unrealsynth_plugin.core.contract import Job, Prepared

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders, Shot
    from unrealsynth.embedded.unreal.capture import SceneCaptureComponent2D
    from unrealsynth.embedded.unreal.render_targets import TextureRenderTarget2D


@pytest.fixture
def shots(monkeypatch: pytest.MonkeyPatch) -> list[Shot]:
    """All that is captured."""
    taken: list[Shot] = []
    shoot = _render.shoot

    def remember(component: SceneCaptureComponent2D, target: TextureRenderTarget2D, history: int) -> Shot:
        taken.append(shoot(component, target, history))
        return taken[-1]

    monkeypatch.setattr(_render, "shoot", remember)
    return taken


def volume(**settings: object) -> None:
    """A post-process volume over the whole level."""
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    made = actors.spawn_actor_from_class(unreal.PostProcessVolume, unreal.Vector())
    made.set_editor_property("unbound", True)
    post_process = unreal.PostProcessSettings()
    for name, value in settings.items():
        post_process.set_editor_property(name, value)
        post_process.set_editor_property(f"override_{name}", True)
    made.set_editor_property("settings", post_process)


@contextmanager
def engine(folder: Path, renderer: Renders, **switches: object) -> Iterator[InProcess]:
    with in_process(folder, renderer, switches=replace(Switches(), **switches)) as bench:  # type: ignore[arg-type]
        yield bench


def color_shots(shots: list[Shot]) -> list[Shot]:
    """Pictures for the eye: only their targets have a gamma."""
    return [shot for shot in shots if shot.grading.display_gamma > 2.0]


@pytest.mark.parametrize("blend", [False, True])
def test_lumen_is_off_in_a_capture_whatever_the_level_says(
    tmp_path: Path, shared_renderer: Renders, shots: list[Shot], blend: bool
) -> None:
    with engine(tmp_path, shared_renderer, volumes_blend=blend):
        volume(dynamic_global_illumination_method=unreal.DynamicGlobalIlluminationMethod.LUMEN)
        actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
        component = actors.spawn_actor_from_class(unreal.SceneCapture2D, unreal.Vector()).capture_component2d
        world = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()
        component.texture_target = unreal.RenderingLibrary.create_render_target2d(world, 8, 8)
        component.capture_scene()
    assert [shot.lumen for shot in shots] == [False]


def test_lumen_is_on_in_every_picture(tmp_path: Path, shared_renderer: Renders, shots: list[Shot]) -> None:
    with engine(tmp_path, shared_renderer) as bench:
        assert bench.run(bench.job()).error is None
    pictures = color_shots(shots)
    assert len(pictures) > 5
    assert {shot.lumen for shot in pictures} == {True}


@pytest.mark.parametrize("blend", [False, True])
def test_a_levels_volumes_do_not_change_exposure(
    tmp_path: Path, shared_renderer: Renders, shots: list[Shot], blend: bool
) -> None:
    from unrealsynth_plugin.camera import ColorCamera
    from unrealsynth_plugin.compatibility import Settings

    with engine(tmp_path, shared_renderer, volumes_blend=blend):
        volume(
            auto_exposure_bias=5.0,
            auto_exposure_method=unreal.AutoExposureMethod.AEM_HISTOGRAM,
            auto_exposure_apply_physical_camera_exposure=True,
        )
        camera = ColorCamera((16, 12), Settings())
        camera.set_exposure(-2.0)
        camera.shoot()
        camera.close()
    assert (shots[-1].exposure.bias_ev, shots[-1].exposure.metered) == (-2.0, False)


def test_a_volume_that_blends_does_change_other_captures(
    tmp_path: Path, shared_renderer: Renders, shots: list[Shot]
) -> None:
    for blend in (False, True):
        with engine(tmp_path / str(blend), shared_renderer, volumes_blend=blend):
            volume(auto_exposure_bias=5.0)
            actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
            component = actors.spawn_actor_from_class(unreal.SceneCapture2D, unreal.Vector()).capture_component2d
            world = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()
            component.texture_target = unreal.RenderingLibrary.create_render_target2d(world, 8, 8)
            component.capture_scene()
    assert [shot.exposure.bias_ev for shot in shots] == [1.0, 5.0]


def frames_of(bench: InProcess, job: Job) -> list[bytes]:
    assert bench.run(job).error is None
    return [(bench.frame(job, k) / "rgb.png").read_bytes() for k, _ in job.frames]


@pytest.mark.parametrize("attributes_reregister", [False, True])
def test_frames_are_settled(tmp_path: Path, shared_renderer: Renders, attributes_reregister: bool) -> None:
    frames = ((0, 0), (1, 0), (2, 0))
    with engine(tmp_path / "at once", shared_renderer) as bench:
        at_once = frames_of(bench, bench.job(frames=frames, prepared=(Prepared("yard", -1.8, 0),)))
    with engine(
        tmp_path / "slow", shared_renderer, settle_captures=3, attributes_reregister=attributes_reregister
    ) as bench:
        settled = frames_of(bench, bench.job(frames=frames, prepared=(Prepared("yard", -1.8, 3),)))
        hasty = frames_of(bench, bench.job(frames=frames, prepared=(Prepared("yard", -1.8, 2),)))
    assert settled == at_once
    assert hasty != at_once


def test_no_capture_is_edited_while_frames_are_made(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    edits: list[tuple[str, str]] = []
    with engine(tmp_path, shared_renderer) as bench:
        job = bench.job(frames=((0, 0), (1, 0), (2, 0)))
        post_edit = capture.SceneCaptureComponent._post_edit

        def remember(self: capture.SceneCaptureComponent, name: str) -> None:
            edits.append((bench.queue.state(job.id), name))
            post_edit(self, name)

        monkeypatch.setattr(capture.SceneCaptureComponent, "_post_edit", remember)
        assert bench.run(job).error is None
    assert ("preparing", "capture_source") in edits
    assert [edit for edit in edits if edit[0] == "running"] == []


@pytest.mark.parametrize("name", ["throttle_cpu_when_not_foreground", "bThrottleCPUWhenNotForeground"])
def test_the_throttle_is_off_while_a_job_runs(tmp_path: Path, shared_renderer: Renders, name: str) -> None:
    seen: dict[str, set[bool]] = {}
    with engine(tmp_path, shared_renderer, throttle_names=(name,)) as bench:
        settings = unreal.find_object(None, "/Script/UnrealEd.Default__EditorPerformanceSettings")

        def look(folder: Path) -> None:
            seen.setdefault(bench.queue.state(folder.name), set()).add(settings.get_editor_property(name))

        assert bench.run(bench.job(), look).error is None
        assert settings.get_editor_property(name) is True
    assert seen["running"] == {False}


def test_the_sky_is_captured_whenever_the_sun_has_moved(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured: list[tuple[bool, str]] = []
    with engine(tmp_path, shared_renderer) as bench:
        job = bench.job(frames=((0, 0), (1, 0), (2, 0)), prepared=(Prepared("yard", -1.8, 0),))
        recapture = sky.SkyLightComponent.recapture_sky

        def remember(self: sky.SkyLightComponent) -> None:
            captured.append((sky.SkyLightComponent.real_time_capture.read(self), bench.queue.state(job.id)))
            recapture(self)

        monkeypatch.setattr(sky.SkyLightComponent, "recapture_sky", remember)
        assert bench.run(job).error is None
    assert {real_time for real_time, _ in captured} == {False}
    # The sun moves in every frame, as randomization has it by default.
    assert sum(state == "running" for _, state in captured) == 3


@pytest.mark.parametrize("options_apply", [True, False])
def test_a_model_in_parts_is_joined_although_options_are_ignored(
    tmp_path: Path, shared_renderer: Renders, options_apply: bool
) -> None:
    with engine(tmp_path, shared_renderer, task_options_apply=options_apply) as bench:
        crate = bench.model(crate_in_two_halves())
        assert bench.run(bench.job(models=(crate,))).error is None
        folder = f"/Game/UnrealSynth_Generated/Imported/{crate.sha256[:16]}"
        assets = unreal.EditorAssetLibrary
        first_way = [assets.load_asset(str(path)) for path in assets.list_assets(folder)]
        meshes = sum(isinstance(asset, unreal.StaticMesh) for asset in first_way)
        assert meshes == (1 if options_apply else 2)
        assert assets.does_directory_exist(f"{folder}_b") is (not options_apply)


def test_in_5_8_a_behaviour_takes_the_place_of_the_flag(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.models import _pipelines

    behaviour = SimpleNamespace(ALL=1)
    with engine(tmp_path, shared_renderer):
        added = ("InterchangeGenericMeshPipeline.combine_static_meshes_behavior",)
        _editions.use(_editions.Edition(added=added), vars(unreal))
        monkeypatch.setattr(unreal, "InterchangeCombineStaticMeshesBehavior", behaviour, raising=False)
        settings = Settings()
        mesh_pipeline = _pipelines(settings)[0].get_editor_property("mesh_pipeline")
        assert mesh_pipeline.get_editor_property("combine_static_meshes_behavior") == behaviour.ALL
        assert mesh_pipeline.get_editor_property("combine_static_meshes") is False
        assert settings.missing == []


def crate_in_two_halves() -> bytes:
    """The crate of all these tests as two boxes, one upon the other."""
    scene = trimesh.Scene()
    for number, color in enumerate(([200, 60, 40, 255], [40, 60, 200, 255])):
        half = trimesh.creation.box(extents=(1.0, 0.25, 2.0))
        half.apply_translation((0.0, 0.125 + 0.25 * number, 0.0))
        half.visual = trimesh.visual.TextureVisuals(material=trimesh.visual.material.PBRMaterial(baseColorFactor=color))
        scene.add_geometry(half, node_name=f"half {number}")
    glb: bytes = scene.export(file_type="glb")
    return glb
