"""Imports: models, pictures and panoramas as assets, found by listing their folder."""

from __future__ import annotations

import gc
import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine, Switches
from unrealsynth.embedded.unreal._radiance import read_hdr
from unrealsynth.errors import ModelError

FOLDER = "/Game/Imported/first"


@pytest.fixture(autouse=True)
def _engine(engine: Engine) -> None:
    """All of this needs an engine."""


def two_boxes(folder: Path) -> Path:
    """Two boxes of 1 × 2 × 3 m, one of them 10 m along glTF's x and up by 1 m."""
    scene = trimesh.Scene()
    for name, offset, color in (("left", (0, 0, 0), (255, 0, 0, 255)), ("right", (10, 1, 0), (0, 255, 0, 255))):
        box = trimesh.creation.box((1, 2, 3))
        box.visual = trimesh.visual.TextureVisuals(
            material=trimesh.visual.material.PBRMaterial(baseColorFactor=color, name=name)
        )
        scene.add_geometry(box, node_name=name, transform=trimesh.transformations.translation_matrix(offset))
    path = folder / "two boxes.glb"
    path.write_bytes(scene.export(file_type="glb"))
    return path


@pytest.fixture
def kept() -> list[Any]:
    """Pipelines live only as long as a script holds them."""
    return []


@pytest.fixture
def pipelines(kept: list[Any]) -> Any:
    def stack(combine: bool = True) -> Any:
        override = unreal.InterchangePipelineStackOverride()
        generic = unreal.InterchangeGenericAssetsPipeline()
        generic.mesh_pipeline.combine_static_meshes = combine
        kept.extend((generic, unreal.InterchangeGLTFPipeline()))
        for pipeline in kept:
            override.add_pipeline(pipeline)
        return override

    return stack


def run(file: Path, options: Any = None, folder: str = FOLDER) -> Any:
    task = unreal.AssetImportTask()
    for name, value in (
        ("filename", str(file)),
        ("destination_path", folder),
        ("automated", True),
        ("replace_existing", True),
        ("options", options),
    ):
        task.set_editor_property(name, value)
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
    return task


def found(kind: Any, folder: str = FOLDER) -> list[Any]:
    paths = unreal.EditorAssetLibrary.list_assets(folder)
    assets = [unreal.EditorAssetLibrary.load_asset(path) for path in paths]
    return [asset for asset in assets if isinstance(asset, kind)]


def test_a_combined_model_in_unreals_axes(tmp_path: Path, pipelines: Any) -> None:
    task = run(two_boxes(tmp_path), pipelines())
    [mesh] = found(unreal.StaticMesh)
    assert mesh in list(task.get_objects())
    assert mesh.get_path_name() in list(task.imported_object_paths)
    box = mesh.get_bounding_box()
    # glTF (x, y, z) m is Unreal (x, z, y) × 100: from (-0.5, -1, -1.5) to (10.5, 2, 1.5).
    assert (box.min.x, box.min.y, box.min.z) == pytest.approx((-50.0, -150.0, -100.0), abs=1e-3)
    assert (box.max.x, box.max.y, box.max.z) == pytest.approx((1050.0, 150.0, 200.0), abs=1e-3)
    bounds = mesh.get_bounds()
    assert (bounds.origin.x, bounds.box_extent.x) == (pytest.approx(500.0), pytest.approx(550.0))
    assert mesh.get_num_sections(0) == 2
    assert mesh.get_num_triangles(0) == 24
    assert len(mesh.static_materials) == 2
    assert isinstance(mesh.get_material(1), unreal.MaterialInstanceConstant)
    assert mesh.get_material(2) is None


def test_without_combining_there_is_a_mesh_for_each_part(tmp_path: Path, pipelines: Any) -> None:
    run(two_boxes(tmp_path), pipelines(combine=False))
    assert len(found(unreal.StaticMesh)) == 2


def test_options_of_a_task_may_not_take_effect(tmp_path: Path, renderer: Any, pipelines: Any) -> None:
    Engine(tmp_path, renderer, switches=Switches(task_options_apply=False))
    file = two_boxes(tmp_path)
    run(file, pipelines())
    assert len(found(unreal.StaticMesh)) == 2
    override = pipelines()
    parameters = unreal.ImportAssetParameters()
    parameters.is_automated = True
    parameters.override_pipelines = override.override_pipelines
    manager = unreal.InterchangeManager.get_interchange_manager_scripted()
    made = manager.import_asset("/Game/second", unreal.InterchangeManager.create_source_data(str(file)), parameters)
    assert len(found(unreal.StaticMesh, "/Game/second")) == 1
    assert len(made) == 3


def test_a_pipeline_that_nobody_holds_has_no_effect(tmp_path: Path, kept: list[Any], pipelines: Any) -> None:
    override = pipelines()
    kept.clear()
    gc.collect()
    run(two_boxes(tmp_path), override)
    assert len(found(unreal.StaticMesh)) == 2, "the project's own settings do not combine"


def test_names_do_not_follow_from_the_files(tmp_path: Path, pipelines: Any) -> None:
    run(two_boxes(tmp_path), pipelines())
    [mesh] = found(unreal.StaticMesh)
    assert mesh.get_name() != "two boxes"
    assert not unreal.EditorAssetLibrary.does_asset_exist(f"{FOLDER}/two boxes")
    assert mesh.get_path_name() == f"{FOLDER}/{mesh.get_name()}.{mesh.get_name()}"


def test_importing_again_does_not_kill_what_is_there(tmp_path: Path, pipelines: Any) -> None:
    file = two_boxes(tmp_path)
    run(file, pipelines())
    [first] = found(unreal.StaticMesh)
    run(file, pipelines())
    assert first.get_num_lods() == 1
    assert len(found(unreal.StaticMesh)) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.glb", b"glTF"),
        ("broken.png", b"\x89PNG\r\n\x1a\n"),
        ("broken.hdr", b"#?RADIANCE\n"),
        ("model.fbx", b"any"),
        ("missing.glb", None),
    ],
)
def test_a_failed_import_is_a_line_in_the_log_and_no_asset(
    name: str, content: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture, pipelines: Any
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    task = run(tmp_path / name, pipelines())
    assert list(task.get_objects()) == []
    assert list(unreal.EditorAssetLibrary.list_assets(FOLDER)) == []
    assert f"{name} failed" in caplog.text


@pytest.mark.parametrize(("name", "mode"), [("a.png", "RGB"), ("b.png", "L"), ("c.jpg", "RGB"), ("d.PNG", "RGBA")])
def test_pictures(name: str, mode: str, tmp_path: Path) -> None:
    Image.new(mode, (4, 2), 128 if mode == "L" else (128,) * len(mode)).save(tmp_path / name)
    run(tmp_path / name)
    [texture] = found(unreal.Texture2D)
    assert (texture.blueprint_get_size_x(), texture.blueprint_get_size_y()) == (4, 2)
    assert texture.srgb
    assert abs(int(texture._pixels[1, 3, 0]) - 128) <= 1


def bare_pipeline(kept: list[Any], **texture: bool) -> Any:
    """The options of a pipeline made by a script, with some of what it says of textures changed."""
    generic = unreal.InterchangeGenericAssetsPipeline()
    generic.material_pipeline.texture_pipeline.set_editor_properties(texture)
    override = unreal.InterchangePipelineStackOverride()
    override.add_pipeline(generic)
    kept.append(generic)
    return override


@pytest.mark.parametrize(("size", "mips", "compression"), [((8, 4), True, 0), ((12, 8), False, 0), ((6, 8), False, 7)])
def test_sides_that_are_no_powers_of_two(
    size: tuple[int, int], mips: bool, compression: int, tmp_path: Path, kept: list[Any], caplog: Any
) -> None:
    Image.new("RGB", size, "red").save(tmp_path / "a.png")
    run(tmp_path / "a.png", bare_pipeline(kept), "/Game/bare")
    assert len(found(unreal.Texture2D, "/Game/bare")) == int(mips)
    assert ("no powers of two" in caplog.text) is not mips
    run(tmp_path / "a.png", bare_pipeline(kept, allow_non_power_of_two=True))
    [texture] = found(unreal.Texture2D)
    assert texture._scene_texture().mips is mips
    assert texture.compression_settings.value == compression


def test_textures_of_models_may_be_dropped_too(tmp_path: Path, kept: list[Any], caplog: Any) -> None:
    shape = trimesh.creation.box((1, 1, 1))
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.new("RGB", (12, 8), "red"))
    shape.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=material)
    path = tmp_path / "a.glb"
    path.write_bytes(trimesh.Scene(shape).export(file_type="glb"))
    for folder, allowed in (("/Game/a", False), ("/Game/b", True)):
        run(path, bare_pipeline(kept, allow_non_power_of_two=allowed), folder)
        [mesh] = found(unreal.StaticMesh, folder)
        assert (mesh._mesh.materials[0].base_color_texture is not None) is allowed
    assert "is 12x8; its sides are no powers of two" in caplog.text


def test_deep_pictures_are_taken_for_linear(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 0x8001, np.uint16)).save(tmp_path / "a.png")
    run(tmp_path / "a.png")
    [texture] = found(unreal.Texture2D)
    assert not texture.srgb
    assert (texture._pixels[..., :3] == 128).all()


@pytest.mark.parametrize("detected", [True, False])
def test_what_looks_like_a_normal_map(detected: bool, tmp_path: Path, kept: list[Any]) -> None:
    # The sky is none, but its blue looks like one.
    for name, color in (("normals.png", (128, 120, 255)), ("sky.png", (90, 130, 255)), ("stone.png", (130, 110, 90))):
        Image.new("RGB", (4, 4), color).save(tmp_path / name)
        run(tmp_path / name, bare_pipeline(kept, detect_normal_map_texture=detected), f"/Game/{name[:3]}")
        [texture] = found(unreal.Texture2D, f"/Game/{name[:3]}")
        assert texture._is_normal_map() is (detected and name != "stone.png")
        assert texture.srgb is not texture._is_normal_map()


def test_large_textures_become_virtual_where_the_project_says_so(engine: Engine, tmp_path: Path) -> None:
    Image.new("RGB", (4096, 4096)).save(tmp_path / "a.png")
    for virtual in ("0", "1"):
        engine.execute(f"r.VirtualTextures {virtual}")
        run(tmp_path / "a.png", None, f"/Game/{virtual}")
        [texture] = found(unreal.Texture2D, f"/Game/{virtual}")
        assert texture.get_editor_property("virtual_texture_streaming") is (virtual == "1")


@pytest.mark.parametrize(("name", "sides"), [("UCX_left", 1), ("UCX_left_01", 1), ("UCX_other", 2), ("right", 2)])
def test_parts_with_names_of_collision_vanish(name: str, sides: int, tmp_path: Path, kept: list[Any]) -> None:
    scene = trimesh.Scene()
    for node, offset in (("left", 0), (name, 10)):
        scene.add_geometry(
            trimesh.creation.box((1, 1, 1)),
            node_name=node,
            transform=trimesh.transformations.translation_matrix((offset, 0, 0)),
        )
    path = tmp_path / "a.glb"
    path.write_bytes(scene.export(file_type="glb"))
    for folder, by_name in (("/Game/a", True), ("/Game/b", False)):
        override = bare_pipeline(kept)
        kept[-1].mesh_pipeline.combine_static_meshes = True
        # Whether collision is imported at all does not matter.
        kept[-1].mesh_pipeline.collision = False
        kept[-1].mesh_pipeline.import_collision_according_to_mesh_name = by_name
        run(path, override, folder)
        [mesh] = found(unreal.StaticMesh, folder)
        assert mesh.get_num_triangles(0) == 12 * (sides if by_name else 2)


def hdr(scanlines: bytes, width: int, height: int) -> bytes:
    return b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\nEXPOSURE=1.0\n\n-Y %d +X %d\n" % (height, width) + scanlines


def packed(channel: bytes) -> bytes:
    """Run lengths: single bytes as a plain run, equal ones as a repeat."""
    if len(set(channel)) == 1:
        return bytes((128 + len(channel), channel[0]))
    return bytes((len(channel),)) + channel


def test_a_panorama(tmp_path: Path) -> None:
    # Mantissa m and exponent e stand for m · 2^(e - 136): 128 and 129 are 1, 64 and 130 are 1 as well.
    row = struct.pack("BBBB", 2, 2, 0, 8)
    row += packed(bytes([128] * 8)) + packed(bytes(range(0, 256, 32))) + packed(bytes(8)) + packed(bytes([129] * 8))
    (tmp_path / "sky.hdr").write_bytes(hdr(row * 2, 8, 2))
    run(tmp_path / "sky.hdr")
    [cube] = found(unreal.TextureCube)
    pixels = cube._panorama.pixels
    assert pixels.shape == (2, 8, 3)
    assert pixels[1, :, 0].tolist() == [1.0] * 8
    assert pixels[0, :, 1].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]
    assert not cube.srgb


@given(st.integers(1, 7), st.integers(1, 3), st.randoms(use_true_random=False))
def test_plain_pixels_of_narrow_panoramas(width: int, height: int, random: Any) -> None:
    rgbe = np.array([random.randrange(256) for _ in range(width * height * 4)], np.uint8).reshape(height, width, 4)
    path = Path("memory.hdr")
    data = hdr(rgbe.tobytes(), width, height)
    wanted = rgbe[..., :3] * 2.0 ** (rgbe[..., 3:].astype(float) - 136.0) * (rgbe[..., 3:] > 0)

    class Memory(type(path)):  # type: ignore[misc]
        def read_bytes(self) -> bytes:
            return io.BytesIO(data).read()

    assert np.allclose(read_hdr(Memory("memory.hdr")), wanted, rtol=1e-6)


@pytest.mark.parametrize(
    "data",
    [
        b"no radiance",
        b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n+Y 2 +X 8\n",  # bottom row first
        hdr(b"", 8, 2),
        hdr(struct.pack("BBBB", 2, 2, 0, 8) + bytes((130, 1)) * 50, 8, 2)[:-60],
        hdr(struct.pack("BBBB", 2, 2, 0, 8) + bytes((255, 1)) * 4, 8, 1),  # a run past the end
        hdr(struct.pack("BBBB", 2, 2, 0, 8) + bytes(64), 8, 1),  # runs of nothing
        hdr(b"", 10**6, 10**6),
    ],
)
def test_a_damaged_panorama_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"a\.hdr"):
        read_hdr(path)


def test_folders_and_deleting(tmp_path: Path, pipelines: Any) -> None:
    library = unreal.EditorAssetLibrary
    run(two_boxes(tmp_path), pipelines())
    [mesh] = found(unreal.StaticMesh)
    assert library.does_directory_exist("/Game/Imported")
    assert library.does_directory_exist("/Game/imported/FIRST/")
    assert not library.does_directory_exist("/Game/Other")
    assert library.does_asset_exist(mesh.get_path_name())
    assert list(library.list_assets("/Game/Imported", recursive=False)) == []
    assert library.delete_directory("/Game/Imported")
    with pytest.raises(TypeError, match="Cannot nativize"):
        unreal.SystemLibrary.is_valid(mesh)
    assert not library.does_directory_exist("/Game/Imported")


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("Plane", (-50, -50, 0), (50, 50, 0)),
        ("Cube", (-50, -50, -50), (50, 50, 50)),
        ("Sphere", (-50, -50, -50), (50, 50, 50)),
        ("Cylinder", (-50, -50, -50), (50, 50, 50)),
        ("Cone", (-50, -50, -50), (50, 50, 50)),
    ],
)
def test_basic_shapes_measure_a_metre(name: str, low: tuple[float, ...], high: tuple[float, ...]) -> None:
    mesh = unreal.EditorAssetLibrary.load_asset(f"/Engine/BasicShapes/{name}")
    box = mesh.get_bounding_box()
    assert (box.min.x, box.min.y, box.min.z) == pytest.approx(low, abs=1e-4)
    assert (box.max.x, box.max.y, box.max.z) == pytest.approx(high, abs=1e-4)
    assert mesh is unreal.load_asset(f"/Engine/BasicShapes/{name}.{name}")
    part = mesh._mesh.primitives[0]
    assert part.uvs.min() == 0.0
    assert part.uvs.max() == 1.0
    # As after the swap of axes on import, corners seen from outside have a cross product that points inwards.
    a, b, c = (part.positions[part.indices[:, i]].astype(float) for i in range(3))
    facing = np.einsum("ij,ij->i", np.cross(b - a, c - a), part.normals[part.indices].sum(axis=1))
    assert (facing <= 1e-6).all()


def test_the_engine_has_no_other_shapes() -> None:
    assert unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Torus") is None
