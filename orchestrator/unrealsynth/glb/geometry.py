"""Triangles with their vertex data, decoded from a glTF primitive and reduced to what the triangles use.

Strips, fans and unindexed primitives become plain triangle lists. What an importer would stumble over, an attribute of
the wrong form or with numbers that are none, is dropped here with a warning, or refused where it is the shape itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import ModelError
from unrealsynth.glb import draco, limits, schema
from unrealsynth.glb.accessors import AccessorReader, Array, Attribute

POINTS, LINES, TRIANGLES, STRIP, FAN = 0, (1, 2, 3), 4, 5, 6
_ATTRIBUTES = {
    "POSITION": (3,),
    "NORMAL": (3,),
    "TANGENT": (4,),
    "TEXCOORD": (2,),
    "COLOR": (3, 4),
    "JOINTS": (4,),
    "WEIGHTS": (4,),
}
"""Numbers of components, by the name without its set number."""
_FAR_TEXCOORD = 1e4
"""Texture coordinates beyond it have too few digits left to find a texel."""
_NAME = re.compile(r"(POSITION|NORMAL|TANGENT|(?:TEXCOORD|COLOR|JOINTS|WEIGHTS)_[0-7])")


@dataclass(frozen=True)
class Geometry:
    """A triangle list. `triangles` is (m, 3), and every vertex is used by one of them."""

    triangles: NDArray[np.uint32]
    attributes: dict[str, Attribute]
    material: int | None
    draco: draco.Compressed | None = None
    """The compressed form, as long as it says the same."""
    draco_ids: dict[str, int] | None = None

    @property
    def positions(self) -> NDArray[np.float64]:
        """(n, 3), in the units of the mesh."""
        return self.attributes["POSITION"].decoded()

    @property
    def nbytes(self) -> int:
        """Memory it takes."""
        return self.triangles.nbytes + sum(attribute.array.nbytes for attribute in self.attributes.values())


class GeometryReader:
    """Decodes primitives, each once, and collects warnings."""

    def __init__(self, gltf: schema.Gltf, accessors: AccessorReader, budget: limits.Budget) -> None:
        self._gltf = gltf
        self._budget = budget
        self.accessors = accessors
        self._meshes: dict[int, tuple[Geometry, ...]] = {}
        self.warnings: dict[str, None] = {}

    def mesh(self, index: int) -> tuple[Geometry, ...]:
        """The triangle primitives of mesh `index`."""
        if index not in self._meshes:
            primitives = schema.item(self._gltf.meshes, index, "mesh").primitives
            decoded = [
                self._primitive(primitive, f"mesh {index}, primitive {i}") for i, primitive in enumerate(primitives)
            ]
            self._meshes[index] = tuple(geometry for geometry in decoded if geometry is not None)
        return self._meshes[index]

    def _primitive(self, primitive: schema.Primitive, where: str) -> Geometry | None:
        if primitive.mode < TRIANGLES:
            self._warn("its points and lines are left out: only triangles are drawn")
            return None
        if "POSITION" not in primitive.attributes:
            raise ModelError(f"{where} has no POSITION: it is a shape without vertices; export it again")
        if primitive.targets:
            self._warn("its morph targets are left out: it is used in its base shape")
        geometry = self._compressed(primitive) if primitive.extensions.draco else self._plain(primitive, where)
        self._check_stated_bounds(primitive.attributes["POSITION"], geometry.attributes["POSITION"].array, where)
        count = len(geometry.attributes["POSITION"].array)
        if not len(geometry.triangles):
            self._warn("parts of it without a triangle are left out")
            return None
        if geometry.triangles.max() >= count:
            raise ModelError(
                f"{where} refers to vertex {geometry.triangles.max():,} but has {count:,}: the file is damaged; "
                "export it again"
            )
        self._budget.take(geometry.nbytes)
        return self._checked(_compacted(geometry), where)

    def _plain(self, primitive: schema.Primitive, where: str) -> Geometry:
        attributes = {
            name: self.accessors.attribute(accessor)
            for name, accessor in primitive.attributes.items()
            if _NAME.fullmatch(name)
        }
        count = len(attributes["POSITION"].array)
        if primitive.indices is None:
            corners = np.arange(count, dtype=np.uint32)
        else:
            indices = self.accessors.attribute(primitive.indices).array
            if indices.dtype.kind != "u" or indices.shape[1] != 1:
                raise ModelError(f"the indices of {where} are no whole numbers; export it again")
            corners = indices[:, 0].astype(np.uint32)
        return Geometry(_triangle_list(corners, primitive.mode), attributes, primitive.material)

    def _compressed(self, primitive: schema.Primitive) -> Geometry:
        extension = primitive.extensions.draco
        if extension is None or primitive.mode not in (TRIANGLES, STRIP):
            raise ModelError("a primitive that is Draco-compressed is no triangle mesh; export it again without Draco")
        compressed = self.accessors.compressed(extension)
        attributes = {
            name: self.accessors.compressed_attribute(compressed, extension.attributes[name], accessor)
            if name in extension.attributes
            else self.accessors.attribute(accessor)
            for name, accessor in primitive.attributes.items()
            if _NAME.fullmatch(name)
        }
        ids = {name: extension.attributes[name] for name in attributes if name in extension.attributes}
        whole = len(ids) == len(attributes)
        return Geometry(
            compressed.triangles,
            attributes,
            primitive.material,
            compressed if whole else None,
            ids if whole else None,
        )

    def _check_stated_bounds(self, accessor_index: int, positions: Array, where: str) -> None:
        accessor = self._gltf.accessors[accessor_index]
        true = np.stack([positions.min(axis=0), positions.max(axis=0)]).astype(np.float64)
        for row, stated in enumerate((accessor.min, accessor.max)):
            # Compression moves vertices a little.
            if stated is None or (np.shape(stated) == (3,) and np.abs(true[row] - stated).max() <= 0.02 * np.ptp(true)):
                continue
            self._warn(f"the bounds that {where} states are not true; they were measured instead")

    def _checked(self, geometry: Geometry, where: str) -> Geometry:
        count = len(geometry.attributes["POSITION"].array)
        kept = {}
        for name, attribute in geometry.attributes.items():
            array = attribute.array
            if len(array) != count:
                raise ModelError(f"{where} has {count:,} vertices but {len(array):,} {name}; export it again")
            fault = _fault(name, attribute)
            if fault is None:
                kept[name] = attribute
                if name.startswith("TEXCOORD") and _reach(array) > _FAR_TEXCOORD:
                    self._warn(f"the {name} of {where} reaches {_reach(array):.3g}: its texture may look wrong")
            elif name == "POSITION":
                raise ModelError(f"the POSITION of {where} {fault}: the file is damaged; export it again")
            else:
                self._warn(f"the {name} of {where} {fault}, and is left out")
        if len(kept) < len(geometry.attributes):
            geometry = replace(geometry, attributes=kept, draco=None, draco_ids=None)
        return geometry

    def _warn(self, message: str) -> None:
        self.warnings[message] = None


def _reach(array: Array) -> float:
    """Largest magnitude in `array`; of integers none matters."""
    return float(np.abs(array).max()) if array.dtype.kind == "f" else 0.0


def _fault(name: str, attribute: Attribute) -> str | None:
    array = attribute.array
    if array.shape[1] not in _ATTRIBUTES[name.split("_")[0]]:
        return f"has {array.shape[1]} components"
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            return "holds numbers that are not finite"
        if name == "POSITION" and _reach(array) > limits.MAX_EXTENT_M:
            return f"reaches {_reach(array):.3g} m"
    return None


def _triangle_list(corners: NDArray[np.uint32], mode: int) -> NDArray[np.uint32]:
    """(m, 3) from the corners of a list, strip or fan, without an incomplete last triangle."""
    if mode == TRIANGLES:
        return corners[: len(corners) // 3 * 3].reshape(-1, 3)
    if len(corners) < 3:
        return np.empty((0, 3), np.uint32)
    if mode == FAN:
        return np.stack([corners[1:-1], corners[2:], np.full(len(corners) - 2, corners[0])], axis=1)
    triangles = np.stack([corners[:-2], corners[1:-1], corners[2:]], axis=1)
    # Every second triangle of a strip runs the other way round.
    triangles[1::2] = triangles[1::2, [0, 2, 1]]
    distinct = (triangles != np.roll(triangles, 1, axis=1)).all(axis=1)
    used: NDArray[np.uint32] = triangles[distinct]
    return used


def _compacted(geometry: Geometry) -> Geometry:
    """Without vertices that no triangle uses: they would count in an importer's bounds."""
    count = len(geometry.attributes["POSITION"].array)
    if geometry.draco is not None or any(len(a.array) != count for a in geometry.attributes.values()):
        return geometry
    used = np.zeros(count, bool)
    used[geometry.triangles] = True
    if used.all():
        return geometry
    numbers = (np.cumsum(used) - 1).astype(np.uint32)
    attributes = {name: replace(value, array=value.array[used]) for name, value in geometry.attributes.items()}
    return replace(geometry, triangles=numbers[geometry.triangles], attributes=attributes)
