"""Light units, grading and shading against values worked out by hand: L = a/π·E, pixel = L·2**EV."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from simple_scenes import at, box, card, floor, mesh, view

from unrealsynth.embedded.renderer import Renderer
from unrealsynth.embedded.renderer.scene import (
    Atmosphere,
    Fog,
    Grading,
    Lamp,
    Material,
    Panorama,
    Scene,
    SkyLight,
    Sun,
    Texture,
    View,
)  # fmt: skip

GREY = Material(base_color=(0.18, 0.18, 0.18, 1.0))
BLACK = Material(base_color=(0.0, 0.0, 0.0, 1.0))
CARD = (200.0, -400.0, 400.0, -400.0, 400.0)
DOWN = View(64, 64, (0.0, 0.0, 300.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0), 60.0)


def uniform_sky(radiance: float) -> Panorama:
    return Panorama(np.full((8, 16, 3), radiance, dtype=np.float32))


def middle(pixels: np.ndarray) -> np.ndarray:
    return pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]


@pytest.mark.parametrize(
    ("ev", "angle_deg", "expected"),
    [
        # Facing a sun of 10 lux: 0.18/π·10 = 0.57296
        (0.0, 0.0, 0.57296),
        (1.0, 0.0, 1.14592),
        (-2.0, 0.0, 0.14324),
        # At 60° half of it arrives
        (0.0, 60.0, 0.28648),
    ],
)
def test_grey_card_in_the_sun(renderer: Renderer, ev: float, angle_deg: float, expected: float) -> None:
    direction = (math.cos(math.radians(angle_deg)), 0.0, -math.sin(math.radians(angle_deg)))
    sun = Sun(direction, 10.0, cast_shadow=False)
    pictures = [
        middle(renderer.linear(Scene((at(card(*CARD, material)),), sun=sun), view(), ev)) for material in (GREY, BLACK)
    ]
    # A black card shows the gloss that every surface of 4 % reflectance adds; the rest is the grey.
    np.testing.assert_allclose((pictures[0] - pictures[1])[:3], expected, rtol=2e-3)


def test_gloss_of_a_rough_card(renderer: Renderer) -> None:
    # N = L = V, roughness 1: D = 1/π, visibility 1/4, Fresnel 0.04; 10 lux · 0.04/(4π) = 0.03183
    scene = Scene((at(card(*CARD, BLACK)),), sun=Sun((1.0, 0.0, 0.0), 10.0, cast_shadow=False))
    np.testing.assert_allclose(middle(renderer.linear(scene, view(), 0.0))[:3], 0.03183, rtol=1e-2)


def test_grey_card_under_a_uniform_sky(renderer: Renderer) -> None:
    # E = π·L, so a surface of albedo a leaves a·L: 0.18·2 = 0.36, whatever way it faces.
    light = SkyLight(uniform_sky(2.0), lower_hemisphere_is_black=False)
    for shape, camera in ((card(*CARD), view()), (floor(5000), DOWN)):
        pictures = []
        for material in (GREY, BLACK):
            scene = Scene((dataclasses.replace(at(shape), materials=(material,)),), sky_light=light)
            pictures.append(middle(renderer.linear(scene, camera, 0.0))[:3])
        np.testing.assert_allclose(pictures[0] - pictures[1], 0.36, rtol=5e-3)


def test_sky_light_intensity_and_tint(renderer: Renderer) -> None:
    scene = Scene((at(floor(5000, GREY)),), sky_light=SkyLight(uniform_sky(1.0)))
    plain = middle(renderer.linear(scene, DOWN, 0.0))
    light = SkyLight(uniform_sky(1.0), intensity=3.0, tint=(1.0, 0.5, 0.0))
    tinted = middle(renderer.linear(dataclasses.replace(scene, sky_light=light), DOWN, 0.0))
    np.testing.assert_allclose(tinted[:3], plain[:3] * (3.0, 1.5, 0.0), rtol=5e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("distance_cm", "radius_cm", "expected"),
    [
        # I/d² = 100 cd / (2 m)² = 25 lux; 0.18/π·25 = 1.43239; the window (1 - (d/r)⁴)² is 0.999 here
        (200.0, 1e3, 1.43239 * (1 - 0.2**4) ** 2),
        (400.0, 1e4, 0.358099),
        (400.0, 500.0, 0.358099 * (1 - 0.8**4) ** 2),
        (600.0, 500.0, 0.0),
    ],
)
def test_point_lamp(renderer: Renderer, distance_cm: float, radius_cm: float, expected: float) -> None:
    lamp = Lamp("point", (0.0, 0.0, distance_cm), 100.0, radius_cm=radius_cm)
    camera = dataclasses.replace(DOWN, location=(0.0, 0.0, 1000.0))
    pictures = [
        renderer.linear(Scene((at(floor(5000, material)),), lamps=(lamp,)), camera, 0.0)[31:33, 31:33].mean(axis=(0, 1))
        for material in (GREY, BLACK)
    ]
    np.testing.assert_allclose((pictures[0] - pictures[1])[:3], expected, rtol=1e-2, atol=1e-5)


def test_spot_lamp_has_an_edge(renderer: Renderer) -> None:
    lamp = Lamp("spot", (0.0, 0.0, 100.0), 10.0, direction=(0.0, 0.0, -1.0), inner_cone_deg=20, outer_cone_deg=30)
    picture = renderer.linear(Scene((at(floor(5000, GREY)),), lamps=(lamp,)), DOWN, 0.0)[..., 0]
    # f = 32/tan 30° = 55.426; the light ends 100·tan 30° = 57.7 cm from the centre, 57.7·f/300 = 10.7 pixels.
    assert picture[32, 32 + 9] > 0 and picture[32, 32 + 12] == 0
    assert picture[32 - 9, 32] > 0 and picture[32 - 12, 32] == 0


@pytest.mark.parametrize(
    ("linear", "grading", "expected"),
    [
        # sRGB of 0.18 is 1.055·0.18**(1/2.4) - 0.055 = 0.46135
        (0.18, Grading(tone_curve=False), 118),
        # One EV up: 0.36 → 0.63419
        (0.18, Grading(exposure_ev=1.0, tone_curve=False), 162),
        # The curve keeps the middle grey
        (0.18, Grading(), 118),
        # Unreal's untouched target: 0.18**2.2 = 0.023, sRGB of it 0.16410
        (0.18, Grading(tone_curve=False, display_gamma=1.0), 42),
        # The linear toe of sRGB: 0.002·12.92 = 0.02584
        (0.002, Grading(tone_curve=False), 7),
        (3.0, Grading(tone_curve=False), 255),
        (0.0, Grading(), 0),
    ],
)
def test_encoding(renderer: Renderer, linear: float, grading: Grading, expected: int) -> None:
    glowing = Material(base_color=(0, 0, 0, 1), emissive=(linear,) * 3, unlit=True)
    found = middle(renderer.color(Scene((at(card(*CARD, glowing)),)), view(), grading))
    np.testing.assert_allclose(found[:3].astype(int), expected, atol=1)


def test_tone_curve_rises_and_never_clips_early(renderer: Renderer) -> None:
    values = []
    for ev in np.arange(-8, 6.1, 1.0):
        glowing = Material(base_color=(0, 0, 0, 1), emissive=(0.18, 0.18, 0.18), unlit=True)
        scene = Scene((at(card(*CARD, glowing)),))
        values.append(int(middle(renderer.color(scene, view(), Grading(exposure_ev=float(ev))))[0]))
    assert values == sorted(values)
    assert values[0] <= 6 and values[8 + 3] < 252 and values[-3] < 256 and values[-1] == 255


def test_textures_are_decoded_and_upright(renderer: Renderer) -> None:
    pixels = np.zeros((2, 2, 4), dtype=np.uint8)
    pixels[0, 0], pixels[0, 1], pixels[1, 0], pixels[1, 1] = (
        (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (118, 118, 118, 255),
    )  # fmt: skip
    material = Material(base_color_texture=Texture(pixels.repeat(64, 0).repeat(64, 1), wrap="clamp"), unlit=True)
    picture = renderer.linear(Scene((at(card(200, -100, 100, -80, 80, material)),)), view(), 0.0)
    # The card reaches from column 25 to 75 and from row 20 to 60.
    np.testing.assert_allclose(picture[25, 30, :3], (1, 0, 0), atol=1e-3)
    np.testing.assert_allclose(picture[25, 70, :3], (0, 1, 0), atol=1e-3)
    np.testing.assert_allclose(picture[55, 30, :3], (0, 0, 1), atol=1e-3)
    np.testing.assert_allclose(picture[55, 70, :3], 0.181, atol=2e-3)


@pytest.mark.parametrize(("wrap", "beyond"), [("repeat", 0.0), ("clamp", 1.0), ("mirror", 1.0)])
def test_wrapping(renderer: Renderer, wrap: str, beyond: float) -> None:
    pixels = np.zeros((64, 64, 4), dtype=np.uint8)
    pixels[:, 32:] = 255
    material = Material(
        base_color_texture=Texture(pixels, wrap=wrap),  # type: ignore[arg-type]
        unlit=True,
        uv_transform=(2.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    )
    picture = renderer.linear(Scene((at(card(200, -100, 100, -80, 80, material)),)), view(), 0.0)
    # u = 1.2 on column 55 of the columns 25 to 75
    assert picture[40, 55, 0] == pytest.approx(beyond, abs=1e-3)


@pytest.mark.parametrize(
    ("texel", "direction", "brighter"),
    [
        # Green above the middle turns the surface towards the top of the image
        ((128, 230, 200, 255), (0.6, 0.0, -0.8), True),
        ((128, 26, 200, 255), (0.6, 0.0, -0.8), False),
        # Red above the middle turns it to the right
        ((230, 128, 200, 255), (0.6, -0.8, 0.0), True),
        ((26, 128, 200, 255), (0.6, -0.8, 0.0), False),
    ],
)
def test_normal_map_convention(
    renderer: Renderer, texel: tuple[int, ...], direction: tuple[float, float, float], brighter: bool
) -> None:
    sun = Sun(direction, 10.0, cast_shadow=False)
    flat = Material(normal_texture=Texture(np.full((4, 4, 4), (128, 128, 255, 255), np.uint8), srgb=False))
    bent = Material(normal_texture=Texture(np.full((4, 4, 4), texel, np.uint8), srgb=False))
    pictures = [
        middle(renderer.linear(Scene((at(card(*CARD, material)),), sun=sun), view(), 0.0))[0]
        for material in (flat, bent)
    ]
    assert (pictures[1] > 1.1 * pictures[0]) if brighter else (pictures[1] < 0.9 * pictures[0])


@pytest.mark.parametrize("far_caster", [False, True])  # with it the scene is wide, and two maps share the work
def test_shadow_lies_where_the_sun_puts_it(renderer: Renderer, far_caster: bool) -> None:
    # Light falls towards +X at 45°; a card from z = 100 to 140 shades x = 100 to 140 beyond it.
    wall = card(0, -50, 50, 100, 140, dataclasses.replace(BLACK, two_sided=True))
    ground = at(floor(3000, GREY))
    sun = Sun((1.0, 0.0, -1.0), 10.0)
    camera = dataclasses.replace(DOWN, location=(120.0, 0.0, 90.0))
    far = (at(box((60, 60, 60)), (9000, 2000, 30)),) if far_caster else ()
    picture = renderer.linear(Scene((ground, at(wall), *far), sun=sun), camera, 0.0)[..., 0]
    lit = picture.max()
    # f = 55.426: 20 cm are 12.3 pixels at 90 cm; +X is up in the picture.
    shaded = picture < 0.1 * lit
    assert shaded[32 - 11 : 32 + 11, 32 - 28 : 32 + 28].all()
    assert not shaded[: 32 - 14].any() and not shaded[32 + 14 :].any()
    assert shaded[:, 32].sum() == pytest.approx(40 * 55.426 / 90, abs=1.5)


@pytest.mark.parametrize("field", ["cast_shadow", "blend", "sun"])
def test_no_shadow_where_none_is_cast(renderer: Renderer, field: str) -> None:
    material = dataclasses.replace(BLACK, two_sided=True, alpha_mode="blend" if field == "blend" else "opaque")
    wall = at(card(0, -50, 50, 100, 140, material))
    if field == "cast_shadow":
        wall = dataclasses.replace(wall, cast_shadow=False)
    sun = Sun((1.0, 0.0, -1.0), 10.0, cast_shadow=field != "sun")
    camera = dataclasses.replace(DOWN, location=(120.0, 0.0, 90.0))
    picture = renderer.linear(Scene((at(floor(3000, GREY)), wall), sun=sun), camera, 0.0)[..., 0]
    assert picture.min() > 0.9 * picture.max()


def test_no_acne(renderer: Renderer) -> None:
    # A box turned to the light at many angles: its lit sides stay evenly lit.
    for elevation in (15, 35, 55, 75):
        angle = math.radians(elevation)
        sun = Sun((math.cos(angle), 0.3, -math.sin(angle)), 10.0)
        scene = Scene((at(floor(3000, GREY)), at(box((100, 100, 100), GREY), (300, 0, 50))), sun=sun)
        picture = renderer.linear(scene, view(200, 160, location=(0, 0, 50)), 0.0)[..., 0]
        side = picture[66:94, 84:116]  # the near side: 100 cm at 250 cm are 40 pixels each way
        assert side.min() > 0.97 * side.max()


def test_things_darken_the_ground_beneath_them(renderer: Renderer) -> None:
    light = SkyLight(uniform_sky(1.0))
    camera = view(200, 160, location=(0, 0, 80))
    open_ground = renderer.linear(Scene((at(floor(3000, GREY)),), sky_light=light), camera, 0.0)[..., 0]
    with_box = Scene((at(floor(3000, GREY)), at(box((100, 100, 40), GREY), (300, 0, 20))), sky_light=light)
    picture = renderer.linear(with_box, camera, 0.0)[..., 0]
    # The box's foot stands at x = 250, z = 0: row 80 + 100·80/250 = 112; the ground just before it is darker.
    assert picture[113, 100] < 0.9 * open_ground[113, 100]
    np.testing.assert_allclose(picture[150, 100], open_ground[150, 100], rtol=0.01)


def test_panorama_is_seen_the_right_way_round(renderer: Renderer) -> None:
    pixels = np.zeros((64, 128, 3), dtype=np.float32)
    pixels[:32, 48:80] = (1, 0, 0)  # around +X, above
    pixels[:32, 80:112] = (0, 1, 0)  # around +Y
    pixels[32:, :] = (0, 0, 1)
    looks = {
        "forward": view(),
        "right": dataclasses.replace(view(), forward=(0.0, 1.0, 0.0), right=(-1.0, 0.0, 0.0)),
    }
    for name, colour in (("forward", (1, 0, 0)), ("right", (0, 1, 0))):
        picture = renderer.linear(Scene(sky=Panorama(pixels)), looks[name], 0.0)
        np.testing.assert_allclose(picture[20, 50, :3], colour, atol=1e-3)
        np.testing.assert_allclose(picture[60, 50, :3], (0, 0, 1), atol=1e-3)
    # The same as the material of a sphere around the camera.
    material = Material(
        base_color=(0, 0, 0, 1), emissive=(1, 1, 1), emissive_panorama=Panorama(pixels), unlit=True, two_sided=True
    )
    picture = renderer.linear(Scene((at(box((1000, 1000, 1000), material)),)), looks["right"], 0.0)
    np.testing.assert_allclose(picture[20, 50, :3], (0, 1, 0), atol=1e-3)
    np.testing.assert_allclose(picture[60, 50, :3], (0, 0, 1), atol=1e-3)


def test_sun_disc_stands_where_the_light_comes_from(renderer: Renderer) -> None:
    sun = Sun((-math.cos(0.3), 0.0, -math.sin(0.3)), 10.0)  # 0.3 rad above the horizon, before the camera
    picture = renderer.linear(Scene(sun=sun, sky=Atmosphere(sun)), view(400, 320), 0.0).sum(axis=-1)
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    # py = 160 - 200·tan 0.3 = 98.1
    assert (row + 0.5, column + 0.5) == (pytest.approx(98.1, abs=1.5), pytest.approx(200, abs=1.5))


def test_fog_hides_the_distance(renderer: Renderer) -> None:
    # Unreal's line integral is ln 2 where the falloff is 0: at 2/1000 per cm and 500 cm, 2**-0.69315 = 0.61850 is left.
    glowing = Material(base_color=(0, 0, 0, 1), emissive=(1.0, 1.0, 1.0), unlit=True)
    fog = Fog(density=2.0, height_falloff=0.0, color=(0.25, 0.5, 1.0))
    scene = Scene((at(card(500, -50, 50, -50, 50, glowing)),), fog=fog)
    picture = renderer.linear(scene, view(), 0.0)
    np.testing.assert_allclose(middle(picture)[:3], (0.71387, 0.80925, 1.0), rtol=2e-3)
    later = dataclasses.replace(scene, fog=dataclasses.replace(fog, start_cm=500.0))
    np.testing.assert_allclose(middle(renderer.linear(later, view(), 0.0))[:3], 1.0, rtol=1e-3)


def test_blending_is_sorted_and_linear(renderer: Renderer) -> None:
    def pane(distance: float, colour: tuple[float, float, float]) -> Material:
        return Material(base_color=(*colour, 0.5), alpha_mode="blend", unlit=True)

    near = at(card(200, -50, 50, -50, 50, pane(200, (1, 0, 0))))
    far = at(card(300, -50, 50, -50, 50, pane(300, (0, 1, 0))))
    back = at(card(400, -400, 400, -400, 400, Material(base_color=(0, 0, 1, 1), unlit=True)))
    for order in ((near, far, back), (back, far, near)):
        picture = renderer.linear(Scene(order), view(), 0.0)
        np.testing.assert_allclose(middle(picture)[:3], (0.5, 0.25, 0.25), atol=2e-3)


def test_fxaa_softens_edges_only(renderer: Renderer) -> None:
    triangle = mesh([(200, -100, -100), (200, 100, -100), (200, -60, 100)], [(0, 1, 2)])
    scene = Scene((at(triangle),))
    hard = renderer.color(scene, view(), Grading(tone_curve=False, fxaa=False))[..., 0].astype(int)
    soft = renderer.color(scene, view(), Grading(tone_curve=False))[..., 0].astype(int)
    between = (soft > 20) & (soft < 235)
    assert not ((hard > 20) & (hard < 235)).any()
    assert 20 < between.sum() < 300
    assert (np.abs(soft - hard) > 2).sum() < 400
