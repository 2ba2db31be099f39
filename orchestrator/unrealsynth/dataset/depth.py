"""Depth maps: from the editor's EXR in centimetres to 16-bit PNG in millimetres, as Ultralytics reads them.

0 stands for no depth: nothing there, or farther than 65.535 m.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unrealsynth.dataset.pictures import encode_grey
from unrealsynth.errors import DataSetError

_MILLIMETRES_PER_CM = 10.0
_FARTHEST_MM = 65_535
DEPTH_SCALE = 1000
"""PNG values in a metre: the `depth_scale` of Ultralytics' YAML."""


def read_depth(path: Path, resolution: tuple[int, int]) -> NDArray[np.float32]:
    """The planar depth (h, w) in cm: distance along the camera's axis. Raises DataSetError."""
    import OpenEXR

    try:
        # The older of its two interfaces: the newer one reads the other three channels too, in five times the time.
        file = OpenEXR.InputFile(str(path))
        try:
            window = file.header()["dataWindow"]
            values = file.channel("R")
        finally:
            file.close()
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise DataSetError(f"The editor's depth map {path} cannot be read: {error}.") from error
    width, height = window.max.x - window.min.x + 1, window.max.y - window.min.y + 1
    if (width, height) != resolution:
        raise DataSetError(
            f"The editor's depth map {path} is {width} x {height}, {resolution[0]} x {resolution[1]} was wanted."
        )
    kind = np.float16 if len(values) == 2 * width * height else np.float32
    depth: NDArray[np.float32] = np.frombuffer(values, kind).reshape(height, width).astype(np.float32, copy=False)
    return depth


def encode_depth(depth_cm: NDArray[np.float32]) -> tuple[bytes, int]:
    """The depth (h, w) in cm as 16-bit PNG in millimetres, and how many pixels have none."""
    # Cut off first: nothing at all is told as the largest number there is. A NaN goes through both.
    millimetres = np.clip(depth_cm, 0.0, _FARTHEST_MM)
    millimetres *= np.float32(_MILLIMETRES_PER_CM)
    np.rint(millimetres, out=millimetres)
    known = (millimetres >= 1) & (millimetres <= _FARTHEST_MM)
    np.copyto(millimetres, 0, where=~known)
    return encode_grey(millimetres.astype(np.uint16)), int(known.size - np.count_nonzero(known))
