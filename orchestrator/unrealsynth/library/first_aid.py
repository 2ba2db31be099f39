"""For emergencies: fire extinguisher and first-aid kit. Front is +Z."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.lettering import Decal, lettered, polygon_mask
from unrealsynth.library.mesh import translation, union
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import arc, box, extrusion, lathe, tube
from unrealsynth.library.surfaces import Coat, Texels, bare_metal, painted_metal, plastic, rgb, rubber, smooth

_CROSS = [[(0.36, 0.1), (0.64, 0.1), (0.64, 0.36), (0.9, 0.36), (0.9, 0.64), (0.64, 0.64), (0.64, 0.9), (0.36, 0.9)]]
_CROSS[0] += [(0.36, 0.64), (0.1, 0.64), (0.1, 0.36), (0.36, 0.36)]


def fire_extinguisher() -> list[Surface]:
    """A 6 kg extinguisher, 52 cm high: red cylinder with a label, valve, lever, gauge, hose with nozzle."""
    radius = 0.08
    red = painted_metal(rgb("#b80f14"), 0.26, wear=0.25, dust=0.3, size=0.3, rust=0.15)
    panel = Decal(
        polygon_mask((160, 200), [[(0, 0), (1, 0), (1, 1), (0, 1)]]), (0.0, 0.245, 0.0), (1, 0, 0), (0, 1, 0), 0.115
    )
    words = [
        Decal(lettered("FIRE", 64, 0.2), (0.0, 0.292, 0.0), (1, 0, 0), (0, 1, 0), 0.075),
        Decal(lettered("EXTINGUISHER", 48, 0.16), (0.0, 0.268, 0.0), (1, 0, 0), (0, 1, 0), 0.1),
    ]
    flame = [(0.5, 0.0), (0.68, 0.28), (0.82, 0.45), (0.85, 0.72), (0.66, 0.98), (0.34, 0.98), (0.15, 0.74), (0.2, 0.5)]
    flame += [(0.3, 0.58), (0.36, 0.3)]
    picture = Decal(polygon_mask((64, 80), [flame]), (-0.028, 0.212, 0.0), (1, 0, 0), (0, 1, 0), 0.036)
    lines = Decal(
        polygon_mask((64, 80), [[(0, y), (1, y), (1, y + 0.06), (0, y + 0.06)] for y in (0.1, 0.3, 0.5, 0.7, 0.9)]),
        (0.022, 0.212, 0.0),
        (1, 0, 0),
        (0, 1, 0),
        0.05,
    )

    def labelled(texels: Texels) -> Coat:
        coat = red(texels).over(panel.on(texels), (0.72, 0.72, 0.70), 0.4)
        coat = coat.over(np.maximum(words[0].on(texels), picture.on(texels)), rgb("#b80f14"), 0.4)
        return coat.over(np.maximum(words[1].on(texels), lines.on(texels) * 0.8), (0.03, 0.03, 0.03), 0.4)

    shoulder = [(radius * np.cos(a), 0.375 + 0.055 * np.sin(a)) for a in np.linspace(0.0, 1.25, 7)]
    tank_profile = [(0.0, 0.012), (radius - 0.008, 0.010), (radius - 0.001, 0.018), (radius, 0.03), *shoulder]
    tank = lathe([*tank_profile, (0.02, 0.436), (0.0, 0.436)], labelled, 48, 45.0).detailed(1.4)
    skirt = lathe(
        [(0.0, 0.0), (radius + 0.004, 0.0), (radius + 0.005, 0.028), (radius, 0.032), (0.0, 0.032)],
        rubber(dust=0.3),
        40,
    )
    brass = bare_metal((0.62, 0.47, 0.22), 0.3, size=0.05)
    valve = lathe([(0.0, 0.43), (0.024, 0.43), (0.024, 0.448), (0.018, 0.452), (0.018, 0.478), (0.0, 0.478)], brass, 20)
    gauge = lathe([(0.0, 0.0), (0.016, 0.0), (0.016, 0.010), (0.013, 0.012), (0.0, 0.012)], _dial, 20)
    black = smooth((0.02, 0.02, 0.021), 0.4)
    lower = rounded(
        [(-0.055, 0.470), (0.075, 0.462), (0.125, 0.440), (0.128, 0.452), (0.08, 0.480), (-0.05, 0.488)], 0.006, 2
    )
    upper = rounded(
        [(-0.055, 0.488), (0.06, 0.508), (0.125, 0.512), (0.125, 0.522), (0.05, 0.520), (-0.055, 0.502)], 0.005, 2
    )
    handle = extrusion(lower, 0.026, black, 0.004) + extrusion(upper, 0.024, smooth(rgb("#b80f14"), 0.35), 0.004)
    pin = tube(
        np.column_stack([arc((-0.01, 0.495), 0.014, 0.0, 360.0, 12)[:-1], np.full(12, 0.018)]),
        0.0022,
        smooth((0.8, 0.65, 0.05), 0.4),
        6,
        closed=True,
    )
    way = np.array(
        [
            (-0.02, 0.462, 0.0),
            (-0.075, 0.470, 0.0),
            (-0.112, 0.44, 0.0),
            (-0.113, 0.36, 0.0),
            (-0.103, 0.2, 0.0),
            (-0.101, 0.14, 0.0),
        ]
    )
    bent = rounded(way[:, :2].tolist(), [0, 0.03, 0.04, 0.1, 0.1, 0], 4)
    hose = tube(np.column_stack([bent, np.zeros(len(bent))]), 0.0105, rubber(dust=0.2), 10)
    nozzle = lathe([(0.0, 0.0), (0.017, 0.0), (0.018, 0.012), (0.0125, 0.06), (0.012, 0.085), (0.0, 0.085)], black, 16)
    clip = box((0.05, 0.018, 0.03), black, 0.004).moved(-0.09, 0.13, 0.0)
    front = gauge.turned("x", 90.0).moved(0.0, 0.462, 0.016)
    return textured(union([tank, skirt, valve, front, handle, pin, hose, nozzle.moved(-0.101, 0.07, 0.0), clip]))


def _dial(texels: Texels) -> Coat:
    coat = smooth((0.6, 0.6, 0.58), 0.3, 0.8)(texels)
    face = (texels.normals[:, 2] > 0.9).astype(np.float32)
    green = face * (np.abs(texels.points[:, 0]) < 0.006) * (texels.points[:, 1] > 0.463)
    return coat.over(face, (0.8, 0.8, 0.78), 0.2, 0.0).over(green, (0.02, 0.3, 0.05))


def first_aid_kit() -> list[Surface]:
    """A green case with a white cross, 30 × 22 × 11 cm, standing, with handle and latches."""
    green = plastic(rgb("#0b7a3d"), 0.4, dust=0.3, scuffed=0.5, size=0.2)
    centre, width = 0.112, 0.13
    front = Decal(polygon_mask((192, 192), _CROSS), (0.0, centre, 0.0), (1, 0, 0), (0, 1, 0), width)
    back = Decal(polygon_mask((192, 192), _CROSS), (0.0, centre, 0.0), (-1, 0, 0), (0, 1, 0), width)

    def crossed(texels: Texels) -> Coat:
        coat = green(texels)
        seam = np.exp(-((texels.points[:, 2] / 0.0015) ** 2)) * (np.abs(texels.normals[:, 2]) < 0.5)
        rib = np.abs(np.abs(texels.points[:, 0]) - 0.115) < 0.004
        coat = coat.over(seam, np.array([0.0, 0.02, 0.01]), 0.8, relief=-0.002)
        coat = coat.over((rib & (np.abs(texels.normals[:, 2]) > 0.9)).astype(np.float32), relief=0.0025)
        return coat.over(np.maximum(front.on(texels), back.on(texels)), rgb("#eeeeea"), 0.42, relief=2e-4)

    case = box((0.30, 0.22, 0.11), crossed, 0.016, 3).moved(0.0, 0.112, 0.0).detailed(1.2)
    white = plastic(rgb("#dcdcd6"), 0.4, dust=0.3, size=0.1)
    latch = box((0.034, 0.04, 0.012), white, 0.004)
    latches = latch.turned("x", 90.0).repeated([translation(x, 0.225, 0.0) for x in (-0.09, 0.09)])
    grip = rounded([(-0.055, 0.218), (-0.055, 0.252), (0.055, 0.252), (0.055, 0.218)], 0.018, 4)
    handle = tube(np.column_stack([grip, np.zeros(len(grip))]), 0.0075, white, 10)
    foot = box((0.03, 0.006, 0.08), rubber(dust=0.3), 0.002).repeated(
        [translation(x, 0.003, 0.0) for x in (-0.11, 0.11)]
    )
    return textured(union([case, latches, handle, foot]))
