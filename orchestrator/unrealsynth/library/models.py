"""The models that a recipe or a map names as `builtin:traffic_cone` and so on.

Sizes are those of the real things, in metres, Y up; each stands on y = 0 with its origin under its middle. The bytes of
a model are the same on every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType

from unrealsynth.library import excavator, first_aid, foliage, headgear, road, scenery, site, storage, workwear
from unrealsynth.library.glb_writer import Surface, write_glb
from unrealsynth.library.registry import unknown_name

_MODELS = MappingProxyType[str, Callable[[], Sequence[Surface]]](
    {
        "barrier": road.barrier,
        "bush": foliage.bush,
        "concrete_barrier": road.concrete_barrier,
        "conifer": foliage.conifer,
        "crate": storage.crate,
        "ear_muffs": headgear.ear_muffs,
        "excavator": excavator.excavator,
        "fence": storage.fence,
        "fire_extinguisher": first_aid.fire_extinguisher,
        "first_aid_kit": first_aid.first_aid_kit,
        "grove": foliage.grove,
        "hard_hat": headgear.hard_hat,
        "hard_hat_blue": partial(headgear.hard_hat, "#1553a8"),
        "hard_hat_red": partial(headgear.hard_hat, "#b5151b"),
        "hard_hat_white": partial(headgear.hard_hat, "#e8e8e2"),
        "oil_drum": site.oil_drum,
        "oil_drum_red": partial(site.oil_drum, "#a3231c"),
        "pallet": site.pallet,
        "rock": scenery.rock,
        "rock_flat": scenery.rock_flat,
        "safety_boots": workwear.safety_boots,
        "safety_vest": workwear.safety_vest,
        "safety_vest_orange": partial(workwear.safety_vest, "#ff5a10", "#d6f01c"),
        "shipping_container": storage.shipping_container,
        "shipping_container_blue": partial(storage.shipping_container, "#1d4f7c", "SYNU 310 882"),
        "stop_sign": road.stop_sign,
        "street_lamp": scenery.street_lamp,
        "traffic_cone": road.traffic_cone,
        "tree": foliage.tree,
        "tyre_stack": storage.tyre_stack,
        "warehouse": scenery.warehouse,
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
