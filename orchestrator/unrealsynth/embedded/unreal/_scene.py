"""From the actors of a world to what the renderer draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal.components import ActorComponent
from unrealsynth.embedded.unreal.lights import DirectionalLightComponent, LocalLightComponent
from unrealsynth.embedded.unreal.mesh_components import PrimitiveComponent, StaticMeshComponent
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

_C = TypeVar("_C", bound=ActorComponent)


def build_scene(capture: SceneCaptureComponent) -> scene.Scene:
    """All that a capture shows, at this moment."""
    world = capture._owner._world
    meshes = (
        mesh
        for mesh in _all(world, StaticMeshComponent)
        if mesh._shown() and _drawn_in_captures(mesh) and capture._shows(mesh)
    )
    instances = tuple(made for mesh in meshes if (made := mesh._scene_instance()) is not None)
    sky = _atmosphere(world) if capture._flag("Atmosphere") else None
    fogs = [fog._scene_fog() for fog in _all(world, ExponentialHeightFogComponent) if fog._shown()]
    fog = fogs[0] if fogs and capture._flag("Fog") else None
    if not capture._flag("Lighting"):
        return scene.Scene(instances, sky=sky, fog=fog)
    suns = [sun._scene_sun() for sun in _all(world, DirectionalLightComponent) if sun._lights()]
    lamps = tuple(lamp._scene_lamp() for lamp in _all(world, LocalLightComponent) if lamp._lights())
    sky_lights = [light._scene_sky_light() for light in _all(world, SkyLightComponent) if light._lights()]
    # Of several the one that was switched on last counts.
    sky_light = sky_lights[-1] if sky_lights and capture._flag("SkyLighting") else None
    # The renderer has one sun.
    return scene.Scene(instances, suns[0] if suns else None, sky, sky_light, lamps, fog)


def captured_sky(world: World, distance_cm: float) -> CapturedSky:
    """What a sky light sees: geometry only beyond `distance_cm`, else the atmosphere."""
    for mesh in _all(world, StaticMeshComponent):
        if mesh._shown() and _radius_cm(mesh) > distance_cm:
            made = mesh._scene_instance()
            if made is not None:
                return _dome(made)
    return CapturedSky(_atmosphere(world))


def _all(world: World, cls: type[_C]) -> Iterator[_C]:
    """The components of a class, in the order in which their actors were spawned."""
    for actor in world._actors.values():
        for component in actor._components:
            if isinstance(component, cls):
                yield component


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


def _radius_cm(component: StaticMeshComponent) -> float:
    """From the component's origin to the nearest side of its box."""
    low, high = (corner._tuple() for corner in component.get_local_bounds())
    scale = component._to_world()[2]
    return min(max(-a, b) * abs(size) for a, b, size in zip(low, high, scale, strict=True))


def _drawn_in_captures(component: PrimitiveComponent) -> bool:
    """Captures have no owner."""
    cls = PrimitiveComponent
    is_left_out = cls.hidden_in_scene_capture.read(component) or cls.only_owner_see.read(component)
    return not is_left_out and cls.render_in_main_pass.read(component)


def _atmosphere(world: World) -> scene.Atmosphere | None:
    """The sky of the world's atmosphere, lit by the light that is marked as its sun."""
    found = [item for item in _all(world, SkyAtmosphereComponent) if item._shown()]
    if not found:
        return None
    clouds = any(item._shown() for item in _all(world, VolumetricCloudComponent))
    lights = (light for light in _all(world, DirectionalLightComponent) if light._lights())
    suns = [sun._scene_sun() for sun in lights if DirectionalLightComponent.atmosphere_sun_light.read(sun)]
    rayleigh, mie = found[0]._factors()
    return scene.Atmosphere(suns[0] if suns else None, rayleigh, mie, clouds)
