"""PNG and EXR files, as fast as the pixels allow.

Measured for 640 × 640 RGBA: Pillow needs 43 core-ms for a photograph at level 1; run lengths after the Up filter need
10, and not compressing at all 1. Pictures of ids shrink a hundredfold in 2 ms. So: run lengths where rows repeat, else
none. An EXR with four channels of 32 bits needs 17 to write and 9 to read when packed line by line, 8 and 2 when not.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_UP = 2
_REPEATING = 0.5
"""Share of zero bytes after the filter from which on compressing is worth its time."""


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG file of (height, width, 4) RGBA."""
    height, width, _ = pixels.shape
    rows = np.ascontiguousarray(pixels).reshape(height, width * 4)
    raw = np.zeros((height, width * 4 + 1), np.uint8)
    raw[1:, 0] = _UP
    raw[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=raw[1:, 1:])
    if np.count_nonzero(raw[:, 1:]) <= (1.0 - _REPEATING) * rows.size:
        packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    else:
        raw[:, 0] = 0
        raw[:, 1:] = rows
        packer = zlib.compressobj(0)
    data = packer.compress(raw.data) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def write_exr(path: Path, pixels: NDArray[np.float32], half: bool, *, packed: bool = False) -> None:
    """An EXR file of (height, width, 4), with 16 or 32 bits a channel."""
    import OpenEXR

    kind = np.float16 if half else np.float32
    if half:
        pixels = np.clip(pixels, -65504.0, 65504.0)
    channels = {name: np.ascontiguousarray(pixels[..., i], kind) for i, name in enumerate("RGBA")}
    compression = OpenEXR.ZIP_COMPRESSION if packed else OpenEXR.NO_COMPRESSION
    header = {"compression": compression, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, channels).write(str(path))
