"""The sun's shadow map: one orthographic depth picture, fitted to what casts and what is seen.

It covers, across the light, the casters cut to the view's ground; so small objects get fine shadows and a large ground
costs nothing. A flat thing that nothing lies behind (the ground itself) casts on nobody and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.camera import axes, column_major
from unrealsynth.embedded.renderer.programs import Programs
from unrealsynth.embedded.renderer.scene import Sun, View
from unrealsynth.embedded.renderer.surfaces import UNITS, Placed, Surface
from unrealsynth.embedded.renderer.uploads import Uploads

SIZE = 2048
"""Texels along each side of the map."""
REACH_CM = 20_000.0
"""How far from the camera shadows are drawn."""
_FLATNESS = 1e-3


@dataclass(frozen=True)
class ShadowFit:
    """Where the map looks: `map_from_relative` (4, 4) gives 0…1 in all three axes; `texel_cm` is one texel's width."""

    map_from_relative: NDArray[np.float64]
    texel_cm: float
    casters: tuple[Placed, ...]


def fit(sun: Sun, view: View, placed: Sequence[Placed]) -> ShadowFit | None:
    """The tightest map for these instances, or none where nothing can cast a shadow into the picture."""
    forward = np.asarray(sun.direction, dtype=np.float64)
    forward = forward / np.linalg.norm(forward)
    side = np.cross((0.0, 0.0, 1.0) if abs(forward[2]) < 0.99 else (1.0, 0.0, 0.0), forward)
    side /= np.linalg.norm(side)
    light = np.stack(
        [side, np.cross(side, forward), forward]
    )  # rows: across, across, along the light; turns as a camera
    casters = [one for one in placed if _casts(one, placed)]
    seen = _view_corners(view) @ light.T
    seen_low, seen_high = seen.min(axis=0), seen.max(axis=0)
    boxes = []
    kept = []
    for one in casters:
        box = one.corners @ light.T
        low, high = box.min(axis=0), box.max(axis=0)
        if (high[:2] >= seen_low[:2]).all() and (low[:2] <= seen_high[:2]).all() and low[2] <= seen_high[2]:
            boxes.append((low, high))
            kept.append(one)
    if not kept:
        return None
    bounds = np.array(boxes)
    low = np.maximum(bounds[:, 0].min(axis=0)[:2], seen_low[:2])
    high = np.minimum(bounds[:, 1].max(axis=0)[:2], seen_high[:2])
    extent = float((high - low).max()) * (1 + 8 / SIZE) + 1e-3
    centre = (low + high) / 2
    near, far = bounds[:, 0, 2].min() - 1.0, bounds[:, 1, 2].max() + 1.0
    matrix = np.eye(4)
    matrix[:2, :3] = light[:2] / extent
    matrix[:2, 3] = 0.5 - centre / extent
    matrix[2, :3] = light[2] / (far - near)
    matrix[2, 3] = -near / (far - near)
    return ShadowFit(matrix, extent / SIZE, tuple(kept))


def _casts(one: Placed, others: Sequence[Placed]) -> bool:
    instance = one.instance
    if not instance.cast_shadow or not one.mesh.primitives:
        return False
    if all(material.unlit and material.emissive_panorama is not None for material in instance.materials):
        return False
    edges = one.mesh.corners[[1, 2, 4]] - one.mesh.corners[0]
    edges = np.abs(edges.sum(axis=0))
    thin = int(edges.argmin())
    if edges[thin] > _FLATNESS * edges.max():
        return True
    corners = one.corners
    first, second = (corners[1 << axis] - corners[0] for axis in range(3) if axis != thin)
    normal = np.cross(first, second)
    normal /= max(float(np.linalg.norm(normal)), 1e-12)
    normal *= 1 if normal[2] >= 0 else -1
    return any((other.corners.mean(axis=0) - corners[0]) @ normal < -1.0 for other in others if other is not one)


def _view_corners(view: View) -> NDArray[np.float64]:
    right, up, forward = axes(view)
    tangent = np.tan(np.radians(view.fov_deg) / 2)
    aspect = view.height / view.width
    far = [(forward + tangent * (x * right + y * aspect * up)) * REACH_CM for x in (-1, 1) for y in (-1, 1)]
    return np.array([np.zeros(3), *far])


class ShadowMap:
    """The depth texture and its drawing."""

    def __init__(self, context: moderngl.Context, programs: Programs, uploads: Uploads) -> None:
        self._context, self._programs, self._uploads = context, programs, uploads
        self._texture = context.depth_texture((SIZE, SIZE))
        self._texture.compare_func = "<="
        self._texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._texture.repeat_x = self._texture.repeat_y = False
        self._target = context.framebuffer(depth_attachment=self._texture)

    def draw(self, shadow: ShadowFit) -> None:
        """Draws the casters and binds the map to its unit."""
        self._target.use()
        self._target.clear(depth=1.0)
        context = self._context
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.polygon_offset = (1.2, 1.0)
        clip = np.diag([2.0, 2.0, 2.0, 1.0])
        clip[:3, 3] = -1.0
        for one in shadow.casters:
            matrix = column_major(clip @ shadow.map_from_relative @ one.relative_from_local)
            for part in one.mesh.primitives:
                surface = Surface(one, part, one.instance.materials[part.material_slot])
                if surface.blends:
                    continue
                features = surface.features(geometry_only=True)
                program = self._programs.get("depth.vert", "depth.frag", features)
                surface.bind(program, self._uploads, features)
                program["u_clip_from_local"].write(matrix)
                surface.draw(context, program)
        context.polygon_offset = (0.0, 0.0)
        self._texture.use(UNITS["t_shadow"])
