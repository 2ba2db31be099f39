"""Builds the prepared GLB: one buffer, one scene, a root node with the placed meshes as its children.

Only what the meshes use is written, in the order of first use, so that the same model gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from unrealsynth.errors import ModelError
from unrealsynth.glb import container, pictures, schema
from unrealsynth.glb.accessors import COMPONENTS, DTYPES, Array, Attribute
from unrealsynth.glb.geometry import Geometry
from unrealsynth.glb.limits import Budget
from unrealsynth.glb.resources import Resources

JsonObject: TypeAlias = dict[str, object]

DRACO = "KHR_draco_mesh_compression"
QUANTIZATION = "KHR_mesh_quantization"
TRANSFORM = "KHR_texture_transform"
MATERIAL_EXTENSIONS = frozenset(
    {
        "KHR_materials_clearcoat",
        "KHR_materials_emissive_strength",
        "KHR_materials_ior",
        "KHR_materials_iridescence",
        "KHR_materials_pbrSpecularGlossiness",
        "KHR_materials_sheen",
        "KHR_materials_specular",
        "KHR_materials_transmission",
        "KHR_materials_unlit",
        "KHR_materials_volume",
    }
)
"""Those that Unreal's importer knows; others would be ignored."""
_COMPONENT_TYPES = {dtype: component_type for component_type, dtype in DTYPES.items()}
_TYPES = {components: name for name, components in COMPONENTS.items()}
_VERTICES, _INDICES = 34962, 34963
_MAX_NUMBER = 1e9
"""No factor of a material is larger; single precision holds no more than 1e38."""
_MAX_NAME = 48
"""Unreal makes asset names of these, and paths that are too long for Windows from long ones."""


class ModelWriter:
    """Collects meshes and what they need; `glb` writes them."""

    def __init__(self, gltf: schema.Gltf, resources: Resources, budget: Budget) -> None:
        self._gltf = gltf
        self._resources = resources
        self._budget = budget
        self._binary = bytearray()
        self._lists: dict[str, list[JsonObject]] = {}
        self._written: dict[tuple[str, object], tuple[int, object]] = {}
        self._required: set[str] = set()
        self._used: set[str] = set()

    def mesh(self, name: str, geometries: tuple[Geometry, ...]) -> int:
        """Index of a mesh of these primitives."""
        return self._once("meshes", tuple(map(id, geometries)), geometries, lambda: self._mesh(name, geometries))

    def glb(self, name: str, root: JsonObject, placed: list[JsonObject]) -> bytes:
        """The file: `root` and `placed` are the transforms of nodes, `placed` with their meshes."""
        nodes = [{"name": _name(name), **root, "children": list(range(1, len(placed) + 1))}, *placed]
        asset: JsonObject = {"version": "2.0", "generator": "UnrealSynth"}
        if self._gltf.asset.copyright:
            asset["copyright"] = self._gltf.asset.copyright
        document: JsonObject = {
            "asset": asset,
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": nodes,
            **self._lists,
            "buffers": [{"byteLength": len(self._binary)}],
        }
        if self._used:
            document["extensionsUsed"] = sorted(self._used)
        if self._required:
            document["extensionsRequired"] = sorted(self._required)
        return container.write(document, bytes(self._binary))

    def _once(self, kind: str, key: object, keep: object, build: Callable[[], JsonObject]) -> int:
        """Index in the list `kind` of what `build` makes, made once for each key. `keep` lives as long as the key."""
        if (kind, key) not in self._written:
            item = build()
            items = self._lists.setdefault(kind, [])
            items.append(item)
            self._written[kind, key] = (len(items) - 1, keep)
        return self._written[kind, key][0]

    def _mesh(self, name: str, geometries: tuple[Geometry, ...]) -> JsonObject:
        return {"name": _name(name), "primitives": [self._primitive(geometry) for geometry in geometries]}

    def _primitive(self, geometry: Geometry) -> JsonObject:
        attributes = {
            name: attribute
            for name, attribute in sorted(geometry.attributes.items())
            if not name.startswith(("JOINTS", "WEIGHTS"))
        }
        primitive: JsonObject = {
            "attributes": {
                name: self._attribute(name, attribute, inline=geometry.draco is None)
                for name, attribute in attributes.items()
            },
            "indices": self._indices(geometry),
        }
        if geometry.material is not None:
            primitive["material"] = self._material(geometry.material)
        if geometry.draco is not None and geometry.draco_ids is not None:
            self._use(DRACO, required=True)
            primitive["extensions"] = {
                DRACO: {
                    "bufferView": self._view(geometry.draco.data, geometry.draco),
                    "attributes": {name: geometry.draco_ids[name] for name in attributes},
                }
            }
        return primitive

    def _attribute(self, name: str, attribute: Attribute, *, inline: bool) -> int:
        return self._once(
            "accessors", (id(attribute), inline), attribute, lambda: self._vertex_accessor(name, attribute, inline)
        )

    def _vertex_accessor(self, name: str, attribute: Attribute, inline: bool) -> JsonObject:
        array = attribute.array
        accessor: JsonObject = {
            "componentType": _COMPONENT_TYPES[array.dtype],
            "count": len(array),
            "type": _TYPES[array.shape[1]],
        }
        if inline:
            accessor = {"bufferView": self._view(_aligned(array), attribute, _VERTICES, _stride(array)), **accessor}
        if attribute.normalized:
            accessor["normalized"] = True
        if name == "POSITION":
            accessor |= {"min": array.min(axis=0).tolist(), "max": array.max(axis=0).tolist()}
        if _is_quantized(name, array):
            self._use(QUANTIZATION, required=True)
        return accessor

    def _indices(self, geometry: Geometry) -> int:
        inline = geometry.draco is None
        corners = geometry.triangles.reshape(-1, 1)
        corners = corners.astype("<u2" if corners.max() < 0xFFFF else "<u4")

        def build() -> JsonObject:
            accessor: JsonObject = {
                "componentType": _COMPONENT_TYPES[corners.dtype],
                "count": len(corners),
                "type": "SCALAR",
            }
            if inline:
                accessor = {"bufferView": self._view(corners.tobytes(), geometry, _INDICES), **accessor}
            return accessor

        return self._once("accessors", ("indices", id(geometry)), geometry, build)

    def _view(self, data: bytes, key: object, target: int | None = None, stride: int | None = None) -> int:
        def build() -> JsonObject:
            self._binary.extend(b"\0" * (-len(self._binary) % 4))
            view: JsonObject = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data)}
            if stride is not None:
                view["byteStride"] = stride
            if target is not None:
                view["target"] = target
            self._binary.extend(data)
            return view

        return self._once("bufferViews", (id(key), target), key, build)

    def _material(self, index: int) -> int:
        return self._once("materials", index, None, lambda: self._build_material(index))

    def _build_material(self, index: int) -> JsonObject:
        material = schema.item(self._gltf.materials, index, "material")
        written = material.model_dump(by_alias=True, exclude_none=True, exclude={"extensions", "name"})
        written = {"name": _name(material.name or f"material_{index}"), **self._with_textures(written)}
        if material.alpha_mode:
            written["alphaMode"] = material.alpha_mode
        extensions = {
            name: self._with_textures(value)
            for name, value in (material.extensions or {}).items()
            if name in MATERIAL_EXTENSIONS and isinstance(value, dict)
        }
        if extensions:
            written["extensions"] = extensions
            for name in extensions:
                self._use(name)
        return written

    def _with_textures(self, values: Mapping[str, object]) -> JsonObject:
        """`values` with its textures renumbered, and without what is neither texture, number nor block."""
        written: JsonObject = {}
        for key, value in values.items():
            if key.endswith("Texture") and isinstance(value, dict):
                info = self._texture_info(key, value)
                if info is not None:
                    written[key] = info
            elif isinstance(value, dict):
                written[key] = self._with_textures(value)
            elif _is_plain(value):
                written[key] = value
        return written

    def _texture_info(self, key: str, value: dict[str, object]) -> JsonObject | None:
        try:
            info = schema.TextureInfo.model_validate(value)
        except ValueError:
            raise ModelError(f"the {key} of a material is {value!r:.80}, wanted an index; export it again") from None
        texture = schema.item(self._gltf.textures, info.index, "texture")
        if texture.source is None:
            for name in texture.extensions:
                raise ModelError(f"texture {info.index} needs {name}, which editors do not import; {PLAIN_PICTURES}")
            return None
        written = info.model_dump(by_alias=True, exclude_none=True, exclude={"extensions"})
        written["index"] = self._once("textures", info.index, None, lambda: self._texture(texture))
        transform = (info.extensions or {}).get(TRANSFORM)
        if isinstance(transform, dict):
            written["extensions"] = {TRANSFORM: {name: v for name, v in transform.items() if _is_plain(v)}}
            self._use(TRANSFORM)
        return written

    def _texture(self, texture: schema.Texture) -> JsonObject:
        source = texture.source or 0
        written: JsonObject = {"source": self._image(source)}
        if texture.sampler is not None:
            sampler = schema.item(self._gltf.samplers, texture.sampler, "sampler")
            written["sampler"] = self._once(
                "samplers", texture.sampler, None, lambda: sampler.model_dump(by_alias=True, exclude_none=True)
            )
        return written

    def _image(self, index: int) -> int:
        mime_type, data = self._resources.image(index)
        if pictures.has_16_bits(data):
            data = pictures.as_png(pictures.decoded(data))
        self._budget.take(len(data))
        digest = hashlib.sha256(data).digest()
        name = _name(self._gltf.images[index].name or f"picture_{index}")
        return self._once(
            "images",
            digest,
            None,
            lambda: {"name": name, "mimeType": mime_type, "bufferView": self._view(data, data)},
        )

    def _use(self, extension: str, *, required: bool = False) -> None:
        self._used.add(extension)
        if required:
            self._required.add(extension)


PLAIN_PICTURES = "export it with PNG or JPEG textures"


def _aligned(array: Array) -> bytes:
    """The bytes of `array`, each row padded to 4 bytes."""
    stride = _stride(array)
    if stride is None:
        return array.tobytes()
    rows = np.zeros((len(array), stride), np.uint8)
    rows[:, : array.shape[1] * array.itemsize] = np.ascontiguousarray(array).view(np.uint8)
    return rows.tobytes()


def _stride(array: Array) -> int | None:
    size = array.shape[1] * array.itemsize
    return None if size % 4 == 0 else size + -size % 4


def _is_quantized(name: str, array: Array) -> bool:
    """Whether plain glTF forbids this number format for the attribute."""
    if array.dtype.kind == "f" or name.startswith("COLOR"):
        return False
    return not (name.startswith("TEXCOORD") and array.dtype.kind == "u" and array.itemsize < 4)


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= 16 and all(map(_is_plain, value))
    return isinstance(value, int | float) and abs(value) <= _MAX_NUMBER


def _name(text: str) -> str:
    return text[:_MAX_NAME] or "model"
