"""The stand-in with the real renderer: positions, ids, depth and light against numbers worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray
from PIL import Image
from recording import camera, cube, id_camera, manual_exposure, spawn, target, world, write_exr

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine

FORMATS = unreal.TextureRenderTargetFormat
SOURCES = unreal.SceneCaptureSource


@pytest.fixture(autouse=True)
def _engine(rendering_engine: Engine) -> None:
    """All of this needs an engine that renders."""


def picture_of(component: Any, tmp_path: Path) -> NDArray[np.uint8]:
    component.capture_scene()
    unreal.RenderingLibrary.export_render_target(world(), component.texture_target, str(tmp_path), "a.png")
    return np.asarray(Image.open(tmp_path / "a.png"))


def depth_of(component: Any, tmp_path: Path) -> NDArray[np.float32]:
    component.capture_scene()
    with OpenEXR.File(str(write_exr(component.texture_target, tmp_path / "a.exr"))) as file:
        pixels: NDArray[np.float32] = file.channels()["RGBA"].pixels[..., 0]
    return pixels


def place(component: Any, location: tuple[float, float, float], **rotation: float) -> None:
    component.get_owner().set_actor_location_and_rotation(
        unreal.Vector(*location), unreal.Rotator(**rotation), False, True
    )


def centre(pixels: NDArray[np.uint8], value: int) -> tuple[float, float]:
    """In pixel edges: the middle of pixel 0 is at 0.5."""
    rows, columns = np.nonzero(pixels[..., 0] == value)
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def projected(
    point: tuple[float, float, float],
    eye: tuple[float, float, float],
    r: float,
    p: float,
    y: float,
    w: int,
    h: int,
    fov: float,
) -> tuple[float, float]:
    """Where a point lies in the picture, after the axes of a Rotator written out."""
    sr, cr, sp, cp, sy, cy = (function(math.radians(angle)) for angle in (r, p, y) for function in (math.sin, math.cos))
    forward = (cp * cy, cp * sy, sp)
    right = (sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp)
    up = (-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp)
    v = [a - b for a, b in zip(point, eye, strict=True)]
    d, u_right, u_up = (sum(a * b for a, b in zip(v, axis, strict=True)) for axis in (forward, right, up))
    f = w / (2 * math.tan(math.radians(fov) / 2))
    return w / 2 + f * u_right / d, h / 2 - f * u_up / d


@pytest.mark.parametrize(
    ("roll", "pitch", "yaw", "width", "height", "fov"),
    [
        (0.0, 0.0, 0.0, 320, 240, 90.0),
        (0.0, -20.0, 35.0, 320, 240, 60.0),
        (15.0, 10.0, -120.0, 320, 240, 75.0),
        (-8.0, -35.0, 200.0, 160, 320, 40.0),  # portrait: the field of view is still horizontal
    ],
)
def test_projection(roll: float, pitch: float, yaw: float, width: int, height: int, fov: float, tmp_path: Path) -> None:
    eye = (120.0, -80.0, 300.0)
    axes = unreal.Rotator(roll=roll, pitch=pitch, yaw=yaw)
    forward, right, up = axes.get_forward_vector(), axes.get_right_vector(), axes.get_up_vector()
    component = id_camera(target(width, height))
    component.fov_angle = fov
    place(component, eye, roll=roll, pitch=pitch, yaw=yaw)
    points = []
    for number, (along, across, above) in enumerate(
        ((1000.0, 0.0, 0.0), (900.0, 250.0, 60.0), (1100.0, -120.0, -300.0)), 1
    ):
        point = unreal.Vector(*eye) + forward * along + right * across + up * above
        points.append((point.x, point.y, point.z))
        cube(points[-1], size_cm=20.0, stencil=number)
    pixels = picture_of(component, tmp_path)
    assert set(np.unique(pixels[..., :3])) == {0, 1, 2, 3}
    for number, point in enumerate(points, 1):
        wanted = projected(point, eye, roll, pitch, yaw, width, height, fov)
        assert centre(pixels, number) == pytest.approx(wanted, abs=0.6)


def test_ids_know_only_what_renders_into_custom_depth(tmp_path: Path) -> None:
    component = id_camera(target(64, 64))
    cube((500.0, 0.0, 0.0), size_cm=100.0, stencil=255)
    front = cube((300.0, 0.0, 0.0), size_cm=40.0)
    middle = picture_of(component, tmp_path)[32, 32, 0]
    assert middle == 255, "an occluder without custom depth hides nothing"
    front.static_mesh_component.set_render_custom_depth(True)
    pixels = picture_of(component, tmp_path)
    assert pixels[32, 32, 0] == 0
    assert set(np.unique(pixels[..., 0])) == {0, 255}


def test_depth_is_planar(tmp_path: Path) -> None:
    component = camera(target(64, 64, FORMATS.RTF_RGBA32F), SOURCES.SCS_SCENE_DEPTH)
    # Faces at x = 1000 on the axis, and at x = 910 to the right of it.
    cube((1050.0, 0.0, 0.0), size_cm=100.0)
    cube((1010.0, 839.0, 0.0), size_cm=200.0)
    depth = depth_of(component, tmp_path)
    assert depth[32, 32] == pytest.approx(1000.0, rel=1e-4)
    assert depth[32, 60] == pytest.approx(910.0, rel=1e-4), "not the length of the ray, 1219"
    assert depth[5, 5] > 1e5, "nothing there"


def test_the_near_plane_cuts(tmp_path: Path) -> None:
    component = id_camera(target(32, 32))
    cube((60.0, 0.0, 0.0), size_cm=20.0, stencil=1)  # from 50 to 70
    assert picture_of(component, tmp_path)[16, 16, 0] == 1
    component.override_custom_near_clipping_plane = True
    component.custom_near_clipping_plane = 80.0
    assert picture_of(component, tmp_path)[16, 16, 0] == 0


def grey_card(size_cm: float = 2000.0) -> Any:
    """An 18 % grey floor."""
    graph = unreal.MaterialEditingLibrary
    material = unreal.AssetToolsHelpers.get_asset_tools().create_asset(
        "Card", "/Game/Tests", unreal.Material, unreal.MaterialFactoryNew()
    )
    for kind, value, output in (
        (unreal.MaterialExpressionConstant3Vector, {"constant": (0.18, 0.18, 0.18, 1.0)}, "MP_BASE_COLOR"),
        (unreal.MaterialExpressionConstant, {"r": 1.0}, "MP_ROUGHNESS"),
    ):
        node = graph.create_material_expression(material, kind)
        node.set_editor_properties(value)
        graph.connect_material_property(node, "", getattr(unreal.MaterialProperty, output))
    graph.recompile_material(material)
    unreal.AutomationLibrary.finish_loading_before_screenshot()
    floor = spawn(unreal.StaticMeshActor)
    component = floor.static_mesh_component
    component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Plane"))
    floor.set_actor_scale3d(unreal.Vector(size_cm / 100, size_cm / 100, 1.0))
    component.set_material(0, material)
    return floor


def sun(pitch: float, yaw: float = 0.0, lux: float = math.pi) -> Any:
    actor = spawn(unreal.DirectionalLight, pitch=pitch, yaw=yaw)
    actor.light_component.set_mobility(unreal.ComponentMobility.MOVABLE)
    actor.light_component.set_intensity(lux)
    return actor


def looking_down(component: Any) -> Any:
    place(component, (0.0, 0.0, 500.0), pitch=-90.0)
    return component


def test_light_follows_lux_and_the_cosine(tmp_path: Path) -> None:
    grey_card()
    actor = sun(-90.0)
    component = looking_down(camera(target(16, 16, FORMATS.RTF_RGBA32F), SOURCES.SCS_SCENE_COLOR_HDR))
    # π lux on 18 % grey radiate 0.18, and a little more where the surface shines; at 30° above the horizon half of it.
    assert 0.18 <= depth_of(component, tmp_path)[8, 8] < 0.20
    actor.set_actor_rotation(unreal.Rotator(pitch=-30.0), True)
    assert 0.088 <= depth_of(component, tmp_path)[8, 8] < 0.10


def test_gamma_and_exposure_of_real_pictures(tmp_path: Path) -> None:
    grey_card()
    sun(-90.0)
    right = looking_down(camera(target(16, 16, gamma=2.2)))
    dark = looking_down(camera(target(16, 16)))
    brighter = looking_down(camera(target(16, 16, gamma=2.2), post_process_settings=manual_exposure(1.0)))
    shades = [int(picture_of(component, tmp_path)[8, 8, 1]) for component in (dark, right, brighter)]
    assert shades == sorted(shades)
    assert 80 < shades[1] < 150, "18 % grey is about the middle of the scale"
    assert shades[0] < shades[1] - 30


def test_the_ambient_light_is_stale_until_the_sky_is_captured_again(tmp_path: Path) -> None:
    grey_card()
    actor = sun(-60.0)
    actor.light_component.set_editor_property("cast_shadows", False)
    spawn(unreal.SkyAtmosphere)
    sky = spawn(unreal.SkyLight).light_component
    sky.set_mobility(unreal.ComponentMobility.MOVABLE)
    sky.recapture_sky()
    # The floor in the shadow of a big cube sees the sky alone.
    cube((0.0, 0.0, 2000.0), size_cm=1500.0).static_mesh_component.set_cast_shadow(True)
    component = looking_down(camera(target(16, 16, FORMATS.RTF_RGBA32F), SOURCES.SCS_SCENE_COLOR_HDR))
    actor.light_component.set_intensity(0.0)
    stale = float(depth_of(component, tmp_path)[8, 8])
    assert stale > 0.001, "the sky light remembers the sun"
    sky.recapture_sky()
    assert float(depth_of(component, tmp_path)[8, 8]) < stale / 10


def test_moving_an_object_moves_it_in_the_next_capture_only(tmp_path: Path) -> None:
    component = id_camera(target(64, 64))
    actor = cube((500.0, 0.0, 0.0), size_cm=50.0, stencil=9)
    component.capture_scene()
    actor.set_actor_location(unreal.Vector(500.0, 200.0, 0.0), False, True)
    unreal.RenderingLibrary.export_render_target(world(), component.texture_target, str(tmp_path), "before.png")
    before = centre(np.asarray(Image.open(tmp_path / "before.png")), 9)
    after = centre(picture_of(component, tmp_path), 9)
    assert before == pytest.approx((32.0, 32.0), abs=0.6)
    assert after[0] == pytest.approx(32.0 + 32.0 * 200.0 / 500.0, abs=0.9)
