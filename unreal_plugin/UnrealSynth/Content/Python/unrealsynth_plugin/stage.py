"""An environment in a blank map of its own: light, ground and props.

Everything solid renders into custom depth with stencil 0, so that it hides what stands behind it in the id image too.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Tuple

import unreal

from unrealsynth_plugin.assets import import_texture
from unrealsynth_plugin.compatibility import Settings, spawn
from unrealsynth_plugin.core.contract import Environment, SceneLight
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.placement import lies_flat
from unrealsynth_plugin.core.settings import Ground, PropPlacement
from unrealsynth_plugin.materials import ground_material, linear_color
from unrealsynth_plugin.sky import SkyRig
from unrealsynth_plugin.spool import Spool
from unrealsynth_plugin.vectors import rotator

_PLANE_CM = 100.0
_GROUND_CM = 40_000.0
"""Side of the ground's square about the origin."""
_FAR_CM = 1_000_000.0
"""Side of each of four more squares, which go around it like the vanes of a pinwheel, out to the horizon.

A single one below all would have no corner near the camera, and its depth there would be too coarse."""
_FAR_DEPTHS_CM = (5.0, 6.0, 5.0, 6.0)
_SEAM_CM = 100.0
"""Each goes on below its neighbour by this length, so that no gap shows."""


class Stage:
    """A built environment. Drop it before the map is left."""

    def __init__(self, environment: Environment, meshes: Dict[str, Any], spool: Spool, settings: Settings) -> None:
        self._settings = settings
        self.ground: List[Any] = []
        """The ground's mesh components."""
        # Lights first, so that nothing is ever lit as static.
        self._sky = SkyRig(environment, spool, settings)
        if environment.ground is not None:
            self._make_ground(environment.ground, spool)
        for prop in environment.props:
            self._make_prop(prop, meshes[prop.model])

    def light(self, light: SceneLight) -> None:
        """Sets the light of a frame."""
        self._sky.apply(light)

    def _make_ground(self, ground: Ground, spool: Spool) -> None:
        texture = import_texture(spool.file(ground.texture), self._settings) if ground.texture else None
        normal = import_texture(spool.file(ground.normal), self._settings, normal_map=True) if ground.normal else None
        plane = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Plane")
        for center_cm, side_cm in _squares():
            actor = solid_actor("ground", plane)
            self.ground.append(actor.static_mesh_component)
            actor.set_actor_location(unreal.Vector(*center_cm), False, True)
            actor.set_actor_scale3d(unreal.Vector(side_cm / _PLANE_CM, side_cm / _PLANE_CM, 1.0))
            material = actor.static_mesh_component.create_dynamic_material_instance(0, ground_material(texture, normal))
            material.set_vector_parameter_value("Color", linear_color(ground.color))
            material.set_scalar_parameter_value("Roughness", ground.roughness)
            if texture or normal:
                material.set_scalar_parameter_value("Tiling", side_cm / ground.tile)
            if texture:
                material.set_texture_parameter_value("Texture", texture)
            if normal:
                material.set_texture_parameter_value("Normal", normal)

    def _make_prop(self, prop: PropPlacement, mesh: Any) -> None:
        actor = solid_actor(f"prop {prop.model}", mesh)
        actor.set_actor_location_and_rotation(unreal.Vector(*prop.location), rotator((0.0, 0.0, prop.yaw)), False, True)
        actor.set_actor_scale3d(unreal.Vector(prop.scale, prop.scale, prop.scale))
        if lies_flat(prop, float(mesh.get_bounding_box().max.z)):
            # Nobody would see its shadow, and shadow maps need not reach as far as it does.
            actor.static_mesh_component.set_cast_shadow(False)


def _squares() -> Iterator[Tuple[Vec3, float]]:
    """Centre and side of the ground's squares, cm."""
    yield (0.0, 0.0, 0.0), _GROUND_CM
    inner = _GROUND_CM / 2.0 - _SEAM_CM
    x, y = inner + _FAR_CM / 2.0, _FAR_CM / 2.0 - inner - _SEAM_CM
    for depth in _FAR_DEPTHS_CM:
        yield (x, y, -depth), _FAR_CM
        x, y = -y, x


def solid_actor(label: str, mesh: Any) -> Any:
    """A movable StaticMeshActor that renders into custom depth with stencil 0.

    A mesh that has Nanite keeps it: without, the engine draws its reduced fallback, which boxes know nothing of.
    """
    actor = spawn(unreal.StaticMeshActor, label)
    component = actor.static_mesh_component
    component.set_mobility(unreal.ComponentMobility.MOVABLE)
    component.set_static_mesh(mesh)
    component.set_render_custom_depth(True)
    component.set_custom_depth_stencil_value(0)
    # Traces look for a level's own things.
    component.set_collision_enabled(unreal.CollisionEnabled.NO_COLLISION)
    return actor
