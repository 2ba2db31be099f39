"""What the ground is made of: colour and relief of a square of asphalt, concrete, grass and so on.

Every painter fills a torus, so the square tiles without a seam, and keeps to even, small features: one striking stone
or stain would show as a pattern from afar. Colours are linear albedos of the real materials.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from unrealsynth.library.noise import Cells, Field, cells, smoothstep, spectral

SIDE = 1024
"""Texels along a square's side."""


@dataclass(frozen=True)
class Ground:
    """One square of ground."""

    albedo: Field
    """(SIDE, SIDE, 3), linear."""
    relief: Field
    """(SIDE, SIDE), height in texels."""


def asphalt() -> Ground:
    """Worn asphalt concrete: grey chippings of several sizes in a darker binder, crazed by fine cracks."""
    tone = spectral(SIDE, 300, 20, 1.0, seed=11)
    grain = spectral(SIDE, 6, 2, 0.3, seed=12)
    warp = _warp(20, 0.35, seed=13)
    coarse, fine = cells(SIDE, 230, seed=14, warp=warp), cells(SIDE, 340, seed=15, warp=warp)
    coarse_height, fine_height = _stones(coarse, 0.10, 0.34), _stones(fine, 0.12, 0.4)
    # Only some of the large chippings lie bare; between them the small ones show.
    bare = _per_cell(coarse, seed=16) > 0.58
    stone = np.where(bare, coarse_height, fine_height * 0.7)
    shade = np.where(bare, _per_cell(coarse, seed=17), _per_cell(fine, seed=18))
    albedo = 0.072 + stone * (0.035 + 0.115 * shade**2.0)
    albedo = albedo * (0.86 + 0.28 * tone) * (0.8 + 0.4 * grain)
    warm = np.where(bare, _per_cell(coarse, seed=19), 0.5) - 0.5
    plates = cells(SIDE, 5, seed=20, warp=_warp(60, 0.16, seed=21) + _warp(12, 0.03, seed=22))
    crack = smoothstep(0.006, 0.002, plates.border) * smoothstep(0.45, 0.7, spectral(SIDE, 200, 40, 1.0, seed=23))
    relief = stone * np.where(bare, 1.6, 1.0) + grain * 0.5 - 2.0 * crack
    colour = albedo[..., None] * (np.array([0.925, 1.0, 0.995]) + warm[..., None] * np.array([0.12, 0.02, -0.11]))
    colour = colour * (1.0 - 0.6 * crack[..., None])
    return Ground(_f32(colour * _crevices(relief, 3.0, 0.35)), _f32(relief))


def concrete() -> Ground:
    """Four floated slabs, two by two: cement film with clouds, pinholes and sand, dirt along the joints, a hairline."""
    clouds = spectral(SIDE, 180, 10, 1.0, seed=31)
    film = spectral(SIDE, 60, 4, 0.9, seed=32)
    sand = spectral(SIDE, 5, 2, 0.2, seed=33)
    brushed = spectral(SIDE, 40, 2, 0.6, seed=34, stretch=9.0)
    pores = cells(SIDE, 170, seed=36)
    hole = smoothstep(0.14, 0.06, pores.centre / (0.25 + _per_cell(pores, seed=37))) * (_per_cell(pores, seed=38) > 0.9)
    specks = cells(SIDE, 230, seed=39)
    speck = smoothstep(0.3, 0.18, specks.centre) * (_per_cell(specks, seed=40) > 0.88)
    # Joints a quarter of the tile from its rim, so that none lies on it.
    at = np.abs((np.arange(SIDE, dtype=np.float32) / SIDE * 2.0) % 1.0 - 0.5) * (SIDE / 2.0)
    slab = (((np.arange(SIDE) / SIDE * 2.0 + 0.5) // 1.0) % 2.0).astype(np.int32)
    from_joint = np.minimum(at[:, None], at[None, :]) + (film - 0.5) * 1.2
    joint, soiled = smoothstep(2.6, 1.2, from_joint), np.exp(-np.maximum(from_joint, 0.0) / 22.0)
    tone = np.array([[1.0, 0.93], [0.95, 1.05]])[slab[:, None], slab[None, :]]
    plates = cells(SIDE, 2, seed=45, warp=_warp(90, 0.12, seed=46) + _warp(14, 0.012, seed=47))
    crack = smoothstep(0.0035, 0.0012, plates.border) * smoothstep(0.5, 0.6, spectral(SIDE, 400, 120, 1.0, seed=48))
    stain = smoothstep(0.62, 0.95, spectral(SIDE, 150, 12, 1.1, seed=49))
    albedo = 0.37 * tone * (0.90 + 0.20 * clouds) * (0.87 + 0.26 * film) * (0.9 + 0.2 * sand) * (0.95 + 0.1 * brushed)
    albedo = albedo * (1.0 - 0.5 * hole) * (1.0 - 0.35 * speck * _per_cell(specks, seed=44)) * (1.0 - 0.13 * stain)
    albedo = albedo * (1.0 - 0.16 * soiled * (0.4 + 1.2 * clouds)) * (1.0 - 0.72 * joint) * (1.0 - 0.55 * crack)
    tint = np.array([0.965, 1.0, 0.95]) + (clouds[..., None] - 0.5) * np.array([0.035, 0.005, -0.03])
    relief = film * 0.6 + sand * 0.5 + brushed * 0.35 - hole * 2.0 - joint * 3.0 - crack * 1.5
    return Ground(_f32(albedo[..., None] * tint), _f32(relief))


@cache
def gravel() -> Ground:
    """Crushed stone: three sizes, the larger lying on the smaller, in greys with some brown and pale ones."""
    height = spectral(SIDE, 12, 2, 0.5, seed=51) * 1.5
    colour = np.full((SIDE, SIDE, 3), 0.10) * (0.7 + 0.6 * spectral(SIDE, 8, 2, 0.3, seed=52))[..., None]
    for layer, (count, share, swell) in enumerate(((150, 1.0, 4.0), (84, 0.72, 8.0), (50, 0.5, 14.0))):
        seed = 53 + layer * 10
        stones = cells(SIDE, count, seed=seed, warp=_warp(70, 0.16, seed=seed + 1) + _warp(14, 0.07, seed=seed + 5))
        dome = _stones(stones, 0.05, 0.3)
        facet = spectral(SIDE, 30, 3, 0.9, seed=seed + 2)
        lies = (_per_cell(stones, seed=seed + 3) < share) & (stones.border > 0.05)
        tilt = _tilt(stones, seed + 4)
        top = swell * (dome * 0.8 + 0.25 * tilt + 0.16 * facet) + layer * 3.0
        over = lies & (top > height)
        colour = np.where(over[..., None], _stone_colour(stones, facet, seed + 6), colour)
        height = np.where(over, top, height)
    relief = ndimage.gaussian_filter(height, 0.7, mode="wrap")
    return Ground(_f32(colour * _crevices(relief, 7.0, 0.10) * _crevices(relief, 2.5, 0.12)), _f32(relief * 0.75))


@cache
def soil() -> Ground:
    """Trodden earth: crumbs and clods, a few pebbles, damp and dry."""
    damp = spectral(SIDE, 180, 12, 1.0, seed=71)
    clods = spectral(SIDE, 70, 6, 1.2, seed=72)
    crumbs = spectral(SIDE, 14, 2, 0.7, seed=73)
    pebbles = cells(SIDE, 64, seed=74, warp=_warp(30, 0.2, seed=75))
    size = 0.14 + 0.2 * _per_cell(pebbles, seed=76) ** 2
    pebble = smoothstep(1.0, 0.55, pebbles.centre / size) * (_per_cell(pebbles, seed=77) > 0.66)
    relief = clods * 7.0 + crumbs * 3.2 + pebble * 4.5
    earth = np.array([0.134, 0.110, 0.076]) * (0.85 + 0.3 * damp)[..., None] * (0.62 + 0.76 * crumbs)[..., None]
    stone = np.array([0.235, 0.225, 0.19]) * (0.6 + 0.7 * _per_cell(pebbles, seed=78))[..., None]
    colour = earth + (stone - earth) * (pebble * (0.6 + 0.4 * crumbs))[..., None]
    return Ground(_f32(colour * _crevices(relief, 4.0, 0.09)), _f32(relief * 0.6))


@cache
def grass() -> Ground:
    """A mown meadow seen from above: blades drawn one by one, the lowest first, over dark thatch."""
    rng = np.random.default_rng(90)
    thatch = spectral(SIDE, 40, 2, 0.8, seed=91)
    colour = np.array([0.035, 0.034, 0.016]) * (0.5 + thatch[..., None])
    relief = thatch * 1.5
    vigour = spectral(SIDE, 240, 40, 1.0, seed=92)
    count = 52_000
    rank = np.linspace(0.0, 1.0, count, dtype=np.float32)
    length = rng.uniform(12.0, 36.0, count) * (0.7 + 0.3 * rank)
    heading = rng.uniform(0.0, 2.0 * np.pi, count)
    bend = rng.normal(0.0, 0.7, count)
    root = rng.uniform(0.0, SIDE, (count, 2))
    lush = vigour[root[:, 0].astype(int) % SIDE, root[:, 1].astype(int) % SIDE]
    hue = np.clip(rng.normal(0.5, 0.22, count) + (lush - 0.5) * 0.35, 0.0, 1.0)[:, None]
    blade = np.array([0.176, 0.190, 0.066]) * (1.0 - hue) + np.array([0.070, 0.150, 0.038]) * hue
    dry = rng.random(count) < 0.045
    blade[dry] = np.array([0.36, 0.29, 0.15])
    blade *= (0.35 + 0.75 * rank)[:, None] * rng.uniform(0.75, 1.25, count)[:, None]
    steps = 32
    along = np.arange(steps) / (steps - 1)
    angle = heading[:, None] + bend[:, None] * along
    # Arc of constant curvature, summed from its tangents.
    path = np.cumsum(np.stack([np.sin(angle), np.cos(angle)], axis=-1) * (length / steps)[:, None, None], axis=1)
    path += root[:, None, :]
    side_ways = np.stack([np.cos(heading), -np.sin(heading)], axis=-1)[:, None, :]
    light = (0.62 + 0.5 * along)[None, :] * np.ones((count, 1))
    rise = (rank * 9.0)[:, None] + 5.0 * np.sin(along * 2.0)[None, :]
    for chunk in np.array_split(np.arange(count), 8):
        for offset, shade in ((-0.9, 0.8), (0.9, 0.92), (0.0, 1.12)):
            # A blade is folded along its midrib: its halves catch the light differently.
            taper = (1.0 - along**3)[None, :, None]
            texel = np.floor(path[chunk] + side_ways[chunk] * offset * taper).astype(np.int64) % SIDE
            flat = texel[..., 0] * SIDE + texel[..., 1]
            tone = blade[chunk][:, None, :] * (light[chunk] * shade)[..., None]
            colour.reshape(-1, 3)[flat.ravel()] = tone.reshape(-1, 3)
            relief.reshape(-1)[flat.ravel()] = rise[chunk].ravel()
    relief = ndimage.gaussian_filter(relief, 0.8, mode="wrap")
    colour = ndimage.gaussian_filter(colour, (0.45, 0.45, 0.0), mode="wrap")
    return Ground(_f32(colour * 1.25 * _crevices(relief, 5.0, 0.08)), _f32(relief * 0.45))


def paving() -> Ground:
    """Concrete pavers 20 × 10 cm in stretcher bond, 10 × 20 to a tile, with sanded joints."""
    courses, per_course = 20, 10
    row = np.arange(SIDE, dtype=np.float32)[:, None] * (courses / SIDE)
    column = np.arange(SIDE, dtype=np.float32)[None, :] * (per_course / SIDE)
    wobble = _warp(200, 0.012, seed=111)
    # Half a paver aside, so that no joint lies on the rim of the tile.
    row, column = row + wobble[0] + 0.5, column + wobble[1] + 0.25
    course = np.floor(row).astype(np.int32)
    shifted = column + np.where(course % 2 == 0, 0.0, 0.5)
    paver = course % courses * per_course + np.floor(shifted).astype(np.int32) % per_course
    unit = SIDE / courses
    across, along = row - course, shifted - np.floor(shifted)
    edge = np.minimum(np.minimum(across, 1.0 - across), 2.0 * np.minimum(along, 1.0 - along)) * unit
    chipped = edge + (spectral(SIDE, 16, 2, 0.8, seed=112) - 0.5) * 1.6
    face, bevel = smoothstep(1.2, 2.4, chipped), smoothstep(1.2, 6.0, chipped)
    rng = np.random.default_rng(113)
    tone = rng.normal(1.0, 0.09, courses * per_course).clip(0.75, 1.25)[paver]
    warm = rng.normal(0.0, 0.035, courses * per_course)[paver]
    sand = spectral(SIDE, 5, 2, 0.2, seed=114)
    stain = spectral(SIDE, 120, 10, 1.1, seed=115)
    stone = (0.25 * tone * (0.78 + 0.44 * sand) * (0.85 + 0.3 * stain))[..., None] * (
        np.array([0.985, 1.0, 0.945]) + warm[..., None] * np.array([1.0, 0.0, -1.0])
    )
    joint = np.array([0.13, 0.105, 0.075]) * (0.6 + 0.8 * sand)[..., None]
    colour = joint + (stone * (0.72 + 0.28 * bevel)[..., None] - joint) * face[..., None]
    relief = bevel * 4.0 + face * 2.0 + sand * 0.7
    return Ground(_f32(colour), _f32(relief))


def _f32(values: NDArray[np.floating]) -> Field:
    return np.asarray(values, dtype=np.float32)


def _warp(wave: float, amount: float, seed: int) -> Field:
    """A smooth random displacement (2, SIDE, SIDE) of about `amount`."""
    fields = [spectral(SIDE, wave, wave / 4.0, 1.5, seed=seed * 7 + k) for k in range(2)]
    return _f32((np.stack(fields) - 0.5) * 2.0 * amount)


def _per_cell(of: Cells, seed: int) -> Field:
    """One random value in 0…1 for each cell, spread over its texels."""
    values = np.random.default_rng(seed).random(int(of.number.max()) + 1, dtype=np.float32)
    return np.asarray(values[of.number], dtype=np.float32)


def _tilt(of: Cells, seed: int) -> Field:
    """Height of a plane through each cell, leaning its own way: broken stone has flat faces."""
    return _f32((_per_cell(of, seed) - 0.5) * of.centre * 2.0)


def _stones(of: Cells, low: float, high: float) -> Field:
    """Height 0…1 of rounded stones that fill their cells but for a gap."""
    return np.asarray(np.sqrt(smoothstep(low, high, of.border)), dtype=np.float32)


def _stone_colour(of: Cells, facet: Field, seed: int) -> Field:
    """Albedo of mixed crushed rock, a tone and a hue for each stone."""
    tone = 0.15 + 0.30 * _per_cell(of, seed) ** 1.6
    hue = (_per_cell(of, seed + 1) - np.float32(0.5))[..., None] * np.array([0.26, 0.03, -0.28])
    pale = _per_cell(of, seed + 2) > 0.95
    tone = np.where(pale, 0.55, tone) * (0.78 + 0.44 * facet)
    return _f32(tone[..., None] * (np.array([1.05, 1.0, 0.92]) + hue))


def _crevices(relief: NDArray[np.floating], radius: float, strength: float) -> Field:
    """Factor (SIDE, SIDE, 1) that darkens what lies below its surroundings: light hardly reaches it."""
    depth = ndimage.gaussian_filter(relief, radius, mode="wrap") - relief
    return _f32(np.clip(1.0 - strength * np.maximum(depth, 0.0), 0.12, 1.0)[..., None])
