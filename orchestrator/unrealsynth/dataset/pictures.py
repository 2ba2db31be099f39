"""Pictures from the spool into the data set: read, told blank or not, and encoded to the same bytes every time."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from unrealsynth.errors import DataSetError

ImageFormat = Literal["png", "jpg"]
_JPEG_QUALITY = 92
_BLANK_DEVIATION = 1.0
"""Standard deviation, of 255, under which a picture shows nothing."""
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
_SUB, _AVERAGE = 1, 3


def read_rgb(path: Path, resolution: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture (h, w, 3). Alpha is dropped, not composited: captures leave nonsense in it."""
    return np.asarray(_open(path, resolution).convert("RGB"))


def read_ids(path: Path, resolution: tuple[int, int]) -> NDArray[np.uint8]:
    """The red bytes (h, w)."""
    return np.asarray(_open(path, resolution).getchannel(0))


def is_blank(picture: NDArray[np.uint8]) -> bool:
    """Whether a picture (h, w, 3) is all but one colour, judged by every eighth row and column."""
    return all(float(picture[::8, ::8, channel].std()) < _BLANK_DEVIATION for channel in range(3))


def encode(picture: NDArray[np.uint8], image_format: ImageFormat) -> bytes:
    """A picture (h, w, 3) as PNG or JPEG, RGB of 8 bits."""
    if image_format == "png":
        return encode_png(picture)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return stream.getvalue()


def encode_grey(values: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Numbers (h, w) as PNG of one channel, of 8 or 16 bits, with the difference to the left (1) on every row."""
    height, width = values.shape
    size = values.itemsize
    pixels = values.astype(f">u{size}").view(np.uint8)
    rows = np.empty((height, 1 + width * size), np.uint8)
    rows[:, 0] = _SUB
    rows[:, 1 : 1 + size] = pixels[:, :size]
    np.subtract(pixels[:, size:], pixels[:, :-size], out=rows[:, 1 + size :])
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    return _png(width, height, 8 * size, _GREY, packer.compress(rows.data) + packer.flush())


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """A picture (h, w, 3) as PNG, with the average filter (3) on every row and runs of one distance only.

    Half the time of Pillow's fastest level at the same size: rendered pictures have few repeats longer than a run, and
    choosing a filter for each row gains little.
    """
    height, width, _ = picture.shape
    pixels = picture.reshape(height, width * 3)
    left = np.zeros_like(pixels)
    left[:, 3:] = pixels[:, :-3]
    above = np.zeros_like(pixels)
    above[1:] = pixels[:-1]
    rows = np.empty((height, 1 + width * 3), np.uint8)
    rows[:, 0] = _AVERAGE
    # (left + above) // 2 without leaving eight bits.
    np.subtract(pixels, (left & above) + ((left ^ above) >> 1), out=rows[:, 1:])
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    return _png(width, height, 8, _RGB, packer.compress(rows.data) + packer.flush())


def _png(width: int, height: int, bits: int, kind: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    return _PNG_SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _open(path: Path, resolution: tuple[int, int]) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(path.read_bytes()), formats=("PNG",))
        if picture.size == resolution and picture.mode in {"RGB", "RGBA"}:
            picture.load()
            return picture
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = "it is no PNG picture" if isinstance(error, UnidentifiedImageError) else error
        raise DataSetError(
            f"The editor's picture {path} cannot be read: {reason}. Run the same command again to make it anew."
        ) from error
    width, height = picture.size
    raise DataSetError(
        f"The editor's picture {path} is {width} x {height} {picture.mode}; "
        f"{resolution[0]} x {resolution[1]} RGB or RGBA was wanted."
    )
