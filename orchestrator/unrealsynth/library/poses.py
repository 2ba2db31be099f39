"""Models as they come to lie when they are knocked over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import ConvexHull

from unrealsynth.library.finish import centred
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Reals, rotation, unit


def lying(make: Callable[[], Sequence[Surface]], axis: str, degrees: float) -> list[Surface]:
    """The model turned about `axis`, then set down on the side of its hull that faces down most."""
    surfaces = make()
    turn = rotation(axis, degrees)[:3, :3]
    points = np.concatenate([surface.positions for surface in surfaces]) @ turn.T
    settled = _onto_ground(_lowest_side(points)) @ turn
    return centred(
        [
            replace(surface, positions=surface.positions @ settled.T, normals=surface.normals @ settled.T)
            for surface in surfaces
        ]
    )


def _lowest_side(points: Reals) -> Reals:
    """Outward normal of the side on which the hull comes to rest: the lowest of those with its middle above them."""
    hull = ConvexHull(points)
    corners, normals = points[hull.simplices], hull.equations[:, :3]
    inside = points[hull.vertices].mean(axis=0)
    # Tetrahedra from a point inside: the middle of the whole is the mean of theirs, by volume.
    volume = np.abs(np.linalg.det(corners - inside))
    middle = (volume[:, None] * (corners.sum(axis=1) + inside) / 4.0).sum(axis=0) / volume.sum()
    foot = middle - (normals @ middle + hull.equations[:, 3])[:, None] * normals
    turning = np.cross(np.roll(corners, -1, axis=1) - corners, foot[:, None] - corners)
    sides = np.einsum("nki,ni->nk", turning, normals)
    stable = (sides >= -1e-12).all(axis=1) | (sides <= 1e-12).all(axis=1)
    return np.asarray(normals[int(np.argmin(np.where(stable, normals[:, 1], 2.0)))])


def _onto_ground(normal: Reals) -> Reals:
    """The least turn (3, 3) that brings a unit vector to -Y (Rodrigues' formula)."""
    down = np.array([0.0, -1.0, 0.0])
    about, cosine = np.cross(normal, down), float(normal @ down)
    sine = float(np.linalg.norm(about))
    if sine < 1e-9:
        return np.eye(3)
    x, y, z = unit(about)
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + sine * skew + (1.0 - cosine) * skew @ skew)
