"""Light and background of an environment: sun, sky, sky light, clouds, fog and lamps.

The sky light is captured from what is seen as sky and captured anew whenever that changed: Unreal's real-time capture
does not follow scene captures.
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

import unreal

from unrealsynth_plugin.assets import import_panorama
from unrealsynth_plugin.compatibility import Settings, spawn
from unrealsynth_plugin.core.contract import Environment, SceneLight
from unrealsynth_plugin.core.settings import FogLayer, LampLight, Sky, SunLight
from unrealsynth_plugin.materials import linear_color, sky_material
from unrealsynth_plugin.spool import Spool
from unrealsynth_plugin.vectors import rotator

_SPHERE_RADIUS_CM = 50.0
_SKY_RADIUS_CM = 400_000.0
"""A sky light takes for sky what lies beyond a near plane at 1.5 km, and so beyond 2.6 km in its cube's corners."""
_PICTURE_YAW_DEG = -90.0
"""Where the middle of a long-lat picture lies in the cube map that the engine makes of it. Three quarters of its width
lie at +X, its edges at +Y (TextureCompressorModule.cpp, LookupLongLatDouble); here the middle belongs at +X."""


class SkyRig:
    """All light of an environment, in the open map."""

    def __init__(self, environment: Environment, spool: Spool, settings: Settings) -> None:
        self._settings = settings
        self._captured: Optional[Tuple[Optional[float], ...]] = None
        self._dome: Optional[_Dome] = None
        self._sun: Any = None
        sky = environment.sky
        if environment.sun is not None:
            self._sun = _make_sun(environment.sun, settings)
        if sky.hdr is not None or sky.color is not None:
            self._dome = _Dome(sky, spool, settings)
        else:
            spawn(unreal.SkyAtmosphere, "atmosphere")
            if sky.clouds:
                spawn(unreal.VolumetricCloud, "clouds")
        self._sky_light = _make_sky_light(environment.ground is not None, settings)
        if environment.fog is not None:
            _make_fog(environment.fog)
        for number, lamp in enumerate(environment.lamps):
            _make_lamp(lamp, number, settings)

    def apply(self, light: SceneLight) -> None:
        """Sets the light of a frame through setters, which do not register a component anew."""
        if self._sun is not None:
            component = self._sun.light_component
            pitch, yaw = -(light.sun_elevation_deg or 0.0), light.sun_azimuth_deg or 0.0
            self._sun.set_actor_rotation(rotator((0.0, pitch, yaw)), True)
            component.set_intensity(light.sun_intensity_lux or 0.0)
            if light.sun_temperature_k is not None:
                component.set_temperature(light.sun_temperature_k)
        self._capture_sky(light)
        if light.sky_brightness is not None:
            self._sky_light.light_component.set_intensity(light.sky_brightness)
            if self._dome is not None:
                self._dome.set_brightness(light.sky_brightness)

    def _capture_sky(self, light: SceneLight) -> None:
        # A dome does not depend on the sun; it is captured once, at a brightness of 1.
        seen: Tuple[Optional[float], ...] = ()
        if self._dome is None:
            seen = (
                light.sun_azimuth_deg,
                light.sun_elevation_deg,
                light.sun_intensity_lux,
                light.sun_temperature_k,
            )
        if seen != self._captured:
            self._captured = seen
            self._sky_light.light_component.recapture_sky()


class _Dome:
    """A sphere around everything that shines inwards: an `.hdr` picture or a plain colour."""

    def __init__(self, sky: Sky, spool: Spool, settings: Settings) -> None:
        self._color = sky.color or (1.0, 1.0, 1.0)
        panorama = import_panorama(spool.file(sky.hdr), settings) if sky.hdr is not None else None
        actor = spawn(unreal.StaticMeshActor, "sky")
        component = actor.static_mesh_component
        component.set_mobility(unreal.ComponentMobility.MOVABLE)
        component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Sphere"))
        component.set_cast_shadow(False)
        for name in ("affect_dynamic_indirect_lighting", "affect_distance_field_lighting", "visible_in_ray_tracing"):
            settings.apply(component, False, name)
        scale = _SKY_RADIUS_CM / _SPHERE_RADIUS_CM
        actor.set_actor_scale3d(unreal.Vector(scale, scale, scale))
        actor.set_actor_rotation(rotator((0.0, 0.0, sky.hdr_yaw - _PICTURE_YAW_DEG)), True)
        self._material = component.create_dynamic_material_instance(0, sky_material(panorama))
        if panorama is not None:
            self._material.set_texture_parameter_value("Sky", panorama)
        self.set_brightness(1.0)

    def set_brightness(self, brightness: float) -> None:
        self._material.set_vector_parameter_value("Color", linear_color(self._color, brightness))


def _make_sun(sun: SunLight, settings: Settings) -> Any:
    actor = spawn(unreal.DirectionalLight, "sun", (0.0, 0.0, 1000.0))
    component = actor.light_component
    # Movable before anything else, or the editor asks for its lighting to be built.
    component.set_mobility(unreal.ComponentMobility.MOVABLE)
    component.set_atmosphere_sun_light(True)
    component.set_atmosphere_sun_light_index(0)
    component.set_light_source_angle(sun.angle)
    settings.apply(component, True, "use_temperature")
    settings.apply(component, True, "cast_shadows")
    return actor


def _make_sky_light(has_ground: bool, settings: Settings) -> Any:
    actor = spawn(unreal.SkyLight, "sky light", (0.0, 0.0, 500.0))
    component = actor.light_component
    component.set_mobility(unreal.ComponentMobility.MOVABLE)
    settings.apply(component, False, "real_time_capture")
    settings.apply(component, unreal.SkyLightSourceType.SLS_CAPTURED_SCENE, "source_type")
    # Where a ground hides the lower half, no sky light comes from there.
    settings.apply(component, has_ground, "lower_hemisphere_is_black")
    return actor


def _make_fog(fog: FogLayer) -> None:
    component = spawn(unreal.ExponentialHeightFog, "fog").component
    component.set_fog_density(fog.density)
    component.set_fog_height_falloff(fog.falloff)
    component.set_start_distance(fog.start)
    component.set_fog_inscattering_color(linear_color(fog.color))


def _make_lamp(lamp: LampLight, number: int, settings: Settings) -> None:
    spot = lamp.cone is not None
    actor = spawn(unreal.SpotLight if spot else unreal.PointLight, f"lamp {number}", lamp.location)
    component = actor.light_component
    component.set_mobility(unreal.ComponentMobility.MOVABLE)
    component.set_intensity_units(unreal.LightUnits.CANDELAS)
    component.set_intensity(lamp.intensity)
    component.set_attenuation_radius(lamp.radius)
    settings.apply(component, True, "use_temperature")
    component.set_temperature(lamp.temperature)
    settings.apply(component, True, "cast_shadows")
    if spot:
        actor.set_actor_rotation(rotator(lamp.rotation), True)
        component.set_outer_cone_angle(lamp.cone)
