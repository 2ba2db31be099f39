"""Static meshes as assets."""

from __future__ import annotations

import numpy as np

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal._kinds import BOOL, INT32, object_kind
from unrealsynth.embedded.unreal._object import Property
from unrealsynth.embedded.unreal._struct_base import StructBase, struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, Name, array_kind
from unrealsynth.embedded.unreal.materials import MATERIAL, MaterialInterface
from unrealsynth.embedded.unreal.mesh_description import StaticMeshDescription
from unrealsynth.embedded.unreal.structs import Box, BoxSphereBounds, Vector
from unrealsynth.embedded.unreal.textures import StreamableRenderAsset


class StaticMaterial(StructBase):
    """A slot of a mesh."""

    material_interface = Property(MATERIAL)
    material_slot_name = Property(NAME)


class MeshNaniteSettings(StructBase):
    enabled = Property(BOOL)


class StaticMesh(StreamableRenderAsset):
    __slots__ = ("_bounds", "_mesh")
    _abstract = True
    _mesh: scene.Mesh
    _bounds: tuple[Vector, Vector]
    static_materials = Property(array_kind(struct_kind(StaticMaterial)))
    nanite_settings = Property(struct_kind(MeshNaniteSettings), attribute="")
    allow_cpu_access = Property(BOOL, attribute="")

    def _fill(self, mesh: scene.Mesh, materials: list[MaterialInterface | None], slot_names: list[str]) -> None:
        self._mesh = mesh
        points = [part.positions for part in mesh.primitives if len(part.positions)]
        low = np.min([p.min(axis=0) for p in points], axis=0) if points else np.zeros(3)
        high = np.max([p.max(axis=0) for p in points], axis=0) if points else np.zeros(3)
        self._bounds = Vector(*map(float, low)), Vector(*map(float, high))
        slots = []
        for material, name in zip(materials, slot_names, strict=True):
            slot = StaticMaterial()
            slot.material_interface = material
            slot.material_slot_name = Name(name)
            slots.append(slot)
        StaticMesh.static_materials.store(self, slots)

    def _slots(self) -> list[StaticMaterial]:
        return StaticMesh.static_materials.read(self)._items

    def get_material(self, material_index: int) -> MaterialInterface | None:
        index, slots = INT32.nativize(material_index), self._slots()
        return StaticMaterial.material_interface.read(slots[index]) if 0 <= index < len(slots) else None

    def set_material(self, material_index: int, new_material: MaterialInterface | None) -> None:
        index, slots = INT32.nativize(material_index), self._slots()
        if 0 <= index < len(slots):
            slots[index].material_interface = MATERIAL.nativize(new_material)

    def get_material_index(self, material_slot_name: Name | str) -> int:
        names = [StaticMaterial.material_slot_name.read(slot) for slot in self._slots()]
        return names.index(Name(material_slot_name)) if Name(material_slot_name) in names else -1

    def get_static_mesh_description(self, lod_index: int) -> StaticMeshDescription | None:
        """Positions of the finest level, those of equal place once."""
        if INT32.nativize(lod_index) != 0:
            return None
        parts = [part.positions for part in self._mesh.primitives if len(part.positions)]
        made = StaticMeshDescription._make(self)
        made._points = np.unique(np.concatenate(parts), axis=0) if parts else np.zeros((0, 3), np.float32)
        return made

    def get_num_lods(self) -> int:
        return 1

    def get_num_sections(self, lod: int) -> int:
        return len(self._mesh.primitives) if lod == 0 else 0

    def get_num_triangles(self, lod_index: int) -> int:
        return sum(len(part.indices) for part in self._mesh.primitives) if lod_index == 0 else 0

    def get_num_vertices(self, lod_index: int) -> int:
        return sum(len(part.positions) for part in self._mesh.primitives) if lod_index == 0 else 0

    def get_bounding_box(self) -> Box:
        low, high = self._bounds
        made = Box(low, high)
        made.is_valid = True
        return made

    def get_bounds(self) -> BoxSphereBounds:
        low, high = self._bounds
        extent = (high - low) * 0.5
        return BoxSphereBounds((low + high) * 0.5, extent, extent.length())


STATIC_MESH = object_kind("StaticMesh", StaticMesh)
