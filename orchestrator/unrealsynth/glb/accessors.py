"""Arrays out of a glTF: accessors, sparse and quantized ones included, and Draco-compressed primitives.

An array is a view of the file where that is possible; every bound is checked before one is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import ModelError
from unrealsynth.glb import draco, limits, schema
from unrealsynth.glb.resources import Resources

Array = NDArray[Any]

DTYPES: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass(frozen=True)
class Attribute:
    """Per-vertex data: `array` is (count, components), as stored."""

    array: Array
    normalized: bool = False

    def decoded(self) -> NDArray[np.float64]:
        """The values meant, with normalized integers as fractions of their range."""
        values = self.array.astype(np.float64)
        if self.normalized and self.array.dtype.kind in "iu":
            values = np.maximum(values / np.iinfo(self.array.dtype).max, -1.0)
        return values


class AccessorReader:
    """Reads accessors by index, each once."""

    def __init__(self, gltf: schema.Gltf, resources: Resources) -> None:
        self._gltf = gltf
        self._resources = resources
        self._attributes: dict[int, Attribute] = {}
        self._draco: dict[int, draco.Compressed] = {}

    def attribute(self, index: int) -> Attribute:
        if index not in self._attributes:
            accessor = schema.item(self._gltf.accessors, index, "accessor")
            self._attributes[index] = Attribute(self._read(index, accessor), accessor.normalized)
        return self._attributes[index]

    def compressed(self, extension: schema.Draco) -> draco.Compressed:
        """The decoded Draco data that `extension` names."""
        if extension.buffer_view not in self._draco:
            data = bytes(self._resources.view(extension.buffer_view))
            self._draco[extension.buffer_view] = draco.decode(data)
        return self._draco[extension.buffer_view]

    def compressed_attribute(self, compressed: draco.Compressed, draco_id: int, accessor_index: int) -> Attribute:
        """One attribute of Draco data, in the number format that its accessor promises."""
        accessor = schema.item(self._gltf.accessors, accessor_index, "accessor")
        values = compressed.attributes.get(draco_id)
        if values is None or values.shape[1] != COMPONENTS.get(accessor.type):
            raise ModelError(f"accessor {accessor_index} does not fit its Draco data; export it again")
        if accessor.count != len(values):
            raise ModelError(
                f"accessor {accessor_index} promises {accessor.count:,} elements but its Draco data has "
                f"{len(values):,}; export it again"
            )
        return Attribute(values.astype(DTYPES[accessor.component_type]), accessor.normalized)

    def _read(self, index: int, accessor: schema.Accessor) -> Array:
        components = COMPONENTS.get(accessor.type)
        if components is None:
            raise ModelError(f"accessor {index} holds {accessor.type}, which no vertex has; export it again")
        dtype = DTYPES[accessor.component_type]
        if accessor.buffer_view is None:
            if accessor.count > limits.MAX_EMPTY_COUNT:
                raise ModelError(f"accessor {index} promises {accessor.count:,} elements without any data")
            array = np.zeros((accessor.count, components), dtype)
        else:
            stride = schema.item(self._gltf.buffer_views, accessor.buffer_view, "buffer view").byte_stride
            array = self._strided(
                index, accessor.buffer_view, accessor.byte_offset, accessor.count, components, dtype, stride
            )
        if accessor.sparse is not None:
            array = self._with_sparse(index, array, accessor.sparse)
        return array

    def _strided(
        self,
        index: int,
        view: int,
        offset: int,
        count: int,
        components: int,
        dtype: np.dtype[Any],
        stride: int | None = None,
    ) -> Array:
        data = self._resources.view(view)
        element = components * dtype.itemsize
        step = stride or element
        end = offset + step * (count - 1) + element
        if step < element or end > len(data):
            raise ModelError(
                f"accessor {index} promises {count:,} elements up to byte {end:,} of a buffer view of "
                f"{len(data):,}: the file is damaged; export it again"
            )
        array: Array = np.ndarray((count, components), dtype, data, offset, (step, dtype.itemsize))
        return array

    def _with_sparse(self, index: int, array: Array, sparse: schema.Sparse) -> Array:
        places = self._strided(
            index,
            sparse.indices.buffer_view,
            sparse.indices.byte_offset,
            sparse.count,
            1,
            DTYPES[sparse.indices.component_type],
        )[:, 0]
        values = self._strided(
            index, sparse.values.buffer_view, sparse.values.byte_offset, sparse.count, array.shape[1], array.dtype
        )
        if places.max() >= len(array):
            raise ModelError(f"accessor {index} replaces element {places.max()} of {len(array)}; export it again")
        array = np.array(array)
        array[places] = values
        return array
