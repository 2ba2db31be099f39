"""From the world to pixels, as Unreal's scene capture does: px = W/2 + f·r/d, py = H/2 − f·u/d, f = W/(2·tan(fov/2)).

(d, r, u) are the components of a point relative to the camera along its forward, right and up axes. Pixel (i, j)
covers [i, i+1) × [j, j+1) and is sampled at its centre; j grows downwards. The field of view is horizontal for every
aspect ratio, and there is no far plane. All geometry is made relative to the camera before it becomes float32.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.scene import View

FAR_EPSILON = 2.0**-22  # keeps the infinite far plane inside the depth range after rounding


def axes(view: View) -> NDArray[np.float64]:
    """Rows: right, up, forward; (3, 3)."""
    return np.array([view.right, view.up, view.forward], dtype=np.float64)


def clip_from_relative(view: View) -> NDArray[np.float64]:
    """(4, 4): world coordinates relative to the camera → clip space.

    The image's first row lands at the window's bottom row, which is the first in memory, so that what is read back
    needs no flip. Screen winding is mirrored by that.
    """
    tangent = math.tan(math.radians(view.fov_deg) / 2)
    right, up, forward = axes(view)
    matrix = np.zeros((4, 4))
    matrix[0, :3] = right / tangent
    matrix[1, :3] = -up * (view.width / view.height) / tangent
    matrix[2, :3] = forward * (1 - FAR_EPSILON)
    matrix[2, 3] = -view.near_cm * (2 - FAR_EPSILON)
    matrix[3, :3] = forward
    return matrix


def relative_from_local(view: View, transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, 4): an instance's own coordinates → world coordinates relative to the camera."""
    matrix = np.array(transform, dtype=np.float64)
    matrix[:3, 3] -= np.asarray(view.location, dtype=np.float64)
    return matrix


def column_major(matrix: NDArray[np.float64]) -> bytes:
    """The bytes of a GLSL matrix uniform."""
    return np.ascontiguousarray(matrix.T, dtype=np.float32).tobytes()
