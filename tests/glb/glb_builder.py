"""Writes GLBs for the tests, sound and unsound ones, without any code of the product."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

BOX_SIZE_M = (2.0, 3.0, 4.0)
"""x, y, z of the box, which stands on y = 0 with a corner at x = z = 0."""
_CORNERS = np.array([[x, y, z] for x in (0, 2) for y in (0, 3) for z in (0, 4)], np.float32)
_FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4],
     [1, 5, 7], [1, 7, 3]],
    np.uint16,
)  # fmt: skip
FLOAT, USHORT, UINT, UBYTE, SHORT = 5126, 5123, 5125, 5121, 5122
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_COMPONENT_TYPES = {"f4": FLOAT, "u2": USHORT, "u4": UINT, "u1": UBYTE, "i2": SHORT}


class Builder:
    """A glTF document under construction; `json` may be changed at will before `glb` packs it."""

    def __init__(self) -> None:
        self.binary = bytearray()
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [],
            "accessors": [],
            "bufferViews": [],
            "buffers": [{"byteLength": 0}],
        }

    def view(self, data: bytes, **more: Any) -> int:
        self.binary += b"\0" * (-len(self.binary) % 4)
        self.json["bufferViews"].append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)} | more)
        self.binary += data
        self.json["buffers"][0]["byteLength"] = len(self.binary)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, values: Any, dtype: str = "f4", **more: Any) -> int:
        array = np.asarray(values, "<" + dtype)
        array = array.reshape(len(array), -1)
        self.json["accessors"].append(
            {
                "bufferView": self.view(array.tobytes()),
                "componentType": _COMPONENT_TYPES[dtype],
                "count": len(array),
                "type": _TYPES[array.shape[1]],
            }
            | more
        )
        return len(self.json["accessors"]) - 1

    def mesh(
        self, positions: Any, triangles: Any = None, *, mode: int = 4, index_dtype: str = "u2", **attributes: int
    ) -> int:
        primitive: dict[str, Any] = {"attributes": {"POSITION": self.accessor(positions), **attributes}, "mode": mode}
        if triangles is not None:
            primitive["indices"] = self.accessor(np.asarray(triangles).reshape(-1, 1), index_dtype)
        self.json["meshes"].append({"primitives": [primitive]})
        return len(self.json["meshes"]) - 1

    def texture(self, picture: bytes, mime: str = "image/png") -> int:
        """A texture of the encoded picture, used by a new material of the first primitive."""
        self.json.setdefault("images", []).append({"bufferView": self.view(picture), "mimeType": mime})
        self.json.setdefault("textures", []).append({"source": len(self.json["images"]) - 1})
        index = len(self.json["textures"]) - 1
        self.json.setdefault("materials", []).append({"pbrMetallicRoughness": {"baseColorTexture": {"index": index}}})
        self.json["meshes"][0]["primitives"][0]["material"] = len(self.json["materials"]) - 1
        return index

    def glb(self) -> bytes:
        return pack(self.json, bytes(self.binary))

    def save(self, path: Path) -> Path:
        path.write_bytes(self.glb())
        return path


def box() -> Builder:
    """A box of 2 × 3 × 4 m (glTF's x, y, z) with a corner at the origin: one mesh of 12 triangles."""
    builder = Builder()
    builder.mesh(_CORNERS, _FACES)
    return builder


def pack(document: Any, binary: bytes) -> bytes:
    """A GLB; `document` may also be raw JSON text."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x4E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def unpack(glb: bytes) -> tuple[dict[str, Any], bytes]:
    """JSON and binary chunk of a GLB with two chunks, checking its form on the way."""
    magic, version, length = struct.unpack_from("<4sII", glb)
    assert (magic, version, length) == (b"glTF", 2, len(glb))
    json_length, json_kind = struct.unpack_from("<II", glb, 12)
    binary_length, binary_kind = struct.unpack_from("<II", glb, 20 + json_length)
    assert (json_kind, binary_kind) == (0x4E4F534A, 0x004E4942)
    assert json_length % 4 == binary_length % 4 == 0
    assert 28 + json_length + binary_length == len(glb)
    return json.loads(glb[20 : 20 + json_length]), glb[28 + json_length :]


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 4), mode: str = "RGB") -> bytes:
    """A small encoded picture."""
    file = io.BytesIO()
    Image.new(mode, size, 128).save(file, kind)
    return file.getvalue()
