"""From the actors of a world to what the renderer draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal.components import PrimitiveComponent, SceneComponent, StaticMeshComponent
from unrealsynth.embedded.unreal.lights import DirectionalLightComponent, LocalLightComponent
from unrealsynth.embedded.unreal.sky import (
    CapturedSky,
    ExponentialHeightFogComponent,
    SkyAtmosphereComponent,
    SkyLightComponent,
    VolumetricCloudComponent,
)

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal.capture import SceneCaptureComponent
    from unrealsynth.embedded.unreal.world import World


def build_scene(capture: SceneCaptureComponent) -> scene.Scene:
    """All that a capture shows, at this moment."""
    instances: list[scene.Instance] = []
    lamps: list[scene.Lamp] = []
    sky_light: scene.SkyLight | None = None
    fog: scene.Fog | None = None
    world = capture._owner._world
    for actor in world._actors.values():
        for component in actor._components:
            if isinstance(component, StaticMeshComponent):
                if component._shown() and _drawn_in_captures(component) and capture._shows(component):
                    made = component._scene_instance()
                    if made is not None:
                        instances.append(made)
            elif isinstance(component, LocalLightComponent):
                if component._lights():
                    lamps.append(component._scene_lamp())
            elif isinstance(component, SkyLightComponent):
                if component._lights() and capture._flag("SkyLighting"):
                    sky_light = component._scene_sky_light()
            elif isinstance(component, ExponentialHeightFogComponent):
                if component._shown() and capture._flag("Fog"):
                    fog = component._scene_fog()
    sky = _atmosphere(world) if capture._flag("Atmosphere") else None
    if not capture._flag("Lighting"):
        return scene.Scene(tuple(instances), sky=sky, fog=fog)
    return scene.Scene(tuple(instances), _sun(world), sky, sky_light, tuple(lamps), fog)


def captured_sky(world: World, distance_cm: float) -> CapturedSky:
    """What a sky light sees: geometry only beyond `distance_cm`, else the atmosphere."""
    for actor in world._actors.values():
        for component in actor._components:
            if isinstance(component, StaticMeshComponent) and component._shown():
                made = component._scene_instance()
                if made is not None and _radius_cm(made) > distance_cm:
                    return _dome(made)
    return CapturedSky(_atmosphere(world))


def _dome(instance: scene.Instance) -> CapturedSky:
    material = instance.materials[0]
    if material.emissive_panorama is not None:
        return CapturedSky(material.emissive_panorama, material.emissive)
    return CapturedSky(_plain_panorama(), material.emissive)


_WHITE: list[scene.Panorama] = []


def _plain_panorama() -> scene.Panorama:
    """Radiance 1 from everywhere; always the same object, so that it is prepared once."""
    if not _WHITE:
        _WHITE.append(scene.Panorama(np.ones((2, 4, 3), np.float32)))
    return _WHITE[0]


def _radius_cm(instance: scene.Instance) -> float:
    """From the instance's origin to the nearest side of its box."""
    points = [part.positions for part in instance.mesh.primitives]
    extent = np.min([np.abs(part).max(axis=0) for part in points], axis=0)
    scale = np.linalg.norm(instance.transform[:3, :3], axis=0)
    return float((extent * scale).min())


def _drawn_in_captures(component: PrimitiveComponent) -> bool:
    cls = PrimitiveComponent
    return not cls.hidden_in_scene_capture.read(component) and cls.render_in_main_pass.read(component)


def _sun(world: World) -> scene.Sun | None:
    """The first directional light; the renderer has one sun."""
    for actor in world._actors.values():
        for component in actor._components:
            if isinstance(component, DirectionalLightComponent) and component._lights():
                return component._scene_sun()
    return None


def _atmosphere(world: World) -> scene.Atmosphere | None:
    found: SkyAtmosphereComponent | None = None
    clouds = False
    for actor in world._actors.values():
        for component in actor._components:
            if isinstance(component, SceneComponent) and component._shown():
                if isinstance(component, SkyAtmosphereComponent):
                    found = component
                clouds = clouds or isinstance(component, VolumetricCloudComponent)
    if found is None:
        return None
    return scene.Atmosphere(_atmosphere_sun(world), *found._factors(), clouds)


def _atmosphere_sun(world: World) -> scene.Sun | None:
    for actor in world._actors.values():
        for component in actor._components:
            if isinstance(component, DirectionalLightComponent) and component._lights():
                if DirectionalLightComponent.atmosphere_sun_light.read(component):
                    return component._scene_sun()
    return None
