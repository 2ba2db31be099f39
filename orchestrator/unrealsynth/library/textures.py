"""The ground textures that maps name as `builtin:asphalt` and so on: a colour map and a normal map each.

Both are square, tile without a seam, and come out byte for byte the same on every call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from unrealsynth.library import grounds
from unrealsynth.library.pixels import encode_png, encode_srgb, normals_of
from unrealsynth.library.registry import unknown_name

_GROUNDS = MappingProxyType[str, Callable[[], grounds.Ground]](
    {
        "asphalt": grounds.asphalt,
        "concrete": grounds.concrete,
        "grass": grounds.grass,
        "gravel": grounds.gravel,
        "paving": grounds.paving,
        "soil": grounds.soil,
    }
)


def names() -> tuple[str, ...]:
    """All textures, sorted."""
    return tuple(sorted(_GROUNDS))


def png(name: str) -> bytes:
    """The colour map: a PNG, 1024 × 1024, sRGB. Raises ModelError for an unknown name."""
    return encode_png(encode_srgb(_painted(name).albedo))


def normal_png(name: str) -> bytes:
    """The normal map, glTF's convention (+Y up): a PNG, 1024 × 1024. Raises ModelError for an unknown name."""
    normals = normals_of(_painted(name).relief, wrap=True)
    return encode_png(np.rint((normals * 0.5 + 0.5) * 255.0).astype(np.uint8))


@lru_cache(maxsize=1)
def _painted(name: str) -> grounds.Ground:
    """Kept for the second of the two maps, which are asked for together."""
    if name not in _GROUNDS:
        raise unknown_name("texture", name, names())
    return _GROUNDS[name]()
