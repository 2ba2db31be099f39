"""Stencil values and planar depth: the same triangles and the same rasterization as the colour picture, unsmoothed."""

from __future__ import annotations

from collections.abc import Iterable

import moderngl
import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.programs import Programs
from unrealsynth.embedded.renderer.surfaces import Placed, surfaces
from unrealsynth.embedded.renderer.targets import Targets
from unrealsynth.embedded.renderer.uploads import Uploads

NOTHING_CM = 1e9
"""Depth where no surface is."""


class GeometryPass:
    """Draws stencil and depth. Materials that blend write neither, unless they say so, as in Unreal."""

    def __init__(self, context: moderngl.Context, programs: Programs, uploads: Uploads) -> None:
        self._context, self._programs, self._uploads = context, programs, uploads

    def stencil(self, placed: Iterable[Placed], targets: Targets) -> NDArray[np.uint8]:
        """(height, width): the stencil value of the nearest instance that has one, else 0."""
        targets.stencil_target.use()
        targets.stencil_target.clear(depth=1.0)
        self._draw((one for one in placed if one.instance.stencil is not None), "STENCIL")
        width, height = targets.size
        data = targets.stencil_target.read(components=1, alignment=1)
        return np.frombuffer(bytearray(data), dtype=np.uint8).reshape(height, width)

    def depth(self, placed: Iterable[Placed], targets: Targets) -> NDArray[np.float32]:
        """(height, width): distance in cm along the camera's forward axis, `NOTHING_CM` where nothing is."""
        targets.depth_target.use()
        targets.depth_target.clear(NOTHING_CM, depth=1.0)
        self._draw(placed, "PLANAR_DEPTH")
        width, height = targets.size
        data = targets.depth_target.read(components=1, dtype="f4", alignment=1)
        return np.frombuffer(bytearray(data), dtype=np.float32).reshape(height, width)

    def _draw(self, placed: Iterable[Placed], output: str) -> None:
        self._context.enable_only(moderngl.DEPTH_TEST)
        for surface in surfaces(placed):
            if surface.blends and not (output == "STENCIL" and surface.material.writes_custom_depth):
                continue
            features = surface.features(geometry_only=True)
            program = self._programs.get("depth.vert", "depth.frag", features | {output})
            surface.bind(program, self._uploads, features)
            if output == "STENCIL":
                program["u_stencil"] = (surface.placed.instance.stencil or 0) / 255.0
            surface.draw(self._context, program)
