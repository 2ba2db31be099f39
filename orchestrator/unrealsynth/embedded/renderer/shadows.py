"""The sun's shadow maps: orthographic depth pictures, fitted to what casts and to what is seen.

A map covers, across the light, the casters' boxes cut to the view's box; so small things get fine shadows. Where that
is wide, a second, finer map covers the near part of the view. A flat, level thing that nothing lies below (the ground
itself) casts on nobody and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.camera import axes, column_major
from unrealsynth.embedded.renderer.programs import Programs, write_uniform
from unrealsynth.embedded.renderer.scene import Sun, View
from unrealsynth.embedded.renderer.surfaces import UNITS, Placed, Surface
from unrealsynth.embedded.renderer.uploads import Uploads

Matrix = NDArray[np.float64]

SIZE = 2048
"""Texels along each side of the largest map; small pictures need less."""
_SMALLEST = 256
_TEXELS_PER_PIXEL = 3
REACH_CM = 20_000.0
"""How far from the camera shadows are drawn."""
_NEAR_REACH_CM = (800.0, 3_500.0)
_NEAR_REACH = 3.0
"""The finer map reaches so many times as far as the nearest thing that casts, within these bounds."""
_WIDE_CM = 2_500.0
_FLATNESS = 1e-3
_CASTER_HEIGHT_CM = 60.0
"""What a shadow's edge is as wide as: the sun's disc seen from this far. The map knows no distances to casters."""


@dataclass(frozen=True)
class ShadowFit:
    """Where a map of `size` texels each way looks; `map_from_relative` (4, 4) gives 0…1 in all three axes."""

    map_from_relative: Matrix
    size: int
    texel_cm: float
    casters: tuple[Placed, ...]


def fit(sun: Sun, view: View, placed: Sequence[Placed]) -> tuple[ShadowFit, ...]:
    """The maps for these instances, finest first; none where nothing can cast a shadow into the picture."""
    light = _light_axes(sun)
    casters = [one for one in placed if _casts(one, placed)]
    wide = _fit(light, view, REACH_CM, casters)
    if wide is None:
        return ()
    if wide.texel_cm * wide.size <= _WIDE_CM:
        return (wide,)
    distances = [float(np.linalg.norm(one.corners.mean(axis=0))) for one in wide.casters if one.in_view]
    reach_cm = _NEAR_REACH * min(distances, default=REACH_CM)
    near = _fit(light, view, float(np.clip(reach_cm, *_NEAR_REACH_CM)), casters)
    return (wide,) if near is None or near.texel_cm > 0.6 * wide.texel_cm else (near, wide)


def filter_radius(sun: Sun, texel_cm: float) -> float:
    """Half the width of a shadow's soft edge in texels."""
    edge_cm = math.tan(math.radians(sun.angle_deg) / 2) * _CASTER_HEIGHT_CM
    return min(max(edge_cm / texel_cm, 1.2), 3.5)


def _fit(light: Matrix, view: View, reach_cm: float, casters: Sequence[Placed]) -> ShadowFit | None:
    seen = _view_corners(view, reach_cm) @ light.T
    seen_low, seen_high = seen.min(axis=0), seen.max(axis=0)
    kept, boxes = [], []
    for one in casters:
        corners = one.corners @ light.T
        low, high = corners.min(axis=0), corners.max(axis=0)
        if (high[:2] >= seen_low[:2]).all() and (low[:2] <= seen_high[:2]).all() and low[2] <= seen_high[2]:
            kept.append(one)
            boxes.append((low, high))
    if not kept:
        return None
    bounds = np.array(boxes)
    low = np.maximum(bounds[:, 0].min(axis=0)[:2], seen_low[:2])
    high = np.minimum(bounds[:, 1].max(axis=0)[:2], seen_high[:2])
    size = _SMALLEST
    while size < min(SIZE, _TEXELS_PER_PIXEL * max(view.width, view.height)):
        size *= 2
    extent = float((high - low).max()) * (1 + 16 / size) + 1e-3
    near, far = bounds[:, 0, 2].min() - 1.0, bounds[:, 1, 2].max() + 1.0
    matrix = np.eye(4)
    matrix[:2, :3] = light[:2] / extent
    matrix[:2, 3] = 0.5 - (low + high) / 2 / extent
    matrix[2, :3] = light[2] / (far - near)
    matrix[2, 3] = -near / (far - near)
    return ShadowFit(matrix, size, extent / size, tuple(kept))


def _light_axes(sun: Sun) -> Matrix:
    """(3, 3) rows: two across the light, one along it; as a camera's they are left-handed on the upturned screen."""
    forward = np.asarray(sun.direction, dtype=np.float64)
    forward = forward / np.linalg.norm(forward)
    side = np.cross((0.0, 0.0, 1.0) if abs(forward[2]) < 0.99 else (1.0, 0.0, 0.0), forward)
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(side, forward), forward])


def _casts(one: Placed, others: Sequence[Placed]) -> bool:
    instance = one.instance
    if not instance.cast_shadow or not one.mesh.primitives:
        return False
    if all(material.unlit and material.emissive_panorama is not None for material in instance.materials):
        return False
    sizes = np.ptp(one.mesh.corners, axis=0)
    thin = int(sizes.argmin())
    if sizes[thin] > _FLATNESS * sizes.max():
        return True
    corners = one.corners
    first, second = (corners[1 << axis] - corners[0] for axis in range(3) if axis != thin)
    normal = np.cross(first, second)
    normal /= max(float(np.linalg.norm(normal)), 1e-12)
    normal *= 1 if normal[2] >= 0 else -1
    # What lies just below a wide plane, or is half sunk in it, is shaded where nobody sees it.
    below = -max(1.0, 0.002 * float(np.ptp(corners, axis=0).max()))
    return normal[2] < 0.5 or any(
        ((other.corners - corners[0]) @ normal).max() < below for other in others if other is not one
    )


def _view_corners(view: View, reach_cm: float) -> Matrix:
    right, up, forward = axes(view)
    tangent = math.tan(math.radians(view.fov_deg) / 2)
    aspect = view.height / view.width
    far = [(forward + tangent * (x * right + y * aspect * up)) * reach_cm for x in (-1, 1) for y in (-1, 1)]
    return np.array([np.zeros(3), *far])


class ShadowMaps:
    """The depth texture, with one map above the other, and its drawing."""

    def __init__(self, context: moderngl.Context, programs: Programs, uploads: Uploads) -> None:
        self._context, self._programs, self._uploads = context, programs, uploads
        self._texture = context.depth_texture((SIZE, 2 * SIZE))
        self._texture.compare_func = "<="
        self._texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._texture.repeat_x = self._texture.repeat_y = False
        self._target = context.framebuffer(depth_attachment=self._texture)

    def draw(self, shadows: Sequence[ShadowFit]) -> None:
        """Draws the casters of one or two maps and binds the texture to its unit."""
        self._target.use()
        self._target.clear(depth=1.0)  # whole: software rasterizers clear a part of it slowly
        context = self._context
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.polygon_offset = (1.2, 1.0)
        for place, shadow in enumerate(shadows):
            self._target.viewport = (0, place * SIZE, shadow.size, shadow.size)
            self._draw_map(shadow)
        context.polygon_offset = (0.0, 0.0)
        self._texture.use(UNITS["t_shadow"])

    def _draw_map(self, shadow: ShadowFit) -> None:
        clip = np.diag([2.0, 2.0, 2.0, 1.0])
        clip[:3, 3] = -1.0
        for one in shadow.casters:
            matrix = column_major(clip @ shadow.map_from_relative @ one.relative_from_local)
            for part in one.mesh.primitives:
                surface = Surface(one, part, one.instance.materials[part.material_slot])
                if surface.blends:
                    continue
                features = surface.features(geometry_only=True)
                program = self._programs.get(
                    "depth.vert", "depth.frag", features | {"COARSE"} if features else features
                )
                surface.bind(program, self._uploads, features)
                write_uniform(program, "u_clip_from_local", matrix)
                surface.draw(self._context, program)
