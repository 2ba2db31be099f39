"""Every name of the stand-in exists in Epic's stub of Unreal 5.6, with the same arguments, types, marks and values."""

from __future__ import annotations

import ast
import inspect
import re
import types
from typing import Any

import epic_stub
import pytest

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal import functions
from unrealsynth.embedded.unreal._enum import EnumBase, Member
from unrealsynth.embedded.unreal._object import Property
from unrealsynth.embedded.unreal._struct_base import StructBase
from unrealsynth.embedded.unreal._wrapper import Name, Text, WrapperBase

NOT_IN_THE_STUB = {
    "EditorPerformanceSettings.throttle_cpu_when_not_foreground",
    "EditorPerformanceSettings.bThrottleCPUWhenNotForeground",
}
CLASSES = sorted(name for name in unreal.__all__ if isinstance(getattr(unreal, name), type))
FUNCTIONS = sorted(set(unreal.__all__) - set(CLASSES))
GLUE = {"WrapperBase": "_WrapperBase", "_Editable": "_WrapperBase", "_ObjectBase": "_ObjectBase"}
"""Bases of the stand-in by their name in the stub."""
GLUE_RETURNS = re.compile(r"\bAny\b|_T\b|_ElemType|TypeVar|^$")
"""Return types that the stub leaves open."""


def own_members(cls: type) -> dict[str, Any]:
    """What a class defines itself, without private and special names and what Python adds."""
    return {name: item for name, item in vars(cls).items() if not name.startswith("_")}


def arguments(function: Any) -> list[tuple[str, object]]:
    """Names and defaults, without self and cls."""
    parameters = list(inspect.signature(function).parameters.values())
    return [(p.name, p.default) for p in parameters if p.name not in ("self", "cls")]


def plain(value: object) -> object:
    """A default in the form in which the stub writes it."""
    if isinstance(value, EnumBase):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, StructBase):
        parts = [getattr(value, name) for name in value._arguments]
        # Unreal's float has 32 bits.
        return [round(part, 6) if isinstance(part, float) else part for part in parts]
    if isinstance(value, type) and value is not inspect.Parameter.empty:
        return f"{value.__name__}.static_class()"
    return str(value) if isinstance(value, Name | Text) else value


def stub_default(text: str | None) -> object:
    if text is None:
        return inspect.Parameter.empty
    try:
        return ast.literal_eval(text)
    except ValueError:
        return text


def check_function(mine: Any, stub: epic_stub.Function, where: str) -> None:
    wanted = [(name, stub_default(default)) for name, default in stub.arguments]
    got = [(name, plain(default)) for name, default in arguments(mine)]
    assert got == wanted, where
    if not GLUE_RETURNS.search(stub.returns):
        assert returns(str(inspect.signature(mine).return_annotation)) == returns(stub.returns), where


def returns(annotation: str) -> str:
    """A return type in one spelling. Objects may always be None, so that None says nothing."""
    text = annotation.strip("'\"").replace("Optional[", "Opt[").replace("Tuple[", "tuple[")
    return re.sub(r"Opt\[(.*)\]", r"\1", text).removesuffix(" | None")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_the_arguments_of_the_stub(name: str) -> None:
    check_function(getattr(unreal, name), epic_stub.function(name), name)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_have_the_bases_of_the_stub(name: str) -> None:
    lineage = epic_stub.lineage(name)
    for base in getattr(unreal, name).__mro__[1:]:
        if issubclass(base, WrapperBase):
            assert GLUE.get(base.__name__, base.__name__) in lineage, f"{name} is no {base.__name__} in Unreal"


@pytest.mark.parametrize("name", CLASSES)
def test_properties_have_the_type_and_marks_of_the_stub(name: str) -> None:
    stubs = [epic_stub.stub_class(base) for base in epic_stub.lineage(name)]
    for key, mine in own_members(getattr(unreal, name)).items():
        if not isinstance(mine, Property):
            continue
        where = f"{name}.{key}"
        found = next((stub.editor_properties[key] for stub in stubs if key in stub.editor_properties), None)
        assert found is not None, f"{where} is no property in Unreal"
        assert mine.kind.name == found[0], where
        assert mine.edit_const == (found[1] == "Read-Only"), where
        readable = any(key in stub.readable for stub in stubs)
        writable = any(key in stub.writable for stub in stubs)
        assert mine.attribute == "r" * readable + "w" * writable, f"{where} as an attribute"


@pytest.mark.parametrize("name", CLASSES)
def test_methods_have_the_arguments_of_the_stub(name: str) -> None:
    cls = getattr(unreal, name)
    stubs = [epic_stub.stub_class(base) for base in epic_stub.lineage(name)]
    for key, mine in own_members(cls).items():
        if isinstance(mine, Property | Member | types.MemberDescriptorType):
            continue
        found = next((stub.functions[key] for stub in stubs if key in stub.functions), None)
        assert found is not None, f"{name}.{key} is no function in Unreal"
        assert isinstance(mine, classmethod) == (found.kind == "class"), f"{name}.{key} is a {found.kind} function"
        check_function(getattr(cls, key), found, f"{name}.{key}")


@pytest.mark.parametrize("name", [name for name in CLASSES if issubclass(getattr(unreal, name), EnumBase)])
def test_enums_have_the_values_of_the_stub(name: str) -> None:
    mine = {entry.name: entry.value for entry in getattr(unreal, name)._entries.values()}
    stub = epic_stub.stub_class(name).members
    assert mine == {key: stub[key] for key in mine if key in stub}
    assert mine or name == "EnumBase"


@pytest.mark.parametrize("name", [name for name in CLASSES if issubclass(getattr(unreal, name), StructBase)])
def test_structs_take_the_arguments_of_the_stub_in_its_order(name: str) -> None:
    mine = getattr(unreal, name)._arguments
    stub = epic_stub.stub_class(name).functions.get("__init__")
    wanted = () if stub is None else tuple(argument for argument, _ in stub.arguments)
    assert mine == wanted[: len(mine)]


def test_slots_show_no_names_of_their_own() -> None:
    for name in CLASSES:
        for key, item in own_members(getattr(unreal, name)).items():
            if isinstance(item, types.MemberDescriptorType):
                assert issubclass(getattr(unreal, name), EnumBase), f"{name}.{key}"


def test_what_is_newer_than_the_stub_is_not_in_it() -> None:
    for name in unreal._SINCE_5_7:
        assert hasattr(functions, name)
        assert name not in epic_stub.names()
        assert name not in unreal.__all__


def test_the_comparison_sees_a_wrong_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unreal.StaticMeshComponent.static_mesh, "attribute", "rw")
    with pytest.raises(AssertionError, match=r"StaticMeshComponent\.static_mesh as an attribute"):
        test_properties_have_the_type_and_marks_of_the_stub("StaticMeshComponent")
