"""Stencil, depth and coverage against numbers worked out by hand from px = W/2 + f·r/d, py = H/2 − f·u/d."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from simple_scenes import WHITE, at, box, card, floor, mesh, view

from unrealsynth.embedded.renderer import Renderer
from unrealsynth.embedded.renderer.scene import Grading, Instance, Material, Mesh, Scene, Texture, Vec3, View

PLAIN = Grading(tone_curve=False, fxaa=False)


def covered(width: int, height: int, left: int, right: int, top: int, bottom: int) -> np.ndarray:
    expected = np.zeros((height, width), dtype=bool)
    expected[top:bottom, left:right] = True
    return expected


@pytest.mark.parametrize(
    ("size", "fov_deg", "rectangle", "box_px"),
    [
        # f = 50: columns 50 + 50·(-40…60)/200 = 40…65, rows 40 - 50·(100…-20)/200 = 15…45
        ((100, 80), 90.0, (200, -40, 60, -20, 100), (40, 65, 15, 45)),
        # The edges at 40.3 and 64.6: the centre 40.5 lies inside, 64.5 too; rows 15.4 and 45.6
        ((100, 80), 90.0, (200, -38.8, 58.4, -22.4, 98.4), (40, 65, 15, 46)),
        # The edges at 40.7 and 64.4: both centres lie outside
        ((100, 80), 90.0, (200, -37.2, 57.6, -20, 100), (41, 64, 15, 45)),
        # Upright: the angle is still the horizontal one, f = 30/tan 30° = 51.9615
        ((60, 120), 60.0, (519.615, -100, 200, -300, 400), (20, 50, 20, 90)),
        # A narrow angle: f = 50/tan 10° = 283.564
        ((100, 100), 20.0, (2835.64, -100, 100, -50, 250), (40, 60, 25, 55)),
        # It reaches over the right and upper border
        ((100, 80), 90.0, (100, 20, 1000, 10, 1000), (60, 100, 0, 35)),
    ],
)
def test_pixels_of_a_rectangle(
    renderer: Renderer,
    size: tuple[int, int],
    fov_deg: float,
    rectangle: tuple[float, float, float, float, float],
    box_px: tuple[int, int, int, int],
) -> None:
    scene = Scene((at(card(*rectangle), stencil=7),))
    camera = view(*size, fov_deg=fov_deg)
    found = renderer.stencil(scene, camera)
    assert found.shape == (size[1], size[0]) and found.dtype == np.uint8
    np.testing.assert_array_equal(found == 7, covered(*size, *box_px))
    np.testing.assert_array_equal(found == 0, ~covered(*size, *box_px))
    depth = renderer.depth(scene, camera)
    np.testing.assert_allclose(depth[found == 7], rectangle[0], rtol=1e-5)
    assert (depth[found == 0] == np.float32(1e9)).all()
    colour = renderer.color(scene, camera, PLAIN)
    np.testing.assert_array_equal(colour[..., 0] > 0, found == 7)
    assert (colour[..., 3] == 255).all()


def rotated(yaw_deg: float, pitch_deg: float, roll_deg: float) -> tuple[Vec3, Vec3, Vec3]:
    """The rows of Unreal's rotation matrix, written out from its documentation."""
    cy, sy = math.cos(math.radians(yaw_deg)), math.sin(math.radians(yaw_deg))
    cp, sp = math.cos(math.radians(pitch_deg)), math.sin(math.radians(pitch_deg))
    cr, sr = math.cos(math.radians(roll_deg)), math.sin(math.radians(roll_deg))
    forward = (cp * cy, cp * sy, sp)
    right = (sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp)
    up = (-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp)
    return forward, right, up


@pytest.mark.parametrize(
    ("angles", "point", "pixel"),
    [
        # Turned right by 90° it looks along +Y, and -X lies to the right: 50 + 50·10/100
        ((90, 0, 0), (-10, 100, 20), (55, 30)),
        # Half a turn: +Y lies to the left
        ((180, 0, 0), (-100, 10, 0), (45, 40)),
        # Looking straight down: the world's +X is up in the picture
        ((0, -90, 0), (20, 10, -100), (55, 30)),
        # Rolled by 90° clockwise, what is above appears on the left
        ((0, 0, 90), (100, 0, 20), (40, 40)),
    ],
)
def test_small_thing_lands_on_its_pixel(
    renderer: Renderer, angles: tuple[float, float, float], point: Vec3, pixel: tuple[float, float]
) -> None:
    forward, right, up = rotated(*angles)
    camera = View(100, 80, (0.0, 0.0, 0.0), forward, right, up, 90.0)
    found = renderer.stencil(Scene((at(box((6, 6, 6)), point, stencil=1),)), camera)
    rows, columns = np.nonzero(found)
    assert columns.mean() + 0.5 == pytest.approx(pixel[0], abs=0.4)
    assert rows.mean() + 0.5 == pytest.approx(pixel[1], abs=0.4)


def test_depth_of_the_ground_is_planar(renderer: Renderer) -> None:
    camera = view(location=(0.0, 0.0, 100.0))
    depth = renderer.depth(Scene((at(floor(1e6)),)), camera)
    assert (depth[:40] == np.float32(1e9)).all()
    # A camera at 100 cm that looks level sees the ground at d = f·100/(py - H/2), the same along a row.
    expected = 50 * 100 / (np.arange(41, 80) + 0.5 - 40)
    np.testing.assert_allclose(depth[41:], np.tile(expected[:, None], (1, 100)), rtol=1e-4)


def test_near_plane_cuts(renderer: Renderer) -> None:
    wall = at(card(20, -100, 100, -100, 100), stencil=1)
    assert renderer.stencil(Scene((wall,)), view()).all()
    assert not renderer.stencil(Scene((wall,)), dataclasses.replace(view(), near_cm=21)).any()


def test_far_things_are_not_cut(renderer: Renderer) -> None:
    wall = at(card(1e7, -1e8, 1e8, -1e8, 1e8), stencil=1)
    assert renderer.stencil(Scene((wall,)), view()).all()


def test_stencil_has_its_own_depth_buffer(renderer: Renderer) -> None:
    behind = at(card(200, -40, 40, -40, 40), stencil=3)
    unlabelled = at(card(100, -1000, 1000, -1000, 1000))
    labelled = at(card(100, -1000, 0, -1000, 1000), stencil=0)
    assert (renderer.stencil(Scene((behind, unlabelled)), view()) == 3).sum() == 20 * 20
    assert (renderer.stencil(Scene((behind, labelled)), view()) == 3).sum() == 10 * 20
    hidden = dataclasses.replace(behind, visible=False)
    assert not renderer.stencil(Scene((hidden,)), view()).any()


@pytest.mark.parametrize("scale", [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (-1, -1, 1), (-1, -1, -1)])
def test_the_near_side_is_what_is_seen(renderer: Renderer, scale: Vec3) -> None:
    # Along the camera's axis the wedge is 40 cm thick at its left edge and 20 cm at its right: asymmetric.
    corners: list[Vec3] = [
        (x, y, z) for z in (-20.0, 20.0) for x, y in ((-30.0, -20.0), (-10.0, 20.0), (10.0, 20.0), (10.0, -20.0))
    ]
    sides = [(0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), (3, 2, 1, 0), (4, 5, 6, 7)]
    triangles = [t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))]
    wedge = at(mesh(corners, triangles), (200, 0, 0), scale=scale, stencil=1)
    depth = renderer.depth(Scene((wedge,)), view())
    stencil = renderer.stencil(Scene((wedge,)), view())
    assert stencil[40, 50] == 1
    # On the axis the slanted side lies at x = -20, half a pixel beside it 0.9 cm off; the flat one lies at 10.
    expected = 200 - 20 if scale[0] > 0 else 200 - 10
    assert depth[40, 50] == pytest.approx(expected, abs=1.0)


def test_backs_are_left_out_unless_two_sided(renderer: Renderer) -> None:
    away = card(200, 40, -40, -40, 40)  # left and right exchanged: its back is seen
    assert not renderer.stencil(Scene((at(away, stencil=1),)), view()).any()
    both = Instance(away, np.eye(4), (dataclasses.replace(WHITE, two_sided=True),), stencil=1)
    assert renderer.stencil(Scene((both,)), view()).sum() == 20 * 20


def half_clear() -> Texture:
    pixels = np.full((4, 4, 4), 255, dtype=np.uint8)
    pixels[:, :2, 3] = 0
    return Texture(pixels, wrap="clamp")


def test_alpha_mask_cuts_colour_stencil_and_depth_alike(renderer: Renderer) -> None:
    material = Material(base_color_texture=half_clear(), alpha_mode="mask", unlit=True)
    scene = Scene((at(card(200, -40, 40, -40, 40, material), stencil=5),))
    stencil = renderer.stencil(scene, view())
    np.testing.assert_array_equal(stencil == 5, covered(100, 80, 50, 60, 30, 50))
    np.testing.assert_array_equal(renderer.depth(scene, view()) < 1e8, stencil == 5)
    np.testing.assert_array_equal(renderer.color(scene, view(), PLAIN)[..., 0] > 0, stencil == 5)


def test_blending_writes_no_stencil_and_no_depth_unless_told(renderer: Renderer) -> None:
    glass = Material(alpha_mode="blend", base_color=(1, 1, 1, 0.5), unlit=True)
    pane: Mesh = card(200, -40, 40, -40, 40, glass)
    scene = Scene((at(pane, stencil=5),))
    assert not renderer.stencil(scene, view()).any()
    assert (renderer.depth(scene, view()) == np.float32(1e9)).all()
    told = Instance(pane, np.eye(4), (dataclasses.replace(glass, writes_custom_depth=True),), stencil=5)
    assert renderer.stencil(Scene((told,)), view()).any()


def test_size_changes_between_pictures(renderer: Renderer) -> None:
    scene = Scene((at(card(200, -40, 40, -40, 40), stencil=1),))
    for width, height in ((100, 80), (37, 53), (100, 80)):
        assert renderer.stencil(scene, view(width, height)).shape == (height, width)
        assert renderer.color(scene, view(width, height), Grading()).shape == (height, width, 4)
        assert renderer.depth(scene, view(width, height)).shape == (height, width)
