"""Material graphs: what the renderer gets of them, what does not compile, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recording import RecordingRenderer, camera, cube, spawn, target, world

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth.embedded.renderer.scene import Material, Panorama
from unrealsynth.embedded.unreal.textures import Texture2D, TextureCube
from unrealsynth.errors import EditorError

LIBRARY = unreal.MaterialEditingLibrary
OUTPUT = unreal.MaterialProperty


@pytest.fixture(autouse=True)
def _engine(engine: Engine) -> None:
    """All of this needs an engine."""


class Graph:
    """A material under construction."""

    def __init__(self, name: str = "M", **properties: object) -> None:
        self.material = unreal.AssetToolsHelpers.get_asset_tools().create_asset(
            name, "/Game/Tests", unreal.Material, unreal.MaterialFactoryNew()
        )
        for key, value in properties.items():
            self.material.set_editor_property(key, value)

    def node(self, kind: str, **properties: object) -> Any:
        made = LIBRARY.create_material_expression(self.material, getattr(unreal, f"MaterialExpression{kind}"))
        for key, value in properties.items():
            made.set_editor_property(key, value)
        return made

    def link(self, source: Any, output: str, node: Any, name: str) -> Any:
        assert LIBRARY.connect_material_expressions(source, output, node, name)
        return node

    def result(self, node: Any, output: str, property_: Any) -> None:
        assert LIBRARY.connect_material_property(node, output, property_)

    def finish(self) -> Any:
        LIBRARY.recompile_material(self.material)
        unreal.AutomationLibrary.finish_loading_before_screenshot()
        return self.material


def texture(name: str = "T", normal_map: bool = False) -> Any:
    made = _engine_assets().put(f"/Game/Tests/{name}", Texture2D)
    made._pixels = np.full((2, 2, 4), (10, 20, 30, 40), np.uint8)
    if normal_map:
        made.srgb = False
        made.compression_settings = unreal.TextureCompressionSettings.TC_NORMALMAP
    return made


def _engine_assets() -> Any:
    from unrealsynth.embedded.unreal import _runtime

    return _runtime.engine().assets


def drawn(material: Any, renderer: RecordingRenderer) -> Material:
    """The material of a cube that has it, as the renderer gets it."""
    component = cube((500.0, 0.0, 0.0)).static_mesh_component
    component.set_material(0, material)
    picture = target()
    camera(picture).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    return renderer.last()[0].instances[-1].materials[0]


def ground() -> Any:
    """Texture(UV × Tiling) × Color, Roughness, Normal: as a plugin would build it."""
    graph = Graph()
    color = graph.node("VectorParameter", parameter_name="Color", default_value=unreal.LinearColor(1.0, 1.0, 1.0, 1.0))
    roughness = graph.node("ScalarParameter", parameter_name="Roughness", default_value=0.9)
    tiling = graph.node("ScalarParameter", parameter_name="Tiling", default_value=4.0)
    uv = graph.node("Multiply")
    graph.link(graph.node("TextureCoordinate"), "", uv, "A")
    graph.link(tiling, "", uv, "B")
    sample = graph.node("TextureSampleParameter2D", parameter_name="Texture", texture=texture())
    graph.link(uv, "", sample, "UVs")
    product = graph.node("Multiply")
    graph.link(sample, "RGB", product, "A")
    graph.link(color, "", product, "B")
    normal = graph.node("TextureSampleParameter2D", parameter_name="Normal", texture=texture("N", normal_map=True))
    graph.link(uv, "", normal, "UVs")
    graph.result(product, "", OUTPUT.MP_BASE_COLOR)
    graph.result(roughness, "", OUTPUT.MP_ROUGHNESS)
    graph.result(normal, "RGB", OUTPUT.MP_NORMAL)
    return graph.finish()


def test_a_ground_material(renderer: RecordingRenderer) -> None:
    made = drawn(ground(), renderer)
    assert made.base_color == (1.0, 1.0, 1.0, 1.0)
    assert made.base_color_texture is not None
    assert made.base_color_texture.srgb
    assert made.roughness == pytest.approx(0.9)
    assert made.uv_transform == (4.0, 0.0, 0.0, 0.0, 4.0, 0.0)
    # Unreal's normal maps have green down, the renderer's up: 255 - 20.
    assert made.normal_texture is not None
    assert made.normal_texture.pixels[0, 0].tolist() == [10, 235, 30, 40]
    assert not made.normal_texture.srgb


def test_flipping_green_makes_a_normal_map_of_the_other_kind(renderer: RecordingRenderer) -> None:
    material = ground()
    unreal.EditorAssetLibrary.load_asset("/Game/Tests/N").set_editor_property("flip_green_channel", True)
    LIBRARY.recompile_material(material)
    unreal.AutomationLibrary.finish_loading_before_screenshot()
    made = drawn(material, renderer)
    assert made.normal_texture is not None
    assert made.normal_texture.pixels[0, 0].tolist() == [10, 20, 30, 40]


def test_dynamic_instances_change_parameters_at_once(renderer: RecordingRenderer) -> None:
    component = cube((500.0, 0.0, 0.0)).static_mesh_component
    instance = component.create_dynamic_material_instance(0, ground())
    other = texture("Other")
    instance.set_vector_parameter_value("Color", unreal.LinearColor(0.5, 0.25, 0.125, 1.0))
    instance.set_scalar_parameter_value("roughness", 0.25)  # names have no case
    instance.set_scalar_parameter_value("No such parameter", 1.0)
    instance.set_texture_parameter_value("Texture", other)
    picture = target()
    component_2d = camera(picture)

    def made() -> Material:
        component_2d.capture_scene()
        unreal.RenderingLibrary.read_render_target(world(), picture)
        return renderer.last()[0].instances[0].materials[0]

    first = made()
    assert first.base_color == (0.5, 0.25, 0.125, 1.0)
    assert first.roughness == 0.25
    assert first.base_color_texture is other._scene_texture()
    assert made() is first, "the same until something changes"
    instance.set_scalar_parameter_value("Tiling", 8.0)
    assert made().uv_transform[0] == 8.0
    assert instance.get_scalar_parameter_value("Tiling") == 8.0
    assert instance.get_scalar_parameter_value("Roughness") == 0.25


def test_parameters_are_listed() -> None:
    material = ground()
    assert [str(name) for name in LIBRARY.get_scalar_parameter_names(material)] == ["Roughness", "Tiling"]
    assert [str(name) for name in LIBRARY.get_vector_parameter_names(material)] == ["Color"]
    assert [str(name) for name in LIBRARY.get_texture_parameter_names(material)] == ["Texture", "Normal"]


def test_constant_instances(renderer: RecordingRenderer) -> None:
    instance = unreal.AssetToolsHelpers.get_asset_tools().create_asset(
        "MI", "/Game/Tests", unreal.MaterialInstanceConstant, unreal.MaterialInstanceConstantFactoryNew()
    )
    LIBRARY.set_material_instance_parent(instance, ground())
    assert LIBRARY.set_material_instance_scalar_parameter_value(instance, "Roughness", 0.5)
    assert not LIBRARY.set_material_instance_scalar_parameter_value(instance, "No such parameter", 0.5)
    assert drawn(instance, renderer).roughness == 0.5
    assert instance.get_scalar_parameter_value("Tiling") == 4.0


def test_arithmetic_on_numbers_is_folded(renderer: RecordingRenderer) -> None:
    graph = Graph()
    a = graph.node("Constant", r=0.75)
    b = graph.node("Subtract", const_b=0.5)
    graph.link(a, "", b, "A")  # 0.25
    c = graph.node("OneMinus")
    graph.link(b, "", c, "")  # 0.75
    d = graph.node("LinearInterpolate", const_a=0.0, const_b=2.0)
    graph.link(c, "", d, "Alpha")  # 1.5
    e = graph.node("Clamp", max_default=0.9)
    graph.link(d, "", e, "")  # 0.9
    graph.result(e, "", OUTPUT.MP_ROUGHNESS)
    f = graph.node("AppendVector")
    graph.link(graph.node("Constant2Vector", r=0.1, g=0.2), "", f, "A")
    graph.link(graph.node("Constant", r=0.3), "", f, "B")
    graph.result(f, "", OUTPUT.MP_BASE_COLOR)
    made = drawn(graph.finish(), renderer)
    assert made.roughness == pytest.approx(0.9)
    assert made.base_color == pytest.approx((0.1, 0.2, 0.3, 1.0))


def sky(local: bool) -> tuple[Any, Any]:
    cube_map = _engine_assets().put("/Game/Tests/Panorama", TextureCube)
    cube_map.srgb = False
    pixels = np.zeros((2, 8, 3), np.float32)
    pixels[:, 4] = 5.0
    cube_map._panorama = Panorama(pixels)
    graph = Graph("Sky", shading_model=unreal.MaterialShadingModel.MSM_UNLIT, two_sided=True)
    outward = graph.node("Multiply", const_b=-1.0)
    graph.link(graph.node("CameraVectorWS"), "", outward, "A")
    if local:
        turned = graph.node(
            "Transform",
            transform_source_type=unreal.MaterialVectorCoordTransformSource.TRANSFORMSOURCE_WORLD,
            transform_type=unreal.MaterialVectorCoordTransform.TRANSFORM_LOCAL,
        )
        outward = graph.link(outward, "", turned, "")
    sample = graph.node(
        "TextureSampleParameterCube",
        parameter_name="Sky",
        texture=cube_map,
        sampler_type=unreal.MaterialSamplerType.SAMPLERTYPE_LINEAR_COLOR,
    )
    graph.link(outward, "", sample, "UVs")
    product = graph.node("Multiply")
    graph.link(sample, "RGB", product, "A")
    graph.link(graph.node("Constant", r=3.0), "", product, "B")
    graph.result(product, "", OUTPUT.MP_EMISSIVE_COLOR)
    return graph.finish(), cube_map


@pytest.mark.parametrize(("local", "column"), [(False, 2), (True, 4)])
def test_a_sky_sphere_shines_by_direction(local: bool, column: int, renderer: RecordingRenderer) -> None:
    material, _ = sky(local)
    dome = cube((0.0, 0.0, 0.0), size_cm=400_000.0)
    dome.static_mesh_component.set_material(0, material)
    # The mark in the middle of the picture lies at -Y, two of eight columns to the left of +X; a quarter turn to the
    # right is two columns, too.
    dome.set_actor_rotation(unreal.Rotator(yaw=90.0), True)
    picture = target()
    camera(picture).capture_scene()
    unreal.RenderingLibrary.read_render_target(world(), picture)
    made = renderer.last()[0].instances[0].materials[0]
    assert made.unlit
    assert made.two_sided
    assert made.emissive == (3.0, 3.0, 3.0)
    assert made.emissive_panorama is not None
    assert int(made.emissive_panorama.pixels[0, :, 0].argmax()) == column


def test_a_sky_light_captures_the_sphere_around_everything(renderer: RecordingRenderer) -> None:
    material, cube_map = sky(local=True)
    dome = cube((0.0, 0.0, 0.0), size_cm=400_000.0)
    dome.static_mesh_component.set_material(0, material)
    dome.set_actor_rotation(unreal.Rotator(yaw=90.0), True)
    light = spawn(unreal.SkyLight).light_component
    light.set_mobility(unreal.ComponentMobility.MOVABLE)
    picture = target()
    component = camera(picture)
    for recaptured in (False, True):
        if recaptured:
            light.recapture_sky()
        component.capture_scene()
        unreal.RenderingLibrary.read_render_target(world(), picture)
        found = renderer.last()[0].sky_light
        assert found is not None
        assert found.source is (cube_map._panorama if recaptured else None)
    assert found.tint == (3.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("output", "target_input", "accepted"),
    [
        ("RGB", "A", True),
        ("", "", True),  # the first of each
        ("RGB", "a", False),  # names have case
        ("Color", "A", False),  # a texture has no such output
        ("RGB", "Input", False),
    ],
)
def test_names_of_inputs_and_outputs(output: str, target_input: str, accepted: bool) -> None:
    graph = Graph()
    sample = graph.node("TextureSample", texture=texture())
    product = graph.node("Multiply")
    assert LIBRARY.connect_material_expressions(sample, output, product, target_input) == accepted


def test_coordinates_go_by_their_short_name() -> None:
    graph = Graph()
    uv, sample = graph.node("TextureCoordinate"), graph.node("TextureSample", texture=texture())
    assert not LIBRARY.connect_material_expressions(uv, "", sample, "Coordinates")
    assert LIBRARY.connect_material_expressions(uv, "", sample, "UVs")


def test_editing_the_texture_chooses_the_sampler_and_assigning_does_not() -> None:
    graph, normal = Graph(), texture("N", normal_map=True)
    edited, assigned = graph.node("TextureSample", texture=normal), graph.node("TextureSample")
    assigned.texture = normal
    assert edited.sampler_type == unreal.MaterialSamplerType.SAMPLERTYPE_NORMAL
    assert assigned.sampler_type == unreal.MaterialSamplerType.SAMPLERTYPE_COLOR


def _wrong_sampler(graph: Graph) -> None:
    node = graph.node("TextureSample", texture=texture("N", normal_map=True))
    node.set_editor_property("sampler_type", unreal.MaterialSamplerType.SAMPLERTYPE_COLOR)
    graph.result(node, "RGB", OUTPUT.MP_BASE_COLOR)


def _no_texture(graph: Graph) -> None:
    graph.result(graph.node("TextureSample"), "RGB", OUTPUT.MP_BASE_COLOR)


def _mismatched(graph: Graph) -> None:
    product = graph.node("Multiply")
    graph.link(graph.node("Constant2Vector"), "", product, "A")
    graph.link(graph.node("Constant3Vector"), "", product, "B")
    graph.result(product, "", OUTPUT.MP_BASE_COLOR)


@pytest.mark.parametrize("build", [_wrong_sampler, _no_texture, _mismatched])
def test_what_does_not_compile_is_logged_and_drawn_grey(
    build: Any, renderer: RecordingRenderer, caplog: pytest.LogCaptureFixture
) -> None:
    graph = Graph()
    build(graph)
    made = drawn(graph.finish(), renderer)
    assert made.base_color == (0.5, 0.5, 0.5, 1.0)
    assert "/Game/Tests/M.M" in caplog.text


def _two_textures(graph: Graph) -> None:
    product = graph.node("Multiply")
    for name in ("A", "B"):
        graph.link(graph.node("TextureSample", texture=texture(name)), "RGB", product, name)
    graph.result(product, "", OUTPUT.MP_BASE_COLOR)


def _two_tilings(graph: Graph) -> None:
    for name, property_, tiling in (("A", OUTPUT.MP_BASE_COLOR, 1.0), ("B", OUTPUT.MP_EMISSIVE_COLOR, 2.0)):
        sample = graph.node("TextureSample", texture=texture(name))
        graph.link(graph.node("TextureCoordinate", u_tiling=tiling), "", sample, "UVs")
        graph.result(sample, "RGB", property_)


def _additive(graph: Graph) -> None:
    graph.material.set_editor_property("blend_mode", unreal.BlendMode.BLEND_ADDITIVE)


@pytest.mark.parametrize("build", [_two_textures, _two_tilings, _additive])
def test_what_only_the_embedded_editor_cannot_is_refused(build: Any) -> None:
    graph = Graph()
    with pytest.raises(EditorError, match=r"/Game/Tests/M\.M: the embedded editor does not know"):
        build(graph)
        graph.finish()


def test_a_material_is_grey_until_it_is_compiled(engine: Engine, renderer: RecordingRenderer) -> None:
    graph = Graph()
    graph.result(graph.node("Constant3Vector", constant=unreal.LinearColor(1.0, 0.0, 0.0)), "", OUTPUT.MP_BASE_COLOR)
    LIBRARY.recompile_material(graph.material)
    assert drawn(graph.material, renderer).base_color == (0.5, 0.5, 0.5, 1.0)
    for _ in range(engine.switches.shader_ticks):
        engine.tick(0.02)
    assert drawn(graph.material, renderer).base_color == (1.0, 0.0, 0.0, 1.0)


def test_ids_by_comparing_two_depths(renderer: RecordingRenderer) -> None:
    """For levels whose things do not all render into custom depth: the id counts only where it is in front."""
    graph = Graph(
        "Compared",
        material_domain=unreal.MaterialDomain.MD_POST_PROCESS,
        blendable_location=unreal.BlendableLocation.BL_REPLACING_TONEMAPPER,
    )

    def scene_texture(name: str) -> Any:
        return graph.node("SceneTexture", scene_texture_id=getattr(unreal.SceneTextureId, name))

    red = graph.node("ComponentMask", r=True)
    graph.link(scene_texture("PPI_CUSTOM_STENCIL"), "Color", red, "")
    share = graph.link(red, "", graph.node("Divide", const_b=255.0), "A")
    behind = graph.node("Subtract")
    graph.link(scene_texture("PPI_CUSTOM_DEPTH"), "Color", behind, "A")
    graph.link(scene_texture("PPI_SCENE_DEPTH"), "Color", behind, "B")
    choice = graph.node("If", const_b=1.0)
    first = graph.node("ComponentMask", r=True)
    graph.link(behind, "", first, "")
    graph.link(first, "", choice, "A")
    graph.link(graph.node("Constant", r=0.0), "", choice, "A > B")
    graph.link(share, "", choice, "A < B")
    graph.result(choice, "", OUTPUT.MP_EMISSIVE_COLOR)
    unreal.SystemLibrary.execute_console_command(world(), "r.CustomDepth 3")
    picture = target(4, 4)
    component = camera(picture)
    component.show_flag_settings = [unreal.EngineShowFlagsSetting("AntiAliasing", False)]
    component.add_or_update_blendable(graph.finish(), 1.0)
    component.capture_scene()
    colors = unreal.RenderingLibrary.read_render_target(world(), picture, False)
    assert [color.r for color in colors] == [0, 0, 0, 0, 0, 7, 7, 0, 0, 7, 7, 0, 0, 0, 0, 0]


def test_other_scene_textures_are_refused() -> None:
    graph = Graph("Other", material_domain=unreal.MaterialDomain.MD_POST_PROCESS)
    graph.material.set_editor_property("blendable_location", unreal.BlendableLocation.BL_REPLACING_TONEMAPPER)
    node = graph.node("SceneTexture", scene_texture_id=unreal.SceneTextureId.PPI_WORLD_NORMAL)
    graph.result(node, "Color", OUTPUT.MP_EMISSIVE_COLOR)
    component = camera(target())
    component.add_or_update_blendable(graph.finish(), 1.0)
    with pytest.raises(EditorError, match="no scene texture PPI_WORLD_NORMAL"):
        component.capture_scene()


def test_an_asset_is_not_made_twice() -> None:
    assert Graph().material is not None
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    assert tools.create_asset("M", "/Game/Tests", unreal.Material, unreal.MaterialFactoryNew()) is None
    assert tools.create_asset("M 2", "no path", unreal.Material, unreal.MaterialFactoryNew()) is None
