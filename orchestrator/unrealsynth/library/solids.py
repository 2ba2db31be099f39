"""Closed solids to build models from: box, lathe, extrusion, tube, loft. Edges are bevelled or rounded where light
should catch on them. Normals are smooth within a patch and hard between patches; axes are glTF's, metres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from unrealsynth.library.mesh import Cut, Patch, Reals, Solid, grid, unit
from unrealsynth.library.polygons import inset, triangulated

if TYPE_CHECKING:
    from unrealsynth.library.surfaces import Painter

_LONGEST_STRIP = 12.0
"""Walls longer than this times their height are cut: the texture packs squares better than ribbons."""


def box(size: Sequence[float], painter: Painter, bevel: float = 0.0, steps: int = 1) -> Solid:
    """A box of `size` (x, y, z) about the origin; each edge is rounded by 2 × `steps` chords of radius `bevel`."""
    half = np.asarray(size, dtype=np.float64) / 2.0
    bevel = min(bevel, float(half.min()) * 0.999)
    patches = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for sign in (1.0, -1.0):
            rows, columns = _box_lines(half[v], bevel, steps), _box_lines(half[u], bevel, steps)
            cube = np.empty((len(rows), len(columns), 3))
            cube[..., axis] = sign * half[axis]
            cube[..., u], cube[..., v] = columns[None, :], rows[:, None]
            core = np.clip(cube, -(half - bevel), half - bevel)
            normals = unit(cube - core) if bevel > 0.0 else np.broadcast_to(np.eye(3)[axis] * sign, cube.shape)
            patches.append(grid(core + bevel * normals if bevel > 0.0 else cube, normals, painter))
    return Solid(tuple(patches))


def _box_lines(half: float, bevel: float, steps: int) -> Reals:
    """Where a face's grid lines lie on the cube: equal angles on the rounding, up to the edge at 45 degrees."""
    if bevel <= 0.0:
        return np.array([-half, half])
    rounding = np.tan(np.linspace(0.0, np.pi / 4.0, steps + 1)) * bevel
    upper = half - bevel + rounding
    return np.concatenate([-upper[::-1], upper])


def lathe(
    profile: ArrayLike, painter: Painter, segments: int = 32, hard_degrees: float = 40.0, sweep_degrees: float = 360.0
) -> Solid:
    """`profile` (n, 2: radius, height) turned about Y.

    Outward is to the right of the way along the profile, so one that goes from the axis below, around the outside, to
    the axis above closes a solid. Corners sharper than `hard_degrees` are hard edges.
    """
    points = np.asarray(profile, dtype=np.float64)
    steps = unit(np.diff(points, axis=0))
    facing = np.stack([steps[:, 1], -steps[:, 0]], axis=-1)
    turns = np.radians(np.linspace(0.0, sweep_degrees, segments + 1))
    patches = []
    for start, end in _smooth_runs(steps, hard_degrees):
        band = points[start : end + 1]
        normals = _averaged(facing[start:end])
        for k in (0, -1):
            if band[k, 0] < 1e-9:
                normals[k] = 0.0, math.copysign(1.0, normals[k, 1])
        around = np.stack([np.cos(turns), np.zeros_like(turns), -np.sin(turns)], axis=-1)
        if sweep_degrees == 360.0:
            around[-1] = around[0]
        up = np.array([0.0, 1.0, 0.0])
        spread = band[:, :1, None] * around + band[:, 1:, None] * up
        patches.append(grid(spread, unit(normals[:, :1, None] * around + normals[:, 1:, None] * up), painter))
    return Solid(tuple(patches))


def _smooth_runs(steps: Reals, hard_degrees: float) -> list[tuple[int, int]]:
    """First and last point of each run of segments without a hard corner."""
    bend = np.degrees(np.arccos(np.clip(np.sum(steps[1:] * steps[:-1], axis=1), -1.0, 1.0)))
    breaks = [0, *(np.flatnonzero(bend > hard_degrees) + 1).tolist(), len(steps)]
    return [(a, b) for a, b in pairwise(breaks) if b > a]


def _averaged(normals: Reals) -> Reals:
    """Normals of n segments as normals of their n + 1 points."""
    return unit(np.concatenate([normals[:1], normals[:-1] + normals[1:], normals[-1:]]))


def extrusion(
    polygon: ArrayLike, depth: float, painter: Painter, bevel: float = 0.0, hard_degrees: float = 30.0
) -> Solid:
    """`polygon` (n, 2: x, y, counter-clockwise) as a plate of `depth` along Z, about z = 0."""
    outline = np.asarray(polygon, dtype=np.float64)
    face = inset(outline, bevel) if bevel > 0.0 else outline
    half = depth / 2.0
    return Solid((*_walls(outline, face, half, bevel, painter, hard_degrees), *_lids(face, half, painter)))


def _walls(
    outline: Reals, face: Reals, half: float, bevel: float, painter: Painter, hard_degrees: float
) -> list[Patch]:
    count = len(outline)
    edges = unit(np.roll(outline, -1, axis=0) - outline)
    facing = np.stack([edges[:, 1], -edges[:, 0]], axis=-1)
    bend = np.degrees(np.arccos(np.clip(np.sum(edges * np.roll(edges, 1, axis=0), axis=1), -1.0, 1.0)))
    hard = np.flatnonzero(bend > hard_degrees)
    breaks = [*hard.tolist(), int(hard[0]) + count] if len(hard) else [0, count]
    patches = []
    for first, last in pairwise(breaks):
        segments = np.arange(first, last) % count
        normals = _averaged(facing[segments])
        if not len(hard):
            normals[0] = normals[-1] = unit(facing[-1] + facing[0])
        for a, b in _strips(outline, first, last, 2.0 * half):
            ring = np.arange(a, b + 1) % count
            around = np.concatenate([normals[a - first : b - first + 1], np.zeros((len(ring), 1))], axis=1)
            front = np.broadcast_to([0.0, 0.0, 1.0], around.shape)
            lines = [(outline, half - bevel, around), (outline, bevel - half, around)]
            if bevel > 0.0:
                lines = [(face, half, unit(around + front)), *lines, (face, -half, unit(around - front))]
            points = np.stack([np.column_stack([line[ring], np.full(len(ring), z)]) for line, z, _ in lines])
            patches.append(grid(points, np.stack([normal for _, _, normal in lines]), painter))
    return patches


def _strips(outline: Reals, first: int, last: int, height: float) -> list[tuple[int, int]]:
    """The run of points first…last cut where it gets long."""
    strips, start, length = [], first, 0.0
    for k in range(first, last):
        length += float(np.linalg.norm(outline[(k + 1) % len(outline)] - outline[k % len(outline)]))
        if length > _LONGEST_STRIP * height and k + 1 < last:
            strips.append((start, k + 1))
            start, length = k + 1, 0.0
    return [*strips, (start, last)]


def _lids(face: Reals, half: float, painter: Painter) -> list[Patch]:
    low, high = face.min(axis=0), face.max(axis=0)
    triangles = triangulated(face)
    patches = []
    for side in (1.0, -1.0):
        left, right = (low[0], high[0]) if side > 0 else (high[0], low[0])
        corners = np.array(
            [
                [[left, high[1], side * half], [right, high[1], side * half]],
                [[left, low[1], side * half], [right, low[1], side * half]],
            ]
        )
        chart = np.stack([np.abs(face[:, 0] - left), high[1] - face[:, 1]], axis=-1)
        normals = np.broadcast_to([0.0, 0.0, side], corners.shape)
        patches.append(Patch(corners, normals, painter, Cut(chart, triangles if side > 0 else triangles[:, ::-1])))
    return patches


def tube(path: ArrayLike, radius: ArrayLike, painter: Painter, sides: int = 12, closed: bool = False) -> Solid:
    """A round bar along `path` (n, 3), with one radius or one for each point, flat at its ends.

    `closed` joins the last point to the first; the path then lies in a plane, or the skin would have a step.
    """
    line = np.asarray(path, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(line))
    if closed:
        tangents = unit(np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0))
        line, radii = np.concatenate([line, line[:1]]), np.append(radii, radii[0])
        tangents = np.concatenate([tangents, tangents[:1]])
    else:
        tangents = _averaged(unit(np.diff(line, axis=0)))
    sideways = _transported(tangents)
    turns = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    circle = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    circle[-1] = circle[0]
    upward = np.cross(tangents, sideways)
    spokes = circle[None, :, :1] * sideways[:, None] + circle[None, :, 1:] * upward[:, None]
    rings = line[:, None] + spokes * radii[:, None, None]
    patches = [grid(rings, spokes, painter)]
    if not closed:
        patches += [_disc(rings[0], -tangents[0], painter), _disc(rings[-1], tangents[-1], painter)]
    return Solid(tuple(patches))


def _transported(tangents: Reals) -> Reals:
    """A normal carried along a curve without twisting about it."""
    start = np.eye(3)[int(np.argmin(np.abs(tangents[0])))]
    normals = [unit(start - tangents[0] * (start @ tangents[0]))]
    for before, after in pairwise(tangents):
        # The shortest turn from one tangent to the next, applied to a vector across the first.
        turned = normals[-1] - (before + after) * (normals[-1] @ after) / (1.0 + before @ after)
        normals.append(unit(turned))
    return np.stack(normals)


def _disc(ring: Reals, normal: Reals, painter: Painter) -> Patch:
    """A lid on a closed ring (n + 1, 3)."""
    centre = np.broadcast_to(ring[:-1].mean(axis=0), ring.shape)
    return grid(np.stack([ring, centre]), np.broadcast_to(normal, (2, *ring.shape)), painter)


def loft(rings: Reals, painter: Painter, lid_painter: Painter | None = None) -> Solid:
    """A smooth skin over `rings` (rows, columns, 3), each closed: the last column is joined to the first.

    The ends are flat, in the colour of `lid_painter` where it differs.
    """
    closed = np.concatenate([rings, rings[:, :1]], axis=1)
    around = np.roll(rings, -1, axis=1) - np.roll(rings, 1, axis=1)
    along = np.gradient(rings, axis=0)
    normals = unit(np.cross(along, around))
    middle = rings.reshape(-1, 3).mean(axis=0)
    if float(np.sum((rings - middle) * normals)) < 0.0:
        normals = -normals
    patches = [grid(closed, np.concatenate([normals, normals[:, :1]], axis=1), painter)]
    axis = unit(rings[-1].mean(axis=0) - rings[0].mean(axis=0))
    lids = lid_painter or painter
    patches += [_disc(closed[0], -axis, lids), _disc(closed[-1], axis, lids)]
    return Solid(tuple(patches))


def arc(centre: Sequence[float], radius: float, start_degrees: float, end_degrees: float, steps: int) -> Reals:
    """Points (steps + 1, 2) on a circle, counter-clockwise from +x for growing angles."""
    turns = np.radians(np.linspace(start_degrees, end_degrees, steps + 1))
    return np.asarray(centre, dtype=np.float64) + radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
