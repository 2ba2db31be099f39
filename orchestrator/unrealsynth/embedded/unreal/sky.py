"""Atmosphere, clouds, fog and sky light.

A captured sky light captures once at the tick after it has entered the world, and keeps what it saw until
`recapture_sky` is called: turning the sun changes nothing in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, object_kind
from unrealsynth.embedded.unreal._object import Property
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal.actors import Actor, Info
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.enums import ComponentMobility, SkyLightSourceType
from unrealsynth.embedded.unreal.lights import LightComponentBase
from unrealsynth.embedded.unreal.materials import MATERIAL, MaterialInterface
from unrealsynth.embedded.unreal.structs import Color, LinearColor
from unrealsynth.embedded.unreal.textures import CUBE_YAW_DEG, TEXTURE_CUBE, TextureCube


@dataclass(frozen=True)
class CapturedSky:
    """What a sky light saw: a sky, and a factor on it."""

    source: scene.Sky
    tint: scene.Rgb = (1.0, 1.0, 1.0)
    angle_deg: float = 0.0


class SkyLightComponent(LightComponentBase):
    __slots__ = ("_captured", "_made", "_pending")
    _captured: CapturedSky | None
    """None before the first time."""
    _made: int
    """The frame in which it entered the world."""
    _pending: tuple[int, CapturedSky] | None
    """What it captured last, and the frame from which on it shows that."""
    source_type = Property(enum_kind(SkyLightSourceType), attribute="r")
    cubemap = Property(TEXTURE_CUBE, attribute="r")
    source_cubemap_angle = Property(FLOAT, attribute="r")
    cubemap_resolution = Property(INT32, 128, attribute="r")
    real_time_capture = Property(BOOL, attribute="r")
    sky_distance_threshold = Property(FLOAT, 150000.0, attribute="r")
    lower_hemisphere_is_black = Property(BOOL, default=True, attribute="r")
    lower_hemisphere_color = Property(struct_kind(LinearColor), (0.0, 0.0, 0.0, 1.0), attribute="r")

    def _post_init(self) -> None:
        super()._post_init()
        self._captured = None
        self._made = _runtime.engine().frame
        self._pending = None

    def set_intensity(self, new_intensity: float) -> None:
        LightComponentBase.intensity.store(self, new_intensity)

    def set_light_color(self, new_light_color: LinearColor) -> None:
        LightComponentBase.light_color.store(self, LinearColor.cast(new_light_color).to_color())

    def set_indirect_lighting_intensity(self, new_intensity: float) -> None:
        LightComponentBase.indirect_lighting_intensity.store(self, new_intensity)

    def set_volumetric_scattering_intensity(self, new_intensity: float) -> None:
        LightComponentBase.volumetric_scattering_intensity.store(self, new_intensity)

    def set_cubemap(self, new_cubemap: TextureCube | None) -> None:
        SkyLightComponent.cubemap.store(self, new_cubemap)

    def set_source_cubemap_angle(self, new_value: float) -> None:
        SkyLightComponent.source_cubemap_angle.store(self, new_value)

    def set_real_time_capture(self, real_time_capture: bool) -> None:
        """With it on, nothing is ever captured: Unreal's real-time capture does not follow scene captures."""
        static = SceneComponent.mobility.read(self) == ComponentMobility.STATIC
        if not static and SkyLightComponent.real_time_capture.store(self, real_time_capture):
            self.recapture_sky()

    def set_lower_hemisphere_color(self, lower_hemisphere_color: LinearColor) -> None:
        SkyLightComponent.lower_hemisphere_color.store(self, lower_hemisphere_color)

    def recapture_sky(self) -> None:
        if not SkyLightComponent.real_time_capture.read(self):
            engine = _runtime.engine()
            engine.activity += 1
            self._pending = engine.frame + engine.switches.sky_ticks, self._sky()

    def _sky(self) -> CapturedSky:
        from unrealsynth.embedded.unreal._scene import captured_sky

        return captured_sky(self._owner._world, SkyLightComponent.sky_distance_threshold.read(self))

    def _scene_sky_light(self) -> scene.SkyLight:
        cls = SkyLightComponent
        if self._pending is not None and _runtime.engine().frame >= self._pending[0]:
            self._captured, self._pending = self._pending[1], None
        live = cls.real_time_capture.read(self)
        if self._captured is None and self._pending is None and not live and _runtime.engine().frame > self._made:
            self._captured = self._sky()
        seen = self._captured or CapturedSky(None)
        if not live and cls.source_type.read(self) == SkyLightSourceType.SLS_SPECIFIED_CUBEMAP:
            cube = cls.cubemap.read(self)
            angle = cls.source_cubemap_angle.read(self) + CUBE_YAW_DEG
            seen = CapturedSky(cube._panorama if cube else None, angle_deg=angle)
        color = LightComponentBase.light_color.read(self)._linear()
        tint = (color[0] * seen.tint[0], color[1] * seen.tint[1], color[2] * seen.tint[2])
        dark_below = cls.lower_hemisphere_is_black.read(self)
        return scene.SkyLight(seen.source, LightComponentBase.intensity.read(self), tint, dark_below, seen.angle_deg)


class SkyLight(Info):
    light_component = Property(object_kind("SkyLightComponent", SkyLightComponent), attribute="r", edit_const=True)

    def _build(self) -> None:
        component = self._add(SkyLightComponent, "SkyLightComponent0")
        SkyLight.light_component.store(self, component)
        Actor.root_component.store(self, component)
        SceneComponent.mobility.store(component, ComponentMobility.STATIONARY)
        LightComponentBase.intensity.store(component, 1.0)


class SkyAtmosphereComponent(SceneComponent):
    rayleigh_scattering_scale = Property(FLOAT, 0.0331, attribute="r")
    mie_scattering_scale = Property(FLOAT, 0.003996, attribute="r")
    mie_absorption_scale = Property(FLOAT, 0.000444, attribute="r")
    mie_anisotropy = Property(FLOAT, 0.8, attribute="r")
    multi_scattering_factor = Property(FLOAT, 1.0, attribute="r")
    ground_albedo = Property(struct_kind(Color), Color(170, 170, 170, 255), attribute="r")

    def set_rayleigh_scattering_scale(self, new_value: float) -> None:
        SkyAtmosphereComponent.rayleigh_scattering_scale.store(self, new_value)

    def set_mie_scattering_scale(self, new_value: float) -> None:
        SkyAtmosphereComponent.mie_scattering_scale.store(self, new_value)

    def set_ground_albedo(self, new_value: Color) -> None:
        SkyAtmosphereComponent.ground_albedo.store(self, new_value)

    def _factors(self) -> tuple[float, float]:
        """Rayleigh and Mie scattering as multiples of the Earth's."""
        cls = SkyAtmosphereComponent
        return cls.rayleigh_scattering_scale.read(self) / 0.0331, cls.mie_scattering_scale.read(self) / 0.003996


class SkyAtmosphere(Info):
    sky_atmosphere_component = Property(
        object_kind("SkyAtmosphereComponent", SkyAtmosphereComponent), attribute="r", edit_const=True
    )

    def _build(self) -> None:
        component = self._add(SkyAtmosphereComponent, "SkyAtmosphereComponent")
        SkyAtmosphere.sky_atmosphere_component.store(self, component)
        Actor.root_component.store(self, component)


class ExponentialHeightFogComponent(SceneComponent):
    fog_density = Property(FLOAT, 0.02, attribute="r")
    fog_height_falloff = Property(FLOAT, 0.2, attribute="r")
    fog_inscattering_luminance = Property(struct_kind(LinearColor), (0.0, 0.0, 0.0, 1.0), attribute="r")
    fog_max_opacity = Property(FLOAT, 1.0, attribute="r")
    start_distance = Property(FLOAT, attribute="r")
    end_distance = Property(FLOAT, attribute="r")
    fog_cutoff_distance = Property(FLOAT, attribute="r")
    enable_volumetric_fog = Property(BOOL, attribute="r")
    volumetric_fog_distance = Property(FLOAT, 6000.0, attribute="r")

    def set_fog_density(self, value: float) -> None:
        ExponentialHeightFogComponent.fog_density.store(self, value)

    def set_fog_height_falloff(self, value: float) -> None:
        ExponentialHeightFogComponent.fog_height_falloff.store(self, value)

    def set_fog_inscattering_color(self, value: LinearColor) -> None:
        ExponentialHeightFogComponent.fog_inscattering_luminance.store(self, value)

    def set_fog_max_opacity(self, value: float) -> None:
        ExponentialHeightFogComponent.fog_max_opacity.store(self, value)

    def set_start_distance(self, value: float) -> None:
        ExponentialHeightFogComponent.start_distance.store(self, value)

    def set_end_distance(self, value: float) -> None:
        ExponentialHeightFogComponent.end_distance.store(self, value)

    def set_volumetric_fog(self, new_value: bool) -> None:
        ExponentialHeightFogComponent.enable_volumetric_fog.store(self, new_value)

    def set_volumetric_fog_distance(self, new_value: float) -> None:
        ExponentialHeightFogComponent.volumetric_fog_distance.store(self, new_value)

    def _scene_fog(self) -> scene.Fog:
        cls = ExponentialHeightFogComponent
        return scene.Fog(
            cls.fog_density.read(self),
            cls.fog_height_falloff.read(self),
            self._to_world()[0][2],
            cls.start_distance.read(self),
            cls.fog_max_opacity.read(self),
            cls.fog_inscattering_luminance.read(self)._tuple()[:3],
        )


class ExponentialHeightFog(Info):
    component = Property(
        object_kind("ExponentialHeightFogComponent", ExponentialHeightFogComponent), attribute="r", edit_const=True
    )

    def _build(self) -> None:
        component = self._add(ExponentialHeightFogComponent, "HeightFogComponent0")
        ExponentialHeightFog.component.store(self, component)
        Actor.root_component.store(self, component)


class VolumetricCloudComponent(SceneComponent):
    layer_bottom_altitude = Property(FLOAT, 5.0, attribute="r")
    layer_height = Property(FLOAT, 10.0, attribute="r")
    material = Property(MATERIAL, attribute="r")

    def set_layer_bottom_altitude(self, new_value: float) -> None:
        VolumetricCloudComponent.layer_bottom_altitude.store(self, new_value)

    def set_layer_height(self, new_value: float) -> None:
        VolumetricCloudComponent.layer_height.store(self, new_value)

    def set_material(self, new_value: MaterialInterface | None) -> None:
        VolumetricCloudComponent.material.store(self, new_value)


class VolumetricCloud(Info):
    volumetric_cloud_component = Property(
        object_kind("VolumetricCloudComponent", VolumetricCloudComponent), attribute="r", edit_const=True
    )

    def _build(self) -> None:
        component = self._add(VolumetricCloudComponent, "VolumetricCloudComponent")
        VolumetricCloud.volumetric_cloud_component.store(self, component)
        Actor.root_component.store(self, component)
