"""Components: transforms, visibility, and meshes with their materials."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.unreal import _rotation
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, object_kind
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, Array, Name, array_kind
from unrealsynth.embedded.unreal.enums import AttachmentRule, ComponentMobility, DetachmentRule
from unrealsynth.embedded.unreal.structs import HitResult, Rotator, Transform, Vector

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal.actors import Actor

_P = TypeVar("_P")


class ActorComponent(Object):
    _abstract = True
    __slots__ = ("_owner",)
    _owner: Actor
    component_tags = Property(array_kind(NAME))
    auto_activate = Property(BOOL, attribute="r")
    is_editor_only = Property(BOOL, attribute="r")

    def get_owner(self) -> Actor:
        return self._owner

    def _mark_edited(self) -> None:
        owner = getattr(self, "_owner", None)
        if owner is not None:
            owner._mark_edited()

    def component_has_tag(self, tag: Name | str) -> bool:
        return Name(tag) in self.component_tags


class SceneComponent(ActorComponent):
    """Has a place. Relative values are kept, world values derived and cached until something moves."""

    __slots__ = ("_children", "_matrix", "_parent", "_world")
    _parent: SceneComponent | None
    _children: list[SceneComponent]
    _world: tuple[_rotation.Vec3, _rotation.Quaternion, _rotation.Vec3] | None
    _matrix: NDArray[np.float64] | None

    relative_location = Property(struct_kind(Vector), attribute="r")
    relative_rotation = Property(struct_kind(Rotator), attribute="r")
    relative_scale3d = Property(struct_kind(Vector), (1.0, 1.0, 1.0), attribute="r")
    mobility = Property(enum_kind(ComponentMobility), ComponentMobility.MOVABLE, attribute="r")
    visible = Property(BOOL, default=True, attribute="r")
    hidden_in_game = Property(BOOL, attribute="r")
    absolute_location = Property(BOOL)
    absolute_rotation = Property(BOOL)
    absolute_scale = Property(BOOL)

    def _post_init(self) -> None:
        self._parent = None
        self._children = []
        self._world = None
        self._matrix = None

    def _post_edit(self, name: str) -> None:
        self._moved()
        self._render_state_changed()

    def _render_state_changed(self) -> None:
        """Forgets what was prepared for the renderer."""

    def _moved(self) -> None:
        self._world = None
        self._matrix = None
        self._render_state_changed()
        for child in self._children:
            child._moved()

    def _to_world(self) -> tuple[_rotation.Vec3, _rotation.Quaternion, _rotation.Vec3]:
        """Location, rotation and scale in the world; FTransform's composition, without shear."""
        if self._world is None:
            cls = SceneComponent
            location = cls.relative_location.read(self)._tuple()
            rotation = _rotation.normalized(cls.relative_rotation.read(self)._quaternion())
            scale = cls.relative_scale3d.read(self)._tuple()
            if self._parent is not None:
                base, turn, size = self._parent._to_world()
                offset = _rotation.rotate(turn, _times(size, location))
                if not cls.absolute_location.read(self):
                    location = (base[0] + offset[0], base[1] + offset[1], base[2] + offset[2])
                if not cls.absolute_rotation.read(self):
                    rotation = _rotation.normalized(_rotation.multiply(turn, rotation))
                if not cls.absolute_scale.read(self):
                    scale = _times(size, scale)
            self._world = location, rotation, scale
        return self._world

    def _world_matrix(self) -> NDArray[np.float64]:
        """(4, 4), for column vectors."""
        if self._matrix is None:
            location, rotation, scale = self._to_world()
            forward, right, up = _rotation.axes(rotation)
            matrix = np.eye(4)
            matrix[:3, 0] = [part * scale[0] for part in forward]
            matrix[:3, 1] = [part * scale[1] for part in right]
            matrix[:3, 2] = [part * scale[2] for part in up]
            matrix[:3, 3] = location
            self._matrix = matrix
        return self._matrix

    def _place(
        self,
        location: _rotation.Vec3 | None = None,
        rotation: _rotation.Quaternion | None = None,
        scale: _rotation.Vec3 | None = None,
    ) -> None:
        """Sets world values; None keeps one."""
        cls = SceneComponent
        if self._parent is not None:
            base, turn, size = self._parent._to_world()
            back = _rotation.inverse(turn)
            if location is not None and not cls.absolute_location.read(self):
                off = _rotation.rotate(back, (location[0] - base[0], location[1] - base[1], location[2] - base[2]))
                location = (off[0] / size[0], off[1] / size[1], off[2] / size[2])
            if rotation is not None and not cls.absolute_rotation.read(self):
                rotation = _rotation.multiply(back, rotation)
            if scale is not None and not cls.absolute_scale.read(self):
                scale = (scale[0] / size[0], scale[1] / size[1], scale[2] / size[2])
        if location is not None:
            cls.relative_location.store(self, location)
        if rotation is not None:
            cls.relative_rotation.store(self, _rotation.to_rotator(rotation))
        if scale is not None:
            cls.relative_scale3d.store(self, scale)
        self._owner._used()
        self._moved()
        self._after_move()

    def _after_move(self) -> None:
        """Runs once for every movement."""

    def set_world_location(self, new_location: Vector, sweep: bool, teleport: bool) -> HitResult:
        self._place(location=Vector.cast(new_location)._tuple())
        return HitResult()

    def set_world_rotation(self, new_rotation: Rotator, sweep: bool, teleport: bool) -> HitResult:
        self._place(rotation=Rotator.cast(new_rotation)._quaternion())
        return HitResult()

    def set_world_location_and_rotation(
        self, new_location: Vector, new_rotation: Rotator, sweep: bool, teleport: bool
    ) -> HitResult:
        self._place(Vector.cast(new_location)._tuple(), Rotator.cast(new_rotation)._quaternion())
        return HitResult()

    def set_world_transform(self, new_transform: Transform, sweep: bool, teleport: bool) -> HitResult:
        new = Transform.cast(new_transform)
        self._place(new.translation._tuple(), new.rotation._tuple(), new.scale3d._tuple())
        return HitResult()

    def set_world_scale3d(self, new_scale: Vector) -> None:
        self._place(scale=Vector.cast(new_scale)._tuple())

    def set_relative_location(self, new_location: Vector, sweep: bool, teleport: bool) -> HitResult:
        SceneComponent.relative_location.store(self, new_location)
        self._place()
        return HitResult()

    def set_relative_rotation(self, new_rotation: Rotator, sweep: bool, teleport: bool) -> HitResult:
        SceneComponent.relative_rotation.store(self, new_rotation)
        self._place()
        return HitResult()

    def set_relative_location_and_rotation(
        self, new_location: Vector, new_rotation: Rotator, sweep: bool, teleport: bool
    ) -> HitResult:
        SceneComponent.relative_location.store(self, new_location)
        SceneComponent.relative_rotation.store(self, new_rotation)
        self._place()
        return HitResult()

    def set_relative_scale3d(self, new_scale3d: Vector) -> None:
        SceneComponent.relative_scale3d.store(self, new_scale3d)
        self._place()

    def get_world_location(self) -> Vector:
        return Vector(*self._to_world()[0])

    def get_world_rotation(self) -> Rotator:
        return Rotator(*_rotation.to_rotator(self._to_world()[1]))

    def get_world_scale(self) -> Vector:
        return Vector(*self._to_world()[2])

    def get_world_transform(self) -> Transform:
        location, rotation, scale = self._to_world()
        made = Transform(location, (0.0, 0.0, 0.0), scale)
        made.rotation = rotation
        return made

    def get_forward_vector(self) -> Vector:
        return Vector(*_rotation.axes(self._to_world()[1])[0])

    def get_right_vector(self) -> Vector:
        return Vector(*_rotation.axes(self._to_world()[1])[1])

    def get_up_vector(self) -> Vector:
        return Vector(*_rotation.axes(self._to_world()[1])[2])

    def attach_to_component(
        self,
        parent: SceneComponent,
        socket_name: Name | str,
        location_rule: AttachmentRule,
        rotation_rule: AttachmentRule,
        scale_rule: AttachmentRule,
        weld_simulated_bodies: bool = True,
    ) -> bool:
        world = self._to_world()
        self._detach()
        self._parent = parent
        parent._children.append(self)
        keep = [
            AttachmentRule.cast(rule) == AttachmentRule.KEEP_WORLD
            for rule in (location_rule, rotation_rule, scale_rule)
        ]
        self._place(*(value if kept else None for value, kept in zip(world, keep, strict=True)))  # type: ignore[arg-type]
        return True

    def detach_from_component(
        self,
        location_rule: DetachmentRule = DetachmentRule.KEEP_RELATIVE,
        rotation_rule: DetachmentRule = DetachmentRule.KEEP_RELATIVE,
        scale_rule: DetachmentRule = DetachmentRule.KEEP_RELATIVE,
        call_modify: bool = True,
    ) -> None:
        world = self._to_world()
        self._detach()
        keep = [
            DetachmentRule.cast(rule) == DetachmentRule.KEEP_WORLD
            for rule in (location_rule, rotation_rule, scale_rule)
        ]
        self._place(*(value if kept else None for value, kept in zip(world, keep, strict=True)))  # type: ignore[arg-type]

    def _detach(self) -> None:
        if self._parent is not None:
            self._parent._children.remove(self)
            self._parent = None

    def get_attach_parent(self) -> SceneComponent | None:
        return self._parent

    def get_children_components(self, include_all_descendants: bool) -> Array[SceneComponent]:
        """Those of other actors too."""
        found = Array._of(SCENE_COMPONENT)
        for child in self._children:
            found.append(child)
            if BOOL.nativize(include_all_descendants):
                found.extend(child.get_children_components(True))  # noqa: FBT003
        return found

    def set_mobility(self, new_mobility: ComponentMobility) -> None:
        """What becomes movable takes along what is attached to it."""
        changed = SceneComponent.mobility.store(self, new_mobility)
        self._render_state_changed()
        if changed and SceneComponent.mobility.read(self) == ComponentMobility.MOVABLE:
            for child in self._children:
                child.set_mobility(new_mobility)

    def set_visibility(self, new_visibility: bool, propagate_to_children: bool = False) -> None:
        SceneComponent.visible.store(self, new_visibility)
        self._render_state_changed()
        for child in self._children if propagate_to_children else ():
            child.set_visibility(new_visibility, propagate_to_children)

    def set_hidden_in_game(self, new_hidden: bool, propagate_to_children: bool = False) -> None:
        SceneComponent.hidden_in_game.store(self, new_hidden)
        self._render_state_changed()
        for child in self._children if propagate_to_children else ():
            child.set_hidden_in_game(new_hidden, propagate_to_children)

    def is_visible(self) -> bool:
        return SceneComponent.visible.read(self)

    def _shown(self) -> bool:
        """Whether a game view shows it."""
        cls = SceneComponent
        return cls.visible.read(self) and not cls.hidden_in_game.read(self) and not self._owner._is_hidden()


def _times(a: _rotation.Vec3, b: _rotation.Vec3) -> _rotation.Vec3:
    return a[0] * b[0], a[1] * b[1], a[2] * b[2]


SCENE_COMPONENT = object_kind("SceneComponent", SceneComponent)
