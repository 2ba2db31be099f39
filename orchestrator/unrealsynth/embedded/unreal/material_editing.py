"""Building materials out of expressions, and changing their instances."""

from __future__ import annotations

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import STR, float32, object_kind
from unrealsynth.embedded.unreal._object import OBJECT_CLASS, Class, is_abstract
from unrealsynth.embedded.unreal._wrapper import NAME, Array, Name
from unrealsynth.embedded.unreal.enums import MaterialParameterAssociation, MaterialProperty
from unrealsynth.embedded.unreal.expressions import (
    MaterialExpression,
    MaterialExpressionScalarParameter,
    MaterialExpressionTextureSampleParameter,
    MaterialExpressionVectorParameter,
    default_parameter,
    parameter_names,
)
from unrealsynth.embedded.unreal.materials import (
    MATERIAL,
    Material,
    MaterialInstanceConstant,
    MaterialInterface,
    Parameter,
)
from unrealsynth.embedded.unreal.render_targets import BlueprintFunctionLibrary
from unrealsynth.embedded.unreal.structs import LinearColor
from unrealsynth.embedded.unreal.textures import TEXTURE, Texture

_BASE = object_kind("Material", Material)
_EXPRESSION = object_kind("MaterialExpression", MaterialExpression)
_INSTANCE = object_kind("MaterialInstanceConstant", MaterialInstanceConstant)
_GLOBAL = MaterialParameterAssociation.GLOBAL_PARAMETER


class MaterialEditingLibrary(BlueprintFunctionLibrary):
    @classmethod
    def create_material_expression(
        cls,
        material: Material | None,
        expression_class: Class | type[MaterialExpression] | None,
        node_pos_x: int = 0,
        node_pos_y: int = 0,
    ) -> MaterialExpression | None:
        base, kind = _BASE.nativize(material), OBJECT_CLASS.nativize(expression_class)
        if base is None or kind is None or not issubclass(kind, MaterialExpression) or is_abstract(kind):
            return None
        made = kind._make(base)
        MaterialExpression.material_expression_editor_x.store(made, node_pos_x)
        MaterialExpression.material_expression_editor_y.store(made, node_pos_y)
        base._expressions.append(made)
        return made

    @classmethod
    def connect_material_expressions(
        cls,
        from_expression: MaterialExpression | None,
        from_output_name: str,
        to_expression: MaterialExpression | None,
        to_input_name: str,
    ) -> bool:
        """False for names that the nodes do not have. "" is the first output or input."""
        source, target = _EXPRESSION.nativize(from_expression), _EXPRESSION.nativize(to_expression)
        if source is None or target is None or not target._inputs:
            return False
        channels, name = source._channels(STR.nativize(from_output_name)), _pin(STR.nativize(to_input_name))
        if channels is None or (name and name not in target._inputs):
            return False
        target._connections[name or target._inputs[0]] = (source, channels)
        return True

    @classmethod
    def connect_material_property(
        cls, from_expression: MaterialExpression | None, from_output_name: str, property_: MaterialProperty
    ) -> bool:
        source, target = _EXPRESSION.nativize(from_expression), MaterialProperty.cast(property_)
        if source is None or not isinstance(source._outer, Material):
            return False
        channels = source._channels(STR.nativize(from_output_name))
        if channels is None:
            return False
        source._outer._outputs[target] = (source, channels)
        return True

    @classmethod
    def recompile_material(cls, material: Material | None) -> None:
        base = _BASE.nativize(material)
        if base is not None:
            _runtime.engine().activity += 1
            base._recompile()

    @classmethod
    def layout_material_expressions(cls, material: Material | None) -> None:
        """Where nodes lie is of no account."""

    @classmethod
    def get_num_material_expressions(cls, material: Material | None) -> int:
        base = _BASE.nativize(material)
        return 0 if base is None else len(base._expressions)

    @classmethod
    def delete_all_material_expressions(cls, material: Material | None) -> None:
        base = _BASE.nativize(material)
        if base is not None:
            for expression in base._expressions:
                expression._kill()
            base._expressions.clear()
            base._outputs.clear()

    @classmethod
    def get_scalar_parameter_names(cls, material: MaterialInterface | None) -> Array[Name]:
        return cls._names(material, MaterialExpressionScalarParameter)

    @classmethod
    def get_vector_parameter_names(cls, material: MaterialInterface | None) -> Array[Name]:
        return cls._names(material, MaterialExpressionVectorParameter)

    @classmethod
    def get_texture_parameter_names(cls, material: MaterialInterface | None) -> Array[Name]:
        return cls._names(material, MaterialExpressionTextureSampleParameter)

    @classmethod
    def _names(cls, material: MaterialInterface | None, kind: type[MaterialExpression]) -> Array[Name]:
        known = MATERIAL.nativize(material)
        return Array._of(NAME, [] if known is None else parameter_names(known.get_base_material(), kind))

    @classmethod
    def set_material_instance_parent(
        cls, instance: MaterialInstanceConstant | None, new_parent: MaterialInterface | None
    ) -> None:
        known, parent = _INSTANCE.nativize(instance), MATERIAL.nativize(new_parent)
        if known is not None:
            MaterialInstanceConstant.parent.store(known, parent)
            known._drawn = None

    @classmethod
    def set_material_instance_scalar_parameter_value(
        cls,
        instance: MaterialInstanceConstant | None,
        parameter_name: Name | str,
        value: float,
        association: MaterialParameterAssociation = _GLOBAL,
    ) -> bool:
        return cls._set(instance, parameter_name, float32(value))

    @classmethod
    def set_material_instance_vector_parameter_value(
        cls,
        instance: MaterialInstanceConstant | None,
        parameter_name: Name | str,
        value: LinearColor,
        association: MaterialParameterAssociation = _GLOBAL,
    ) -> bool:
        return cls._set(instance, parameter_name, LinearColor.cast(value))

    @classmethod
    def set_material_instance_texture_parameter_value(
        cls,
        instance: MaterialInstanceConstant | None,
        parameter_name: Name | str,
        value: Texture | None,
        association: MaterialParameterAssociation = _GLOBAL,
    ) -> bool:
        return cls._set(instance, parameter_name, TEXTURE.nativize(value))

    @classmethod
    def _set(cls, instance: MaterialInstanceConstant | None, name: Name | str, value: Parameter) -> bool:
        """False for a parameter that the material does not have."""
        known = _INSTANCE.nativize(instance)
        if known is None or default_parameter(known.get_base_material(), Name(name)) is None:
            return False
        known._set_parameter(name, value)
        return True

    @classmethod
    def update_material_instance(cls, instance: MaterialInstanceConstant | None) -> None:
        known = _INSTANCE.nativize(instance)
        if known is not None:
            known._drawn = None

    @classmethod
    def get_material_default_scalar_parameter_value(
        cls, material: MaterialInterface | None, parameter_name: Name | str
    ) -> float:
        known = MATERIAL.nativize(material)
        found = None if known is None else default_parameter(known.get_base_material(), Name(parameter_name))
        return found if isinstance(found, float) else 0.0


def _pin(name: str) -> str:
    """An input's name as this module has it; what the engine does not call so is no name."""
    other = _runtime.engine().switches.coordinates_input
    if other == "UVs":
        return name
    return {other: "UVs", "UVs": "UVs (not its name)"}.get(name, name)
