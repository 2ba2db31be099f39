"""The GLB container: JSON and binary chunk, in and out.

Nothing the file says about lengths, nesting or numbers is believed before it has been checked against what is there.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from unrealsynth.errors import ModelError
from unrealsynth.glb import limits

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<II")
_JSON = 0x4E4F534A
_BIN = 0x004E4942
_SCAN_BYTES = 1 << 20


@dataclass(frozen=True)
class Container:
    """A glTF file taken apart: its JSON object and the bytes of its binary chunk."""

    document: dict[str, object]
    binary: memoryview | None
    warnings: tuple[str, ...] = ()


def parse(data: bytes) -> Container:
    """Takes a `.glb` (or the text of a `.gltf`) apart. Raises ModelError with a sentence about the fault."""
    if data[:4] == b"glTF":
        return _parse_glb(data)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return Container(parse_json(data), None)
    raise ModelError(_not_a_glb(data))


def _parse_glb(data: bytes) -> Container:
    if len(data) < _HEADER.size:
        raise ModelError(f"the file ends within its header, after {len(data)} bytes; copy or download it again")
    _, version, length = _HEADER.unpack_from(data)
    if version != 2:
        raise ModelError(f"it says it is GLB version {version}, wanted version 2; export it again as glTF 2.0")
    if length > len(data):
        raise ModelError(
            f"the header promises {length:,} bytes but the file has {len(data):,}: it is cut off; "
            "copy or download it again"
        )
    warnings = []
    if length < len(data):
        warnings.append(f"the last {len(data) - length:,} bytes lie behind the end that the header gives; ignored")
    text: memoryview | None = None
    binary: memoryview | None = None
    offset = _HEADER.size
    while length - offset >= _CHUNK.size:
        size, kind = _CHUNK.unpack_from(data, offset)
        offset += _CHUNK.size
        if size > length - offset:
            raise ModelError(
                f"a chunk promises {size:,} bytes where {length - offset:,} are left: the file is damaged or cut off; "
                "copy or export it again"
            )
        if text is None and kind != _JSON:
            raise ModelError("its first chunk is not JSON, as GLB demands; export it again")
        if text is None:
            text = memoryview(data)[offset : offset + size]
        elif binary is None and kind == _BIN:
            binary = memoryview(data)[offset : offset + size]
        offset += size
    if text is None:
        raise ModelError("it holds a header but no content; copy or export it again")
    return Container(parse_json(bytes(text)), binary, tuple(warnings))


def parse_json(text: bytes) -> dict[str, object]:
    """The JSON object in `text`, refused when it is too large, too deep or not plain JSON."""
    if len(text) > limits.MAX_JSON_BYTES:
        raise ModelError(
            f"its JSON part has {len(text) >> 20} MB, at most {limits.MAX_JSON_BYTES >> 20} MB are read; "
            "save it as .glb, which keeps geometry and pictures out of the JSON"
        )
    _check_nesting(text)
    try:
        document = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"its JSON part cannot be read ({error}); export it again") from None
    if not isinstance(document, dict):
        raise ModelError(f"its JSON part is a {type(document).__name__}, wanted an object; export it again")
    return document


def write(document: dict[str, object], binary: bytes) -> bytes:
    """A GLB of both parts, each padded to 4 bytes. The same input gives the same bytes."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = [_CHUNK.pack(len(text), _JSON), text]
    if binary:
        chunks += [_CHUNK.pack(len(binary), _BIN), binary]
    length = _HEADER.size + sum(map(len, chunks))
    return b"".join([_HEADER.pack(b"glTF", 2, length), *chunks])


def _check_nesting(text: bytes) -> None:
    """Counts brackets outside strings, so that the parser never meets more than it can take."""
    # Without escaped quotes, every quote begins or ends a string.
    text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    depth = containers = values = 0
    in_string = False
    for start in range(0, len(text), _SCAN_BYTES):
        block = np.frombuffer(text, np.uint8, min(_SCAN_BYTES, len(text) - start), start)
        marks = block[np.isin(block, np.frombuffer(b'"[]{},', np.uint8))]
        quotes = marks == ord('"')
        inside = (np.cumsum(quotes) + in_string) % 2 == 1
        in_string = bool(inside[-1]) if len(inside) else in_string
        outside = marks[~inside & ~quotes]
        brackets = outside[outside != ord(",")]
        opening = np.isin(brackets, (ord("["), ord("{")))
        values += len(outside) - len(brackets)
        containers += int(np.count_nonzero(opening))
        levels = depth + np.cumsum(np.where(opening, 1, -1))
        depth = int(levels[-1]) if len(levels) else depth
        if len(levels) and levels.max() > limits.MAX_JSON_DEPTH:
            raise ModelError(f"its JSON part is nested more than {limits.MAX_JSON_DEPTH} levels deep; export it again")
        if containers > limits.MAX_JSON_CONTAINERS or values > limits.MAX_JSON_VALUES:
            raise ModelError(
                f"its JSON part has more than {limits.MAX_JSON_CONTAINERS:,} objects or "
                f"{limits.MAX_JSON_VALUES:,} values; join its parts into fewer meshes and export it again"
            )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _not_a_glb(data: bytes) -> str:
    if not data:
        return "the file is empty; copy or export it again"
    for magic, kind in _OTHER_FORMATS.items():
        if data.startswith(magic):
            return f"it is not a GLB but {kind}; export the model as GLB (glTF 2.0 binary)"
    return f"it is not a GLB: it begins with {bytes(data[:8])!r}, wanted b'glTF'; export the model as GLB"


_OTHER_FORMATS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"Kaydara FBX": "an FBX file",
    b"PK\x03\x04": "a ZIP archive (unpack it first), or USDZ",
    b"BLENDER": "a Blender file",
    b"ply": "a PLY file",
    b"solid": "an STL file",
    b"version https://git-lfs": "a Git LFS pointer (run `git lfs pull`)",
    b"<": "a web page or XML file",
}
