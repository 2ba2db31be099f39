"""The built-in models: valid GLBs of the right size, closed, wound outward, the same on every call."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys

import numpy as np
import pytest
import trimesh
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from unrealsynth.errors import ModelError
from unrealsynth.library import models

# Along x, y (up) and z in metres, as the real things measure, and how far a model may be off.
SIZES = {
    "asphalt_patch": ((2.6, 0.0016, 1.7), 0.001),
    "barrier": ((1.25, 0.80, 0.40), 0.03),
    "bush": ((2.0, 1.6, 2.0), 0.5),
    "concrete_barrier": ((2.0, 0.81, 0.60), 0.02),
    "conifer": ((4.6, 9.0, 4.6), 0.6),
    "crate": ((0.9, 0.72, 0.7), 0.03),
    "damp_patch": ((3.6, 0.0018, 3.6), 0.001),
    "dirt_patch": ((4.5, 0.003, 4.5), 0.001),
    "drain_grate": ((0.5, 0.002, 0.4), 0.001),
    "ear_muffs": ((0.21, 0.20, 0.075), 0.02),
    "excavator": ((6.6, 3.5, 2.5), 0.3),
    "fence": ((3.6, 2.0, 0.68), 0.1),
    "fire_extinguisher": ((0.25, 0.52, 0.17), 0.03),
    "fire_extinguisher_lying": ((0.52, 0.2, 0.23), 0.07),
    "first_aid_kit": ((0.30, 0.26, 0.11), 0.02),
    "gravel_heap": ((5.2, 1.9, 4.6), 0.4),
    "grove": ((17.0, 8.0, 17.0), 2.0),
    "hard_hat": ((0.30, 0.16, 0.23), 0.02),
    "hard_hat_blue": ((0.30, 0.16, 0.23), 0.02),
    "hard_hat_red": ((0.30, 0.16, 0.23), 0.02),
    "hard_hat_tipped": ((0.3, 0.23, 0.2), 0.05),
    "hard_hat_white": ((0.30, 0.16, 0.23), 0.02),
    "hard_hat_white_tipped": ((0.3, 0.23, 0.2), 0.05),
    "hill": ((48.0, 5.7, 22.0), 1.0),
    "kerb": ((8.0, 0.12, 1.57), 0.02),
    "lane_line": ((48.0, 0.002, 0.15), 0.001),
    "lane_line_dashed": ((43.0, 0.002, 0.15), 0.001),
    "lane_line_yellow": ((48.0, 0.002, 0.36), 0.001),
    "manhole_cover": ((0.84, 0.002, 0.84), 0.001),
    "oil_drum": ((0.595, 0.88, 0.595), 0.01),  # 200 l, ISO 15750
    "oil_drum_red": ((0.595, 0.88, 0.595), 0.01),
    "pallet": ((1.2, 0.144, 0.8), 0.01),  # EN 13698-1
    "puddle": ((2.8, 0.002, 2.0), 0.001),
    "road_arrow": ((5.0, 0.002, 0.84), 0.001),
    "rock": ((1.4, 0.85, 1.1), 0.3),
    "rock_flat": ((1.8, 0.5, 1.3), 0.4),
    "safety_boots": ((0.31, 0.23, 0.26), 0.03),
    "safety_boots_lying": ((0.23, 0.31, 0.26), 0.06),
    "safety_vest": ((0.39, 1.6, 0.46), 0.04),
    "safety_vest_orange": ((0.39, 1.6, 0.46), 0.04),
    "sealed_cracks": ((6.0, 0.0015, 6.0), 0.001),
    "shipping_container": ((6.058, 2.591, 2.438), 0.03),  # ISO 668, 1CC
    "shipping_container_blue": ((6.058, 2.591, 2.438), 0.03),
    "stain": ((1.6, 0.0022, 1.6), 0.001),
    "stop_sign": ((0.75, 2.6, 0.15), 0.05),  # plate of 75 cm
    "street_lamp": ((1.8, 6.0, 0.3), 0.1),
    "street_lamp_lit": ((1.8, 6.0, 0.3), 0.1),
    "track_prints": ((9.0, 0.004, 2.9), 0.001),
    "traffic_cone": ((0.41, 0.75, 0.41), 0.01),
    "traffic_cone_lying": ((0.76, 0.41, 0.45), 0.08),
    "tree": ((6.5, 7.8, 6.5), 0.6),
    "tyre_marks": ((11.0, 0.0024, 4.2), 0.001),
    "tyre_stack": ((0.68, 0.78, 0.67), 0.03),
    "verge": ((48.0, 0.008, 36.0), 0.001),
    "warehouse": ((24.5, 6.7, 10.6), 0.3),
    "zebra_crossing": ((3.6, 0.002, 13.5), 0.001),
}


Meshes = dict[str, list[trimesh.Trimesh]]


def is_cut_out(mesh: trimesh.Trimesh) -> bool:
    """Leaves: cards that end at their rim."""
    return mesh.visual.material.alphaMode == "MASK"


def is_tiled(mesh: trimesh.Trimesh) -> bool:
    """Land: a picture that repeats over the surface, of even roughness."""
    return mesh.visual.material.metallicRoughnessTexture is None and not is_cut_out(mesh)


def welded(mesh: trimesh.Trimesh) -> np.ndarray:
    """Triangles over points instead of vertices: those closer than 4 µm are one."""
    points = np.asarray(mesh.vertices)
    pairs = cKDTree(points).query_pairs(4e-6, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(points), len(points)))
    return connected_components(links, directed=False)[1][np.asarray(mesh.faces)]


def test_names_are_sorted_and_all_measured() -> None:
    assert models.names() == tuple(sorted(SIZES))


@pytest.mark.parametrize("name", sorted(SIZES))
def test_size_is_that_of_the_real_thing(name: str, meshes: Meshes) -> None:
    wanted, tolerance = SIZES[name]
    points = np.concatenate([mesh.vertices for mesh in meshes[name]])
    low, high = points.min(axis=0), points.max(axis=0)
    assert high - low == pytest.approx(wanted, abs=tolerance)
    assert low[1] == pytest.approx(0.0, abs=1e-6)
    assert (low + high)[[0, 2]] == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("name", sorted(SIZES))
def test_surfaces_are_closed_and_wound_outward(name: str, meshes: Meshes) -> None:
    for mesh in meshes[name]:
        if is_cut_out(mesh):
            continue
        triangles = welded(mesh)
        assert (triangles != np.roll(triangles, 1, axis=1)).all(), "a triangle without area"
        edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]).astype(np.int64)
        forward, backward = edges @ [1 << 32, 1], edges @ [1, 1 << 32]
        # Each edge is passed as often in one direction as in the other: by its two triangles.
        assert np.array_equal(np.sort(forward), np.sort(backward))
        corners = mesh.vertices[mesh.faces]
        volume = np.einsum("ni,ni->n", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0
        count = triangles.max() + 1
        links = coo_matrix((np.ones(len(edges)), edges.T), shape=(count, count))
        part = connected_components(links, directed=False)[1][triangles[:, 0]]
        assert np.bincount(part, volume)[np.unique(part)].min() > 0.0


@pytest.mark.parametrize("name", sorted(SIZES))
def test_vertex_normals_point_out_of_the_surface(name: str, meshes: Meshes) -> None:
    for mesh in meshes[name]:
        assert np.abs(np.linalg.norm(mesh.vertex_normals, axis=1) - 1.0).max() < 1e-4
        if is_cut_out(mesh):
            continue
        corners = mesh.vertices[mesh.faces]
        facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        shading = mesh.vertex_normals[mesh.faces].sum(axis=1)
        against = np.einsum("ni,ni->n", facing, shading) <= 0.0
        assert np.linalg.norm(facing[against], axis=1).sum() < 1e-3 * np.linalg.norm(facing, axis=1).sum()


@pytest.mark.parametrize("name", sorted(SIZES))
def test_textures_and_triangles_are_of_sensible_size(name: str, meshes: Meshes) -> None:
    assert 10 <= sum(len(mesh.faces) for mesh in meshes[name]) <= 25_000
    for mesh in meshes[name]:
        material = mesh.visual.material
        assert 256 <= material.baseColorTexture.width == material.baseColorTexture.height <= 1024
        uv = np.asarray(mesh.visual.uv)
        assert is_tiled(mesh) or (uv.min() >= 0.0 and uv.max() <= 1.0)
        if not is_cut_out(mesh) and not is_tiled(mesh):
            assert (
                material.metallicRoughnessTexture.size == material.normalTexture.size == material.baseColorTexture.size
            )


@pytest.mark.parametrize("name", ["traffic_cone", "tree"])
def test_container_follows_the_format(name: str, glbs: dict[str, bytes]) -> None:
    """Read with nothing but the specification: header, chunks, alignment, bounds."""
    data = glbs[name]
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    document = json.loads(data[20 : 20 + size])
    binary_size, binary_kind = struct.unpack_from("<I4s", data, 20 + size)
    assert (kind, binary_kind) == (b"JSON", b"BIN\0")
    assert size % 4 == binary_size % 4 == 0
    assert document["buffers"][0]["byteLength"] <= binary_size
    for view in document["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= document["buffers"][0]["byteLength"]
    for primitive in document["meshes"][0]["primitives"]:
        accessor = document["accessors"][primitive["attributes"]["POSITION"]]
        start = 20 + size + 8 + document["bufferViews"][accessor["bufferView"]]["byteOffset"]
        positions = np.frombuffer(data, "<f4", accessor["count"] * 3, start).reshape(-1, 3)
        assert accessor["min"] == positions.min(axis=0).tolist()
        assert accessor["max"] == positions.max(axis=0).tolist()


def test_same_bytes_in_another_process(glbs: dict[str, bytes]) -> None:
    names = ["traffic_cone", "bush", "ear_muffs"]
    script = (
        "import hashlib; from unrealsynth.library import models\n"
        f"for name in {names[::-1]}: print(hashlib.sha256(models.glb(name)).hexdigest())"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.split() == [hashlib.sha256(glbs[name]).hexdigest() for name in names[::-1]]


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("trafic_cone", "Did you mean builtin:traffic_cone?"),  # misspelt
        ("hardhat", "Did you mean builtin:hard_hat?"),  # no underscore
        ("zeppelin", "The library has asphalt_patch, barrier,"),  # nothing near
    ],
)
def test_unknown_name_is_a_sentence(name: str, suggestion: str) -> None:
    with pytest.raises(ModelError) as raised:
        models.glb(name)
    assert f"builtin:{name}" in str(raised.value)
    assert suggestion in str(raised.value)
