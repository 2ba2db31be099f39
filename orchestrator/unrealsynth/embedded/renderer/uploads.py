"""Meshes and textures on the GPU, uploaded once each and released after their description is garbage collected.

Entries are keyed by identity through weak references; what died is released at the next `sweep`, never from within a
destructor, because only the thread of the context may touch it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import moderngl
import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.scene import Mesh, Panorama, Primitive, Texture

K = TypeVar("K")
V = TypeVar("V")

_MAX_PANORAMA_SIDE = 4096


class WeakCache(Generic[K, V]):
    """Values made from keys that are told apart by identity; a value is released some time after its key died."""

    def __init__(self, make: Callable[[K], V], release: Callable[[V], None]) -> None:
        self._make, self._release = make, release
        self._values: dict[int, tuple[weakref.ref[K], V]] = {}
        self._dead: list[V] = []

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V:
        """The value of `key`, made at the first call."""
        identity = id(key)
        entry = self._values.get(identity)
        if entry is not None and entry[0]() is key:
            return entry[1]
        value = self._make(key)

        def bury(_: weakref.ref[K], identity: int = identity, value: V = value) -> None:
            self._dead.append(value)
            if identity in self._values and self._values[identity][1] is value:
                del self._values[identity]

        self._values[identity] = (weakref.ref(key, bury), value)
        return value

    def sweep(self) -> None:
        """Releases the values of dead keys."""
        while self._dead:
            self._release(self._dead.pop())


@dataclass
class GpuPrimitive:
    """Buffers of one primitive, and one vertex array for each program that drew it."""

    bounds: tuple[NDArray[np.float64], NDArray[np.float64]]
    material_slot: int
    positions: moderngl.Buffer
    attributes: moderngl.Buffer
    colors: moderngl.Buffer | None
    indices: moderngl.Buffer
    arrays: dict[int, moderngl.VertexArray] = field(default_factory=dict)

    def array(self, context: moderngl.Context, program: moderngl.Program) -> moderngl.VertexArray:
        """The vertex array that feeds `program` with the attributes it has."""
        found = self.arrays.get(program.glo)
        if found is None:
            content: list[tuple[moderngl.Buffer, str, str] | tuple[moderngl.Buffer, str, str, str]] = [
                (self.positions, "3f4", "in_position")
            ]
            names = set(program)
            if "in_normal" in names and "in_uv" in names:
                content.append((self.attributes, "3f4 2f4", "in_normal", "in_uv"))
            elif "in_normal" in names:
                content.append((self.attributes, "3f4 8x", "in_normal"))
            elif "in_uv" in names:
                content.append((self.attributes, "12x 2f4", "in_uv"))
            if "in_color" in names and self.colors is not None:
                content.append((self.colors, "4f2", "in_color"))
            found = context.vertex_array(program, content, index_buffer=self.indices, index_element_size=4)
            self.arrays[program.glo] = found
        return found

    def release(self) -> None:
        """Frees the GPU objects."""
        for array in self.arrays.values():
            array.release()
        for buffer in (self.positions, self.attributes, self.colors, self.indices):
            if buffer is not None:
                buffer.release()


@dataclass(frozen=True)
class GpuMesh:
    """The primitives of a mesh that have triangles."""

    primitives: tuple[GpuPrimitive, ...]
    corners: NDArray[np.float64]
    """(8, 3): of the bounding box; corner i takes the maximum of axis a where bit a of i is set."""


class Uploads:
    """All geometry and textures of one context."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._max_side = int(context.info["GL_MAX_TEXTURE_SIZE"])
        self.white = context.texture((1, 1), 4, b"\xff\xff\xff\xff")
        self.meshes: WeakCache[Mesh, GpuMesh] = WeakCache(self._upload_mesh, _release_mesh)
        self.textures: WeakCache[Texture, moderngl.Texture] = WeakCache(self._upload_texture, _release_texture)
        self.panoramas: WeakCache[Panorama, moderngl.Texture] = WeakCache(self._upload_panorama, _release_texture)

    def sweep(self) -> None:
        """Frees what nothing refers to any more."""
        for cache in (self.meshes, self.textures, self.panoramas):
            cache.sweep()

    def _upload_mesh(self, mesh: Mesh) -> GpuMesh:
        primitives = tuple(self._upload_primitive(part) for part in mesh.primitives if len(part.indices))
        if not primitives:
            return GpuMesh((), np.zeros((8, 3)))
        bounds = np.array([part.bounds for part in primitives])
        low, high = bounds[:, 0].min(axis=0), bounds[:, 1].max(axis=0)
        upper = np.arange(8)[:, None] >> np.arange(3)[None] & 1
        return GpuMesh(primitives, np.where(upper == 1, high, low))

    def _upload_primitive(self, part: Primitive) -> GpuPrimitive:
        used = part.positions[np.unique(part.indices)].astype(np.float64)
        attributes = np.concatenate([part.normals, part.uvs], axis=1, dtype=np.float32)
        make = self._context.buffer
        return GpuPrimitive(
            bounds=(used.min(axis=0), used.max(axis=0)),
            material_slot=part.material_slot,
            positions=make(np.ascontiguousarray(part.positions, dtype=np.float32)),
            attributes=make(np.ascontiguousarray(attributes)),
            colors=None if part.colors is None else make(np.ascontiguousarray(part.colors, dtype=np.float16)),
            indices=make(np.ascontiguousarray(part.indices, dtype=np.uint32)),
        )

    def _upload_texture(self, source: Texture) -> moderngl.Texture:
        data = np.ascontiguousarray(_reduced(source.pixels, self._max_side))
        height, width = data.shape[:2]
        srgb8_alpha8 = 0x8C43
        texture = self._context.texture((width, height), 4, data, internal_format=srgb8_alpha8 if source.srgb else None)
        if source.mips:
            texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR if source.mips else moderngl.LINEAR, moderngl.LINEAR)
        texture.repeat_x = texture.repeat_y = source.wrap != "clamp"
        return texture

    def _upload_panorama(self, source: Panorama) -> moderngl.Texture:
        pixels = np.clip(np.nan_to_num(source.pixels, posinf=65504.0), 0.0, 65504.0)
        pixels = _reduced(pixels, min(_MAX_PANORAMA_SIDE, self._max_side)).astype(np.float16)
        height, width = pixels.shape[:2]
        texture = self._context.texture((width, height), 3, np.ascontiguousarray(pixels), dtype="f2", alignment=1)
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        texture.repeat_x, texture.repeat_y = True, False
        return texture


def _release_mesh(mesh: GpuMesh) -> None:
    for primitive in mesh.primitives:
        primitive.release()


def _release_texture(texture: moderngl.Texture) -> None:
    texture.release()


def _reduced(pixels: NDArray[Any], max_side: int) -> NDArray[Any]:
    """The picture halved until it fits."""
    while max(pixels.shape[:2]) > max_side:
        height, width = (max(side // 2 * 2, 1) for side in pixels.shape[:2])
        rows = (pixels[0:height:2].astype(np.float32) + pixels[min(1, height - 1) : height : 2]) / 2
        halved = (rows[:, 0:width:2] + rows[:, min(1, width - 1) : width : 2]) / 2
        pixels = halved.astype(pixels.dtype)
    return pixels
