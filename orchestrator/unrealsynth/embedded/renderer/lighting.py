"""From lights to numbers: everything about a scene's light that its shaders share, as one uniform block.

The one formula of light units, for all of the renderer: a surface of albedo a that receives the illuminance E (lux)
leaves with the radiance L = a/π·E (cd/m²); a sky of uniform radiance L gives E = π·L; a lamp of I candela gives
E = I·cos θ/d² with d in metres; a pixel is L·2**exposure_ev before the tone curve. So an 18 % grey card facing a sun of
10 lux is 0.18/π·10 = 0.573 at 0 EV, to which the 4 % gloss of every surface that is not metal adds a little.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.renderer.ambient import Ambient, AmbientTables
from unrealsynth.embedded.renderer.atmosphere import AirTables, SkyView, night_view
from unrealsynth.embedded.renderer.clouds import COVER
from unrealsynth.embedded.renderer.scene import Atmosphere, Fog, Lamp, Panorama, Rgb, Scene, SkyLight, Sun, View
from unrealsynth.embedded.renderer.shadows import SIZE as SHADOW_SIZE
from unrealsynth.embedded.renderer.shadows import ShadowFit, filter_radius

V = TypeVar("V")

MAX_LAMPS = 16
FRAME_BYTES = 16 * (8 + 4 + 9 + 4 + 5 + 3 * MAX_LAMPS + 1)
_BOUNCE_ALBEDO = 0.2
"""Reflectance of the ground that stands in for the light from below where a sky light's lower half is black."""
_CLOUD_ALBEDO = 0.7
_CM2_PER_M2 = 1e4
_REMEMBERED = 4


class Lighting:
    """Skies and ambient light by what they are made from; each is computed again only when that changes."""

    def __init__(self) -> None:
        self._tables = AmbientTables()
        self._memory: OrderedDict[Hashable, object] = OrderedDict()

    def sky_view(self, atmosphere: Atmosphere) -> SkyView:
        """Radiance by direction, per lux outside the air; in cd/m² at night."""
        if atmosphere.sun is None:
            return night_view()
        towards = _towards(atmosphere.sun)
        key = ("sky", atmosphere.rayleigh, atmosphere.mie, towards)
        return self._remember(key, lambda: self._air(atmosphere).sky_view(towards))

    def sun_illuminance(self, scene: Scene) -> NDArray[np.float64]:
        """(3,) lux on a surface that faces the sun; the atmosphere that belongs to it dims and reddens it."""
        if scene.sun is None:
            return np.zeros(3)
        illuminance = _illuminance(scene.sun)
        if isinstance(scene.sky, Atmosphere) and scene.sky.sun == scene.sun:
            illuminance *= self.sky_view(scene.sky).sun_transmittance
        return illuminance

    def ambient(self, scene: Scene) -> Ambient | None:
        """What the sky light adds, or none without one."""
        light = scene.sky_light
        if light is None or light.source is None or light.intensity <= 0:
            return None
        source = light.source
        sun = tuple(self.sun_illuminance(scene))
        towards = _towards(scene.sun) if scene.sun else None
        return self._remember(("ambient", light, sun, towards), lambda: self._ambient(light, source, scene))

    def _ambient(self, light: SkyLight, source: Atmosphere | Panorama, scene: Scene) -> Ambient:
        tables = self._tables
        radiance = self._radiance(source, light.angle_deg) * (light.intensity * np.asarray(light.tint))
        if light.lower_hemisphere_is_black:
            upper = tables.directions[:, 2] > 0
            received = (radiance * np.maximum(tables.directions[:, 2:], 0) * tables.solid_angles[:, None]).sum(axis=0)
            if scene.sun is not None:
                received = received + self.sun_illuminance(scene) * max(0.0, _towards(scene.sun)[2])
            radiance = np.where(upper[:, None], radiance, received * (_BOUNCE_ALBEDO / math.pi))
        return tables.ambient(radiance)

    def _radiance(self, source: Atmosphere | Panorama, angle_deg: float) -> NDArray[np.float64]:
        """(SIZE², 3) what a sky light captured, before its intensity."""
        if isinstance(source, Panorama):
            key = ("panorama", source, angle_deg)
            return self._remember(key, lambda: self._tables.gather_panorama(source, angle_deg))
        radiance = self._tables.gather_sky(self.sky_view(source), sky_illuminance(source))
        if source.clouds:
            sunlit, skylit = self._cloud_light(source)
            cover = COVER * np.clip(self._tables.directions[:, 2:] / 0.22, 0, 1)
            radiance += (0.6 * sunlit + skylit - radiance) * cover
        return radiance

    def _cloud_light(self, atmosphere: Atmosphere) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(3,) radiance of a cloud in the sun, and (3,) of the sky light that it scatters."""
        sky = self.sky_view(atmosphere)
        tables = self._tables
        upper = np.maximum(tables.directions[:, 2], 0) * tables.solid_angles
        from_sky = (tables.gather_sky(sky, sky_illuminance(atmosphere)) * upper[:, None]).sum(axis=0)
        from_sun = np.zeros(3)
        if atmosphere.sun is not None:
            # Light reaches a cloud from all sides: a low sun dims it less than the ground.
            height = 0.35 + 0.65 * max(0.0, sky.sun_direction[2])
            from_sun = _illuminance(atmosphere.sun) * sky.sun_transmittance * height
        return from_sun * (_CLOUD_ALBEDO / math.pi), from_sky * (_CLOUD_ALBEDO / math.pi)

    def _air(self, atmosphere: Atmosphere) -> AirTables:
        key = ("air", atmosphere.rayleigh, atmosphere.mie)
        return self._remember(key, lambda: AirTables(atmosphere.rayleigh, atmosphere.mie))

    def _remember(self, key: tuple[Hashable, ...], make: Callable[[], V]) -> V:
        if key not in self._memory:
            self._memory[key] = make()
        self._memory.move_to_end(key)
        same_kind = [other for other in self._memory if isinstance(other, tuple) and other[0] == key[0]]
        for oldest in same_kind[:-_REMEMBERED]:
            del self._memory[oldest]
        return self._memory[key]  # type: ignore[return-value]

    def frame_block(self, scene: Scene, view: View, ambient: Ambient | None, shadows: Sequence[ShadowFit]) -> bytes:
        """The uniform block `Frame` of frame.glsl; `shadows` are one or two maps, or none."""
        rows: list[NDArray[np.float32]] = []

        def add(*values: object, count: int = 1) -> None:
            block = np.zeros((count, 4), dtype=np.float32)
            for row, value in zip(block, values, strict=False):
                flat = np.asarray(value, dtype=np.float32).ravel()
                row[: len(flat)] = flat
            rows.append(block)

        maps = [shadow.map_from_relative for shadow in shadows]
        add(*(row for matrix in maps for row in matrix.T), count=8)
        add(_towards(scene.sun) if scene.sun else (0, 0, 1))
        add(self.sun_illuminance(scene))
        pair = (shadows[0], shadows[-1]) if shadows else ()
        radii = [filter_radius(scene.sun, shadow.texel_cm) for shadow in pair if scene.sun]
        offsets = [shadow.texel_cm * (0.3 + 0.9 * radius) for shadow, radius in zip(pair, radii, strict=True)]
        add((*radii, *offsets))
        add(tuple(shadow.size / SHADOW_SIZE for shadow in shadows[:1]))
        add(*(() if ambient is None else ambient.irradiance), count=9)
        for row in self._fog_rows(scene.fog, scene, view):
            add(row)
        for row in self._sky_rows(scene):
            add(row)
        lamps = _strongest(scene.lamps, view)
        for row_of in (_lamp_position, _lamp_intensity, _lamp_direction):
            add(*(row_of(lamp, view) for lamp in lamps), count=MAX_LAMPS)
        add((len(lamps),))
        return np.concatenate(rows).tobytes()

    def _fog_rows(self, fog: Fog | None, scene: Scene, view: View) -> list[tuple[float, ...]]:
        if fog is None:
            return [(0,) * 4] * 4
        falloff = fog.height_falloff / 1000
        at_camera = fog.density / 1000 * 2.0 ** float(np.clip(-falloff * (view.location[2] - fog.height_cm), -60, 60))
        mean, slope = self._horizon(scene)
        colour = np.asarray(fog.color) + mean
        return [
            (*colour, fog.max_opacity),
            (at_camera, falloff, fog.start_cm, 1.0),
            tuple(slope[0]),
            tuple(slope[1]),
        ]

    def _horizon(self, scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Radiance just above the horizon as a quadratic in the cosine of the azimuth from the sun: (3,) and (2, 3)."""
        if not isinstance(scene.sky, Atmosphere):
            ambient = self.ambient(scene)
            mean = np.zeros(3) if ambient is None else ambient.irradiance[0] * (0.282095 / math.pi)
            return np.asarray(mean), np.zeros((2, 3))
        sky = self.sky_view(scene.sky)
        elevations, azimuths = sky.radiance.shape[:2]
        row = round((0.5 + 0.5 * math.sqrt(math.sin(math.radians(2.5)))) * (elevations - 1))
        cosine = 1 - 2 * np.linspace(0, 1, azimuths) ** 2
        basis = np.stack([np.ones_like(cosine), cosine, cosine**2], axis=1)
        fitted, *_ = np.linalg.lstsq(basis, sky.radiance[row] * sky_illuminance(scene.sky), rcond=None)
        return fitted[0], fitted[1:]

    def _sky_rows(self, scene: Scene) -> list[tuple[float, ...]]:
        if not isinstance(scene.sky, Atmosphere):
            return [(0,) * 4] * 5
        sky, sun = self.sky_view(scene.sky), scene.sky.sun
        radius = math.radians(sun.angle_deg / 2 if sun else 0.25)
        disc = np.zeros(3)
        if sun is not None:
            disc = _illuminance(sun) * sky.sun_transmittance / (math.pi * radius**2)
        return [
            (*sky.sun_direction, math.cos(radius)),
            (*sky_illuminance(scene.sky), 0.0),
            tuple(disc),
            *(tuple(light) for light in self._cloud_light(scene.sky)),
        ]


def sky_illuminance(atmosphere: Atmosphere) -> NDArray[np.float64]:
    """(3,) what the radiance of its `SkyView` is to be multiplied with."""
    return np.ones(3) if atmosphere.sun is None else _illuminance(atmosphere.sun)


def _illuminance(sun: Sun) -> NDArray[np.float64]:
    return sun.illuminance_lux * np.asarray(sun.color, dtype=np.float64)


def _towards(sun: Sun) -> Rgb:
    x, y, z = sun.direction
    length = math.sqrt(x * x + y * y + z * z) or 1.0
    return -x / length, -y / length, -z / length


def _strongest(lamps: tuple[Lamp, ...], view: View) -> list[Lamp]:
    """At most MAX_LAMPS, by the light they bring to where the camera is, in the scene's order."""

    def at_camera(lamp: Lamp) -> float:
        square = sum((a - b) ** 2 for a, b in zip(lamp.location, view.location, strict=True))
        return -lamp.intensity_cd * max(lamp.color) / max(square, 1.0)

    chosen = sorted(range(len(lamps)), key=lambda index: at_camera(lamps[index]))[:MAX_LAMPS]
    return [lamps[index] for index in sorted(chosen)]


def _lamp_position(lamp: Lamp, view: View) -> tuple[float, ...]:
    return (*np.subtract(lamp.location, view.location), 1 / max(lamp.radius_cm, 1e-3))


def _lamp_intensity(lamp: Lamp, view: View) -> tuple[float, ...]:
    outer = math.cos(math.radians(lamp.outer_cone_deg)) if lamp.kind == "spot" else -2.0
    return (*(lamp.intensity_cd * _CM2_PER_M2 * np.asarray(lamp.color)), outer)


def _lamp_direction(lamp: Lamp, view: View) -> tuple[float, ...]:
    if lamp.kind == "point":
        return 0.0, 0.0, 0.0, 1.0
    direction = np.asarray(lamp.direction, dtype=np.float64)
    direction = direction / max(float(np.linalg.norm(direction)), 1e-12)
    spread = math.cos(math.radians(lamp.inner_cone_deg)) - math.cos(math.radians(lamp.outer_cone_deg))
    return (*direction, 1 / max(spread, 1e-4))
