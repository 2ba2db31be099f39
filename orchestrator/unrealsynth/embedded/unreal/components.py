"""Components: transforms, visibility, and meshes with their materials."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal import _rotation
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, object_kind
from unrealsynth.embedded.unreal._object import Object, Property, is_alive
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, Array, Name, array_kind
from unrealsynth.embedded.unreal.enums import AttachmentRule, ComponentMobility, DetachmentRule, RendererStencilMask
from unrealsynth.embedded.unreal.materials import (
    DEFAULT_SURFACE,
    MATERIAL,
    MaterialInstanceDynamic,
    MaterialInterface,
    TurningMaterial,
)
from unrealsynth.embedded.unreal.static_mesh import STATIC_MESH, StaticMesh
from unrealsynth.embedded.unreal.structs import HitResult, Rotator, Transform, Vector
from unrealsynth.errors import EditorError

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
    visible = Property(BOOL, True, attribute="r")
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
        made.rotation = rotation  # type: ignore[assignment]
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

    def set_mobility(self, new_mobility: ComponentMobility) -> None:
        SceneComponent.mobility.store(self, new_mobility)
        self._render_state_changed()

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


class PrimitiveComponent(SceneComponent):
    """Something that is drawn."""

    _abstract = True
    __slots__ = ("_instance",)
    _instance: scene.Instance | None

    cast_shadow = Property(BOOL, True, attribute="r")
    render_custom_depth = Property(BOOL, attribute="r")
    custom_depth_stencil_value = Property(INT32, attribute="r")
    custom_depth_stencil_write_mask = Property(enum_kind(RendererStencilMask), attribute="r")
    render_in_main_pass = Property(BOOL, True, attribute="r")
    hidden_in_scene_capture = Property(BOOL, attribute="r")
    visible_in_scene_capture_only = Property(BOOL, attribute="r")
    receives_decals = Property(BOOL, True, attribute="r")
    bounds_scale = Property(FLOAT, 1.0, attribute="")
    affect_dynamic_indirect_lighting = Property(BOOL, True, attribute="r")
    affect_distance_field_lighting = Property(BOOL, True, attribute="r")
    visible_in_ray_tracing = Property(BOOL, True, attribute="r")

    def _post_init(self) -> None:
        super()._post_init()
        self._instance = None

    def _render_state_changed(self) -> None:
        self._instance = None

    def _set(self, item: Property[_P], value: object) -> None:
        item.store(self, value)
        self._instance = None

    def set_cast_shadow(self, new_cast_shadow: bool) -> None:
        self._set(PrimitiveComponent.cast_shadow, new_cast_shadow)

    def set_render_custom_depth(self, value: bool) -> None:
        self._set(PrimitiveComponent.render_custom_depth, value)

    def set_custom_depth_stencil_value(self, value: int) -> None:
        """Clamped to a byte, as the engine does."""
        self._set(PrimitiveComponent.custom_depth_stencil_value, min(max(INT32.nativize(value), 0), 255))

    def set_render_in_main_pass(self, value: bool) -> None:
        self._set(PrimitiveComponent.render_in_main_pass, value)

    def set_hidden_in_scene_capture(self, value: bool) -> None:
        self._set(PrimitiveComponent.hidden_in_scene_capture, value)

    def set_visible_in_scene_capture_only(self, value: bool) -> None:
        self._set(PrimitiveComponent.visible_in_scene_capture_only, value)

    def set_receives_decals(self, new_receives_decals: bool) -> None:
        self._set(PrimitiveComponent.receives_decals, new_receives_decals)

    def get_num_materials(self) -> int:
        return 0

    def get_material(self, element_index: int) -> MaterialInterface | None:
        return None

    def set_material(self, element_index: int, material: MaterialInterface | None) -> None:
        """A primitive without slots ignores it."""

    def create_dynamic_material_instance(
        self, element_index: int, source_material: MaterialInterface | None = None, optional_name: Name | str = "None"
    ) -> MaterialInstanceDynamic | None:
        parent = MATERIAL.nativize(source_material) or self.get_material(element_index)
        if parent is None or not 0 <= element_index < self.get_num_materials():
            return None
        made = MaterialInstanceDynamic._make(self, str(optional_name))
        made._begin_instance(parent)
        self._owner._world._objects.add(made)
        self.set_material(element_index, made)
        return made

    def _scene_instance(self) -> scene.Instance | None:
        """What is drawn of it, or none."""
        return None


class MeshComponent(PrimitiveComponent):
    _abstract = True
    override_materials = Property(array_kind(MATERIAL), attribute="")

    def get_materials(self) -> Array[MaterialInterface]:
        return Array._of(MATERIAL, [self.get_material(slot) for slot in range(self.get_num_materials())])


class StaticMeshComponent(MeshComponent):
    __slots__ = ("_sky",)
    _sky: tuple[int, float, scene.Material] | None
    static_mesh = Property(STATIC_MESH, attribute="r")
    disallow_nanite = Property(BOOL)
    forced_lod_model = Property(INT32, attribute="r")

    def _post_init(self) -> None:
        super()._post_init()
        self._sky = None

    def set_static_mesh(self, new_mesh: StaticMesh | None) -> bool:
        """False when the mesh is the old one, or when a component that is not movable may not change it."""
        self._owner._used()
        if not StaticMeshComponent.static_mesh.store(self, new_mesh):
            return False
        self._instance = None
        return True

    def set_force_disable_nanite(self, force_disable_nanite: bool) -> None:
        """Nothing to do: there is no Nanite here."""

    def set_forced_lod_model(self, new_forced_lod_model: int) -> None:
        self._set(StaticMeshComponent.forced_lod_model, new_forced_lod_model)

    def get_num_materials(self) -> int:
        mesh = StaticMeshComponent.static_mesh.read(self)
        return len(mesh._slots()) if mesh is not None else 0

    def get_material(self, element_index: int) -> MaterialInterface | None:
        overrides = MeshComponent.override_materials.read(self)._items
        if 0 <= element_index < len(overrides) and is_alive(overrides[element_index]):
            return overrides[element_index]
        mesh = StaticMeshComponent.static_mesh.read(self)
        return mesh.get_material(element_index) if mesh is not None else None

    def set_material(self, element_index: int, material: MaterialInterface | None) -> None:
        """Replaces what the mesh says for a slot; None gives the mesh's material back."""
        index, new = INT32.nativize(element_index), MATERIAL.nativize(material)
        if index < 0:
            return
        self._owner._used()
        overrides = MeshComponent.override_materials.read(self)._items
        overrides.extend([None] * (index + 1 - len(overrides)))
        overrides[index] = new
        self._instance = None

    def get_local_bounds(self) -> tuple[Vector, Vector]:
        mesh = StaticMeshComponent.static_mesh.read(self)
        if mesh is None:
            return Vector(), Vector()
        box = mesh.get_bounding_box()
        return box.min, box.max

    def _scene_instance(self) -> scene.Instance | None:
        mesh = StaticMeshComponent.static_mesh.read(self)
        if mesh is None or not is_alive(mesh):
            return None
        drawn = mesh._mesh
        materials = tuple(self._scene_material(slot) for slot in range(len(drawn.materials)))
        made = self._instance
        if (
            made is None
            or made.mesh is not drawn
            or any(a is not b for a, b in zip(made.materials, materials, strict=True))
        ):
            cls = PrimitiveComponent
            stencil = cls.custom_depth_stencil_value.read(self) if cls.render_custom_depth.read(self) else None
            made = scene.Instance(drawn, self._world_matrix(), materials, stencil, cls.cast_shadow.read(self))
            self._instance = made
        return made

    def _scene_material(self, slot: int) -> scene.Material:
        material = self.get_material(slot)
        made = DEFAULT_SURFACE if material is None else material._scene_material()
        return self._turned(made) if isinstance(made, TurningMaterial) else made

    def _turned(self, material: TurningMaterial) -> scene.Material:
        """The material with its panorama in the component's axes."""
        roll, pitch, yaw = _rotation.to_rotator(self._to_world()[1])
        if max(abs(roll), abs(pitch)) > 1e-6:
            raise EditorError(f"{self._owner._label}: the embedded editor turns a sky about the vertical only.")
        if material.cube is None or material.cube._turned_by(yaw) is material.emissive_panorama:
            return material
        if self._sky is None or self._sky[:2] != (id(material), yaw):
            self._sky = id(material), yaw, replace(material, emissive_panorama=material.cube._turned_by(yaw))
        return self._sky[2]


def _times(a: _rotation.Vec3, b: _rotation.Vec3) -> _rotation.Vec3:
    return a[0] * b[0], a[1] * b[1], a[2] * b[2]


SCENE_COMPONENT = object_kind("SceneComponent", SceneComponent)
PRIMITIVE_COMPONENT = object_kind("PrimitiveComponent", PrimitiveComponent)
