"""The pattern of a cloud layer: one small picture that repeats without seams, the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZE = 256
COVER = 0.4
"""Share of the sky that the layer covers, as the sky light sees it."""
_OCTAVES = (4, 8, 16, 32, 64, 128)


def cloud_noise() -> NDArray[np.uint8]:
    """(SIZE, SIZE, 2): fractal value noise around the middle grey; billows and, in another pattern, detail."""
    layers = [_fractal(seed) for seed in (1, 2)]
    return np.stack(layers, axis=-1)


def _fractal(seed: int) -> NDArray[np.uint8]:
    total = np.zeros((SIZE, SIZE))
    for octave, cells in enumerate(_OCTAVES):
        total += _value_noise(cells, 97 * seed + octave) * 0.55**octave
    total -= total.mean()
    return np.asarray(np.rint(np.clip(0.5 + total / (5 * total.std()), 0, 1) * 255), dtype=np.uint8)


def _value_noise(cells: int, seed: int) -> NDArray[np.float64]:
    """Smooth noise with `cells` random values along each side."""
    y, x = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
    values = _hash(x + cells * y, seed)
    position = (np.arange(SIZE) + 0.5) / SIZE * cells
    low = position.astype(np.int64)
    share = position - low
    share = share**3 * (share * (share * 6 - 15) + 10)
    high = (low + 1) % cells
    rows = values[low] * (1 - share[:, None]) + values[high] * share[:, None]
    return np.asarray(rows[:, low] * (1 - share) + rows[:, high] * share)


def _hash(index: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """A number in 0…1 for each integer: 32-bit finalizer of MurmurHash3 (A. Appleby, public domain)."""
    word = (index.astype(np.uint64) + np.uint64(seed) * np.uint64(0x9E3779B1)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        word ^= word >> np.uint64(shift)
        word = (word * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return np.asarray(word / 2.0**32)
