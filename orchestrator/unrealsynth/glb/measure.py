"""Bounds and convex hull of points: all that planning needs to know of a model's shape.

The box of the projected hull is the box of the projected model, exactly, because a projection keeps straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 3)"""

MAX_HULL_POINTS = 2000
"""A hull of more vertices is thinned to this many."""
_FLAT = 1e-9
"""Relative thickness under which a shape counts as flat."""


@dataclass(frozen=True)
class Hull:
    """Vertices of a convex hull, and how far (same unit) the true hull reaches beyond them."""

    points: Points
    deviation: float


def unreal_axes(points: Points) -> Points:
    """glTF metres (x right, y up, z forward) as Unreal's centimetres: (100 x, 100 z, 100 y)."""
    return points[:, [0, 2, 1]] * 100.0


def hull_vertices(points: Points) -> Points:
    """The points that span the convex hull of `points`, also of flat, straight and single-point shapes."""
    offsets = points - points.mean(axis=0)
    reach = np.abs(offsets).max()
    if reach == 0.0:
        return points[:1]
    offsets /= reach
    axes = np.linalg.svd(offsets.T @ offsets)[2]
    extents = np.ptp(offsets @ axes.T, axis=0)
    dimensions = int(np.count_nonzero(extents > _FLAT * extents.max()))
    spanning = _spanning(offsets if dimensions == 3 else offsets @ axes[:dimensions].T)
    extremes = np.concatenate([points.argmin(axis=0), points.argmax(axis=0)])
    return np.unique(points[np.union1d(spanning, extremes)], axis=0)


def thin(vertices: Points, max_points: int = MAX_HULL_POINTS) -> Hull:
    """At most `max_points` of a hull's vertices: the furthest along directions spread evenly over the sphere."""
    if len(vertices) <= max_points:
        return Hull(vertices, 0.0)
    axes = np.concatenate([np.eye(3), -np.eye(3)])
    chosen = np.unique(_furthest(vertices, np.concatenate([axes, _directions(max_points - len(axes))])))
    return Hull(vertices[chosen], _deviation(vertices, vertices[chosen]))


def _spanning(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the hull's vertices, for points in 1, 2 or 3 dimensions."""
    from scipy.spatial import ConvexHull, QhullError

    if points.shape[1] == 1:
        return np.array([points.argmin(), points.argmax()])
    try:
        return np.asarray(ConvexHull(points).vertices)
    except QhullError:
        # All points span the same hull; only the planning takes longer.
        return np.arange(len(points))


def _furthest(points: Points, directions: Points) -> NDArray[np.intp]:
    return np.concatenate([(points @ block.T).argmax(axis=0) for block in np.array_split(directions, 16)])


def _directions(count: int) -> Points:
    """Unit vectors on a Fibonacci spiral, as evenly spread as a formula gets them."""
    steps = np.arange(count) + 0.5
    height = 1.0 - 2.0 * steps / count
    angle = steps * (np.pi * (3.0 - np.sqrt(5.0)))
    radius = np.sqrt(1.0 - height * height)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)


def _deviation(points: Points, chosen: Points) -> float:
    """Largest distance of `points` from the hull of `chosen`, or for flat shapes an upper bound of it."""
    from scipy.spatial import ConvexHull, KDTree, QhullError

    try:
        planes = ConvexHull(chosen).equations
    except QhullError:
        return float(KDTree(chosen).query(points)[0].max())
    return max(float((block @ planes[:, :3].T + planes[:, 3]).max()) for block in np.array_split(points, 64))
