"""Scenes of the self-test: a few engine shapes at known places in a blank map, and the picture taken of them.

Each function builds in the open map and hands out what is to be captured, with the points that tell right from wrong.
"""

from __future__ import annotations

from typing import Any, List, NamedTuple, Tuple

import unreal

from unrealsynth_plugin.assets import GENERATED
from unrealsynth_plugin.camera import ColorCamera
from unrealsynth_plugin.capture import Capture
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.core.contract import Environment, SceneLight
from unrealsynth_plugin.core.geometry import CameraPose, Vec3, axes, combine
from unrealsynth_plugin.core.selftest import Target
from unrealsynth_plugin.materials import linear_color, sky_material
from unrealsynth_plugin.passes import AloneCamera, DepthCamera, IdCamera
from unrealsynth_plugin.sky import SkyRig
from unrealsynth_plugin.spool import Spool
from unrealsynth_plugin.stage import solid_actor

_FOLDER = f"{GENERATED}/SelfTest"
_EFFECT = "M_Effect"
_CUBE = "/Engine/BasicShapes/Cube"
_CUBE_CM = 100.0
LEVEL_VIEW = CameraPose((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 90.0, 10.0)
_TURNED_VIEW = CameraPose((120.0, -340.0, 260.0), (12.0, -18.0, 37.0), 75.0, 10.0)
GREYS = (0.02, 0.18, 0.5, 1.0)
_IDS_PX = (400, 300)
_OVERLAP = (
    Target((550.0, -80.0, 0.0), 1.0),
    Target((650.0, 0.0, 20.0), 128.0),
    Target((550.0, 80.0, 0.0), 255.0),
    # In front of the middle cube.
    Target((550.0, -35.0, 0.0), 1.0),
    Target((550.0, 35.0, 0.0), 255.0),
    # The cube without a label, in front of the middle cube too.
    Target((380.0, 0.0, -25.0), 0.0),
    Target((1000.0, 0.0, 400.0), 0.0),
)
_SPREAD: Tuple[Vec3, ...] = (
    (450.0, -250.0, 150.0),
    (600.0, -300.0, -200.0),
    (500.0, 50.0, 180.0),
    (700.0, 330.0, -250.0),
    (420.0, 200.0, 100.0),
    (650.0, -80.0, -240.0),
    (550.0, 300.0, 20.0),
    (480.0, -30.0, -60.0),
)
"""Forward, right and up of the camera: in view in landscape and in portrait, no two near each other."""


class Shot(NamedTuple):
    """A picture to be taken."""

    file: str
    camera: Capture
    view: CameraPose
    targets: Tuple[Target, ...]


def grey_cards(settings: Settings) -> List[Shot]:
    """Cubes that shine by themselves with a known radiance, at an exposure of 0 EV."""
    targets = []
    for number, grey in enumerate(GREYS):
        y = 200.0 * number - 300.0
        component = _cube((600.0, y, 0.0), _CUBE_CM, 0)
        card = component.create_dynamic_material_instance(0, sky_material(None))
        card.set_vector_parameter_value("Color", linear_color((grey, grey, grey)))
        targets.append(Target((550.0, y, 0.0), grey))
    camera = ColorCamera((320, 120), settings)
    camera.set_exposure(0.0)
    return [Shot("cards.png", camera, LEVEL_VIEW, tuple(targets))]


def grey_cards_in_viewport(settings: Settings) -> Shot:
    """The same cards, and the viewport exposed as the camera is."""
    [shot] = grey_cards(settings)
    settings.apply(_volume(settings), shot.camera.component.post_process_settings, "settings")
    return shot._replace(file="viewport.png")


def overlapping_cubes(settings: Settings) -> List[Shot]:
    """Three labelled cubes, each partly hidden by the next or by one without a label."""
    _overlap()
    return [Shot("ids.png", IdCamera(_IDS_PX, settings), LEVEL_VIEW, _OVERLAP)]


def overlapping_cubes_in_a_level(settings: Settings) -> List[Shot]:
    """The same, as in a user's level: what has no label is not in custom depth, and an effect covers the screen."""
    _overlap()[-1].set_render_custom_depth(False)
    _volume(settings).add_or_update_blendable(_effect(), 1.0)
    return [Shot("level-ids.png", IdCamera(_IDS_PX, settings, in_level=True), LEVEL_VIEW, _OVERLAP)]


def covered_cube_alone(settings: Settings) -> List[Shot]:
    """The cube that all the others cover, without them: as far as its corners, and no farther."""
    covered = _overlap()[1]
    camera = AloneCamera(_IDS_PX, settings)
    camera.show_only([covered])
    inside, outside = 46.0, 54.0
    targets = [Target((650.0, y, z), 128.0) for y in (-inside, 0.0, inside) for z in (-inside, 0.0, inside)]
    for y, z in ((-outside, 0.0), (outside, 0.0), (0.0, -outside), (0.0, outside)):
        targets.append(Target((650.0, y, z), 0.0))
    return [Shot("alone.png", camera, LEVEL_VIEW, tuple(targets))]


def _overlap() -> List[Any]:
    """The cubes' components; the last has no label."""
    return [
        _cube((600.0, -80.0, 0.0), 100.0, 1),
        _cube((700.0, 0.0, 0.0), 100.0, 128),
        _cube((600.0, 80.0, 0.0), 100.0, 255),
        _cube((400.0, 0.0, -40.0), 40.0, 0),
    ]


def scattered_cubes(settings: Settings) -> List[Shot]:
    """Tiny cubes with an id each, seen by a camera turned about all its axes."""
    frame = axes(_TURNED_VIEW.rotation_deg)
    targets = []
    for number, amounts in enumerate(_SPREAD, 1):
        location = combine(_TURNED_VIEW.location_cm, frame, amounts)
        _cube(location, 8.0, number)
        targets.append(Target(location, float(number)))
    return [
        Shot(file, IdCamera(resolution, settings, file), _TURNED_VIEW, tuple(targets))
        for file, resolution in (("landscape.png", (480, 320)), ("portrait.png", (320, 480)))
    ]


def cubes_at_ten_metres(settings: Settings) -> List[Shot]:
    """Faces in the plane 10 m ahead, on the axis and off it, where the ray is 14 % longer."""
    targets = []
    for y, z in ((0.0, 0.0), (500.0, 200.0)):
        _cube((1050.0, y, z), _CUBE_CM, 0)
        targets.append(Target((1000.0, y, z), 1000.0))
    return [Shot("depth.exr", DepthCamera((320, 240), settings), LEVEL_VIEW, tuple(targets))]


class ShadedFace:
    """A face that the sun never reaches: all its light comes from the sky."""

    view = CameraPose((700.0, 0.0, 0.0), (0.0, 0.0, 180.0), 60.0, 10.0)
    high = SceneLight(0.0, 60.0, 10.0, None, 1.0)
    low = SceneLight(0.0, 2.0, 10.0, None, 1.0)

    def __init__(self, spool: Spool, settings: Settings) -> None:
        self._sky = SkyRig(Environment("selftest", ground=None), spool, settings)
        _cube((0.0, 0.0, 0.0), 300.0, 0)
        self.camera = ColorCamera((160, 120), settings)
        self.target = Target((150.0, 0.0, 0.0), 0.0)

    def light(self, light: SceneLight) -> None:
        """Moves the sun."""
        self._sky.apply(light)


def _cube(location: Vec3, size_cm: float, stencil: int) -> Any:
    actor = solid_actor("test cube", unreal.EditorAssetLibrary.load_asset(_CUBE))
    actor.set_actor_location(unreal.Vector(*location), False, True)
    scale = size_cm / _CUBE_CM
    actor.set_actor_scale3d(unreal.Vector(scale, scale, scale))
    actor.static_mesh_component.set_custom_depth_stencil_value(stencil)
    return actor.static_mesh_component


def _volume(settings: Settings) -> Any:
    """A post-process volume over the whole map.

    Not transient, which its like are not in a user's level either: the editor's own list leaves out what is.
    """
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    volume = actors.spawn_actor_from_class(unreal.PostProcessVolume, unreal.Vector(0.0, 0.0, 0.0))
    settings.apply(volume, True, "unbound")
    return volume


def _effect() -> Any:
    """A post-process material, after the tone mapper as all are at first, that leaves nothing of what was there."""
    path = f"{_FOLDER}/{_EFFECT}"
    if unreal.EditorAssetLibrary.does_asset_exist(path):
        return unreal.EditorAssetLibrary.load_asset(path)
    material = unreal.AssetToolsHelpers.get_asset_tools().create_asset(
        _EFFECT, _FOLDER, unreal.Material, unreal.MaterialFactoryNew()
    )
    material.set_editor_property("material_domain", unreal.MaterialDomain.MD_POST_PROCESS)
    grey = unreal.MaterialEditingLibrary.create_material_expression(material, unreal.MaterialExpressionConstant, 0, 0)
    grey.set_editor_property("r", 0.25)
    unreal.MaterialEditingLibrary.connect_material_property(grey, "", unreal.MaterialProperty.MP_EMISSIVE_COLOR)
    unreal.MaterialEditingLibrary.recompile_material(material)
    return material
