"""Unreal's basic shapes: 100 cm across, centred on the origin, texture coordinates from 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.scene import Material, Mesh, Primitive

HALF_CM = 50.0
_SEGMENTS = 64
_RINGS = 32
NAMES = ("Cone", "Cube", "Cylinder", "Plane", "Sphere")


def basic_shape(name: str) -> Mesh:
    """One of `NAMES`."""
    makers = {"Cone": _cone, "Cube": _cube, "Cylinder": _cylinder, "Plane": _plane, "Sphere": _sphere}
    return Mesh((makers[name](),), (Material(base_color=(0.5, 0.5, 0.5, 1.0), roughness=0.9),))


def _primitive(positions: object, normals: object, uvs: object, triangles: object) -> Primitive:
    points = np.asarray(positions, np.float32)
    directions = np.asarray(normals, np.float32)
    indices = np.asarray(triangles, np.uint32).reshape(-1, 3)
    return Primitive(points, directions, np.asarray(uvs, np.float32), _facing(points, directions, indices))


def _facing(
    points: NDArray[np.float32], normals: NDArray[np.float32], indices: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Triangles in the order that imported meshes have: seen from outside, their corners' cross product points in.

    The swap of axes on import keeps the order of corners and mirrors the space, hence the sign.
    """
    a, b, c = (points[indices[:, i]] for i in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), normals[indices].sum(axis=1)) < 0
    ordered: NDArray[np.uint32] = indices.copy()
    ordered[~inward] = indices[~inward][:, ::-1]
    return ordered


def _quad(center: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64]) -> tuple[list[object], object]:
    return [center - u - v, center + u - v, center + u + v, center - u + v], np.cross(u, v)


def _plane() -> Primitive:
    corners = [(-HALF_CM, -HALF_CM, 0), (HALF_CM, -HALF_CM, 0), (HALF_CM, HALF_CM, 0), (-HALF_CM, HALF_CM, 0)]
    return _primitive(corners, [(0, 0, 1)] * 4, [(0, 0), (1, 0), (1, 1), (0, 1)], [(0, 1, 2), (0, 2, 3)])


def _cube() -> Primitive:
    positions: list[object] = []
    normals: list[object] = []
    triangles: list[tuple[int, int, int]] = []
    axes = np.eye(3)
    for axis in range(3):
        for sign in (1.0, -1.0):
            normal = axes[axis] * sign
            corners, _ = _quad(normal * HALF_CM, axes[(axis + 1) % 3] * HALF_CM, axes[(axis + 2) % 3] * HALF_CM)
            first = len(positions)
            positions += corners
            normals += [normal] * 4
            triangles += [(first, first + 1, first + 2), (first, first + 2, first + 3)]
    return _primitive(positions, normals, [(0, 0), (1, 0), (1, 1), (0, 1)] * 6, triangles)


def _grid(columns: int, rows: int) -> list[tuple[int, int, int]]:
    triangles = []
    for row in range(rows):
        for column in range(columns):
            a = row * (columns + 1) + column
            b, c, d = a + 1, a + columns + 2, a + columns + 1
            triangles += [(a, b, c), (a, c, d)]
    return triangles


def _sphere() -> Primitive:
    u, v = np.meshgrid(np.linspace(0, 1, _SEGMENTS + 1), np.linspace(0, 1, _RINGS + 1))
    azimuth, polar = u.ravel() * 2 * np.pi, v.ravel() * np.pi
    normals = np.stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)], axis=1)
    return _primitive(normals * HALF_CM, normals, np.stack([u.ravel(), v.ravel()], axis=1), _grid(_SEGMENTS, _RINGS))


def _side(top_radius: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The mantle of a cylinder or cone: positions, normals, texture coordinates."""
    azimuth = np.linspace(0, 2 * np.pi, _SEGMENTS + 1)
    circle = np.stack([np.cos(azimuth), np.sin(azimuth)], axis=1)
    rise = (HALF_CM - top_radius) / (2 * HALF_CM)
    normals = np.column_stack([circle, np.full(len(azimuth), rise)]) / np.hypot(1, rise)
    top = np.column_stack([circle * top_radius, np.full(len(azimuth), HALF_CM)])
    bottom = np.column_stack([circle * HALF_CM, np.full(len(azimuth), -HALF_CM)])
    share = np.linspace(0, 1, _SEGMENTS + 1)
    uvs = np.vstack([np.column_stack([share, 0 * share]), np.column_stack([share, 0 * share + 1])])
    return np.vstack([top, bottom]), np.vstack([normals, normals]), uvs


def _with_caps(top_radius: float) -> Primitive:
    positions, normals, uvs = _side(top_radius)
    triangles = _grid(_SEGMENTS, 1)
    for height, radius in ((HALF_CM, top_radius), (-HALF_CM, HALF_CM)):
        if radius == 0.0:
            continue
        first = len(positions)
        azimuth = np.linspace(0, 2 * np.pi, _SEGMENTS, endpoint=False)
        rim = np.column_stack([np.cos(azimuth) * radius, np.sin(azimuth) * radius, np.full(_SEGMENTS, height)])
        positions = np.vstack([positions, rim])
        normals = np.vstack([normals, np.tile([0.0, 0.0, np.sign(height)], (_SEGMENTS, 1))])
        uvs = np.vstack([uvs, rim[:, :2] / (2 * HALF_CM) + 0.5])
        triangles += [(first, first + i, first + i + 1) for i in range(1, _SEGMENTS - 1)]
    return _primitive(positions, normals, uvs, triangles)


def _cylinder() -> Primitive:
    return _with_caps(HALF_CM)


def _cone() -> Primitive:
    return _with_caps(0.0)
