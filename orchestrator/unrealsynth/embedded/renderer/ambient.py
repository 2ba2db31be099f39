"""Image-based light: what a sky light captured, as diffuse irradiance and as reflections blurred by roughness.

The source is gathered into an octahedral map of SIZE² directions. Diffuse light is kept as second-order spherical
harmonics (R. Ramamoorthi and P. Hanrahan, "An Efficient Representation for Irradiance Environment Maps", 2001),
reflections as one octahedral layer per roughness, blurred with the GGX lobe for N = V = R (B. Karis, "Real Shading
in Unreal Engine 4", 2013). Both are linear in the source, so one frame costs a matrix product and no rendering.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.atmosphere import SkyView, lookup_coordinates
from unrealsynth.embedded.renderer.scene import Panorama

Floats = NDArray[np.float64]

SIZE = 32
LAYERS = 6
"""Roughness 0, 0.2, … 1; the first two are sharper than the map and share its pixels."""
_GATHER_HEIGHT = 160


@dataclass(frozen=True)
class Ambient:
    """`irradiance` (9, 3): coefficients for the basis in `harmonics`, in lux for radiance in cd/m²;
    `reflections` (LAYERS, SIZE + 2, SIZE + 2, 3) with a border of one texel that continues the map.
    """

    irradiance: NDArray[np.float32]
    reflections: NDArray[np.float16]


def octahedral_directions(size: int) -> Floats:
    """Unit vectors (size, size, 3) at the texel centres; row = second coordinate, the middle looks up (+Z)."""
    steps = (np.arange(size) + 0.5) / size * 2 - 1
    y, x = np.meshgrid(steps, steps, indexing="ij")
    z = 1 - np.abs(x) - np.abs(y)
    folded_x = np.where(z < 0, (1 - np.abs(y)) * np.sign(x), x)
    folded_y = np.where(z < 0, (1 - np.abs(x)) * np.sign(y), y)
    vectors = np.stack([folded_x, folded_y, z], axis=-1)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def octahedral_coordinates(directions: Floats) -> Floats:
    """Inverse of `octahedral_directions`: (..., 2) in 0…1 for vectors (..., 3)."""
    scaled = directions / np.abs(directions).sum(axis=-1, keepdims=True)
    x, y, z = scaled[..., 0], scaled[..., 1], scaled[..., 2]
    sign_x, sign_y = np.where(x < 0, -1.0, 1.0), np.where(y < 0, -1.0, 1.0)
    return (
        np.stack([np.where(z < 0, (1 - np.abs(y)) * sign_x, x), np.where(z < 0, (1 - np.abs(x)) * sign_y, y)], axis=-1)
        * 0.5
        + 0.5
    )


def harmonics(directions: Floats) -> Floats:
    """The nine real spherical harmonics up to the second order, (..., 9)."""
    x, y, z = directions[..., 0], directions[..., 1], directions[..., 2]
    return np.stack(
        [
            np.full(x.shape, 0.282095),
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ],
        axis=-1,
    )


class AmbientTables:
    """The linear maps from a source of SIZE² directions to its ambient light; they never change."""

    @cached_property
    def directions(self) -> Floats:
        """(SIZE², 3)."""
        return octahedral_directions(SIZE).reshape(-1, 3)

    @cached_property
    def solid_angles(self) -> Floats:
        """(SIZE²,) steradians; d(omega) = |r|^-3 d(area) on the octahedron, normalized to the sphere."""
        steps = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
        y, x = np.meshgrid(np.abs(steps), np.abs(steps), indexing="ij")
        folded = x + y > 1
        x, y = np.where(folded, 1 - y, x), np.where(folded, 1 - x, y)
        weight = (x**2 + y**2 + (1 - x - y) ** 2) ** -1.5
        return np.asarray((weight / weight.sum() * 4 * math.pi).ravel())

    @cached_property
    def _irradiance_map(self) -> Floats:
        cosine_lobe = np.array([math.pi] + [2 * math.pi / 3] * 3 + [math.pi / 4] * 5)
        return np.asarray((harmonics(self.directions) * self.solid_angles[:, None]).T * cosine_lobe[:, None])

    @cached_property
    def _blur(self) -> NDArray[np.float32]:
        """((LAYERS - 2)·4, SIZE²/4, SIZE²/4): blocks of rows that blur a map of half the size into each layer.

        Blocks, because a product this small stays on one thread of the linear algebra library; handing it to several
        costs more than the product.
        """
        coarse = octahedral_directions(SIZE // 2).reshape(-1, 3)
        solid_angles = self.solid_angles.reshape(SIZE // 2, 2, SIZE // 2, 2).sum(axis=(1, 3)).ravel()
        cosine = np.clip(self.directions @ coarse.T, -1, 1)
        half_cosine_squared = (1 + cosine) / 2  # the half vector of N and L, for V = N
        maps = []
        for layer in range(2, LAYERS):
            alpha_squared = (layer / (LAYERS - 1)) ** 4
            lobe = alpha_squared / (half_cosine_squared * (alpha_squared - 1) + 1) ** 2
            weight = lobe * np.maximum(cosine, 0) * solid_angles
            maps.append(weight / weight.sum(axis=1, keepdims=True))
        return np.concatenate(maps).reshape(-1, len(coarse), len(coarse)).astype(np.float32)

    def gather_sky(self, sky: SkyView, illuminance: Floats) -> Floats:
        """(SIZE², 3) radiance of a clear sky without the sun's disc, for a sun of `illuminance` lux (3,)."""
        azimuth, elevation = lookup_coordinates(self.directions, sky.sun_direction)
        grid = sky.radiance
        y, x = elevation * (grid.shape[0] - 1), azimuth * (grid.shape[1] - 1)
        row = np.minimum(y.astype(np.int64), grid.shape[0] - 2)
        column = np.minimum(x.astype(np.int64), grid.shape[1] - 2)
        fy, fx = (y - row)[:, None], (x - column)[:, None]
        low = grid[row, column] * (1 - fx) + grid[row, column + 1] * fx
        high = grid[row + 1, column] * (1 - fx) + grid[row + 1, column + 1] * fx
        return np.asarray((low * (1 - fy) + high * fy) * illuminance)

    def gather_panorama(self, panorama: Panorama, angle_deg: float) -> Floats:
        """(SIZE², 3) mean radiance of the panorama's pixels around each direction; keeps its whole energy."""
        pixels = np.maximum(np.nan_to_num(panorama.pixels.astype(np.float64), posinf=65504.0), 0.0)
        repeat = -(-_GATHER_HEIGHT // pixels.shape[0])
        pixels = pixels.repeat(repeat, axis=0).repeat(repeat, axis=1)
        height, width = pixels.shape[:2]
        elevation = (0.5 - (np.arange(height) + 0.5) / height) * math.pi
        yaw = ((np.arange(width) + 0.5) / width - 0.5) * 2 * math.pi + math.radians(angle_deg)
        horizontal = np.cos(elevation)[:, None]
        rays = np.stack(
            np.broadcast_arrays(horizontal * np.cos(yaw), horizontal * np.sin(yaw), np.sin(elevation)[:, None]), axis=-1
        )
        texel = np.minimum((octahedral_coordinates(rays) * SIZE).astype(np.int64), SIZE - 1)
        index = (texel[..., 1] * SIZE + texel[..., 0]).ravel()
        weight = np.broadcast_to(horizontal, (height, width)).ravel()
        total = np.bincount(index, weight, SIZE * SIZE)
        sums = [np.bincount(index, weight * pixels[..., c].ravel(), SIZE * SIZE) for c in range(3)]
        return np.stack(sums, axis=1) / np.maximum(total, 1e-12)[:, None]

    def ambient(self, radiance: Floats) -> Ambient:
        """The ambient light of a source (SIZE², 3)."""
        layers = np.empty((LAYERS, SIZE * SIZE, 3), dtype=np.float32)
        layers[:2] = radiance
        weighted = (radiance * self.solid_angles[:, None]).reshape(SIZE // 2, 2, SIZE // 2, 2, 3).sum(axis=(1, 3))
        areas = self.solid_angles.reshape(SIZE // 2, 2, SIZE // 2, 2).sum(axis=(1, 3))
        coarse = (weighted / areas[..., None]).reshape(-1, 3).astype(np.float32)
        layers[2:] = (self._blur @ coarse).reshape(LAYERS - 2, SIZE * SIZE, 3)
        irradiance = _without_negative_lobes(self._irradiance_map @ radiance)
        bordered = _with_border(np.minimum(layers, 65504.0).reshape(LAYERS, SIZE, SIZE, 3))
        return Ambient(irradiance.astype(np.float32), bordered.astype(np.float16))


def _without_negative_lobes(irradiance: Floats) -> Floats:
    """Fades the higher orders until the darkest of some directions keeps 5 % of the mean."""
    basis = harmonics(octahedral_directions(16).reshape(-1, 3))
    mean = np.maximum(basis[0, 0] * irradiance[0], 0)
    lowest = (basis[:, 1:] @ irradiance[1:]).min(axis=0)
    fade = np.minimum(1.0, 0.95 * mean / np.maximum(-lowest, 1e-30))
    return np.concatenate([irradiance[:1], irradiance[1:] * fade])


def _with_border(layers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Adds the texels beyond the edges: across an edge of an octahedral map lies the same edge, reversed."""
    size = layers.shape[1]
    out = np.empty((layers.shape[0], size + 2, size + 2, 3), dtype=layers.dtype)
    out[:, 1:-1, 1:-1] = layers
    out[:, 0, 1:-1], out[:, -1, 1:-1] = layers[:, 0, ::-1], layers[:, -1, ::-1]
    out[:, 1:-1, 0], out[:, 1:-1, -1] = layers[:, ::-1, 0], layers[:, ::-1, -1]
    out[:, 0, 0], out[:, -1, -1] = layers[:, -1, -1], layers[:, 0, 0]
    out[:, 0, -1], out[:, -1, 0] = layers[:, -1, 0], layers[:, 0, -1]
    return out
