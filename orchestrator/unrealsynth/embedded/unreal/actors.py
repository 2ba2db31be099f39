"""Actors: what can be put into a world. An actor delegates its place to its root component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import BOOL, STR, object_kind
from unrealsynth.embedded.unreal._object import OBJECT_CLASS, Class, Object, Property, is_alive, is_object
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, Array, Name, array_kind
from unrealsynth.embedded.unreal.components import ActorComponent, SceneComponent
from unrealsynth.embedded.unreal.enums import AttachmentRule, ComponentMobility, DetachmentRule
from unrealsynth.embedded.unreal.mesh_components import StaticMeshComponent
from unrealsynth.embedded.unreal.structs import HitResult, Rotator, Transform, Vector
from unrealsynth.embedded.unreal.world import Package

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal.world import Level, World

_C = TypeVar("_C", bound=ActorComponent)


class Actor(Object):
    """`_build` makes the components; the first is the root."""

    __slots__ = ("_components", "_file", "_hidden", "_label", "_maker", "_transient", "_world")
    _abstract = True
    _world: World
    _components: list[ActorComponent]
    _label: str
    _hidden: bool
    _transient: bool
    """Whether it is left out when the level is saved."""
    _file: Package | None
    """What it is saved in apart from its level; made when it is first needed."""
    _maker: ChildActorComponent | None
    """Whose child actor it is: made and destroyed with it, and saved as a part of it."""

    root_component = Property(object_kind("SceneComponent", SceneComponent), attribute="r")
    tags = Property(array_kind(NAME))
    hidden = Property(BOOL, attribute="r")
    is_editor_only_actor = Property(BOOL, attribute="")

    def _enter(self, world: World, transient: bool, maker: ChildActorComponent | None = None) -> None:
        """Completes an actor that was just made, and puts it into a world."""
        self._world = world
        self._maker = maker
        self._components = []
        self._label = self._name
        self._hidden = False
        self._transient = transient
        self._file = None
        self._build()
        world._actors[id(self)] = self
        if not transient:
            self._mark_dirty()

    def _build(self) -> None:
        raise NotImplementedError

    @classmethod
    def _abstract_actor(cls) -> bool:
        """Whether none of this class can be spawned."""
        return cls._build is Actor._build

    def _add(self, cls: type[_C], name: str, parent: SceneComponent | None = None) -> _C:
        made = cls._make(self, name)
        made._owner = self
        self._components.append(made)
        if parent is not None and isinstance(made, SceneComponent):
            made._parent = parent
            parent._children.append(made)
        return made

    def _end(self) -> None:
        """Takes the actor out of its world and makes all its wrappers dead, those of its child actors too."""
        for child in self._child_actors():
            child._end()
        if self._maker is not None:
            self._root()._detach()
        self._world._actors.pop(id(self), None)
        for component in self._components:
            component._kill()
        self._kill()

    def _mark_edited(self) -> None:
        # What is never saved marks nothing; a class default is in no world.
        if not getattr(self, "_transient", True):
            self._mark_dirty()

    def _mark_dirty(self) -> None:
        package = self._package()
        if isinstance(package, Package):
            package._dirty = True

    def _rerun_construction_scripts(self) -> None:
        """What an edit of a Blueprint's actor does: other components, of the same names and with the same values."""
        before = self._components
        self._components = []
        self._values = {name: value for name, value in self._values.items() if name in ("tags", "hidden")}
        self._build()
        for old, new in zip(before, self._components, strict=True):
            new._values.update({name: value for name, value in old._values.items() if not is_object(value)})
            if isinstance(old, SceneComponent) and isinstance(new, SceneComponent):
                for child in [child for child in old._children if child not in before]:
                    child._parent = new
                    new._children.append(child)
                new._moved()
            old._kill()
        self._mark_edited()

    def _used(self) -> None:
        """Notes that a script changed something."""
        _runtime.engine().activity += 1

    def _root(self) -> SceneComponent:
        root = Actor.root_component.read(self)
        if root is None:
            raise RuntimeError(f"{self._name} has no root component.")
        return root

    def _is_hidden(self) -> bool:
        return Actor.hidden.read(self)

    def set_actor_location(self, new_location: Vector, sweep: bool, teleport: bool) -> HitResult | None:
        self._root().set_world_location(new_location, sweep, teleport)
        return HitResult()

    def set_actor_rotation(self, new_rotation: Rotator, teleport_physics: bool) -> bool:
        self._root().set_world_rotation(new_rotation, False, teleport_physics)  # noqa: FBT003
        return True

    def set_actor_location_and_rotation(
        self, new_location: Vector, new_rotation: Rotator, sweep: bool, teleport: bool
    ) -> HitResult | None:
        self._root().set_world_location_and_rotation(new_location, new_rotation, sweep, teleport)
        return HitResult()

    def set_actor_transform(self, new_transform: Transform, sweep: bool, teleport: bool) -> HitResult | None:
        self._root().set_world_transform(new_transform, sweep, teleport)
        return HitResult()

    def set_actor_scale3d(self, new_scale3d: Vector) -> None:
        self._root().set_world_scale3d(new_scale3d)

    def get_actor_location(self) -> Vector:
        return self._root().get_world_location()

    def get_actor_rotation(self) -> Rotator:
        return self._root().get_world_rotation()

    def get_actor_scale3d(self) -> Vector:
        return self._root().get_world_scale()

    def get_actor_transform(self) -> Transform:
        return self._root().get_world_transform()

    def get_actor_forward_vector(self) -> Vector:
        return self._root().get_forward_vector()

    def get_actor_right_vector(self) -> Vector:
        return self._root().get_right_vector()

    def get_actor_up_vector(self) -> Vector:
        return self._root().get_up_vector()

    def attach_to_actor(
        self,
        parent_actor: Actor,
        socket_name: Name | str,
        location_rule: AttachmentRule,
        rotation_rule: AttachmentRule,
        scale_rule: AttachmentRule,
        weld_simulated_bodies: bool = True,
    ) -> bool:
        return self._root().attach_to_component(
            parent_actor._root(), socket_name, location_rule, rotation_rule, scale_rule, weld_simulated_bodies
        )

    def detach_from_actor(
        self,
        location_rule: DetachmentRule = DetachmentRule.KEEP_RELATIVE,
        rotation_rule: DetachmentRule = DetachmentRule.KEEP_RELATIVE,
        scale_rule: DetachmentRule = DetachmentRule.KEEP_RELATIVE,
    ) -> None:
        self._root().detach_from_component(location_rule, rotation_rule, scale_rule)

    def get_actor_label(self, create_if_none: bool = True) -> str:
        return self._label

    def set_actor_label(self, new_actor_label: str, mark_dirty: bool = True) -> None:
        self._label = STR.nativize(new_actor_label)
        if mark_dirty:
            self._mark_dirty()

    def set_actor_hidden_in_game(self, new_hidden: bool) -> None:
        Actor.hidden.store(self, new_hidden)
        self._used()

    def set_is_temporarily_hidden_in_editor(self, is_hidden: bool) -> None:
        """Of no effect on captures, which show what the game shows."""
        self._hidden = BOOL.nativize(is_hidden)

    def is_temporarily_hidden_in_editor(self, include_parent: bool = False) -> bool:
        return self._hidden

    def set_folder_path(self, new_folder_path: Name | str) -> None:
        """Folders of the outliner are not kept."""
        Name(new_folder_path)

    def actor_has_tag(self, tag: Name | str) -> bool:
        return Name(tag) in Actor.tags.read(self)._items

    def get_components_by_class(self, component_class: object = None) -> Array[ActorComponent]:
        wanted = OBJECT_CLASS.nativize(component_class) or ActorComponent
        kind = object_kind("ActorComponent", ActorComponent)
        return Array._of(kind, [item for item in self._components if isinstance(item, wanted)])

    def get_component_by_class(self, component_class: object = None) -> ActorComponent | None:
        found = self.get_components_by_class(component_class)
        return found[0] if found else None

    def _child_actors(self) -> list[Actor]:
        found = [item._child() for item in self._components if isinstance(item, ChildActorComponent)]
        return [child for child in found if child is not None]

    def get_all_child_actors(self, include_descendants: bool = True) -> Array[Actor]:
        """Those that the actor's own components made; with descendants theirs too."""
        found = Array._of(ACTOR)
        for child in self._child_actors():
            found.append(child)
            if BOOL.nativize(include_descendants):
                found.extend(child.get_all_child_actors())
        return found

    def _package(self) -> Any:
        """Its own one in a level with a file for each actor."""
        outermost = self.get_outermost()
        if not self._world._partitioned or self._transient or self._maker is not None:
            return outermost
        if self._file is None:
            folder = str(outermost.get_name()).replace("/Game/", "/Game/__ExternalActors__/", 1)
            self._file = Package._make(None, f"{folder}/{self._name}")
        return self._file

    def get_level(self) -> Level:
        return self._world._level

    def get_world(self) -> World:
        return self._world

    def destroy_actor(self) -> None:
        self._used()
        self._end()

    def get_actor_bounds(
        self, only_colliding_components: bool, include_from_child_actors: bool = False
    ) -> tuple[Vector, Vector]:
        """Origin and extent of the meshes' boxes, turned and boxed again."""
        corners: list[tuple[float, float, float]] = []
        actors = [self, *self.get_all_child_actors()] if include_from_child_actors else [self]
        for component in (item for actor in actors for item in actor._components):
            if isinstance(component, StaticMeshComponent) and component._mesh() is not None:
                low, high = (corner._tuple() for corner in component.get_local_bounds())
                transform = component.get_world_transform()
                corners += [
                    transform.transform_location((x, y, z))._tuple()
                    for x in (low[0], high[0])
                    for y in (low[1], high[1])
                    for z in (low[2], high[2])
                ]
        if not corners:
            return self.get_actor_location(), Vector()
        lows, highs = (
            [min(axis) for axis in zip(*corners, strict=True)],
            [max(axis) for axis in zip(*corners, strict=True)],
        )
        low_corner, high_corner = Vector(*lows), Vector(*highs)
        return (low_corner + high_corner) * 0.5, (high_corner - low_corner) * 0.5


class ChildActorComponent(SceneComponent):
    """Makes an actor and keeps it attached. What is asked of its owner leaves that actor out."""

    child_actor = Property(object_kind("Actor", Actor), attribute="r")
    child_actor_is_transient = Property(BOOL, attribute="")

    def _child(self) -> Actor | None:
        found = ChildActorComponent.child_actor.read(self)
        return found if is_alive(found) else None

    def _makes_transient(self) -> bool:
        """Whether its actor is in no list of the level's actors."""
        return self._owner._transient or ChildActorComponent.child_actor_is_transient.read(self)

    def set_mobility(self, new_mobility: ComponentMobility) -> None:
        """Registers the component anew, and with that its actor is another one."""
        before, child = SceneComponent.mobility.read(self), self._child()
        super().set_mobility(new_mobility)
        if child is not None and SceneComponent.mobility.read(self) != before:
            self.set_child_actor_class(type(child))

    def set_child_actor_class(self, class_: Class | type[Actor] | None) -> None:
        """The child keeps its own mobility and the scale that its class gives it."""
        before, kind = self._child(), OBJECT_CLASS.nativize(class_)
        if before is not None:
            before._end()
        ChildActorComponent.child_actor.store(self, None)
        if kind is None or not issubclass(kind, Actor) or kind._abstract_actor():
            return
        made = kind._make(self._owner._world._level)
        made._enter(self._owner._world, self._makes_transient(), self)
        root = made._root()
        root._parent = self
        self._children.append(root)
        root._moved()
        ChildActorComponent.child_actor.store(self, made)


class StaticMeshActor(Actor):
    static_mesh_component = Property(
        object_kind("StaticMeshComponent", StaticMeshComponent), attribute="r", edit_const=True
    )

    def _build(self) -> None:
        component = self._add(StaticMeshComponent, "StaticMeshComponent0")
        SceneComponent.mobility.store(component, ComponentMobility.STATIC)
        StaticMeshActor.static_mesh_component.store(self, component)
        Actor.root_component.store(self, component)

    def set_mobility(self, mobility: ComponentMobility) -> None:
        self._root().set_mobility(mobility)


class Info(Actor):
    """Actors without a shape."""

    _abstract = True


ACTOR = object_kind("Actor", Actor)
TRANSFORM = struct_kind(Transform)
