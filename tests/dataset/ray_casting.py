"""What a camera sees, found by rays: written from the convention alone, sharing nothing with the package.

X forward, Y right, Z up, centimetres; rotations are roll, pitch, yaw; a pixel is what its centre sees. A ray advances
one centimetre along the camera's axis for each unit of its parameter, so the parameter is the planar depth.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from synthetic_spool import rotation_rows

Triangles = NDArray[np.float64]
"""Corners in the world (n, 3, 3), cm."""
GROUNDS_CM = ((20_000.0, 0.0), (1_000_000.0, -5.0))
"""Half the side and height of the squares that a floor is made of."""


def load_triangles(glb: Path | bytes) -> Triangles:
    """A GLB as it is put down: glTF's (x, y, z) m become (100 x, 100 z, 100 y) cm, the origin is below its middle."""
    source = trimesh.util.wrap_as_stream(glb) if isinstance(glb, bytes) else glb
    mesh = trimesh.load(source, file_type="glb").to_geometry()
    corners = 100.0 * np.asarray(mesh.triangles)[..., [0, 2, 1]]
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    placed: Triangles = corners - [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]]
    return placed


def place(
    triangles: Triangles, location_cm: list[float], rotation_deg: tuple[float, float, float], scale: float
) -> Triangles:
    """Triangles of a model as it stands in the world."""
    placed: Triangles = scale * triangles @ rotation_rows(rotation_deg) + np.array(location_cm)
    return placed


class Eye:
    """A pinhole camera."""

    def __init__(
        self, location_cm: list[float], rotation_deg: tuple[float, float, float], fov_deg: float, size: tuple[int, int]
    ) -> None:
        self.size = size
        self.location = np.array(location_cm)
        self.axes = rotation_rows(rotation_deg)
        self.focal = size[0] / 2 / math.tan(math.radians(fov_deg) / 2)
        x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
        right, down = (x - size[0] / 2) / self.focal, (y - size[1] / 2) / self.focal
        self.rays = self.axes[0] + right[..., None] * self.axes[1] - down[..., None] * self.axes[2]

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixel position and depth (..., 3)."""
        depth, right, up = np.moveaxis((points - self.location) @ self.axes.T, -1, 0)
        x, y = self.size[0] / 2 + self.focal * right / depth, self.size[1] / 2 - self.focal * up / depth
        return np.stack([x, y, depth], axis=-1)

    def depth_of(self, triangles: Triangles) -> NDArray[np.float64]:
        """Depth (h, w) of the nearest hit, infinite where there is none (Möller and Trumbore 1997)."""
        found = np.full(self.rays.shape[:2], np.inf)
        seen = self.project(triangles)
        if seen.size and seen[..., 2].min() <= 1.0:
            raise ValueError("A triangle reaches behind the camera.")
        starts = np.maximum(np.floor(seen[..., :2].min(axis=1)) - 1, 0).astype(int)
        ends = np.maximum(np.ceil(seen[..., :2].max(axis=1)) + 1, 0).astype(int)
        first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
        away = self.location - triangles[:, 0]
        # Their triple products, turned so that a ray is multiplied by vectors that are the same for all rays.
        sides = np.stack([np.cross(second, first), np.cross(second, away), np.cross(away, first)], axis=-1)
        reach = np.einsum("ij,ij->i", np.cross(away, first), second)
        for number in np.flatnonzero((starts < ends).all(axis=1) & (starts < self.size).all(axis=1)):
            (x0, y0), (x1, y1) = starts[number], ends[number]
            products = self.rays[y0:y1, x0:x1] @ sides[number]
            determinant, u, v = products[..., 0], products[..., 1], products[..., 2]
            with np.errstate(divide="ignore", invalid="ignore"):
                u, v, t = u / determinant, v / determinant, reach[number] / determinant
                hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (np.abs(determinant) > 1e-12)
            window = found[y0:y1, x0:x1]
            window[hit] = np.minimum(window[hit], t[hit])
        return found

    def ground_depth(self) -> NDArray[np.float64]:
        """Depth (h, w) of the floor."""
        found = np.full(self.rays.shape[:2], np.inf)
        for half_cm, height_cm in GROUNDS_CM:
            with np.errstate(divide="ignore"):
                t = (height_cm - self.location[2]) / self.rays[..., 2]
            points = self.location + np.where(np.isfinite(t), t, 0.0)[..., None] * self.rays
            hit = (t > 0) & (np.abs(points[..., :2]) <= half_cm).all(axis=-1)
            found = np.minimum(found, np.where(hit, t, np.inf))
        return found
