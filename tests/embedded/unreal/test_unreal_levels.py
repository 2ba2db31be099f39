"""Traces, partitioned levels and the editor's own events, against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from recording import cube, spawn, world

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine

pytestmark = pytest.mark.usefixtures("engine")
LEVELS, ACTORS = unreal.LevelEditorSubsystem, unreal.EditorActorSubsystem


def trace(start: tuple[float, ...], end: tuple[float, ...], ignored: tuple[Any, ...] = ()) -> Any:
    return unreal.SystemLibrary.line_trace_single(
        world(),
        unreal.Vector(*start),
        unreal.Vector(*end),
        unreal.TraceTypeQuery.TRACE_TYPE_QUERY1,
        True,
        list(ignored),
        unreal.DrawDebugTrace.NONE,
    )


def test_a_trace_ends_at_the_first_thing() -> None:
    near, far = cube((300.0, 0.0, 0.0)), cube((900.0, 0.0, 0.0))
    hit = trace((0.0, 10.0, 20.0), (1000.0, 10.0, 20.0)).to_tuple()
    assert hit[0] is True
    assert hit[3] == pytest.approx(250.0)
    assert hit[5].to_tuple() == pytest.approx((250.0, 10.0, 20.0))
    assert hit[7].to_tuple() == pytest.approx((-1.0, 0.0, 0.0))
    assert hit[9] is near and hit[10] is near.static_mesh_component
    assert trace((0.0, 0.0, 0.0), (1000.0, 0.0, 0.0), (near,)).to_tuple()[9] is far
    assert trace((0.0, 0.0, 0.0), (1000.0, 0.0, 0.0), (near, far)) is None
    assert trace((0.0, 0.0, 0.0), (249.0, 0.0, 0.0)) is None
    near.static_mesh_component.set_collision_enabled(unreal.CollisionEnabled.NO_COLLISION)
    assert trace((0.0, 0.0, 0.0), (1000.0, 0.0, 0.0)).to_tuple()[9] is far


def test_a_trace_meets_turned_and_scaled_things_where_they_are() -> None:
    actor = cube((0.0, 0.0, 0.0))
    actor.set_actor_scale3d(unreal.Vector(4.0, 1.0, 2.0))
    actor.set_actor_rotation(unreal.Rotator(roll=0.0, pitch=0.0, yaw=90.0), True)
    # Its long side, 400 cm, lies along Y now, and it is 200 cm high.
    assert trace((40.0, 190.0, 500.0), (40.0, 190.0, -500.0)).to_tuple()[5].z == pytest.approx(100.0)
    assert trace((60.0, 190.0, 500.0), (60.0, 190.0, -500.0)) is None
    actor.set_actor_rotation(unreal.Rotator(roll=0.0, pitch=30.0, yaw=0.0), True)
    hit = trace((0.0, 0.0, 500.0), (0.0, 0.0, -500.0)).to_tuple()
    # The top, 100 cm above the middle, is tilted by 30 degrees: 100 / cos 30 above it.
    assert hit[5].z == pytest.approx(115.47, abs=0.01)
    assert hit[7].to_tuple() == pytest.approx((-0.5, 0.0, 0.8660254), abs=1e-6)


def test_the_values_of_a_hit_have_no_names() -> None:
    cube((0.0, 0.0, 0.0))
    hit = trace((0.0, 0.0, 500.0), (0.0, 0.0, -500.0))
    with pytest.raises(AttributeError):
        _ = hit.impact_point
    with pytest.raises(Exception, match="Failed to find property"):
        hit.get_editor_property("impact_point")


def make_parcels() -> None:
    levels, actors = unreal.get_editor_subsystem(LEVELS), unreal.get_editor_subsystem(ACTORS)
    assert levels.new_level("/Game/Maps/Parcels", True)
    for number in range(3):
        made = actors.spawn_actor_from_class(unreal.StaticMeshActor, unreal.Vector(10_000.0 * number, 0.0, 0.0))
        made.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
        made.set_actor_label(f"Parcel {number}")
    actors.spawn_actor_from_class(unreal.DirectionalLight, unreal.Vector()).set_actor_label("Sun")
    assert levels.save_current_level()
    assert levels.load_level("/Game/Maps/Parcels")


def labels() -> list[str]:
    return [actor.get_actor_label() for actor in unreal.get_editor_subsystem(ACTORS).get_all_level_actors()]


def descriptions(low: float, high: float, *, valid: bool = True) -> Any:
    box = unreal.Box(unreal.Vector(low, -100.0, -100.0), unreal.Vector(high, 100.0, 100.0))
    box.is_valid = valid
    return unreal.WorldPartitionBlueprintLibrary.get_intersecting_actor_descs(box)


def test_a_partitioned_level_is_empty_until_its_actors_are_loaded() -> None:
    make_parcels()
    assert labels() == ["Sun"]
    found = descriptions(9_000.0, 30_000.0)
    assert [str(entry.label) for entry in found] == ["Parcel 1", "Parcel 2"]
    assert found[0].bounds.min.to_tuple() == pytest.approx((9_950.0, -50.0, -50.0))
    assert len(descriptions(9_000.0, 30_000.0, valid=False)) == 0
    library = unreal.WorldPartitionBlueprintLibrary
    library.load_actors([entry.guid for entry in found])
    assert sorted(labels()) == ["Parcel 1", "Parcel 2", "Sun"]
    assert [entry.guid.to_string() for entry in descriptions(9_000.0, 30_000.0)] == [
        entry.guid.to_string() for entry in found
    ]
    library.pin_actors([found[1].guid])
    library.unload_actors([entry.guid for entry in found])
    assert sorted(labels()) == ["Parcel 2", "Sun"]
    library.unpin_actors([found[1].guid])
    library.unload_actors([found[1].guid])
    assert labels() == ["Sun"]


def test_saving_keeps_what_is_not_loaded() -> None:
    make_parcels()
    unreal.get_editor_subsystem(LEVELS).save_current_level()
    unreal.get_editor_subsystem(LEVELS).load_level("/Game/Maps/Parcels")
    assert [str(entry.label) for entry in descriptions(-1e6, 1e6)] == ["Sun", "Parcel 0", "Parcel 1", "Parcel 2"]


def test_a_level_without_partition_has_no_descriptions() -> None:
    spawn(unreal.StaticMeshActor)
    assert descriptions(-1e6, 1e6) is None
    assert unreal.WorldPartitionBlueprintLibrary.get_editor_world_bounds().is_valid is False


def test_a_level_instance_is_listed_by_what_is_in_it(engine: Engine) -> None:
    make_parcels()
    bounds = unreal.WorldPartitionBlueprintLibrary.get_editor_world_bounds()
    assert bounds.is_valid and bounds.max.x == pytest.approx(20_050.0)
    levels, actors = unreal.get_editor_subsystem(LEVELS), unreal.get_editor_subsystem(ACTORS)
    assert levels.new_level("/Game/Maps/Street", True)
    actors.spawn_actor_from_class(unreal.StaticMeshActor, unreal.Vector()).set_actor_label("Lamp")
    place = actors.spawn_actor_from_class(unreal.LevelInstance, unreal.Vector())
    assert levels.save_current_level()
    assert descriptions(-1e6, 1e6) is None, "a level instance without a level"
    place.set_editor_property("world_asset", engine._make_world("/Game/Maps/Parcels"))
    assert levels.save_current_level() and levels.load_level("/Game/Maps/Street")
    found = {str(entry.label): entry for entry in descriptions(-1e6, 1e6)}
    assert set(found) == {"Lamp", "Sun", "Parcel 0", "Parcel 1", "Parcel 2"}
    assert str(found["Lamp"].actor_path).startswith("/Game/Maps/Street.Street:PersistentLevel.")
    assert str(found["Parcel 1"].actor_path).startswith("/Game/Maps/Parcels.Parcels:PersistentLevel.")
    unreal.WorldPartitionBlueprintLibrary.load_actors([entry.guid for entry in found.values()])
    assert "Parcel 1" not in labels()


def test_saves_are_told_before_and_after(engine: Engine) -> None:
    levels = unreal.get_editor_subsystem(LEVELS)
    told: list[tuple[object, ...]] = []

    def fails(*_: object) -> None:
        raise ValueError("a listener")

    levels.on_pre_save_world.add_callable(fails)
    levels.on_pre_save_world.add_callable(lambda *given: told.append(("before", *given)))
    levels.on_post_save_world.add_callable(lambda *given: told.append(("after", *given)))
    assert levels.new_level("/Game/Maps/Yard")
    assert levels.save_current_level()
    assert told == [("before", 0, engine.world), ("after", 0, engine.world, True)]
    levels.on_pre_save_world.clear()
    assert not levels.on_pre_save_world.is_bound()


def test_playing_is_a_state_of_the_editor() -> None:
    levels = unreal.get_editor_subsystem(LEVELS)
    assert not levels.is_in_play_in_editor()
    editor, actors = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem), unreal.get_editor_subsystem(ACTORS)
    actors.spawn_actor_from_class(unreal.PointLight, unreal.Vector())
    levels.editor_request_begin_play()
    assert levels.is_in_play_in_editor()
    assert editor.get_editor_world() is None
    assert len(actors.get_all_level_actors()) == 0
    levels.editor_request_end_play()
    assert not levels.is_in_play_in_editor()
    assert editor.get_editor_world() is not None
    assert len(actors.get_all_level_actors()) == 1


def test_transient_actors_are_found_by_their_tag_alone() -> None:
    actors = unreal.get_editor_subsystem(ACTORS)
    for transient in (False, True):
        actors.spawn_actor_from_class(unreal.PointLight, unreal.Vector(), transient=transient).tags = ["Mine"]
    assert len(actors.get_all_level_actors()) == 1
    world = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()
    assert len(unreal.GameplayStatics.get_all_actors_with_tag(world, "Mine")) == 2
    assert len(unreal.GameplayStatics.get_all_actors_with_tag(world, "Yours")) == 0


def test_a_progress_bar_ticks_slate_in_a_frame_of_which_it_makes_no_other(engine: Engine) -> None:
    """Before a save is written, and while a level is opened: then there is no world for a moment."""
    seen: list[tuple[int, bool]] = []
    levels = unreal.get_editor_subsystem(LEVELS)
    editor = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
    levels.new_level("/Game/Maps/Yard")
    frame = unreal.SystemLibrary.get_frame_count
    before = frame()
    unreal.register_slate_post_tick_callback(lambda _: seen.append((frame(), editor.get_editor_world() is not None)))
    levels.on_pre_save_world.add_callable(lambda *_: seen.clear())
    levels.save_current_level()
    assert seen == [(before, True)]
    levels.load_level("/Game/Maps/Yard")
    assert seen[1:] == [(before, False), (before, True)]
    engine.tick(0.1)
    assert seen[3:] == [(before + 1, True)]


def place(kind: Any) -> Any:
    """An actor that is saved with the level."""
    return unreal.get_editor_subsystem(ACTORS).spawn_actor_from_class(kind, unreal.Vector())


def test_what_is_changed_between_notice_and_writing_is_saved() -> None:
    levels = unreal.get_editor_subsystem(LEVELS)
    levels.new_level("/Game/Maps/Yard")
    lamp = place(unreal.PointLight)
    handle = unreal.register_slate_post_tick_callback(lambda _: lamp.light_component.set_intensity(7.0))
    levels.save_current_level()
    unreal.unregister_slate_post_tick_callback(handle)
    levels.load_level("/Game/Maps/Yard")
    [loaded] = unreal.get_editor_subsystem(ACTORS).get_all_level_actors()
    assert loaded.light_component.intensity == 7.0


def test_an_actor_with_a_file_of_its_own_is_saved_without_notice() -> None:
    levels = unreal.get_editor_subsystem(LEVELS)
    levels.new_level("/Game/Maps/Yard", True)
    lamp = place(unreal.PointLight)
    levels.save_current_level()
    notices: list[object] = []
    levels.on_pre_save_world.add_callable(lambda *_: notices.append(_))
    lamp.light_component.set_intensity(7.0)
    utilities = unreal.EditorLoadingAndSavingUtils
    assert not utilities.get_dirty_map_packages()
    lamp.set_actor_label("Lamp")
    [file] = utilities.get_dirty_map_packages()
    assert file is lamp.get_package()
    assert file.get_name() == f"/Game/__ExternalActors__/Maps/Yard/{lamp.get_name()}"
    assert lamp.get_outermost().get_name() == "/Game/Maps/Yard"
    utilities.save_dirty_packages(True, False)
    assert notices == [] and not utilities.get_dirty_map_packages()
    levels.load_level("/Game/Maps/Yard")
    [loaded] = unreal.get_editor_subsystem(ACTORS).get_all_level_actors()
    assert (loaded.get_actor_label(), loaded.light_component.intensity) == ("Lamp", 7.0)


def test_a_level_keeps_the_view_that_it_was_saved_with() -> None:
    levels, editor = unreal.get_editor_subsystem(LEVELS), unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
    levels.new_level("/Game/Maps/Yard")
    editor.set_level_viewport_camera_info(unreal.Vector(1, 2, 3), unreal.Rotator())
    levels.save_current_level()
    editor.set_level_viewport_camera_info(unreal.Vector(4, 5, 6), unreal.Rotator())
    levels.load_level("/Game/Maps/Yard")
    assert editor.get_level_viewport_camera_info()[0].to_tuple() == (1.0, 2.0, 3.0)


def test_placing_an_actor_can_be_undone(engine: Engine) -> None:
    library = unreal.SystemLibrary
    spawn(unreal.PointLight)
    assert engine.undo_history == ["Add Actor"]
    # Within another transaction it belongs to that, and vanishes from the history with it.
    for cancelled, history in ((True, ["Add Actor"]), (False, ["Add Actor", "Mine"])):
        assert library.begin_transaction("", "Mine", None) == 0
        spawn(unreal.PointLight)
        if cancelled:
            library.cancel_transaction(0)
        assert library.end_transaction() == (0 if cancelled else 1)
        assert engine.undo_history == history


def test_a_trace_of_one_component_asks_no_other() -> None:
    near, far = cube((300.0, 0.0, 0.0)), cube((900.0, 0.0, 0.0))
    start, end = unreal.Vector(), unreal.Vector(1000.0, 0.0, 0.0)
    hit = far.static_mesh_component.line_trace_component(start, end, True, False, False)
    assert hit is not None
    assert hit[0].to_tuple() == pytest.approx((850.0, 0.0, 0.0))
    assert hit[3].to_tuple()[9] is far
    near.static_mesh_component.set_collision_enabled(unreal.CollisionEnabled.NO_COLLISION)
    assert near.static_mesh_component.line_trace_component(start, end, True, False, False) is None


def test_a_construction_script_makes_components_anew() -> None:
    sun = spawn(unreal.DirectionalLight)
    before = sun.light_component
    before.set_intensity(7.0)
    lamp = spawn(unreal.PointLight)
    rule = unreal.AttachmentRule.KEEP_WORLD
    lamp.light_component.attach_to_component(before, "None", rule, rule, rule)
    sun._rerun_construction_scripts()
    assert sun.light_component is not before and sun.light_component.get_name() == "LightComponent0"
    assert sun.light_component.intensity == 7.0
    assert list(sun.light_component.get_children_components(True)) == [lamp.light_component]
    with pytest.raises(Exception, match="ObjectInstance is null"):
        before.get_name()


def test_no_subsystem_is_left_when_the_editor_ends(engine: Engine) -> None:
    left: list[object] = []
    unreal.register_python_shutdown_callback(lambda: left.append(unreal.get_editor_subsystem(LEVELS)))
    engine.close()
    assert left == [None]
