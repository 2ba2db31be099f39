"""What the nodes of a material graph compute, on numbers or on pictures: arrays whose last axis are the channels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.unreal import expressions as nodes
from unrealsynth.embedded.unreal.expressions import MaterialExpression
from unrealsynth.embedded.unreal.materials import Material, MaterialInterface, Parameter
from unrealsynth.embedded.unreal.structs import LinearColor
from unrealsynth.embedded.unreal.textures import Texture

Values = NDArray[np.float64]


class CompileError(Exception):
    """The graph makes no material in Unreal either; the message says why, as the material editor would."""


_BINARY: dict[type[MaterialExpression], Callable[[Values, Values], Values]] = {
    nodes.MaterialExpressionMultiply: lambda a, b: a * b,
    nodes.MaterialExpressionDivide: lambda a, b: a / b,
    nodes.MaterialExpressionAdd: lambda a, b: a + b,
    nodes.MaterialExpressionSubtract: lambda a, b: a - b,
    nodes.MaterialExpressionMin: np.minimum,
    nodes.MaterialExpressionMax: np.maximum,
}
_UNARY: dict[type[MaterialExpression], Callable[[Values], Values]] = {
    nodes.MaterialExpressionAbs: np.abs,
    nodes.MaterialExpressionOneMinus: lambda a: 1.0 - a,
    nodes.MaterialExpressionSaturate: lambda a: np.clip(a, 0.0, 1.0),
    nodes.MaterialExpressionFloor: np.floor,
    nodes.MaterialExpressionCeil: np.ceil,
    nodes.MaterialExpressionFrac: lambda a: a - np.floor(a),
}


def is_arithmetic(node: MaterialExpression) -> bool:
    """Whether `arithmetic` knows the node."""
    return type(node) in _BINARY or type(node) in _UNARY or isinstance(node, _OTHERS)


_OTHERS = (
    nodes.MaterialExpressionLinearInterpolate,
    nodes.MaterialExpressionClamp,
    nodes.MaterialExpressionIf,
    nodes.MaterialExpressionComponentMask,
    nodes.MaterialExpressionAppendVector,
)


def inputs_of(node: MaterialExpression) -> dict[str, float | None]:
    """The inputs that count, each with the number that stands in for it when nothing is connected."""
    fallback: dict[str, float | None] = dict.fromkeys(node._inputs)
    values = node._properties()
    for name, item in (("A", "const_a"), ("B", "const_b"), ("Alpha", "const_alpha"), ("Min", "min_default")):
        if name in fallback and item in values:
            fallback[name] = values[item].read(node)
    if isinstance(node, nodes.MaterialExpressionClamp):
        fallback["Max"] = nodes.MaterialExpressionClamp.max_default.read(node)
    if isinstance(node, nodes.MaterialExpressionIf) and "A == B" not in node._connections:
        del fallback["A == B"]
    return fallback


def arithmetic(node: MaterialExpression, given: dict[str, Values]) -> Values:
    """The node's value from its inputs' values."""
    kind = type(node)
    if kind in _BINARY:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _BINARY[kind](*_matched(node, given["A"], given["B"]))
    if kind in _UNARY:
        return _UNARY[kind](given[""])
    if isinstance(node, nodes.MaterialExpressionLinearInterpolate):
        low, high = _matched(node, given["A"], given["B"])
        return low + (high - low) * given["Alpha"]
    if isinstance(node, nodes.MaterialExpressionClamp):
        return np.minimum(np.maximum(given[""], given["Min"]), given["Max"])
    if isinstance(node, nodes.MaterialExpressionIf):
        return _if(node, given)
    if isinstance(node, nodes.MaterialExpressionComponentMask):
        return masked(node, given[""])
    return np.concatenate(_same_shape(given["A"], given["B"]), axis=-1)


def _if(node: nodes.MaterialExpressionIf, given: dict[str, Values]) -> Values:
    difference = given["A"] - given["B"]
    more, less = given["A > B"], given["A < B"]
    if "A == B" not in given:
        return np.where(difference >= 0.0, more, less)
    near = np.abs(difference) <= type(node).equals_threshold.read(node)
    return np.where(near, given["A == B"], np.where(difference > 0.0, more, less))


def mask_of(node: nodes.MaterialExpressionComponentMask) -> list[int]:
    """The channels that the node lets through."""
    cls = nodes.MaterialExpressionComponentMask
    return [i for i, item in enumerate((cls.r, cls.g, cls.b, cls.a)) if item.read(node)]


def masked(node: nodes.MaterialExpressionComponentMask, value: Values) -> Values:
    wanted = mask_of(node)
    if not wanted or max(wanted) >= value.shape[-1]:
        raise CompileError(f"ComponentMask: {value.shape[-1]} channels do not have the ones asked for.")
    return value[..., wanted]


def channels(value: Values, names: str) -> Values:
    """Some channels of a value by name; "" is all of it."""
    if not names:
        return value
    wanted = ["rgba".index(name) for name in names]
    if max(wanted) >= value.shape[-1]:
        raise CompileError(f"An input wants channel {names[-1].upper()} of a value with {value.shape[-1]} channels.")
    return value[..., wanted]


def constant(node: MaterialExpression, material: Material, instance: MaterialInterface) -> Values | None:
    """The value of a constant or a parameter that is a number; None for other nodes."""
    if isinstance(node, nodes.MaterialExpressionConstant):
        return np.array([type(node).r.read(node)])
    if isinstance(node, nodes.MaterialExpressionConstant2Vector):
        return np.array([type(node).r.read(node), type(node).g.read(node)])
    if isinstance(node, nodes.MaterialExpressionConstant3Vector | nodes.MaterialExpressionConstant4Vector):
        return np.array(type(node).constant.read(node)._tuple())
    if isinstance(node, nodes.MaterialExpressionScalarParameter | nodes.MaterialExpressionVectorParameter):
        value = parameter(node, material, instance)
        if isinstance(value, LinearColor):
            return np.array(value._tuple())
        if isinstance(value, float):
            return np.array([value])
    return None


def parameter(node: MaterialExpression, material: Material, instance: MaterialInterface) -> Parameter:
    """What the instance says, if that is of the right kind, or else the node's default."""
    found = node._parameter()
    if found is None:
        return None
    name, default = found
    chosen = instance._parameter(name)
    kind = Texture if default is None or isinstance(default, Texture) else type(default)
    return chosen if isinstance(chosen, kind) else default


def _matched(node: MaterialExpression, a: Values, b: Values) -> tuple[Values, Values]:
    if a.shape[-1] != b.shape[-1] and 1 not in (a.shape[-1], b.shape[-1]):
        raise CompileError(
            f"{type(node).__name__.removeprefix('MaterialExpression')}: Arithmetic between types float{a.shape[-1]} "
            f"and float{b.shape[-1]} is undefined."
        )
    return a, b


def _same_shape(a: Values, b: Values) -> tuple[Values, Values]:
    """Alike in all but the channels."""
    shape = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    return np.broadcast_to(a, (*shape, a.shape[-1])), np.broadcast_to(b, (*shape, b.shape[-1]))
