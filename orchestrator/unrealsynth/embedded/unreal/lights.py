"""Sun and lamps, in Unreal's units."""

from __future__ import annotations

import math

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal import _rotation
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, object_kind
from unrealsynth.embedded.unreal._object import Property
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal.actors import Actor
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.enums import ComponentMobility, LightUnits
from unrealsynth.embedded.unreal.structs import Color, LinearColor
from unrealsynth.errors import EditorError

WHITE = Color(255, 255, 255, 255)


class LightComponentBase(SceneComponent):
    _abstract = True
    intensity = Property(FLOAT, math.pi, attribute="r")
    light_color = Property(struct_kind(Color), WHITE, attribute="r")
    affects_world = Property(BOOL, default=True, attribute="r")
    cast_shadows = Property(BOOL, default=True, attribute="r")
    cast_static_shadows = Property(BOOL, default=True, attribute="r")
    cast_dynamic_shadows = Property(BOOL, default=True, attribute="r")
    affect_global_illumination = Property(BOOL, default=True, attribute="r")
    indirect_lighting_intensity = Property(FLOAT, 1.0, attribute="r")
    volumetric_scattering_intensity = Property(FLOAT, 1.0, attribute="r")

    def set_cast_shadows(self, new_value: bool) -> None:
        LightComponentBase.cast_shadows.store(self, new_value)

    def get_light_color(self) -> LinearColor:
        return LinearColor(*LightComponentBase.light_color.read(self)._linear(), 1.0)

    def _lights(self) -> bool:
        """Whether it takes part: static light is baked, and nothing here bakes."""
        static = SceneComponent.mobility.read(self) == ComponentMobility.STATIC
        return self._shown() and LightComponentBase.affects_world.read(self) and not static


class LightComponent(LightComponentBase):
    _abstract = True
    temperature = Property(FLOAT, 6500.0, attribute="r")
    use_temperature = Property(BOOL, attribute="r")
    specular_scale = Property(FLOAT, 1.0, attribute="r")
    diffuse_scale = Property(FLOAT, 1.0, attribute="r")
    shadow_bias = Property(FLOAT, 0.5, attribute="r")
    cast_translucent_shadows = Property(BOOL, attribute="r")

    def set_intensity(self, new_intensity: float) -> None:
        LightComponentBase.intensity.store(self, new_intensity)

    def set_light_color(self, new_light_color: LinearColor, srgb: bool = True) -> None:
        LightComponentBase.light_color.store(self, LinearColor.cast(new_light_color).to_color(srgb))

    def set_temperature(self, new_temperature: float) -> None:
        LightComponent.temperature.store(self, new_temperature)

    def set_use_temperature(self, new_value: bool) -> None:
        LightComponent.use_temperature.store(self, new_value)

    def set_indirect_lighting_intensity(self, new_intensity: float) -> None:
        LightComponentBase.indirect_lighting_intensity.store(self, new_intensity)

    def set_volumetric_scattering_intensity(self, new_intensity: float) -> None:
        LightComponentBase.volumetric_scattering_intensity.store(self, new_intensity)

    def set_specular_scale(self, new_value: float) -> None:
        LightComponent.specular_scale.store(self, new_value)

    def _color(self) -> scene.Rgb:
        red, green, blue = LightComponentBase.light_color.read(self)._linear()
        if not LightComponent.use_temperature.read(self):
            return red, green, blue
        warm = color_of_temperature(LightComponent.temperature.read(self))
        return red * warm[0], green * warm[1], blue * warm[2]


class DirectionalLightComponent(LightComponent):
    """Intensity in lux. The light goes along the component's X axis."""

    light_source_angle = Property(FLOAT, 0.5357, attribute="r")
    light_source_soft_angle = Property(FLOAT, attribute="r")
    atmosphere_sun_light = Property(BOOL, default=True, attribute="r")
    atmosphere_sun_light_index = Property(INT32, attribute="r")
    cast_shadows_on_clouds = Property(BOOL, attribute="r")
    cast_cloud_shadows = Property(BOOL, attribute="r")

    def set_light_source_angle(self, new_value: float) -> None:
        DirectionalLightComponent.light_source_angle.store(self, new_value)

    def set_light_source_soft_angle(self, new_value: float) -> None:
        DirectionalLightComponent.light_source_soft_angle.store(self, new_value)

    def set_atmosphere_sun_light(self, new_value: bool) -> None:
        DirectionalLightComponent.atmosphere_sun_light.store(self, new_value)

    def set_atmosphere_sun_light_index(self, new_value: int) -> None:
        DirectionalLightComponent.atmosphere_sun_light_index.store(self, new_value)

    def _scene_sun(self) -> scene.Sun:
        return scene.Sun(
            _rotation.axes(self._to_world()[1])[0],
            LightComponentBase.intensity.read(self),
            self._color(),
            DirectionalLightComponent.light_source_angle.read(self),
            LightComponentBase.cast_shadows.read(self),
        )


class LocalLightComponent(LightComponent):
    _abstract = True
    intensity_units = Property(enum_kind(LightUnits), attribute="r")
    attenuation_radius = Property(FLOAT, 1000.0, attribute="r")

    def set_intensity_units(self, new_intensity_units: LightUnits) -> None:
        """The number stays: only what it means changes."""
        LocalLightComponent.intensity_units.store(self, new_intensity_units)

    def set_attenuation_radius(self, new_radius: float) -> None:
        LocalLightComponent.attenuation_radius.store(self, new_radius)

    def _solid_angle(self) -> float:
        """What a flux in lumens is spread over, sr."""
        return 4.0 * math.pi

    def _candela(self) -> float:
        """The engine's own conversions; a unitless light is 16 / 10⁴ cd for each unit, as in Unreal's lights."""
        intensity, units = LightComponentBase.intensity.read(self), LocalLightComponent.intensity_units.read(self)
        if units == LightUnits.CANDELAS:
            return intensity
        if units == LightUnits.LUMENS:
            return intensity / self._solid_angle()
        if units == LightUnits.UNITLESS:
            return intensity * 16.0 / 1e4
        raise EditorError(
            f"{self._owner._label}: the embedded editor does not know light in {units.name}; use candelas."
        )

    def _scene_lamp(self) -> scene.Lamp:
        raise NotImplementedError


class PointLightComponent(LocalLightComponent):
    source_radius = Property(FLOAT, attribute="r")
    source_length = Property(FLOAT, attribute="r")
    use_inverse_squared_falloff = Property(BOOL, default=True, attribute="r")

    def set_source_radius(self, new_value: float) -> None:
        PointLightComponent.source_radius.store(self, new_value)

    def _scene_lamp(self) -> scene.Lamp:
        return scene.Lamp(
            "point",
            self._to_world()[0],
            self._candela(),
            self._color(),
            LocalLightComponent.attenuation_radius.read(self),
        )


class SpotLightComponent(PointLightComponent):
    """The light goes along the component's X axis; cone angles are half angles in degrees."""

    inner_cone_angle = Property(FLOAT, attribute="r")
    outer_cone_angle = Property(FLOAT, 44.0, attribute="r")

    def set_inner_cone_angle(self, new_inner_cone_angle: float) -> None:
        SpotLightComponent.inner_cone_angle.store(self, new_inner_cone_angle)

    def set_outer_cone_angle(self, new_outer_cone_angle: float) -> None:
        SpotLightComponent.outer_cone_angle.store(self, new_outer_cone_angle)

    def _solid_angle(self) -> float:
        return 2.0 * math.pi * (1.0 - math.cos(math.radians(self._cones()[1])))

    def _cones(self) -> tuple[float, float]:
        inner = min(max(SpotLightComponent.inner_cone_angle.read(self), 0.0), 89.0)
        return inner, min(max(SpotLightComponent.outer_cone_angle.read(self), inner + 0.001), 89.001)

    def _scene_lamp(self) -> scene.Lamp:
        location, rotation, _ = self._to_world()
        inner, outer = self._cones()
        return scene.Lamp(
            "spot",
            location,
            self._candela(),
            self._color(),
            LocalLightComponent.attenuation_radius.read(self),
            _rotation.axes(rotation)[0],
            inner,
            outer,
        )


class Light(Actor):
    _abstract = True
    light_component = Property(object_kind("LightComponent", LightComponent), attribute="r")

    def _build_light(self, component: LightComponent, intensity: float) -> None:
        Light.light_component.store(self, component)
        Actor.root_component.store(self, component)
        SceneComponent.mobility.store(component, ComponentMobility.STATIONARY)
        LightComponentBase.intensity.store(component, intensity)

    def set_enabled(self, set_enabled: bool) -> None:
        self._root().set_visibility(set_enabled)

    def is_enabled(self) -> bool:
        return self._root().is_visible()


class DirectionalLight(Light):
    directional_light_component = Property(
        object_kind("DirectionalLightComponent", DirectionalLightComponent), attribute="", edit_const=True
    )

    def _build(self) -> None:
        component = self._add(DirectionalLightComponent, "LightComponent0")
        DirectionalLight.directional_light_component.store(self, component)
        self._build_light(component, 10.0)


class PointLight(Light):
    point_light_component = Property(
        object_kind("PointLightComponent", PointLightComponent), attribute="r", edit_const=True
    )

    def _build(self) -> None:
        component = self._add(PointLightComponent, "LightComponent0")
        PointLight.point_light_component.store(self, component)
        self._build_light(component, 5000.0)


class SpotLight(Light):
    spot_light_component = Property(
        object_kind("SpotLightComponent", SpotLightComponent), attribute="r", edit_const=True
    )

    def _build(self) -> None:
        component = self._add(SpotLightComponent, "LightComponent0")
        SpotLight.spot_light_component.store(self, component)
        self._build_light(component, 5000.0)


def color_of_temperature(kelvin: float) -> scene.Rgb:
    """Linear Rec. 709 colour of luminance 1: Krystek's approximation of the Planckian locus (1985), 1000 to 15000 K."""
    t = min(max(kelvin, 1000.0), 15000.0)
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) / (1.0 + 8.42420235e-4 * t + 7.08145163e-7 * t * t)
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) / (1.0 - 2.89741816e-5 * t + 1.61456053e-7 * t * t)
    x, y = 3.0 * u / (2.0 * u - 8.0 * v + 4.0), 2.0 * v / (2.0 * u - 8.0 * v + 4.0)
    big_x, big_z = x / y, (1.0 - x - y) / y
    return (
        max(3.2404542 * big_x - 1.5371385 - 0.4985314 * big_z, 0.0),
        max(-0.9692660 * big_x + 1.8760108 + 0.0415560 * big_z, 0.0),
        max(0.0556434 * big_x - 0.2040259 + 1.0572252 * big_z, 0.0),
    )
