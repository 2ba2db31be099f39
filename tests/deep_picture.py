"""A PNG with 16 bits in each of three channels, which Pillow reads but does not write."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray


def deep_png(grey: NDArray[np.uint16]) -> bytes:
    """(height, width) values, the same in all channels."""
    height, width = grey.shape
    rows = b"".join(b"\0" + np.repeat(row, 3).tobytes() for row in grey.astype(">u2"))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
