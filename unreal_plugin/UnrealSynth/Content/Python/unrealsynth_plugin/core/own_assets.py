"""What the editor tells about assets of its project, so that the orchestrator can plan with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, Tuple

from unrealsynth_plugin.core.contract import Model
from unrealsynth_plugin.core.geometry import Vec3, corners

ASSET = "/Game/"
TAG = "tag:"
"""Begins a reference to actors of a level: `tag:Car`."""


@dataclass(frozen=True)
class AssetGeometry:
    """A static mesh or Blueprint, as it is with a scale of 1, about its origin."""

    asset: str
    """Its package path."""
    points_cm: Tuple[Vec3, ...]
    """Vertices, each once; where `is_exact` is false the corners of a box around parts whose vertices are unknown."""
    is_exact: bool


@dataclass(frozen=True)
class AssetReport:
    """`jobs/<id>/assets.json`, written when the job has measured all that it names."""

    assets: Tuple[AssetGeometry, ...]
    named: Dict[str, Tuple[str, ...]]
    """By reference, the assets it stands for: itself, or those of the actors with a tag."""


def bounded(models: Tuple[Model, ...], report: AssetReport) -> Tuple[Model, ...]:
    """The models with the bounds that were measured, their corners for a hull: enough to plan with."""
    known = {entry.asset: entry.points_cm for entry in report.assets}
    made = []
    for model in models:
        points = known.get(model.asset or "")
        if points:
            low, high = (tuple(fold(point[i] for point in points) for i in range(3)) for fold in (min, max))
            bounds: Tuple[Vec3, Vec3] = (low, high)  # type: ignore[assignment]
            model = replace(model, bounds_cm=bounds, hull_cm=tuple(corners(bounds)))
        made.append(model)
    return tuple(made)
