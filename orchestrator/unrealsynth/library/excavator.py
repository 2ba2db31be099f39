"""A crawler excavator of the 14-tonne class: house, cab and counterweight on their undercarriage. X forward, Y up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unrealsynth.library.digging_arm import arm
from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.lettering import Decal, lettered
from unrealsynth.library.mesh import Solid, translation, union
from unrealsynth.library.noise import Field, smoothstep
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import arc, box, extrusion, lathe, tube
from unrealsynth.library.surfaces import Coat, Painter, Texels, glass, painted_metal, rgb, rubber, smooth
from unrealsynth.library.tracks import undercarriage

_YELLOW = painted_metal(rgb("#f2a305"), 0.36, wear=0.2, dust=0.5, size=0.7, rust=0.2)
_DARK = painted_metal(rgb("#2d2f31"), 0.5, wear=0.25, dust=0.7, size=0.7, rust=0.3)
_BLACK = smooth((0.014, 0.014, 0.015), 0.55)


def excavator() -> list[Surface]:
    """6.3 m long, 2.5 m wide, 3.5 m high, with its arm half stretched and the bucket on the ground."""
    upper = union([_house(), _counterweight(), _cab(), _deck_furniture()])
    return textured(union([undercarriage(_DARK), upper, arm(_YELLOW, _DARK)]), 1024)


def _house() -> Solid:
    plan = rounded([(-1.75, -1.2), (1.30, -1.2), (1.38, -0.35), (1.30, 0.3), (1.15, 1.2), (-1.75, 1.2)], 0.12, 3)
    deck = extrusion(plan, 0.20, _DARK, 0.02).turned("x", -90.0).moved(0.0, 1.08, 0.0)
    hood = box((1.52, 0.86, 2.38), _hood_paint, 0.075, 2).moved(-0.93, 1.60, 0.0)
    lid = box((1.15, 0.10, 1.5), _YELLOW, 0.04, 2).moved(-0.85, 2.055, 0.05)
    tank = box((1.05, 0.62, 0.72), _YELLOW, 0.06, 2).moved(0.40, 1.48, 0.80)
    tool_box = box((0.42, 0.34, 0.66), _YELLOW, 0.05, 2).moved(1.02, 1.33, 0.80)
    tread = box((0.40, 0.012, 0.60), _BLACK, 0.004).repeated(
        [translation(1.02, 1.505, 0.80), translation(0.42, 1.795, 0.8)]
    )
    foot = extrusion(
        rounded([(0.35, 1.10), (1.15, 1.10), (1.02, 1.55), (0.70, 1.66), (0.52, 1.5)], 0.06, 3), 0.05, _DARK, 0.01
    )
    feet = foot.repeated([translation(0.0, 0.0, side * 0.25) for side in (-1.0, 1.0)])
    return union([deck, hood, lid, tank, tool_box, tread, feet])


def _hood_paint(texels: Texels) -> Coat:
    """Yellow panels: louvres and door seams on the sides, a black band along the sill."""
    x, y = texels.points[:, 0], texels.points[:, 1]
    side = (np.abs(texels.normals[:, 2]) > 0.8).astype(np.float32)
    coat = _YELLOW(texels)
    grille = side * _window(x, -1.50, -0.98) * _window(y, 1.42, 1.88)
    slat = 0.5 + 0.5 * np.sin(y * (2.0 * np.pi / 0.046))
    coat = coat.over(grille, (0.02, 0.02, 0.021), 0.6, relief=0.006 * slat - 0.006)
    seams = np.maximum.reduce([_window(x, at - 0.006, at + 0.006, 0.004) for at in (-1.58, -0.90, -0.28)])
    coat = coat.over(side * seams, (0.02, 0.018, 0.015), 0.8, relief=-0.008)
    handle = side * _window(x, -0.82, -0.72) * _window(y, 1.62, 1.67)
    return coat.over(handle, (0.015, 0.015, 0.015), 0.4, relief=0.01)


def _counterweight() -> Solid:
    curve = arc((-0.55, 0.0), 1.62, 133.0, 227.0, 14)
    plan = np.concatenate([[(-1.42, -1.22), (-1.42, 1.22)], curve])
    text = Decal(lettered("145", 96, 0.2), (-2.16, 1.72, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), 0.62)

    def striped(texels: Texels) -> Coat:
        coat = _YELLOW(texels)
        band = _window(texels.points[:, 1], 1.16, 1.38) * smoothstep(0.5, 0.7, -texels.normals[:, 0])
        stripe = smoothstep(-0.03, 0.03, np.sin((texels.points[:, 2] + texels.points[:, 1]) * 2.0 * np.pi / 0.36))
        coat = coat.over(band, rgb("#d8d8d2"), 0.4).over(band * stripe, rgb("#a3141a"), 0.4)
        return coat.over(text.on(texels), (0.012, 0.012, 0.013), 0.45)

    block = extrusion(rounded(plan.tolist(), [0.05, 0.05, *[0.0] * len(curve)], 2), 0.98, striped, 0.06).turned(
        "x", 90.0
    )
    lamp = box((0.04, 0.10, 0.16), smooth(rgb("#b01414"), 0.2), 0.012)
    lamps = lamp.repeated([translation(-1.83, 1.52, side * 0.93) for side in (-1.0, 1.0)])
    return union([block.moved(0.0, 1.56, 0.0), lamps])


def _cab() -> Solid:
    """On the left, at negative z: dark glass in a frame of rounded bars."""
    low, high, middle, width = 1.18, 2.86, -0.73, 0.90
    side = [(-0.36, low), (1.20, low), (1.34, 1.62), (1.12, 2.74), (0.98, high), (-0.20, high), (-0.38, 2.70)]
    core = extrusion(rounded(side, [0.05, 0.1, 0.2, 0.15, 0.12, 0.12, 0.12], 3), width - 0.05, glass(), 0.02)
    parts = [core]
    bars: list[tuple[Sequence[float], Sequence[float], float]] = [
        (side[0], side[1], 0.10),
        (side[1], side[2], 0.08),
        (side[2], side[3], 0.075),
        (side[3], side[4], 0.10),
        (side[4], side[5], 0.10),
        (side[5], side[6], 0.10),
        (side[6], side[0], 0.10),
        ((0.36, low), (0.30, high), 0.09),
    ]
    for start, end, thickness in bars:
        beam = _beam(start, end, thickness, 0.07, _YELLOW if start[0] < 1.0 else _DARK)
        parts.append(beam.repeated([translation(0.0, 0.0, sign * (width / 2.0 - 0.03)) for sign in (-1.0, 1.0)]))
    for x, y in (side[0], side[1], side[2], side[3], side[4], side[5], side[6]):
        parts.append(box((0.085, 0.085, width - 0.04), _DARK, 0.03).moved(x * 0.97 + 0.012, y, 0.0))
    door = extrusion(
        rounded([(-0.36, low), (0.36, low), (0.36, 1.78), (-0.36, 1.78)], 0.05, 3), width + 0.012, _YELLOW, 0.02
    )
    apron = extrusion(
        rounded([(0.30, low), (1.20, low), (1.325, 1.56), (0.30, 1.50)], 0.05, 3), width + 0.006, _YELLOW, 0.02
    )
    roof = extrusion(
        rounded([(-0.42, 2.83), (1.10, 2.83), (1.02, 2.92), (-0.34, 2.93)], 0.04, 3), width + 0.03, _YELLOW, 0.03
    )
    handle = box((0.14, 0.04, 0.03), _BLACK, 0.012).moved(0.24, 1.70, -width / 2.0 - 0.012)
    hatch = box((0.55, 0.03, 0.55), smooth((0.02, 0.02, 0.022), 0.3), 0.014).moved(0.35, 2.935, 0.0)
    lamp = box((0.07, 0.11, 0.17), _BLACK, 0.02) + box(
        (0.02, 0.085, 0.14), smooth((0.85, 0.85, 0.8), 0.1), 0.008
    ).moved(0.032)
    lamps = lamp.repeated([translation(1.10, 2.86, z) for z in (-0.30, 0.30)])
    wiper = tube([(1.34, 1.72, 0.12), (1.25, 2.12, 0.05), (1.20, 2.35, -0.05)], 0.012, _BLACK, 6)
    return union([*parts, door, apron, roof, handle, hatch, lamps, wiper]).moved(0.0, 0.0, middle)


def _deck_furniture() -> Solid:
    """Exhaust, hand rails, mirror, cooler cap."""
    bend = [(-1.18, 2.02, 0.62), (-1.18, 2.30, 0.62), (-1.20, 2.38, 0.62), (-1.30, 2.44, 0.62)]
    pipe = tube(bend, 0.055, painted_metal((0.05, 0.045, 0.04), 0.6, rust=0.9, size=0.3), 14)
    muffler = lathe([(0.0, 2.0), (0.11, 2.0), (0.12, 2.04), (0.12, 2.13), (0.09, 2.17), (0.0, 2.17)], _DARK, 20)
    rail = rounded([(0.0, 0.0), (0.0, 0.55), (0.85, 0.55), (0.85, 0.0)], 0.12, 3)
    bar = tube(np.column_stack([rail + np.array([0.02, 1.75]), np.full(len(rail), 1.10)]), 0.02, _BLACK, 8)
    step_rail = rounded([(0.90, 1.20), (1.30, 1.24), (1.30, 1.95), (0.98, 2.02)], 0.1, 3)
    front = tube(np.column_stack([step_rail, np.full(len(step_rail), 1.10)]), 0.018, _BLACK, 8)
    arm_path = [(1.18, 1.75, 1.08), (1.24, 2.08, 1.14), (1.24, 2.18, 1.16)]
    mirror = tube(arm_path, 0.014, _BLACK, 6) + box((0.05, 0.30, 0.19), _BLACK, 0.02).moved(1.24, 2.28, 1.13)
    pane = box((0.01, 0.25, 0.15), smooth((0.7, 0.72, 0.74), 0.06, 1.0), 0.004).moved(1.213, 2.28, 1.13)
    cap = lathe([(0.0, 0.0), (0.07, 0.0), (0.07, 0.03), (0.055, 0.05), (0.0, 0.05)], rubber(), 16).moved(
        0.1, 1.79, 0.62
    )
    return union([pipe, muffler.moved(-1.18, 0.0, 0.62), bar, front, mirror, pane, cap])


def _beam(start: Sequence[float], end: Sequence[float], thickness: float, depth: float, paint: Painter) -> Solid:
    """A bar between two points of the side view."""
    run = np.asarray(end, dtype=np.float64) - np.asarray(start, dtype=np.float64)
    middle = (np.asarray(start, dtype=np.float64) + np.asarray(end, dtype=np.float64)) / 2.0
    angle = float(np.degrees(np.arctan2(run[1], run[0])))
    length = float(np.hypot(run[0], run[1])) + 0.5 * thickness
    return (
        box((length, thickness, depth), paint, 0.022).turned("z", angle).moved(float(middle[0]), float(middle[1]), 0.0)
    )


def _window(values: Field, low: float, high: float, soft: float = 0.006) -> Field:
    return smoothstep(low - soft, low, values) * smoothstep(high + soft, high, values)
