"""Surface materials: their graph, read as a metallic-roughness material of the renderer.

The renderer multiplies a texture by a colour for each of its inputs, so that is what a graph must come down to. A graph
that asks for more is no mistake of its author, and is refused with an EditorError that names the node.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal import _graph
from unrealsynth.embedded.unreal import expressions as nodes
from unrealsynth.embedded.unreal._graph import CompileError, Values
from unrealsynth.embedded.unreal.enums import (
    BlendMode,
    MaterialDomain,
    MaterialProperty,
    MaterialShadingModel,
    MaterialVectorCoordTransform,
    MaterialVectorCoordTransformSource,
)
from unrealsynth.embedded.unreal.expressions import MaterialExpression, MaterialExpressionTextureBase, sampler_for
from unrealsynth.embedded.unreal.materials import Material, MaterialInterface, TurningMaterial
from unrealsynth.embedded.unreal.textures import Texture, Texture2D, TextureCube
from unrealsynth.errors import EditorError

UvTransform = tuple[float, float, float, float, float, float]
_PLAIN_UV: UvTransform = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True)
class _Coordinates:
    transform: UvTransform = _PLAIN_UV


@dataclass(frozen=True)
class _Direction:
    """The view direction (sign 1) or its opposite, in the world's or the component's axes."""

    sign: float
    local: bool = False


@dataclass(frozen=True)
class _Sample:
    """Channels of a texture, times a factor."""

    texture: Texture
    channels: str
    factor: tuple[float, ...]
    uv: UvTransform = _PLAIN_UV
    local: bool = False


_Signal = Values | _Coordinates | _Direction | _Sample


def check(material: Material) -> None:
    """Raises CompileError for what does not compile in Unreal, EditorError for what only the embedded editor lacks."""
    if Material.material_domain.read(material) == MaterialDomain.MD_SURFACE:
        _Reader(material, material).read()


def surface(material: Material, instance: MaterialInterface) -> scene.Material:
    """The renderer's material, with the instance's parameters."""
    return _Reader(material, instance).read()


class _Reader:
    def __init__(self, material: Material, instance: MaterialInterface) -> None:
        self._material = material
        self._instance = instance
        self._uv: UvTransform | None = None

    def read(self) -> scene.Material:
        material = self._material
        unlit = Material.shading_model.read(material) == MaterialShadingModel.MSM_UNLIT
        made = scene.Material(two_sided=Material.two_sided.read(material), unlit=unlit, roughness=0.5)
        if unlit:
            made = replace(made, base_color=(0.0, 0.0, 0.0, 1.0))
        else:
            color = self._signal(MaterialProperty.MP_BASE_COLOR, (0.0, 0.0, 0.0))
            factor, texture = self._color(color)
            made = replace(
                made,
                base_color=(*factor, 1.0),
                base_color_texture=texture,
                metallic=self._number(MaterialProperty.MP_METALLIC, 0.0),
                roughness=self._number(MaterialProperty.MP_ROUGHNESS, 0.5),
                normal_texture=self._normal(),
            )
        made = self._with_emission(made)
        made = self._with_opacity(made)
        return replace(made, uv_transform=self._uv or _PLAIN_UV)

    def _with_emission(self, made: scene.Material) -> scene.Material:
        signal = self._signal(MaterialProperty.MP_EMISSIVE_COLOR, (0.0, 0.0, 0.0))
        if isinstance(signal, _Sample) and isinstance(signal.texture, TextureCube):
            cube = signal.texture
            if signal.local:
                # A component turns it into its own axes.
                made = replace(made, emissive=_rgb(signal.factor), emissive_panorama=cube._panorama)
                return TurningMaterial(**vars(made), cube=cube)
            return replace(made, emissive=_rgb(signal.factor), emissive_panorama=cube._turned_by(0.0))
        factor, texture = self._color(signal)
        return replace(made, emissive=factor, emissive_texture=texture)

    def _with_opacity(self, made: scene.Material) -> scene.Material:
        mode = Material.blend_mode.read(self._material)
        if mode == BlendMode.BLEND_OPAQUE:
            return made
        if mode == BlendMode.BLEND_TRANSLUCENT:
            alpha = self._number(MaterialProperty.MP_OPACITY, 1.0)
            return replace(made, alpha_mode="blend", base_color=(*made.base_color[:3], alpha))
        if mode == BlendMode.BLEND_MASKED:
            signal = self._signal(MaterialProperty.MP_OPACITY_MASK, (1.0,))
            cutoff = Material.opacity_mask_clip_value.read(self._material)
            if isinstance(signal, _Sample):
                same = isinstance(signal.texture, Texture2D) and (
                    signal.texture._scene_texture() is made.base_color_texture and signal.channels == "a"
                )
                if same:
                    return replace(made, alpha_mode="mask", alpha_cutoff=cutoff)
            elif isinstance(signal, np.ndarray):
                alpha = float(signal[0])
                return replace(made, alpha_mode="mask", alpha_cutoff=cutoff, base_color=(*made.base_color[:3], alpha))
            raise self._refusal("an opacity mask that is not the colour texture's alpha")
        raise self._refusal(f"blend mode {mode.name}")

    def _number(self, property_: MaterialProperty, default: float) -> float:
        signal = self._signal(property_, (default,))
        if isinstance(signal, np.ndarray):
            return float(signal[0])
        raise self._refusal(f"a texture for {property_.name}")

    def _normal(self) -> scene.Texture | None:
        signal = self._signal(MaterialProperty.MP_NORMAL, (0.0, 0.0, 1.0))
        if isinstance(signal, _Sample) and isinstance(signal.texture, Texture2D) and set(signal.factor) == {1.0}:
            self._agree(signal.uv)
            return signal.texture._scene_texture()
        if isinstance(signal, np.ndarray) and np.allclose(signal[:3], (0.0, 0.0, 1.0)):
            return None
        raise self._refusal("a normal that is not a plain normal map")

    def _color(self, signal: _Signal) -> tuple[scene.Rgb, scene.Texture | None]:
        if isinstance(signal, np.ndarray):
            return _rgb(tuple(signal)), None
        if isinstance(signal, _Sample) and isinstance(signal.texture, Texture2D) and signal.channels[:3] == "rgb":
            self._agree(signal.uv)
            return _rgb(signal.factor), signal.texture._scene_texture()
        raise self._refusal("a colour that is not a texture times a colour")

    def _agree(self, uv: UvTransform) -> None:
        if self._uv is not None and not np.allclose(self._uv, uv):
            raise self._refusal("textures with different tilings in one material")
        self._uv = uv

    def _refusal(self, what: str) -> EditorError:
        return EditorError(f"{self._material.get_path_name()}: the embedded editor does not know {what}.")

    def _signal(self, property_: MaterialProperty, default: tuple[float, ...]) -> _Signal:
        output = self._material._outputs.get(property_)
        return np.array(default) if output is None else self._evaluate(*output)

    def _evaluate(self, node: MaterialExpression, channels: str) -> _Signal:
        value = _graph.constant(node, self._material, self._instance)
        if value is not None:
            return _graph.channels(value, channels)
        if isinstance(node, nodes.MaterialExpressionTextureCoordinate):
            cls = nodes.MaterialExpressionTextureCoordinate
            if cls.coordinate_index.read(node):
                raise self._refusal(f"texture coordinates of index {cls.coordinate_index.read(node)}")
            return _Coordinates((cls.u_tiling.read(node), 0.0, 0.0, 0.0, cls.v_tiling.read(node), 0.0))
        if isinstance(node, nodes.MaterialExpressionCameraVectorWS):
            return _Direction(-1.0)
        if isinstance(node, nodes.MaterialExpressionTextureSample):
            return self._sample(node, channels)
        if isinstance(node, nodes.MaterialExpressionTransform):
            return self._transform(node)
        if _graph.is_arithmetic(node):
            return self._arithmetic(node, channels)
        raise self._refusal(type(node).__name__)

    def _arithmetic(self, node: MaterialExpression, channels: str) -> _Signal:
        given: dict[str, _Signal] = {}
        for name, fallback in _graph.inputs_of(node).items():
            if name in node._connections:
                given[name] = self._evaluate(*node._connections[name])
            elif fallback is not None:
                given[name] = np.array([fallback])
            else:
                raise CompileError(f"{type(node).__name__}: Missing input {name!r}.")
        numbers = {name: signal for name, signal in given.items() if isinstance(signal, np.ndarray)}
        if len(numbers) == len(given):
            return _graph.channels(_graph.arithmetic(node, numbers), channels)
        return self._scaled(node, given)

    def _scaled(self, node: MaterialExpression, given: dict[str, _Signal]) -> _Signal:
        """A texture, coordinates or a direction times or by a number."""
        first, second = given.get("A"), given.get("B")
        if isinstance(node, nodes.MaterialExpressionComponentMask) and isinstance(given[""], _Sample):
            picked = _graph.mask_of(node)
            sample = given[""]
            names = "".join(sample.channels[i] for i in picked)
            return replace(sample, channels=names, factor=tuple(sample.factor[i] for i in picked))
        if isinstance(node, nodes.MaterialExpressionMultiply) and isinstance(first, np.ndarray):
            first, second = second, first
        if not isinstance(second, np.ndarray):
            raise self._refusal(f"{type(node).__name__} of two pictures")
        if isinstance(node, nodes.MaterialExpressionDivide):
            second = 1.0 / second
        if isinstance(node, nodes.MaterialExpressionMultiply | nodes.MaterialExpressionDivide):
            if isinstance(first, _Coordinates):
                u, v = (float(second[0]), float(second[-1]))
                a, b, c, d, e, f = first.transform
                return _Coordinates((a * u, b * u, c * u, d * v, e * v, f * v))
            if isinstance(first, _Direction) and len(second) == 1:
                return replace(first, sign=first.sign * float(second[0]))
            if isinstance(first, _Sample):
                if len(second) not in (1, len(first.factor)):
                    raise CompileError(
                        f"Arithmetic between types float{len(first.factor)} and float{len(second)} is undefined."
                    )
                product = np.array(first.factor) * second
                return replace(first, factor=tuple(map(float, product)))
        if isinstance(node, nodes.MaterialExpressionAdd) and isinstance(first, _Coordinates):
            a, b, c, d, e, f = first.transform
            return _Coordinates((a, b, c + float(second[0]), d, e, f + float(second[-1])))
        raise self._refusal(f"{type(node).__name__} of a texture")

    def _transform(self, node: nodes.MaterialExpressionTransform) -> _Signal:
        if "" not in node._connections:
            raise CompileError("Transform: Missing Transform input vector")
        signal = self._evaluate(*node._connections[""])
        cls = nodes.MaterialExpressionTransform
        to_local = (
            cls.transform_source_type.read(node) == MaterialVectorCoordTransformSource.TRANSFORMSOURCE_WORLD
            and cls.transform_type.read(node) == MaterialVectorCoordTransform.TRANSFORM_LOCAL
        )
        if not (isinstance(signal, _Direction) and to_local):
            raise self._refusal("a Transform other than a view direction from world to local axes")
        return replace(signal, local=True)

    def _sample(self, node: nodes.MaterialExpressionTextureSample, channels: str) -> _Sample:
        default = MaterialExpressionTextureBase.texture.read(node)
        texture: object = default
        if isinstance(node, nodes.MaterialExpressionTextureSampleParameter):
            texture = _graph.parameter(node, self._material, self._instance) or default
        if default is None or not isinstance(texture, Texture):
            raise CompileError(f"{type(node).__name__}: Missing input texture")
        sampler = MaterialExpressionTextureBase.sampler_type.read(node)
        if sampler != sampler_for(default):
            raise CompileError(
                f"Sampler type is {sampler.name}, should be {sampler_for(default).name} for {default.get_path_name()}"
            )
        coordinates = self._evaluate(*node._connections["UVs"]) if "UVs" in node._connections else None
        factor = (1.0,) * len(channels)
        if isinstance(texture, TextureCube):
            if not isinstance(coordinates, _Direction):
                raise CompileError("Cube sample: UVW input required")
            if coordinates.sign <= 0.0:
                raise self._refusal("a cube map looked up against the view direction")
            return _Sample(texture, channels, factor, local=coordinates.local)
        if coordinates is None:
            coordinates = _Coordinates()
        if not isinstance(coordinates, _Coordinates):
            raise self._refusal("texture coordinates that are not the mesh's, tiled and moved")
        return _Sample(texture, channels, factor, coordinates.transform)


def _rgb(values: tuple[float, ...]) -> scene.Rgb:
    """A single number counts for all three."""
    parts = [float(value) for value in values]
    return (parts[0], parts[0], parts[0]) if len(parts) == 1 else (parts[0], parts[1], parts[2])
