"""Shapes and views with round numbers, so that a test's expected values can be worked out on paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.scene import Instance, Material, Mesh, Primitive, Vec3, View

WHITE = Material(unlit=True)


def view(width: int = 100, height: int = 80, *, fov_deg: float = 90.0, location: Vec3 = (0.0, 0.0, 0.0)) -> View:
    """From `location` along +X; at 90° and 100 pixels the focal length is 50 pixels."""
    return View(width, height, location, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), fov_deg)


def mesh(corners: list[Vec3], triangles: list[tuple[int, int, int]], material: Material = WHITE) -> Mesh:
    """A mesh without texture coordinates whose normals point to -X, towards the camera of `view`."""
    positions = np.array(corners, dtype=np.float32)
    normals = np.tile(np.float32([-1, 0, 0]), (len(corners), 1))
    uvs = np.zeros((len(corners), 2), dtype=np.float32)
    return Mesh((Primitive(positions, normals, uvs, np.array(triangles, dtype=np.uint32)),), (material,))


def card(distance_cm: float, left: float, right: float, bottom: float, top: float, material: Material = WHITE) -> Mesh:
    """A rectangle that faces the camera of `view`; u runs to the right and v down, both 0…1."""
    x = distance_cm
    made = mesh(
        [(x, left, bottom), (x, right, bottom), (x, right, top), (x, left, top)], [(0, 1, 2), (0, 2, 3)], material
    )
    made.primitives[0].uvs[:] = [[0, 1], [1, 1], [1, 0], [0, 0]]
    return made


def floor(half_cm: float, material: Material = WHITE) -> Mesh:
    """A square in the plane z = 0 whose front is above."""
    h = half_cm
    made = mesh([(-h, -h, 0), (h, -h, 0), (h, h, 0), (-h, h, 0)], [(0, 2, 1), (0, 3, 2)], material)
    made.primitives[0].normals[:] = (0, 0, 1)
    return made


def box(size: Vec3, material: Material = WHITE) -> Mesh:
    """A box around the origin, closed, with flat normals."""
    corners: list[Vec3] = []
    normals: list[Vec3] = []
    triangles: list[tuple[int, int, int]] = []
    half = np.array(size) / 2
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = np.zeros(3)
            normal[axis] = sign
            first = np.roll((1.0, 0.0, 0.0), axis + 1)
            second = np.cross(normal, first)
            base = len(corners)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                corners.append(tuple((normal + a * first + b * second) * half))
                normals.append(tuple(normal))
            # The usual cross product of these edges points inwards, as in left-handed axes it has to.
            triangles += [(base, base + 2, base + 1), (base, base + 3, base + 2)]
    made = mesh(corners, triangles, material)
    made.primitives[0].normals[:] = normals
    return made


def at(
    shape: Mesh, location: Vec3 = (0.0, 0.0, 0.0), *, scale: Vec3 = (1.0, 1.0, 1.0), stencil: int | None = None
) -> Instance:
    """An instance of a mesh, moved and scaled."""
    transform: NDArray[np.float64] = np.diag([*scale, 1.0])
    transform[:3, 3] = location
    return Instance(shape, transform, shape.materials, stencil=stencil)
