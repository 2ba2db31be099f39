"""The models that a recipe or a map names as `builtin:traffic_cone` and so on.

Sizes are those of the real things, in metres, Y up; each stands on y = 0 with its origin under its middle. The bytes of
a model are the same on every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from types import MappingProxyType

from unrealsynth.library import (
    excavator,
    first_aid,
    foliage,
    headgear,
    markings,
    road,
    scenery,
    site,
    storage,
    terrain,
    traces,
    workwear,
)
from unrealsynth.library.glb_writer import Surface, write_glb
from unrealsynth.library.poses import lying
from unrealsynth.library.registry import unknown_name

# What is also to be had lying is made once for both.
_boots = cache(workwear.safety_boots)
_cone = cache(road.traffic_cone)
_extinguisher = cache(first_aid.fire_extinguisher)
_hat = cache(headgear.hard_hat)
_white_hat = cache(partial(headgear.hard_hat, "#e8e8e2"))

_MODELS = MappingProxyType[str, Callable[[], Sequence[Surface]]](
    {
        "asphalt_patch": traces.asphalt_patch,
        "barrier": road.barrier,
        "bush": foliage.bush,
        "concrete_barrier": road.concrete_barrier,
        "conifer": foliage.conifer,
        "crate": storage.crate,
        "damp_patch": traces.damp_patch,
        "dirt_patch": traces.dirt_patch,
        "drain_grate": markings.drain_grate,
        "ear_muffs": headgear.ear_muffs,
        "excavator": excavator.excavator,
        "fence": storage.fence,
        "fire_extinguisher": _extinguisher,
        "fire_extinguisher_lying": partial(lying, _extinguisher, "z", 90.0),
        "first_aid_kit": first_aid.first_aid_kit,
        "gravel_heap": terrain.gravel_heap,
        "grove": foliage.grove,
        "hard_hat": _hat,
        "hard_hat_blue": partial(headgear.hard_hat, "#1553a8"),
        "hard_hat_red": partial(headgear.hard_hat, "#b5151b"),
        "hard_hat_white": _white_hat,
        "hard_hat_tipped": partial(lying, _hat, "x", 105.0),
        "hard_hat_white_tipped": partial(lying, _white_hat, "x", 105.0),
        "hill": terrain.hill,
        "kerb": terrain.kerb,
        "lane_line": markings.lane_line,
        "lane_line_dashed": markings.lane_line_dashed,
        "lane_line_yellow": markings.lane_line_yellow,
        "manhole_cover": markings.manhole_cover,
        "oil_drum": site.oil_drum,
        "oil_drum_red": partial(site.oil_drum, "#a3231c"),
        "pallet": site.pallet,
        "puddle": traces.puddle,
        "road_arrow": markings.road_arrow,
        "rock": scenery.rock,
        "rock_flat": scenery.rock_flat,
        "safety_boots": _boots,
        "safety_boots_lying": partial(lying, _boots, "z", 90.0),
        "safety_vest": workwear.safety_vest,
        "safety_vest_orange": partial(workwear.safety_vest, "#ff5a10", "#d6f01c"),
        "sealed_cracks": traces.sealed_cracks,
        "shipping_container": storage.shipping_container,
        "shipping_container_blue": partial(storage.shipping_container, "#1d4f7c", "SYNU 310 882"),
        "stain": traces.stain,
        "stop_sign": road.stop_sign,
        "street_lamp": scenery.street_lamp,
        "street_lamp_lit": partial(scenery.street_lamp, lit=True),
        "track_prints": traces.track_prints,
        "traffic_cone": _cone,
        "traffic_cone_lying": partial(lying, _cone, "z", 90.0),
        "tree": foliage.tree,
        "tyre_marks": traces.tyre_marks,
        "tyre_stack": storage.tyre_stack,
        "verge": terrain.verge,
        "warehouse": scenery.warehouse,
        "zebra_crossing": markings.zebra_crossing,
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
