"""What a prepared model is like: where it stands, how large it is, what is in its file."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import DracoPy
import numpy as np
import pytest
import trimesh
from glb_builder import BOX_SIZE_M, FLOAT, SHORT, Builder, box, picture, unpack
from PIL import Image

from deep_picture import deep_png
from unrealsynth.errors import ModelError
from unrealsynth.glb import Origin, PreparedModel, Size, Up, prepare

_X, _Y, _Z = (100 * side for side in BOX_SIZE_M)
"""Sides of the box along glTF's axes, cm."""


def _seen_by_trimesh(glb: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Bounds in Unreal's axes as another library loads the file."""
    scene = trimesh.load(io.BytesIO(glb), file_type="glb")
    low, high = scene.bounds
    corners = np.array([low, high]) @ np.array([[100, 0, 0], [0, 0, 100], [0, 100, 0]])
    return corners.min(axis=0), corners.max(axis=0)


def _assert_true(model: PreparedModel) -> None:
    """Stated bounds, hull and file agree."""
    low, high = _seen_by_trimesh(model.glb)
    size = np.ptp([low, high], axis=0).max()
    assert np.allclose(model.bounds_cm, [low, high], atol=1e-5 * size)
    assert np.allclose([np.min(model.hull_cm, axis=0), np.max(model.hull_cm, axis=0)], model.bounds_cm, atol=1e-5)


@pytest.mark.parametrize(
    ("up", "origin", "low", "high"),
    [
        # The box spans 0…2, 0…3, 0…4 m in glTF's x, y, z; Unreal's axes are x, z, y.
        ("y", "keep", (0, 0, 0), (200, 400, 300)),
        ("y", "bottom", (-100, -200, 0), (100, 200, 300)),
        ("z", "keep", (0, -300, 0), (200, 0, 400)),  # +z goes up, so y goes to -z
        ("z", "bottom", (-100, -150, 0), (100, 150, 400)),
        ("x", "keep", (-300, 0, 0), (0, 400, 200)),  # +x goes up, so y goes to -x
        ("-y", "keep", (0, -400, -300), (200, 0, 0)),
        ("-y", "bottom", (-100, -200, 0), (100, 200, 300)),
        ("-z", "keep", (0, 0, -400), (200, 300, 0)),
        ("-x", "keep", (0, 0, -200), (300, 400, 0)),
    ],
)
def test_up_and_origin(up: Up, origin: Origin, low: tuple[float, ...], high: tuple[float, ...]) -> None:
    model = prepare(box().glb(), up=up, origin=origin)
    assert np.allclose(model.bounds_cm, [low, high])
    assert model.rests == (origin == "bottom")
    _assert_true(model)


@pytest.mark.parametrize("up", ["x", "y", "z", "-x", "-y", "-z"])
def test_turning_a_model_up_does_not_mirror_it(up: Up) -> None:
    # A tetrahedron with three different edges: its volume's sign tells its handedness.
    builder = Builder()
    builder.mesh([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]], [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    scene = trimesh.load(io.BytesIO(prepare(builder.glb(), up=up).glb), file_type="glb")
    assert scene.to_geometry().volume == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("size", "scale"),
    [
        (Size(height=75), 75 / _Y),
        (Size(length=75), 75 / _Z),  # the longer horizontal side
        (Size(width=75), 75 / _X),
        (Size(longest=75), 75 / _Z),
    ],
)
def test_size_scales_all_sides_alike(size: Size, scale: float) -> None:
    model = prepare(box().glb(), size=size)
    assert model.size_cm == pytest.approx((_X * scale, _Z * scale, _Y * scale))
    assert model.bounds_cm[0][2] == 0
    _assert_true(model)


def test_size_counts_after_turning_up() -> None:
    assert prepare(box().glb(), up="z", size=Size(height=100)).size_cm == pytest.approx((50, 75, 100))


def test_size_keeps_the_origin_where_it_is() -> None:
    model = prepare(box().glb(), size=Size(height=30), origin="keep")
    assert np.allclose(model.bounds_cm, [(0, 0, 0), (20, 40, 30)])


@pytest.mark.parametrize("size", [Size(), Size(height=1, width=2), Size(height=-3), Size(height=math.nan)])
def test_size_needs_one_positive_side(size: Size) -> None:
    with pytest.raises(ModelError, match="exactly one of height, length, width or longest"):
        prepare(box().glb(), size=size)


def test_a_flat_model_has_no_height_to_scale_by() -> None:
    builder = Builder()
    builder.mesh([[0, 0, 0], [1, 0, 0], [0, 0, 1]])
    assert prepare(builder.glb()).size_cm == (100, 100, 0)
    with pytest.raises(ModelError, match="it is flat"):
        prepare(builder.glb(), size=Size(height=10))


def test_nodes_place_meshes() -> None:
    builder = box()
    half_turn = [0, math.sin(math.pi / 4), 0, math.cos(math.pi / 4)]  # 90° about y: z goes to x, x to -z
    builder.json["nodes"] = [
        {"children": [1], "translation": [10, 0, 0]},
        {"children": [2], "rotation": half_turn},
        {"mesh": 0, "scale": [0.5, 0.5, 0.5]},
    ]
    model = prepare(builder.glb(), origin="keep")
    # The half box spans 0…1, 0…1.5, 0…2; turned 0…2, 0…1.5, -1…0; moved 10…12.
    assert np.allclose(model.bounds_cm, [(1000, -100, 0), (1200, 0, 150)])
    _assert_true(model)


def test_a_matrix_is_read_column_by_column() -> None:
    builder = box()
    builder.json["nodes"] = [{"mesh": 0, "matrix": [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1]}]
    model = prepare(builder.glb(), origin="keep")
    assert np.allclose(model.bounds_cm, [(500, 700, 600), (700, 1100, 1200)])
    _assert_true(model)


def test_a_sheared_mesh_gets_its_vertices_moved() -> None:
    # Stretching the parent of a turned node shears the box: no editor's transform could say so.
    builder = box()
    eighth = [0, math.sin(math.pi / 8), 0, math.cos(math.pi / 8)]
    builder.json["nodes"] = [{"scale": [3, 1, 1], "children": [1]}, {"mesh": 0, "rotation": eighth}]
    model = prepare(builder.glb(), origin="keep")
    document, _ = unpack(model.glb)
    assert "rotation" not in document["nodes"][1]
    # Turned by 45°: x' = (x + z) / √2, z' = (z - x) / √2; then x' three times as long.
    root = math.sqrt(0.5)
    assert np.allclose(model.bounds_cm, [(0, -200 * root, 0), (1800 * root, 400 * root, 300)], atol=1e-3)
    _assert_true(model)


def test_a_mirrored_mesh_keeps_its_outside_outside() -> None:
    builder = box()
    builder.json["nodes"] = [{"mesh": 0, "scale": [-1, 1, 1]}]
    model = prepare(builder.glb(), origin="keep")
    assert np.allclose(model.bounds_cm, [(-200, 0, 0), (0, 400, 300)])
    assert trimesh.load(io.BytesIO(model.glb), file_type="glb").to_geometry().volume == pytest.approx(24.0)


_SQUARE = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]


@pytest.mark.parametrize(
    ("mode", "indices", "triangles"),
    [
        (4, [0, 1, 2, 1, 3, 2], 2),
        (4, [0, 1, 2, 1, 3], 1),  # an incomplete last one
        (4, None, 1),  # four vertices, no indices
        (5, [0, 1, 2, 3], 2),
        (5, None, 2),
        (5, [0, 0, 1, 2, 3, 3], 2),  # a strip that begins and ends on the spot
        (6, [0, 1, 3, 2], 2),
    ],
)
def test_all_kinds_of_triangles_become_lists(mode: int, indices: list[int] | None, triangles: int) -> None:
    builder = Builder()
    builder.mesh(_SQUARE, indices, mode=mode)
    model = prepare(builder.glb())
    assert model.triangles == triangles
    mesh = trimesh.load(io.BytesIO(model.glb), file_type="glb").to_geometry()
    assert mesh.area == pytest.approx(triangles / 2)
    assert abs(mesh.face_normals[:, 2].sum()) == pytest.approx(triangles)  # All the same way round.


def test_points_and_lines_are_left_out_with_a_warning() -> None:
    builder = box()
    far = builder.accessor([[90, 0, 0], [99, 0, 0]])
    builder.json["meshes"][0]["primitives"].append({"attributes": {"POSITION": far}, "mode": 1})
    model = prepare(builder.glb())
    assert model.size_cm == (200, 400, 300)
    assert any("points and lines are left out" in warning for warning in model.warnings)


def test_vertices_that_no_triangle_uses_do_not_count() -> None:
    builder = Builder()
    builder.mesh([[500, 500, 500], *_SQUARE, [math.nan, 0, 0]], [1, 2, 3, 2, 4, 3])
    model = prepare(builder.glb())
    assert model.size_cm == (100, 0, 100)
    document, _ = unpack(model.glb)
    assert document["accessors"][0]["count"] == 4


def test_quantized_positions() -> None:
    builder = Builder()
    quantized = builder.accessor([[0, 0, 0], [32767, 0, 0], [0, -32767, 0]], "i2", normalized=True)
    builder.json["bufferViews"][-1]["byteLength"] -= 0
    builder.json["meshes"].append({"primitives": [{"attributes": {"POSITION": quantized}}]})
    builder.json["nodes"][0]["scale"] = [2, 2, 2]
    builder.json["extensionsUsed"] = builder.json["extensionsRequired"] = ["KHR_mesh_quantization"]
    model = prepare(builder.glb())
    assert model.size_cm == (200, 0, 200)
    document, _ = unpack(model.glb)
    assert document["accessors"][0]["componentType"] == SHORT
    assert document["bufferViews"][0]["byteStride"] == 8  # Rows are padded to 4 bytes.
    assert document["extensionsRequired"] == ["KHR_mesh_quantization"]


def test_sparse_positions_become_plain() -> None:
    builder = box()
    builder.json["accessors"][0]["sparse"] = {
        "count": 2,
        "indices": {"bufferView": builder.view(b"\6\7"), "componentType": 5121},
        "values": {"bufferView": builder.view(np.array([[2, 9, 0], [2, 9, 4]], "<f4").tobytes())},
    }
    model = prepare(builder.glb())
    assert model.size_cm == (200, 400, 900)
    assert b"sparse" not in model.glb
    _assert_true(model)


def test_interleaved_attributes() -> None:
    builder = box()
    rows = np.zeros((8, 6), "<f4")
    rows[:, :3] = np.frombuffer(bytes(builder.binary[:96]), "<f4").reshape(8, 3)
    view = builder.view(rows.tobytes(), byteStride=24)
    builder.json["accessors"][0]["bufferView"] = view
    builder.json["accessors"].append(
        {"bufferView": view, "byteOffset": 12, "componentType": FLOAT, "count": 8, "type": "VEC3"}
    )
    builder.json["meshes"][0]["primitives"][0]["attributes"]["NORMAL"] = len(builder.json["accessors"]) - 1
    model = prepare(builder.glb())
    assert model.size_cm == (200, 400, 300)
    _assert_true(model)


def _draco_box(**options: Any) -> Builder:
    """The box of `box`, its positions compressed."""
    builder = box()
    plain = box()
    points = np.frombuffer(bytes(plain.binary[:96]), "<f4").reshape(8, 3)
    faces = np.frombuffer(bytes(plain.binary[96 : 96 + 72]), "<u2").reshape(12, 3)
    data = DracoPy.encode(points, faces.astype(np.uint32), quantization_bits=16, **options)
    decoded = DracoPy.decode(data)
    builder.json["accessors"] = [
        {"componentType": FLOAT, "count": len(decoded.points), "type": "VEC3"},
        {"componentType": 5125, "count": decoded.faces.size, "type": "SCALAR"},
    ]
    builder.json["meshes"][0]["primitives"][0]["extensions"] = {
        "KHR_draco_mesh_compression": {"bufferView": builder.view(data), "attributes": {"POSITION": 0}}
    }
    builder.json["extensionsRequired"] = builder.json["extensionsUsed"] = ["KHR_draco_mesh_compression"]
    return builder


@pytest.mark.parametrize("level", [0, 7, 10])  # sequential and edgebreaker encoders
def test_draco_stays_compressed(level: int) -> None:
    model = prepare(_draco_box(compression_level=level).glb())
    assert np.allclose(model.bounds_cm, [(-100, -200, 0), (100, 200, 300)], atol=0.01)
    document, _ = unpack(model.glb)
    assert document["extensionsRequired"] == ["KHR_draco_mesh_compression"]
    assert "bufferView" not in document["accessors"][0]
    again = prepare(model.glb, origin="keep")
    assert again.bounds_cm == model.bounds_cm


def test_a_sheared_draco_mesh_is_decompressed() -> None:
    builder = _draco_box()
    builder.json["nodes"][0]["scale"] = [1, 1, 0]
    model = prepare(builder.glb())
    assert model.size_cm == pytest.approx((200, 0, 300), abs=0.01)
    assert b"draco" not in model.glb
    _assert_true(model)


def _skinned(joint: dict[str, Any]) -> Builder:
    """The box hanging on one joint, whose bind matrix moves it down by 1 m; its own node is to be ignored."""
    builder = box()
    primitive = builder.json["meshes"][0]["primitives"][0]
    primitive["attributes"]["JOINTS_0"] = builder.accessor(np.zeros((8, 4)), "u1")
    primitive["attributes"]["WEIGHTS_0"] = builder.accessor(np.tile([1, 0, 0, 0], (8, 1)))
    bind = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, -1, 0, 1]
    builder.json["skins"] = [{"joints": [1], "inverseBindMatrices": builder.accessor([bind])}]
    builder.json["nodes"] = [{"mesh": 0, "skin": 0, "translation": [77, 77, 77]}, joint]
    builder.json["scenes"] = [{"nodes": [0, 1]}]
    builder.json["animations"] = [{"channels": [], "samplers": []}]
    return builder


@pytest.mark.parametrize(
    ("joint", "low", "high"),
    [
        ({}, (0, 0, -100), (200, 400, 200)),
        ({"translation": [0, 1, 0]}, (0, 0, 0), (200, 400, 300)),
        ({"scale": [2, 2, 2]}, (0, 0, -200), (400, 800, 400)),
    ],
)
def test_a_skinned_mesh_stands_as_its_joints_do(
    joint: dict[str, Any], low: tuple[float, ...], high: tuple[float, ...]
) -> None:
    model = prepare(_skinned(joint).glb(), origin="keep")
    assert np.allclose(model.bounds_cm, [low, high])
    assert {"its animations are left out"} < set(model.warnings)
    assert not {"skins", "animations"} & set(unpack(model.glb)[0])
    _assert_true(model)


def test_only_the_default_scene_counts() -> None:
    builder = box()
    builder.json["nodes"] = [{"mesh": 0, "scale": [9, 9, 9]}, {"mesh": 0}]
    builder.json["scenes"] = [{"nodes": [0]}, {"nodes": [1]}]
    builder.json["scene"] = 1
    assert prepare(builder.glb()).size_cm == (200, 400, 300)


def test_without_scenes_all_root_nodes_count() -> None:
    builder = box()
    del builder.json["scenes"], builder.json["scene"]
    builder.json["nodes"] = [{"mesh": 0}, {"children": [2], "translation": [2, 0, 0]}, {"mesh": 0}]
    assert prepare(builder.glb()).size_cm == (400, 400, 300)


def test_what_is_left_out_is_said() -> None:
    builder = box()
    builder.json["meshes"][0]["primitives"][0]["targets"] = [{"POSITION": 0}]
    builder.json["cameras"] = [{"type": "perspective"}]
    lamp = {"KHR_lights_punctual": {"light": 0}}
    builder.json["nodes"] = [{"mesh": 0, "children": [1]}, {"camera": 0, "extensions": lamp}]
    warnings = prepare(builder.glb()).warnings
    for word in ("morph targets", "cameras", "lights"):
        assert any(word in warning for warning in warnings)


@pytest.mark.parametrize(
    ("scale", "words"),
    [(0.002, "very small, 0.4 × 0.8 × 0.6 cm"), (20, "very large, 4,000 × 8,000 × 6,000 cm"), (1, ""), (12, "")],
)
def test_unlikely_sizes_are_warned_of_with_the_numbers(scale: float, words: str) -> None:
    builder = box()
    builder.json["nodes"][0]["scale"] = [scale] * 3
    warnings = [warning for warning in prepare(builder.glb()).warnings if "size:" in warning]
    assert words in warnings[0] if words else not warnings


def test_stated_bounds_are_not_believed() -> None:
    builder = box()
    builder.json["accessors"][0] |= {"min": [0, 0, 0], "max": [50, 50, 50]}
    model = prepare(builder.glb())
    assert model.size_cm == (200, 400, 300)
    assert any("bounds" in warning for warning in model.warnings)
    assert unpack(model.glb)[0]["accessors"][0]["max"] == list(BOX_SIZE_M)


def test_unusable_vertex_data_is_left_out() -> None:
    builder = box()
    attributes = builder.json["meshes"][0]["primitives"][0]["attributes"]
    attributes["NORMAL"] = builder.accessor(np.full((8, 3), np.nan))
    attributes["TEXCOORD_0"] = builder.accessor(np.full((8, 2), 1e20))
    attributes["_SECRET"] = builder.accessor(np.zeros((8, 1)))
    model = prepare(builder.glb())
    assert sorted(unpack(model.glb)[0]["meshes"][0]["primitives"][0]["attributes"]) == ["POSITION", "TEXCOORD_0"]
    assert any("NORMAL" in warning for warning in model.warnings)
    assert any("TEXCOORD_0" in warning and "1e+20" in warning for warning in model.warnings)


def test_materials_and_textures_are_kept() -> None:
    builder = box()
    builder.texture(picture(mode="RGBA"))
    builder.json["samplers"] = [{"wrapS": 33071, "magFilter": 9728}]
    builder.json["textures"][0] |= {"sampler": 0, "extensions": {"EXT_texture_webp": {"source": 9}}}
    transform = {"KHR_texture_transform": {"scale": [2, 2]}}
    sheen = {"sheenColorTexture": {"index": 0, "extensions": transform}, "sheenRoughnessFactor": 0.5}
    builder.json["materials"][0] |= {
        "name": "paint",
        "alphaMode": "MASK",
        "doubleSided": True,
        "emissiveFactor": [1, 0.5, 0],
        "extensions": {"KHR_materials_sheen": sheen, "VENDOR_x": {}},
    }
    model = prepare(builder.glb())
    assert model.is_loose
    document, binary = unpack(model.glb)
    assert document["materials"] == [
        {
            "name": "paint",
            "alphaMode": "MASK",
            "doubleSided": True,
            "emissiveFactor": [1.0, 0.5, 0.0],
            "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}},
            "extensions": {"KHR_materials_sheen": sheen},
        }
    ]
    assert document["textures"] == [{"source": 0, "sampler": 0}]
    assert document["samplers"] == builder.json["samplers"]
    view = document["bufferViews"][document["images"][0]["bufferView"]]
    assert binary[view["byteOffset"] :][: view["byteLength"]] == picture(mode="RGBA")
    assert document["extensionsUsed"] == ["KHR_materials_sheen", "KHR_texture_transform"]


def test_pictures_of_16_bits_get_8() -> None:
    """Editors do not agree on what 16 bits mean."""
    pixels = np.linspace(0, 65535, 16).astype(np.uint16).reshape(4, 4)
    builder = box()
    builder.texture(deep_png(pixels))
    document, binary = unpack(prepare(builder.glb()).glb)
    view = document["bufferViews"][document["images"][0]["bufferView"]]
    data = binary[view["byteOffset"] :][: view["byteLength"]]
    assert data[24] == 8
    assert np.asarray(Image.open(io.BytesIO(data)))[..., 1].tolist() == (pixels >> 8).tolist()


def test_pictures_that_no_material_uses_are_not_looked_at() -> None:
    builder = box()
    builder.json["images"] = [{"uri": "http://127.0.0.1:9/x.png"}]
    assert "images" not in unpack(prepare(builder.glb()).glb)[0]


@pytest.mark.parametrize("name", ["colors.png", "Farben und mehr.png", "farbe-ü.png"])
def test_files_beside_the_model_are_embedded(tmp_path: Path, name: str) -> None:
    (tmp_path / "Textures").mkdir()
    (tmp_path / "Textures" / name).write_bytes(picture())
    builder = box()
    builder.texture(b"")
    builder.json["images"] = [{"uri": f"Textures/{name}".replace(" ", "%20")}]
    builder.json["buffers"][0]["uri"] = "box.bin"
    (tmp_path / "box.bin").write_bytes(bytes(builder.binary))
    builder.binary.clear()
    model = prepare(builder.save(tmp_path / "box.glb"))
    assert not model.self_contained
    assert b"uri" not in model.glb
    document, _ = unpack(model.glb)
    assert document["images"][0]["mimeType"] == "image/png"
    _assert_true(model)


def test_a_gltf_with_data_uris(tmp_path: Path) -> None:
    import base64
    import json

    builder = box()
    data = base64.b64encode(bytes(builder.binary)).decode()
    builder.json["buffers"][0]["uri"] = f"data:application/octet-stream;base64,{data}"
    path = tmp_path / "box.gltf"
    path.write_text(json.dumps(builder.json), encoding="utf-8")
    assert prepare(path).size_cm == (200, 400, 300)


def test_the_same_model_gives_the_same_bytes() -> None:
    builder = box()
    builder.texture(picture())
    first, second = prepare(builder.glb(), size=Size(height=7)), prepare(builder.glb(), size=Size(height=7))
    assert first == second
    assert len(first.glb) % 4 == 0


def test_preparing_a_prepared_model_changes_nothing() -> None:
    first = prepare(box().glb(), up="z", size=Size(longest=50))
    second = prepare(first.glb, origin="keep")
    assert np.allclose(second.bounds_cm, first.bounds_cm, atol=1e-4)


def test_a_mesh_in_many_places_is_stored_once() -> None:
    builder = box()
    builder.json["nodes"] = [{"mesh": 0, "translation": [3 * i, 0, 0]} for i in range(100)]
    builder.json["scenes"] = [{"nodes": list(range(100))}]
    model = prepare(builder.glb())
    assert model.triangles == 1200
    assert model.size_cm[0] == 29_900
    assert len(unpack(model.glb)[0]["meshes"]) == 1
    assert len(model.hull_cm) == 8


def test_author_and_hash_are_kept() -> None:
    import hashlib

    builder = box()
    builder.json["asset"]["copyright"] = "2024 Ana, CC0"
    model = prepare(builder.glb())
    assert model.copyright == unpack(model.glb)[0]["asset"]["copyright"] == "2024 Ana, CC0"
    assert model.sha256 == hashlib.sha256(model.glb).hexdigest()
    assert model.source_sha256 == hashlib.sha256(builder.glb()).hexdigest()
