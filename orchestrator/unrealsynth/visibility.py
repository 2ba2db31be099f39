"""How much of an object a picture shows: the share that others cover, and the share beyond the picture's edge.

The two are independent: covered is counted in pixels inside the picture, truncated is geometry of the full box.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from unrealsynth_plugin.core.contract import AlonePicture
from unrealsynth_plugin.core.geometry import Box, CameraPose, Vec3

IDS_PER_PICTURE = 255


def visible_fractions(
    pixels: Mapping[int, int],
    alone: Sequence[tuple[AlonePicture, NDArray[np.uint8]]] | None,
) -> dict[int, float | None]:
    """Visible pixels ÷ the pixels that would be visible without other objects, by index.

    `pixels` are the visible ones of every object; `alone` the pictures of objects without the others, as red bytes
    (h, w), None when none were taken (then every fraction is None). What is in none of them cannot be covered: 1 when
    it is visible, 0 when it is outside the picture or below the ground.
    """
    if alone is None:
        return dict.fromkeys(pixels)
    uncovered = dict(pixels)
    for entry, picture in alone:
        counts = np.bincount(picture.ravel(), minlength=IDS_PER_PICTURE + 1)
        for index in entry.objects:
            uncovered[index] = int(counts[index % IDS_PER_PICTURE + 1])
    return {index: min(seen / whole, 1.0) if (whole := uncovered[index]) else 0.0 for index, seen in pixels.items()}


def truncated_fraction(full: Box | None, resolution: tuple[int, int]) -> float:
    """Share of the full box's area that lies outside the picture, 0 to 1; 1 for an object behind the camera.

    Of the box rather than the silhouette, so that anybody can work it out from the manifest.
    """
    if full is None:
        return 1.0
    x0, y0, x1, y1 = full
    area = (x1 - x0) * (y1 - y0)
    width = max(min(x1, resolution[0]) - max(x0, 0.0), 0.0)
    height = max(min(y1, resolution[1]) - max(y0, 0.0), 0.0)
    return 1.0 - min(width * height / area, 1.0) if area > 0 else 0.0


def distance_cm(camera: CameraPose, location_cm: Vec3) -> float:
    """From the camera to an object's location, in a straight line."""
    return math.dist(camera.location_cm, location_cm)
