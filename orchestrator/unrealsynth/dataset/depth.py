"""Depth maps: from the editor's EXR in centimetres to 16-bit PNG in millimetres, as Ultralytics reads them.

0 stands for no depth: nothing there, or farther than 65.535 m.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.pictures import encode_grey
from unrealsynth.errors import DataSetError

MILLIMETRES_PER_CM = 10.0
FARTHEST_MM = 65_535
DEPTH_SCALE = 1000
"""PNG values in a metre: the `depth_scale` of Ultralytics' YAML."""


def read_depth(path: Path, resolution: tuple[int, int]) -> NDArray[np.float32]:
    """The planar depth (h, w) in cm: distance along the camera's axis. Raises DataSetError."""
    import OpenEXR

    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            depth = np.asarray(file.channels()["R"].pixels, np.float32)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise DataSetError(f"The editor's depth map {path} cannot be read: {error}.") from error
    if depth.shape != (resolution[1], resolution[0]):
        raise DataSetError(
            f"The editor's depth map {path} is {depth.shape[1]} x {depth.shape[0]}, "
            f"{resolution[0]} x {resolution[1]} was wanted."
        )
    return depth


def encode_depth(depth_cm: NDArray[np.float32]) -> tuple[bytes, int]:
    """The depth (h, w) in cm as 16-bit PNG in millimetres, and how many pixels have none."""
    # Cut off first: nothing at all is told as the largest number there is. A NaN goes through both.
    millimetres = np.rint(np.clip(depth_cm, 0.0, FARTHEST_MM) * np.float32(MILLIMETRES_PER_CM))
    known = (millimetres >= 1) & (millimetres <= FARTHEST_MM)
    stored = np.where(known, millimetres, 0).astype(np.uint16)
    return encode_grey(stored), int(known.size - np.count_nonzero(known))
