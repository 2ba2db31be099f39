"""Things of the road: cones, barriers, signs, lamps."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.atlas import bake
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Solid, translation, union
from unrealsynth.library.noise import smoothstep
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import arc, box, extrusion, lathe, tube
from unrealsynth.library.surfaces import (
    Coat,
    Painter,
    Texels,
    cast_concrete,
    galvanized,
    plastic,
    rgb,
    rubber,
)

ORANGE = rgb("#f2500f")
SIGNAL_RED = rgb("#a8141b")
WHITE = rgb("#e9e9e4")


def surfaces(solid: Solid, side: int = 512) -> list[Surface]:
    """A solid with one texture, ready to be written."""
    baked = bake(solid, side)
    return [
        Surface(
            baked.positions,
            baked.normals,
            baked.uvs,
            baked.triangles,
            baked.base_color,
            baked.occlusion_roughness_metallic,
            baked.normal_map,
        )
    ]


def traffic_cone() -> list[Surface]:
    """A 75 cm cone: orange PVC, two reflective sleeves, black foot."""
    height = 0.75
    orange = plastic(ORANGE, 0.5, dust=0.55, scuffed=0.5, size=0.35)

    def sleeved(texels: Texels) -> Coat:
        coat = orange(texels)
        y = texels.points[:, 1]
        sleeve = np.maximum(_between(y, 0.305, 0.425), _between(y, 0.515, 0.605))
        comb = _honeycomb(texels)
        white = np.array(WHITE) * (0.86 + 0.1 * comb[:, None]) * (1.0 - 0.25 * texels.noise(0.2, 5)[:, None])
        return coat.over(sleeve, white, 0.32, 0.0, relief=4e-4 + 1e-4 * comb)

    body = [(0.0, 0.035), (0.165, 0.035), (0.165, 0.052), (0.150, 0.060), (0.137, 0.085)]
    body += [(0.137 - 0.104 * t, 0.085 + 0.64 * t) for t in np.linspace(0.1, 1.0, 9)]
    body += [(0.033 - 0.010 * (1.0 - np.cos(a)), 0.725 + 0.025 * np.sin(a)) for a in np.linspace(0.25, np.pi / 2.0, 4)]
    body += [(0.016, height), (0.014, height - 0.02), (0.0, height - 0.02)]
    shell = lathe(body, sleeved, segments=48)
    black = rubber(dust=0.7)
    foot = box((0.41, 0.036, 0.41), black, 0.010, 2).moved(y=0.018)
    pads = box((0.07, 0.016, 0.07), black, 0.004).repeated(
        [translation(x, 0.038, z) for x in (-0.155, 0.155) for z in (-0.155, 0.155)]
    )
    return surfaces(union([shell, foot, pads]))


def concrete_barrier() -> list[Surface]:
    """A New Jersey barrier, 2 m long, 81 cm high, with lifting slots and joint keys."""
    concrete = cast_concrete(0.36, 0.8)
    half = [(0.30, 0.0), (0.30, 0.075), (0.175, 0.33), (0.09, 0.81)]
    profile = rounded([(-x, y) for x, y in half] + [(x, y) for x, y in reversed(half)], 0.022, 2)[::-1]
    body = extrusion(profile, 2.0, concrete, 0.018).turned("y", 90.0)
    pocket = box((0.34, 0.075, 0.62), rubber((0.012, 0.012, 0.012)), 0.012)
    slots = pocket.repeated([translation(x, 0.0379, 0.0) for x in (-0.5, 0.5)])
    loop = tube(
        np.column_stack([arc((0.0, 0.0), 0.05, 0.0, 180.0, 8), np.zeros(9)]), 0.009, galvanized(), sides=8
    ).repeated([translation(x, 0.805, 0.0) for x in (-0.45, 0.45)])
    return surfaces(union([body, slots, loop]))


def barrier() -> list[Surface]:
    """A red and white water-filled barrier of moulded polyethylene, 1.2 m long, 80 cm high."""
    return surfaces(_plastic_barrier(plastic(SIGNAL_RED, 0.42, dust=0.6, scuffed=0.6, size=0.5)))


def _plastic_barrier(body_paint: Painter) -> Solid:
    white = plastic(WHITE, 0.42, dust=0.7, scuffed=0.2, size=0.5)

    def banded(texels: Texels) -> Coat:
        red, pale = body_paint(texels), white(texels)
        stripe = smoothstep(0.0, 0.004, np.sin((texels.points[:, 0] + 0.6) * (2.0 * np.pi / 0.8) + np.pi / 2) * 0.12)
        return red.over(stripe, pale.color, pale.roughness)

    half = [(0.20, 0.0), (0.20, 0.14), (0.13, 0.26), (0.085, 0.68), (0.085, 0.80)]
    profile = rounded([(-x, y) for x, y in half] + [(x, y) for x, y in reversed(half)], [0.03] * 4 + [0.035] * 2 + [0.03] * 4, 3)
    body = extrusion(profile[::-1], 1.16, banded, 0.022).turned("y", 90.0)
    return body


def _between(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return smoothstep(low - 0.0015, low + 0.0015, values) * smoothstep(high + 0.0015, high - 0.0015, values)


def _honeycomb(texels: Texels) -> np.ndarray:
    """Cells of prismatic sheeting, 8 mm wide."""
    around = np.arctan2(texels.points[:, 2], texels.points[:, 0]) * 60.0
    up = texels.points[:, 1] * 700.0
    return 0.5 + 0.5 * np.cos(around) * np.cos(0.5 * around + up) * np.cos(0.5 * around - up)
