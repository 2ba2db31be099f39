"""What a saved level holds: its actors with the values of their components. Attachments between actors are not kept."""

from __future__ import annotations

from dataclasses import dataclass

from unrealsynth.embedded.unreal._object import _ObjectBase, is_alive
from unrealsynth.embedded.unreal._struct_base import StructBase
from unrealsynth.embedded.unreal._wrapper import Array
from unrealsynth.embedded.unreal.actors import Actor
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.structs import Rotator, Vector
from unrealsynth.embedded.unreal.world import Package, World

Values = dict[str, object]


@dataclass(frozen=True)
class SavedActor:
    """One actor; `components` in the order in which the class makes them."""

    cls: type[Actor]
    name: str
    label: str
    own: Values
    components: tuple[Values, ...]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    """Corners of its bounds."""
    is_spatial: bool
    """Whether a partitioned level loads it by its place: what has a size does."""

    def restore(self, world: World) -> None:
        """Puts the actor into a world that was just opened."""
        made = self.cls._make(world._level, self.name)
        made._enter(world, transient=True)
        made._transient = False
        for child in made.get_all_child_actors():
            child._transient = child._maker is not None and child._maker._makes_transient()
        made._label = self.label
        made._values.update(_copied(self.own))
        for component, values in zip(made._components, self.components, strict=True):
            component._values.update(_copied(values))
            if isinstance(component, SceneComponent):
                component._moved()


@dataclass(frozen=True)
class SavedLevel:
    """A level of the project as it was last saved."""

    contents: tuple[SavedActor, ...] = ()
    is_partitioned: bool = False
    """Whether it loads its actors by place."""
    view: tuple[Vector, Rotator] | None = None
    """What the viewport showed of it, once it was saved."""


def saved_actors(world: World) -> tuple[SavedActor, ...]:
    """All but the transient ones and child actors, which their parents make anew."""
    kept = (actor for actor in world._actors.values() if not actor._transient and actor._maker is None)
    return tuple(saved_actor(actor) for actor in kept) + tuple(world._unloaded)


def saved_actor(actor: Actor) -> SavedActor:
    """One actor as it is now."""
    origin, extent = (vector._tuple() for vector in actor.get_actor_bounds(False))  # noqa: FBT003
    return SavedActor(
        type(actor),
        actor._name,
        actor._label,
        _copied(actor._values),
        tuple(_copied(component._values) for component in actor._components),
        (origin[0] - extent[0], origin[1] - extent[1], origin[2] - extent[2]),
        (origin[0] + extent[0], origin[1] + extent[1], origin[2] + extent[2]),
        any(extent),
    )


def _copied(values: Values) -> Values:
    return {
        name: value.copy() if isinstance(value, StructBase | Array) else value
        for name, value in values.items()
        if _is_kept(value)
    }


def _is_kept(value: object) -> bool:
    """Numbers, structs and assets; nothing that lives in the world."""
    if isinstance(value, Array):
        return all(_is_kept(item) for item in value._items)
    if isinstance(value, _ObjectBase):
        return is_alive(value) and isinstance(value._outer, Package)
    return True
