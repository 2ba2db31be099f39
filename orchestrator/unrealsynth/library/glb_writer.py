"""Writes binary glTF 2.0: one mesh, a primitive for each surface, textures embedded as PNG.

The same arrays give the same bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unrealsynth.library.mesh import Reals
from unrealsynth.library.pixels import encode_png

Json = Mapping[str, "Json"] | Sequence["Json"] | str | float | bool | None

_FLOAT, _UINT16, _UINT32 = 5126, 5123, 5125
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles of one material. Positions in metres, Y up; images have their first row on top."""

    positions: Reals
    normals: Reals
    uvs: Reals
    triangles: NDArray[np.int64]
    base_color: NDArray[np.uint8]
    """(h, w, 3), or (h, w, 4) for a material that is cut out where alpha is under one half."""
    occlusion_roughness_metallic: NDArray[np.uint8] | None = None
    normal_map: NDArray[np.uint8] | None = None
    roughness: float = 1.0
    """Used where no texture says otherwise; then the metallic factor is 0."""
    emissive: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Radiance that it gives off, linear 0…1."""


class _Buffer:
    """The binary chunk as it grows, with its views, accessors and images."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Json]] = []
        self.accessors: list[dict[str, Json]] = []
        self.images: list[dict[str, Json]] = []

    def _view(self, data: bytes, target: int | None) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        view: dict[str, Json] = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self.data += data
        self.views.append(view)
        return len(self.views) - 1

    def vectors(self, values: Reals, *, with_bounds: bool = False) -> int:
        """An accessor of float vectors."""
        array = np.ascontiguousarray(values, dtype="<f4")
        accessor: dict[str, Json] = {
            "bufferView": self._view(array.tobytes(), _ARRAY_BUFFER),
            "componentType": _FLOAT,
            "count": len(array),
            "type": f"VEC{array.shape[1]}",
        }
        if with_bounds:
            accessor["min"] = [float(value) for value in array.min(axis=0)]
            accessor["max"] = [float(value) for value in array.max(axis=0)]
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def indices(self, triangles: NDArray[np.int64]) -> int:
        wide = int(triangles.max()) > 65534
        array = np.ascontiguousarray(triangles.ravel(), dtype="<u4" if wide else "<u2")
        self.accessors.append(
            {
                "bufferView": self._view(array.tobytes(), _ELEMENT_ARRAY_BUFFER),
                "componentType": _UINT32 if wide else _UINT16,
                "count": len(array),
                "type": "SCALAR",
            }
        )
        return len(self.accessors) - 1

    def texture(self, pixels: NDArray[np.uint8]) -> dict[str, Json]:
        """A reference to a new texture; texture and image have the same number."""
        self.images.append({"bufferView": self._view(encode_png(pixels), None), "mimeType": "image/png"})
        return {"index": len(self.images) - 1}


def write_glb(name: str, surfaces: Sequence[Surface]) -> bytes:
    """The model as the bytes of a `.glb` file."""
    buffer = _Buffer()
    primitives: list[Json] = []
    materials: list[Json] = []
    for surface in surfaces:
        attributes: dict[str, Json] = {
            "POSITION": buffer.vectors(surface.positions, with_bounds=True),
            "NORMAL": buffer.vectors(surface.normals),
            "TEXCOORD_0": buffer.vectors(surface.uvs),
        }
        indices = buffer.indices(surface.triangles)
        primitives.append({"attributes": attributes, "indices": indices, "material": len(materials)})
        materials.append(_material(f"{name}_{len(materials)}", surface, buffer))
    document: dict[str, Json] = {
        "asset": {"version": "2.0", "generator": "UnrealSynth"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [{"name": name, "primitives": primitives}],
        "materials": materials,
        "textures": [{"sampler": 0, "source": k} for k in range(len(buffer.images))],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497}],
        "images": buffer.images,
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }
    return _container(json.dumps(document, separators=(",", ":")).encode("ascii"), bytes(buffer.data))


def _material(name: str, surface: Surface, buffer: _Buffer) -> Json:
    shading: dict[str, Json] = {"baseColorTexture": buffer.texture(surface.base_color)}
    material: dict[str, Json] = {"name": name, "pbrMetallicRoughness": shading}
    if surface.occlusion_roughness_metallic is None:
        shading |= {"metallicFactor": 0.0, "roughnessFactor": surface.roughness}
    else:
        packed = buffer.texture(surface.occlusion_roughness_metallic)
        shading["metallicRoughnessTexture"] = packed
        material["occlusionTexture"] = packed
    if surface.normal_map is not None:
        material["normalTexture"] = buffer.texture(surface.normal_map)
    if any(surface.emissive):
        material["emissiveFactor"] = list(surface.emissive)
    if surface.base_color.shape[2] == 4:
        material |= {"alphaMode": "MASK", "alphaCutoff": 0.5}
    return material


def _container(document: bytes, data: bytes) -> bytes:
    document += b" " * (-len(document) % 4)
    data += b"\0" * (-len(data) % 4)
    chunks = struct.pack("<II", len(document), 0x4E4F534A) + document + struct.pack("<II", len(data), 0x004E4942) + data
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks
