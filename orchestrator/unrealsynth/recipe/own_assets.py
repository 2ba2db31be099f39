"""Assets of the user's own Unreal project in a recipe: `/Game/...` static meshes and Blueprints, and `tag:Car`.

What they look like only the editor knows; its report stands in for a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from unrealsynth.errors import ModelError
from unrealsynth.glb.measure import hull_vertices, thin
from unrealsynth.recipe.sources import ModelSource
from unrealsynth_plugin.core.contract import Model
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.own_assets import AssetGeometry, AssetReport


def expanded(sources: Iterable[ModelSource], report: AssetReport | None) -> tuple[ModelSource, ...]:
    """The sources, each tag replaced by the assets that its actors show."""
    found: dict[ModelSource, None] = {}
    for source in sources:
        if not source.is_asset:
            found[source] = None
        elif report is None:
            raise ModelError(f"{source.name} is measured by an editor of the project; none was asked.")
        else:
            found |= dict.fromkeys(ModelSource(asset) for asset in report.named[source.name])
    return tuple(found)


def asset_model(model_id: str, geometry: AssetGeometry) -> tuple[Model, float]:
    """The model of an asset, and how far its true hull reaches beyond the model's, cm."""
    points = np.array(geometry.points_cm, np.float64)
    hull = thin(hull_vertices(points))
    low, high = points.min(axis=0), points.max(axis=0)
    model = Model(
        id=model_id,
        file="",
        sha256=hashlib.sha256(np.round(points, 3).tobytes()).hexdigest(),
        bounds_cm=(_vec3(low), _vec3(high)),
        hull_cm=tuple(_vec3(point) for point in hull.points),
        asset=geometry.asset,
    )
    return model, hull.deviation


def _vec3(point: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Vec3:
    x, y, z = (float(value) for value in point)
    return x, y, z
