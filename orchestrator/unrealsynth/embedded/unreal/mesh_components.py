"""Components that are drawn: static meshes with their materials."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal import _rotation
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, object_kind
from unrealsynth.embedded.unreal._object import Property, is_alive
from unrealsynth.embedded.unreal._wrapper import Array, Name, array_kind
from unrealsynth.embedded.unreal.collision import CollisionChannel, CollisionEnabled, CollisionResponseType
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.enums import RendererStencilMask
from unrealsynth.embedded.unreal.materials import (
    DEFAULT_SURFACE,
    MATERIAL,
    MaterialInstanceDynamic,
    MaterialInterface,
    TurningMaterial,
)
from unrealsynth.embedded.unreal.static_mesh import STATIC_MESH, StaticMesh
from unrealsynth.embedded.unreal.structs import HitResult, Vector
from unrealsynth.errors import EditorError

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._traces import Solid

_P = TypeVar("_P")


class PrimitiveComponent(SceneComponent):
    """Something that is drawn."""

    _abstract = True
    __slots__ = ("_collision", "_instance")
    _instance: scene.Instance | None
    _collision: CollisionEnabled
    """What of it meets traces; no property tells it in Python."""

    cast_shadow = Property(BOOL, default=True, attribute="r")
    render_custom_depth = Property(BOOL, attribute="r")
    custom_depth_stencil_value = Property(INT32, attribute="r")
    custom_depth_stencil_write_mask = Property(enum_kind(RendererStencilMask), attribute="r")
    render_in_main_pass = Property(BOOL, default=True, attribute="r")
    only_owner_see = Property(BOOL, attribute="r")
    hidden_in_scene_capture = Property(BOOL, attribute="r")
    visible_in_scene_capture_only = Property(BOOL, attribute="r")
    receives_decals = Property(BOOL, default=True, attribute="r")
    bounds_scale = Property(FLOAT, 1.0, attribute="")
    affect_dynamic_indirect_lighting = Property(BOOL, default=True, attribute="r")
    affect_distance_field_lighting = Property(BOOL, default=True, attribute="r")
    visible_in_ray_tracing = Property(BOOL, default=True, attribute="r")

    def _post_init(self) -> None:
        super()._post_init()
        self._instance = None
        self._collision = CollisionEnabled.QUERY_AND_PHYSICS

    def _render_state_changed(self) -> None:
        self._instance = None

    def _set(self, item: Property[_P], value: object) -> None:
        item.store(self, value)
        self._instance = None

    def set_collision_enabled(self, new_type: CollisionEnabled) -> None:
        self._collision = CollisionEnabled.cast(new_type)

    def get_collision_enabled(self) -> CollisionEnabled:
        return self._collision

    def get_collision_response_to_channel(self, channel: CollisionChannel) -> CollisionResponseType:
        """Everything blocks each channel."""
        CollisionChannel.cast(channel)
        return CollisionResponseType.ECR_BLOCK

    def line_trace_component(
        self,
        trace_start: Vector,
        trace_end: Vector,
        trace_complex: bool = True,
        show_trace: bool = ...,  # type: ignore[assignment]
        persistent_show_trace: bool = False,
    ) -> tuple[Vector, Vector, Name, HitResult] | None:
        """None when it is not hit."""
        from unrealsynth.embedded.unreal._traces import trace_one

        first, last = Vector.cast(trace_start), Vector.cast(trace_end)
        hit = trace_one(self, first._tuple(), last._tuple())
        return None if hit is None else (Vector(*hit.point), Vector(*hit.normal), Name(), hit.result(first, last))

    def set_cast_shadow(self, new_cast_shadow: bool) -> None:
        self._set(PrimitiveComponent.cast_shadow, new_cast_shadow)

    def set_render_custom_depth(self, value: bool) -> None:
        self._set(PrimitiveComponent.render_custom_depth, value)

    def set_custom_depth_stencil_value(self, value: int) -> None:
        """Clamped to a byte, as the engine does."""
        self._set(PrimitiveComponent.custom_depth_stencil_value, min(max(INT32.nativize(value), 0), 255))

    def set_render_in_main_pass(self, value: bool) -> None:
        self._set(PrimitiveComponent.render_in_main_pass, value)

    def set_only_owner_see(self, new_only_owner_see: bool) -> None:
        self._set(PrimitiveComponent.only_owner_see, new_only_owner_see)

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
    __slots__ = ("_sky", "_solid")
    _solid: Solid | None
    """What traces meet of it."""
    _sky: tuple[int, float, scene.Material] | None
    static_mesh = Property(STATIC_MESH, attribute="r")
    disallow_nanite = Property(BOOL)
    forced_lod_model = Property(INT32, attribute="r")

    def _post_init(self) -> None:
        super()._post_init()
        self._sky = None
        self._solid = None

    def set_static_mesh(self, new_mesh: StaticMesh | None) -> bool:
        """False when the mesh is the old one, or when a component that is not movable may not change it."""
        self._owner._used()
        if not StaticMeshComponent.static_mesh.store(self, new_mesh):
            return False
        self._instance = None
        return True

    def _mesh(self) -> StaticMesh | None:
        """The mesh, unless its asset was deleted."""
        mesh = StaticMeshComponent.static_mesh.read(self)
        return mesh if is_alive(mesh) else None

    def set_force_disable_nanite(self, force_disable_nanite: bool) -> None:
        """Nothing to do: there is no Nanite here."""

    def set_forced_lod_model(self, new_forced_lod_model: int) -> None:
        self._set(StaticMeshComponent.forced_lod_model, new_forced_lod_model)

    def get_num_materials(self) -> int:
        mesh = self._mesh()
        return len(mesh._slots()) if mesh is not None else 0

    def get_material(self, element_index: int) -> MaterialInterface | None:
        overrides: list[MaterialInterface | None] = MeshComponent.override_materials.read(self)._items
        if 0 <= element_index < len(overrides) and is_alive(overrides[element_index]):
            return overrides[element_index]
        mesh = self._mesh()
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
        mesh = self._mesh()
        if mesh is None:
            return Vector(), Vector()
        box = mesh.get_bounding_box()
        return box.min, box.max

    def _scene_instance(self) -> scene.Instance | None:
        mesh = self._mesh()
        if mesh is None:
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


PRIMITIVE_COMPONENT = object_kind("PrimitiveComponent", PrimitiveComponent)
