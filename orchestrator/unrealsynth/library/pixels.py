"""From numbers to image bytes: sRGB, normals from a relief, PNG. The same input gives the same bytes."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.library.noise import Field

_PNG_LEVEL = 2
"""Noise hardly compresses: higher levels cost seconds and save a few per cent."""


def encode_srgb(linear: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Linear values 0…1 as sRGB bytes (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0.0, 1.0)
    curved = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1.0 / 2.4) - 0.055)
    return np.asarray(np.rint(curved * 255.0), dtype=np.uint8)


def normals_of(relief: NDArray[np.floating], *, wrap: bool) -> Field:
    """Unit normals (h, w, 3) of a height field in texels, in glTF's tangent space: x right, y up, z out."""
    if wrap:
        slope_right = (np.roll(relief, -1, axis=1) - np.roll(relief, 1, axis=1)) * 0.5
        slope_down = (np.roll(relief, -1, axis=0) - np.roll(relief, 1, axis=0)) * 0.5
    else:
        slope_down, slope_right = np.gradient(relief)
    normals = np.stack([-slope_right, slope_down, np.ones_like(relief)], axis=-1)
    return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True), dtype=np.float32)


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of (h, w), (h, w, 3) or (h, w, 4) bytes."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "PNG", compress_level=_PNG_LEVEL)
    return stream.getvalue()
