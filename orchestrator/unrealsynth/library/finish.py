"""The last step of every model: its texture is baked, and it is set down with its middle over the origin."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.atlas import bake
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Reals, Solid


def textured(solid: Solid, side: int = 512) -> list[Surface]:
    """`solid` as one surface with textures of `side` texels. It is painted where it was built, then centred."""
    baked = bake(solid, side)
    return [
        Surface(
            baked.positions + standing(baked.positions),
            baked.normals,
            baked.uvs,
            baked.triangles,
            baked.base_color,
            baked.occlusion_roughness_metallic,
            baked.normal_map,
        )
    ]


def standing(positions: Reals) -> Reals:
    """The shift (3,) that puts the lowest of the points on y = 0 and their bounds' middle over the origin."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    middle = (low + high) / 2.0
    return np.array([-middle[0], -low[1], -middle[2]])
