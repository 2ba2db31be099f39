"""Captures and render targets: what reaches the renderer, when, and what becomes of its picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from recording import (
    RecordingRenderer,
    camera,
    cube,
    id_camera,
    id_material,
    manual_exposure,
    spawn,
    target,
    world,
    write_exr,
)

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine, Switches
from unrealsynth.errors import EditorError

FORMATS = unreal.TextureRenderTargetFormat
SOURCES = unreal.SceneCaptureSource


@pytest.fixture(autouse=True)
def _engine(engine: Engine) -> None:
    """All of this needs an engine."""


def export(picture: Any, path: Path) -> Path:
    unreal.RenderingLibrary.export_render_target(world(), picture, str(path.parent), path.name)
    return path


def shown(picture: Any, tmp_path: Path) -> int:
    """The one grey of an exported picture."""
    pixels = np.asarray(Image.open(export(picture, tmp_path / "grey.png")).convert("RGB"))
    assert pixels.min() == pixels.max()
    return int(pixels[0, 0, 0])


@pytest.mark.parametrize(
    ("format_name", "gamma", "wanted"),
    [
        # Grey card of 0.18: the sRGB curve gives 118, as a viewport shows it.
        ("RTF_RGBA8", 2.2, 118),
        # 0.18 ^ 2.2 = 0.0230, sRGB of that is 42: the picture that is far too dark.
        ("RTF_RGBA8", None, 42),
        # The hardware encodes those 42 once more: sRGB of 42 / 255 = 0.1647 is 113. Near 118, but not it.
        ("RTF_RGBA8_SRGB", None, 113),
        # Encoded twice: sRGB of 118 / 255 = 0.4627 is 181, washed out.
        ("RTF_RGBA8_SRGB", 2.2, 181),
    ],
)
def test_gamma_of_render_targets(format_name: str, gamma: float | None, wanted: int, tmp_path: Path) -> None:
    picture = target(format_=getattr(FORMATS, format_name), gamma=gamma)
    camera(picture).capture_scene()
    assert shown(picture, tmp_path) == wanted


def test_editing_the_format_ends_the_forced_linear_gamma(tmp_path: Path) -> None:
    picture = target(format_=FORMATS.RTF_RGBA8_SRGB)
    picture.set_editor_property("render_target_format", FORMATS.RTF_RGBA8)
    camera(picture).capture_scene()
    assert shown(picture, tmp_path) == 118


def test_editing_a_large_target_clamps_it_and_an_attribute_does_not() -> None:
    picture = target(4096, 16)
    picture.target_gamma = 2.2
    assert picture.size_x == 4096
    picture.set_editor_property("target_gamma", 1.8)
    assert (picture.size_x, picture.size_y) == (2048, 16)


def test_a_capture_is_a_snapshot_and_rendered_when_it_is_read(renderer: RecordingRenderer, tmp_path: Path) -> None:
    actor, picture = cube((100.0, 0.0, 0.0)), target()
    component = camera(picture)
    component.capture_scene()
    actor.set_actor_location(unreal.Vector(900.0, 0.0, 0.0), False, False)
    actor.static_mesh_component.set_visibility(False)
    assert renderer.calls == []
    export(picture, tmp_path / "a.png")
    scene, _, _ = renderer.last()
    assert [tuple(item.transform[:3, 3]) for item in scene.instances] == [(100.0, 0.0, 0.0)]
    export(picture, tmp_path / "b.png")
    assert len(renderer.calls) == 1, "what was rendered is kept"


def test_an_overwritten_capture_is_never_rendered(renderer: RecordingRenderer, tmp_path: Path) -> None:
    picture = target()
    component = camera(picture)
    for _ in range(5):
        component.capture_scene()
    export(picture, tmp_path / "a.png")
    assert len(renderer.calls) == 1


def test_nothing_is_captured_without_target_or_visibility(renderer: RecordingRenderer) -> None:
    picture = target()
    component = camera(picture, texture_target=None)
    component.capture_scene()
    component.texture_target = picture
    component.set_visibility(False)
    component.capture_scene()
    assert unreal.RenderingLibrary.read_render_target_pixel(world(), picture, 0, 0) == unreal.Color(0, 0, 0, 255)
    assert renderer.calls == []


def test_the_view_is_the_components(renderer: RecordingRenderer) -> None:
    picture = target(40, 20)
    component = camera(picture, fov_angle=60.0)
    component.get_owner().set_actor_location_and_rotation(
        unreal.Vector(1.0, 2.0, 3.0), unreal.Rotator(yaw=90.0), False, True
    )
    component.set_relative_location(unreal.Vector(10.0, 0.0, 0.0), False, False)
    component.capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    _, view, _ = renderer.last()
    assert view.location == pytest.approx((1.0, 12.0, 3.0))
    assert view.forward == pytest.approx((0.0, 1.0, 0.0), abs=1e-12)
    assert (view.width, view.height, view.fov_deg, view.near_cm) == (40, 20, 60.0, 10.0)


@pytest.mark.parametrize(("override", "near_cm"), [(False, 10.0), (True, 25.0)])
def test_the_near_plane_needs_its_override(override: bool, near_cm: float, renderer: RecordingRenderer) -> None:
    picture = target()
    component = camera(picture, custom_near_clipping_plane=25.0, override_custom_near_clipping_plane=override)
    component.capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    assert renderer.last()[1].near_cm == near_cm


@pytest.mark.parametrize(
    ("flags", "fxaa", "tone_curve"),
    [
        ({}, True, True),
        ({"AntiAliasing": False}, False, True),
        ({"Tonemapper": False}, True, False),
        ({"Antialiasing ": False, "NoSuchFlag": True}, True, True),  # unknown names have no effect
    ],
)
def test_show_flags(flags: dict[str, bool], fxaa: bool, tone_curve: bool, renderer: RecordingRenderer) -> None:
    picture = target()
    component = camera(picture)
    component.show_flag_settings = [unreal.EngineShowFlagsSetting(name, on) for name, on in flags.items()]
    component.capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    grading = renderer.last()[2]
    assert grading is not None
    assert (grading.fxaa, grading.tone_curve) == (fxaa, tone_curve)


def test_fog_and_sky_follow_their_show_flags(renderer: RecordingRenderer) -> None:
    for actor_class in (unreal.ExponentialHeightFog, unreal.SkyAtmosphere, unreal.DirectionalLight):
        spawn(actor_class)
    picture = target()
    component = camera(picture)
    for flags, fog, sky in (([], True, True), (["Fog"], False, True), (["Atmosphere"], True, False)):
        component.show_flag_settings = [unreal.EngineShowFlagsSetting(name, False) for name in flags]
        component.capture_scene()
        unreal.RenderingLibrary.read_render_target(world(), picture)
        scene = renderer.last()[0]
        assert (scene.fog is not None, scene.sky is not None) == (fog, sky)


@pytest.mark.parametrize(
    ("bias_ev", "weight", "exposure_ev"),
    [
        (0.0, 1.0, 0.0),
        (-2.5, 1.0, -2.5),
    ],
)
def test_manual_exposure(bias_ev: float, weight: float, exposure_ev: float, renderer: RecordingRenderer) -> None:
    picture = target()
    component = camera(picture, post_process_settings=manual_exposure(bias_ev), post_process_blend_weight=weight)
    component.capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    grading = renderer.last()[2]
    assert grading is not None
    assert grading.exposure_ev == exposure_ev


def test_a_setting_without_its_override_does_not_count(renderer: RecordingRenderer) -> None:
    picture = target()
    settings = manual_exposure(-3.0)
    settings.override_auto_exposure_bias = False
    camera(picture, post_process_settings=settings).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    grading = renderer.last()[2]
    assert grading is not None
    assert grading.exposure_ev == 1.0  # the default


def test_the_physical_camera_darkens_unless_it_is_switched_off(renderer: RecordingRenderer) -> None:
    picture = target()
    settings = manual_exposure()
    settings.auto_exposure_apply_physical_camera_exposure = True
    camera(picture, post_process_settings=settings).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    grading = renderer.last()[2]
    assert grading is not None
    # log2(aperture² · 1/shutter · 100/ISO) = log2(4² · 60).
    assert grading.exposure_ev == pytest.approx(-9.906890595608519)


@pytest.mark.parametrize("grey", [0.01, 0.18, 3.0])
def test_automatic_exposure_follows_the_scene(grey: float, renderer: RecordingRenderer, tmp_path: Path) -> None:
    renderer.grey = grey
    picture = target(gamma=2.2)
    component = camera(picture, post_process_blend_weight=0.0)
    component.capture_scene()
    # Middle grey, one EV brighter by default: sRGB of 0.36 is 162.
    assert shown(picture, tmp_path) == 162


def test_hidden_and_shown_lists(renderer: RecordingRenderer) -> None:
    near, middle, far = (cube((x, 0.0, 0.0)) for x in (100.0, 200.0, 300.0))
    picture = target()
    component = camera(picture)

    def drawn() -> list[float]:
        component.capture_scene()
        unreal.RenderingLibrary.read_render_target(world(), picture)
        return [float(item.transform[0, 3]) for item in renderer.last()[0].instances]

    component.hidden_actors = [near]
    assert drawn() == [200.0, 300.0]
    component.hide_component(far.static_mesh_component)
    assert drawn() == [200.0]
    component.hidden_actors = []
    component.clear_hidden_components()
    component.show_only_actors = [middle]
    assert drawn() == [100.0, 200.0, 300.0], "show-only lists count in their mode only"
    component.primitive_render_mode = unreal.SceneCapturePrimitiveRenderMode.PRM_USE_SHOW_ONLY_LIST
    assert drawn() == [200.0]
    component.show_only_actors = []
    component.show_only_actor_components(far)
    assert drawn() == [300.0]
    component.clear_show_only_components()
    assert drawn() == []


def test_what_a_game_hides_is_not_drawn(renderer: RecordingRenderer) -> None:
    actors = [cube((100.0 * i, 0.0, 0.0)) for i in range(1, 7)]
    actors[0].set_actor_hidden_in_game(True)
    actors[1].static_mesh_component.set_visibility(False)
    actors[2].static_mesh_component.set_hidden_in_game(True)
    actors[3].static_mesh_component.set_hidden_in_scene_capture(True)
    actors[4].set_is_temporarily_hidden_in_editor(True)
    picture = target()
    camera(picture).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    assert [float(item.transform[0, 3]) for item in renderer.last()[0].instances] == [500.0, 600.0]


def test_instances_carry_stencil_and_shadow(renderer: RecordingRenderer) -> None:
    cube((100.0, 0.0, 0.0))
    cube((200.0, 0.0, 0.0), stencil=300).static_mesh_component.set_cast_shadow(True)
    picture = target()
    camera(picture).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    assert [(item.stencil, item.cast_shadow) for item in renderer.last()[0].instances] == [(None, False), (255, True)]


def test_ids_come_out_as_exact_bytes(tmp_path: Path) -> None:
    picture = target(8, 8)
    id_camera(picture).capture_scene()
    pixels = np.asarray(Image.open(export(picture, tmp_path / "ids.png")))
    wanted = np.zeros((8, 8), np.uint8)
    wanted[2:6, 2:6] = 7
    assert np.array_equal(pixels[..., 0], wanted)
    assert np.array_equal(pixels[..., 0], pixels[..., 2])
    assert not pixels[..., 3].any(), "alpha says nothing"


def test_with_edge_smoothing_on_ids_mix(tmp_path: Path) -> None:
    picture = target(8, 8)
    component = id_camera(picture)
    component.show_flag_settings = []
    component.capture_scene()
    pixels = np.asarray(Image.open(export(picture, tmp_path / "ids.png")))
    assert set(np.unique(pixels[..., 0])) == {0, 3, 7}


def test_without_the_console_variable_there_is_no_stencil(tmp_path: Path) -> None:
    picture = target()
    component = id_camera(picture)
    unreal.SystemLibrary.execute_console_command(world(), "r.CustomDepth 1")
    component.capture_scene()
    assert shown(picture, tmp_path) == 0


def test_a_pass_that_is_not_compiled_shows_the_plain_picture(engine: Engine, tmp_path: Path) -> None:
    picture = target(gamma=2.2)
    component = camera(picture)
    component.show_flag_settings = [unreal.EngineShowFlagsSetting("AntiAliasing", False)]
    component.add_or_update_blendable(id_material(), 1.0)
    unreal.SystemLibrary.execute_console_command(world(), "r.CustomDepth 3")
    component.capture_scene()
    assert shown(picture, tmp_path) == 118
    for _ in range(engine.switches.shader_ticks):
        engine.tick(0.02)
    component.capture_scene()
    assert set(np.unique(np.asarray(Image.open(export(picture, tmp_path / "ids.png")))[..., 0])) == {0, 7}


@pytest.mark.parametrize("way", ["weight of the settings", "weight of the pass", "removed"])
def test_a_pass_without_weight_shows_the_plain_picture(way: str, tmp_path: Path) -> None:
    picture = target(gamma=2.2)
    component = id_camera(picture)
    material = component.post_process_settings.weighted_blendables.array[0].object
    if way == "weight of the settings":
        component.post_process_blend_weight = 0.0
    elif way == "weight of the pass":
        component.add_or_update_blendable(material, 0.0)
    else:
        component.remove_blendable(material)
    component.capture_scene()
    assert shown(picture, tmp_path) in (118, 162)  # without settings the exposure is automatic


def test_depth_is_written_as_floats(tmp_path: Path) -> None:
    import OpenEXR

    for format_, dtype, way in (
        (FORMATS.RTF_RGBA32F, np.float32, write_exr),
        (FORMATS.RTF_RGBA16F, np.float16, write_exr),
        (FORMATS.RTF_RGBA16F, np.float16, export),
    ):
        picture = target(format_=format_)
        camera(picture, SOURCES.SCS_SCENE_DEPTH).capture_scene()
        with OpenEXR.File(str(way(picture, tmp_path / "depth.exr"))) as file:
            pixels = file.channels()["RGBA"].pixels
        assert pixels.dtype == dtype
        assert (pixels[..., 0] == 1000.0).all()


@pytest.mark.parametrize(
    ("switches", "begins"),
    [
        ({}, b"\x89PNG"),  # whatever the file is called
        ({"other_exports": "nothing"}, b""),
        ({"exportable_floats": ("RTF_RGBA16F", "RTF_RGBA32F")}, b"\x76\x2f\x31\x01"),
    ],
)
def test_32_bits_are_exported_by_some_versions_only(
    engine: Engine, switches: dict[str, Any], begins: bytes, tmp_path: Path
) -> None:
    engine.switches = replace(engine.switches, **switches)
    picture = target(format_=FORMATS.RTF_RGBA32F)
    camera(picture, SOURCES.SCS_SCENE_DEPTH).capture_scene()
    assert export(picture, tmp_path / "depth.exr").read_bytes()[:4] == begins


def test_the_image_writer(engine: Engine, tmp_path: Path) -> None:
    picture = target(format_=FORMATS.RTF_RGBA32F)
    path = tmp_path / "depth.exr"
    camera(picture, SOURCES.SCS_SCENE_DEPTH).capture_scene()
    options = unreal.ImageWriteOptions()
    assert (options.async_, options.overwrite_file) == (True, True), "as in C++, not as the stub's arguments look"
    unreal.ImageWriteBlueprintLibrary.export_to_disk(picture, str(tmp_path / "depth"), options)
    assert not path.exists(), "it is written in the background"
    engine.tick(1 / 60)
    packed = path.read_bytes()
    write_exr(picture, path, overwrite_file=False)
    assert path.read_bytes() == packed
    write_exr(picture, path, compression_quality=1)
    assert len(path.read_bytes()) > len(packed)
    with pytest.raises(Exception, match="Only EXR export"):
        write_exr(picture, path, format=unreal.DesiredImageFormat.PNG)
    unreal.RenderingLibrary.release_render_target2d(picture)
    with pytest.raises(Exception, match="Invalid texture"):
        write_exr(picture, path)


@pytest.mark.parametrize(
    ("spoil", "size"),
    [
        ("released", 0),
        ("format", 0),  # R32F is neither PNG nor EXR for earlier versions
        ("folder in the way", None),  # the name is a folder
    ],
)
def test_a_failed_export_says_nothing(engine: Engine, spoil: str, size: int | None, tmp_path: Path) -> None:
    engine.switches = replace(engine.switches, other_exports="nothing")
    picture = target(format_=FORMATS.RTF_R32F if spoil == "format" else None)
    camera(picture).capture_scene()
    path = tmp_path / "out" / "a.png"
    if spoil == "released":
        unreal.RenderingLibrary.release_render_target2d(picture)
    if spoil == "folder in the way":
        path.mkdir(parents=True)
    export(picture, path)
    assert (path.stat().st_size if path.is_file() else None) == size


def test_the_format_decides_what_is_written_not_the_name(tmp_path: Path) -> None:
    picture = target()
    camera(picture).capture_scene()
    assert export(picture, tmp_path / "a.exr").read_bytes().startswith(b"\x89PNG")


def test_reading_back() -> None:
    library, picture = unreal.RenderingLibrary, target(4, 2, gamma=2.2)
    camera(picture).capture_scene()
    colors = library.read_render_target(world(), picture, False)
    assert len(colors) == 8
    assert (colors[0].r, colors[0].g, colors[0].b) == (118, 118, 118)
    assert library.read_render_target_raw_pixel(world(), picture, 3, 1, False).g == pytest.approx(118 / 255)
    assert len(library.read_render_target_raw_pixel_area(world(), picture, 1, 0, 2, 2, False)) == 4
    assert library.read_render_target(world(), target(format_=FORMATS.RTF_R8)) is None


def test_a_new_target_has_its_clear_color() -> None:
    made = unreal.RenderingLibrary.create_render_target2d(
        world(), 2, 2, FORMATS.RTF_RGBA8, unreal.LinearColor(1.0, 0.5, 0.0, 1.0)
    )
    pixel = unreal.RenderingLibrary.read_render_target_pixel(world(), made, 0, 0)
    assert (pixel.r, pixel.g, pixel.b) == (255, 127, 0)


@pytest.mark.parametrize("source", [SOURCES.SCS_NORMAL, SOURCES.SCS_BASE_COLOR, SOURCES.SCS_DEVICE_DEPTH])
def test_what_cannot_be_captured_is_refused(source: Any) -> None:
    component = camera(target(), source)
    with pytest.raises(EditorError, match=source.name):
        component.capture_scene()


def test_an_edit_queues_a_capture_for_the_next_frame(engine: Engine, renderer: RecordingRenderer) -> None:
    component = camera(target())
    engine.tick(0.02)
    picture = component.texture_target = target()
    component.fov_angle = 50.0
    assert picture._shot is None, "an attribute queues nothing"
    component.set_editor_property("fov_angle", 60.0)
    assert picture._shot is None, "nor does an edit capture at once"
    engine.tick(0.02)
    unreal.RenderingLibrary.read_render_target(world(), picture)
    assert renderer.last()[1].fov_deg == 60.0


@pytest.mark.parametrize(
    ("mode", "queued"),
    [
        (unreal.PropertyAccessChangeNotifyMode.NEVER, False),
        (unreal.PropertyAccessChangeNotifyMode.DEFAULT, False),  # the value is the old one
        (unreal.PropertyAccessChangeNotifyMode.ALWAYS, True),
    ],
)
def test_notify_modes(mode: Any, queued: bool, engine: Engine) -> None:
    component = camera(target(), fov_angle=60.0)
    engine.tick(0.02)
    picture = component.texture_target = target()
    component.set_editor_property("fov_angle", 60.0, mode)
    engine.tick(0.02)
    assert (picture._shot is not None) == queued


def test_captures_every_frame_unless_told_not_to(engine: Engine, renderer: RecordingRenderer) -> None:
    picture = target()
    component = spawn(unreal.SceneCapture2D).capture_component2d
    component.texture_target = picture
    engine.tick(0.02)
    assert picture._shot is not None


def test_history_is_needed_for_a_settled_picture(tmp_path: Path, renderer: RecordingRenderer) -> None:
    engine = Engine(tmp_path, renderer, switches=Switches(settle_captures=2))
    picture = target(gamma=2.2)
    component = camera(picture, always_persist_rendering_state=True)

    def after_ticks(count: int) -> int:
        for _ in range(count):
            engine.tick(0.02)
            component.capture_scene()
        return shown(picture, tmp_path)

    assert after_ticks(1) < after_ticks(1) < after_ticks(1) == 118
    component.capture_scene()
    component.capture_scene()
    component.camera_cut_this_frame = True
    assert after_ticks(1) < 118, "a cut loses the history"
    assert not component.camera_cut_this_frame
    assert after_ticks(2) == 118
    component.set_editor_property("fov_angle", 33.0)
    assert after_ticks(1) < 118, "and so does an edit"


def test_pictures_in_one_tick_count_once_for_the_history(tmp_path: Path, renderer: RecordingRenderer) -> None:
    engine = Engine(tmp_path, renderer, switches=Switches(settle_captures=2))
    picture = target(gamma=2.2)
    component = camera(picture, always_persist_rendering_state=True)
    engine.tick(0.02)
    for _ in range(9):
        component.capture_scene()
    assert shown(picture, tmp_path) < 118


def test_memory_does_not_grow(engine: Engine, renderer: RecordingRenderer, tmp_path: Path) -> None:
    import gc

    actor, picture = cube((500.0, 0.0, 0.0), stencil=1), target()
    component = id_camera(picture)

    def frames(count: int) -> int:
        for i in range(count):
            actor.set_actor_location(unreal.Vector(500.0 + i, 0.0, 0.0), False, True)
            component.capture_scene()
            export(picture, tmp_path / "a.png")
            engine.tick(0.02)
        renderer.calls.clear()
        gc.collect()
        return len(gc.get_objects())

    before = frames(20)
    assert frames(100) <= before + 20


def test_a_capture_that_is_destroyed_before_its_frame_does_no_harm(engine: Engine) -> None:
    calls: list[float] = []
    unreal.register_slate_post_tick_callback(calls.append)
    spawn(unreal.SceneCapture2D).destroy_actor()
    engine.tick(0.02)
    assert calls == [0.02]


def test_a_deleted_mesh_is_not_drawn(renderer: RecordingRenderer) -> None:
    actor = cube((100.0, 0.0, 0.0))
    assert unreal.EditorAssetLibrary.delete_asset("/Engine/BasicShapes/Cube")
    picture = target()
    camera(picture).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    assert renderer.last()[0].instances == ()
    assert actor.static_mesh_component.get_num_materials() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that takes nothing")
def test_an_export_that_does_not_fit_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "full.png").symlink_to("/dev/full")
    export(target(format_=FORMATS.RTF_RGBA8), tmp_path / "full.png")
