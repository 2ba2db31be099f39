"""The source geometry of static meshes, vertex by vertex."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.unreal._kinds import INT32
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import StructBase
from unrealsynth.embedded.unreal.structs import Vector


class ElementID(StructBase):
    _arguments = ("id_value",)
    id_value = Property(INT32, attribute="r")


class VertexID(ElementID):
    pass


class MeshDescriptionBase(Object):
    """Vertices are numbered with a hole: every seventh number names none, as after deletions."""

    _abstract = True
    __slots__ = ("_points",)
    _points: NDArray[np.float32]

    def get_vertex_count(self) -> int:
        return len(self._points)

    def is_vertex_valid(self, vertex_id: VertexID) -> bool:
        number = ElementID.id_value.read(VertexID.cast(vertex_id))
        return number >= 0 and number % _HOLE != _HOLE - 1 and self._index(number) < len(self._points)

    def get_vertex_position(self, vertex_id: VertexID) -> Vector:
        """Zero, and a line in the log, for a number that names none."""
        if not self.is_vertex_valid(vertex_id):
            return Vector()
        return Vector(*map(float, self._points[self._index(ElementID.id_value.read(VertexID.cast(vertex_id)))]))

    @staticmethod
    def _index(number: int) -> int:
        return number - number // _HOLE


class StaticMeshDescription(MeshDescriptionBase):
    _abstract = True


_HOLE = 7
