"""The pool of a frame's objects, on actors of a real stand-in engine; a Blueprint may hold lamps and child actors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from in_process import InProcess, in_process
from recording import RecordingRenderer, world

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth.embedded.unreal import _render
from unrealsynth.embedded.unreal.mesh_components import StaticMeshComponent
from unrealsynth_plugin.core.contract import Environment, PlannedObject
from unrealsynth_plugin.core.settings import Spawn

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

CUBE = "/Engine/BasicShapes/Cube"


class Lantern(unreal.StaticMeshActor):
    """A mesh with a lamp, static as what is placed in a level; and rays that custom depth alone would show."""

    __slots__ = ()
    _abstract = False

    def _build(self) -> None:
        super()._build()
        self.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset(CUBE))
        self._add(unreal.PointLightComponent, "Lamp", self._root())
        rays = self._add(StaticMeshComponent, "Rays", self._root())
        rays.set_static_mesh(unreal.EditorAssetLibrary.load_asset(CUBE))
        rays.set_render_in_main_pass(False)
        rays.set_render_custom_depth(True)


class Pole(unreal.StaticMeshActor):
    """A mesh with a lantern as child actor."""

    __slots__ = ()
    _abstract = False

    def _build(self) -> None:
        super()._build()
        self.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset(CUBE))
        child = self._add(unreal.ChildActorComponent, "Child", self._root())
        child.set_mobility(unreal.ComponentMobility.STATIC)
        child.set_relative_location(unreal.Vector(0.0, 0.0, 200.0), False, False)
        child.set_child_actor_class(Lantern)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setitem(sys.modules, "unreal", unreal)
    made = Engine(tmp_path, RecordingRenderer(), "5.6.0-0")
    yield made
    made.close()


def pool(engine: Engine) -> Any:
    """One that knows a static mesh and a Blueprint."""
    from unrealsynth_plugin.actors import ActorPool

    blueprint = engine.assets.put("/Game/Props/BP_Pole", unreal.Blueprint)
    blueprint._parent = Pole
    return ActorPool({"cube": unreal.EditorAssetLibrary.load_asset(CUBE), "pole": blueprint})


def planned(model: str, x: float = 0.0) -> PlannedObject:
    return PlannedObject(model, 0, (x, 0.0, 0.0), (0.0, 0.0, 90.0), 2.0)


def poles() -> list[Any]:
    """The pool's actors of the Blueprint, in the order in which they were made."""
    from unrealsynth_plugin.compatibility import own_actors

    return [actor for actor in own_actors(world()) if isinstance(actor, Pole)]


def all_of(pole: Any, kind: Any) -> list[Any]:
    return [part for each in (pole, *pole.get_all_child_actors()) for part in each.get_components_by_class(kind)]


def test_child_actors_are_parts(engine: Engine) -> None:
    made = pool(engine)
    made.place([planned("cube"), planned("pole", 500.0)])
    [pole] = poles()
    parts = list(made.components(1))
    assert [part.get_owner() for part in parts] == [pole, *pole.get_all_child_actors()]
    assert [part.custom_depth_stencil_value for part in parts] == [2, 2]
    assert all(part.render_custom_depth for part in parts)
    assert {part.get_collision_enabled() for part in parts} == {unreal.CollisionEnabled.NO_COLLISION}
    movable = unreal.ComponentMobility.MOVABLE
    assert {part.mobility for part in all_of(pole, unreal.SceneComponent)} == {movable}
    # 200 cm above the pole's origin, at twice the size.
    assert parts[1].get_world_location().to_tuple() == pytest.approx((500.0, 0.0, 400.0))


def test_what_is_not_drawn_is_no_part(engine: Engine) -> None:
    made = pool(engine)
    made.place([planned("pole")])
    [rays] = [part for part in all_of(poles()[0], StaticMeshComponent) if not part.render_in_main_pass]
    assert rays not in made.components(0)
    assert not rays.render_custom_depth


def test_of_an_idle_slot_nothing_shows(engine: Engine) -> None:
    """Neither its meshes nor its lamps, nor those of its child actors."""
    made = pool(engine)
    made.place([planned("pole"), planned("pole", 500.0)])
    first, second = poles()
    lamps = [all_of(pole, unreal.PointLightComponent) for pole in (first, second)]
    assert [lamp.visible for found in lamps for lamp in found] == [True, True]
    made.place([planned("pole")])
    assert all(part.visible for part in all_of(first, unreal.SceneComponent))
    assert not any(part.visible for part in all_of(second, unreal.SceneComponent))
    made.place([planned("pole"), planned("pole", 500.0)])
    assert all(part.visible for part in all_of(second, unreal.SceneComponent))


def test_child_actors_go_with_their_parent(engine: Engine) -> None:
    from unrealsynth_plugin.compatibility import own_actors

    made = pool(engine)
    made.place([planned("pole"), planned("cube")])
    [child] = poles()[0].get_all_child_actors()
    for actor in own_actors(world()):
        actor.destroy_actor()
    with pytest.raises(Exception, match="null"):
        child.get_actor_label()


def test_a_mesh_keeps_its_nanite(engine: Engine) -> None:
    made = pool(engine)
    made.place([planned("cube"), planned("pole")])
    parts = [*made.components(0), *made.components(1)]
    assert not any(part.get_editor_property("disallow_nanite") for part in parts)


def saved_level(kind: type[Pole]) -> Environment:
    """A floor with a tagged pole on it."""
    levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    assert levels.new_level(f"/Game/Maps/{kind.__name__}s")
    floor = actors.spawn_actor_from_class(unreal.StaticMeshActor, unreal.Vector(0.0, 0.0, -50.0))
    floor.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset(CUBE))
    floor.set_actor_scale3d(unreal.Vector(40.0, 40.0, 1.0))
    pole = actors.spawn_actor_from_class(kind, unreal.Vector(0.0, 0.0, 50.0))
    pole.set_actor_label("Pole")
    pole.tags = ["Pole"]
    assert levels.save_current_level()
    unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
    spawn = Spawn(box=((-300.0, -300.0, 0.0), (300.0, 300.0, 50.0)))
    return Environment("floor", level=f"/Game/Maps/{kind.__name__}s", ground=None, spawn=spawn)


class Bulb(Lantern):
    __slots__ = ()
    _abstract = False

    def _build(self) -> None:
        super()._build()
        self.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Game/Props/SM_Bulb"))


class Lit(Pole):
    __slots__ = ()
    _abstract = False

    def _build(self) -> None:
        super()._build()
        self.get_components_by_class(unreal.ChildActorComponent)[0].set_child_actor_class(Bulb)


class Outlined(Lantern):
    __slots__ = ()
    _abstract = False

    def _build(self) -> None:
        super()._build()
        self.static_mesh_component.set_render_custom_depth(True)
        self.static_mesh_component.set_custom_depth_stencil_value(7)


class Marked(Pole):
    __slots__ = ()
    _abstract = False

    def _build(self) -> None:
        super()._build()
        child = self.get_components_by_class(unreal.ChildActorComponent)[0]
        # Then the list of a level's actors leaves the child out.
        child.set_editor_property("child_actor_is_transient", True)
        child.set_child_actor_class(Outlined)


@pytest.fixture
def bench(tmp_path: Path, shared_renderer: Renders) -> Iterator[InProcess]:
    with in_process(tmp_path, shared_renderer) as made:
        yield made


def test_a_levels_child_actors_are_searched_for_stencils(bench: InProcess) -> None:
    error = bench.run(bench.job(environments=(saved_level(Marked),))).error
    assert error is not None
    assert "renders into custom depth with stencil value 7" in error


def test_what_is_hidden_is_hidden_with_its_child_actors(bench: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine hides an actor's own components alone."""
    heights: list[set[float]] = []
    shoot = _render.shoot

    def remember(*arguments: Any) -> Any:
        shot = shoot(*arguments)
        heights.append({round(float(item.transform[2, 3])) for item in shot.scene.instances})
        return shot

    monkeypatch.setattr(_render, "shoot", remember)
    assert bench.run(bench.job(environments=(saved_level(Marked),), hides=("Pole",))).error is None
    # The pole stands at 50 cm, its lantern hangs at 250. The last picture is a frame's.
    assert not {50, 250} & heights[-1]
    assert bench.run(bench.job(environments=(saved_level(Pole),))).error is None
    assert heights[-1] >= {50, 250}


def test_a_tagged_actor_lends_what_its_child_actors_show(bench: InProcess) -> None:
    bulb = bench.engine.assets.put("/Game/Props/SM_Bulb", unreal.StaticMesh)
    bulb._fill(unreal.EditorAssetLibrary.load_asset(CUBE)._mesh, [None], ["Glass"])
    job = bench.job(environments=(saved_level(Lit),), measures=("tag:Pole",), frames=(), models=(), classes=())
    assert bench.run(job).error is None
    report = json.loads((bench.root / "jobs" / job.id / "assets.json").read_text(encoding="utf-8"))
    assert report["named"] == {"tag:Pole": ["/Game/Props/SM_Bulb"]}
