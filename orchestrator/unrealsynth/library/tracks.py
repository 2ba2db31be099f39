"""The undercarriage of a crawler: shoes on a chain, rollers, sprocket, idler, and the frame that joins two tracks.

X forward, Y up; the ground is at y = 0.
"""

from __future__ import annotations

import numpy as np

from unrealsynth.library.mesh import Reals, Solid, rotation, translation, union
from unrealsynth.library.polygons import circle, inset, rounded
from unrealsynth.library.solids import arc, box, extrusion, lathe
from unrealsynth.library.surfaces import Coat, Painter, Texels, bare_metal, smooth, weathered

_WHEEL = 0.335
"""Radius of the chain's pitch line around sprocket and idler, metres."""
_SHOE = 0.062
"""From the pitch line to the tip of a grouser."""
_AXLE = 1.28
"""Half the distance of sprocket and idler."""


def steel_in_mud(texels: Texels) -> Coat:
    """Worn steel, bright on its edges, earth everywhere else."""
    coat = bare_metal((0.20, 0.185, 0.17), 0.5, dust=0.2, size=0.25, rust=0.35)(texels)
    clod = texels.noise(0.3, 3) * 0.6 + texels.noise(0.06, 4) * 0.4
    low = np.clip(1.0 - texels.points[:, 1] / 1.4, 0.0, 1.0)
    mud = np.clip((clod + 0.5 * texels.hidden + 0.25 * low - 0.62) * 3.0, 0.0, 0.92)
    coat = coat.over(mud, np.array([0.145, 0.105, 0.07]) * (0.6 + 0.6 * clod[:, None]), 0.95, 0.0, relief=0.004 * clod)
    bright = np.clip(1.0 - texels.edge / 0.012, 0.0, 1.0) * (texels.noise(0.1, 5) > 0.35)
    return weathered(coat.over(bright * 0.6, (0.33, 0.31, 0.29), 0.4, 0.8), texels, 0.3, 0.4)


def track(width: float, paint: Painter) -> Solid:
    """One track about z = 0, 0.8 m high."""
    axle_height = _WHEEL + _SHOE
    chain = _pitch_line(axle_height)
    shoes = _shoe(width).repeated(_links(chain, 42))
    core = extrusion(_closed(chain), 0.20, smooth((0.03, 0.028, 0.026), 0.8))
    iron = steel_in_mud
    frame = rounded([(-1.0, 0.20), (1.0, 0.20), (1.08, 0.36), (0.85, 0.56), (-0.85, 0.56), (-1.08, 0.36)], 0.05, 2)
    beam = extrusion(frame, width * 0.62, paint, 0.015)
    hub = [(0.0, -0.16), (0.19, -0.16), (0.21, -0.14), (0.21, 0.14), (0.19, 0.16), (0.12, 0.17)]
    hub += [(0.10, 0.21), (0.05, 0.22), (0.0, 0.22)]
    idler = lathe(hub, iron, 28).turned("x", 90.0).moved(_AXLE, axle_height, 0.0)
    back = idler.turned("y", 180.0).moved(2 * _AXLE, 0.0, 0.0)
    sprocket = extrusion(_gear(15, 0.33, 0.27), 0.09, iron, 0.008).moved(-_AXLE, axle_height, 0.0)
    motor = lathe(
        [(0.0, -0.24), (0.16, -0.24), (0.19, -0.22), (0.19, 0.22), (0.16, 0.24), (0.06, 0.25), (0.0, 0.25)], paint, 24
    ).turned("x", 90.0)
    roller = lathe(
        [
            (0.0, -0.21),
            (0.05, -0.21),
            (0.06, -0.17),
            (0.105, -0.16),
            (0.11, 0.16),
            (0.06, 0.17),
            (0.05, 0.21),
            (0.0, 0.21),
        ],
        iron,
        12,
    ).turned("x", 90.0)
    rollers = roller.repeated(
        [translation(x, 0.175, 0.0) for x in np.linspace(-0.9, 0.9, 6)]
        + [translation(x, 0.655, 0.0) for x in (-0.45, 0.45)]
    )
    return union([shoes, core, beam, idler, back, sprocket, motor.moved(-_AXLE, axle_height, 0.0), rollers])


def undercarriage(paint: Painter) -> Solid:
    """Two tracks 2.5 m over all, the frame between them and the slewing ring on top, up to y = 0.97."""
    width, gauge = 0.52, 1.98
    one = track(width, paint)
    pair = one.repeated([translation(0.0, 0.0, side * gauge / 2.0) for side in (-1.0, 1.0)])
    legs = box((0.42, 0.30, 1.9), paint, 0.05)
    cross = union([legs.turned("y", angle) for angle in (32.0, -32.0)]).moved(0.0, 0.55, 0.0)
    hub = lathe([(0.0, 0.38), (0.52, 0.38), (0.60, 0.45), (0.60, 0.78), (0.0, 0.78)], paint, 32)
    ring = lathe(
        [(0.0, 0.76), (0.56, 0.76), (0.56, 0.80), (0.62, 0.82), (0.62, 0.92), (0.55, 0.93), (0.55, 0.99), (0.0, 0.99)],
        bare_metal((0.12, 0.115, 0.11), 0.55, 0.6, 0.3, 0.3),
        40,
    )
    return union([pair, cross, hub, ring])


def _pitch_line(axle_height: float) -> Reals:
    """The chain's way, counter-clockwise seen from +Z: bottom forward, around the idler, back over the top."""
    front = arc((_AXLE, axle_height), _WHEEL, -90.0, 90.0, 16)
    back = arc((-_AXLE, axle_height), _WHEEL, 90.0, 270.0, 16)
    # The upper run hangs a little between the carrier rollers.
    x = np.linspace(_AXLE, -_AXLE, 12)[1:-1]
    sag = np.column_stack([x, axle_height + _WHEEL - 0.022 * np.sin((x / _AXLE) * 1.5 * np.pi) ** 2])
    return np.concatenate([front, sag, back])


def _closed(line: Reals) -> Reals:
    return inset(line[np.concatenate([[True], np.linalg.norm(np.diff(line, axis=0), axis=1) > 1e-6])], 0.012)


def _links(line: Reals, count: int) -> list[Reals]:
    """Frames at even steps along the closed line, X along it and -Y outward."""
    loop = np.concatenate([line, line[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(loop, axis=0), axis=1))])
    at = (np.arange(count) + 0.5) / count * length[-1]
    ahead, behind = (
        np.stack([np.interp((at + step) % length[-1], length, loop[:, k]) for k in range(2)], axis=-1)
        for step in (0.05, -0.05)
    )
    middle = 0.5 * (ahead + behind)
    angles = np.degrees(np.arctan2(*(ahead - behind).T[::-1]))
    return [
        translation(float(x), float(y), 0.0) @ rotation("z", float(angle))
        for (x, y), angle in zip(middle, angles, strict=True)
    ]


def _shoe(width: float) -> Solid:
    """A shoe with two grousers, below its pitch line."""
    half = 0.0815
    section = [(-half, -0.008), (-half, -0.030), (-0.062, -0.034), (-0.056, -_SHOE), (-0.040, -_SHOE), (-0.030, -0.034)]
    section += [(0.018, -0.034), (0.028, -_SHOE), (0.044, -_SHOE), (0.052, -0.034), (half, -0.030), (half, -0.008)]
    return extrusion(section, width, steel_in_mud)


def _gear(teeth: int, outer: float, inner: float) -> Reals:
    wheel = circle(outer, teeth * 4)
    wheel[(np.arange(teeth * 4) % 4) < 2] *= inner / outer
    return wheel
