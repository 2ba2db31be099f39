"""GLB files built here by hand, by trimesh and by DracoPy, and what becomes of them in Unreal's axes."""

from __future__ import annotations

import base64
import copy
import io
import json
import struct
import time
from pathlib import Path

import DracoPy
import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from unrealsynth.embedded.gltf import load_glb
from unrealsynth.embedded.renderer.scene import Mesh
from unrealsynth.errors import ModelError

TYPES = {"b": 5120, "B": 5121, "h": 5122, "H": 5123, "I": 5125, "f": 5126}


class Builder:
    """Collects accessors in one buffer; `glb` writes the file."""

    def __init__(self) -> None:
        self.data = b""
        self.json: dict[str, object] = {
            "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
            "accessors": [], "bufferViews": [], "materials": [], "textures": [], "images": [],
        }  # fmt: skip

    def view(self, data: bytes, **extra: object) -> int:
        views: list[object] = self.json["bufferViews"]  # type: ignore[assignment]
        views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data), **extra})
        self.data += data + bytes(-len(data) % 4)
        return len(views) - 1

    def accessor(self, values: object, code: str = "f", **extra: object) -> int:
        array = np.asarray(values, dtype=code)
        width = 1 if array.ndim == 1 else array.shape[1]
        accessors: list[object] = self.json["accessors"]  # type: ignore[assignment]
        kind = "SCALAR" if array.ndim == 1 else f"VEC{width}"
        view = self.view(array.tobytes())
        accessors.append({"bufferView": view, "componentType": TYPES[code], "count": len(array), "type": kind, **extra})
        return len(accessors) - 1

    def picture(self, pixels: np.ndarray) -> int:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        images: list[object] = self.json["images"]  # type: ignore[assignment]
        images.append({"bufferView": self.view(file.getvalue()), "mimeType": "image/png"})
        textures: list[object] = self.json["textures"]  # type: ignore[assignment]
        textures.append({"source": len(images) - 1})
        return len(textures) - 1

    def glb(self, **changes: object) -> bytes:
        content = {**self.json, "buffers": [{"byteLength": len(self.data)}], **changes}
        text = json.dumps(content).encode()
        text += b" " * (-len(text) % 4)
        length = 12 + 8 + len(text) + 8 + len(self.data)
        return (
            struct.pack("<III", 0x46546C67, 2, length)
            + struct.pack("<II", len(text), 0x4E4F534A) + text
            + struct.pack("<II", len(self.data), 0x004E4942) + self.data
        )  # fmt: skip


CORNERS = [[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]]
NORMALS = [[0, 0, 1]] * 4


def builder(*, indices: list[int] | None = (0, 1, 2), mode: int | None = None, **primitive: object) -> Builder:  # type: ignore[assignment]
    made = Builder()
    attributes = {"POSITION": made.accessor(CORNERS), "NORMAL": made.accessor(NORMALS)}
    part: dict[str, object] = {"attributes": attributes, **primitive}
    if indices is not None:
        part["indices"] = made.accessor(list(indices), "H")
    if mode is not None:
        part["mode"] = mode
    made.json["meshes"] = [{"primitives": [part]}]
    return made


def part_of(made: Builder) -> dict[str, object]:
    return made.json["meshes"][0]["primitives"][0]  # type: ignore[index,no-any-return]


def corners(mesh: Mesh) -> np.ndarray:
    """(triangles, 3, 3) positions."""
    return np.concatenate([part.positions[part.indices] for part in mesh.primitives])


def test_axes_and_units() -> None:
    mesh = load_glb(builder(indices=[0, 1, 2, 0, 2, 3]).glb())
    # (x, y, z) metres → (100x, 100z, 100y) cm, corner by corner, in the same order
    expected = [[[0, 0, 0], [100, 0, 0], [0, 0, 200]], [[0, 0, 0], [0, 0, 200], [0, 300, 0]]]
    np.testing.assert_allclose(corners(mesh), expected)
    np.testing.assert_allclose(mesh.primitives[0].normals, [[0, 1, 0]] * 4)
    assert len(mesh.materials) == 1 and mesh.primitives[0].material_slot == 0


@pytest.mark.parametrize(
    ("node", "moved"),
    [
        ({"translation": [1, 2, 3]}, [[100, 300, 200], [200, 300, 200], [100, 300, 400]]),
        # A quarter turn about glTF's y takes x to -z, which is Unreal's -Y
        ({"rotation": [0, 0.70710678, 0, 0.70710678]}, [[0, 0, 0], [0, -100, 0], [0, 0, 200]]),
        # Scale first, then turn about z by 90°: x to y, y to -x
        (
            {"scale": [2, 3, 1], "rotation": [0, 0, 0.70710678, 0.70710678]},
            [[0, 0, 0], [0, 0, 200], [-600, 0, 0]],
        ),
        # Column by column: x to z, y to x, z to y, moved by 5 along y
        (
            {"matrix": [0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 1]},
            [[0, 0, 500], [0, 100, 500], [200, 0, 500]],
        ),
    ],
)
def test_node_transforms(node: dict[str, object], moved: list[list[float]]) -> None:
    mesh = load_glb(builder().glb(nodes=[{"mesh": 0, **node}]))
    np.testing.assert_allclose(corners(mesh)[0], moved, atol=1e-3)


def test_nested_and_instanced_nodes() -> None:
    nodes = [
        {"children": [1, 2], "translation": [10, 0, 0]},
        {"mesh": 0, "scale": [2, 2, 2]},
        {"mesh": 0, "translation": [0, 1, 0]},
    ]
    found = corners(load_glb(builder().glb(nodes=nodes)))
    np.testing.assert_allclose(found[0], [[1000, 0, 0], [1200, 0, 0], [1000, 0, 400]])
    np.testing.assert_allclose(found[1], [[1000, 0, 100], [1100, 0, 100], [1000, 0, 300]])


def test_mirroring_node_turns_the_winding() -> None:
    mesh = load_glb(builder().glb(nodes=[{"mesh": 0, "scale": [-1, 1, 1]}]))
    np.testing.assert_allclose(corners(mesh)[0], [[0, 0, 200], [-100, 0, 0], [0, 0, 0]])
    # Its front is still where the normal points: in left-handed axes against the usual cross product.
    a, b, c = corners(mesh)[0]
    assert np.cross(b - a, c - a) @ mesh.primitives[0].normals[0] < 0


def test_only_the_default_scene_is_loaded() -> None:
    nodes = [{"mesh": 0}, {"mesh": 0, "translation": [9, 0, 0]}]
    scenes = [{"nodes": [0]}, {"nodes": [1]}]
    assert corners(load_glb(builder().glb(nodes=nodes, scenes=scenes, scene=1)))[..., 0].min() == 900
    both = corners(load_glb(builder().glb(nodes=nodes, scenes=[], scene=0)))
    assert len(both) == 2  # without scenes every root counts


@pytest.mark.parametrize(
    ("mode", "indices", "expected"),
    [
        (4, [0, 1, 2, 0, 2, 3, 1], [[0, 1, 2], [0, 2, 3]]),  # a rest is dropped
        (5, [0, 1, 2, 3], [[0, 1, 2], [1, 3, 2]]),  # every second triangle of a strip runs the other way
        (5, [0, 1, 2, 2, 3], [[0, 1, 2]]),  # degenerate joints of strips vanish
        (6, [0, 1, 2, 3], [[1, 2, 0], [2, 3, 0]]),
    ],
)
def test_primitive_modes(mode: int, indices: list[int], expected: list[list[int]]) -> None:
    mesh = load_glb(builder(indices=indices, mode=mode).glb())
    np.testing.assert_array_equal(mesh.primitives[0].indices, expected)


def test_points_and_lines_are_ignored() -> None:
    made = builder()
    line = {**part_of(made), "mode": 1}
    made.json["meshes"] = [{"primitives": [line, part_of(made)]}]
    assert len(corners(load_glb(made.glb()))) == 1
    made.json["meshes"] = [{"primitives": [line]}]
    with pytest.raises(ModelError, match="no triangles"):
        load_glb(made.glb())


def test_no_indices_and_no_normals() -> None:
    made = builder(indices=None)
    del part_of(made)["attributes"]["NORMAL"]  # type: ignore[attr-defined]
    mesh = load_glb(made.glb())
    assert len(corners(mesh)) == 1
    # The face in glTF's plane z = 0 looks along +z, Unreal's +Y.
    np.testing.assert_allclose(mesh.primitives[0].normals, [[0, 1, 0]] * 3, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "code", "normalized", "expected"),
    [
        ([[0, 255], [51, 102], [0, 0], [0, 0]], "B", True, [[0, 1], [0.2, 0.4]]),
        ([[0, 65535], [13107, 0], [0, 0], [0, 0]], "H", True, [[0, 1], [0.2, 0]]),
        ([[-127, 127], [-128, 0], [0, 0], [0, 0]], "b", True, [[-1, 1], [-1, 0]]),
        ([[3, 4], [5, 6], [0, 0], [0, 0]], "B", False, [[3, 4], [5, 6]]),
        ([[0.25, 7.5], [-1, 0], [0, 0], [0, 0]], "f", False, [[0.25, 7.5], [-1, 0]]),
    ],
)
def test_component_types(values: list[list[float]], code: str, normalized: bool, expected: list[list[float]]) -> None:
    made = builder()
    if code in "bB" or code == "H":  # rows start at multiples of four bytes
        array = np.asarray(values, dtype=code)
        padded = np.zeros((4, 4), dtype=code)
        padded[:, :2] = array
        view = made.view(padded.tobytes(), byteStride=padded.strides[0])
        accessor = {
            "bufferView": view,
            "componentType": TYPES[code],
            "count": 4,
            "type": "VEC2",
            "normalized": normalized,
        }
        made.json["accessors"].append(accessor)  # type: ignore[attr-defined]
        index = len(made.json["accessors"]) - 1  # type: ignore[arg-type]
    else:
        index = made.accessor(values, code)
    part_of(made)["attributes"]["TEXCOORD_0"] = index  # type: ignore[index]
    np.testing.assert_allclose(load_glb(made.glb()).primitives[0].uvs[:2], expected, atol=1e-5)


def test_sparse_accessor() -> None:
    made = builder()
    positions = part_of(made)["attributes"]["POSITION"]  # type: ignore[index]
    sparse = {
        "count": 2,
        "indices": {"bufferView": made.view(np.array([1, 3], "H").tobytes()), "componentType": 5123},
        "values": {"bufferView": made.view(np.array([[7, 8, 9], [0, 0, 0]], "f").tobytes())},
    }
    made.json["accessors"][positions]["sparse"] = sparse  # type: ignore[index]
    np.testing.assert_allclose(corners(load_glb(made.glb()))[0], [[0, 0, 0], [700, 900, 800], [0, 0, 200]])


@pytest.mark.parametrize("width", [3, 4])
def test_vertex_colours(width: int) -> None:
    made = builder()
    colours = [[1, 0.5, 0.25, 0.5][:width]] * 4
    part_of(made)["attributes"]["COLOR_0"] = made.accessor(colours)  # type: ignore[index]
    found = load_glb(made.glb()).primitives[0].colors
    assert found is not None
    np.testing.assert_allclose(found[0], [1, 0.5, 0.25, 0.5 if width == 4 else 1])


def test_one_slot_for_each_material_that_is_used() -> None:
    made = builder(material=2)
    made.json["materials"] = [{}, {"pbrMetallicRoughness": {"metallicFactor": 0.25}}, {"doubleSided": True}]
    other = {**part_of(made), "material": 1}
    bare = {key: value for key, value in part_of(made).items() if key != "material"}
    made.json["meshes"] = [{"primitives": [part_of(made), other, bare, other]}]
    mesh = load_glb(made.glb())
    assert [part.material_slot for part in mesh.primitives] == [0, 1, 2]
    assert [len(part.indices) for part in mesh.primitives] == [2, 1, 1]
    assert [m.metallic for m in mesh.materials] == [0.25, 1.0, 1.0]
    assert [m.two_sided for m in mesh.materials] == [False, True, False]


def test_material_values_and_shared_textures() -> None:
    made = builder(material=0)
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 200
    texture = made.picture(red)
    made.json["materials"] = [
        {
            "pbrMetallicRoughness": {
                "baseColorFactor": [0.1, 0.2, 0.3, 0.4], "metallicFactor": 0.5, "roughnessFactor": 0.6,
                "baseColorTexture": {"index": texture}, "metallicRoughnessTexture": {"index": texture},
            },
            "normalTexture": {"index": texture, "scale": 0.7},
            "occlusionTexture": {"index": texture, "strength": 0.8},
            "emissiveTexture": {"index": texture}, "emissiveFactor": [1, 0.5, 0],
            "alphaMode": "MASK", "alphaCutoff": 0.3,
            "extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 4}, "KHR_materials_unlit": {}},
        }
    ]  # fmt: skip
    material = load_glb(made.glb()).materials[0]
    assert material.base_color == (0.1, 0.2, 0.3, 0.4) and (material.metallic, material.roughness) == (0.5, 0.6)
    assert material.emissive == (4, 2, 0) and material.unlit
    assert (material.alpha_mode, material.alpha_cutoff) == ("mask", 0.3)
    assert (material.normal_scale, material.occlusion_strength) == (0.7, 0.8)
    assert material.base_color_texture is material.emissive_texture is not None
    assert material.normal_texture is material.metallic_roughness_texture is material.occlusion_texture is not None
    assert material.base_color_texture.srgb and not material.normal_texture.srgb
    assert material.base_color_texture.pixels[0, 0].tolist() == [200, 0, 0, 255]


def test_texture_transform_and_wrapping() -> None:
    made = builder(material=0)
    texture = made.picture(np.zeros((2, 2, 3), np.uint8))
    transform = {"offset": [0.5, 0.25], "rotation": np.pi / 2, "scale": [2, 3]}
    info = {"index": texture, "extensions": {"KHR_texture_transform": transform}}
    made.json["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": info}}]
    made.json["samplers"] = [{"wrapS": 33071}]
    made.json["textures"][0]["sampler"] = 0  # type: ignore[index]
    material = load_glb(made.glb(extensionsRequired=["KHR_texture_transform"])).materials[0]
    # Scaled (1, 0) is (2, 0); anticlockwise with v downwards it becomes (0, -2); then the offset.
    a, b, c, d, e, f = material.uv_transform
    assert (a + c, d + f) == pytest.approx((0.5, -1.75))
    assert (b + c, e + f) == pytest.approx((3.5, 0.25))
    assert material.base_color_texture is not None and material.base_color_texture.wrap == "clamp"


@pytest.mark.parametrize(
    ("diffuse", "specular", "glossiness", "metallic", "base"),
    [
        ([0.5, 0.4, 0.3, 1], [0.04, 0.04, 0.04], 0.25, 0.0, [0.5, 0.4, 0.3]),  # a plain dielectric
        ([0, 0, 0, 1], [0.9, 0.8, 0.7], 0.5, 1.0, [0.9, 0.8, 0.7]),  # a metal
    ],
)
def test_specular_glossiness(
    diffuse: list[float], specular: list[float], glossiness: float, metallic: float, base: list[float]
) -> None:
    made = builder(material=0)
    gloss = {"diffuseFactor": diffuse, "specularFactor": specular, "glossinessFactor": glossiness}
    made.json["materials"] = [{"extensions": {"KHR_materials_pbrSpecularGlossiness": gloss}}]
    plain = load_glb(made.glb()).materials[0]
    assert plain.metallic == pytest.approx(metallic, abs=0.02) and plain.roughness == pytest.approx(1 - glossiness)
    np.testing.assert_allclose(plain.base_color[:3], base, atol=0.02)
    # The same through a white texture
    gloss["diffuseTexture"] = gloss["specularGlossinessTexture"] = {  # type: ignore[assignment]
        "index": made.picture(np.full((2, 2, 4), 255, np.uint8))
    }
    textured = load_glb(made.glb()).materials[0]
    assert textured.base_color_texture is not None and textured.metallic_roughness_texture is not None
    linear = (np.array(base) + 0.055) / 1.055
    encoded = np.where(np.array(base) < 0.0031, np.array(base) * 12.92, 1.055 * np.array(base) ** (1 / 2.4) - 0.055)
    assert linear.shape == (3,)
    np.testing.assert_allclose(textured.base_color_texture.pixels[0, 0, :3] / 255, encoded, atol=0.02)
    surface = textured.metallic_roughness_texture.pixels[0, 0] / 255
    np.testing.assert_allclose(surface[1:3], [1 - glossiness, metallic], atol=0.02)


def test_draco() -> None:
    # Corners in order; without quantization errors worth speaking of.
    data = DracoPy.encode(np.array(CORNERS, "f"), np.array([[0, 1, 2], [0, 2, 3]]), quantization_bits=16)
    made = builder()
    identity = DracoPy.decode(data).attributes[0]["unique_id"]
    extension = {"bufferView": made.view(data), "attributes": {"POSITION": identity}}
    part_of(made)["extensions"] = {"KHR_draco_mesh_compression": extension}
    found = corners(load_glb(made.glb(extensionsRequired=["KHR_draco_mesh_compression"])))
    expected = {
        tuple(map(tuple, t)) for t in ([[0, 0, 0], [100, 0, 0], [0, 0, 200]], [[0, 0, 0], [0, 0, 200], [0, 300, 0]])
    }

    def rolled(triangle: np.ndarray) -> tuple[tuple[float, ...], ...]:
        start = int(np.lexsort(triangle.T[::-1])[0])  # the corner does not matter where it starts
        return tuple(map(tuple, np.roll(triangle, -start, axis=0).round(0).tolist()))

    assert {rolled(t) for t in found} == {rolled(np.array(t)) for t in expected}
    extension["bufferView"] = made.view(data[:40])
    with pytest.raises(ModelError, match="decoded"):
        load_glb(made.glb())


def test_draco_colours_of_16_bits() -> None:
    colours = np.array([[65535, 13107, 0, 32768]] * 4, np.uint16)
    data = DracoPy.encode(
        np.array(CORNERS, "f"), np.array([[0, 1, 2]]), quantization_bits=16, generic_attributes={3: colours}
    )
    position = next(a["unique_id"] for a in DracoPy.decode(data).attributes if a["attribute_type"] == 0)
    made = builder()
    part_of(made)["attributes"]["COLOR_0"] = made.accessor(colours, "H", normalized=True)  # type: ignore[index]
    extension = {"bufferView": made.view(data), "attributes": {"POSITION": position, "COLOR_0": 3}}
    part_of(made)["extensions"] = {"KHR_draco_mesh_compression": extension}
    found = load_glb(made.glb()).primitives[0].colors
    assert found is not None
    np.testing.assert_allclose(found[0], [1.0, 0.2, 0.0, 0.5], atol=1e-4)


def test_trimesh_writes_the_same_shape() -> None:
    shape = trimesh.creation.annulus(r_min=0.3, r_max=1.0, height=0.7)
    shape.apply_transform(trimesh.transformations.rotation_matrix(0.7, (1, 2, 3), (0.3, 0, 0)))
    mesh = load_glb(trimesh.Scene(shape).export(file_type="glb"))
    expected = np.asarray(shape.triangles)[..., [0, 2, 1]] * 100
    np.testing.assert_allclose(np.sort(corners(mesh), axis=None), np.sort(expected, axis=None), atol=1e-3)
    # In left-handed axes the volume by the usual formula is the negative of trimesh's.
    a, b, c = corners(mesh).transpose(1, 0, 2)
    assert np.einsum("ij,ij->", a, np.cross(b, c)) / 6 == pytest.approx(-shape.volume * 1e6, rel=1e-3)


def test_file_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "modèle à 1.glb"
    file.write_bytes(builder().glb())
    assert len(corners(load_glb(file))) == 1
    with pytest.raises(ModelError, match=r"nothing\.glb cannot be read"):
        load_glb(tmp_path / "nothing.glb")


def test_embedded_uri() -> None:
    made = builder()
    uri = "data:application/octet-stream;base64," + base64.b64encode(made.data).decode()
    data = made.glb(buffers=[{"byteLength": len(made.data), "uri": uri}])
    assert len(corners(load_glb(data))) == 1


def damaged(change: str) -> bytes:
    """A file with one fault."""
    made = builder(material=0)
    made.json["materials"] = [{}]
    data = made.glb()
    accessor = copy.deepcopy(made.json["accessors"])
    part = copy.deepcopy(part_of(made))
    first = accessor[0]  # type: ignore[index]
    match change:
        case "empty":
            return b""
        case "text":
            return b"this is not a model, it is a sentence in a file"
        case "cut":
            return data[:-20]
        case "version":
            return data[:4] + struct.pack("<I", 1) + data[8:]
        case "json":
            return data[:20] + b"!" + data[21:]
        case "deep":
            text = b"[" * 100_000 + b" " * 0
            text += b" " * (-len(text) % 4)
            return struct.pack("<IIIII", 0x46546C67, 2, 20 + len(text), len(text), 0x4E4F534A) + text
        case "chunk":
            return data[:12] + struct.pack("<I", 2**32 - 16) + data[16:]
        case "count":
            return made.glb(accessors=[{**first, "count": 10**12}, *accessor[1:]])  # type: ignore[index]
        case "count too large for the view":
            return made.glb(accessors=[{**first, "count": 5}, *accessor[1:]])  # type: ignore[index]
        case "negative offset":
            return made.glb(accessors=[{**first, "byteOffset": -4}, *accessor[1:]])  # type: ignore[index]
        case "component type":
            return made.glb(accessors=[{**first, "componentType": 1}, *accessor[1:]])  # type: ignore[index]
        case "type":
            return made.glb(accessors=[{**first, "type": "VEC2"}, *accessor[1:]])  # type: ignore[index]
        case "view":
            return made.glb(bufferViews=[{"buffer": 0, "byteOffset": 10**9, "byteLength": 48}] * 3)
        case "index":
            made = builder(indices=[0, 1, 4])
            return made.glb()
        case "mode":
            return made.glb(meshes=[{"primitives": [{**part, "mode": 9}]}])
        case "no positions":
            return made.glb(meshes=[{"primitives": [{"attributes": {}}]}])
        case "material":
            return made.glb(meshes=[{"primitives": [{**part, "material": 3}]}])
        case "mesh":
            return made.glb(nodes=[{"mesh": 3}])
        case "cycle":
            return made.glb(nodes=[{"children": [1]}, {"children": [0]}])
        case "nodes":
            return made.glb(scenes=[{"nodes": [5]}])
        case "scene":
            return made.glb(scene=4)
        case "scale":
            return made.glb(nodes=[{"mesh": 0, "scale": [1e30, 1, 1]}])
        case "not a number":
            part_of(made)["attributes"]["POSITION"] = made.accessor([[np.nan] * 3] * 4)  # type: ignore[index]
            return made.glb()
        case "other file":
            return made.glb(buffers=[{"byteLength": 8, "uri": "../../etc/passwd"}])
        case "extension":
            return made.glb(extensionsRequired=["EXT_meshopt_compression"])
        case "image":
            made.json["images"] = [{"bufferView": made.view(b"\x89PNG\r\n\x1a\n" + bytes(40))}]
            made.json["textures"] = [{"source": 0}]
            made.json["materials"] = [{"emissiveTexture": {"index": 0}}]
            return made.glb()
        case "large image":
            file = io.BytesIO()
            Image.new("1", (20_000, 20_000)).save(file, "PNG")
            made.json["images"] = [{"bufferView": made.view(file.getvalue())}]
            made.json["textures"] = [{"source": 0}]
            made.json["materials"] = [{"emissiveTexture": {"index": 0}}]
            return made.glb()
        case "list":
            return made.glb(nodes={"mesh": 0})
    raise AssertionError(change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("empty", "too few"),
        ("text", "does not begin as a GLB"),
        ("cut", "cut off"),
        ("version", "version 1"),
        ("json", "JSON is broken"),
        ("deep", "JSON is broken"),
        ("chunk", "more than the file has"),
        ("count", r"accessors\[0\].count"),
        ("count too large for the view", r"accessors\[0\] asks for 5 elements"),
        ("negative offset", r"accessors\[0\].byteOffset is -4"),
        ("component type", "componentType"),
        ("type", r"accessors\[0\].type"),
        ("view", "ends at byte"),
        ("index", "vertex 4, but has 4"),
        ("mode", r"primitives\[0\].mode is 9"),
        ("no positions", "no positions"),
        ("material", r"materials\[3\]"),
        ("mesh", r"nodes\[0\].mesh is 3"),
        ("cycle", "reached twice"),
        ("nodes", r"nodes\[5\]"),
        ("scene", "scene is 4"),
        ("scale", "out of the range"),
        ("not a number", "not finite"),
        ("other file", "lies in another file"),
        ("extension", "EXT_meshopt_compression"),
        ("image", "not a readable PNG or JPEG"),
        ("large image", "400000000 pixels|20000 × 20000"),
        ("list", "must be a list"),
    ],
)
def test_faults_are_named(change: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load_glb(damaged(change))


def whole_file() -> bytes:
    made = builder(material=0, indices=[0, 1, 2, 0, 2, 3])
    made.json["materials"] = [{"normalTexture": {"index": made.picture(np.zeros((4, 4, 3), np.uint8))}}]
    return made.glb()


@settings(max_examples=150)
@given(st.data())
def test_damage_never_crashes(data: st.DataObject) -> None:
    content = bytearray(whole_file())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(12, len(content))) :]
    try:
        mesh = load_glb(bytes(content))
    except ModelError as error:
        assert str(error).startswith("The model GLB")
    else:
        assert np.isfinite(corners(mesh)).all()


def test_a_large_file_loads_quickly() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=6)  # 82,000 triangles, about 2 MB
    data = trimesh.Scene(sphere).export(file_type="glb")
    load_glb(data)
    start = time.process_time()
    load_glb(data)
    assert time.process_time() - start < 0.3
