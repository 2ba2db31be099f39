"""Things of the road: cones, barriers, signs, lamps."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.lettering import Decal, lettered
from unrealsynth.library.mesh import translation, union
from unrealsynth.library.noise import Field, smoothstep
from unrealsynth.library.polygons import circle, rounded
from unrealsynth.library.solids import box, extrusion, lathe
from unrealsynth.library.surfaces import (
    Coat,
    Texels,
    bare_metal,
    cast_concrete,
    even,
    galvanized,
    plastic,
    rgb,
    rubber,
    weathered,
)

ORANGE = rgb("#f2500f")
SIGNAL_RED = rgb("#a8141b")
WHITE = rgb("#e9e9e4")


def traffic_cone() -> list[Surface]:
    """A 75 cm cone: orange PVC, two reflective sleeves, black foot."""
    height = 0.75
    orange = plastic(ORANGE, 0.5, dust=0.5, scuffed=0.5, size=0.35)

    def sleeved(texels: Texels) -> Coat:
        coat = orange(texels)
        y = texels.points[:, 1]
        sleeve = np.maximum(_between(y, 0.305, 0.425), _between(y, 0.515, 0.605))
        return coat.over(sleeve, *_sheeting(texels, WHITE), relief=4e-4)

    body = [(0.0, 0.035), (0.165, 0.035), (0.165, 0.052), (0.150, 0.060), (0.137, 0.085)]
    body += [(0.137 - 0.104 * t, 0.085 + 0.64 * t) for t in np.linspace(0.1, 1.0, 9)]
    body += [(0.033 - 0.010 * (1.0 - np.cos(a)), 0.725 + 0.025 * np.sin(a)) for a in np.linspace(0.25, np.pi / 2.0, 4)]
    body += [(0.016, height), (0.014, height - 0.02), (0.0, height - 0.02)]
    shell = lathe(body, sleeved, segments=48)
    black = rubber(dust=0.35)
    foot = box((0.41, 0.036, 0.41), black, 0.010, 2).moved(y=0.018)
    pads = box((0.07, 0.016, 0.07), black, 0.004).repeated(
        [translation(x, 0.038, z) for x in (-0.155, 0.155) for z in (-0.155, 0.155)]
    )
    return textured(union([shell, foot, pads]))


def concrete_barrier() -> list[Surface]:
    """A New Jersey barrier, 2 m long, 81 cm high, with slots for a fork lift."""
    concrete = cast_concrete(0.36, 0.8)
    half = [(0.30, 0.0), (0.30, 0.075), (0.175, 0.33), (0.09, 0.81)]
    profile = rounded([(-x, y) for x, y in half] + [(x, y) for x, y in reversed(half)], 0.022, 2)[::-1]
    body = extrusion(profile, 2.0, concrete, 0.018).turned("y", 90.0)
    slots = box((0.30, 0.06, 0.603), rubber((0.012, 0.012, 0.012), dust=0.3), 0.003).repeated(
        [translation(x, 0.0301, 0.0) for x in (-0.5, 0.5)]
    )
    return textured(union([body, slots]))


def barrier() -> list[Surface]:
    """A red and white water-filled barrier of moulded polyethylene, 1.2 m long, 80 cm high."""
    red_paint = plastic(SIGNAL_RED, 0.42, dust=0.55, scuffed=0.6, size=0.5)
    white_paint = plastic(WHITE, 0.42, dust=0.6, scuffed=0.2, size=0.5)

    def banded(texels: Texels) -> Coat:
        red, pale = red_paint(texels), white_paint(texels)
        stripe = smoothstep(0.5, 0.512, np.abs((texels.points[:, 0] / 0.48 + 0.25) % 1.0 * 2.0 - 1.0))
        coat = red.over(stripe, pale.color, pale.roughness)
        panel = _between(np.abs(texels.points[:, 0]), 0.12, 0.36) * _between(texels.points[:, 1], 0.36, 0.62)
        return coat.over(panel * (np.abs(texels.normals[:, 2]) > 0.8), relief=-0.006)

    half = [(0.20, 0.0), (0.20, 0.14), (0.13, 0.26), (0.085, 0.68), (0.085, 0.80)]
    radii = [0.03, 0.03, 0.05, 0.08, 0.035]
    outline = rounded([(-x, y) for x, y in half] + [(x, y) for x, y in reversed(half)], radii + radii[::-1], 3)[::-1]
    body = extrusion(outline, 1.16, banded, 0.022).turned("y", 90.0)
    waist = rounded([(-0.10, 0.03), (0.10, 0.03), (0.10, 0.10), (-0.10, 0.10)], 0.02, 2)
    tunnels = extrusion(waist, 0.404, rubber((0.01, 0.01, 0.01), 0.2), 0.002).repeated(
        [translation(x, 0.0, 0.0) for x in (-0.28, 0.28)]
    )
    lug = lathe([(0.0, 0.0), (0.05, 0.0), (0.05, 0.07), (0.044, 0.078), (0.0, 0.078)], banded, 16)
    lugs = [lug.moved(side * 0.575, y, 0.0) for side, heights in ((1, (0.3, 0.56)), (-1, (0.4, 0.66))) for y in heights]
    cap = lathe([(0.0, 0.0), (0.05, 0.0), (0.05, 0.016), (0.045, 0.02), (0.0, 0.02)], rubber(dust=0.2), 20)
    return textured(union([body, tunnels, *lugs, cap.moved(0.0, 0.79, 0.0)]))


def stop_sign() -> list[Surface]:
    """A 75 cm octagon on a galvanised post: white border and lettering, grey back; 2.6 m high."""
    centre, across = 2.2, 0.75
    corner = across / 2.0 / np.cos(np.pi / 8.0)
    word = Decal(lettered("STOP", 160, 0.2), (0.0, centre, 0.05), (1, 0, 0), (0, 1, 0), 0.60)
    zinc, plain = galvanized(0.3), plastic(rgb("#9a9c9b"), 0.5, dust=0.35, scuffed=0.2, size=0.6)

    def face(texels: Texels) -> Coat:
        turn = np.arctan2(texels.points[:, 1] - centre, texels.points[:, 0])
        reach = np.hypot(texels.points[:, 1] - centre, texels.points[:, 0])
        sector = (turn + np.pi / 8.0) % (np.pi / 4.0) - np.pi / 8.0
        rim = across / 2.0 - reach * np.cos(sector)
        color, roughness = _sheeting(texels, SIGNAL_RED)
        white, _ = _sheeting(texels, WHITE)
        border = _between(rim, 0.010, 0.030)
        front = smoothstep(0.6, 0.8, texels.normals[:, 2])
        coat = even(texels, color, 0.35).over(np.maximum(word.on(texels), border), white)
        coat = weathered(coat.over(np.ones(texels.count), roughness=roughness), texels, 0.3, 0.5)
        back = plain(texels)
        return back.over(front, coat.color, coat.roughness, 0.0)

    plate = extrusion(circle(corner, 8, 22.5), 0.012, face, 0.002).moved(0.0, centre, 0.042).detailed(2.6)
    post = lathe([(0.0, 0.0), (0.038, 0.0), (0.038, 2.56), (0.034, 2.566), (0.0, 2.566)], zinc, 20)
    collar = lathe([(0.0, 0.0), (0.075, 0.0), (0.075, 0.012), (0.05, 0.022), (0.05, 0.06), (0.0, 0.06)], zinc, 20)
    steel = bare_metal((0.5, 0.5, 0.5), 0.35, size=0.1)
    clamp = box((0.11, 0.05, 0.088), steel, 0.006).moved(0.0, 0.0, -0.006)
    clamps = clamp.repeated([translation(0.0, centre + dy, 0.0) for dy in (-0.2, 0.2)])
    bolt = lathe([(0.0, 0.0), (0.012, 0.0), (0.012, 0.004), (0.006, 0.007), (0.0, 0.007)], steel, 8).turned("x", 90.0)
    bolts = bolt.repeated([translation(0.0, centre + dy, 0.048) for dy in (-0.2, 0.2)])
    return textured(union([plate, post, collar, clamps, bolts]))


def _sheeting(texels: Texels, color: tuple[float, float, float]) -> tuple[Field, Field]:
    """Colour and roughness of retro-reflective film: a honeycomb of prisms, a little yellowed."""
    across = 450.0 * (texels.points[:, 0] + texels.points[:, 2])
    up = 780.0 * texels.points[:, 1]
    comb = 0.5 + 0.5 * np.cos(2.0 * across) * np.cos(across + up) * np.cos(across - up)
    tone = (0.84 + 0.1 * comb) * (1.0 - 0.22 * texels.noise(0.25, 5))
    paint = np.asarray(np.array(color) * tone[:, None], dtype=np.float32)
    return paint, np.asarray(0.28 + 0.12 * comb, dtype=np.float32)


def _between(values: Field, low: float, high: float) -> Field:
    """1 from `low` to `high`, with edges of 3 mm."""
    return smoothstep(low - 0.0015, low + 0.0015, values) * smoothstep(high + 0.0015, high - 0.0015, values)
