"""Rotations, projection and boxes in Unreal's axes: left-handed, X forward, Y right, Z up, centimetres, degrees.

Rotations are (roll, pitch, yaw), the order of `unreal.Rotator`. A pixel (i, j) covers [i, i+1) x [j, j+1), y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple

Vec2 = Tuple[float, float]
Vec3 = Tuple[float, float, float]
Box = Tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixel edges, maximum exclusive."""


@dataclass(frozen=True)
class Pose:
    """Where something is. Read back from the editor in a frame record."""

    location_cm: Vec3
    rotation_deg: Vec3
    """Roll, pitch, yaw: the order of `unreal.Rotator`."""


@dataclass(frozen=True)
class CameraPose:
    """The camera of a frame: square pixels, principal point in the centre."""

    location_cm: Vec3
    rotation_deg: Vec3
    """Roll, pitch, yaw."""
    fov_deg: float
    """Horizontal for every aspect ratio."""
    near_cm: float = 10.0


class Axes(NamedTuple):
    """Unit vectors of a rotated frame: where its X, Y and Z point in the world."""

    forward: Vec3
    right: Vec3
    up: Vec3


def axes(rotation_deg: Vec3) -> Axes:
    """The axes of a (roll, pitch, yaw) rotation: the rows of Unreal's FRotationMatrix."""
    roll, pitch, yaw = (math.radians(angle) for angle in rotation_deg)
    sr, cr = math.sin(roll), math.cos(roll)
    sp, cp = math.sin(pitch), math.cos(pitch)
    sy, cy = math.sin(yaw), math.cos(yaw)
    return Axes(
        (cp * cy, cp * sy, sp),
        (sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp),
        (-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp),
    )


def dot(a: Vec3, b: Vec3) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def combine(origin: Vec3, frame: Axes, amounts: Vec3) -> Vec3:
    """`origin` moved by `amounts` along the frame's forward, right and up."""
    x, y, z = amounts
    (fx, fy, fz), (rx, ry, rz), (ux, uy, uz) = frame
    return (
        origin[0] + x * fx + y * rx + z * ux,
        origin[1] + x * fy + y * ry + z * uy,
        origin[2] + x * fz + y * rz + z * uz,
    )


def place(points: Iterable[Vec3], location_cm: Vec3, rotation_deg: Vec3, scale: float) -> List[Vec3]:
    """Points of a model as they stand in the world."""
    frame = axes(rotation_deg)
    return [combine(location_cm, frame, (scale * x, scale * y, scale * z)) for x, y, z in points]


def corners(bounds: Tuple[Vec3, Vec3]) -> List[Vec3]:
    """The eight corners of an axis-aligned box."""
    (x0, y0, z0), (x1, y1, z1) = bounds
    return [(x, y, z) for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)]


def focal_length_px(fov_deg: float, width_px: int) -> float:
    """Focal length in pixels; the same in x and y, as the field of view is horizontal for every aspect ratio."""
    return width_px / (2.0 * math.tan(math.radians(fov_deg) / 2.0))


def project(point: Vec3, camera: CameraPose, resolution: Tuple[int, int]) -> Optional[Vec2]:
    """Pixel position of a world point, or None when it is not beyond the near plane."""
    depth, right, up = _view_coordinates(point, camera)
    if depth <= camera.near_cm:
        return None
    width, height = resolution
    focal = focal_length_px(camera.fov_deg, width)
    return width / 2.0 + focal * right / depth, height / 2.0 - focal * up / depth


def full_box(
    hull_cm: Sequence[Vec3],
    location_cm: Vec3,
    rotation_deg: Vec3,
    scale: float,
    camera: CameraPose,
    resolution: Tuple[int, int],
) -> Optional[Box]:
    """Box of the whole object in pixels: clipped at the near plane, not at the picture. None when it is behind.

    `hull_cm` are the vertices of the model's convex hull. What remains in front of the near plane is convex too, and
    its corners are the vertices in front and points on segments from those to the vertices behind, so taking all such
    segments gives exactly its box.
    """
    eye = axes(camera.rotation_deg)
    frame = axes(rotation_deg)
    # One affine map from the model to (depth, right, up) of the camera.
    offset = _view_coordinates(location_cm, camera)
    rows = [[scale * dot(model_axis, eye_axis) for model_axis in frame] for eye_axis in eye]
    (dx, dy, dz), (rx, ry, rz), (ux, uy, uz) = rows
    d0, r0, u0 = offset
    near = camera.near_cm
    front: List[Vec3] = []
    behind: List[Vec3] = []
    for x, y, z in hull_cm:
        depth = d0 + dx * x + dy * y + dz * z
        seen = (depth, r0 + rx * x + ry * y + rz * z, u0 + ux * x + uy * y + uz * z)
        (front if depth > near else behind).append(seen)
    if not front:
        return None
    cut = [
        (near, r0 + share * (r1 - r0), u0 + share * (u1 - u0))
        for d0, r0, u0 in behind
        for d1, r1, u1 in front
        for share in ((near - d0) / (d1 - d0),)
    ]
    front += cut
    width, height = resolution
    focal = focal_length_px(camera.fov_deg, width)
    right_slopes = [right / depth for depth, right, _ in front]
    up_slopes = [up / depth for depth, _, up in front]
    return (
        width / 2.0 + focal * min(right_slopes),
        height / 2.0 - focal * max(up_slopes),
        width / 2.0 + focal * max(right_slopes),
        height / 2.0 - focal * min(up_slopes),
    )


def _view_coordinates(point: Vec3, camera: CameraPose) -> Vec3:
    """(depth, right, up) of a world point in the camera's axes, cm."""
    forward, right, up = axes(camera.rotation_deg)
    cx, cy, cz = camera.location_cm
    away = (point[0] - cx, point[1] - cy, point[2] - cz)
    return dot(away, forward), dot(away, right), dot(away, up)
