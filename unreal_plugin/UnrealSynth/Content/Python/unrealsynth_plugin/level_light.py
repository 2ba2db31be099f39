"""The light of a user's level: kept as it is, but for what a recipe asks for, and put back afterwards.

A sky light that captures in real time does not follow scene captures: they would show what the last viewport left
there, or black. While frames are made it captures when it is told to.
"""

from __future__ import annotations

from typing import Any, List, Optional, Set, Tuple

import unreal

from unrealsynth_plugin.compatibility import Settings, try_each
from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.lent_component import LentComponent
from unrealsynth_plugin.level_actors import components_of
from unrealsynth_plugin.vectors import rotator


class LevelLight:
    """Sun and sky lights of the open level. Drop it before the level is left."""

    def __init__(self, settings: Settings) -> None:
        suns = components_of(unreal.DirectionalLightComponent)
        # The atmosphere's sun, where a level has several directional lights.
        sun = next((sun for sun in suns if sun.atmosphere_sun_light), suns[0] if suns else None)
        self._sun = None if sun is None else _Sun(sun, settings)
        # Which of several lights the level is not known: the one that was switched on last.
        skies = [sky for sky in components_of(unreal.SkyLightComponent) if sky.visible and sky.affects_world]
        self._skies = [_Sky(sky, settings) for sky in skies]
        self._seen: Optional[Tuple[Optional[float], ...]] = None
        """The sun that the sky was captured under last, as the recipe has it."""
        self._settings = settings

    @property
    def is_changed(self) -> bool:
        """Whether a light is another one than the user's."""
        return any(part.is_changed for part in self._lent())

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

    def check(self, unsaved: Set[str]) -> None:
        """Raises PluginError, with all lights as they were, when the user has edited one that is changed.

        `unsaved` are packages with unsaved changes.
        """
        try:
            for part in self._lent():
                if part.is_changed:
                    part.check(unsaved)
        except PluginError:
            self.restore()
            raise

    def restore(self) -> None:
        """Puts all lights back as they were found, but for what the user has changed."""
        self._seen = None
        lights = [light.restore for light in (self._sun, *self._skies) if light is not None]
        try_each(lights, "put a light of the level back in order")

    def _lent(self) -> List[LentComponent]:
        return [light.lent for light in (self._sun, *self._skies) if light is not None]


class _Sun:
    def __init__(self, component: Any, settings: Settings) -> None:
        hint = " Where the level itself changes its sun, leave `light` out of the recipe."
        self.lent = LentComponent(component, settings, hint)
        self._rotation: Any = None
        """The level's own, in the world."""

    def set(self, light: SceneLight) -> None:
        sun = self.lent.find()
        if sun is None:
            return
        if not self.lent.is_changed:
            self._rotation = sun.get_world_rotation().copy()
        # A light that is not movable would keep its baked shadows.
        self.lent.make_movable()
        pitch = self._rotation.pitch if light.sun_elevation_deg is None else -light.sun_elevation_deg
        yaw = self._rotation.yaw if light.sun_azimuth_deg is None else light.sun_azimuth_deg
        self.lent.turn(rotator((0.0, pitch, yaw)))
        if light.sun_intensity_lux is not None:
            self.lent.change("intensity", light.sun_intensity_lux)
        if light.sun_temperature_k is not None:
            self.lent.change("use_temperature", True)
            self.lent.change("temperature", light.sun_temperature_k)

    def restore(self) -> None:
        self.lent.restore()


class _Sky:
    """A sky light. What it captures shows at the next tick."""

    def __init__(self, component: Any, settings: Settings) -> None:
        self.lent = LentComponent(component, settings)
        self._source = component.source_type
        # The flag means nothing on a static one.
        self._is_live = bool(component.real_time_capture) and component.mobility != unreal.ComponentMobility.STATIC
        self._intensity = 1.0
        """The level's own."""
        self._is_lent = False

    def capture_at_will(self) -> None:
        """Captures once what is captured in real time otherwise. Its mobility stays: that decides on baked light."""
        if self._is_live:
            self._stop_live_capture()

    def follow_sun(self) -> None:
        """Captures the sky anew, unless it shows a cube map of its own."""
        if self._is_live or self._source == unreal.SkyLightSourceType.SLS_CAPTURED_SCENE:
            self._make_movable()
            self._recapture()

    def set(self, factor: float) -> None:
        self._make_movable()
        self.lent.change("intensity", self._intensity * factor)

    def restore(self) -> None:
        self._is_lent = False
        if self.lent.is_changed:
            self.lent.restore()
            self._recapture()

    def _make_movable(self) -> None:
        # A static one cannot be changed.
        self.lent.make_movable()
        self._stop_live_capture()

    def _stop_live_capture(self) -> None:
        sky = self.lent.find()
        if sky is None or self._is_lent:
            return
        self._is_lent, self._intensity = True, float(sky.intensity)
        self.lent.change("real_time_capture", False)
        captured = unreal.SkyLightSourceType.SLS_CAPTURED_SCENE
        if self._is_live and not sky.real_time_capture:
            # In real time it is the sky that it shows, whatever cube map it has for other times.
            self.lent.change("source_type", captured)
        self._recapture()

    def _recapture(self) -> None:
        sky = self.lent.find()
        if sky is not None:
            sky.recapture_sky()
