"""From a described environment to one an editor can build: textures as shipped files, every prop at its place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np

from unrealsynth.recipe.catalog import Catalog
from unrealsynth.recipe.maps import EnvironmentSource, PropSettings
from unrealsynth.recipe.sources import BUILTIN
from unrealsynth.recipe.textures import Textures
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.distributions import Uniform, draw, draw_index
from unrealsynth_plugin.core.placement import lies_flat
from unrealsynth_plugin.core.settings import Ground, PropPlacement
from unrealsynth_plugin.core.streams import stream

_TRIES = 200
_ANY_YAW = Uniform((0.0, 360.0))
Circle = tuple[float, float, float]
"""x, y and radius, cm."""


def build(
    source: EnvironmentSource, props: Sequence[tuple[str, ...]], catalog: Catalog, textures: Textures
) -> tuple[Environment, list[str]]:
    """The environment, and warnings. `props` are the ids of the usable models of each prop of `source`."""
    settings = source.settings
    sky = settings.sky
    if sky.hdr is not None:
        sky = replace(sky, hdr=textures.sky(sky.hdr, source.folder))
    placements, warnings = _place(source, props, catalog)
    environment = Environment(
        name=source.name,
        level=settings.level,
        ground=None if settings.ground is None else _ground(settings.ground, source, textures),
        sky=sky,
        sun=settings.sun,
        fog=settings.fog,
        lamps=settings.lamps,
        props=placements,
        spawn=settings.spawn,
        exposure=settings.exposure,
    )
    return environment, warnings


def _ground(ground: Ground, source: EnvironmentSource, textures: Textures) -> Ground:
    normal = ground.normal
    if normal is None and ground.texture is not None and ground.texture.startswith(BUILTIN):
        normal = ground.texture
    return replace(
        ground,
        texture=None if ground.texture is None else textures.color(ground.texture, source.folder),
        normal=None if normal is None else textures.normal(normal, source.folder),
    )


def _place(
    source: EnvironmentSource, props: Sequence[tuple[str, ...]], catalog: Catalog
) -> tuple[tuple[PropPlacement, ...], list[str]]:
    """Props with a location stand there; the others are scattered around them without touching.

    What lies flat is in nobody's way, and is kept apart only from what else is scattered and lies flat.
    """
    placed: dict[int, list[PropPlacement]] = {}
    taken: list[Circle] = []
    covered: list[Circle] = []
    warnings = []
    order = sorted(range(len(props)), key=lambda i: (source.settings.props[i].location is None, i))
    for index in order:
        settings = source.settings.props[index]
        placed[index] = []
        if not props[index]:
            continue
        for number in range(settings.count):
            random = stream(0, 0, 0, f"props/{source.name}/{index}/{number}")
            placement = _drawn(settings, props[index], catalog, source, (taken, covered), random)
            if placement is None:
                continue
            placed[index].append(placement)
            if not _is_flat(placement, catalog):
                taken.append(_circle(placement, catalog))
            elif settings.location is None:
                covered.append(_circle(placement, catalog))
        missing = settings.count - len(placed[index])
        if missing:
            warnings.append(
                f"{source.name}: {missing} of {settings.count} props of props[{index}] found no free place in their "
                "ring and are left out; widen the ring or ask for fewer"
            )
    return tuple(placement for index in sorted(placed) for placement in placed[index]), warnings


def _drawn(
    settings: PropSettings,
    models: tuple[str, ...],
    catalog: Catalog,
    source: EnvironmentSource,
    taken: tuple[Sequence[Circle], Sequence[Circle]],
    random: Random,
) -> PropPlacement | None:
    """One prop, or None when it finds no place; `taken` is in the way of what stands, and of what lies flat."""
    model = models[draw_index((1.0,) * len(models), random)]
    scale = draw(settings.scale, random)
    if settings.location is not None:
        yaw = 0.0 if settings.yaw is None else draw(settings.yaw, random)
        return PropPlacement(model, settings.location, yaw, scale)
    yaw = draw(_ANY_YAW if settings.yaw is None else settings.yaw, random)
    low, high = settings.ring or (0.0, 0.0)
    center_x, center_y = source.settings.spawn.center
    for _ in range(_TRIES):
        # Even over the ring's area.
        distance = math.sqrt(low * low + (high * high - low * low) * random.random())
        angle = 2.0 * math.pi * random.random()
        location = (
            round(center_x + distance * math.cos(angle), 3),
            round(center_y + distance * math.sin(angle), 3),
            0.0,
        )
        placement = PropPlacement(model, location, round(yaw, 3), round(scale, 6))
        x, y, radius = _circle(placement, catalog)
        others = taken[_is_flat(placement, catalog)]
        if all(math.hypot(x - other_x, y - other_y) >= radius + other for other_x, other_y, other in others):
            return placement
    return None


def _is_flat(placement: PropPlacement, catalog: Catalog) -> bool:
    return lies_flat(placement, catalog[placement.model].model.bounds_cm[1][2])


def _circle(placement: PropPlacement, catalog: Catalog) -> Circle:
    """The circle about its origin that a prop never leaves, whatever its yaw."""
    hull = np.array(catalog[placement.model].model.hull_cm)
    radius = float(np.hypot(hull[:, 0], hull[:, 1]).max()) * placement.scale
    return placement.location[0], placement.location[1], radius
