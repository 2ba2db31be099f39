"""Where a model is wanted: which of its axes is up, how large it is, and where its origin lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

import numpy as np

from unrealsynth.errors import ModelError
from unrealsynth.glb.measure import Hull, Points
from unrealsynth.glb.scene import Matrix

Up = Literal["x", "y", "z", "-x", "-y", "-z"]
Origin = Literal["bottom", "keep"]
_Row = tuple[float, float, float]

_ROTATIONS: Mapping[Up, tuple[_Row, _Row, _Row]] = {
    "y": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "-y": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "z": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "-z": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "x": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    "-x": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
}
"""Rows of the rotation that brings the named axis of the model up (glTF's +Y)."""
_SMALL_CM, _LARGE_CM = 1.0, 5000.0
_TOO_LARGE_CM = 1e6


@dataclass(frozen=True)
class Size:
    """The wanted size of a model, cm; one of the four. The model is scaled uniformly."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    height: float | None = None
    """Along the vertical."""
    length: float | None = None
    """The longer horizontal side."""
    width: float | None = None
    """The shorter horizontal side."""
    longest: float | None = None
    """The longest of the three sides."""

    def given(self) -> tuple[str, float] | None:
        """Name and value of the side that is given; None unless it is exactly one."""
        sides = [(f.name, getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) is not None]
        return sides[0] if len(sides) == 1 else None


def normalization(points: Points, size: Size | None, up: Up, origin: Origin) -> tuple[float, Matrix, Points]:
    """Uniform scale, rotation (3×3) and translation (metres) that bring the model where it is wanted."""
    rotation = np.array(_ROTATIONS[up], float)
    points = points @ rotation.T
    scale = 1.0
    if size is not None:
        scale = _scale(np.ptp(points, axis=0) * 100.0, size)
        points = points * scale
    translation = np.zeros(3)
    if origin == "bottom":
        low, high = points.min(axis=0), points.max(axis=0)
        translation = -np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    return scale, rotation, translation


def _scale(extent_cm: Points, size: Size) -> float:
    given = size.given()
    if given is None or not given[1] > 0:
        raise ModelError("its `size` needs exactly one of height, length, width or longest, above 0 cm")
    side, wanted_cm = given
    horizontal = sorted((extent_cm[0], extent_cm[2]))
    is_cm = {"height": extent_cm[1], "length": horizontal[1], "width": horizontal[0], "longest": extent_cm.max()}[side]
    if not is_cm > extent_cm.max() * 1e-6:
        raise ModelError(f"it is flat, so no `size: {{{side}: {wanted_cm:g}}}` can be reached; give `longest` instead")
    return float(wanted_cm / is_cm)


def size_warnings(points: Points, hull: Hull, scale: float) -> list[str]:
    extent = np.ptp(points, axis=0)
    longest = float(extent.max())
    measures = f"{' × '.join(map(_plain, extent))} cm"
    if longest > _TOO_LARGE_CM:
        raise ModelError(f"it measures {measures}; give its true size, such as `size: {{longest: 100}}` (cm)")
    warnings = []
    if longest < _SMALL_CM or longest > _LARGE_CM:
        kind = "small" if longest < _SMALL_CM else "large"
        units = "" if scale != 1.0 else "; glTF counts in metres, and the file may not"
        warnings.append(f"it is very {kind}, {measures}{units}: give its true size, such as `size: {{longest: 100}}`")
    if hull.deviation > longest * 1e-3:
        warnings.append(
            f"its outline is approximated by {len(hull.points):,} points, off by up to {hull.deviation:.3g} cm"
        )
    return warnings


def _plain(length_cm: float) -> str:
    return f"{length_cm:,.0f}" if length_cm >= 100 else f"{length_cm:.3g}"
