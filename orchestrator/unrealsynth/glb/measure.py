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
_EVEN_SHARE = 0.85
"""Share of a thinned hull's vertices that are chosen by direction."""
_ROUNDS = 3
_MAX_REFINED = 50_000
"""Hulls of more vertices are so smooth that directions alone serve."""
_PART = 200_000
"""Numbers held at a time while points are compared with facets."""


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
    coordinates, reach = _own_axes(points)
    if reach == 0.0:
        return points[:1]
    extremes = np.concatenate([points.argmin(axis=0), points.argmax(axis=0)])
    return np.unique(points[np.union1d(_spanning(coordinates), extremes)], axis=0)


def thin(vertices: Points, max_points: int = MAX_HULL_POINTS) -> Hull:
    """At most `max_points` of a hull's vertices, chosen so that the hull loses little.

    Most are the furthest along directions spread evenly; then those are added that lie furthest beyond their hull.
    """
    if len(vertices) <= max_points:
        return Hull(vertices, 0.0)
    coordinates, reach = _own_axes(vertices)
    extremes = np.concatenate([vertices.argmin(axis=0), vertices.argmax(axis=0)])
    # In units of its own extents a long shape is as round as any other.
    even = coordinates / np.ptp(coordinates, axis=0)
    directions = _directions(coordinates.shape[1], round(max_points * _EVEN_SHARE))
    chosen = np.union1d(extremes, _furthest(even, directions)[0])
    rounds = _ROUNDS if len(vertices) <= _MAX_REFINED else 0
    for left in range(rounds, 0, -1):
        candidates = _beyond(coordinates, chosen)[0]
        first = np.sort(np.unique(candidates, return_index=True)[1])
        fresh = candidates[first][~np.isin(candidates[first], chosen)]
        chosen = np.union1d(chosen, fresh[: (max_points - len(chosen)) // left])
    lost = float(_beyond(coordinates, chosen)[1].max(initial=0.0))
    return Hull(vertices[chosen], lost * reach)


def _own_axes(points: Points) -> tuple[NDArray[np.float64], float]:
    """The points in 1, 2 or 3 axes of their own, as many as they fill, and the length of these axes' unit."""
    offsets = points - points.mean(axis=0)
    reach = float(np.abs(offsets).max())
    if reach == 0.0:
        return offsets[:, :1], 0.0
    offsets /= reach
    axes = np.linalg.svd(offsets.T @ offsets)[2]
    extents = np.ptp(offsets @ axes.T, axis=0)
    dimensions = int(np.count_nonzero(extents > _FLAT * extents.max()))
    return (offsets if dimensions == 3 else offsets @ axes[:dimensions].T), reach


def _spanning(coordinates: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the hull's vertices."""
    from scipy.spatial import ConvexHull, QhullError

    if coordinates.shape[1] == 1:
        return np.array([coordinates.argmin(), coordinates.argmax()])
    try:
        return np.asarray(ConvexHull(coordinates).vertices)
    except QhullError:
        # All points span the same hull; only the planning takes longer.
        return np.arange(len(coordinates))


def _directions(dimensions: int, count: int) -> NDArray[np.float64]:
    """Unit vectors all around: on a circle, or on a Fibonacci spiral over the sphere."""
    if dimensions < 3:
        angle = np.arange(count) * (2.0 * np.pi / count)
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, :dimensions]
    height = 1.0 - (2.0 * np.arange(count) + 1.0) / count
    angle = np.arange(count) * (np.pi * (3.0 - np.sqrt(5.0)))
    radius = np.sqrt(1.0 - height * height)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)


def _furthest(points: NDArray[np.float64], directions: NDArray[np.float64]) -> tuple[NDArray[np.intp], Points]:
    """For each direction the index of the point furthest along it, and how far that is."""
    indices = np.zeros(len(directions), np.intp)
    distances = np.full(len(directions), -np.inf)
    everywhere = np.arange(len(directions))
    # In parts that stay in the processor's cache.
    step = _PART // len(directions) + 1
    for start in range(0, len(points), step):
        along = points[start : start + step] @ directions.T
        best = along.argmax(axis=0)
        reached = along[best, everywhere]
        further = reached > distances
        indices[further] = best[further] + start
        distances[further] = reached[further]
    return indices, distances


def _beyond(points: NDArray[np.float64], chosen: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Points furthest beyond the hull of the chosen ones, and their distances from it, the furthest first.

    For every facet one; where no hull can be had, by the distance from the next chosen point, which is no smaller.
    """
    from scipy.spatial import ConvexHull, KDTree, QhullError

    try:
        facets = np.unique(ConvexHull(points[chosen]).equations, axis=0)
    except QhullError:
        candidates, distances = np.arange(len(points)), KDTree(points[chosen]).query(points)[0]
    else:
        candidates, distances = _furthest(points, facets[:, :-1])
        distances = distances + facets[:, -1]
    order = np.argsort(-distances, kind="stable")
    return candidates[order], distances[order]
