"""Id pictures in a level that has post-process materials of its own, as for outlines."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from in_process import InProcess, in_process
from numpy.typing import NDArray
from PIL import Image
from test_profiles import IN_LEVEL, LEVEL_PROGRAM

from unrealsynth.embedded import unreal
from unrealsynth.embedded.switches import Switches
from unrealsynth.embedded.unreal.volumes import PostProcessComponent
from unrealsynth.errors import SelfCheckError
from unrealsynth.labels import measure
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import FrameRecord, Job
from unrealsynth_plugin.core.settings import Captures

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

AFTER, REPLACING = "BL_SCENE_COLOR_AFTER_TONEMAPPING", "BL_REPLACING_TONEMAPPER"


@contextmanager
def level(folder: Path, renderer: Renders) -> Iterator[InProcess]:
    """An engine in which captures take over volumes, with the level open."""
    with in_process(folder, renderer, switches=replace(Switches(), volumes_blend=True)) as made:
        runpy.run_path(str(LEVEL_PROGRAM), {"LEVEL": "Terrace", "PARTITIONED": False})
        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).load_level("/Game/Maps/Terrace")
        yield made


def negative(place: str) -> Any:
    """A material that turns the picture into its negative; in the tone mapper's place it is plain grey."""
    tools, editing = unreal.AssetToolsHelpers.get_asset_tools(), unreal.MaterialEditingLibrary
    material = tools.create_asset(f"M_{place}", "/Game/Looks", unreal.Material, unreal.MaterialFactoryNew())
    material.set_editor_property("material_domain", unreal.MaterialDomain.MD_POST_PROCESS)
    material.set_editor_property("blendable_location", getattr(unreal.BlendableLocation, place))
    if place == AFTER:
        before = editing.create_material_expression(material, unreal.MaterialExpressionSceneTexture)
        before.set_editor_property("scene_texture_id", unreal.SceneTextureId.PPI_POST_PROCESS_INPUT0)
        result = editing.create_material_expression(material, unreal.MaterialExpressionOneMinus)
        editing.connect_material_expressions(before, "Color", result, "")
    else:
        result = editing.create_material_expression(material, unreal.MaterialExpressionConstant)
        result.set_editor_property("r", 0.5)
    editing.connect_material_property(result, "", unreal.MaterialProperty.MP_EMISSIVE_COLOR)
    editing.recompile_material(material)
    unreal.AutomationLibrary.finish_loading_before_screenshot()
    return material


def volume(material: Any, *, component: bool = False) -> Any:
    """What brings the material into every picture: a volume over all of the level, or a component of another actor."""
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    if component:
        made: Any = actors.spawn_actor_from_class(unreal.SkyAtmosphere, unreal.Vector())._add(
            PostProcessComponent, "Look"
        )
    else:
        made = actors.spawn_actor_from_class(unreal.PostProcessVolume, unreal.Vector())
        made.unbound = True
    made.add_or_update_blendable(material, 1.0)
    return made


def ids_of(folder: Path, camera: Any) -> NDArray[np.uint8]:
    camera.export(folder / "ids.png")
    with Image.open(folder / "ids.png") as image:
        return np.asarray(image)[..., 0].copy()


@contextmanager
def id_camera() -> Iterator[Any]:
    """One that looks at a thing of stencil value 9."""
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.core.geometry import CameraPose
    from unrealsynth_plugin.open_world import set_console_variable
    from unrealsynth_plugin.passes import IdCamera
    from unrealsynth_plugin.stage import solid_actor

    thing = solid_actor("thing", unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
    thing.set_actor_location(unreal.Vector(0.0, 0.0, 2000.0), False, True)
    thing.static_mesh_component.set_custom_depth_stencil_value(9)
    set_console_variable("r.CustomDepth", 3)
    made = IdCamera((32, 24), Settings(), in_level=True)
    made.aim(CameraPose((-300.0, 0.0, 2000.0), (0.0, 0.0, 0.0), 60.0, 10.0))
    unreal.AutomationLibrary.finish_loading_before_screenshot()
    yield made
    made.close()


@pytest.mark.parametrize("component", [False, True])
@pytest.mark.parametrize("place", [AFTER, REPLACING])
def test_the_levels_materials_leave_ids_alone(
    tmp_path: Path, shared_renderer: Renders, place: str, component: bool
) -> None:
    with level(tmp_path, shared_renderer), id_camera() as camera:
        look = volume(negative(place), component=component)
        # Without more ado the engine would run it.
        camera.component.capture_scene()
        assert 9 not in ids_of(tmp_path, camera)
        camera.shoot()
        ids = ids_of(tmp_path, camera)
        assert set(np.unique(ids)) == {0, 9} and (ids == 9).sum() > 50
        assert look.enabled is True


def test_what_is_off_stays_off_and_what_is_gone_is_no_trouble(tmp_path: Path, shared_renderer: Renders) -> None:
    with level(tmp_path, shared_renderer), id_camera() as camera:
        material = negative(AFTER)
        idle, doomed = volume(material), volume(material)
        idle.enabled = False
        camera.shoot()
        assert (idle.enabled, doomed.enabled) == (False, True)
        doomed.destroy_actor()
        camera.shoot()
        assert idle.enabled is False


def test_a_job_in_such_a_level(tmp_path: Path, shared_renderer: Renders) -> None:
    """Its look is in the pictures, its labels are right, and it is not marked as changed."""
    with level(tmp_path, shared_renderer) as bench:
        job = bench.job(environments=(IN_LEVEL,), frames=((0, 0), (1, 0)), captures=Captures(visibility=True))
        plain = pictures(bench, job)
        volume(negative(AFTER))
        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).save_current_level()
        marks: list[int] = []
        dirty = unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages
        again = replace(job, id="again")
        looks = pictures(bench, again, lambda _: marks.append(len(dirty())))
        assert set(marks) == {0}
        for before, after in zip(plain, looks, strict=True):
            assert np.array_equal(before["ids-0.png"], after["ids-0.png"])
            alone = [name for name in before if name.startswith("alone")]
            assert all(np.array_equal(before[name], after[name]) for name in alone)
            assert not np.array_equal(before["rgb.png"], after["rgb.png"])


def test_a_levels_outlines_do_not_give_labels_away(tmp_path: Path, shared_renderer: Renders) -> None:
    """A material that shows whatever is in custom depth finds nothing in the picture; ids are there all the same."""
    with level(tmp_path, shared_renderer) as bench:
        material = negative(AFTER)
        outline = unreal.MaterialEditingLibrary.create_material_expression(
            material, unreal.MaterialExpressionSceneTexture
        )
        outline.set_editor_property("scene_texture_id", unreal.SceneTextureId.PPI_CUSTOM_STENCIL)
        unreal.MaterialEditingLibrary.connect_material_property(
            outline, "Color", unreal.MaterialProperty.MP_EMISSIVE_COLOR
        )
        unreal.MaterialEditingLibrary.recompile_material(material)
        volume(material)
        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).save_current_level()
        for taken in pictures(bench, bench.job(environments=(IN_LEVEL,), frames=((0, 0), (1, 0)))):
            assert taken["rgb.png"][..., :3].max() == 0
            assert taken["ids-0.png"][..., 0].max() > 0


def pictures(bench: InProcess, job: Job, before_tick: Any = lambda _: None) -> list[dict[str, NDArray[np.uint8]]]:
    assert bench.run(job, before_tick).error is None
    found = []
    for k, _ in job.frames:
        record = decode(FrameRecord, json.loads((bench.frame(job, k) / "frame.json").read_text(encoding="utf-8")))
        assert record.objects
        found.append({path.name: np.asarray(Image.open(path)) for path in bench.frame(job, k).glob("*.png")})
    return found


def test_ids_that_a_material_changed_are_refused_by_name() -> None:
    """Where a look comes from somewhere else, the labels do."""
    with pytest.raises(SelfCheckError, match="post-process material"):
        measure([np.full((20, 20), 246, np.uint8)], ())
