"""The few materials that the plugin needs, built by Python once an editor session.

What varies is a parameter, set on dynamic instances without a new compilation; a base material is never changed.
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

import unreal

from unrealsynth_plugin import VERSION
from unrealsynth_plugin.assets import GENERATED
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.errors import PluginError

_FOLDER = f"{GENERATED}/Materials/{VERSION.replace('.', '_')}"
"""A user's Save All keeps them, and those of another version may be other materials."""
_DEPTH_TOLERANCE = 0.001
"""Relative difference up to which two depths are the same: 1 cm at 10 m."""


class _Graph:
    """A material under construction."""

    def __init__(self, name: str) -> None:
        self.material = unreal.AssetToolsHelpers.get_asset_tools().create_asset(
            name, _FOLDER, unreal.Material, unreal.MaterialFactoryNew()
        )
        if self.material is None:
            raise PluginError(f"The material {_FOLDER}/{name} could not be made; the editor's log says why.")
        self._name = name
        self._nodes = 0

    def node(self, node_class: Any, **properties: object) -> Any:
        """A new expression with its properties set."""
        self._nodes += 1
        try:
            node = unreal.MaterialEditingLibrary.create_material_expression(
                self.material, node_class, -300 * self._nodes, 0
            )
            for name, value in properties.items():
                node.set_editor_property(name, value)
        except Exception as error:
            # Unreal raises a plain Exception for a property that this engine version does not have.
            raise self._given_up(str(error)) from None
        return node

    def link(self, source: Any, output: str, target: Any, *inputs: str) -> None:
        """Connects to the first of `inputs` that the target has under this name in this engine version."""
        for name in inputs:
            if unreal.MaterialEditingLibrary.connect_material_expressions(source, output, target, name):
                return
        raise self._given_up(f"no input {inputs[0]!r} to connect to")

    def result(self, source: Any, output: str, material_property: Any) -> None:
        """Connects to one of the material's own inputs."""
        if not unreal.MaterialEditingLibrary.connect_material_property(source, output, material_property):
            raise self._given_up("its result cannot be connected")

    def finish(self) -> Any:
        """Compiles and returns the material."""
        unreal.MaterialEditingLibrary.recompile_material(self.material)
        return self.material

    def _given_up(self, reason: str) -> PluginError:
        # Half a material must not be found by the next job.
        unreal.EditorAssetLibrary.delete_asset(f"{_FOLDER}/{self._name}")
        return PluginError(f"The material {self._name} could not be built: {reason}.")


def ground_material(texture: Optional[Any], normal: Optional[Any]) -> Any:
    """Parameters: `Color`, `Roughness`, `Tiling`, and `Texture` and `Normal` where these are given.

    The given textures become the defaults, because an empty texture parameter does not compile.
    """
    name = "M_Ground" + ("_Textured" if texture else "") + ("_Normal" if normal else "")
    existing = _existing(name)
    if existing is not None:
        return existing
    graph = _Graph(name)
    color = graph.node(
        unreal.MaterialExpressionVectorParameter,
        parameter_name="Color",
        default_value=unreal.LinearColor(1.0, 1.0, 1.0, 1.0),
    )
    roughness = graph.node(unreal.MaterialExpressionScalarParameter, parameter_name="Roughness", default_value=0.9)
    graph.result(roughness, "", unreal.MaterialProperty.MP_ROUGHNESS)
    if texture or normal:
        tiling = graph.node(unreal.MaterialExpressionScalarParameter, parameter_name="Tiling", default_value=1.0)
        uv = graph.node(unreal.MaterialExpressionMultiply)
        graph.link(graph.node(unreal.MaterialExpressionTextureCoordinate), "", uv, "A")
        graph.link(tiling, "", uv, "B")
    if texture:
        sample = graph.node(
            unreal.MaterialExpressionTextureSampleParameter2D,
            parameter_name="Texture",
            texture=texture,
            sampler_type=unreal.MaterialSamplerType.SAMPLERTYPE_COLOR,
        )
        graph.link(uv, "", sample, "UVs", "Coordinates")
        product = graph.node(unreal.MaterialExpressionMultiply)
        graph.link(sample, "RGB", product, "A")
        graph.link(color, "", product, "B")
        graph.result(product, "", unreal.MaterialProperty.MP_BASE_COLOR)
    else:
        graph.result(color, "", unreal.MaterialProperty.MP_BASE_COLOR)
    if normal:
        bumps = graph.node(
            unreal.MaterialExpressionTextureSampleParameter2D,
            parameter_name="Normal",
            texture=normal,
            sampler_type=unreal.MaterialSamplerType.SAMPLERTYPE_NORMAL,
        )
        graph.link(uv, "", bumps, "UVs", "Coordinates")
        graph.result(bumps, "RGB", unreal.MaterialProperty.MP_NORMAL)
    return graph.finish()


def sky_material(panorama: Optional[Any]) -> Any:
    """Unlit, seen from inside. Parameters: `Color`, which multiplies, and `Sky`, a TextureCube, where one is given.

    The cube is looked up in the axes of the sphere, so that turning the sphere turns the sky.
    """
    name = "M_Sky_Panorama" if panorama else "M_Sky_Color"
    existing = _existing(name)
    if existing is not None:
        return existing
    graph = _Graph(name)
    graph.material.set_editor_property("shading_model", unreal.MaterialShadingModel.MSM_UNLIT)
    graph.material.set_editor_property("two_sided", True)
    color = graph.node(
        unreal.MaterialExpressionVectorParameter,
        parameter_name="Color",
        default_value=unreal.LinearColor(1.0, 1.0, 1.0, 1.0),
    )
    if panorama:
        # The engine's vector points from the surface to the camera.
        outward = graph.node(unreal.MaterialExpressionMultiply, const_b=-1.0)
        graph.link(graph.node(unreal.MaterialExpressionCameraVectorWS), "", outward, "A")
        local = graph.node(
            unreal.MaterialExpressionTransform,
            transform_source_type=unreal.MaterialVectorCoordTransformSource.TRANSFORMSOURCE_WORLD,
            transform_type=unreal.MaterialVectorCoordTransform.TRANSFORM_LOCAL,
        )
        graph.link(outward, "", local, "")
        sample = graph.node(
            unreal.MaterialExpressionTextureSampleParameterCube,
            parameter_name="Sky",
            texture=panorama,
            sampler_type=unreal.MaterialSamplerType.SAMPLERTYPE_LINEAR_COLOR,
        )
        graph.link(local, "", sample, "UVs", "Coordinates")
        product = graph.node(unreal.MaterialExpressionMultiply)
        graph.link(sample, "RGB", product, "A")
        graph.link(color, "", product, "B")
        color = product
    graph.result(color, "", unreal.MaterialProperty.MP_EMISSIVE_COLOR)
    return graph.finish()


def instance_id_material(settings: Settings, compares_depth: bool = False) -> Any:
    """Post-process material that shows the custom stencil value n as the grey n / 255, a byte of value n.

    Custom depth is a buffer of its own, in which things that do not render into it hide nothing. Where these must not
    be touched, `compares_depth` shows an id only where nothing in the scene is nearer than the object it belongs to.
    """
    name = "M_InstanceIds_InLevel" if compares_depth else "M_InstanceIds"
    existing = _existing(name)
    if existing is not None:
        return existing
    graph = _Graph(name)
    graph.material.set_editor_property("material_domain", unreal.MaterialDomain.MD_POST_PROCESS)
    # In place of the tone mapper: no tone curve and no colour space is applied to the ids.
    graph.material.set_editor_property("blendable_location", unreal.BlendableLocation.BL_REPLACING_TONEMAPPER)
    settings.apply(graph.material, 0, "blendable_priority")
    stencil = graph.node(
        unreal.MaterialExpressionSceneTexture, scene_texture_id=unreal.SceneTextureId.PPI_CUSTOM_STENCIL, filtered=False
    )
    red = graph.node(unreal.MaterialExpressionComponentMask, r=True, g=False, b=False, a=False)
    graph.link(stencil, "Color", red, "")
    share = graph.node(unreal.MaterialExpressionDivide, const_b=255.0)
    graph.link(red, "", share, "A")
    shown = _where_nearest(graph, share) if compares_depth else share
    graph.result(shown, "", unreal.MaterialProperty.MP_EMISSIVE_COLOR)
    return graph.finish()


def _where_nearest(graph: _Graph, value: Any) -> Any:
    """`value` where custom depth is no farther than scene depth, up to their precision; 0 elsewhere."""
    depths = []
    for texture in (unreal.SceneTextureId.PPI_CUSTOM_DEPTH, unreal.SceneTextureId.PPI_SCENE_DEPTH):
        depth = graph.node(unreal.MaterialExpressionSceneTexture, scene_texture_id=texture, filtered=False)
        red = graph.node(unreal.MaterialExpressionComponentMask, r=True, g=False, b=False, a=False)
        graph.link(depth, "Color", red, "")
        depths.append(red)
    limit = graph.node(unreal.MaterialExpressionMultiply, const_b=1.0 + _DEPTH_TOLERANCE)
    graph.link(depths[1], "", limit, "A")
    nothing = graph.node(unreal.MaterialExpressionConstant, r=0.0)
    choice = graph.node(unreal.MaterialExpressionIf)
    graph.link(depths[0], "", choice, "A")
    graph.link(limit, "", choice, "B")
    graph.link(nothing, "", choice, "A > B", "AGreaterThanB")
    graph.link(value, "", choice, "A == B", "AEqualsB")
    graph.link(value, "", choice, "A < B", "ALessThanB")
    return choice


def linear_color(rgb: Tuple[float, float, float], factor: float = 1.0) -> Any:
    """`rgb` times `factor` as LinearColor."""
    return unreal.LinearColor(rgb[0] * factor, rgb[1] * factor, rgb[2] * factor, 1.0)


def _existing(name: str) -> Optional[Any]:
    path = f"{_FOLDER}/{name}"
    return unreal.EditorAssetLibrary.load_asset(path) if unreal.EditorAssetLibrary.does_asset_exist(path) else None
