"""Engine versions and switches as the stand-in has them: what is hidden, what comes back, and what each value does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent / "unreal"))  # For the renderer that only remembers.

from recording import RecordingRenderer, camera, cube, id_camera, spawn, target, world

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth.embedded.profiles import OLD_NAMES, SINCE, VERSIONS, edition, usual_switches
from unrealsynth.embedded.unreal import importing

Start = Callable[..., Engine]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts an engine of a version, with switches of one's own."""
    engines: list[Engine] = []

    def make(version: str = "5.6", **values: Any) -> Engine:
        usual = usual_switches((5, int(version[2:])))
        engines.append(Engine(tmp_path, RecordingRenderer(), f"{version}.0-0", replace(usual, **values)))
        return engines[-1]

    yield make
    for engine in reversed(engines):
        engine.close()


def has(name: str) -> bool:
    """Whether a script finds "Class", "Class.member" or "Class.function argument"."""
    owner, _, rest = name.partition(".")
    member, _, argument = rest.partition(" ")
    if not hasattr(unreal, owner):
        return False
    cls = getattr(unreal, owner)
    if argument:
        try:
            getattr(cls, member)(None, **{argument: None})
        except TypeError as error:
            return "invalid keyword argument" not in str(error)
        except Exception:
            # It was accepted, and had nothing to work on.
            return True
        return True
    if isinstance(vars(cls).get(member), importing.Property):
        try:
            made = cls() if issubclass(cls, unreal.StructBase) else unreal.get_default_object(cls)
            made.get_editor_property(member)
        except Exception as error:
            return "Failed to find property" not in str(error)
        return True
    return not member or hasattr(cls, member)


@pytest.mark.parametrize(
    ("version", "there", "missing"),
    [
        (
            "5.3",
            [
                "AssetImportTask.async_",
                "BlendableLocation.BL_AFTER_TONEMAPPING",
                "EditorActorSubsystem.spawn_actor_from_class transient",
                "InterchangeGenericMeshPipeline.import_collision",
                "InterchangePipelineStackOverride.add_pipeline",
                "PropertyAccessChangeNotifyMode",
                "WorldPartitionBlueprintLibrary",
            ],
            [
                *SINCE,
                "BlendableLocation.BL_SCENE_COLOR_AFTER_TONEMAPPING",
            ],
        ),
        (
            "5.4",
            [
                "BlendableLocation.BL_SCENE_COLOR_AFTER_TONEMAPPING",
                "InterchangeGenericCommonMeshesProperties.bake_meshes",
            ],
            ["SkyLightComponent.set_real_time_capture", "InterchangeGenericMeshPipeline.collision"],
        ),
        (
            "5.5",
            ["SkyLightComponent.set_real_time_capture"],
            [
                "EditorUtilityTask.finish_executing_task success",
                "InterchangeGenericAssetsPipeline.scene_name_sub_folder",
            ],
        ),
        ("5.6", list(SINCE), ["register_ticker_callback"]),
        ("5.7", ["register_ticker_callback", "InterchangeGenericMeshPipeline.nanite_triangle_threshold"], []),
    ],
)
def test_names_of_a_version(start: Start, version: str, there: list[str], missing: list[str]) -> None:
    start(version)
    assert [name for name in there if not has(name)] == []
    assert [name for name in missing if has(name)] == []


@pytest.mark.parametrize("version", [f"{major}.{minor}" for major, minor in VERSIONS])
def test_every_name_that_a_version_lacks_is_missing_and_comes_back(start: Start, version: str) -> None:
    lacks = edition((5, int(version[2:]))).lacks
    start(version)
    assert [name for name in lacks if has(name)] == []
    start("5.6")
    assert [name for name in SINCE if not has(name)] == []
    assert [name for name in OLD_NAMES if not has(name)] == []
    assert not has("InterchangeGenericMeshPipeline.nanite_triangle_threshold")


def test_an_engine_that_is_closed_leaves_the_module_as_it_is_written(tmp_path: Path) -> None:
    engine = Engine(tmp_path, RecordingRenderer(), "5.3.0-0")
    assert not has("SkyLightComponent.set_real_time_capture")
    engine.close()
    assert has("SkyLightComponent.set_real_time_capture")


def test_the_embedded_editor_goes_on_using_what_it_hides(start: Start) -> None:
    start("5.3")
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    plane = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Plane")
    assert actors.spawn_actor_from_object(plane, unreal.Vector()) is not None
    component = actors.spawn_actor_from_class(unreal.SceneCapture2D, unreal.Vector()).capture_component2d
    component.texture_target = into = target()
    component.capture_scene()
    assert unreal.RenderingLibrary.read_render_target(world(), into) is not None


@pytest.mark.parametrize("way", ["attribute", "editor property"])
@pytest.mark.parametrize("reregister", [False, True])
def test_what_loses_the_history(start: Start, way: str, reregister: bool) -> None:
    engine = start(settle_captures=3, attributes_reregister=reregister)
    component = camera(target(), always_persist_rendering_state=True)
    for _ in range(4):
        engine.tick(0.01)
        component.capture_scene()
    assert component._history == 4
    if way == "attribute":
        component.fov_angle = 70.0
    else:
        component.set_editor_property("fov_angle", 70.0)
    assert component._history == (4 if way == "attribute" and not reregister else 0)


@pytest.mark.parametrize(("settle", "captures"), [("per tick", 1), ("each", 3)])
def test_captures_of_one_tick(start: Start, settle: str, captures: int) -> None:
    engine = start(captures_settle=settle)
    component = camera(target(), always_persist_rendering_state=True)
    engine.tick(0.01)
    engine.tick(0.01)
    before = component._history
    for _ in range(3):
        component.capture_scene()
    assert component._history - before == captures


def test_a_sky_light_may_lag(start: Start) -> None:
    engine = start(sky_ticks=2)
    light = spawn(unreal.SkyLight).light_component
    spawn(unreal.SkyAtmosphere)
    light.recapture_sky()
    seen = []
    for _ in range(4):
        seen.append(light._scene_sky_light().source is not None)
        engine.tick(0.01)
    assert seen == [False, False, True, True]


@pytest.mark.parametrize("name", ["UVs", "Coordinates"])
def test_the_name_of_an_input(start: Start, name: str) -> None:
    start(coordinates_input=name)
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    material = tools.create_asset("M", "/Game/T", unreal.Material, unreal.MaterialFactoryNew())
    library = unreal.MaterialEditingLibrary
    uv = library.create_material_expression(material, unreal.MaterialExpressionTextureCoordinate)
    sample = library.create_material_expression(material, unreal.MaterialExpressionTextureSample)
    accepted = [
        other for other in ("UVs", "Coordinates") if library.connect_material_expressions(uv, "", sample, other)
    ]
    assert accepted == [name]


@pytest.mark.parametrize(("result", "wanted"), [("bool", False), ("objects", None)])
def test_what_an_import_returns(start: Start, tmp_path: Path, result: str, wanted: object) -> None:
    start(import_result=result)
    manager = unreal.InterchangeManager.get_interchange_manager_scripted()
    source = unreal.InterchangeManager.create_source_data(str(tmp_path / "none.glb"))
    assert manager.import_asset("/Game/T", source, unreal.ImportAssetParameters()) is wanted


@pytest.mark.parametrize("given", ["paths", "objects"])
def test_how_pipelines_are_given(start: Start, given: str) -> None:
    start(override_pipelines=given)
    pipeline = unreal.InterchangeGenericAssetsPipeline()
    values = {"paths": [unreal.SoftObjectPath(pipeline.get_path_name())], "objects": [pipeline]}
    for name, value in values.items():
        parameters = unreal.ImportAssetParameters()
        if name == given:
            parameters.set_editor_property("override_pipelines", value)
            assert len(parameters.get_editor_property("override_pipelines")) == 1
        else:
            with pytest.raises(TypeError):
                parameters.set_editor_property("override_pipelines", value)


@pytest.mark.parametrize("marks", [False, True])
def test_transient_actors_may_mark_the_level(start: Start, marks: bool) -> None:
    start(transient_marks_level=marks)
    spawn(unreal.StaticMeshActor)
    assert (len(unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()) > 0) is marks


@pytest.mark.parametrize("marks", [False, True])
def test_actors_of_assets_may_mark_the_level(start: Start, marks: bool) -> None:
    start(assets_mark_level=marks)
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    mesh = unreal.load_asset("/Engine/BasicShapes/Cube")
    made = actors.spawn_actor_from_object(mesh, unreal.Vector(), unreal.Rotator(), transient=True)
    assert (len(unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()) > 0) is marks
    assert made not in list(actors.get_all_level_actors())


@pytest.mark.parametrize(("counts", "byte"), [(True, 118), (False, 42)])
def test_a_targets_gamma_may_not_count(start: Start, counts: bool, byte: int) -> None:
    start(target_gamma_counts=counts)
    # A grey of 0.18, and 0.18 ** 2.2, in sRGB.
    into = target(gamma=2.2)
    camera(into).capture_scene()
    assert unreal.RenderingLibrary.read_render_target_pixel(world(), into, 0, 0).r == pytest.approx(byte, abs=1)


@pytest.mark.parametrize("readable", [True, False])
def test_the_stencil_may_be_out_of_reach(start: Start, readable: bool) -> None:
    start(stencil_in_captures=readable)
    into = target()
    id_camera(into).capture_scene()
    reds = {pixel.r for pixel in unreal.RenderingLibrary.read_render_target(world(), into)}
    assert reds == ({0, 7} if readable else {0})


@pytest.mark.parametrize(
    ("mode", "switches", "seen"),
    [
        ("BLEND_MASKED", {}, "mask"),
        ("BLEND_MASKED", {"masked_stencil": False}, "opaque"),
        ("BLEND_TRANSLUCENT", {}, "blend"),
        ("BLEND_TRANSLUCENT", {"translucent_stencil": True}, "blend"),
    ],
)
def test_materials_that_are_not_solid_in_the_stencil(
    start: Start, mode: str, switches: dict[str, bool], seen: str
) -> None:
    engine = start(**switches)
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    material = tools.create_asset("Glass", "/Game/T", unreal.Material, unreal.MaterialFactoryNew())
    material.set_editor_property("blend_mode", getattr(unreal.BlendMode, mode))
    unreal.MaterialEditingLibrary.recompile_material(material)
    pane = cube((500.0, 0.0, 0.0), stencil=3)
    pane.static_mesh_component.set_material(0, material)
    into = target()
    id_camera(into).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), into)
    renderer = engine.renderer
    assert isinstance(renderer, RecordingRenderer)
    name, scene, _, _ = renderer.calls[-1]
    assert name == "stencil"
    [drawn] = scene.instances[0].materials
    assert drawn.alpha_mode == seen
    assert drawn.writes_custom_depth is switches.get("translucent_stencil", False)


def test_alpha_and_structs(start: Start) -> None:
    start(ldr_alpha=200, struct_access="reference")
    into = target()
    component = camera(into)
    component.post_process_settings.auto_exposure_bias = 3.0
    assert component.post_process_settings.auto_exposure_bias == 3.0
    component.capture_scene()
    assert unreal.RenderingLibrary.read_render_target_pixel(world(), into, 0, 0).a == 200
    assert np.isfinite(component.fov_angle)
