"""The last step of every model: its texture is baked, and it is set down with its middle over the origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from unrealsynth.library.atlas import bake
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Solid


def textured(solid: Solid, side: int = 512) -> list[Surface]:
    """`solid` as one surface with textures of `side` texels, centred."""
    return centred([painted(solid, side)])


def painted(solid: Solid, side: int) -> Surface:
    """`solid` with its texture, where it was built."""
    baked = bake(solid, side)
    return Surface(
        baked.positions,
        baked.normals,
        baked.uvs,
        baked.triangles,
        baked.base_color,
        baked.occlusion_roughness_metallic,
        baked.normal_map,
    )


def centred(surfaces: Sequence[Surface]) -> list[Surface]:
    """The surfaces moved together, so that the lowest point is on y = 0 and their bounds' middle over the origin."""
    positions = np.concatenate([surface.positions for surface in surfaces])
    low, high = positions.min(axis=0), positions.max(axis=0)
    middle = (low + high) / 2.0
    shift = np.array([-middle[0], -low[1], -middle[2]])
    return [replace(surface, positions=surface.positions + shift) for surface in surfaces]
