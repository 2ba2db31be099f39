"""GLB files as meshes of the renderer, in Unreal's axes: glTF (x, y, z) metres → (100x, 100z, 100y) cm.

All nodes of the default scene become one mesh with their transforms baked in, one material slot for each glTF material
that is used. The swap of axes turns right-handed coordinates into left-handed ones, so the shape is not mirrored and
the order of a triangle's corners stays; only a node that mirrors reverses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import DracoPy
import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.gltf_document import Document, Node
from unrealsynth.embedded.gltf_materials import EVERYTHING, Materials, Rules
from unrealsynth.embedded.renderer.scene import Mesh, Primitive
from unrealsynth.errors import ModelError

Floats = NDArray[np.float32]
Indices = NDArray[np.uint32]

DRACO = "KHR_draco_mesh_compression"
_DECODED = {
    DRACO,
    "KHR_texture_transform",
    "KHR_materials_unlit",
    "KHR_materials_emissive_strength",
    "KHR_materials_pbrSpecularGlossiness",
    "KHR_mesh_quantization",
}
_HARMLESS = {
    "KHR_lights_punctual",
    "KHR_materials_variants",
    "KHR_materials_ior",
    "KHR_materials_clearcoat",
    "KHR_materials_transmission",
    "KHR_materials_volume",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_iridescence",
}
"""Unreal imports these; they change a material's finish and no shape, and are drawn without it."""
_COLLISION = ("UBX_", "UCX_", "MCDCX_", "USP_", "UCP_")
_MAX_NODES = 1_000_000
_MAX_VERTICES = 30_000_000
_UNREAL_FROM_GLTF = np.array([[100.0, 0, 0], [0, 0, 100.0], [0, 100.0, 0]])


@dataclass(frozen=True)
class _Part:
    """A glTF primitive as triangles, in its mesh's own coordinates."""

    positions: Floats
    normals: Floats
    uvs: Floats
    colors: Floats | None
    indices: Indices
    material: int | None


def load_glb(source: bytes | Path, rules: Rules = EVERYTHING) -> Mesh:
    """The mesh of a GLB, given as bytes or as a file.

    Raises:
        ModelError: The file cannot be read, is damaged, needs an extension that is not decoded, or has no triangles.
    """
    name = "GLB"
    if isinstance(source, Path):
        name = str(source)
        try:
            source = source.read_bytes()
        except OSError as error:
            raise ModelError(f"The model {name} cannot be read: {error.strerror or error}.") from error
    return _Loader(Document(source, name), rules).mesh()


class _Loader:
    def __init__(self, document: Document, rules: Rules) -> None:
        self._document = document
        self._rules = rules
        self._root = document.root
        self._materials = Materials(document, rules)
        self._meshes = self._root.children("meshes")
        self._nodes = self._root.children("nodes")
        self._parts: dict[int, list[_Part]] = {}

    def mesh(self) -> Mesh:
        required = set(self._root.texts("extensionsRequired"))
        unknown = sorted(required - _DECODED - _HARMLESS)
        if unknown:
            raise self._document.fail(f"it requires {', '.join(unknown)}, which is not supported; export it without")
        placed: dict[int, list[tuple[_Part, NDArray[np.float64]]]] = {}
        vertices = 0
        for mesh, matrix in self._placements():
            for part in self._mesh_parts(mesh):
                vertices += len(part.positions)
                if vertices > _MAX_VERTICES:
                    raise self._document.fail(f"it has more than {_MAX_VERTICES} vertices")
                placed.setdefault(-1 if part.material is None else part.material, []).append((part, matrix))
        if not placed:
            raise self._document.fail("its default scene holds no triangles")
        slots = sorted(placed, key=lambda material: (material < 0, material))
        made = [self._materials.material(None if material < 0 else material)[0] for material in slots]
        primitives = tuple(self._joined(placed[material], slot) for slot, material in enumerate(slots))
        return Mesh(primitives, tuple(made))

    def _placements(self) -> list[tuple[int, NDArray[np.float64]]]:
        """Every mesh of the default scene with the matrix of its node, depth first."""
        scenes = self._root.children("scenes")
        if scenes:
            scene = scenes[self._root.integer("scene", 0, below=len(scenes))]
            roots = scene.integers("nodes")
        else:
            children = {child for node in self._nodes for child in node.integers("children")}
            roots = [index for index in range(len(self._nodes)) if index not in children]
        found = []
        labels = []
        seen: set[int] = set()
        waiting = [(index, np.eye(4)) for index in reversed(roots)]
        while waiting:
            index, above = waiting.pop()
            if not 0 <= index < min(len(self._nodes), _MAX_NODES):
                raise self._document.fail(f"it refers to nodes[{index}], but has {len(self._nodes)} nodes")
            if index in seen:
                raise self._document.fail(f"nodes[{index}] is reached twice; a node may have one parent")
            seen.add(index)
            node = self._nodes[index]
            matrix = above @ _local_matrix(node)
            mesh = node.index("mesh")
            if mesh is not None:
                if mesh >= len(self._meshes):
                    raise node.fail("mesh", mesh, f"below {len(self._meshes)}")
                found.append((mesh, matrix))
                # Unreal goes by the node's name and makes one up where there is none.
                labels.append(node.text("name", "") or self._meshes[mesh].text("name", ""))
            waiting.extend((child, matrix) for child in reversed(node.integers("children")))
        if not self._rules.collision_names:
            return found
        return [item for item, label in zip(found, labels, strict=True) if not _is_collision(label, labels)]

    def _mesh_parts(self, index: int) -> list[_Part]:
        if index not in self._parts:
            parts = (self._part(primitive) for primitive in self._meshes[index].children("primitives"))
            self._parts[index] = [part for part in parts if part is not None]
        return self._parts[index]

    def _part(self, primitive: Node) -> _Part | None:
        mode = primitive.integer("mode", 4)
        if mode < 4:
            return None  # points and lines
        if mode > 6:
            raise primitive.fail("mode", mode, "0 to 6")
        attributes = primitive.child("attributes")
        if attributes is None or "POSITION" not in attributes:
            raise self._document.fail(f"{primitive.where} has no positions")
        material = primitive.index("material")
        uv_set = self._materials.material(material)[1]
        compressed = primitive.extension(DRACO)
        if compressed is not None:
            values, indices = self._draco(compressed, attributes, uv_set)
        else:
            values = self._attributes(attributes, uv_set)
            accessor = primitive.index("indices")
            if accessor is None:
                indices = np.arange(len(values["POSITION"]), dtype=np.uint32)
            else:
                raw = self._document.accessor(accessor, (1,))
                if not np.issubdtype(raw.dtype, np.unsignedinteger):
                    raise primitive.fail("indices", accessor, "an accessor of unsigned integers")
                indices = raw[:, 0].astype(np.uint32)
        positions = values["POSITION"]
        triangles = _triangles(indices, mode)
        if len(triangles) and int(triangles.max()) >= len(positions):
            raise self._document.fail(
                f"{primitive.where} refers to vertex {int(triangles.max())}, but has {len(positions)} vertices"
            )
        if not len(triangles):
            return None
        normals, uvs, colors = values.get("NORMAL"), values.get("TEXCOORD"), values.get("COLOR")
        for name, array in values.items():
            if len(array) != len(positions):
                raise self._document.fail(
                    f"{primitive.where} has {len(positions)} positions, but {len(array)} values of {name}"
                )
        if normals is None:  # the specification asks for flat shading
            corners = triangles.ravel()
            positions = positions[corners]
            uvs, colors = (None if array is None else array[corners] for array in (uvs, colors))
            triangles = np.arange(len(corners), dtype=np.uint32).reshape(-1, 3)
            normals = _face_normals(positions, triangles).repeat(3, axis=0)
        if uvs is None:
            uvs = np.zeros((len(positions), 2), dtype=np.float32)
        if colors is not None and colors.shape[1] == 3:
            colors = np.concatenate([colors, np.ones((len(colors), 1), dtype=np.float32)], axis=1)
        return _Part(positions, normals, uvs, colors, triangles, material)

    def _attributes(self, attributes: Node, uv_set: int) -> dict[str, Floats]:
        wanted = {
            "POSITION": ("POSITION", (3,)),
            "NORMAL": ("NORMAL", (3,)),
            "TEXCOORD": (f"TEXCOORD_{uv_set}", (2,)),
            "COLOR": ("COLOR_0", (3, 4)),
        }
        return {
            key: self._document.floats(attributes.integer(name), components)
            for key, (name, components) in wanted.items()
            if name in attributes
        }

    def _draco(self, compressed: Node, attributes: Node, uv_set: int) -> tuple[dict[str, Floats], Indices]:
        data, _ = self._document.buffer_view(compressed.integer("bufferView"))
        identities = compressed.child("attributes")
        if identities is None or "POSITION" not in identities:
            raise self._document.fail(f"{compressed.where} has no positions")
        try:
            decoded = DracoPy.decode(bytes(data))
        except Exception as error:  # DracoPy documents no exceptions
            raise self._document.fail(f"{compressed.where} cannot be decoded ({error})") from error
        values: dict[str, Floats] = {}
        for key, name in (
            ("POSITION", "POSITION"),
            ("NORMAL", "NORMAL"),
            ("TEXCOORD", f"TEXCOORD_{uv_set}"),
            ("COLOR", "COLOR_0"),
        ):
            if name not in identities:
                continue
            found = decoded.get_attribute_by_unique_id(identities.integer(name))
            if found is None:
                raise self._document.fail(f"{compressed.where} lacks the attribute {name}")
            # The accessor declares the type; the decoder widens 16 bits to 32.
            array = self._document.fractions(np.asarray(found["data"]), attributes.integer(name))
            if array.ndim != 2 or array.shape[1] not in {"TEXCOORD": (2,), "COLOR": (3, 4)}.get(key, (3,)):
                raise self._document.fail(f"{compressed.where} holds {name} of shape {array.shape}")
            if not np.isfinite(array).all():
                raise self._document.fail(f"{compressed.where} holds values that are not finite numbers")
            values[key] = array
        return values, np.asarray(decoded.faces, dtype=np.uint32).ravel()

    def _joined(self, placed: list[tuple[_Part, NDArray[np.float64]]], slot: int) -> Primitive:
        """All parts of one material as one primitive in Unreal's axes."""
        colored = any(part.colors is not None for part, _ in placed)
        positions, normals, indices, colors = [], [], [], []
        start = 0
        for part, matrix in placed:
            linear = _UNREAL_FROM_GLTF @ matrix[:3, :3]
            with np.errstate(over="ignore", invalid="ignore"):
                moved = part.positions @ linear.T + _UNREAL_FROM_GLTF @ matrix[:3, 3]
            if not (np.abs(moved) < 1e12).all():
                raise self._document.fail("a node scales or moves its mesh out of the range of numbers")
            positions.append(moved.astype(np.float32))
            # The determinant of the swap of axes is negative too: a node that mirrors has a positive one here.
            mirrored = bool(np.linalg.det(matrix[:3, :3]) < 0)
            normals.append(_turned(part, linear))
            indices.append((part.indices[:, ::-1] if mirrored else part.indices) + np.uint32(start))
            start += len(part.positions)
            if colored:
                white = np.ones((len(part.positions), 4), dtype=np.float32)
                colors.append(white if part.colors is None else part.colors)
        return Primitive(
            positions=np.concatenate(positions),
            normals=np.concatenate(normals),
            uvs=np.concatenate([part.uvs for part, _ in placed]),
            indices=np.concatenate(indices),
            material_slot=slot,
            colors=np.concatenate(colors) if colored else None,
        )


def _is_collision(label: str, labels: list[str]) -> bool:
    """Whether a part is called after another, UCX_Body or UCX_Body_01 after Body."""
    body = label.partition("_")[2]
    return label.startswith(_COLLISION) and (body in labels or body.rpartition("_")[0] in labels)


def _local_matrix(node: Node) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.asarray(np.array(node.numbers("matrix", (0.0,) * 16)).reshape(4, 4).T)
    x, y, z, w = node.numbers("rotation", (0.0, 0.0, 0.0, 1.0))
    norm = x * x + y * y + z * z + w * w
    factor = 2 / norm if norm > 1e-30 else 0.0
    rotation = np.eye(3) - factor * np.array(
        [
            [y * y + z * z, z * w - x * y, -x * z - y * w],
            [-x * y - z * w, x * x + z * z, x * w - y * z],
            [y * w - x * z, -y * z - x * w, x * x + y * y],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.array(node.numbers("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.numbers("translation", (0.0, 0.0, 0.0))
    return matrix


def _triangles(indices: Indices, mode: int) -> Indices:
    """(n, 3) corners from a list (4), a strip (5) or a fan (6); a rest that makes no triangle is dropped."""
    if mode == 4:
        return indices[: len(indices) // 3 * 3].reshape(-1, 3)
    count = max(len(indices) - 2, 0)
    steps = np.arange(count)
    if mode == 6:
        return np.stack([indices[1 : count + 1], indices[2 : count + 2], np.broadcast_to(indices[:1], count)], axis=1)
    odd = steps % 2
    strip = np.stack([indices[steps], indices[steps + 1 + odd], indices[steps + 2 - odd]], axis=1)
    a, b, c = strip.T
    return np.asarray(strip[(a != b) & (b != c) & (a != c)])


def _face_normals(positions: Floats, triangles: Indices) -> Floats:
    a, b, c = (positions[triangles[:, corner]] for corner in range(3))
    return _unit(np.cross(b - a, c - a))


def _turned(part: _Part, linear: NDArray[np.float64]) -> Floats:
    """Normals in Unreal's axes: by the inverse transpose of `linear`, up to scale."""
    x, y, z = linear.T
    cofactors = np.stack([np.cross(y, z), np.cross(z, x), np.cross(x, y)], axis=1)
    if np.linalg.det(linear) < 0:
        cofactors = -cofactors
    return _unit(part.normals @ (cofactors / max(float(np.abs(cofactors).max()), 1e-30)).T)


def _unit(vectors: NDArray[np.floating]) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.maximum(length, 1e-20)
    return np.where(length > 1e-20, units, (0.0, 0.0, 1.0)).astype(np.float32)
