"""What lies thinly on the ground: stains, puddles, tyre marks, cracks, patches. Slabs 2 mm to 4 mm high, cut out by
alpha where the ground shows; every outline fades through grain, since a cut-out knows no half tones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from unrealsynth.library.glb_writer import Surface
from unrealsynth.library.grounds import soil
from unrealsynth.library.noise import Field, cells, smoothstep, spectral
from unrealsynth.library.pixels import encode_srgb, normals_of

_SIDE = 512


def stain() -> list[Surface]:
    """Spilt oil on 1.6 m: a dark heart and splashes around it."""
    x, y = _square()
    warp = spectral(_SIDE, 170, 12, 1.2, seed=601)
    reach = np.hypot(x, y) * (0.75 + 0.6 * warp)
    drops = cells(_SIDE, 26, seed=602)
    drop = (drops.centre < 0.34 * _per_cell(drops.number, 603)) & (_per_cell(drops.number, 604) > 0.72)
    share = np.maximum(smoothstep(0.72, 0.18, reach), 0.9 * drop * smoothstep(0.95, 0.5, np.hypot(x, y)))
    dark = np.array([0.060, 0.056, 0.050]) * (0.75 + 0.5 * spectral(_SIDE, 60, 4, 0.8, seed=605))[..., None]
    return _slab((1.6, 1.6), _grainy(share, 606), dark, 0.0022, roughness=0.55)


def puddle() -> list[Surface]:
    """Water on 2.8 × 2.0 m: a mirror with a ragged shore."""
    x, y = _square()
    shape = np.hypot(x, y) + 0.6 * (spectral(_SIDE, 300, 60, 1.6, seed=611) - 0.5)
    depth = smoothstep(0.75, 0.3, shape)[..., None]
    bed = np.array([0.050, 0.046, 0.040]) * (1.0 - 0.6 * depth)
    return _slab((2.8, 2.0), _grainy(smoothstep(0.74, 0.66, shape), 612, 0.3), bed, 0.002, roughness=0.05)


def damp_patch() -> list[Surface]:
    """Ground still damp from the rain, on 3.6 m: dark, hardly glossy."""
    x, y = _square()
    shape = np.hypot(x, y) + 0.6 * (spectral(_SIDE, 240, 12, 1.5, seed=621) - 0.5)
    tone = 0.75 + 0.5 * spectral(_SIDE, 90, 3, 0.8, seed=622)
    share = _grainy(0.86 * smoothstep(0.85, 0.35, shape), 623)
    return _slab((3.6, 3.6), share, tone[..., None] * [0.050, 0.049, 0.045], 0.0018, 0.6)


def tyre_marks() -> list[Surface]:
    """Rubber left by a lorry that turned: two bands of tread over 11 m."""
    x, y = _square()
    bend = 0.45 * x**2 - 0.15
    share = np.zeros((_SIDE, _SIDE))
    for track in (-0.38, 0.38):
        across = (y - bend - track) / 0.085
        tread = 0.8 + 0.2 * np.cos(across * 11.0)
        share = np.maximum(share, smoothstep(1.0, 0.7, np.abs(across)) * tread)
    patchy = spectral(_SIDE, 200, 8, 1.1, seed=631, stretch=5.0)
    share = share * smoothstep(1.0, 0.6, np.abs(x)) * smoothstep(-0.1, 0.6, patchy)
    dark = np.broadcast_to(np.array([0.056, 0.055, 0.052]), (_SIDE, _SIDE, 3))
    return _slab((11.0, 4.2), _grainy(0.80 * share, 632), dark, 0.0024, 0.85)


def track_prints() -> list[Surface]:
    """The prints of an excavator's crawlers in the ground, 9 m long."""
    x, y = _square()
    wander = 0.05 * np.sin(2.1 * x + 0.6)
    share, cleat = np.zeros((_SIDE, _SIDE)), np.sin(x * 9.0 / 0.2 * np.pi)
    for track in (-0.6, 0.6):
        across = np.abs(y - wander - track) / 0.22
        share = np.maximum(share, smoothstep(1.05, 0.85, across))
    worn = spectral(_SIDE, 140, 8, 1.0, seed=641)
    mask = _grainy(share * smoothstep(1.0, 0.45, np.abs(x) + 0.3 * (worn - 0.5)) * smoothstep(0.1, 0.7, worn), 642)
    press = smoothstep(-0.3, 0.3, cleat)
    crumbs = spectral(_SIDE, 14, 2, 0.7, seed=643)
    earth = np.array([0.128, 0.106, 0.074]) * ((0.55 + 0.45 * press) * (0.7 + 0.6 * crumbs))[..., None]
    return _slab((9.0, 2.9), mask, earth, 0.004, 0.95, relief=2.5 * press + 2.0 * crumbs)


def sealed_cracks() -> list[Surface]:
    """Cracks in asphalt, sealed with bitumen, on 6 m."""
    wander = [
        spectral(_SIDE, 150, 50, 1.2, seed=651 + k) + 0.12 * spectral(_SIDE, 30, 8, 1.0, seed=656 + k) for k in range(2)
    ]
    warp = (np.stack(wander) - np.float32(0.56)) * np.float32(0.5)
    plates = cells(_SIDE, 3, seed=653, jitter=0.9, warp=warp)
    width = 0.006 + 0.006 * spectral(_SIDE, 90, 20, 1.0, seed=654)
    x, y = _square()
    inside = smoothstep(
        1.0, 0.8, np.maximum(np.abs(x), np.abs(y)) + 0.3 * (spectral(_SIDE, 150, 30, 1.0, seed=655) - 0.5)
    )
    share = (plates.border < width * inside) * 1.0
    tar = np.broadcast_to(np.array([0.020, 0.020, 0.021]), (_SIDE, _SIDE, 3))
    return _slab((6.0, 6.0), ndimage.gaussian_filter(share, 0.9) * 1.35, tar, 0.0015, 0.42)


def asphalt_patch() -> list[Surface]:
    """A repair of 2.6 × 1.7 m: newer, darker asphalt with a sealed joint around it."""
    x, y = _square()
    ragged = 0.012 * (spectral(_SIDE, 50, 4, 0.9, seed=661) - 0.5)
    rim = np.minimum((1.0 - np.abs(x)) * 1.3, (1.0 - np.abs(y)) * 0.85) + ragged
    stones = cells(_SIDE, 170, seed=662)
    tone = 0.032 + 0.055 * _per_cell(stones.number, 663) ** 2 * smoothstep(0.08, 0.3, stones.border)
    albedo = tone * (0.8 + 0.4 * spectral(_SIDE, 120, 10, 1.0, seed=664))
    joint = smoothstep(0.055, 0.045, rim)[..., None]
    color = albedo[..., None] * [0.96, 1.0, 0.97] * (1.0 - joint) + np.array([0.018, 0.018, 0.019]) * joint
    relief = smoothstep(0.05, 0.3, stones.border) * 1.2
    return _slab((2.6, 1.7), smoothstep(0.012, 0.018, rim), color, 0.0016, 0.86, relief)


def dirt_patch() -> list[Surface]:
    """Bare trodden earth on 4.5 m, with ragged rims for the grass to come through."""
    x, y = _square()
    shape = np.hypot(x, y) + 0.6 * (spectral(_SIDE, 220, 12, 1.3, seed=671) - 0.5)
    ground = soil()
    color, relief = ground.albedo[::2, ::2], ground.relief[::2, ::2]
    tufts = spectral(_SIDE, 30, 3, 0.7, seed=672)
    return _slab(
        (4.5, 4.5), _grainy(smoothstep(0.85, 0.35, shape + 0.35 * (tufts - 0.5)), 673), color, 0.003, 0.96, relief
    )


def _slab(
    size: tuple[float, float],
    share: NDArray[np.floating],
    color: NDArray[np.floating],
    height: float,
    roughness: float,
    relief: NDArray[np.floating] | None = None,
) -> list[Surface]:
    """A slab of `size` metres along X and Z whose top wears the picture where `share` is over one half."""
    alpha = np.rint(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)
    # The slab's sides take the rim of the picture, which is never seen.
    alpha[[0, -1]] = alpha[:, [0, -1]] = 0
    picture = np.dstack([encode_srgb(color), alpha])
    corners = np.array([[x, y, z] for y in (height, 0.0) for z in (-0.5, 0.5) for x in (-0.5, 0.5)])
    corners *= np.array([size[0], 1.0, size[1]])
    faces = ((0, 1, 2, 3), (5, 4, 7, 6), (2, 3, 6, 7), (1, 0, 5, 4), (0, 2, 4, 6), (3, 1, 7, 5))
    facing = ((0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1), (-1, 0, 0), (1, 0, 0))
    uvs = np.full((24, 2), 0.5 / _SIDE)
    uvs[:4] = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
    quads = 4 * np.arange(6)[:, None, None] + np.array([[0, 2, 3], [0, 3, 1]])
    normal_map = None
    if relief is not None:
        normal_map = np.rint((normals_of(relief, wrap=False) * 0.5 + 0.5) * 255.0).astype(np.uint8)
    return [
        Surface(
            np.concatenate([corners[list(face)] for face in faces]),
            np.repeat(np.array(facing, dtype=np.float64), 4, axis=0),
            uvs,
            quads.reshape(-1, 3),
            picture,
            normal_map=normal_map,
            roughness=roughness,
        )
    ]


def _square() -> tuple[Field, Field]:
    """Coordinates from -1 to 1, right and down."""
    axis = ((np.arange(_SIDE) + 0.5) / _SIDE * 2.0 - 1.0).astype(np.float32)
    return np.broadcast_to(axis[None, :], (_SIDE, _SIDE)), np.broadcast_to(axis[:, None], (_SIDE, _SIDE))


def _grainy(share: NDArray[np.floating], seed: int, amount: float = 0.9) -> Field:
    """Shares between none and all as more or fewer covered grains."""
    grain = spectral(_SIDE, 7, 2, 0.3, seed=seed) - 0.5
    return np.asarray(
        np.where(share <= 0.0, 0.0, share + amount * grain * (1.0 - np.abs(2.0 * share - 1.0))), np.float32
    )


def _per_cell(number: NDArray[np.int32], seed: int) -> Field:
    values = np.random.default_rng(seed).random(int(number.max()) + 1, dtype=np.float32)
    return np.asarray(values[number], dtype=np.float32)
