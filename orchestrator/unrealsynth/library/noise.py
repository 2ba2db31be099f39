"""Random fields, each a pure function of its seed: the grain, stains and stones of every surface.

Planar fields tile without a seam; values are spread evenly over 0…1, so that a threshold is a share of the area.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage, special

Field = NDArray[np.float32]

_VOLUME_SIDE = 64
_VOLUME_WAVE = 16.0
"""Longest wave in the volume, voxels; the volume repeats after four of them."""


@cache
def _volume() -> Field:
    """Fractal noise in a periodic cube."""
    rng = np.random.default_rng(20)
    side = _VOLUME_SIDE
    spectrum = fft.rfftn(rng.standard_normal((side, side, side), dtype=np.float32))
    wave_numbers = np.sqrt(
        fft.fftfreq(side)[:, None, None] ** 2 + fft.fftfreq(side)[None, :, None] ** 2 + fft.rfftfreq(side) ** 2
    )
    gain = np.where(wave_numbers >= 1.0 / _VOLUME_WAVE, np.maximum(wave_numbers, 1e-6) ** -2.2, 0.0)
    field = _even(fft.irfftn(spectrum * gain, s=(side, side, side)))
    field.flags.writeable = False
    return field


def _even(field: NDArray[np.floating]) -> Field:
    """Maps normally distributed values to evenly distributed ones in 0…1."""
    return np.asarray(special.ndtr((field - field.mean()) / field.std()), dtype=np.float32)


def solid(points: NDArray[np.floating], size: float, seed: int = 0) -> Field:
    """Fractal noise in space at `points` (n, 3): features of up to `size`, in the unit of the points."""
    offset = np.random.default_rng(seed).random(3) * _VOLUME_SIDE
    # Turned a little, so that no face of a box runs along the lattice.
    turn = np.array([[0.78, 0.55, -0.30], [-0.47, 0.83, 0.30], [0.41, -0.09, 0.91]]) * (_VOLUME_WAVE / size)
    # Not `@`: a matrix library would spread so thin a product over all cores, and be slower.
    columns = np.ascontiguousarray(points.T, dtype=np.float32)
    voxels = np.empty_like(columns)
    for axis in range(3):
        x, y, z = turn[:, axis].astype(np.float32)
        voxels[axis] = columns[0] * x + columns[1] * y + columns[2] * z + np.float32(offset[axis])
    values = ndimage.map_coordinates(_volume(), voxels, order=1, mode="grid-wrap", output=np.float32)
    return np.asarray(values, dtype=np.float32)


def grain(count: int, seed: int = 0) -> Field:
    """`count` independent values, for speckle of one texel."""
    return np.random.default_rng(seed).random(count, dtype=np.float32)


def spectral(
    side: int, longest: float, shortest: float, slope: float = 1.0, seed: int = 0, stretch: float = 1.0
) -> Field:
    """A tiling field (side, side) whose waves run from `longest` to `shortest` texels.

    Amplitude falls off as frequency to the power -`slope`; `stretch` > 1 draws features out along the rows.
    """
    # Long waves need few samples: the spectrum is drawn small and padded with silence.
    coarse = min(side, 2 ** math.ceil(math.log2(2.0 * side / shortest + 1.0)))
    noise = np.random.default_rng(seed).standard_normal((coarse, coarse), dtype=np.float32)
    frequency = np.hypot(
        fft.fftfreq(coarse)[:, None] * (coarse / side), fft.rfftfreq(coarse)[None, :] * (coarse / side * stretch)
    )
    inside = (frequency >= 1.0 / longest) & (frequency <= 1.0 / shortest)
    gain = np.where(inside, np.maximum(frequency, 1e-6) ** -slope, 0.0).astype(np.float32)
    small = fft.rfft2(noise) * gain
    half = coarse // 2
    spectrum = np.zeros((side, side // 2 + 1), dtype=np.complex64)
    spectrum[:half, : half + 1], spectrum[side - half :, : half + 1] = small[:half], small[half:]
    return _even(fft.irfft2(spectrum, s=(side, side)))


@dataclass(frozen=True)
class Cells:
    """A tiling division of the plane into irregular cells; every array is (side, side)."""

    border: Field
    """Distance to the border with the neighbour: 0 there, growing inwards, about 0.5 in the middle."""
    centre: Field
    """Distance to the cell's own point, in cell widths."""
    number: NDArray[np.int32]
    """Number of the cell, 0 … count² - 1."""


def cells(side: int, count: int, seed: int = 0, jitter: float = 0.85, warp: Field | None = None) -> Cells:
    """Worley's cells: `count` × `count` jittered points on a torus, and each texel's nearest one.

    `warp` (2, side, side) moves the texels by up to that many cell widths before the look-up.
    """
    rng = np.random.default_rng(seed)
    jitters = np.moveaxis((rng.random((count, count, 2), dtype=np.float32) - 0.5) * jitter + 0.5, -1, 0).copy()
    axis = np.arange(side, dtype=np.float32) * (count / side)
    y, x = np.broadcast_to(axis[:, None], (side, side)), np.broadcast_to(axis[None, :], (side, side))
    if warp is not None:
        y, x = y + warp[0], x + warp[1]
    row, column = np.floor(y).astype(np.int32), np.floor(x).astype(np.int32)
    down, along = (y - row).astype(np.float32), (x - column).astype(np.float32)
    # Squared distances until the end.
    nearest = np.full((side, side), np.float32(81.0))
    second = nearest.copy()
    number = np.zeros((side, side), dtype=np.int32)
    for d_row in (-1, 0, 1):
        for d_column in (-1, 0, 1):
            index = ((row + d_row) % count) * count + (column + d_column) % count
            below, right = jitters[0].take(index) - (down - d_row), jitters[1].take(index) - (along - d_column)
            distance = below * below + right * right
            closer = distance < nearest
            second = np.minimum(second, np.maximum(nearest, distance))
            np.copyto(number, index, where=closer)
            nearest = np.minimum(nearest, distance)
    nearest, second = np.sqrt(nearest), np.sqrt(second)
    return Cells((second - nearest).astype(np.float32) * np.float32(0.5), nearest, number)


def smoothstep(low: float, high: float, values: NDArray[np.floating]) -> Field:
    """0 below `low`, 1 above `high`, smooth between; falls instead of rising when low > high."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)
