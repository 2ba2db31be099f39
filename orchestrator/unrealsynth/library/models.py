"""The models that a recipe or a map names as `builtin:traffic_cone` and so on.

Sizes are those of the real things, in metres, Y up; each stands on y = 0 with its origin under its middle. The bytes of
a model are the same on every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType

from unrealsynth.library import excavator, first_aid, headgear, road, site, workwear
from unrealsynth.library.glb_writer import Surface, write_glb
from unrealsynth.library.registry import unknown_name

_MODELS = MappingProxyType[str, Callable[[], Sequence[Surface]]](
    {
        "barrier": road.barrier,
        "concrete_barrier": road.concrete_barrier,
        "ear_muffs": headgear.ear_muffs,
        "excavator": excavator.excavator,
        "fire_extinguisher": first_aid.fire_extinguisher,
        "first_aid_kit": first_aid.first_aid_kit,
        "hard_hat": headgear.hard_hat,
        "hard_hat_blue": partial(headgear.hard_hat, "#1553a8"),
        "hard_hat_red": partial(headgear.hard_hat, "#b5151b"),
        "hard_hat_white": partial(headgear.hard_hat, "#e8e8e2"),
        "oil_drum": site.oil_drum,
        "pallet": site.pallet,
        "safety_boots": workwear.safety_boots,
        "safety_vest": workwear.safety_vest,
        "stop_sign": road.stop_sign,
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
