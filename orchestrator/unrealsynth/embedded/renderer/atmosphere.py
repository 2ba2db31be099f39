"""Physics of a clear sky: light of the sun scattered once along the view ray, and many times on average.

Air, haze and ozone, planet and the share of multiple scattering follow S. Hillaire, "A Scalable and Production Ready
Sky and Atmosphere Rendering Technique" (EGSR 2020). Lengths are kilometres; radiances are per unit of the sun's
illuminance outside the air. Everything that does not depend on the sun is computed once for an `AirTables`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]

_PLANET_KM = 6360.0
_TOP_KM = 6460.0
_VIEWER_KM = _PLANET_KM + 0.005
_RAYLEIGH = np.array([5.802e-3, 13.558e-3, 33.1e-3])  # per km at sea level; red, green, blue
_RAYLEIGH_HEIGHT_KM = 8.0
_MIE_SCATTERING = 3.996e-3
_MIE_EXTINCTION = 4.44e-3
_MIE_HEIGHT_KM = 1.2
_MIE_ASYMMETRY = 0.8
_OZONE = np.array([0.650e-3, 1.881e-3, 0.085e-3])
_OZONE_CENTRE_KM, _OZONE_HALF_WIDTH_KM = 25.0, 15.0
_GROUND_ALBEDO = 0.25
_SRGB_FROM_SPECTRUM = np.array([[0.5963, 0.4670, -0.0633], [0.0304, 0.8789, 0.0907], [-0.0199, 0.0581, 0.9618]])
"""Linear sRGB of a spectrum that runs straight between its values at 680, 550 and 440 nm, for which the coefficients
above stand; CIE 1931 observer after C. Wyman et al., "Simple Analytic Approximations" (JCGT 2013). White stays."""
_SUN_RADIUS = math.radians(0.2678)

AZIMUTHS, ELEVATIONS = 24, 64
_VIEW_STEPS = 12
_NIGHT_RADIANCE = np.array([0.0006, 0.0009, 0.0016])
"""Airglow and stars in cd/m² for rigs whose sun has some ten lux; keeps a night picture from being empty."""


@dataclass(frozen=True)
class SkyView:
    """Sky radiance by direction; `radiance` is (ELEVATIONS, AZIMUTHS, 3), see `lookup_coordinates`."""

    radiance: NDArray[np.float32]
    sun_direction: tuple[float, float, float]
    """Unit vector towards the sun."""
    sun_transmittance: tuple[float, float, float]


def lookup_coordinates(directions: Floats, sun_direction: tuple[float, float, float]) -> tuple[Floats, Floats]:
    """Where a `SkyView` holds unit vectors (..., 3): azimuth and elevation coordinates in 0…1.

    The azimuth is stored as sin(a/2), a measured from the sun; the elevation as the signed root of its sine, which is
    fine at the horizon. The sky shader computes the same.
    """
    horizontal = np.hypot(directions[..., 0], directions[..., 1])
    sun_horizontal = max(math.hypot(sun_direction[0], sun_direction[1]), 1e-9)
    cosine = (directions[..., 0] * sun_direction[0] + directions[..., 1] * sun_direction[1]) / (
        np.maximum(horizontal, 1e-9) * sun_horizontal
    )
    azimuth = np.sqrt(np.clip((1 - cosine) / 2, 0, 1))
    sine = directions[..., 2]
    return azimuth, 0.5 + 0.5 * np.sign(sine) * np.sqrt(np.abs(sine))


class AirTables:
    """What a `rayleigh` and a `mie` scale decide: transmittance, multiple scattering, and the view rays' samples."""

    _heights = 100.0 * np.linspace(0, 1, 24) ** 2
    _cosine_roots = np.linspace(-1, 1, 96)

    def __init__(self, rayleigh: float, mie: float) -> None:
        self._rayleigh, self._mie = rayleigh, mie
        self._transmittance = self._transmittance_table()
        self._multiple = self._multiple_scattering_table()
        self._transmittance, self._multiple = self._transmittance.astype(np.float32), self._multiple.astype(np.float32)
        self._prepare_view_rays()

    def sun_transmittance(self, sine_elevation: float) -> Reals:
        """(3,) share of the sun's light that reaches the ground."""
        spectrum = self._sun_light(np.zeros(1), np.array([sine_elevation]), self._transmittance)[0]
        return np.asarray(np.maximum(_SRGB_FROM_SPECTRUM @ spectrum, 0))

    def sky_view(self, sun_direction: tuple[float, float, float]) -> SkyView:
        """The sky for a sun in `sun_direction` (unit vector towards it), per lux outside the air."""
        sine = sun_direction[2]
        cosine = math.sqrt(max(0.0, 1 - sine * sine))
        # In the frame whose x axis points to the sun's azimuth.
        sun_cosine = self._up_x * cosine + self._up_z * sine
        rows, weights = self._rows, self._row_weights
        direct = self._table_lookup(self._transmittance, rows, weights, sun_cosine)
        multiple = self._table_lookup(self._multiple, rows, weights, sun_cosine)
        scattering = self._direction_x * cosine + self._direction_z * sine
        rayleigh = 3 / (16 * math.pi) * (1 + scattering**2)
        mie = _cornette_shanks(scattering)
        radiance: Reals = np.einsum("dsc,dsc->dc", self._rayleigh_weight, direct) * rayleigh[:, None]
        radiance += np.einsum("dsc,dsc->dc", self._mie_weight, direct) * mie[:, None]
        radiance += np.einsum("dsc,dsc->dc", self._both_weight, multiple)
        ground = direct[:, -1] * np.maximum(sun_cosine[:, -1:], 0) + math.pi * multiple[:, -1]
        radiance += self._ground_weight * ground
        # Added up by hand: a product this thin must not wake the linear algebra library's threads.
        srgb = np.maximum(sum(radiance[:, c, None] * _SRGB_FROM_SPECTRUM[:, c] for c in range(3)), 0)
        grid = np.asarray(srgb).reshape(ELEVATIONS, AZIMUTHS, 3)
        return SkyView(grid.astype(np.float32), sun_direction, _triple(self.sun_transmittance(sine)))

    def _prepare_view_rays(self) -> None:
        roots = np.linspace(-1, 1, ELEVATIONS)
        sines = (np.sign(roots) * roots**2).repeat(AZIMUTHS)
        half_sines = np.tile(np.linspace(0, 1, AZIMUTHS), ELEVATIONS)
        azimuth_cosine = 1 - 2 * half_sines**2
        horizontal = np.sqrt(1 - sines**2)
        distance, hits = _ray_length(np.full(sines.shape, _VIEWER_KM), sines)
        edges = distance[:, None] * np.linspace(0, 1, _VIEW_STEPS + 1)[None] ** 2
        middle, length = (edges[:, 1:] + edges[:, :-1]) / 2, np.diff(edges, axis=1)
        middle[:, -1] = np.where(
            hits, distance, middle[:, -1]
        )  # the last sample of a ray that lands lies on the ground
        along = horizontal[:, None] * middle
        radius = np.sqrt(_VIEWER_KM**2 + middle**2 + 2 * _VIEWER_KM * middle * sines[:, None])
        height = np.maximum(radius - _PLANET_KM, 0)
        extinction = self._extinction(height)
        depth = np.cumsum(extinction * length[..., None], axis=1)
        reached = np.exp(-(depth - extinction * length[..., None] / 2))
        rayleigh, mie = self._scattering(height)
        single = np.float32  # enough for a picture, and twice as fast
        self._direction_x, self._direction_z = (horizontal * azimuth_cosine).astype(single), sines.astype(single)
        self._up_x = (along * azimuth_cosine[:, None] / radius).astype(single)
        self._up_z = ((_VIEWER_KM + middle * sines[:, None]) / radius).astype(single)
        self._rayleigh_weight = (reached * rayleigh * length[..., None]).astype(single)
        self._mie_weight = (reached * mie[..., None] * length[..., None]).astype(single)
        self._both_weight = self._rayleigh_weight + self._mie_weight
        landed = np.where(hits[:, None], np.exp(-depth[:, -1]) * _GROUND_ALBEDO / math.pi, 0.0)
        self._ground_weight = landed.astype(single)
        rows, weights = self._height_rows(height)
        self._rows, self._row_weights = rows.astype(np.int32), weights.astype(single)

    def _scattering(self, height: Floats) -> tuple[Floats, Floats]:
        rayleigh = np.exp(-height / _RAYLEIGH_HEIGHT_KM)[..., None] * (_RAYLEIGH * self._rayleigh)
        return rayleigh, np.exp(-height / _MIE_HEIGHT_KM) * (_MIE_SCATTERING * self._mie)

    def _extinction(self, height: Floats) -> Floats:
        rayleigh, mie = self._scattering(height)
        ozone = np.maximum(0, 1 - np.abs(height - _OZONE_CENTRE_KM) / _OZONE_HALF_WIDTH_KM)[..., None] * _OZONE
        return np.asarray(rayleigh + mie[..., None] * (_MIE_EXTINCTION / _MIE_SCATTERING) + ozone)

    def _transmittance_table(self) -> Floats:
        """(heights, cosines, 3): light left of a ray from a height to the top; 0 where the planet is in the way."""
        height = self._heights[:, None]
        cosine = np.sign(self._cosine_roots) * self._cosine_roots**2
        radius = np.broadcast_to(_PLANET_KM + height, (len(self._heights), len(cosine)))
        distance, _ = _ray_length(radius, cosine[None], ground=False)
        edges = distance[..., None] * np.linspace(0, 1, 41) ** 2
        middle, length = (edges[..., 1:] + edges[..., :-1]) / 2, np.diff(edges)
        at = np.sqrt(radius[..., None] ** 2 + middle**2 + 2 * radius[..., None] * middle * cosine[:, None])
        depth = (self._extinction(np.maximum(at - _PLANET_KM, 0)) * length[..., None]).sum(axis=-2)
        horizon = -np.sqrt(np.maximum(0, 1 - (_PLANET_KM / radius) ** 2))
        visible = np.clip((cosine - horizon) / (2 * _SUN_RADIUS) + 0.5, 0, 1)
        return np.asarray(np.exp(-depth) * visible[..., None])

    def _multiple_scattering_table(self) -> Floats:
        """(heights, cosines, 3): light scattered more than once into any direction, after Hillaire's section 5.5."""
        sphere = _fibonacci_sphere(24)
        height = self._heights
        cosine = np.sign(self._cosine_roots) * self._cosine_roots**2
        radius = np.broadcast_to(_PLANET_KM + height[:, None] + 0.01, (len(height), len(sphere)))
        distance, hits = _ray_length(radius, sphere[None, :, 2])
        edges = distance[..., None] * np.linspace(0, 1, 9) ** 2
        middle, length = (edges[..., 1:] + edges[..., :-1]) / 2, np.diff(edges)
        at = np.sqrt(radius[..., None] ** 2 + middle**2 + 2 * radius[..., None] * middle * sphere[:, 2, None])
        below = np.maximum(at - _PLANET_KM, 0)
        extinction = self._extinction(below)
        depth = np.cumsum(extinction * length[..., None], axis=-2) - extinction * length[..., None] / 2
        rayleigh, mie = self._scattering(below)
        weight = np.exp(-depth) * (rayleigh + mie[..., None]) * length[..., None] / len(sphere)
        again = weight.sum(axis=(1, 2))  # (heights, 3)
        up = (radius[..., None] + middle * sphere[:, 2, None]) / at
        across = middle * np.sqrt(1 - sphere[:, 2, None] ** 2) / at
        azimuth = np.arctan2(sphere[:, 1], sphere[:, 0])
        rows, row_weights = self._height_rows(below)
        once = np.empty((len(height), len(cosine), 3))
        for column, sun in enumerate(cosine):
            towards = up * sun + across * np.cos(azimuth)[:, None] * math.sqrt(1 - sun * sun)
            light = self._table_lookup(self._transmittance, rows, row_weights, towards)
            once[:, column] = (weight * light).sum(axis=(1, 2)) / (4 * math.pi)
            bounced = light[:, :, -1] * np.maximum(sun, 0) * np.exp(-depth[:, :, -1]) * hits[..., None]
            once[:, column] += bounced.sum(axis=1) * _GROUND_ALBEDO / (math.pi * len(sphere))
        return np.asarray(once / (1 - again)[:, None])

    def _height_rows(self, height: Floats) -> tuple[NDArray[np.int64], Floats]:
        position = np.sqrt(np.clip(height / 100.0, 0, 1)) * (len(self._heights) - 1)
        rows = np.minimum(position.astype(np.int64), len(self._heights) - 2)
        return rows, (position - rows)[..., None]

    def _table_lookup(self, table: Reals, rows: NDArray[np.integer], weights: Reals, cosine: Reals) -> Reals:
        size = len(self._cosine_roots)
        position = (np.sign(cosine) * np.sqrt(np.abs(cosine)) + 1) * ((size - 1) / 2)
        columns = np.clip(position.astype(np.int32), 0, size - 2)
        share = (position - columns)[..., None]
        flat = table.reshape(-1, 3)
        index = rows * size + columns
        low = flat[index] * (1 - share) + flat[index + 1] * share
        high = flat[index + size] * (1 - share) + flat[index + size + 1] * share
        return np.asarray(low + (high - low) * weights)

    def _sun_light(self, height: Floats, cosine: Floats, table: Reals) -> Reals:
        rows, weights = self._height_rows(height)
        return self._table_lookup(table, rows, weights, cosine)


def night_view() -> SkyView:
    """The sky without a sun, in cd/m²."""
    roots = np.linspace(-1, 1, ELEVATIONS)
    brightness = np.where(roots > 0, 1.5 - 0.5 * roots, 0.3)
    radiance = np.broadcast_to((brightness[:, None] * _NIGHT_RADIANCE)[:, None], (ELEVATIONS, AZIMUTHS, 3))
    return SkyView(radiance.astype(np.float32), (0.0, 0.0, -1.0), (0.0, 0.0, 0.0))


def _cornette_shanks(cosine: Reals) -> Reals:
    g = _MIE_ASYMMETRY
    scale = 3 / (8 * math.pi) * (1 - g * g) / (2 + g * g)
    return np.asarray(scale * (1 + cosine**2) / (1 + g * g - 2 * g * cosine) ** 1.5)


def _ray_length(radius: Floats, cosine: Floats, *, ground: bool = True) -> tuple[Floats, NDArray[np.bool_]]:
    """How far a ray goes to the planet or the top of the air, and whether it lands."""
    base = radius * cosine
    top = -base + np.sqrt(np.maximum(0, base**2 - radius**2 + _TOP_KM**2))
    inside = base**2 - radius**2 + _PLANET_KM**2
    hits = (cosine < 0) & (inside > 0) & ground
    return np.where(hits, -base - np.sqrt(np.maximum(0, inside)), top), hits


def _fibonacci_sphere(count: int) -> Floats:
    index = np.arange(count) + 0.5
    z = 1 - 2 * index / count
    azimuth = math.pi * (1 + math.sqrt(5)) * index
    return np.stack([np.sqrt(1 - z * z) * np.cos(azimuth), np.sqrt(1 - z * z) * np.sin(azimuth), z], axis=1)


def _triple(values: Reals) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
