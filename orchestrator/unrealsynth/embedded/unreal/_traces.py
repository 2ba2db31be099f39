"""Line traces against what stands in the world: its static meshes, triangle by triangle, as a complex trace does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal._wrapper import Name
from unrealsynth.embedded.unreal.collision import CollisionEnabled
from unrealsynth.embedded.unreal.components import ActorComponent
from unrealsynth.embedded.unreal.mesh_components import StaticMeshComponent
from unrealsynth.embedded.unreal.structs import HitResult, Vector
from unrealsynth.embedded.unreal.world import World

Vec3 = tuple[float, float, float]
_SLACK_CM = 1e-3
_QUERIES = (CollisionEnabled.QUERY_ONLY, CollisionEnabled.QUERY_AND_PHYSICS, CollisionEnabled.QUERY_AND_PROBE)


@dataclass(frozen=True)
class Hit:
    """Where a trace ended. `normal` is a unit vector that faces the start."""

    share: float
    point: Vec3
    normal: Vec3
    component: StaticMeshComponent
    face: int

    def result(self, start: Vector, end: Vector) -> HitResult:
        """As a script gets it."""
        point, normal = Vector(*self.point), Vector(*self.normal)
        made = HitResult()
        made._parts = (
            *(True, self.share == 0.0, self.share, self.share * (end - start).length(), point, point, normal, normal),
            *(None, self.component._owner, self.component, Name(), Name(), -1, 0, self.face, start, end),
        )
        return made


@dataclass(frozen=True)
class Solid:
    """A component made ready to be met by traces; of use as long as mesh and matrix are the component's."""

    mesh: scene.Mesh
    matrix: NDArray[np.float64]
    back: NDArray[np.float64]
    """From the world to the mesh."""
    low: Vec3
    high: Vec3
    """Corners of its box in the world."""
    triangles: NDArray[np.float64]
    """(n, 3, 3), in the mesh's axes."""


def trace(world: World, start: Vec3, end: Vec3, ignored: Collection[int] = ()) -> Hit | None:
    """The first hit on the way, also of what is not shown; `ignored` are ids of actors."""
    nearest: Hit | None = None
    for actor in world._actors.values():
        if id(actor) in ignored:
            continue
        for component in actor._components:
            hit = trace_one(component, start, end)
            if hit is not None and (nearest is None or hit.share < nearest.share):
                nearest = hit
    return nearest


def trace_one(component: ActorComponent, start: Vec3, end: Vec3) -> Hit | None:
    """The first hit on one component."""
    if not isinstance(component, StaticMeshComponent) or component._collision not in _QUERIES:
        return None
    solid = _solid(component)
    if solid is None or not _meets_box(start, end, solid.low, solid.high):
        return None
    return _hit(component, solid, np.array(start), np.array(end))


def _solid(component: StaticMeshComponent) -> Solid | None:
    """None for a component without a mesh, or one that is scaled flat."""
    mesh, matrix = component._mesh(), component._world_matrix()
    if mesh is None or abs(np.linalg.det(matrix[:3, :3])) < 1e-12:
        return None
    made = component._solid
    if made is None or made.mesh is not mesh._mesh or made.matrix is not matrix:
        parts = [part.positions[part.indices].astype(np.float64) for part in mesh._mesh.primitives]
        triangles = np.concatenate(parts) if parts else np.zeros((0, 3, 3))
        points = triangles.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]
        if not len(points):
            return None
        low, high = _vec3(points.min(axis=0)), _vec3(points.max(axis=0))
        made = Solid(mesh._mesh, matrix, np.asarray(np.linalg.inv(matrix), np.float64), low, high, triangles)
        component._solid = made
    return made


def _hit(
    component: StaticMeshComponent, solid: Solid, start: NDArray[np.float64], end: NDArray[np.float64]
) -> Hit | None:
    back = solid.back
    origin, target = back[:3, :3] @ start + back[:3, 3], back[:3, :3] @ end + back[:3, 3]
    best = _nearest_triangle(solid.triangles, origin, target - origin)
    if best is None:
        return None
    share, normal, face = best
    # Normals turn with the inverse transpose.
    turned = back[:3, :3].T @ normal
    turned /= np.linalg.norm(turned)
    if turned @ (end - start) > 0.0:
        turned = -turned
    return Hit(share, _vec3(start + share * (end - start)), _vec3(turned), component, face)


def _meets_box(start: Vec3, end: Vec3, low: Vec3, high: Vec3) -> bool:
    """Whether the segment passes through the box (slabs)."""
    enter, leave = 0.0, 1.0
    for first, last, bottom, top in zip(start, end, low, high, strict=True):
        step = last - first
        if abs(step) < 1e-12:
            if not bottom - _SLACK_CM <= first <= top + _SLACK_CM:
                return False
            continue
        near, far = sorted(((bottom - _SLACK_CM - first) / step, (top + _SLACK_CM - first) / step))
        enter, leave = max(enter, near), min(leave, far)
    return enter <= leave


def _nearest_triangle(
    triangles: NDArray[np.float64], origin: NDArray[np.float64], way: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], int] | None:
    """Share of the way, normal and number of the first triangle hit, from either side (Möller and Trumbore 1997)."""
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    across = np.cross(way, second)
    determinant = np.einsum("ij,ij->i", first, across)
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = origin - triangles[:, 0]
        u = np.einsum("ij,ij->i", offset, across) / determinant
        side = np.cross(offset, first)
        v = side @ way / determinant
        share = np.einsum("ij,ij->i", second, side) / determinant
        hit = (np.abs(determinant) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (share >= 0) & (share <= 1)
    if not hit.any():
        return None
    number = int(np.flatnonzero(hit)[np.argmin(share[hit])])
    normal: NDArray[np.float64] = np.cross(first[number], second[number])
    return float(share[number]), normal, number


def _vec3(vector: NDArray[np.float64]) -> Vec3:
    return float(vector[0]), float(vector[1]), float(vector[2])
