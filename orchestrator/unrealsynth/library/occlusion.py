"""How much of the sky each point of a model sees: baked, so that corners are dark in every light.

Points are splatted into depth grids seen from evenly spread directions; a point that is not the foremost in its cell is
hidden from there. Approximate, but smooth after a blur, and quick without an index of triangles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unrealsynth.library.mesh import Reals
from unrealsynth.library.noise import Field

_DIRECTIONS = 56
_GROUND_LIGHT = 0.55
"""Share of the light that comes back from the ground right under a model."""


def openness(points: Reals, normals: Reals, blocks: NDArray[np.bool_], spacing: float, asked: int) -> Field:
    """For the first `asked` of the points (n, 3), the cosine-weighted share 0…1 of directions not covered by
    those points that block.

    `spacing` is the distance between neighbouring points; the ground is at y = 0.
    """
    seen = np.zeros(asked)
    weight = np.full(asked, 1e-6)
    reach = 0.4 * float(points[:, 1].max()) + 1e-6
    cell = 1.7 * spacing
    for k, direction in enumerate(_spread(_DIRECTIONS)):
        cosine = normals[:asked] @ direction
        facing = np.flatnonzero(cosine > 0.05)
        if not len(facing):
            continue
        side = np.cross(direction, np.eye(3)[int(np.argmin(np.abs(direction)))])
        side /= np.linalg.norm(side)
        plane = np.stack([points @ side, points @ np.cross(direction, side)])
        cells = np.floor((plane - plane.min(axis=1, keepdims=True)) / cell + (k % 4) * 0.25).astype(np.int64)
        key = cells[0] * (int(cells[1].max()) + 1) + cells[1]
        depth = points @ direction
        foremost = np.full(int(key.max()) + 1, -np.inf)
        np.maximum.at(foremost, key[blocks], depth[blocks])
        slope = np.sqrt(np.maximum(1.0 - cosine[facing] ** 2, 0.0)) / cosine[facing]
        free = depth[facing] > foremost[key[facing]] - cell * (0.6 + np.minimum(slope, 4.0))
        light = free.astype(np.float64)
        if direction[1] < 0.0:
            way = np.maximum(points[facing, 1], 0.0) / -direction[1]
            light *= _GROUND_LIGHT + (1.0 - _GROUND_LIGHT) * np.minimum(way / reach, 1.0)
        seen[facing] += cosine[facing] * light
        weight[facing] += cosine[facing]
    return np.asarray(seen / weight, dtype=np.float32)


def _spread(count: int) -> Reals:
    """Directions on a Fibonacci lattice of the sphere, (count, 3)."""
    k = np.arange(count) + 0.5
    height = 1.0 - 2.0 * k / count
    turn = np.pi * (1.0 + 5.0**0.5) * k
    radius = np.sqrt(1.0 - height**2)
    return np.stack([radius * np.cos(turn), height, radius * np.sin(turn)], axis=-1)
