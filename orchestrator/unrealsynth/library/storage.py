"""Things that store or enclose: shipping container, crate, tyres, mobile fence."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.lettering import Decal, lettered
from unrealsynth.library.mesh import Reals, Solid, rotation, translation, union
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import box, extrusion, lathe, tube
from unrealsynth.library.surfaces import (
    Coat,
    Painter,
    Texels,
    bare_metal,
    cast_concrete,
    galvanized,
    painted_metal,
    rgb,
    rubber,
    timber,
    weathered,
)


def shipping_container(color: str = "#9c3b22", code: str = "UNSU 204 715") -> list[Surface]:
    """A 20-foot container, 6.06 × 2.44 × 2.59 m, its doors towards +X."""
    length, height, width = 6.058, 2.591, 2.438
    paint = painted_metal(rgb(color), 0.45, wear=0.35, dust=0.45, size=1.6, rust=0.55)
    right, up = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    number = Decal(lettered(code, 64, 0.18), (1.75, 2.12, 0.0), right, up, 1.9)
    name = Decal(lettered("SYNTH", 128, 0.22), (-0.9, 1.35, 0.0), right, up, 2.4)
    end = Decal(lettered(code[:8], 48, 0.18), (0.0, 2.1, 0.55), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0), 0.7)

    def lettered_paint(texels: Texels) -> Coat:
        mask = np.maximum.reduce([decal.on(texels) for decal in (number, name, end)])
        return paint(texels).over(mask * (0.75 + 0.25 * (texels.noise(0.1, 9) > 0.12)), (0.75, 0.74, 0.7), 0.5)

    panel = extrusion(_corrugated(length - 0.2, 0.036, 0.278), height - 0.20, lettered_paint).turned("x", -90.0)
    # Both sides share their texels: a half turn leaves the lettering readable.
    side = panel.moved(0.0, height / 2.0, width / 2.0 - 0.055)
    long_sides = side.repeated([rotation("y", turn) for turn in (0.0, 180.0)])
    back = extrusion(_corrugated(width - 0.2, 0.045, 0.25), height - 0.20, paint).turned("x", -90.0)
    parts = [long_sides, back.turned("y", -90.0).moved(-length / 2.0 + 0.06, height / 2.0, 0.0)]
    roof = extrusion(_corrugated(length - 0.2, 0.02, 0.209), width - 0.16, paint).moved(0.0, height - 0.075, 0.0)
    parts.append(roof)
    parts.append(box((length - 0.1, 0.10, width - 0.1), paint, 0.0).moved(0.0, 0.16, 0.0))
    for y, tall in ((0.09, 0.16), (height - 0.07, 0.12)):
        parts.append(
            box((length - 0.3, tall, 0.10), paint, 0.012).repeated([translation(0.0, y, z) for z in (-1.155, 1.155)])
        )
        parts.append(
            box((0.10, tall, width - 0.3), paint, 0.012).repeated([translation(x, y, 0.0) for x in (-2.965, 2.965)])
        )
    post = box((0.14, height - 0.2, 0.14), paint, 0.015)
    corners = [(x, z) for x in (-length / 2 + 0.08, length / 2 - 0.08) for z in (-width / 2 + 0.08, width / 2 - 0.08)]
    parts.append(post.repeated([translation(x, height / 2.0, z) for x, z in corners]))
    casting = box((0.178, 0.118, 0.162), painted_metal((0.05, 0.045, 0.04), 0.6, 0.6, 0.5, 0.5, 0.8), 0.015)
    inner = [(np.sign(x) * (length / 2 - 0.089), np.sign(z) * (width / 2 - 0.081)) for x, z in corners]
    parts.append(casting.repeated([translation(x, y, z) for x, z in inner for y in (0.059, height - 0.059)]))
    parts.append(_doors(length, height, lettered_paint))
    return textured(union(parts))


def _doors(length: float, height: float, paint: Painter) -> Solid:
    leaf = box((0.05, height - 0.34, 1.07), paint, 0.012)
    leaves = leaf.moved(length / 2 - 0.055, height / 2.0, -0.545) + leaf.moved(length / 2 - 0.055, height / 2.0, 0.545)
    rib = box((0.02, 0.24, 0.92), paint)
    ribs = rib.repeated(
        [translation(length / 2 - 0.026, y, z) for y in (0.55, 1.08, 1.61, 2.14) for z in (-0.545, 0.545)]
    )
    steel = galvanized(0.3)
    rod = lathe([(0.0, 0.16), (0.017, 0.16), (0.017, height - 0.16), (0.0, height - 0.16)], steel, 10)
    places = (-0.86, -0.28, 0.28, 0.86)
    rods = rod.repeated([translation(length / 2 - 0.004, 0.0, z) for z in places])
    lever = box((0.02, 0.035, 0.42), steel).repeated(
        [translation(length / 2 + 0.004, 1.05, z - 0.16 * np.sign(z)) for z in places]
    )
    keeper = box((0.05, 0.06, 0.09), steel).repeated(
        [translation(length / 2 - 0.012, y, z) for z in places for y in (0.30, 0.9, 1.7, height - 0.30)]
    )
    return union([leaves, ribs, rods, lever, keeper])


def _corrugated(length: float, depth: float, pitch: float) -> Reals:
    """A trapezoidal sheet in section, y outward, its back straight."""
    count = max(2, round(length / pitch))
    step = length / count
    x0 = -length / 2.0
    front = []
    for k in range(count):
        for share, y in ((0.0, 0.0), (0.25, 0.0), (0.5, -depth), (0.75, -depth)):
            front.append((x0 + (k + share) * step, y))
    front.append((length / 2.0, 0.0))
    back = [(length / 2.0, -depth - 0.02), (x0, -depth - 0.02)]
    return np.array(front + back)[::-1]


def crate() -> list[Surface]:
    """A crate of boards with corner battens and a diagonal, 0.9 × 0.7 × 0.7 m."""
    size = np.array([0.90, 0.70, 0.70])
    parts = []
    for k in range(5):
        y = 0.02 + (k + 0.5) * 0.66 / 5.0
        parts.append(box((0.86, 0.125, 0.66), timber("x", (0.42, 0.29, 0.165), 0.3)).moved(0.0, y, 0.0))
    lids = [
        box((0.86, 0.02, 0.128), timber("x", (0.42, 0.29, 0.165), 0.3), 0.003).moved(0.0, 0.69, z)
        for z in np.linspace(-0.265, 0.265, 5)
    ]
    batten = timber("y", (0.40, 0.27, 0.15), 0.3)
    rail = timber("x", (0.40, 0.27, 0.15), 0.3)
    for z in (-0.335, 0.335):
        for x in (-0.40, 0.40):
            parts.append(box((0.09, 0.70, 0.022), batten, 0.003).moved(x, 0.35, z + np.sign(z) * 0.004))
        for y in (0.045, 0.655):
            parts.append(box((0.72, 0.09, 0.020), rail, 0.003).moved(0.0, y, z + np.sign(z) * 0.004))
        slope = float(np.degrees(np.arctan2(0.53, 0.71)))
        parts.append(
            box((0.80, 0.085, 0.018), rail, 0.003)
            .turned("z", slope * np.sign(z))
            .moved(0.0, 0.35, z + np.sign(z) * 0.003)
        )
    for x in (-0.437, 0.437):
        for z in (-0.29, 0.29):
            parts.append(box((0.022, 0.70, 0.09), batten, 0.003).moved(x, 0.35, z))
        for y in (0.045, 0.655):
            parts.append(box((0.020, 0.09, 0.50), timber("z", (0.40, 0.27, 0.15), 0.3), 0.003).moved(x, y, 0.0))
    skid = box((0.08, 0.03, size[2]), timber("z"), 0.004).repeated([translation(x, -0.014, 0.0) for x in (-0.36, 0.36)])
    return textured(union([*parts, *lids, skid]))


def tyre_stack() -> list[Surface]:
    """Four used car tyres on top of each other, 0.66 m across."""
    outer, half, inner = 0.325, 0.098, 0.20
    section = rounded(
        [
            (outer, -half * 0.86),
            (outer, half * 0.86),
            (outer - 0.025, half),
            (inner + 0.01, half * 0.84),
            (inner, half * 0.7),
            (inner + 0.018, half * 0.4),
            (inner + 0.018, -half * 0.4),
            (inner, -half * 0.7),
            (inner + 0.01, -half * 0.84),
            (outer - 0.025, -half),
        ],
        [0.025, 0.025, 0.02, 0.01, 0.01, 0.02, 0.02, 0.01, 0.01, 0.02],
        2,
    )
    black = rubber((0.02, 0.02, 0.021), 0.6, 0.3)

    def treaded(texels: Texels) -> Coat:
        coat = black(texels)
        turn = np.arctan2(texels.points[:, 2], texels.points[:, 0])
        reach = np.hypot(texels.points[:, 0], texels.points[:, 2])
        height = texels.points[:, 1] - half
        tread = np.clip((reach - outer + 0.012) / 0.008, 0.0, 1.0)
        grooves = np.maximum.reduce([np.exp(-(((height - at) / 0.006) ** 2)) for at in (-0.055, 0.0, 0.055)])
        blocks = np.clip(np.sin(turn * 64.0 + np.abs(height) * 40.0) * 3.0 - 1.2, 0.0, 1.0)
        groove = tread * np.maximum(grooves, blocks * 0.9)
        return coat.over(groove, (0.006, 0.006, 0.006), 0.95, relief=-0.007)

    profile = np.concatenate([section, section[:1]])
    tyre = lathe(profile, treaded, 24, 60.0).moved(0.0, half, 0.0)
    shifts = [(0.0, 0.0), (0.016, -0.010), (-0.012, 0.014), (0.02, 0.012)]
    places = [translation(x, 2.0 * half * k, z) @ rotation("y", 40.0 * k) for k, (x, z) in enumerate(shifts)]
    return textured(tyre.repeated(places))


def fence() -> list[Surface]:
    """A mobile site fence, 3.5 m long, 2 m high, on concrete feet."""
    zinc = galvanized(0.5)
    length, height, low = 3.4, 2.0, 0.12
    frame = rounded([(-length / 2, low), (length / 2, low), (length / 2, height), (-length / 2, height)], 0.05, 3)
    parts = [tube(np.column_stack([frame, np.zeros(len(frame))]), 0.021, zinc, 8, closed=True)]
    bar = box((0.008, height - low, 0.008), zinc)
    parts.append(bar.repeated([translation(x, (height + low) / 2.0, 0.0) for x in np.linspace(-1.6, 1.6, 27)]))
    rail = box((length, 0.009, 0.009), zinc)
    parts.append(rail.repeated([translation(0.0, y, 0.0) for y in np.linspace(0.4, 1.75, 6)]))
    leg = lathe([(0.0, 0.02), (0.018, 0.02), (0.018, 0.3), (0.0, 0.3)], zinc, 8)
    parts.append(leg.repeated([translation(x, 0.0, 0.0) for x in (-length / 2, length / 2)]))
    foot = box((0.23, 0.13, 0.68), cast_concrete(0.3, 0.4), 0.03, 2)
    parts.append(foot.repeated([translation(x, 0.065, 0.0) for x in (-length / 2, length / 2)]))
    sign = box((0.60, 0.42, 0.006), _notice, 0.001).moved(-0.6, 1.25, 0.012)
    return textured(union([*parts, sign.detailed(2.0)]))


def _notice(texels: Texels) -> Coat:
    """A white board with a red band."""
    coat = bare_metal((0.7, 0.7, 0.7), 0.4)(texels).over(np.ones(texels.count), (0.72, 0.72, 0.70), 0.4, 0.0)
    coat = coat.over((texels.points[:, 1] > 1.36).astype(np.float32), rgb("#b5151b"))
    text = Decal(lettered("NO ENTRY", 64, 0.2), (-0.6, 1.2, 0.0), (1, 0, 0), (0, 1, 0), 0.46)
    return weathered(coat.over(text.on(texels), (0.02, 0.02, 0.02)), texels, 0.3, 0.4)
