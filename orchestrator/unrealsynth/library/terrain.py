"""What the land around is made of: kerb and verge of a road, heaps, wooded hills on the horizon.

Their pictures repeat over the surface, as a ground's do, so that large things are sharp from close by.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from unrealsynth.library import grounds
from unrealsynth.library.finish import centred, painted
from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.mesh import Reals, Solid, translation, union, unit
from unrealsynth.library.noise import cells, smoothstep, spectral
from unrealsynth.library.pixels import encode_srgb, normals_of
from unrealsynth.library.polygons import rounded
from unrealsynth.library.solids import extrusion
from unrealsynth.library.surfaces import cast_concrete

Picture = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Colour and normal map."""
_TURF_TILE, _GRAVEL_TILE, _WOOD_TILE = 2.6, 2.2, 4.5
_KERB_HEIGHT = 0.12


def verge() -> list[Surface]:
    """A flat strip of grass beside a road, 48 m along X and 36 m wide, 8 mm high."""
    x, z, height = 24.0, 18.0, 0.008
    profile = [(z, 0.0), (z, height), (-z, height), (-z, 0.0)]
    return _strip(profile, x, _turf(), _TURF_TILE)


def kerb() -> list[Surface]:
    """Eight kerb stones of a metre along X, 12 cm high, with a bank of grass behind them (-Z)."""
    stone = rounded(
        [(-0.075, 0.0), (0.075, 0.0), (0.055, _KERB_HEIGHT), (-0.075, _KERB_HEIGHT)], [0, 0, 0.025, 0.008], 3
    )
    block = extrusion(stone, 0.992, cast_concrete(0.33, 0.5)).turned("y", 90.0)
    stones = [_variant(block, k).moved(float(k) - 3.5, 0.0, 0.0) for k in range(2)]
    row = union([part.repeated([translation(2.0 * k, 0.0, 0.0) for k in range(4)]) for part in stones])
    bank = [(-0.07, 0.0), (-0.07, _KERB_HEIGHT - 0.015), (-0.6, 0.075), (-1.5, 0.0)]
    return centred([painted(row, 256), *_strip(bank, 4.0, _turf(), _TURF_TILE)])


def gravel_heap() -> list[Surface]:
    """A heap of tipped gravel, 5 m across and 1.7 m high."""
    return _mound((2.6, 2.3), 1.75, 0.05, 22, 9, 411, _gravel(), _GRAVEL_TILE, lambda r: 1.0 - r**1.25)


def hill() -> list[Surface]:
    """A low wooded hill, 48 × 22 m and 6 m high: some of them, several times as large, make a horizon."""
    return _mound((24.0, 11.0), 5.0, 0.2, 44, 7, 421, _woods(), _WOOD_TILE, lambda r: np.cos(0.5 * np.pi * r) ** 1.3)


def _variant(block: Solid, number: int) -> Solid:
    """Turned about, so that neighbours show different parts of the same picture."""
    return block.turned("y", 180.0).scaled(1.0, 1.0, -1.0) if number % 2 else block


def _strip(profile: list[tuple[float, float]], half: float, picture: Picture, tile: float) -> list[Surface]:
    """A prism of `profile` (z, height) from -`half` to `half` along X; the picture lies on it from above."""
    outline = np.array(profile)
    if np.sum(outline[:, 0] * np.roll(outline[:, 1], -1) - np.roll(outline[:, 0], -1) * outline[:, 1]) < 0.0:
        outline = outline[::-1]
    count = len(outline)
    positions, normals, triangles = [], [], []
    for k in range(count):
        (z0, y0), (z1, y1) = outline[k], outline[(k + 1) % count]
        normal = unit([0.0, -(z1 - z0), y1 - y0])
        triangles += [[4 * k, 4 * k + 2, 4 * k + 1], [4 * k, 4 * k + 3, 4 * k + 2]]
        positions += [[half, y0, z0], [-half, y0, z0], [-half, y1, z1], [half, y1, z1]]
        normals += [normal] * 4
    ends = 4 * count
    for sign in (1.0, -1.0):
        start = ends if sign > 0 else ends + count
        positions += [[sign * half, y, z] for z, y in outline]
        normals += [np.array([sign, 0.0, 0.0])] * count
        fan = [[start, start + k, start + k + 1] for k in range(1, count - 1)]
        triangles += [face[::-1] if sign > 0 else face for face in fan]
    points = np.array(positions)
    uvs = np.stack([points[:, 0] + half, points[:, 2] - outline[:, 0].min()], axis=-1) / tile
    return [_tiled(points, np.array(normals), uvs, np.array(triangles), picture)]


def _mound(
    half: tuple[float, float],
    height: float,
    rough: float,
    sectors: int,
    rings: int,
    seed: int,
    picture: Picture,
    tile: float,
    profile: Callable[[Reals], Reals],
) -> list[Surface]:
    """A closed heap over an ellipse; `profile` gives the share of the height from the middle (0) to the rim (1)."""
    rng = np.random.default_rng(seed)
    reach = np.arange(1, rings + 1) / rings
    turn = np.arange(sectors) * (2.0 * np.pi / sectors)
    wave = sum(rng.uniform(0.05, 0.16) * np.sin(n * turn + rng.uniform(0.0, 6.3)) for n in (1, 2, 3, 5))
    rise = profile(reach)[:, None] * (1.0 + wave * np.sin(np.pi * reach)[:, None] * 1.3) * height
    bumps = rng.normal(0.0, rough, rise.shape) * (reach < 0.98)[:, None]
    rise = np.where(reach[:, None] < 0.999, np.maximum(rise + bumps, 0.02 * height), 0.0)
    ring = np.stack(
        [
            reach[:, None] * np.cos(turn) * half[0],
            rise,
            -reach[:, None] * np.sin(turn) * half[1],
        ],
        axis=-1,
    )
    points = np.concatenate([[[0.0, float(profile(np.zeros(1))[0]) * height, 0.0]], ring.reshape(-1, 3)])
    index = 1 + np.arange(rings * sectors).reshape(rings, sectors)
    after = np.roll(index, -1, axis=1)
    top = [np.stack([np.zeros(sectors, np.int64), index[0], after[0]], axis=-1)]
    for inner in range(rings - 1):
        a, b, c, d = index[inner], index[inner + 1], after[inner + 1], after[inner]
        top += [np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)]
    faces = np.concatenate(top)
    normals = _smooth_normals(points, faces)
    base = len(points) + np.arange(sectors)
    floor = np.stack([np.full(sectors - 2, base[0]), base[2:], base[1:-1]], axis=-1)
    uvs = (points[:, [0, 2]] - points[:, [0, 2]].min(axis=0)) / tile
    return centred(
        [
            _tiled(
                np.concatenate([points, ring[-1]]),
                np.concatenate([normals, np.tile([0.0, -1.0, 0.0], (sectors, 1))]),
                np.concatenate([uvs, uvs[-sectors:]]),
                np.concatenate([faces, floor]),
                picture,
            )
        ]
    )


def _smooth_normals(points: Reals, faces: NDArray[np.int64]) -> Reals:
    corners = points[faces]
    area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], area)
    return unit(normals)


def _tiled(points: Reals, normals: Reals, uvs: Reals, triangles: NDArray[np.int64], picture: Picture) -> Surface:
    return Surface(points, normals, uvs, triangles, picture[0], normal_map=picture[1], roughness=0.95)


@cache
def _turf() -> Picture:
    return _picture(grounds.grass())


@cache
def _gravel() -> Picture:
    return _picture(grounds.gravel())


def _picture(ground: grounds.Ground) -> Picture:
    """A ground's square at half its resolution."""
    half = grounds.SIDE // 2
    albedo = ground.albedo.reshape(half, 2, half, 2, 3).mean(axis=(1, 3))
    relief = ground.relief.reshape(half, 2, half, 2).mean(axis=(1, 3)) * 0.5
    return encode_srgb(albedo), _normal_bytes(relief)


@cache
def _woods() -> Picture:
    """The roof of a wood from afar: crowns side by side, lit from above."""
    side = 512
    crowns = cells(side, 9, seed=431, warp=np.stack([spectral(side, 30, 4, 1.0, seed=432 + k) - 0.5 for k in range(2)]))
    dome = np.sqrt(smoothstep(0.02, 0.5, crowns.border))
    clumps = spectral(side, 26, 3, 0.8, seed=434)
    rng = np.random.default_rng(435)
    tone = rng.uniform(0.6, 1.2, int(crowns.number.max()) + 1)[crowns.number]
    warm = rng.uniform(0.0, 1.0, int(crowns.number.max()) + 1)[crowns.number][..., None]
    green = np.array([0.040, 0.068, 0.022]) * (1.0 - warm) + np.array([0.066, 0.080, 0.022]) * warm
    color = green * (tone * (0.30 + 0.75 * dome) * (0.55 + 0.9 * clumps))[..., None]
    return encode_srgb(color), _normal_bytes(dome * 16.0 + clumps * 7.0)


def _normal_bytes(relief: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.asarray(np.rint((normals_of(relief, wrap=True) * 0.5 + 0.5) * 255.0), dtype=np.uint8)
