"""Masks for tests of outlines, and a plain way to fill polygons to compare with."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage


def fill(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels (height, width) whose centre is inside by the even-odd rule: rays to the right, one edge at a time."""
    height, width = size
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    crossings = np.zeros((height, width), np.int64)
    for (ax, ay), (bx, by) in zip(points, np.roll(points, -1, axis=0), strict=True):
        rows = (ay <= y) != (by <= y)
        if rows.any():
            at = ax + (y[rows] - ay) * (bx - ax) / (by - ay)
            crossings[rows] += x[None, :] < at[:, None]
    return crossings % 2 == 1


@st.composite
def masks(draw: st.DrawFn, largest: int = 40) -> NDArray[np.bool_]:
    """Blobs, rings, specks and noise; never empty, and without empty rows or columns around."""
    height, width = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    noise = np.random.default_rng(draw(st.integers(0, 10_000))).normal(size=(height, width))
    smooth = ndimage.gaussian_filter(noise, draw(st.sampled_from([0.0, 0.7, 2.0, 5.0])))
    mask = smooth >= np.quantile(smooth, draw(st.sampled_from([0.0, 0.2, 0.5, 0.8, 0.99])))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    cut: NDArray[np.bool_] = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cut


def disk(radius: float, size: int) -> NDArray[np.bool_]:
    """Pixels whose centre is within a circle in the middle."""
    along = np.arange(size) + 0.5 - size / 2
    mask: NDArray[np.bool_] = along[:, None] ** 2 + along[None, :] ** 2 <= radius**2
    return mask
