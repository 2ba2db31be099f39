"""Plane polygons: rounding corners, insetting, cutting into triangles. Points (n, 2), counter-clockwise."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unrealsynth.library.mesh import Reals, unit


def rounded(corners: Sequence[Sequence[float]], radius: float | Sequence[float], steps: int = 4) -> Reals:
    """The polygon with an arc of `steps` chords in each corner; one radius for all, or one for each corner."""
    polygon = np.asarray(corners, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(polygon))
    points: list[Reals] = []
    for k, corner in enumerate(polygon):
        to_last = unit(polygon[k - 1] - corner)
        to_next = unit(polygon[(k + 1) % len(polygon)] - corner)
        angle = math.acos(float(np.clip(to_last @ to_next, -1.0, 1.0)))
        if radii[k] <= 0.0 or math.pi - angle < 1e-3:
            points.append(corner[None])
            continue
        room = 0.5 * min(
            float(np.linalg.norm(polygon[k - 1] - corner)),
            float(np.linalg.norm(polygon[(k + 1) % len(polygon)] - corner)),
        )
        tangent = min(radii[k] / math.tan(angle / 2.0), room)
        r = tangent * math.tan(angle / 2.0)
        centre = corner + unit(to_last + to_next) * math.hypot(tangent, r)
        start, end = corner + to_last * tangent - centre, corner + to_next * tangent - centre
        sweep = math.atan2(float(start[0] * end[1] - start[1] * end[0]), float(start @ end))
        turns = np.linspace(0.0, sweep, steps + 1)
        cosine, sine = np.cos(turns)[:, None], np.sin(turns)[:, None]
        points.append(centre + cosine * start + sine * np.array([-start[1], start[0]]))
    return np.concatenate(points)


def inset(polygon: Reals, distance: float) -> Reals:
    """Every edge moved inwards by `distance`."""
    edges = unit(np.roll(polygon, -1, axis=0) - polygon)
    inward = np.stack([-edges[:, 1], edges[:, 0]], axis=-1)
    before = np.roll(inward, 1, axis=0)
    mitre = (before + inward) / np.maximum(1.0 + np.sum(before * inward, axis=1, keepdims=True), 0.25)
    return np.asarray(polygon + mitre * distance)


def circle(radius: float, sides: int, start_degrees: float = 0.0) -> Reals:
    turns = np.radians(start_degrees) + np.arange(sides) * (2.0 * np.pi / sides)
    return np.stack([np.cos(turns), np.sin(turns)], axis=-1) * radius


def triangulated(polygon: ArrayLike) -> NDArray[np.int64]:
    """Ear clipping: (n - 2, 3) indices of a simple polygon."""
    points = [(float(x), float(y)) for x, y in np.asarray(polygon, dtype=np.float64)]
    left = list(range(len(points)))
    triangles: list[tuple[int, int, int]] = []
    while len(left) > 3:
        triangles.append(_clip_ear(points, left))
    triangles.append((left[0], left[1], left[2]))
    return np.asarray(triangles, dtype=np.int64)


def _clip_ear(points: list[tuple[float, float]], left: list[int]) -> tuple[int, int, int]:
    """Removes the fattest of the corners that can be cut off without crossing the rest."""
    best, best_score = 0, -math.inf
    for k in range(len(left)):
        a, b, c = left[k - 1], left[k], left[(k + 1) % len(left)]
        area = _cross(points[a], points[b], points[c])
        if area <= 0.0:
            continue
        longest = max(math.dist(points[a], points[b]), math.dist(points[b], points[c]), math.dist(points[a], points[c]))
        score = area / longest**2
        if score > best_score and not any(
            _inside(points[p], points[a], points[b], points[c]) for p in left if p not in (a, b, c)
        ):
            best, best_score = k, score
    ear = (left[best - 1], left[best], left[(best + 1) % len(left)])
    del left[best]
    return ear


def _cross(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _inside(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return _cross(a, b, p) >= 0.0 and _cross(b, c, p) >= 0.0 and _cross(c, a, p) >= 0.0
