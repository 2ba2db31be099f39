"""What lies does so on a side of its hull, with its middle above that side."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull

from unrealsynth.library import models

LYING = [name for name in models.names() if name.endswith(("_lying", "_tipped"))]


def test_some_models_lie() -> None:
    assert len(LYING) >= 5


@pytest.mark.parametrize("name", LYING)
def test_rests_stably(name: str, meshes: dict[str, list[trimesh.Trimesh]]) -> None:
    points = np.concatenate([mesh.vertices for mesh in meshes[name]])
    touching = points[points[:, 1] < 0.0005][:, [0, 2]]
    middle = trimesh.convex.convex_hull(points).center_mass[[0, 2]]
    support = ConvexHull(touching)
    assert (support.equations[:, :2] @ middle + support.equations[:, 2] < 0.0).all()


@pytest.mark.parametrize("name", LYING)
def test_is_the_standing_model_turned(name: str, meshes: dict[str, list[trimesh.Trimesh]]) -> None:
    standing = name.removesuffix("_lying").removesuffix("_tipped")
    for lies, stands in zip(meshes[name], meshes[standing], strict=True):
        assert (lies.faces == stands.faces).all()
        for apart in (1, 17, 100):
            lengths = [np.linalg.norm(np.diff(mesh.vertices[::apart], axis=0), axis=1) for mesh in (lies, stands)]
            assert lengths[0] == pytest.approx(lengths[1], abs=1e-5)
        # Turned, not mirrored.
        assert lies.volume == pytest.approx(stands.volume, rel=1e-3)
    upright = np.ptp(np.concatenate([mesh.vertices for mesh in meshes[standing]])[:, 1])
    assert np.ptp(np.concatenate([mesh.vertices for mesh in meshes[name]])[:, 1]) != pytest.approx(upright, rel=0.02)
