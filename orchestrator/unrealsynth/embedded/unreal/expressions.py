"""The nodes of a material graph that the embedded editor can interpret.

`_inputs` and `_outputs` hold the names by which MaterialEditingLibrary connects them: Unreal's short pin names, such as
"UVs" for a texture's coordinates and "" for a lone input.
"""

from __future__ import annotations

from typing import ClassVar

from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, STR
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, Name
from unrealsynth.embedded.unreal.enums import (
    ClampMode,
    MaterialSamplerType,
    MaterialVectorCoordTransform,
    MaterialVectorCoordTransformSource,
    SceneTextureId,
)
from unrealsynth.embedded.unreal.materials import Material, Parameter
from unrealsynth.embedded.unreal.structs import LinearColor
from unrealsynth.embedded.unreal.textures import TEXTURE, Texture, Texture2D

_SCALAR = {"": ""}
_COLOR = {"": "rgb", "R": "r", "G": "g", "B": "b", "A": "a", "RGBA": "rgba"}


class MaterialExpression(Object):
    __slots__ = ("_connections",)
    _abstract = True
    _inputs: ClassVar[tuple[str, ...]] = ()
    _outputs: ClassVar[dict[str, str]] = _SCALAR
    """Name of each output, and the channels it takes of the node's value; the first is the default."""
    _connections: dict[str, tuple[MaterialExpression, str]]
    """By input: the node it comes from, and the channels."""
    desc = Property(STR, attribute="")
    material_expression_editor_x = Property(INT32)
    material_expression_editor_y = Property(INT32)

    def _post_init(self) -> None:
        self._connections = {}

    def _channels(self, output: str) -> str | None:
        """The channels of an output by name; "" is the first. None for an unknown name."""
        if not output:
            return next(iter(self._outputs.values()))
        return self._outputs.get(output)

    def _parameter(self) -> tuple[Name, Parameter] | None:
        """Name and default of a parameter node."""
        return None


class MaterialExpressionConstant(MaterialExpression):
    r = Property(FLOAT)


class MaterialExpressionConstant2Vector(MaterialExpression):
    _outputs: ClassVar[dict[str, str]] = {"": "rg", "R": "r", "G": "g"}
    r = Property(FLOAT)
    g = Property(FLOAT)


class MaterialExpressionConstant3Vector(MaterialExpression):
    _outputs: ClassVar[dict[str, str]] = {"": "rgb", "R": "r", "G": "g", "B": "b"}
    constant = Property(struct_kind(LinearColor))


class MaterialExpressionConstant4Vector(MaterialExpression):
    _outputs: ClassVar[dict[str, str]] = {"": "rgba", "R": "r", "G": "g", "B": "b", "A": "a"}
    constant = Property(struct_kind(LinearColor))


class MaterialExpressionParameter(MaterialExpression):
    _abstract = True
    parameter_name = Property(NAME, attribute="")
    group = Property(NAME, attribute="")
    sort_priority = Property(INT32, 32, attribute="")


class MaterialExpressionScalarParameter(MaterialExpressionParameter):
    default_value = Property(FLOAT, attribute="")

    def _parameter(self) -> tuple[Name, Parameter]:
        return MaterialExpressionParameter.parameter_name.read(self), type(self).default_value.read(self)


class MaterialExpressionVectorParameter(MaterialExpressionParameter):
    _outputs: ClassVar[dict[str, str]] = _COLOR
    default_value = Property(struct_kind(LinearColor), attribute="")

    def _parameter(self) -> tuple[Name, Parameter]:
        return MaterialExpressionParameter.parameter_name.read(self), type(self).default_value.read(self)


class MaterialExpressionTextureBase(MaterialExpression):
    _abstract = True
    texture = Property(TEXTURE)
    sampler_type = Property(enum_kind(MaterialSamplerType))

    def _post_edit(self, name: str) -> None:
        """The editor chooses the sampler when the texture is edited, not when it is assigned."""
        texture = MaterialExpressionTextureBase.texture.read(self)
        if name == "texture" and texture is not None:
            MaterialExpressionTextureBase.sampler_type.store(self, sampler_for(texture))


class MaterialExpressionTextureSample(MaterialExpressionTextureBase):
    _inputs: ClassVar[tuple[str, ...]] = ("UVs",)
    _outputs: ClassVar[dict[str, str]] = {"RGB": "rgb", "R": "r", "G": "g", "B": "b", "A": "a", "RGBA": "rgba"}


class MaterialExpressionTextureSampleParameter(MaterialExpressionTextureSample):
    _abstract = True
    parameter_name = Property(NAME, attribute="")
    group = Property(NAME, attribute="")
    sort_priority = Property(INT32, 32, attribute="")

    def _parameter(self) -> tuple[Name, Parameter]:
        return type(self).parameter_name.read(self), MaterialExpressionTextureBase.texture.read(self)


class MaterialExpressionTextureSampleParameter2D(MaterialExpressionTextureSampleParameter):
    pass


class MaterialExpressionTextureSampleParameterCube(MaterialExpressionTextureSampleParameter):
    pass


class MaterialExpressionTextureCoordinate(MaterialExpression):
    coordinate_index = Property(INT32)
    u_tiling = Property(FLOAT, 1.0)
    v_tiling = Property(FLOAT, 1.0)


class MaterialExpressionMultiply(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B")
    const_a = Property(FLOAT, 0.0, attribute="")
    const_b = Property(FLOAT, 1.0, attribute="")


class MaterialExpressionDivide(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B")
    const_a = Property(FLOAT, 1.0, attribute="")
    const_b = Property(FLOAT, 2.0, attribute="")


class MaterialExpressionAdd(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B")
    const_a = Property(FLOAT, 0.0, attribute="")
    const_b = Property(FLOAT, 1.0, attribute="")


class MaterialExpressionSubtract(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B")
    const_a = Property(FLOAT, 1.0, attribute="")
    const_b = Property(FLOAT, 1.0, attribute="")


class MaterialExpressionMin(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B")
    const_a = Property(FLOAT, 0.0, attribute="")
    const_b = Property(FLOAT, 1.0, attribute="")


class MaterialExpressionMax(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B")
    const_a = Property(FLOAT, 0.0, attribute="")
    const_b = Property(FLOAT, 1.0, attribute="")


class MaterialExpressionLinearInterpolate(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B", "Alpha")
    const_a = Property(FLOAT, 0.0, attribute="")
    const_b = Property(FLOAT, 1.0, attribute="")
    const_alpha = Property(FLOAT, 0.5, attribute="")


class MaterialExpressionAbs(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("",)


class MaterialExpressionOneMinus(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("",)


class MaterialExpressionSaturate(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("",)


class MaterialExpressionFloor(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("",)


class MaterialExpressionCeil(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("",)


class MaterialExpressionFrac(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("",)


class MaterialExpressionClamp(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("", "Min", "Max")
    clamp_mode = Property(enum_kind(ClampMode), attribute="")
    min_default = Property(FLOAT, 0.0, attribute="")
    max_default = Property(FLOAT, 1.0, attribute="")


class MaterialExpressionIf(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B", "A > B", "A == B", "A < B")
    const_b = Property(FLOAT, 0.0, attribute="")
    equals_threshold = Property(FLOAT, 0.00001, attribute="")


class MaterialExpressionComponentMask(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("",)
    r = Property(BOOL, attribute="")
    g = Property(BOOL, attribute="")
    b = Property(BOOL, attribute="")
    a = Property(BOOL, attribute="")


class MaterialExpressionAppendVector(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("A", "B")


class MaterialExpressionSceneTexture(MaterialExpression):
    _inputs: ClassVar[tuple[str, ...]] = ("UVs",)
    _outputs: ClassVar[dict[str, str]] = {"Color": "rgba"}
    scene_texture_id = Property(enum_kind(SceneTextureId), attribute="")
    filtered = Property(BOOL, attribute="")


class MaterialExpressionExternalCodeBase(MaterialExpression):
    _abstract = True


class MaterialExpressionCameraVectorWS(MaterialExpressionExternalCodeBase):
    """The direction from the pixel to the camera."""


class MaterialExpressionTransform(MaterialExpression):
    """A direction from one coordinate system to another."""

    _inputs: ClassVar[tuple[str, ...]] = ("",)
    transform_source_type = Property(enum_kind(MaterialVectorCoordTransformSource), attribute="")
    transform_type = Property(enum_kind(MaterialVectorCoordTransform), attribute="")


def default_parameter(material: Material, name: Name) -> Parameter:
    """The value a parameter has in its material; None when the material has no such parameter."""
    for expression in material._expressions:
        found = expression._parameter()
        if found is not None and found[0] == name:
            return found[1]
    return None


def parameter_names(material: Material, kind: type[MaterialExpression]) -> list[Name]:
    """The names of a kind of parameter, each once, in the order of creation."""
    found = [item._parameter() for item in material._expressions if isinstance(item, kind)]
    return list(dict.fromkeys(item[0] for item in found if item is not None))


def sampler_for(texture: Texture) -> MaterialSamplerType:
    """The sampler that a texture needs: with another one the material does not compile."""
    srgb = Texture.srgb.read(texture)
    virtual = Texture.virtual_texture_streaming.read(texture)
    if isinstance(texture, Texture2D) and texture._is_normal_map():
        return MaterialSamplerType.SAMPLERTYPE_VIRTUAL_NORMAL if virtual else MaterialSamplerType.SAMPLERTYPE_NORMAL
    if virtual:
        return MaterialSamplerType.SAMPLERTYPE_VIRTUAL_COLOR
    compression = Texture.compression_settings.read(texture).name
    if compression == "TC_MASKS":
        return MaterialSamplerType.SAMPLERTYPE_MASKS
    if compression in ("TC_GRAYSCALE", "TC_ALPHA"):
        return MaterialSamplerType.SAMPLERTYPE_GRAYSCALE if srgb else MaterialSamplerType.SAMPLERTYPE_LINEAR_GRAYSCALE
    return MaterialSamplerType.SAMPLERTYPE_COLOR if srgb else MaterialSamplerType.SAMPLERTYPE_LINEAR_COLOR
