"""A user's own level as an environment: its cells loaded, its ground measured, its light borrowed.

Its lights, and for the id pictures its post-process volumes, are changed and put back; what was loaded is let go again.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Generator, List, Optional, Sequence, Tuple

import unreal

from unrealsynth_plugin.cells import Cells
from unrealsynth_plugin.compatibility import Settings, own_actors, try_each
from unrealsynth_plugin.core.contract import Environment, FramePlan, Model, Prepared, SceneLight
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.editor_state import EditorState
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.ground_grid import LevelGround
from unrealsynth_plugin.level_actors import components_of, level_actors, tagged_actors, with_children
from unrealsynth_plugin.level_light import LevelLight
from unrealsynth_plugin.open_world import world


class LevelStage:
    """The open level as a stage. `close` it before the level is left."""

    ground: Tuple[Any, ...] = ()
    """None of the level's components may be shown alone: which are the ground is not known."""

    def __init__(self, environment: Environment, settings: Settings, editor: EditorState) -> None:
        self._environment = environment
        self._settings = settings
        self._editor = editor
        self._light: Optional[LevelLight] = None
        self._ground: Optional[LevelGround] = None
        self._cells = Cells()
        self.hidden: List[Any] = []
        """Actors that no picture shows."""
        self.found: Optional[Prepared] = None
        """What is known of region and ground."""

    def survey(self, known: Optional[Prepared], hides: Sequence[str]) -> Generator[None, None, None]:
        """Loads what cameras can see and measures the ground, or takes what was measured before.

        `hides` are tags of actors that no picture shows: they are no ground, and hide nothing.
        """
        # A region that an actor gives needs the actor; cells about it follow.
        box = known.region if known is not None else None
        if box is None and self._environment.spawn.actor is not None:
            box = self._bounds(self._environment.spawn.actor)
        name = self._environment.name
        found = known or Prepared(name, 0.0, 0, region=box)
        region = Region.of(self._environment.spawn, found)
        self._cells.load(region)
        self._editor.know_own_changes()
        # What was just loaded has no collision before the next tick.
        yield
        yield
        self._light = LevelLight(self._settings)
        self._editor.before_save.append(self._light.restore)
        self._editor.checks.append(self._check_light)
        self.hidden = with_children(actor for tag in hides for actor in tagged_actors(tag))
        _refuse_stencils(self.hidden)
        self._ground = LevelGround(region, self.hidden)
        if found.ground is None:
            grid = yield from self._ground.survey()
            middle = grid.middle_cm()
            if middle is None:
                raise PluginError(
                    f"No ground was found in the spawn region of {name}: nothing with collision lies below it. Give "
                    "the map a `spawn` with a `box`, or an `actor` whose bounds reach over the ground."
                )
            found = Prepared(name, 0.0, 0, middle, grid, box)
        self.found = found

    def light(self, light: SceneLight) -> None:
        """Sets what the recipe asks for."""
        if self._light is not None:
            self._light.apply(light)

    def stand(
        self, plan: FramePlan, models: Dict[str, Model], prepared: Prepared
    ) -> Tuple[FramePlan, Tuple[float, ...], Optional[str]]:
        """The plan on the exact ground, how far each object was lifted, and what is wrong with the view or None."""
        if self._ground is None or prepared.ground is None:
            raise PluginError(f"The ground of {prepared.environment} was not measured; start the run again.")
        return self._ground.stand(plan, models, prepared.ground)

    def close(self) -> None:
        """Puts lights back, removes what was placed, and lets cells go."""
        light, self._light, self._ground, self.hidden = self._light, None, None, []
        steps: List[Callable[[], object]] = []
        if light is not None:
            self._editor.before_save.remove(light.restore)
            self._editor.checks.remove(self._check_light)
            steps.append(light.restore)
        try_each([*steps, _destroy_own_actors, self._cells.release], "put the level back in order")

    def _check_light(self) -> None:
        if self._light is not None and self._light.is_changed:
            self._light.check(self._editor.unsaved())

    def _bounds(self, name: str) -> Tuple[Vec3, Vec3]:
        named = [actor for actor in level_actors() if str(actor.get_actor_label()) == name]
        if not named:
            box = self._cells.bounds_of(name)
            if box is not None:
                return box
            raise PluginError(
                f"The level {self._environment.level} has no actor named {name}, whose bounds are to be the spawn "
                "region; use the name that the outliner shows."
            )
        origin, extent = named[0].get_actor_bounds(False)
        if extent.x <= 0.0 or extent.y <= 0.0:
            raise PluginError(f"The actor {name} has no size, and cannot be the spawn region; name one with bounds.")
        return (
            (float(origin.x - extent.x), float(origin.y - extent.y), float(origin.z - extent.z)),
            (float(origin.x + extent.x), float(origin.y + extent.y), float(origin.z + extent.z)),
        )


def _destroy_own_actors() -> None:
    try_each([actor.destroy_actor for actor in own_actors(world())], "remove what it had placed")


def _refuse_stencils(hidden: Sequence[Any]) -> None:
    """Raises PluginError when a thing of the level has a custom stencil value: it would pass for an object's id."""
    for part in components_of(unreal.PrimitiveComponent):
        is_label = part.render_custom_depth and part.custom_depth_stencil_value and part.visible
        if is_label and part.get_owner() not in hidden:
            raise PluginError(
                f"{part.get_owner().get_actor_label()} renders into custom depth with stencil value "
                f"{part.custom_depth_stencil_value}, which would pass for the label of an object; set its Custom Depth "
                "Stencil Value to 0 in a copy of the level, and use that."
            )
