"""Solids as patches: rectangles of surface that know where in space each of their texels lies.

A patch is a grid of points, or a flat polygon cut out of a 2 × 2 grid; seen from outside its columns run right and its
rows down, so it is wound outward and what is painted on it is not mirrored. Axes are glTF's: Y up, metres.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from unrealsynth.library.surfaces import Painter

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cut:
    """A triangulated polygon on a flat patch."""

    chart: Reals
    """(n, 2) metres right and down from the patch's first point."""
    triangles: NDArray[np.int64]
    """(m, 3), counter-clockwise seen from outside."""


def _identity() -> Reals:
    return np.eye(4)[None]


@dataclass(frozen=True, eq=False)
class Patch:
    """One rectangle of the texture, placed once or several times."""

    points: Reals
    """(rows, columns, 3)."""
    normals: Reals
    """(rows, columns, 3), unit length, outward."""
    painter: Painter
    cut: Cut | None = None
    placements: Reals = field(default_factory=_identity)
    """(k, 4, 4) for column vectors; what is painted is laid out for the first."""
    detail: float = 1.0
    """Texels per metre, against the other patches of the model."""

    @cached_property
    def across(self) -> Reals:
        """Metres from the left edge to each column, along the longest row."""
        return _arc_lengths(self.points, axis=1)

    @cached_property
    def down(self) -> Reals:
        """Metres from the upper edge to each row, along the longest column."""
        return _arc_lengths(self.points, axis=0)


def _arc_lengths(points: Reals, axis: int) -> Reals:
    steps = np.linalg.norm(np.diff(points, axis=axis), axis=2).max(axis=1 - axis)
    return np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-6))])


@dataclass(frozen=True, eq=False)
class Solid:
    """Some patches; every method gives a new solid."""

    patches: tuple[Patch, ...]

    def __add__(self, other: Solid) -> Solid:
        return Solid(self.patches + other.patches)

    def placed(self, matrix: Reals) -> Solid:
        return Solid(tuple(replace(patch, placements=matrix @ patch.placements) for patch in self.patches))

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Solid:
        return self.placed(translation(x, y, z))

    def turned(self, axis: str, degrees: float) -> Solid:
        """Right-handed about `x`, `y` or `z` through the origin."""
        return self.placed(rotation(axis, degrees))

    def scaled(self, x: float, y: float, z: float) -> Solid:
        return self.placed(np.diag([x, y, z, 1.0]))

    def repeated(self, matrices: Iterable[Reals]) -> Solid:
        """The same at several places, sharing its part of the texture."""
        stack = list(matrices)
        return Solid(
            tuple(
                replace(patch, placements=np.concatenate([matrix @ patch.placements for matrix in stack]))
                for patch in self.patches
            )
        )

    def detailed(self, factor: float) -> Solid:
        """More or fewer texels per metre."""
        return Solid(tuple(replace(patch, detail=patch.detail * factor) for patch in self.patches))

    def painted(self, painter: Painter) -> Solid:
        return Solid(tuple(replace(patch, painter=painter) for patch in self.patches))

    def deformed(self, mapping: Callable[[Reals], Reals]) -> Solid:
        """Every point (n, 3) moved by `mapping`; normals follow its Jacobian. For solids that are placed once."""
        return Solid(tuple(_deformed(patch, mapping) for patch in self.patches))


def _deformed(patch: Patch, mapping: Callable[[Reals], Reals]) -> Patch:
    if patch.cut is not None:
        raise ValueError("a cut patch is flat and cannot be deformed")
    matrix = patch.placements[0]
    points = transformed(matrix, patch.points).reshape(-1, 3)
    normals = turned_normals(matrix, patch.normals).reshape(-1, 3)
    step = 1e-4
    jacobian = np.stack(
        [(mapping(points + step * axis) - mapping(points - step * axis)) / (2.0 * step) for axis in np.eye(3)], axis=-1
    )
    moved = np.einsum("nij,nj->ni", np.linalg.inv(jacobian).transpose(0, 2, 1), normals)
    shape = patch.points.shape
    return replace(
        patch, points=mapping(points).reshape(shape), normals=unit(moved).reshape(shape), placements=_identity()
    )


def vertices(patch: Patch) -> tuple[Reals, Reals, Reals, NDArray[np.int64]]:
    """Positions (k, n, 3) and normals (k, n, 3) for k placements, chart (n, 2: metres right and down) and triangles
    (k, m, 3) with indices from 0 to k n - 1."""
    if patch.cut is None:
        columns, rows = np.meshgrid(patch.across, patch.down)
        positions, normals = patch.points.reshape(-1, 3), patch.normals.reshape(-1, 3)
        chart = np.stack([columns.ravel(), rows.ravel()], axis=-1)
        triangles = _grid_triangles(patch.points)
    else:
        chart, triangles = patch.cut.chart, patch.cut.triangles
        origin, right, below = patch.points[0, 0], patch.points[0, 1], patch.points[1, 0]
        share = chart / [patch.across[-1], patch.down[-1]]
        positions = origin + share[:, :1] * (right - origin) + share[:, 1:] * (below - origin)
        normals = np.broadcast_to(patch.normals[0, 0], positions.shape)
    mirrored = np.linalg.det(patch.placements[:, :3, :3]) < 0.0
    wound = np.where(mirrored[:, None, None], triangles[:, ::-1], triangles)
    wound = wound + np.arange(len(mirrored))[:, None, None] * len(positions)
    return transformed(patch.placements, positions), turned_normals(patch.placements, normals), chart, wound


def _grid_triangles(points: Reals) -> NDArray[np.int64]:
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    triangles = np.concatenate([np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)])
    corners = points.reshape(-1, 3)[triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return np.asarray(triangles[area > 1e-10], dtype=np.int64)


def grid(points: Reals, normals: Reals, painter: Painter) -> Patch:
    """A patch from a grid in either orientation: the columns are reversed where they would run left."""
    right = np.diff(points[1:] + points[:-1], axis=1)
    below = np.diff(points[:, 1:] + points[:, :-1], axis=0)
    facing = normals[:-1, :-1] + normals[1:, 1:] + normals[:-1, 1:] + normals[1:, :-1]
    outward = np.einsum("ijk,ijk->", np.cross(below, right), facing)
    if outward < 0.0:
        points, normals = points[:, ::-1], normals[:, ::-1]
    return Patch(np.ascontiguousarray(points), np.ascontiguousarray(normals), painter)


def translation(x: float, y: float, z: float) -> Reals:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def rotation(axis: str, degrees: float) -> Reals:
    """Right-handed turn about `x`, `y` or `z`."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(4)
    matrix[first, first] = matrix[second, second] = cosine
    matrix[first, second], matrix[second, first] = -sine, sine
    return matrix


def transformed(matrix: Reals, points: Reals) -> Reals:
    """Points (…, 3) moved by one matrix (4, 4), or (n, 3) by each of (k, 4, 4)."""
    return np.asarray(np.einsum("...ij,...nj->...ni", matrix[..., :3, :3], points) + matrix[..., None, :3, 3])


def turned_normals(matrix: Reals, normals: Reals) -> Reals:
    """Unit normals after the same."""
    return unit(np.einsum("...nj,...ji->...ni", normals, np.linalg.inv(matrix[..., :3, :3])))


def unit(vectors: ArrayLike) -> Reals:
    """The vectors along the last axis at length 1."""
    array = np.asarray(vectors, dtype=np.float64)
    return np.asarray(array / np.maximum(np.linalg.norm(array, axis=-1, keepdims=True), 1e-12))


def union(solids: Sequence[Solid]) -> Solid:
    return Solid(tuple(patch for solid in solids for patch in solid.patches))
