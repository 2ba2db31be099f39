"""Upright prisms around placed models: what must not overlap, and what can stand between camera and object.

A footprint is the convex outline, seen from above, of a model's rotated bounding box, with the heights it spans. It
holds the model, so footprints that are apart mean models that are apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from unrealsynth_plugin.core.geometry import Vec2, Vec3


@dataclass(frozen=True)
class Footprint:
    """Convex outline (counter-clockwise in X, Y) and height range of a placed model, cm."""

    outline: Tuple[Vec2, ...]
    low_cm: float
    high_cm: float

    def moved(self, offset: Vec3) -> Footprint:
        """The same prism, shifted."""
        x, y, z = offset
        return Footprint(tuple((px + x, py + y) for px, py in self.outline), self.low_cm + z, self.high_cm + z)


def footprint(points: Sequence[Vec3]) -> Footprint:
    """The prism around world points."""
    heights = [z for _, _, z in points]
    return Footprint(tuple(_convex_outline([(x, y) for x, y, _ in points])), min(heights), max(heights))


def overlap(a: Footprint, b: Footprint, gap_cm: float = 0.0) -> bool:
    """Whether two prisms come closer than `gap_cm`: the heights, then separating axes in the plane.

    Corners that point at each other may count as too close when they are a little more than the gap apart.
    """
    if a.high_cm + gap_cm <= b.low_cm or b.high_cm + gap_cm <= a.low_cm:
        return False
    return not (_separated(a.outline, b.outline, gap_cm) or _separated(b.outline, a.outline, gap_cm))


def contains(prism: Footprint, point: Vec3, margin_cm: float = 0.0) -> bool:
    """Whether a point lies inside the prism grown by `margin_cm`."""
    x, y, z = point
    if not prism.low_cm - margin_cm <= z <= prism.high_cm + margin_cm:
        return False
    return all((x - px) * nx + (y - py) * ny <= margin_cm for (px, py), (nx, ny) in _edges(prism.outline))


def blocks(prism: Footprint, start: Vec3, end: Vec3) -> bool:
    """Whether the straight line from start to end passes through the prism (Cyrus-Beck clipping)."""
    enter, leave = 0.0, 1.0
    direction = tuple(e - s for s, e in zip(start, end))
    planes: List[Tuple[float, float]] = [
        ((start[0] - px) * nx + (start[1] - py) * ny, direction[0] * nx + direction[1] * ny)
        for (px, py), (nx, ny) in _edges(prism.outline)
    ]
    planes.append((start[2] - prism.high_cm, direction[2]))
    planes.append((prism.low_cm - start[2], -direction[2]))
    for distance, slope in planes:
        if slope == 0.0:
            if distance > 0.0:
                return False
        elif slope > 0.0:
            leave = min(leave, -distance / slope)
        else:
            enter = max(enter, -distance / slope)
    return enter < leave


def _convex_outline(points: Sequence[Vec2]) -> List[Vec2]:
    """Convex hull in the plane, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    halves: List[List[Vec2]] = []
    for sequence in (ordered, ordered[::-1]):
        chain: List[Vec2] = []
        for point in sequence:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        halves.append(chain[:-1])
    return halves[0] + halves[1]


def _turn(a: Vec2, b: Vec2, c: Vec2) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _edges(outline: Sequence[Vec2]) -> List[Tuple[Vec2, Vec2]]:
    """For each side a point on it and its unit normal, outward."""
    sides: List[Tuple[Vec2, Vec2]] = []
    for (x0, y0), (x1, y1) in zip(outline, (*outline[1:], outline[0])):
        length = _length(x1 - x0, y1 - y0)
        if length is not None:
            sides.append(((x0, y0), ((y1 - y0) / length, (x0 - x1) / length)))
    return sides


def _length(x: float, y: float) -> Optional[float]:
    length = (x * x + y * y) ** 0.5
    return length if length > 1e-9 else None


def _separated(a: Sequence[Vec2], b: Sequence[Vec2], gap_cm: float) -> bool:
    return any(min((x - px) * nx + (y - py) * ny for x, y in b) >= gap_cm for (px, py), (nx, ny) in _edges(a))
