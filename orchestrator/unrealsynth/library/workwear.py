"""Clothes that protect: a high-visibility vest on a tailor's stand, safety boots. Front is +X."""

from __future__ import annotations

import numpy as np

from unrealsynth.library.finish import textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Reals, Solid, union
from unrealsynth.library.noise import Field, smoothstep
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import arc, extrusion, lathe, loft, tube
from unrealsynth.library.surfaces import Coat, Painter, Texels, bare_metal, fabric, rgb, rubber, smooth, weathered

_TORSO = (
    # height, half width, half depth, all metres
    (0.80, 0.158, 0.108),
    (0.86, 0.166, 0.116),
    (1.00, 0.152, 0.106),
    (1.14, 0.166, 0.118),
    (1.26, 0.182, 0.126),
    (1.34, 0.190, 0.120),
    (1.40, 0.186, 0.104),
    (1.44, 0.160, 0.086),
    (1.468, 0.118, 0.072),
    (1.485, 0.078, 0.063),
)


def safety_vest(color: str = "#d6f01c", trim: str = "#ff5a10") -> list[Surface]:
    """A high-visibility vest with two reflective belts and braces, on a stand 1.6 m high."""
    cloth, binding = fabric(rgb(color)), fabric(rgb(trim))
    linen = fabric((0.035, 0.035, 0.04))

    def sewn(texels: Texels) -> Coat:
        x, y, z = texels.points.T
        coat = cloth(texels)
        front = smoothstep(-0.005, 0.005, x)
        side = np.abs(z)
        braces = _between(side, 0.075, 0.125) * smoothstep(1.0, 1.005, y)
        belts = np.maximum(_between(y, 0.90, 0.95), _between(y, 1.045, 1.095))
        trim_mask = np.maximum.reduce(
            [
                _between(y, 0.885, 0.965),
                _between(y, 1.030, 1.110),
                _between(side, 0.063, 0.137) * smoothstep(1.03, 1.035, y),
            ]
        )
        coat = coat.over(trim_mask, binding(texels).color, relief=4e-4)
        prism = 0.5 + 0.5 * np.sin(z * 2200.0) * np.sin(y * 2200.0)
        silver = (
            np.array([0.60, 0.61, 0.63]) * (0.85 + 0.15 * prism[:, None]) * (0.8 + 0.3 * texels.noise(0.12, 3)[:, None])
        )
        coat = coat.over(np.maximum(belts, braces), silver, 0.32, 0.35, relief=8e-4)
        zip_mask = front * _between(side, 0.0, 0.009)
        teeth = 0.5 + 0.5 * np.sin(y * 1400.0)
        coat = coat.over(zip_mask, np.array([0.03, 0.03, 0.03]) + 0.1 * teeth[:, None], 0.5, relief=1e-3)
        pocket = front * _between(z, 0.035, 0.125) * _between(y, 1.17, 1.275)
        edge = pocket - front * _between(z, 0.041, 0.119) * _between(y, 1.176, 1.269)
        coat = coat.over(edge, np.asarray(coat.color) * 0.45, relief=1e-3)
        # Neck and arm holes show the stand, bound in the colour of the trim.
        neck = 0.052 + np.where(x > 0, 0.55, 0.10) * np.maximum(y - np.where(x > 0, 1.30, 1.45), 0.0) - side
        neck = np.where(y > np.where(x > 0, 1.22, 1.44), neck - np.where(x > 0, 0.05 * (1.40 - y) / 0.1, 0.0), -1.0)
        arm = 1.0 - np.hypot((y - 1.335) / 0.105, np.where(side > 0.15, x, 1.0) / 0.082)
        hole = np.maximum(neck * 12.0, arm)
        rim = smoothstep(-0.24, -0.22, hole)
        coat = coat.over(rim, binding(texels).color, relief=1e-3)
        opened = smoothstep(-0.01, 0.01, hole)
        stand = linen(texels)
        return coat.over(opened, stand.color, 0.9, relief=-0.004)

    vest = loft(_shell(0.014, 0.80), sewn).detailed(1.5)
    body = loft(_shell(0.0, 0.775), linen)
    neck_profile = [(0.0, 1.45), (0.068, 1.45), (0.060, 1.49), (0.056, 1.535), (0.055, 1.555), (0.0, 1.555)]
    neck = lathe(neck_profile, linen, 28)
    wood = smooth((0.20, 0.10, 0.045), 0.3)
    top = lathe(
        [
            (0.0, 1.55),
            (0.060, 1.55),
            (0.064, 1.558),
            (0.06, 1.568),
            (0.022, 1.574),
            (0.02, 1.585),
            (0.026, 1.6),
            (0.0, 1.61),
        ],
        wood,
        28,
    )
    shoulder = lathe(_ball(14), linen, 24).scaled(0.062, 0.095, 0.055)
    shoulders = [shoulder.turned("x", side * 16.0).moved(0.0, 1.335, side * 0.172) for side in (1.0, -1.0)]
    steel = bare_metal((0.4, 0.4, 0.4), 0.35)
    pole = lathe([(0.0, 0.02), (0.022, 0.02), (0.022, 0.8), (0.0, 0.8)], steel, 18)
    foot = lathe(
        [(0.0, 0.0), (0.19, 0.0), (0.195, 0.006), (0.19, 0.016), (0.06, 0.030), (0.03, 0.05), (0.0, 0.05)],
        smooth((0.03, 0.03, 0.03), 0.4),
        40,
    )
    return textured(union([vest, body, neck, top, *shoulders, pole, foot]))


def _shell(offset: float, lowest: float) -> Reals:
    """Rings around the torso, `offset` outside it; half depth lies along X, half width along Z."""
    table = np.array(_TORSO)
    table[0, 0] = lowest
    heights = np.concatenate([np.linspace(lowest, 1.40, 22), np.linspace(1.415, 1.485 + offset * 0.2, 8)])
    width = np.interp(heights, table[:, 0], table[:, 1]) + offset
    depth = np.interp(heights, table[:, 0], table[:, 2]) + offset
    turns = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    ring = np.stack([_power(np.cos(turns), 0.86), _power(np.sin(turns), 0.86)], axis=-1)
    chest = 0.012 * np.exp(-(((heights - 1.26) / 0.1) ** 2))
    x = ring[None, :, 0] * depth[:, None] + chest[:, None] * np.maximum(ring[None, :, 0], 0.0)
    y = np.broadcast_to(heights[:, None], x.shape) + (0.010 * np.sin(turns * 3.0 + 1.0) * (offset > 0))[None, :] * (
        heights[:, None] < lowest + 0.001
    )
    return np.stack([x, y, ring[None, :, 1] * width[:, None]], axis=-1)


def safety_boots() -> list[Surface]:
    """A pair of laced boots with steel caps, 30 cm long, 21 cm high."""
    leather = _leather(rgb("#a8672f"))
    left = _boot(leather)
    return textured(
        union([left.moved(0.0, 0.0, 0.075), left.scaled(1.0, 1.0, -1.0).turned("y", -9.0).moved(0.018, 0.0, -0.078)])
    )


def _boot(leather: Painter) -> Solid:
    dark = rubber((0.02, 0.019, 0.018), 0.5, 0.12)
    print_half = [(-0.135, 0.030), (-0.09, 0.037), (-0.03, 0.034), (0.05, 0.046), (0.11, 0.044), (0.15, 0.026)]
    footprint = rounded([(x, -z) for x, z in print_half] + [(x, z) for x, z in reversed(print_half)], 0.025, 3)
    sole = extrusion(footprint, 0.026, dark, 0.004).turned("x", -90.0).moved(0.0, 0.013, 0.0)
    heel_shape = rounded([(-0.135, -0.034), (-0.055, -0.037), (-0.055, 0.037), (-0.135, 0.034)], 0.02, 3)
    heel = extrusion(heel_shape, 0.03, dark, 0.003).turned("x", -90.0).moved(-0.002, 0.015, 0.0)
    welt = (
        extrusion(footprint * 1.02, 0.007, rubber((0.05, 0.035, 0.022), 0.4, 0.12), 0.002)
        .turned("x", -90.0)
        .moved(0.0, 0.027, 0.0)
    )
    # Cross-sections along the foot: x, half width, height.
    table = np.array(
        [
            (-0.130, 0.020, 0.050),
            (-0.120, 0.031, 0.085),
            (-0.085, 0.036, 0.105),
            (-0.040, 0.035, 0.108),
            (0.010, 0.040, 0.096),
            (0.055, 0.044, 0.080),
            (0.095, 0.044, 0.068),
            (0.125, 0.038, 0.058),
            (0.143, 0.026, 0.044),
            (0.149, 0.012, 0.030),
        ]
    )
    turns = np.linspace(0.0, 2.0 * np.pi, 28, endpoint=False)
    across, up = _power(np.cos(turns), 0.8), _power(np.sin(turns), 0.8)
    foot = np.stack(
        [
            np.stack(
                [
                    np.full(28, x),
                    0.027 + (h - 0.027) * (0.5 + 0.5 * up),
                    w * across * (1.0 - 0.18 * np.maximum(up, 0.0)),
                ],
                axis=-1,
            )
            for x, w, h in table
        ]
    )
    shaft_table = np.array(
        [
            (0.05, -0.052, 0.068, 0.036),
            (0.10, -0.056, 0.066, 0.037),
            (0.15, -0.058, 0.060, 0.040),
            (0.195, -0.062, 0.062, 0.043),
            (0.208, -0.062, 0.060, 0.042),
        ]
    )
    shaft = np.stack(
        [
            np.stack([x + d * np.cos(turns), y + 0.010 * np.cos(turns) * (y > 0.19), w * np.sin(turns)], axis=-1)
            for y, x, d, w in shaft_table
        ]
    )
    collar_ring = np.stack(
        [-0.062 + 0.054 * np.cos(turns), 0.207 + 0.010 * np.cos(turns), 0.037 * np.sin(turns)], axis=-1
    )
    collar = tube(collar_ring[::-1], 0.010, fabric((0.03, 0.03, 0.03), 0.06), 8, closed=True)
    tongue = loft(
        np.stack(
            [
                np.stack([x + 0.007 * np.cos(turns), y + 0.003 * np.cos(turns), 0.024 * np.sin(turns)], axis=-1)
                for x, y in ((0.012, 0.09), (0.002, 0.15), (0.006, 0.222), (0.010, 0.232))
            ]
        ),
        leather,
    )
    cord = fabric((0.45, 0.36, 0.12), 0.05)
    laces = []
    for k, (x, y) in enumerate(
        ((0.048, 0.093), (0.030, 0.108), (0.019, 0.128), (0.013, 0.150), (0.009, 0.172), (0.008, 0.192))
    ):
        bow = arc((0.0, 0.0), 0.028, -75.0, 75.0, 8)
        path = np.column_stack([x - 0.018 + bow[:, 0] * 0.9, np.full(9, y) + (-1) ** k * 0.16 * bow[:, 1], bow[:, 1]])
        laces.append(tube(path, 0.0032, cord, 6))
    return union(
        [
            sole,
            heel,
            welt,
            loft(foot, leather),
            loft(shaft, leather, smooth((0.012, 0.011, 0.01), 0.95)),
            collar,
            tongue,
            *laces,
        ]
    )


def _leather(color: tuple[float, float, float]) -> Painter:
    def paint(texels: Texels) -> Coat:
        tone, pore = texels.noise(0.09, 1), texels.noise(0.008, 2)
        x, y = texels.points[:, 0], texels.points[:, 1]
        coat = fabric(color, 0.05)(texels)
        shade = np.asarray(np.array(color) * (0.55 + 0.5 * tone + 0.18 * pore)[:, None], dtype=np.float32)
        coat = coat.over(np.ones(texels.count), shade, 0.5 + 0.2 * tone, relief=3e-4 * pore)
        scuff = smoothstep(0.55, 0.9, tone * 0.6 + 0.5 * smoothstep(0.07, 0.15, x)) * 0.6
        coat = coat.over(scuff, (0.36, 0.27, 0.19), 0.75)
        stitch = np.abs(x - 0.055 - 0.5 * (y - 0.05)) < 0.0016
        seam = np.abs(x + 0.075 + 0.15 * (y - 0.05)) < 0.0016
        coat = coat.over((stitch | seam).astype(np.float32), (0.5, 0.42, 0.3), 0.8, relief=5e-4)
        return weathered(coat, texels, 0.6, 0.1)

    return paint


def _ball(steps: int) -> Reals:
    """Half a unit circle as a lathe profile."""
    return arc((0.0, 0.0), 1.0, -90.0, 90.0, steps)


def _power(values: Reals, exponent: float) -> Reals:
    """A superellipse's coordinate."""
    return np.asarray(np.sign(values) * np.abs(values) ** exponent)


def _between(values: Field, low: float, high: float) -> Field:
    return smoothstep(low - 0.001, low + 0.001, values) * smoothstep(high + 0.001, high - 0.001, values)
