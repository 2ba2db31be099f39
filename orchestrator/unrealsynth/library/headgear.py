"""Hard hats and ear muffs. Front is +X."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.lettering import Decal, lettered
from unrealsynth.library.mesh import Reals, Solid, rotation, union
from unrealsynth.library.noise import smoothstep
from unrealsynth.library.solids import arc, box, lathe, loft
from unrealsynth.library.surfaces import Coat, Painter, Texels, fabric, plastic, rgb, rubber, smooth

_CROWN = 0.112
"""Radius of the crown where it meets the brim, before it is shaped, metres."""


def hard_hat(color: str = "#f4b80c") -> list[Surface]:
    """A safety helmet, 28 cm long: ridged crown, brim with a peak, rain gutter, suspension and headband inside."""
    shell_plastic = plastic(rgb(color), 0.3, dust=0.3, scuffed=0.45, size=0.16)
    badge = Decal(lettered("SYNTH", 48, 0.2), (0.128, 0.072, 0.0), (0.0, 0.0, -1.0), (-0.35, 0.93, 0.0), 0.055)

    def marked(texels: Texels) -> Coat:
        return shell_plastic(texels).over(badge.on(texels), (0.02, 0.02, 0.022), 0.4)

    dome = np.radians(np.linspace(90.0, 4.0, 22))
    height = 0.135
    inside = [(_CROWN * 0.965 * np.cos(a), 0.018 + height * 0.965 * np.sin(a)) for a in dome[::2]]
    outside = [(_CROWN * np.cos(a), 0.020 + height * np.sin(a)) for a in dome[::-1]]
    brim = [(0.109, 0.010), (0.120, 0.005), (0.132, 0.0), (0.1345, 0.0005), (0.1355, 0.003), (0.134, 0.0055)]
    brim += [(0.124, 0.0085), (0.1165, 0.0125), (_CROWN + 0.0015, 0.0185)]
    shell = lathe([*inside, *brim, *outside], marked, 96, 70.0).deformed(_shaped)
    strap = union([_strap(turn) for turn in (0.0, 60.0, 120.0)])
    band = lathe(
        [(0.088, 0.012), (0.094, 0.012), (0.095, 0.048), (0.089, 0.048), (0.088, 0.012)],
        fabric((0.05, 0.05, 0.055)),
        40,
    )
    inner = (strap + band).deformed(lambda points: points * np.array([1.0, 1.0, 0.84]))
    knob_profile = [(0.0, 0.0), (0.018, 0.0), (0.018, 0.010), (0.015, 0.013), (0.0, 0.013)]
    knob = lathe(knob_profile, smooth((0.03, 0.03, 0.03)), 18).turned("z", 90.0).moved(-0.094, 0.026, 0.0)
    return textured(union([shell, inner, knob]))


def _shaped(points: Reals) -> Reals:
    """From round to helmet: narrower, a peak in front, ridges along the crown, the brim dipping at the sides."""
    x, y, z = points.T
    reach = np.hypot(x, z)
    ahead = np.clip(x / np.maximum(reach, 1e-9), -1.0, 1.0)
    out = np.clip((reach - _CROWN) / 0.024, 0.0, 1.0)
    peak = out * (0.030 * np.clip(ahead, 0.0, 1.0) ** 1.5 - 0.004 * np.clip(-ahead, 0.0, 1.0))
    stretch = 1.0 + peak / np.maximum(reach, 1e-9)
    high = smoothstep(0.055, 0.105, y).astype(np.float64)
    across = np.abs(z)
    ridge = 0.0075 * np.exp(-((across / 0.0115) ** 4)) + 0.004 * np.exp(-(((across - 0.034) / 0.0075) ** 4))
    ends = smoothstep(0.108, 0.080, np.abs(x)).astype(np.float64)
    droop = out * (0.007 * (1.0 - ahead**2) + 0.006 * np.clip(ahead, 0.0, 1.0) ** 2)
    return np.stack([x * stretch * 1.05, y + ridge * high * ends + 0.0085 - droop, z * stretch * 0.86], axis=-1)


def _strap(turn: float) -> Solid:
    """A webbing strap over the crown, 18 mm wide."""
    way = arc((0.0, 0.030), 0.090, 8.0, 172.0, 14)
    normal = (way - [0.0, 0.030]) / 0.090
    rings = []
    for (x, y), (nx, ny) in zip(way, normal, strict=True):
        corners = [(0.0012, 0.009), (0.0012, -0.009), (-0.0012, -0.009), (-0.0012, 0.009)]
        rings.append([(x + nx * t, y * 1.05 + ny * t, w) for t, w in corners])
    return loft(np.array(rings), fabric((0.10, 0.10, 0.11))).placed(rotation("y", turn))


def ear_muffs() -> list[Surface]:
    """Hearing protection standing on its cups, the headband up: 19 cm high."""
    cup_plastic = plastic(rgb("#c4161c"), 0.35, dust=0.25, scuffed=0.4, size=0.12)
    black = smooth((0.018, 0.018, 0.019), 0.55)
    half = 0.078
    cup = [
        (0.0, 0.0),
        (0.036, 0.0),
        (0.040, 0.004),
        (0.041, 0.018),
        (0.037, 0.030),
        (0.026, 0.037),
        (0.012, 0.040),
        (0.0, 0.0405),
    ]
    ring = [
        (0.0, -0.016),
        (0.018, -0.016),
        (0.020, -0.018),
        (0.030, -0.020),
        (0.039, -0.015),
        (0.040, -0.004),
        (0.036, 0.0),
    ]
    ring += [(0.0, 0.0005)]
    plate = [(0.0, 0.036), (0.015, 0.036), (0.015, 0.0425), (0.013, 0.044), (0.0, 0.044)]
    side = union(
        [
            lathe(cup, cup_plastic, 36, 50.0),
            lathe(ring, rubber((0.025, 0.025, 0.026), 0.2), 32, 80.0),
            lathe(plate, black, 24),
        ]
    )
    side = side.scaled(0.88, 1.0, 1.16).turned("z", -90.0).turned("x", 90.0)
    cups = [side.turned("y", turn).moved(x, 0.047, 0.0) for x, turn in ((half - 0.018, 0.0), (-half + 0.018, 180.0))]
    way = np.concatenate(
        [[(half + 0.014, 0.045)], arc((0.0, 0.103), half + 0.012, -12.0, 192.0, 24), [(-half - 0.014, 0.045)]]
    )
    band = _ribbon(way, 0.010, 0.030, black)
    pad_way = arc((0.0, 0.103), half + 0.004, 35.0, 145.0, 14)
    pad = _ribbon(pad_way, 0.011, 0.034, fabric((0.03, 0.03, 0.032)))
    yokes = box((0.008, 0.05, 0.040), black, 0.003)
    return textured(union([*cups, band, pad, yokes.moved(half + 0.012, 0.062), yokes.moved(-half - 0.012, 0.062)]))


def _ribbon(way: Reals, thickness: float, width: float, paint: Painter) -> Solid:
    """A flat band along a curve in the plane z = 0, with rounded edges."""
    tangent = np.gradient(way, axis=0)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=-1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    turns = np.radians(np.arange(12) * 30.0 + 15.0)
    t = np.sign(np.cos(turns)) * np.abs(np.cos(turns)) ** 0.5 * thickness / 2.0
    w = np.sign(np.sin(turns)) * np.abs(np.sin(turns)) ** 0.5 * width / 2.0
    rings = np.empty((len(way), len(turns), 3))
    rings[..., :2] = way[:, None] + normal[:, None] * t[None, :, None]
    rings[..., 2] = w
    return loft(rings, paint)
