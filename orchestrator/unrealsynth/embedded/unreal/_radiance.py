"""Radiance pictures (.hdr): run-length coded pixels of three mantissas and one exponent.

After the file format of Greg Ward's Radiance: a header, a blank line, the resolution "-Y height +X width", then
scanlines.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unrealsynth.errors import ModelError

_SIZE = re.compile(rb"-Y (\d+) \+X (\d+)\n")
_LARGEST_PX = 16384


def read_hdr(path: Path) -> NDArray[np.float32]:
    """(height, width, 3) linear RGB. Raises ModelError for a file that is no such picture."""
    data = path.read_bytes()
    if not data.startswith(b"#?"):
        raise ModelError(f"{path.name} is no Radiance picture: it does not begin with '#?'.")
    end = data.find(b"\n\n")
    size = _SIZE.match(data, end + 2) if end >= 0 else None
    if size is None or b"32-bit_rle_rgbe" not in data[:end]:
        raise ModelError(f"{path.name} is no Radiance picture with top row first; save it as 32-bit_rle_rgbe, -Y +X.")
    height, width = int(size.group(1)), int(size.group(2))
    if not (0 < width <= _LARGEST_PX and 0 < height <= _LARGEST_PX):
        raise ModelError(f"{path.name} has {width}×{height} pixels; at most {_LARGEST_PX} a side can be read.")
    try:
        rgbe = _scanlines(data, size.end(), height, width)
    except (IndexError, ValueError):
        raise ModelError(f"{path.name} is damaged: it ends within a scanline, or a run goes past its end.") from None
    exponent = rgbe[..., 3].astype(np.int32)
    scale = np.where(exponent > 0, np.ldexp(np.float32(1.0), exponent - 136), 0.0).astype(np.float32)
    return rgbe[..., :3].astype(np.float32) * scale[..., None]


def _scanlines(data: bytes, offset: int, height: int, width: int) -> NDArray[np.uint8]:
    if not (8 <= width <= 0x7FFF and data[offset : offset + 2] == b"\x02\x02"):
        return np.frombuffer(data, np.uint8, height * width * 4, offset).reshape((height, width, 4))
    picture = np.empty((height, 4, width), np.uint8)
    for row in range(height):
        if data[offset : offset + 4] != bytes((2, 2, width >> 8, width & 255)):
            raise ValueError("scanline header")
        offset += 4
        for channel in range(4):
            offset = _unpack(data, offset, picture[row, channel])
    return np.ascontiguousarray(picture.transpose(0, 2, 1))


def _unpack(data: bytes, offset: int, into: NDArray[np.uint8]) -> int:
    """One channel of one scanline; returns where the next begins."""
    done, width = 0, len(into)
    while done < width:
        count = data[offset]
        if count > 128:
            count -= 128
            into[done : done + count] = data[offset + 1]
            offset += 2
        else:
            chunk = np.frombuffer(data, np.uint8, count, offset + 1)
            into[done : done + count] = chunk
            offset += 1 + count
        done += count
        if done > width or count == 0:
            raise ValueError("run")
    return offset
