"""An excavator's boom, stick and bucket with their cylinders. X forward, Y up, about z = 0; the ground is at y = 0."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.lettering import Decal, lettered
from unrealsynth.library.mesh import Reals, Solid, translation, union, unit
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import arc, extrusion, lathe, tube
from unrealsynth.library.surfaces import Coat, Painter, Texels, bare_metal, rgb, rubber, smooth, weathered

_FOOT, _KNEE, _ELBOW = np.array([0.78, 1.42]), np.array([2.05, 3.12]), np.array([4.02, 2.52])
_WRIST = np.array([3.60, 0.80])
_CHROME = smooth((0.72, 0.72, 0.71), 0.14, 1.0)


def arm(paint: Painter, ink: Painter) -> Solid:
    """Boom, stick and bucket, the bucket resting on the ground; `ink` is for pins and brackets."""
    return union([_boom(paint, ink), _stick(paint, ink), _bucket(), _hoses()])


def _boom(paint: Painter, ink: Painter) -> Solid:
    upper = [(4.10, 2.70), (3.2, 3.10), (2.45, 3.36), (1.95, 3.36), (1.62, 3.10), (0.62, 1.52)]
    lower = [(0.84, 1.27), (1.62, 2.34), (1.98, 2.70), (2.5, 2.74), (4.05, 2.36)]
    outline = rounded([*lower, *upper], [0.12, 0.5, 0.45, 0.5, 0.14, 0.14, 0.6, 0.5, 0.4, 0.5, 0.12], 4)
    name = lettered("SYNTH 145", 64, 0.19)
    along = unit(_ELBOW - _KNEE)
    # On the left, seen from there, the text runs backwards along X.
    sides = [
        Decal(name, (3.0, 2.86, 0.0), (sign * along[0], sign * along[1], 0.0), (-along[1], along[0], 0.0), 1.05)
        for sign in (1.0, -1.0)
    ]

    def named(texels: Texels) -> Coat:
        mask = np.maximum(sides[0].on(texels), sides[1].on(texels)) * (texels.noise(0.05, 9) > 0.06)
        return paint(texels).over(mask, (0.012, 0.012, 0.013), 0.45)

    body = extrusion(outline, 0.32, named, 0.022).detailed(1.4)
    cheeks = extrusion(_plate(_FOOT, 0.20), 0.44, ink, 0.015) + extrusion(_plate(_ELBOW, 0.21), 0.40, ink, 0.012)
    middle = np.array([1.88, 2.86])
    lugs = extrusion(_plate(middle, 0.15), 0.52, ink, 0.012)
    rams = [_ram(np.array([1.34, 1.12]), middle, 0.075, side * 0.235) for side in (-1.0, 1.0)]
    anchor = np.array([2.42, 3.45])
    bracket = extrusion(rounded([(2.2, 3.30), (2.66, 3.28), (2.50, 3.52), (2.36, 3.52)], 0.05, 2), 0.22, ink, 0.01)
    return union(
        [body, cheeks, lugs, bracket, *rams, _ram(anchor, _stick_end(), 0.07, 0.0), *_pins([_ELBOW, middle], 0.56)]
    )


def _stick_way() -> Reals:
    return unit(_WRIST - _ELBOW)


def _stick_end() -> Reals:
    """Where the stick's cylinder pulls, behind the elbow."""
    return np.asarray(_ELBOW - _stick_way() * 0.52)


def _on_stick(along: float, outward: float) -> Reals:
    """A point `along` metres from the elbow to the wrist and `outward` from the machine."""
    way = _stick_way()
    return np.asarray(_ELBOW + way * along + np.array([-way[1], way[0]]) * outward)


def _stick(paint: Painter, ink: Painter) -> Solid:
    length = float(np.linalg.norm(_WRIST - _ELBOW))
    spine = [(-0.60, 0.06), (-0.30, 0.20), (0.15, 0.24), (length - 0.1, 0.12), (length + 0.11, 0.08)]
    belly = [(length + 0.11, -0.09), (length - 0.15, -0.12), (0.25, -0.27), (-0.1, -0.26), (-0.60, -0.10)]
    outline = np.stack([_on_stick(along, outward) for along, outward in [*spine, *belly]])
    if _signed_area(outline) < 0.0:
        outline = outline[::-1]
    body = extrusion(
        rounded(outline.tolist(), [0.1, 0.3, 0.3, 0.2, 0.08, 0.08, 0.2, 0.3, 0.3, 0.1], 3), 0.26, paint, 0.02
    )
    rocker_foot, knuckle = _on_stick(length - 0.34, 0.02), _on_stick(length - 0.22, 0.43)
    lever = np.asarray(_WRIST + np.array([0.30, -0.02]))
    rockers = [_bar(rocker_foot, knuckle, 0.065, side * 0.17) for side in (-1.0, 1.0)]
    links = [_bar(knuckle, lever, 0.06, side * 0.10) for side in (-1.0, 1.0)]
    seat = _on_stick(0.02, 0.34)
    bracket = extrusion(_plate(_on_stick(0.02, 0.26), 0.16), 0.2, ink, 0.01)
    pins = _pins([rocker_foot, knuckle, _WRIST, lever], 0.40)
    return union(
        [body, bracket, *rockers, *links, *_pins([_stick_end()], 0.34), *pins, _ram(seat, knuckle, 0.062, 0.0)]
    )


def _bucket() -> Solid:
    def steel(texels: Texels) -> Coat:
        coat = bare_metal((0.115, 0.108, 0.10), 0.5, dust=0.35, size=0.4, rust=0.35)(texels)
        local = texels.points[:, 1] / 0.8
        rubbed = np.clip(1.0 - local, 0.0, 1.0) * texels.noise(0.35, 6, (3.0, 1.0, 3.0))
        coat = coat.over(np.clip(rubbed * 1.6 - 0.45, 0.0, 0.8), (0.42, 0.40, 0.38), 0.38, 0.9)
        soil = np.clip(texels.noise(0.25, 7) + 0.9 * texels.hidden - 0.85, 0.0, 0.3) * 3.0
        return weathered(coat.over(soil, (0.13, 0.092, 0.06), 0.95, 0.0, relief=0.004), texels, 0.4, 0.4)

    outer = np.array([(-0.20, 0.10), (0.16, 0.12), (0.42, 0.02), (0.55, -0.18), (0.55, -0.42), (0.42, -0.62)])
    outer = np.concatenate([outer, [(0.20, -0.74), (-0.05, -0.775), (-0.42, -0.72)]])
    inner = outer + np.array(
        [
            *[(0.02, -0.05), (-0.02, -0.05), (-0.04, -0.035), (-0.05, 0.0), (-0.045, 0.015)],
            *[(-0.035, 0.035), (-0.015, 0.045), (0.0, 0.045), (0.0, 0.03)],
        ]
    )
    width = 0.95
    shell = extrusion(np.concatenate([outer, inner[::-1]])[::-1], width, steel, 0.006)
    cheek = rounded([*outer[::-1].tolist()], [0.02] + [0.1] * 7 + [0.06], 2)
    cheeks = extrusion(cheek, 0.035, steel, 0.006).repeated(
        [translation(0.0, 0.0, side * (width / 2.0 - 0.004)) for side in (-1.0, 1.0)]
    )
    ears = extrusion(
        rounded([(-0.12, 0.02), (-0.02, -0.12), (0.42, -0.12), (0.44, 0.02), (0.30, 0.10), (0.0, 0.12)], 0.05, 2),
        0.035,
        steel,
        0.005,
    ).repeated([translation(0.0, 0.0, side * 0.19) for side in (-1.0, 1.0)])
    tooth = extrusion(
        [(0.10, -0.035), (0.10, 0.035), (0.0, 0.045), (-0.12, 0.010), (-0.12, -0.012), (0.0, -0.035)],
        0.085,
        steel,
        0.008,
    )
    teeth = tooth.repeated([translation(-0.46, -0.712, z) for z in np.linspace(-0.42, 0.42, 5)])
    whole = union([shell, cheeks, ears, teeth])
    return whole.moved(float(_WRIST[0]), float(_WRIST[1]), 0.0)


def _hoses() -> Solid:
    black = rubber(dust=0.3)
    line = np.array(
        [(0.72, 1.62), (1.5, 2.95), (1.85, 3.40), (2.5, 3.42), (3.3, 3.13), (3.95, 2.85), (4.22, 2.62), (4.14, 2.25)]
    )
    smooth_line = rounded(line.tolist(), [0, 0.4, 0.4, 0.4, 0.4, 0.3, 0.15, 0], 3)
    return union(
        [
            tube(np.column_stack([smooth_line, np.full(len(smooth_line), z)]), 0.021, black, 6)
            for z in (-0.10, -0.045, 0.10)
        ]
    )


def _ram(start: Reals, end: Reals, radius: float, z: float) -> Solid:
    """A hydraulic cylinder: barrel at the start, chrome rod to the end."""
    way = unit(end - start)
    length = float(np.linalg.norm(end - start))
    barrel = [(0.0, 0.02), (radius * 0.8, 0.02), (radius, 0.05), (radius, 0.60 * length - 0.05)]
    barrel += [(radius * 1.15, 0.60 * length - 0.045), (radius * 1.15, 0.60 * length), (0.0, 0.60 * length)]
    body = lathe(barrel, smooth(rgb("#26282a"), 0.35), 16)
    rod = lathe([(0.0, 0.0), (radius * 0.52, 0.0), (radius * 0.52, length), (0.0, length)], _CHROME, 12)
    eye = lathe(
        [(0.0, -radius * 0.8), (radius * 1.1, -radius * 0.8), (radius * 1.1, radius * 0.8), (0.0, radius * 0.8)],
        smooth(rgb("#26282a"), 0.5),
        14,
    ).turned("x", 90.0)
    angle = float(np.degrees(np.arctan2(-way[0], way[1])))
    whole = union([body, rod, eye, eye.moved(0.0, length, 0.0)])
    return whole.turned("z", angle).moved(float(start[0]), float(start[1]), z)


def _bar(start: Reals, end: Reals, half_width: float, z: float) -> Solid:
    """A flat link with round ends."""
    length = float(np.linalg.norm(end - start))
    outline = np.concatenate(
        [arc((length, 0.0), half_width, -90.0, 90.0, 6), arc((0.0, 0.0), half_width, 90.0, 270.0, 6)]
    )
    angle = float(np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0])))
    paint = smooth(rgb("#2b2c2d"), 0.55)
    return extrusion(outline, 0.05, paint, 0.006).turned("z", angle).moved(float(start[0]), float(start[1]), z)


def _pins(points: list[Reals], width: float) -> list[Solid]:
    half = width / 2.0
    profile = [(0.0, -half), (0.045, -half), (0.05, -half + 0.006), (0.05, half - 0.006), (0.045, half), (0.0, half)]
    pin = lathe(profile, bare_metal((0.3, 0.3, 0.3), 0.4, size=0.1, rust=0.2), 14).turned("x", 90.0)
    return [pin.repeated([translation(float(x), float(y), 0.0) for x, y in points])]


def _plate(centre: Reals, radius: float) -> Reals:
    return arc(centre.tolist(), radius, 0.0, 345.0, 23)


def _signed_area(polygon: Reals) -> float:
    x, y = polygon.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
