"""The models that a recipe or a map names as `builtin:traffic_cone` and so on.

Sizes are those of the real things, in metres, Y up; each stands on y = 0 with its origin under its middle. The bytes of
a model are the same on every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from unrealsynth.library import road
from unrealsynth.library.glb_writer import Surface, write_glb
from unrealsynth.library.registry import unknown_name

_MODELS = MappingProxyType[str, Callable[[], Sequence[Surface]]](
    {
        "barrier": road.barrier,
        "concrete_barrier": road.concrete_barrier,
        "traffic_cone": road.traffic_cone,
    }
)


def names() -> tuple[str, ...]:
    """All models, sorted."""
    return tuple(sorted(_MODELS))


def glb(name: str) -> bytes:
    """The model as a GLB file. Raises ModelError for an unknown name."""
    if name not in _MODELS:
        raise unknown_name("model", name, names())
    return write_glb(name, _MODELS[name]())
