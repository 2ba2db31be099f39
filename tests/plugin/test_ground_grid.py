"""Traces against a user's level, in which things are hidden, half hidden and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from in_process import InProcess, in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth_plugin.core.contract import FramePlan, SceneLight
from unrealsynth_plugin.core.geometry import CameraPose
from unrealsynth_plugin.core.ground import GroundGrid
from unrealsynth_plugin.core.regions import Region

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders
    from unrealsynth_plugin.ground_grid import LevelGround

REGION = Region((0.0, 0.0), 300.0, ((-200.0, -200.0, 0.0), (200.0, 200.0, 800.0)))


class _Crate(unreal.StaticMeshActor):
    """A cube of 1 m in a hidden one of 4 m, as Blueprints often have one to collide with."""

    _abstract = False

    def _build(self) -> None:
        super()._build()
        root = self._root()
        around = self._add(unreal.StaticMeshComponent, "Collision", root)
        cube = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube")
        for component in (root, around):
            component.set_static_mesh(cube)  # type: ignore[attr-defined]
        around.set_relative_scale3d(unreal.Vector(4.0, 4.0, 4.0))
        SceneComponent.hidden_in_game.store(around, True)


@pytest.fixture
def bench(tmp_path: Path, shared_renderer: Renders) -> Iterator[InProcess]:
    """An engine with ground at 0 cm."""
    with in_process(tmp_path, shared_renderer) as made:
        place(unreal.StaticMeshActor, (0.0, 0.0, -50.0), 10.0)
        yield made


def place(kind: Any, location: tuple[float, float, float], scale: float = 1.0) -> Any:
    """Something with its middle there."""
    actor = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(
        kind, unreal.Vector(*location)
    )
    if kind is unreal.StaticMeshActor:
        actor.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
        actor.set_actor_scale3d(unreal.Vector(scale, scale, 1.0))
    return actor


def ground(*hidden: Any) -> LevelGround:
    from unrealsynth_plugin.ground_grid import LevelGround

    return LevelGround(REGION, hidden)


@pytest.mark.usefixtures("bench")
def test_what_is_hidden_altogether_is_no_ground() -> None:
    place(unreal.StaticMeshActor, (0.0, 0.0, 300.0)).set_actor_hidden_in_game(True)
    assert ground().height_cm(0.0, 0.0) == pytest.approx(0.0)


@pytest.mark.usefixtures("bench")
def test_a_hidden_part_hides_nothing_else_of_its_actor() -> None:
    place(_Crate, (0.0, 0.0, 300.0))
    tried = ground()
    # Beside the visible cube, but within the hidden one; then on it; then beside it once more.
    heights = [tried.height_cm(x, 0.0) for x in (120.0, 10.0, 120.0)]
    assert heights == pytest.approx([0.0, 350.0, 0.0], abs=0.01)
    assert not tried.is_clear((-300.0, 0.0, 300.0), (300.0, 0.0, 300.0))
    assert tried.is_clear((-300.0, 120.0, 300.0), (300.0, 120.0, 300.0))


@pytest.mark.usefixtures("bench")
def test_the_nearest_of_what_lies_behind_a_hidden_part_is_hit() -> None:
    place(_Crate, (0.0, 0.0, 300.0))
    place(unreal.StaticMeshActor, (0.0, 0.0, 420.0))
    assert ground().height_cm(0.0, 0.0) == pytest.approx(470.0, abs=0.01)


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("step", ["survey", "stand"])
def test_what_the_user_deletes_fails_no_trace(step: str) -> None:
    hidden = place(unreal.StaticMeshActor, (0.0, 0.0, 300.0))
    tried = ground(hidden)
    grid = survey(tried)
    hidden.destroy_actor()
    if step == "survey":
        assert survey(tried) == grid
    else:
        view = CameraPose((300.0, 0.0, 200.0), (0.0, 0.0, 180.0), 60.0)
        light = SceneLight(None, None, None, None, None)
        plan = FramePlan(0, 0, "yard", view, light, 0.0, (), 0, 0.0, {}, target_cm=(0.0, 0.0, 200.0))
        assert tried.stand(plan, {}, grid) == (plan, (), None)


def survey(tried: LevelGround) -> GroundGrid:
    """To the end."""
    steps = tried.survey()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: GroundGrid = end.value
            return found
