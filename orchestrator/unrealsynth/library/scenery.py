"""What stands around: street lamps, rocks, a warehouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from unrealsynth.library.finish import centred, painted, textured
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.lettering import Decal, lettered
from unrealsynth.library.mesh import Reals, Solid, translation, union, unit
from unrealsynth.library.noise import Field, smoothstep
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import box, extrusion, lathe, tube
from unrealsynth.library.surfaces import (
    Coat,
    Texels,
    cast_concrete,
    even,
    galvanized,
    painted_metal,
    rgb,
    rubber,
    smooth,
    weathered,
)


def street_lamp(*, lit: bool = False) -> list[Surface]:
    """A tapered steel column with a bracket and a flat luminaire, 6 m high, its light towards +X."""
    zinc = galvanized(0.4)
    column = lathe(
        [(0.0, 0.0), (0.16, 0.0), (0.16, 0.02), (0.10, 0.03), (0.095, 1.1), (0.085, 1.16), (0.05, 5.7), (0.0, 5.7)],
        zinc,
        12,
    )
    way = rounded([(0.0, 5.55), (0.0, 5.92), (1.05, 5.98)], [0.0, 0.25, 0.0], 5)
    bracket = tube(np.column_stack([way, np.zeros(len(way))]), 0.036, zinc, 10)
    head = box((0.72, 0.09, 0.30), painted_metal(rgb("#6b7074"), 0.4, 0.1, 0.3), 0.03, 2).moved(1.30, 5.99, 0.0)
    pane = box((0.46, 0.024, 0.22), smooth((0.9, 0.88, 0.8), 0.12), 0.006).moved(1.34, 5.938, 0.0)
    door = box((0.012, 0.42, 0.10), zinc, 0.004).moved(0.096, 0.65, 0.0)
    lamp = painted(union([column, bracket, head, door]), 256)
    glow = (1.0, 0.82, 0.52) if lit else (0.0, 0.0, 0.0)
    return centred([lamp, replace(painted(pane, 256), emissive=glow)])


def rock() -> list[Surface]:
    """A boulder, 1.3 m across: broken faces, lichen."""
    return textured(_boulder(401, (0.68, 0.46, 0.55)), 512)


def rock_flat() -> list[Surface]:
    """A low slab of rock, 1.7 m across."""
    return textured(_boulder(402, (0.90, 0.26, 0.66)), 512)


def _boulder(seed: int, half: tuple[float, float, float]) -> Solid:
    rng = np.random.default_rng(seed)
    faces = unit(rng.normal(size=(16, 3)))
    reach = rng.uniform(0.72, 1.05, 16)

    def broken(points: Reals) -> Reals:
        direction = unit(points)
        # A soft minimum over the planes of the faces, so that their edges are rounded.
        distance = np.maximum(direction @ faces.T, 0.05) / reach
        radius = 1.0 / (np.sum(distance**14.0, axis=1) + 0.6) ** (1.0 / 14.0)
        wave = 0.02 * np.sin(direction @ faces[:3].T * 9.0).sum(axis=1)
        # Grows with the distance, so that the mapping can be inverted.
        scale = (radius + wave) * np.linalg.norm(points, axis=1)
        return np.asarray(direction * scale[:, None] * np.array(half))

    sphere = box((2.0, 2.0, 2.0), _granite, 0.999, 6).deformed(broken)
    return sphere.moved(0.0, half[1] * 0.62, 0.0)


def _granite(texels: Texels) -> Coat:
    grain, cloud = texels.noise(0.02, 1), texels.noise(0.5, 2)
    crack = 0.7 * smoothstep(0.95, 0.995, texels.noise(0.12, 3, (4.0, 1.0, 2.0)))
    tone = 0.20 * (0.55 + 0.6 * cloud + 0.45 * (grain - 0.5))
    coat = even(texels, (1.05, 1.0, 0.92), 0.88).tinted(tone).over(crack, (0.045, 0.042, 0.038), relief=-0.02)
    lichen = smoothstep(0.62, 0.74, texels.noise(0.16, 4)) * np.clip(texels.normals[:, 1] + 0.5, 0.0, 1.0)
    moss = smoothstep(0.55, 0.8, texels.noise(0.4, 5)) * smoothstep(0.5, 0.05, texels.points[:, 1])
    coat = coat.over(0.6 * lichen, (0.33, 0.33, 0.22)).over(0.7 * moss, (0.06, 0.085, 0.02), 0.95)
    return weathered(coat.over(np.ones(texels.count), relief=0.008 * cloud + 0.004 * grain), texels, 0.4, 0.4)


def warehouse() -> list[Surface]:
    """A hall of profiled sheet, 24 × 10 m and 6.6 m high, with roller doors towards +Z."""
    number = [
        Decal(lettered(text, 64, 0.2), (x, 4.75, 0.0), (1, 0, 0), (0, 1, 0), 0.75)
        for text, x in (("1", -7.5), ("2", 0.0), ("3", 7.5))
    ]
    cladding = painted_metal(rgb("#8d979d"), 0.5, wear=0.0, dust=0.35, size=3.0, rust=0.15)
    plinth_paint = cast_concrete(0.33, 2.0)

    def walls(texels: Texels) -> Coat:
        x, y, z = texels.points.T
        coat = cladding(texels)
        along = np.where(np.abs(texels.normals[:, 2]) > 0.5, x, z)
        wave = np.sin(along * (2.0 * np.pi / 0.30))
        coat = coat.tinted(1.0 + 0.10 * wave)
        sheet = _between(np.abs((along + 50.0) % 3.0 - 1.5), 1.485, 1.6)
        coat = coat.over(sheet * 0.5, np.asarray(coat.color) * 0.6)
        front = smoothstep(0.5, 0.8, texels.normals[:, 2])
        doors = np.zeros_like(x)
        for centre in (-7.5, 0.0, 7.5):
            frame = front * _between(x, centre - 2.15, centre + 2.15) * (y < 4.15)
            door = front * _between(x, centre - 2.0, centre + 2.0) * (y < 4.0)
            coat = coat.over(frame, rgb("#3c4247"), 0.5)
            slat = 0.5 + 0.5 * np.sin(y * (2.0 * np.pi / 0.22))
            coat = coat.over(door, np.array(rgb("#2f5f8f")) * (0.72 + 0.3 * slat[:, None]), 0.45)
            doors = np.maximum(doors, frame)
        windows = _between(y, 4.9, 5.6) * (np.abs((along + 50.0) % 3.75 - 1.875) < 1.2) * (1.0 - front)
        coat = coat.over(windows, (0.03, 0.045, 0.05), 0.1, 0.0)
        plinth = (y < 0.9) * (1.0 - doors)
        base = plinth_paint(texels)
        coat = coat.over(plinth, base.color, base.roughness, 0.0)
        for decal in number:
            coat = coat.over(decal.on(texels), rgb("#e8e8e4"), 0.5)
        return coat

    hall = box((24.0, 6.0, 10.0), walls, 0.04).moved(0.0, 3.0, 0.0)
    gable = extrusion(
        [(-5.2, 0.0), (5.2, 0.0), (5.2, 0.18), (0.0, 0.75), (-5.2, 0.18)],
        24.5,
        painted_metal(rgb("#5a6166"), 0.55, 0.1, 0.4, 3.0),
        0.03,
    )
    roof = gable.turned("y", 90.0).moved(0.0, 5.95, 0.0).detailed(0.5)
    gutter = box((24.5, 0.14, 0.16), galvanized(0.6), 0.03).repeated([translation(0.0, 5.98, z) for z in (-5.22, 5.22)])
    bumper = box((0.25, 0.9, 0.25), rubber(), 0.03).repeated(
        [translation(x + side * 2.3, 0.45, 5.08) for x in (-7.5, 0.0, 7.5) for side in (-1.0, 1.0)]
    )
    return textured(union([hall, roof, gutter, bumper]))


def _between(values: Field, low: float, high: float) -> Field:
    return smoothstep(low - 0.02, low + 0.02, values) * smoothstep(high + 0.02, high - 0.02, values)
