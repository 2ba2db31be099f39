"""Lights and sky, in the units in which the renderer wants them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from recording import RecordingRenderer, camera, spawn, target, world

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth.embedded.renderer.scene import Atmosphere, Scene
from unrealsynth.embedded.unreal.lights import color_of_temperature
from unrealsynth.errors import EditorError

MOVABLE = unreal.ComponentMobility.MOVABLE


@pytest.fixture(autouse=True)
def _engine(engine: Engine) -> None:
    """All of this needs an engine."""


@pytest.fixture
def seen(renderer: RecordingRenderer) -> Any:
    """Captures, and gives the scene that the renderer got."""
    picture = target()
    component = camera(picture)

    def capture() -> Scene:
        component.capture_scene()
        unreal.RenderingLibrary.read_render_target(world(), picture)
        return renderer.last()[0]

    return capture


def sun(**rotation: float) -> Any:
    component = spawn(unreal.DirectionalLight, **rotation).light_component
    component.set_mobility(MOVABLE)
    return component


def test_the_sun_shines_along_its_forward_vector(seen: Any) -> None:
    component = sun(pitch=-90.0)
    component.set_intensity(12.5)
    component.set_light_source_angle(2.0)
    found = seen().sun
    assert found.direction == pytest.approx((0.0, 0.0, -1.0), abs=1e-12)
    assert (found.illuminance_lux, found.angle_deg, found.color, found.cast_shadow) == (
        12.5,
        2.0,
        (1.0, 1.0, 1.0),
        True,
    )
    component.get_owner().set_actor_rotation(unreal.Rotator(roll=0.0, pitch=-30.0, yaw=90.0), True)
    assert seen().sun.direction == pytest.approx((0.0, math.sqrt(3) / 2, -0.5), abs=1e-12)


@pytest.mark.parametrize(
    ("kelvin", "rgb"),
    [
        # The Planckian locus in linear Rec. 709 at luminance 1, from tables of chromaticities:
        # 6500 K is x = 0.3135, y = 0.3237; 3000 K is x = 0.4369, y = 0.4041; 10000 K is x = 0.2807, y = 0.2884.
        (6500.0, (1.016, 0.987, 1.048)),
        (3000.0, (1.767, 0.864, 0.256)),
        (10000.0, (0.872, 0.995, 1.430)),
    ],
)
def test_temperatures(kelvin: float, rgb: tuple[float, ...], seen: Any) -> None:
    assert color_of_temperature(kelvin) == pytest.approx(rgb, abs=0.03)
    component = sun()
    component.set_temperature(kelvin)
    assert seen().sun.color == (1.0, 1.0, 1.0), "temperature counts only when it is used"
    component.set_use_temperature(True)
    assert seen().sun.color == pytest.approx(rgb, abs=0.03)


def test_luminance_does_not_depend_on_the_temperature() -> None:
    for kelvin in (1500.0, 4000.0, 12000.0):
        red, green, blue = color_of_temperature(kelvin)
        assert 0.2126 * red + 0.7152 * green + 0.0722 * blue == pytest.approx(1.0, abs=0.01)


def test_colors_are_srgb_bytes(seen: Any) -> None:
    component = sun()
    component.set_light_color(unreal.LinearColor(0.5, 1.0, 0.0))
    assert (component.light_color.r, component.light_color.g, component.light_color.b) == (188, 255, 0)
    assert seen().sun.color == pytest.approx((0.5029, 1.0, 0.0), abs=1e-3)


@pytest.mark.parametrize(
    ("units", "intensity", "candela"),
    [
        ("CANDELAS", 100.0, 100.0),
        ("LUMENS", 1000.0, 1000.0 / (4.0 * math.pi)),
        ("UNITLESS", 5000.0, 8.0),  # Unreal's own default light
    ],
)
def test_units_of_point_lights(units: str, intensity: float, candela: float, seen: Any) -> None:
    component = spawn(unreal.PointLight, (1.0, 2.0, 3.0)).light_component
    component.set_intensity_units(getattr(unreal.LightUnits, units))
    component.set_intensity(intensity)
    component.set_attenuation_radius(500.0)
    [lamp] = seen().lamps
    assert lamp.intensity_cd == pytest.approx(candela)
    assert (lamp.kind, lamp.location, lamp.radius_cm) == ("point", (1.0, 2.0, 3.0), 500.0)


def test_a_spot_light_spreads_its_lumens_over_its_cone(seen: Any) -> None:
    component = spawn(unreal.SpotLight, pitch=-90.0).light_component
    component.set_intensity_units(unreal.LightUnits.LUMENS)
    component.set_intensity(1000.0)
    component.set_outer_cone_angle(60.0)
    component.set_inner_cone_angle(20.0)
    [lamp] = seen().lamps
    assert lamp.intensity_cd == pytest.approx(1000.0 / math.pi)  # 2π(1 - cos 60°) = π
    assert (lamp.inner_cone_deg, lamp.outer_cone_deg) == (20.0, 60.0)
    assert lamp.direction == pytest.approx((0.0, 0.0, -1.0), abs=1e-12)


def test_units_that_are_not_known_are_refused(seen: Any) -> None:
    spawn(unreal.PointLight).light_component.set_intensity_units(unreal.LightUnits.EV)
    with pytest.raises(EditorError, match="use candelas"):
        seen()


@pytest.mark.parametrize("actor_class", [unreal.DirectionalLight, unreal.PointLight, unreal.SkyLight])
def test_static_light_is_not_there_until_it_is_baked(actor_class: Any, seen: Any) -> None:
    component = spawn(actor_class).light_component
    for mobility, count in (("STATIC", 0), ("STATIONARY", 1), ("MOVABLE", 1)):
        component.set_mobility(getattr(unreal.ComponentMobility, mobility))
        scene = seen()
        assert (scene.sun is not None) + len(scene.lamps) + (scene.sky_light is not None) == count
    component.set_visibility(False)
    scene = seen()
    assert (scene.sun, scene.lamps, scene.sky_light) == (None, (), None)


def test_a_sky_light_keeps_what_it_captured(seen: Any) -> None:
    light = sun(pitch=-60.0)
    spawn(unreal.SkyAtmosphere)
    sky = spawn(unreal.SkyLight).light_component
    sky.set_mobility(MOVABLE)
    assert seen().sky_light.source is None, "nothing was captured yet"
    sky.recapture_sky()
    light.get_owner().set_actor_rotation(unreal.Rotator(pitch=-10.0), True)
    scene = seen()
    assert isinstance(scene.sky, Atmosphere)
    assert scene.sky.sun is not None
    assert scene.sky.sun.direction[2] == pytest.approx(-math.sin(math.radians(10)))
    assert scene.sky_light.source.sun.direction[2] == pytest.approx(-math.sin(math.radians(60)))
    sky.recapture_sky()
    assert seen().sky_light.source.sun.direction[2] == pytest.approx(-math.sin(math.radians(10)))


def test_a_real_time_sky_light_captures_nothing(seen: Any) -> None:
    sun()
    spawn(unreal.SkyAtmosphere)
    sky = spawn(unreal.SkyLight).light_component
    sky.set_real_time_capture(True)
    sky.recapture_sky()
    assert seen().sky_light.source is None


def test_a_sky_light_captures_by_itself_at_its_first_tick(seen: Any, engine: Engine) -> None:
    light = sun(pitch=-60.0)
    spawn(unreal.SkyAtmosphere)
    spawn(unreal.SkyLight)
    engine.tick(1 / 60)
    height = pytest.approx(-math.sin(math.radians(60)))
    assert seen().sky_light.source.sun.direction[2] == height
    light.get_owner().set_actor_rotation(unreal.Rotator(pitch=-10.0), True)
    engine.tick(1 / 60)
    assert seen().sky_light.source.sun.direction[2] == height


def test_a_sky_light_leaves_real_time_with_a_capture(seen: Any) -> None:
    spawn(unreal.SkyAtmosphere)
    sky = spawn(unreal.SkyLight).light_component
    sky.set_editor_property("source_type", unreal.SkyLightSourceType.SLS_SPECIFIED_CUBEMAP)
    sky.set_real_time_capture(True)
    assert seen().sky_light.source is None
    sky.set_editor_property("source_type", unreal.SkyLightSourceType.SLS_CAPTURED_SCENE)
    sky.set_real_time_capture(False)
    assert isinstance(seen().sky_light.source, Atmosphere)
    sky.set_mobility(unreal.ComponentMobility.STATIC)
    sky.set_real_time_capture(True)
    assert sky.real_time_capture is False, "a static light cannot be changed"


def test_of_several_sky_lights_the_last_one_counts(seen: Any) -> None:
    for intensity in (2.0, 3.0):
        spawn(unreal.SkyLight).light_component.set_intensity(intensity)
    assert seen().sky_light.intensity == 3.0


def test_a_sky_lights_own_values(seen: Any) -> None:
    sky = spawn(unreal.SkyLight).light_component
    sky.set_intensity(2.5)
    sky.set_editor_property("lower_hemisphere_is_black", False)
    found = seen().sky_light
    assert (found.intensity, found.lower_hemisphere_is_black) == (2.5, False)


def test_clouds_and_the_atmospheres_sun(seen: Any) -> None:
    component = sun()
    spawn(unreal.SkyAtmosphere)
    assert seen().sky == Atmosphere(component._scene_sun(), pytest.approx(1.0), pytest.approx(1.0), False)
    spawn(unreal.VolumetricCloud)
    component.set_atmosphere_sun_light(False)
    scene = seen()
    assert scene.sky.clouds
    assert scene.sky.sun is None
    assert scene.sun is not None


def test_fog(seen: Any) -> None:
    component = spawn(unreal.ExponentialHeightFog, (0.0, 0.0, 30.0)).component
    component.set_fog_density(0.05)
    component.set_fog_height_falloff(0.5)
    component.set_start_distance(100.0)
    component.set_fog_max_opacity(0.75)
    component.set_fog_inscattering_color(unreal.LinearColor(0.5, 0.25, 0.125))
    fog = seen().fog
    assert (fog.density, fog.height_falloff, fog.height_cm) == (pytest.approx(0.05), 0.5, 30.0)
    assert (fog.start_cm, fog.max_opacity, fog.color) == (100.0, 0.75, (0.5, 0.25, 0.125))
