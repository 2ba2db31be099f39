"""Classes that scripts define for Unreal: `uproperty` and `ufunction` become members when `uclass` sees the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unrealsynth.embedded.unreal._object import Property, _ObjectBase
from unrealsynth.embedded.unreal._wrapper import kind_of


class PropertyDef:
    """A property that waits for its class. `type` is a Python type, a wrapped class, or an `Array` of one."""

    def __init__(self, type: Any, meta: dict[str, str] | None) -> None:
        self.type = type
        self.meta = dict(meta or {})


class FunctionDef:
    """A method that waits for its class."""

    def __init__(self, function: Callable[..., Any], override: bool | None) -> None:
        self.function = function
        self.override = override


def generate(cls: type) -> None:
    """Makes the members of a script's class real. Raises what Unreal raises for a class that is none of its own."""
    if not issubclass(cls, _ObjectBase):
        raise TypeError(f"{cls.__name__}: a class for Unreal must inherit from one of its classes")
    for name, item in list(vars(cls).items()):
        if isinstance(item, PropertyDef):
            made: Property[Any] = Property(kind_of(item.type))
            made.name = name
            setattr(cls, name, made)
        elif isinstance(item, FunctionDef):
            if item.override and not any(hasattr(base, name) for base in cls.__mro__[1:]):
                raise Exception(f"{cls.__name__}: Super-class has no function '{name}' to override")
            setattr(cls, name, item.function)
    # A class of a script may be instantiated, whatever it inherits from.
    cls._abstract = False
    if "_property_table" in vars(cls):
        del cls._property_table
