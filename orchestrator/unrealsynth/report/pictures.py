"""What the pictures themselves show: brightness, contrast, and what tells look-alikes. Reads, never writes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.report.duplicates import HASH_SIDE_PX, perceptual_hash

_THUMBNAIL_PX = 16
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Looks:
    """Of the pictures that were read, in their order."""

    places: tuple[int, ...]
    """Their numbers in the sequence that was asked for."""
    brightness: NDArray[np.float64]
    """Mean luma, of 255."""
    contrast: NDArray[np.float64]
    """Standard deviation of luma, of 255."""
    hashes: NDArray[np.uint64]
    thumbnails: NDArray[np.uint8]
    """(n, 16, 16, 3)."""
    unreadable: int


def look_into(images: Sequence[Path]) -> Looks:
    """Reads the pictures, in threads; those that cannot be read are counted."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(_look, images))
    read = [(place, result) for place, result in enumerate(results) if result is not None]
    return Looks(
        tuple(place for place, _ in read),
        np.array([result[0] for _, result in read]),
        np.array([result[1] for _, result in read]),
        np.array([result[2] for _, result in read], np.uint64),
        np.array([result[3] for _, result in read], np.uint8).reshape(-1, _THUMBNAIL_PX, _THUMBNAIL_PX, 3),
        len(results) - len(read),
    )


def _look(path: Path) -> tuple[float, float, int, NDArray[np.uint8]] | None:
    side = 4 * HASH_SIDE_PX
    try:
        with Image.open(path) as image:
            image.draft("RGB", (side, side))
            small = image.convert("RGB").resize((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    luma = np.asarray(small, np.float64) @ _LUMA
    gray = luma.reshape(HASH_SIDE_PX, 4, HASH_SIDE_PX, 4).mean(axis=(1, 3))
    thumbnail = np.asarray(small.resize((_THUMBNAIL_PX, _THUMBNAIL_PX), Image.Resampling.BOX))
    return float(luma.mean()), float(luma.std()), perceptual_hash(gray), thumbnail
