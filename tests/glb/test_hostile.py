"""Files that lie or are damaged: each is refused with a sentence that names the file and the fault."""

from __future__ import annotations

import copy
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import DracoPy
import numpy as np
import pytest
from glb_builder import Builder, box, pack, picture

from unrealsynth.errors import ModelError
from unrealsynth.glb import prepare

BOX = box().glb()
_JSON_LENGTH = struct.unpack_from("<I", BOX, 12)[0]


def _patched(offset: int, form: str, value: int) -> bytes:
    data = bytearray(BOX)
    struct.pack_into(form, data, offset, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "the file is empty"),
        (b"glTF", "ends within its header"),
        (BOX[:12], "it is cut off"),  # header only
        (BOX[: len(BOX) // 2], "it is cut off"),
        (BOX[:-100], "it is cut off"),
        (picture(), "it is not a GLB but a PNG picture"),
        (b"This is a text", "it is not a GLB: it begins with"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS pointer"),
        (_patched(4, "<I", 1), "GLB version 1, wanted version 2"),
        (_patched(4, "<I", 99), "GLB version 99"),
        (_patched(8, "<I", len(BOX) + 1), "it is cut off"),  # header's length
        (_patched(8, "<I", 14), "no content"),
        (_patched(12, "<I", 0xFFFFFFF0), "a chunk promises 4,294,967,280 bytes"),
        (_patched(16, "<I", 0x004E4942), "its first chunk is not JSON"),
        (_patched(20 + _JSON_LENGTH, "<I", len(BOX)), "a chunk promises"),
        (pack(b"[1, 2]", b""), "is a list, wanted an object"),
        (pack(b"{broken", b""), "cannot be read"),
        (pack(b'{"asset": {"version": "2.0", "x": NaN}}', b""), "NaN is not a JSON number"),
        (pack(b'{"asset": {"version": "2.0", "x": "\xff"}}', b""), "cannot be read"),
        (pack(b'{"asset": {"version": "2.0"}, "nodes": [{"scale": [1e999, 1, 1]}]}', b""), "`nodes[0].scale[0]`"),
        (pack(b"[" * 100_000 + b"]" * 100_000, b""), "nested more than 64 levels"),
        (pack(b'{"a":' * 5000 + b"1" + b"}" * 5000, b""), "nested more than 64 levels"),
        (pack(b'{"nodes": [' + b"{}," * 500_000 + b"{}]}", b""), "250,000 objects"),
        (pack(b'{"a": [' + b"1," * 5_000_000 + b"1]}", b""), "4,000,000 values"),
    ],
)  # fmt: skip
def test_a_container_that_is_none_is_refused(data: bytes, fault: str) -> None:
    with pytest.raises(ModelError) as caught:
        prepare(data, name="cone.glb")
    assert str(caught.value).startswith("cone.glb: ")
    assert fault in str(caught.value)


def test_brackets_and_quotes_inside_strings_do_not_count_as_nesting() -> None:
    builder = box()
    builder.json["nodes"][0]["name"] = '\\"[{' * 1000
    assert prepare(builder.glb()).triangles == 12


def _set(*path: str | int, to: object) -> Callable[[Builder], None]:
    def change(builder: Builder) -> None:
        target: Any = builder.json
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = to

    return change


def _image(data: bytes) -> Callable[[Builder], None]:
    return lambda builder: [builder.texture(data), None][1]


def _bomb(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + chunk


def _positions(values: object) -> Callable[[Builder], None]:
    def change(builder: Builder) -> None:
        builder.json["meshes"][0]["primitives"][0]["attributes"]["POSITION"] = builder.accessor(values)

    return change


def _draco(data: bytes, attributes: dict[str, int] | None = None) -> Callable[[Builder], None]:
    def change(builder: Builder) -> None:
        view = builder.view(data)
        primitive = builder.json["meshes"][0]["primitives"][0]
        primitive["extensions"] = {
            "KHR_draco_mesh_compression": {"bufferView": view, "attributes": attributes or {"POSITION": 0}}
        }
        builder.json["extensionsRequired"] = ["KHR_draco_mesh_compression"]

    return change


_DRACO = DracoPy.encode(np.eye(3), np.array([[0, 1, 2]]))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_set("asset", to={}), "its `asset.version` is wrong"),
        (_set("asset", "version", to="1.0"), "glTF 1.0, wanted glTF 2.0"),
        (_set("accessors", 0, "count", to=-5), "its `accessors[0].count` is wrong"),
        (_set("accessors", 0, "count", to=0), "its `accessors[0].count` is wrong"),
        (_set("accessors", 0, "count", to=1 << 40), "its `accessors[0].count` is wrong"),
        (_set("accessors", 0, "count", to=9), "accessor 0 promises 9 elements up to byte 108 of a buffer view of 96"),
        (_set("accessors", 0, "byteOffset", to=4), "accessor 0 promises 8 elements"),
        (_set("accessors", 0, "type", to="MAT2"), "accessor 0 holds MAT2"),
        (_set("accessors", 0, "type", to="VEC2"), "has 2 components"),
        (_set("accessors", 0, "bufferView", to=7), "it refers to buffer view 7 but has 2"),
        (_set("accessors", 0, to={"componentType": 5126, "count": 3_000_000, "type": "VEC3"}), "without any data"),
        (_set("accessors", 1, "componentType", to=5126), "promises 36 elements"),
        (_set("bufferViews", 0, "byteLength", to=1 << 30), "buffer view 0 ends at byte 1,073,741,824"),
        (_set("bufferViews", 0, "byteStride", to=4), "accessor 0 promises 8 elements"),
        (_set("bufferViews", 0, "buffer", to=3), "it refers to buffer 3"),
        (_set("buffers", 0, "byteLength", to=1 << 20), "buffer 0 promises 1,048,576 bytes"),
        (_set("buffers", 0, "uri", to="http://127.0.0.1:9/x.bin"), "only files in the model's own folder"),
        (_set("buffers", 0, "uri", to="data:application/octet-stream;base64,####"), "data URI of buffer 0 is damaged"),
        (_set("meshes", 0, "primitives", 0, "attributes", to={}), "has no POSITION"),
        (_set("meshes", 0, "primitives", 0, "attributes", "POSITION", to=55), "it refers to accessor 55"),
        (_set("meshes", 0, "primitives", 0, "indices", to=0), "the indices of mesh 0, primitive 0"),
        (_set("meshes", 0, "primitives", 0, "mode", to=1), "its default scene has no triangles"),
        (_set("meshes", 0, "primitives", 0, "material", to=4), "it refers to material 4"),
        (_set("nodes", 0, "children", to=[0]), "node 0 is its own ancestor"),
        (_set("nodes", to=[{"children": [1]}, {"children": [0], "mesh": 0}]), "is its own ancestor"),
        (_set("nodes", to=[{"children": [1, 2]}, {"children": [2]}, {"mesh": 0}]), "has two parents"),
        (_set("nodes", 0, "children", to=[12]), "it refers to node 12"),
        (_set("nodes", 0, "mesh", to=3), "it refers to mesh 3"),
        (_set("nodes", 0, "scale", to=[1e38, 1e38, 1e38]), "the transform of node 0 reaches 1e+38"),
        (_set("nodes", 0, "scale", to=["x", 1, 1]), "its `nodes[0].scale[0]` is wrong"),
        (_set("nodes", 0, "matrix", to=[1.0] * 15), "its `nodes[0].matrix` is wrong"),
        (_set("nodes", 0, "scale", to=[0, 0, 0]), "all its vertices lie in one point"),
        (_set("nodes", to=[]), "it refers to node 0"),
        (_set("scenes", to=[{"nodes": []}]), "its default scene has no triangles"),
        (_set("scenes", to=[{"nodes": []}, {"nodes": [0]}]), "make the scene with the meshes its default scene"),
        (_set("scene", to=5), "it refers to scene 5"),
        (_set("extensionsRequired", to=["VENDOR_unknown"]), "it needs the extension VENDOR_unknown"),
        (_set("extensionsRequired", to=["EXT_meshopt_compression"]), "without meshopt compression"),
        (_set("extensionsRequired", to=["KHR_texture_basisu"]), "in place of KTX2"),
        (_set("extensionsRequired", to=["EXT_texture_webp"]), "in place of WebP"),
        (_positions(np.full((8, 3), np.nan)), "holds numbers that are not finite"),
        (_positions([[np.inf, 0, 0]] + [[1, 2, 3]] * 7), "holds numbers that are not finite"),
        (_positions(np.ones((8, 3))), "all its vertices lie in one point"),
        (_positions(np.eye(3)), "refers to vertex 7 but has 3"),
        (_positions(np.eye(8, 3) * 1e30), "reaches 1e+30 m"),
        (_image(picture("WEBP")), "picture 0 is WebP; PNG and JPEG can be used"),
        (_image(b"\xabKTX 20\xbb\r\n\x1a\n" + b"\0" * 64), "picture 0 is KTX2"),
        (_image(b"nonsense"), "picture 0 begins with b'nonsense'"),
        (_image(_bomb(60_000, 60_000)), "picture 0 has 60000×60000 pixels"),
        (_image(_bomb(16_000, 16_000)), "picture 0 has 16000×16000 pixels"),
        (_image(_bomb(0, 10)), "picture 0 has 0×10 pixels"),
        (_image(_bomb(10, 10)), "picture 0 is a damaged PNG"),
        (_image(picture()[:-20]), "picture 0 is a damaged PNG"),
        (_image(picture("JPEG", (64, 64))[:-200]), "picture 0"),
        (_draco(b"nonsense"), "its Draco-compressed geometry is damaged"),
        (_draco(_DRACO[: len(_DRACO) // 2]), "its Draco-compressed geometry is damaged"),
        (_draco(_DRACO[:11] + b"\xff\xff\xff\x7f" + _DRACO[12:]), "triangles or points"),
        (_draco(_DRACO), "accessor 0 promises 8 elements but its Draco data has 3"),
        (_draco(_DRACO, {"POSITION": 9}), "accessor 0 does not fit its Draco data"),
    ],
)  # fmt: skip
def test_a_document_that_lies_is_refused(change: Callable[[Builder], None], fault: str) -> None:
    builder = box()
    change(builder)
    with pytest.raises(ModelError) as caught:
        prepare(builder.glb(), name="cone.glb")
    assert str(caught.value).startswith("cone.glb: ")
    assert fault in str(caught.value)


_NASTY: tuple[object, ...] = (
    -1, 0, 7, 2**31, 1e300, 1.5, "x", "", None, True, [], {}, [[]], [-1], {"a": 1}, [1e308] * 16, "\ud800",
)  # fmt: skip


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _paths(item, (*path, key))


def _rich() -> Builder:
    """A box with a texture, a sampler, a material extension, a skin, a sparse accessor and a camera."""
    builder = box()
    builder.texture(picture())
    builder.json["samplers"] = [{"wrapS": 10497}]
    builder.json["textures"][0]["sampler"] = 0
    builder.json["materials"][0] |= {"alphaMode": "MASK", "extensions": {"KHR_materials_ior": {"ior": 1.4}}}
    primitive = builder.json["meshes"][0]["primitives"][0]
    primitive["attributes"]["JOINTS_0"] = builder.accessor(np.zeros((8, 4)), "u1")
    primitive["attributes"]["WEIGHTS_0"] = builder.accessor(np.tile([1, 0, 0, 0], (8, 1)))
    builder.json["skins"] = [{"joints": [1], "inverseBindMatrices": builder.accessor([np.eye(4).ravel()])}]
    builder.json["nodes"] = [{"mesh": 0, "skin": 0, "children": [1]}, {"camera": 0, "rotation": [0, 0, 0, 1]}]
    builder.json["cameras"] = [{"type": "perspective"}]
    sparse = {
        "count": 1,
        "indices": {"bufferView": builder.view(b"\1"), "componentType": 5121},
        "values": {"bufferView": builder.view(np.zeros(3, "<f4").tobytes())},
    }
    builder.json["accessors"][0]["sparse"] = sparse
    return builder


def test_whatever_stands_in_the_json_is_taken_or_refused() -> None:
    builder = _rich()
    assert prepare(builder.glb()).triangles == 12
    document = copy.deepcopy(builder.json)
    refused = 0
    for path in _paths(document):
        for value in _NASTY:
            _set(*path, to=value)(builder)
            try:
                prepare(builder.glb(), name="x.glb")
            except ModelError as error:
                refused += 1
                str(error).encode("utf-8")  # Fit to be printed.
            builder.json = copy.deepcopy(document)
    assert refused > 500


def _overlapping() -> bytes:
    """A megabyte of vertices that 2,000 accessors refer to, each one step further."""
    builder = Builder()
    data = np.random.default_rng(0).random((60_000, 3)).astype("<f4")
    view = builder.view(data.tobytes())
    for step in range(2000):
        builder.json["accessors"].append(
            {"bufferView": view, "byteOffset": 12 * step, "componentType": 5126, "count": 57_000, "type": "VEC3"}
        )
    builder.json["meshes"] = [{"primitives": [{"attributes": {"POSITION": step}} for step in range(2000)]}]
    return builder.glb()


def _many_copies() -> bytes:
    """A ball of 2,000 hull vertices in 20,000 places."""
    builder = Builder()
    points = np.random.default_rng(0).normal(size=(6000, 3))
    builder.mesh(points / np.linalg.norm(points, axis=1, keepdims=True))
    builder.json["nodes"] = [{"mesh": 0} for _ in range(20_000)]
    builder.json["scenes"] = [{"nodes": list(range(20_000))}]
    return builder.glb()


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell a process' peak memory")
@pytest.mark.parametrize(
    "data",
    [
        _overlapping(),
        _many_copies(),
        pack(b'{"nodes": [' + b"{}," * 8_000_000 + b"{}]}", b""),
        pack(b'{"nodes": [' + b"{}," * 240_000 + b"{}]}", b""),
        pack(b'{"meshes": [{"primitives": [' + b"{}," * 240_000 + b"{}]}]}", b""),
        pack(b'{"a": "' + b'\\"' * 12_000_000 + b'"}', b""),
        pack(b'{"a": [' + b"1.5," * 3_900_000 + b"1]}", b""),
    ],
    ids=["overlapping accessors", "copies", "8M nodes", "240k nodes", "240k primitives", "escapes", "numbers"],
)  # fmt: skip
def test_a_bomb_is_refused_within_a_gigabyte_and_ten_seconds(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bomb.glb"
    path.write_bytes(data)
    program = (
        "import resource, pathlib, sys\n"
        "from unrealsynth.errors import ModelError\n"
        "from unrealsynth.glb import prepare\n"
        "try:\n    prepare(pathlib.Path(sys.argv[1]))\n"
        "except ModelError as error:\n    sys.stderr.write(str(error))\n"
        "sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=10, check=True
    )
    assert done.stderr.startswith("bomb.glb: ")
    peak_bytes = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert peak_bytes < 1 << 30


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("../secret.bin", "only files in the model's own folder"),
        ("..%2Fsecret.bin", "only files in the model's own folder"),
        ("textures/../../secret.bin", "only files in the model's own folder"),
        ("..\\secret.bin", "only files in the model's own folder"),
        ("/etc/passwd", "only files in the model's own folder"),
        ("file:///etc/passwd", "only files in the model's own folder"),
        ("C:\\secret.bin", "only files in the model's own folder"),
        ("//server/share/secret.bin", "only files in the model's own folder"),
        ("https://example.com/secret.bin", "only files in the model's own folder"),
        ("missing.bin", "'missing.bin', which is not beside the model"),
        ("folder", "'folder', which is not a file"),
        ("nul%00byte", "only files in the model's own folder"),
        ("x" * 5000, "which cannot be read"),
    ],
)  # fmt: skip
def test_only_files_in_the_models_folder_are_read(tmp_path: Path, uri: str, fault: str) -> None:
    folder = tmp_path / "model"
    (folder / "folder").mkdir(parents=True)
    builder = box()
    (tmp_path / "secret.bin").write_bytes(bytes(builder.binary))
    builder.json["buffers"][0]["uri"] = uri
    with pytest.raises(ModelError) as caught:
        prepare(builder.save(folder / "box.glb"))
    assert str(caught.value).startswith("box.glb: buffer 0 ")
    assert fault in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    builder = box()
    (tmp_path / "secret.bin").write_bytes(bytes(builder.binary))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    builder.json["buffers"][0]["uri"] = "link.bin"
    with pytest.raises(ModelError, match="a link that leads elsewhere"):
        prepare(builder.save(folder / "box.glb"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes in folders")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.glb")
    with pytest.raises(ModelError, match=r"pipe\.glb: it is not a file"):
        prepare(tmp_path / "pipe.glb")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.glb: there is no such file"):
        prepare(tmp_path / "nothing.glb")


def test_json_text_survives_as_it_was_meant() -> None:
    text = json.dumps(box().json).encode("utf-8-sig")
    assert prepare(pack(text, bytes(box().binary))).triangles == 12
