"""The renderer: scenes in, arrays out. Equal input gives equal bytes, in one process and in the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.color import FRAME_BINDING, ColorPass
from unrealsynth.embedded.renderer.context import create_context, describe
from unrealsynth.embedded.renderer.ids import GeometryPass
from unrealsynth.embedded.renderer.programs import Programs
from unrealsynth.embedded.renderer.scene import Grading, Scene, View
from unrealsynth.embedded.renderer.surfaces import UNITS, Placed, place
from unrealsynth.embedded.renderer.targets import Targets
from unrealsynth.embedded.renderer.uploads import Uploads


class Renderer:
    """Draws with one OpenGL context of its own, made current for each call; use it from the thread that made it.

    Raises:
        EditorError: No OpenGL 3.3 on this machine.
    """

    info: str
    """The driver and its version."""

    def __init__(self) -> None:
        self._context = create_context()
        self.info = describe(self._context)
        self._programs = Programs(self._context, {"Frame": FRAME_BINDING}, UNITS)
        self._uploads = Uploads(self._context)
        self._color = ColorPass(self._context, self._programs, self._uploads)
        self._geometry = GeometryPass(self._context, self._programs, self._uploads)
        self._targets: Targets | None = None

    def color(self, scene: Scene, view: View, grading: Grading) -> NDArray[np.uint8]:
        """The picture as (height, width, 4) bytes, RGB encoded for `grading.display_gamma`, alpha 255."""
        with self._context:
            placed, targets = self._begin(scene, view)
            self._color.radiance(scene, view, placed, targets)
            return self._color.graded(grading, targets)

    def linear(self, scene: Scene, view: View, exposure_ev: float) -> NDArray[np.float32]:
        """Radiance times 2**exposure_ev as (height, width, 4), before tone curve and smoothing; alpha is 1."""
        with self._context:
            placed, targets = self._begin(scene, view)
            self._color.radiance(scene, view, placed, targets)
            return self._color.linear(exposure_ev, targets)

    def stencil(self, scene: Scene, view: View) -> NDArray[np.uint8]:
        """(height, width): the custom stencil of the nearest instance that has one, whatever else hides it; else 0."""
        with self._context:
            placed, targets = self._begin(scene, view)
            return self._geometry.stencil(placed, targets)

    def depth(self, scene: Scene, view: View) -> NDArray[np.float32]:
        """(height, width): planar depth in cm along the view's forward axis; 1e9 where nothing is."""
        with self._context:
            placed, targets = self._begin(scene, view)
            return self._geometry.depth(placed, targets)

    def close(self) -> None:
        """Frees the context and all that lies in it; the renderer is of no use afterwards."""
        self._context.release()

    def _begin(self, scene: Scene, view: View) -> tuple[list[Placed], Targets]:
        self._uploads.sweep()
        size = (view.width, view.height)
        if self._targets is None or self._targets.size != size:
            if self._targets is not None:
                self._targets.release()
            self._targets = Targets(self._context, size)
        return place(scene, view, self._uploads), self._targets
