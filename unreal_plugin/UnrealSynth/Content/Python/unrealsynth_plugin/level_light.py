"""The light of a user's level: kept as it is, but for what a recipe asks for, and put back afterwards.

A sky light that captures in real time does not follow scene captures: they would show what the last viewport left
there, or black. While frames are made it captures when it is told to.
"""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

import unreal

from unrealsynth_plugin.compatibility import Settings, set_silently
from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.own_assets import with_children


class LevelLight:
    """Sun and sky lights of the open level. Drop it before the level is left."""

    def __init__(self, settings: Settings) -> None:
        suns = _components(unreal.DirectionalLightComponent)
        # The atmosphere's sun, where a level has several directional lights.
        sun = next((sun for sun in suns if sun.atmosphere_sun_light), suns[0] if suns else None)
        self._sun = None if sun is None else _Sun(sun)
        # Which of several lights the level is not known: the one that was switched on last.
        skies = [sky for sky in _components(unreal.SkyLightComponent) if sky.visible and sky.affects_world]
        self._skies = [_Sky(sky, settings) for sky in skies]
        self._seen: Optional[Tuple[Optional[float], ...]] = None
        """The sun that the sky was captured under last, as the recipe has it."""
        self._settings = settings

    def apply(self, light: SceneLight) -> None:
        """Sets what is not None. Where everything is, only a sky light that captures in real time is touched."""
        of_sun = (light.sun_azimuth_deg, light.sun_elevation_deg, light.sun_intensity_lux, light.sun_temperature_k)
        if any(value is not None for value in of_sun):
            if self._sun is None:
                self._settings.note("a directional light for the recipe's `light`")
            else:
                self._sun.set(light)
                if of_sun != self._seen:
                    for sky in self._skies:
                        sky.follow_sun()
        self._seen = of_sun
        for sky in self._skies:
            sky.capture_at_will()
        if light.sky_brightness is not None:
            if not self._skies:
                self._settings.note("a sky light for the recipe's `light`")
            for sky in self._skies:
                sky.set(light.sky_brightness)

    def restore(self) -> None:
        """Puts all lights back as they were found."""
        self._seen = None
        for light in (self._sun, *self._skies):
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


class _Sky:
    """A sky light. It is changed by setters only, which mark no level; what it captures shows at the next tick."""

    def __init__(self, component: Any, settings: Settings) -> None:
        self._component = component
        self._settings = settings
        self._intensity = float(component.intensity)
        self._source = component.source_type
        self._flag = bool(component.real_time_capture)
        self._mobility = component.mobility
        # The flag means nothing on a static one.
        self._is_live = self._flag and self._mobility != unreal.ComponentMobility.STATIC
        self._changed = False

    def capture_at_will(self) -> None:
        """Captures once what is captured in real time otherwise. Its mobility stays: that decides on baked light."""
        if self._is_live:
            self._begin()

    def follow_sun(self) -> None:
        """Captures the sky anew, unless it shows a cube map of its own."""
        if self._is_live or self._source == unreal.SkyLightSourceType.SLS_CAPTURED_SCENE:
            self._free()
            self._component.recapture_sky()

    def set(self, factor: float) -> None:
        self._free()
        self._component.set_intensity(self._intensity * factor)

    def restore(self) -> None:
        if not self._changed:
            return
        sky, self._changed = self._component, False
        sky.set_intensity(self._intensity)
        if sky.source_type != self._source:
            set_silently(sky, "source_type", self._source, self._settings)
        sky.set_real_time_capture(self._flag)
        sky.recapture_sky()
        sky.set_mobility(self._mobility)

    def _free(self) -> None:
        # A static one cannot be changed.
        self._component.set_mobility(unreal.ComponentMobility.MOVABLE)
        self._begin()

    def _begin(self) -> None:
        if self._changed:
            return
        sky, self._changed = self._component, True
        sky.set_real_time_capture(False)
        captured = unreal.SkyLightSourceType.SLS_CAPTURED_SCENE
        if self._is_live and self._source != captured:
            # In real time it is the sky that it shows, whatever cube map it has for other times.
            set_silently(sky, "source_type", captured, self._settings)
        sky.recapture_sky()


def _components(kind: Any) -> List[Any]:
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors()
    return [component for actor in with_children(actors) for component in actor.get_components_by_class(kind)]
