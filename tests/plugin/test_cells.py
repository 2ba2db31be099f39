"""What of a partitioned level is loaded for a job, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from in_process import InProcess, in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal._render import Renders
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.core.settings import Spawn

REGION = Region.of(Spawn(box=((-800.0, -800.0, 0.0), (800.0, 800.0, 200.0))))


@pytest.fixture
def bench(tmp_path: Path, shared_renderer: Renders) -> Iterator[InProcess]:
    """An editor with a partitioned level of a block and a hut: another level, placed as an instance."""
    with in_process(tmp_path, shared_renderer) as made:
        make_level("/Game/Maps/Hut", "Door")
        make_level("/Game/Maps/Street", "Block", unreal.LevelInstance)
        yield made


def make_level(path: str, label: str, *others: type) -> None:
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    assert levels.new_level(path, True)
    block = actors.spawn_actor_from_class(unreal.StaticMeshActor, unreal.Vector())
    block.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
    block.set_actor_label(label)
    for other in others:
        actors.spawn_actor_from_class(other, unreal.Vector())
    assert levels.save_current_level()


def place_hut(bench: InProcess) -> None:
    [instance] = [actor for actor in all_actors() if isinstance(actor, unreal.LevelInstance)]
    instance.set_editor_property("world_asset", bench.engine._make_world("/Game/Maps/Hut"))
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    assert levels.save_current_level() and levels.load_level("/Game/Maps/Street")


def all_actors() -> list[unreal.Actor]:
    return list(unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors())


def test_a_level_instance_is_named_because_it_cannot_be_loaded(bench: InProcess) -> None:
    from unrealsynth_plugin.cells import Cells

    place_hut(bench)
    asked: list[int] = []
    library = unreal.WorldPartitionBlueprintLibrary
    load = library.load_actors
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "load_actors", lambda guids: (asked.append(len(guids)), load(guids)))
        cells = Cells()
        cells.load(REGION)
    assert "Block" in [str(actor.get_actor_label()) for actor in all_actors()]
    assert asked[0] == 1, "what is in the hut has no handle here"
    [line] = [text for severity, text in bench.log if severity == "Warning"]
    assert "cannot load level instances, here of /Game/Maps/Hut. Load their region in the World Partition" in line
    # Its bounds are known all the same.
    assert cells.bounds_of("Door") is not None
    cells.release()
    assert "Block" not in [str(actor.get_actor_label()) for actor in all_actors()]


def test_a_level_that_cannot_be_listed_is_not_taken_for_an_empty_one(bench: InProcess) -> None:
    error = bench.run(bench.job(environments=(Environment("street", level="/Game/Maps/Street", ground=None),))).error
    assert error is not None
    assert "cannot list what is in the partitioned level /Game/Maps/Street.Street: a level that is placed" in error
