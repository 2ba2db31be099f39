"""Atmosphere and image-based light against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.ambient import (
    LAYERS,
    SIZE,
    Ambient,
    AmbientTables,
    harmonics,
    octahedral_coordinates,
    octahedral_directions,
)  # fmt: skip
from unrealsynth.embedded.renderer.atmosphere import ELEVATIONS, AirTables
from unrealsynth.embedded.renderer.clouds import cloud_noise
from unrealsynth.embedded.renderer.lighting import Lighting
from unrealsynth.embedded.renderer.scene import Atmosphere, Panorama, Scene, SkyLight, Sun

SUN_HIGH = Sun((0.0, 0.0, -1.0), 10.0)


@pytest.fixture(scope="module")
def tables() -> AmbientTables:
    return AmbientTables()


@pytest.fixture(scope="module")
def air() -> AirTables:
    return AirTables(1.0, 1.0)


def irradiance(ambient: Ambient, normal: tuple[float, float, float]) -> NDArray[np.float64]:
    return harmonics(np.array(normal, dtype=float)) @ ambient.irradiance


unit_vectors = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array).filter(lambda v: np.linalg.norm(v) > 0.01)


@given(unit_vectors)
def test_octahedral_map_finds_the_texel_of_a_direction(vector: NDArray[np.float64]) -> None:
    direction = vector / np.linalg.norm(vector)
    texel = np.minimum((octahedral_coordinates(direction) * 64).astype(int), 63)
    centre = octahedral_directions(64)[texel[1], texel[0]]
    # A texel of 64 × 64 is nowhere wider than 5°; its corner is within 4° of its centre.
    assert centre @ direction > math.cos(math.radians(4))


def test_solid_angles_fill_the_sphere(tables: AmbientTables) -> None:
    assert tables.solid_angles.sum() == pytest.approx(4 * math.pi)
    # The mean of z² over the sphere is 1/3 by symmetry.
    assert (tables.solid_angles * tables.directions[:, 2] ** 2).sum() == pytest.approx(4 * math.pi / 3, rel=2e-3)


def test_uniform_light_stays_uniform(tables: AmbientTables) -> None:
    ambient = tables.ambient(np.full((SIZE * SIZE, 3), 2.0))
    for normal in ((0, 0, 1), (0, 0, -1), (1, 0, 0), (0.6, 0.8, 0)):
        np.testing.assert_allclose(irradiance(ambient, normal), 2 * math.pi, rtol=5e-3)
    np.testing.assert_allclose(ambient.reflections, 2.0, rtol=1e-3)
    assert ambient.reflections.shape == (LAYERS, SIZE + 2, SIZE + 2, 3)


def test_a_bright_upper_half(tables: AmbientTables) -> None:
    radiance = np.where(tables.directions[:, 2:] > 0, 1.0, 0.0) * np.ones(3)
    ambient = tables.ambient(radiance)
    # A half sphere of radiance 1 gives π to what faces it, π/2 to a wall, nothing to a ceiling.
    # The row of texels that straddles the horizon is dark here.
    np.testing.assert_allclose(irradiance(ambient, (0, 0, 1)), math.pi, rtol=0.05)
    np.testing.assert_allclose(irradiance(ambient, (1, 0, 0)), math.pi / 2, rtol=0.08)
    assert (irradiance(ambient, (0, 0, -1)) >= 0).all()


def test_a_small_bright_light_leaves_no_negative_light(tables: AmbientTables) -> None:
    radiance = np.zeros((SIZE * SIZE, 3))
    radiance[tables.directions[:, 0].argmax()] = 1e4
    ambient = tables.ambient(radiance)
    everywhere = harmonics(octahedral_directions(24).reshape(-1, 3)) @ ambient.irradiance
    assert everywhere.min() > -0.02 * everywhere.max()


@pytest.mark.parametrize(("column", "direction"), [(0.5, (1, 0, 0)), (0.75, (0, 1, 0)), (0.25, (0, -1, 0))])
def test_panorama_is_gathered_where_it_shines(
    tables: AmbientTables, column: float, direction: tuple[int, int, int]
) -> None:
    pixels = np.zeros((64, 128, 3), dtype=np.float32)
    pixels[28:36, int(column * 128) - 4 : int(column * 128) + 4] = 1.0
    gathered = tables.gather_panorama(Panorama(pixels), 0.0)
    brightest = tables.directions[gathered[:, 0].argmax()]
    assert brightest @ np.array(direction) > math.cos(math.radians(15))
    # The energy of the patch: radiance 1 over 8 × 8 pixels of (2π/128)·(π/64) near the equator
    total = (gathered[:, 0] * tables.solid_angles).sum()
    assert total == pytest.approx(64 * (2 * math.pi / 128) * (math.pi / 64), rel=0.1)
    turned = tables.gather_panorama(Panorama(pixels), 90.0)
    yaw = math.degrees(math.atan2(*tables.directions[turned[:, 0].argmax()][[1, 0]]))
    expected = math.degrees(math.atan2(direction[1], direction[0])) + 90
    assert (yaw - expected + 180) % 360 - 180 == pytest.approx(0, abs=15)


def test_vertical_sunlight_follows_beer_and_lambert(air: AirTables) -> None:
    # Optical depths: Rayleigh β·8 km, haze 4.44e-3·1.2, ozone β·15 km; then from three wavelengths to sRGB.
    depth = np.array([5.802e-3, 13.558e-3, 33.1e-3]) * 8 + 4.44e-3 * 1.2 + np.array([0.65e-3, 1.881e-3, 0.085e-3]) * 15
    red, green, blue = np.exp(-depth)
    expected = (
        0.5963 * red + 0.4670 * green - 0.0633 * blue,
        0.0304 * red + 0.8789 * green + 0.0907 * blue,
        -0.0199 * red + 0.0581 * green + 0.9618 * blue,
    )
    np.testing.assert_allclose(air.sun_transmittance(1.0), expected, rtol=5e-3)


def test_sky_by_day_and_by_evening(air: AirTables) -> None:
    def sky(elevation_deg: float) -> NDArray[np.float32]:
        angle = math.radians(elevation_deg)
        return air.sky_view((math.cos(angle), 0.0, math.sin(angle))).radiance

    zenith, above_horizon = ELEVATIONS - 1, ELEVATIONS // 2 + 4
    day, evening, night = sky(50), sky(1), sky(-18)
    assert day[zenith, 12, 2] > 2 * day[zenith, 12, 0]  # blue above
    assert day[above_horizon, 12].sum() > 2 * day[zenith, 12].sum()  # paler and brighter at the horizon
    assert evening[above_horizon, 0, 0] > 2 * evening[above_horizon, 0, 2]  # red where the sun sets
    assert night.max() < 1e-4 * day.max()
    assert np.isfinite(day).all() and (day >= 0).all()


def test_light_from_a_clear_sky(tables: AmbientTables) -> None:
    sun = Sun((-math.cos(math.radians(50)), 0.0, -math.sin(math.radians(50))), 10.0)
    light = SkyLight(Atmosphere(sun))
    scene = Scene(sun=sun, sky=Atmosphere(sun), sky_light=light)
    lighting = Lighting()
    ambient = lighting.ambient(scene)
    assert ambient is not None
    above = irradiance(ambient, (0, 0, 1))
    direct = lighting.sun_illuminance(scene) * math.sin(math.radians(50))
    # A clear sky gives about a tenth of what the sun gives, and more of the blue.
    assert 0.05 < above.sum() / direct.sum() < 0.3
    assert above[2] > 1.5 * above[0]
    assert direct[0] > direct[1] > direct[2]
    # The ground's reflected light reaches what faces down.
    assert (irradiance(ambient, (0, 0, -1)) > 0.02 * above).all()


def test_ambient_is_computed_once_for_each_source() -> None:
    lighting = Lighting()
    scene = Scene(sun=SUN_HIGH, sky=Atmosphere(SUN_HIGH), sky_light=SkyLight(Atmosphere(SUN_HIGH)))
    first = lighting.ambient(scene)
    assert lighting.ambient(scene) is first
    # A sky light keeps what it captured, whatever the sky is now; without the sun's bounce it is the same.
    other = Scene(sun=SUN_HIGH, sky=None, sky_light=SkyLight(Atmosphere(SUN_HIGH), lower_hemisphere_is_black=False))
    assert lighting.ambient(other) is not first
    for step in range(50):
        sun = Sun((0.01 * step, 0.0, -1.0), 10.0)
        lighting.ambient(Scene(sun=sun, sky=Atmosphere(sun), sky_light=SkyLight(Atmosphere(sun))))
    assert len(lighting._memory) < 20


def test_night_has_some_light() -> None:
    ambient = Lighting().ambient(Scene(sky_light=SkyLight(Atmosphere(None))))
    assert ambient is not None and 0 < irradiance(ambient, (0, 0, 1)).max() < 0.05


def test_cloud_pattern_repeats_without_a_seam() -> None:
    noise = cloud_noise().astype(int)
    for axis in (0, 1):
        inside = np.abs(np.diff(noise, axis=axis)).mean()
        seam = np.abs(np.take(noise, 0, axis=axis) - np.take(noise, -1, axis=axis)).mean()
        assert seam < 1.5 * inside
    assert 100 < noise.mean() < 155 and noise.std() > 25
