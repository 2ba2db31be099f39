"""The light of a user's level: kept as it is, but for what a recipe asks for, and put back afterwards."""

from __future__ import annotations

from typing import Any, List

import unreal

from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.core.contract import SceneLight


class LevelLight:
    """Sun and sky light of the open level. Drop it before the level is left."""

    def __init__(self, settings: Settings) -> None:
        suns, skies = _components(unreal.DirectionalLightComponent), _components(unreal.SkyLightComponent)
        # The atmosphere's sun, where a level has several directional lights.
        sun = next((sun for sun in suns if sun.atmosphere_sun_light), suns[0] if suns else None)
        self._sun = None if sun is None else _Sun(sun)
        self._sky = _SkyBrightness(skies[0]) if skies else None
        self._settings = settings

    def apply(self, light: SceneLight) -> None:
        """Sets what is not None; nothing is touched where everything is."""
        of_sun = (light.sun_azimuth_deg, light.sun_elevation_deg, light.sun_intensity_lux, light.sun_temperature_k)
        if any(value is not None for value in of_sun):
            if self._sun is None:
                self._settings.note("a directional light for the recipe's `light`")
            else:
                self._sun.set(light)
                if self._sky is not None:
                    self._sky.recapture()
        if light.sky_brightness is not None:
            if self._sky is None:
                self._settings.note("a sky light for the recipe's `light`")
            else:
                self._sky.set(light.sky_brightness)

    def restore(self) -> None:
        """Puts all lights back as they were found."""
        for light in (self._sun, self._sky):
            if light is not None:
                light.restore()


class _Sun:
    def __init__(self, component: Any) -> None:
        self._component = component
        self._rotation = component.get_world_rotation()
        self._intensity = float(component.intensity)
        self._temperature = bool(component.use_temperature), float(component.temperature)
        self._mobility = component.mobility
        self._changed = False

    def set(self, light: SceneLight) -> None:
        sun, self._changed = self._component, True
        # A light that is not movable would keep its baked shadows.
        sun.set_mobility(unreal.ComponentMobility.MOVABLE)
        pitch = self._rotation.pitch if light.sun_elevation_deg is None else -light.sun_elevation_deg
        yaw = self._rotation.yaw if light.sun_azimuth_deg is None else light.sun_azimuth_deg
        sun.set_world_rotation(unreal.Rotator(roll=0.0, pitch=pitch, yaw=yaw), False, True)
        if light.sun_intensity_lux is not None:
            sun.set_intensity(light.sun_intensity_lux)
        if light.sun_temperature_k is not None:
            sun.set_use_temperature(True)
            sun.set_temperature(light.sun_temperature_k)

    def restore(self) -> None:
        if not self._changed:
            return
        sun, self._changed = self._component, False
        sun.set_world_rotation(self._rotation, False, True)
        sun.set_intensity(self._intensity)
        sun.set_use_temperature(self._temperature[0])
        sun.set_temperature(self._temperature[1])
        sun.set_mobility(self._mobility)


class _SkyBrightness:
    def __init__(self, component: Any) -> None:
        self._component = component
        self._intensity = float(component.intensity)
        self._follows_by_itself = bool(component.real_time_capture)
        self._mobility = component.mobility
        self._changed = False

    def set(self, factor: float) -> None:
        self._begin()
        self._component.set_intensity(self._intensity * factor)

    def recapture(self) -> None:
        self._begin()
        self._component.recapture_sky()

    def restore(self) -> None:
        if not self._changed:
            return
        self._changed = False
        self._component.set_intensity(self._intensity)
        self._component.set_real_time_capture(self._follows_by_itself)
        self._component.recapture_sky()
        self._component.set_mobility(self._mobility)

    def _begin(self) -> None:
        if not self._changed:
            self._changed = True
            # A static one cannot be changed, and one that captures in real time does not follow scene captures.
            self._component.set_mobility(unreal.ComponentMobility.MOVABLE)
            self._component.set_real_time_capture(False)
            self._component.recapture_sky()


def _components(kind: Any) -> List[Any]:
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors()
    return [component for actor in actors for component in actor.get_components_by_class(kind)]
