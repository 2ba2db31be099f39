"""The object model: properties, marks, copies, dead wrappers."""

from __future__ import annotations

from typing import Any

import pytest
from recording import cube, spawn, target, world

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine, Switches


@pytest.fixture(autouse=True)
def _engine(engine: Engine) -> None:
    """All of this needs an engine."""


def test_an_unknown_property_raises() -> None:
    component = spawn(unreal.SceneCapture2D).capture_component2d
    with pytest.raises(Exception, match="Failed to find property 'fov'"):
        component.set_editor_property("fov", 60.0)
    with pytest.raises(Exception, match="Failed to find property 'fov'"):
        component.get_editor_property("fov")


def test_an_unknown_attribute_cannot_be_set() -> None:
    component = spawn(unreal.SceneCapture2D).capture_component2d
    with pytest.raises(AttributeError):
        component.fov = 60.0
    with pytest.raises(AttributeError):
        unreal.Vector().w = 1.0


def test_an_attribute_of_a_struct_that_the_stub_lacks_raises() -> None:
    with pytest.raises(TypeError, match="invalid keyword"):
        unreal.Vector(w=1.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("render_custom_depth", True),  # use set_render_custom_depth
        ("custom_depth_stencil_value", 3),
        ("static_mesh", None),
        ("relative_location", (1.0, 2.0, 3.0)),
        ("visible", False),
    ],
)
def test_what_blueprint_may_only_read_is_no_writable_attribute(name: str, value: object) -> None:
    component = cube((0.0, 0.0, 0.0)).static_mesh_component
    getattr(component, name)
    with pytest.raises(AttributeError, match="is not writable"):
        setattr(component, name, value)
    component.set_editor_property(name, value)


def test_what_is_fixed_cannot_be_edited_either() -> None:
    actor = cube((0.0, 0.0, 0.0))
    with pytest.raises(Exception, match="is read-only and cannot be set"):
        actor.set_editor_property("static_mesh_component", None)


def test_a_property_without_attribute_needs_the_editor_functions() -> None:
    component = cube((0.0, 0.0, 0.0)).static_mesh_component
    assert not hasattr(component, "bounds_scale")
    with pytest.raises(AttributeError, match="has no attribute"):
        component.bounds_scale = 2.0
    component.set_editor_property("bounds_scale", 2.0)
    assert component.get_editor_property("bounds_scale") == 2.0


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (60, 60.0),  # whole numbers are numbers
        (60.1, 60.099998474121094),  # a float has 32 bits: 60.1 is not among them
    ],
)
def test_floats_keep_32_bits(value: float, kept: float) -> None:
    component = spawn(unreal.SceneCapture2D).capture_component2d
    component.fov_angle = value
    assert component.fov_angle == kept


@pytest.mark.parametrize("value", ["60", True, None, (1.0,)])
def test_a_value_of_another_type_raises(value: object) -> None:
    component = spawn(unreal.SceneCapture2D).capture_component2d
    with pytest.raises(TypeError, match="Cannot nativize"):
        component.fov_angle = value


def test_reading_a_struct_gives_a_copy() -> None:
    component = spawn(unreal.SceneCapture2D).capture_component2d
    settings = component.post_process_settings
    settings.auto_exposure_bias = 5.0
    assert component.post_process_settings.auto_exposure_bias != 5.0
    component.post_process_settings = settings
    assert component.post_process_settings.auto_exposure_bias == 5.0
    settings.auto_exposure_bias = 6.0
    assert component.post_process_settings.auto_exposure_bias == 5.0


def test_a_switch_makes_reading_a_struct_give_a_reference(tmp_path: Any, renderer: Any) -> None:
    Engine(tmp_path, renderer, switches=Switches(struct_access="reference"))
    component = spawn(unreal.SceneCapture2D).capture_component2d
    component.post_process_settings.auto_exposure_bias = 5.0
    assert component.post_process_settings.auto_exposure_bias == 5.0


def test_functions_give_copies() -> None:
    actor = cube((1.0, 2.0, 3.0))
    actor.get_actor_location().x = 50.0
    assert actor.get_actor_location() == unreal.Vector(1.0, 2.0, 3.0)


def test_elements_of_an_array_are_copies() -> None:
    component = spawn(unreal.SceneCapture2D).capture_component2d
    component.show_flag_settings = [unreal.EngineShowFlagsSetting("Fog", True)]
    component.show_flag_settings[0].enabled = False
    assert component.show_flag_settings[0].enabled


def test_a_destroyed_actor_is_dead() -> None:
    actor = cube((0.0, 0.0, 0.0))
    component = actor.static_mesh_component
    actor.destroy_actor()
    for use in (
        lambda: actor.get_actor_location(),
        lambda: component.static_mesh,
        lambda: component.set_visibility(True),
    ):
        with pytest.raises(Exception, match="ObjectInstance is null"):
            use()
    with pytest.raises(TypeError, match="Cannot nativize"):
        unreal.SystemLibrary.is_valid(actor)
    assert isinstance(actor, unreal.StaticMeshActor)


@pytest.mark.parametrize("way", ["blank map", "new level", "load level"])
def test_wrappers_of_an_old_world_are_dead(way: str) -> None:
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    assert levels.new_level("/Game/Maps/First")
    unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
    old_world, actor, picture = world(), cube((0.0, 0.0, 0.0)), target()
    if way == "blank map":
        unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
    elif way == "new level":
        assert levels.new_level("/Game/Maps/Second")
    else:
        assert levels.load_level("/Game/Maps/First")
    for dead in (old_world, actor, picture):
        with pytest.raises(Exception, match="ObjectInstance is null"):
            dead.get_name()
        with pytest.raises(TypeError, match="Cannot nativize"):
            unreal.SystemLibrary.is_valid(dead)
    assert world().get_path_name() != ""


def test_levels_that_are_there_already_or_not_at_all() -> None:
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    assert levels.new_level("/Game/Maps/First")
    assert not levels.new_level("/Game/Maps/First")
    assert not levels.new_level("no path")
    assert not levels.load_level("/Game/Maps/Missing")
    assert world().get_path_name() == "/Game/Maps/First.First"


def test_paths_are_written_as_in_unreal() -> None:
    actor = cube((0.0, 0.0, 0.0))
    name = world().get_name()
    assert world().get_path_name() == f"/Temp/{name}.{name}"
    assert actor.get_path_name() == f"/Temp/{name}.{name}:PersistentLevel.{actor.get_name()}"
    assert actor.static_mesh_component.get_path_name() == f"{actor.get_path_name()}.StaticMeshComponent0"


def test_transient_actors_leave_the_map_clean() -> None:
    dirty = unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages
    actor = cube((0.0, 0.0, 0.0))
    actor.set_actor_label("mine", mark_dirty=False)
    assert list(dirty()) == []
    actor.set_actor_label("yours")
    assert [package.get_name() for package in dirty()] == [world().get_outermost().get_name()]
    unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    actors.spawn_actor_from_class(unreal.StaticMeshActor, unreal.Vector())
    assert len(dirty()) == 1


def test_an_edit_with_notification_marks_the_level() -> None:
    dirty = unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    spawn(unreal.SkyLight).light_component.set_editor_property("lower_hemisphere_is_black", False)
    assert list(dirty()) == [], "what is transient is never saved"
    assert levels.new_level("/Game/Maps/Sky")
    sky = actors.spawn_actor_from_class(unreal.SkyLight, unreal.Vector()).light_component
    assert levels.save_current_level()
    sky.set_intensity(3.0)
    silently = unreal.PropertyAccessChangeNotifyMode.NEVER
    sky.set_editor_property("lower_hemisphere_is_black", False, notify_mode=silently)
    assert (sky.lower_hemisphere_is_black, list(dirty())) == (False, [])
    sky.set_editor_property("lower_hemisphere_is_black", True)
    assert len(dirty()) == 1
    unreal.SkyLight.get_default_object().set_editor_property("tags", [unreal.Name("a")])


def test_only_actors_can_be_spawned() -> None:
    assert spawn(unreal.Actor) is None
    assert spawn(unreal.StaticMesh) is None


def test_a_class_can_be_given_as_an_object() -> None:
    assert isinstance(spawn(unreal.PointLight.static_class()), unreal.PointLight)
    assert cube((0.0, 0.0, 0.0)).get_class() is unreal.StaticMeshActor.static_class()


def test_abstract_classes_cannot_be_called() -> None:
    with pytest.raises(TypeError, match="cannot be created"):
        unreal.MaterialInterface()


def test_enums_are_no_numbers() -> None:
    component = spawn(unreal.SceneCapture2D).capture_component2d
    with pytest.raises(TypeError):
        component.capture_source = "SCS_NORMAL"
    assert unreal.SceneCaptureSource.SCS_NORMAL != 6
    assert unreal.SceneCaptureSource.cast(6) == unreal.SceneCaptureSource.SCS_NORMAL


def test_names_are_compared_without_case() -> None:
    assert unreal.Name("Color") == "color"
    assert unreal.Name("Color") == unreal.Name("COLOR")


def test_attached_actors_follow_without_shear() -> None:
    parent, child = cube((100.0, 0.0, 0.0)), cube((0.0, 0.0, 0.0))
    keep = unreal.AttachmentRule.KEEP_RELATIVE
    child.set_actor_location(unreal.Vector(10.0, 0.0, 0.0), False, False)
    child.attach_to_actor(parent, "", keep, keep, keep)
    parent.set_actor_rotation(unreal.Rotator(yaw=90.0), False)
    parent.set_actor_scale3d(unreal.Vector(2.0, 1.0, 1.0))
    assert child.get_actor_location().is_near_equal(unreal.Vector(100.0, 20.0, 0.0))
    assert child.get_actor_rotation().yaw == pytest.approx(90.0)
    world_rule = unreal.DetachmentRule.KEEP_WORLD
    child.detach_from_actor(world_rule, world_rule, world_rule)
    assert child.get_actor_location().is_near_equal(unreal.Vector(100.0, 20.0, 0.0))


def test_a_saved_level_comes_back_without_what_is_transient(engine: Engine) -> None:
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    assert not levels.save_current_level(), "an untitled map has no path"
    assert levels.new_level("/Game/Maps/Yard")
    light = actors.spawn_actor_from_class(unreal.PointLight, unreal.Vector(1, 2, 3))
    light.set_actor_label("lamp")
    light.light_component.set_intensity(42.0)
    box = actors.spawn_actor_from_object(
        unreal.load_asset("/Engine/BasicShapes/Cube"), unreal.Vector(), unreal.Rotator(yaw=30.0)
    )
    box.static_mesh_component.set_render_custom_depth(True)
    cube((9.0, 9.0, 9.0))
    assert levels.save_current_level()
    assert list(unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()) == []
    light.set_actor_location(unreal.Vector(7, 7, 7), False, False)
    assert levels.load_level("/Game/Maps/Yard")
    found = list(actors.get_all_level_actors())
    assert [actor.get_actor_label() for actor in found] == ["lamp", box_label(found)]
    assert found[0].get_actor_location() == unreal.Vector(1, 2, 3)
    assert found[0].light_component.intensity == 42.0
    assert found[1].get_actor_rotation().yaw == pytest.approx(30.0)
    assert found[1].static_mesh_component.static_mesh is unreal.load_asset("/Engine/BasicShapes/Cube")
    assert found[1].static_mesh_component.render_custom_depth
    assert list(unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()) == []


def box_label(found: list[Any]) -> str:
    """The editor makes up labels."""
    return str(found[1].get_name())
