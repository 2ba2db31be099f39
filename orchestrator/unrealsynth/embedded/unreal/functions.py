"""The module's plain functions: log, callbacks, looking objects up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from unrealsynth.embedded.unreal import _python_classes, _runtime
from unrealsynth.embedded.unreal._kinds import STR
from unrealsynth.embedded.unreal._object import OBJECT_CLASS, Class, Object, _ObjectBase
from unrealsynth.embedded.unreal._wrapper import Name
from unrealsynth.embedded.unreal.subsystems import EditorSubsystem

C = TypeVar("C")
S = TypeVar("S", bound="EditorSubsystem")


def log(arg: Any) -> None:
    _runtime.engine().log.write("LogPython", "Info", str(arg))


def log_warning(arg: Any) -> None:
    _runtime.engine().log.write("LogPython", "Warning", str(arg))


def log_error(arg: Any) -> None:
    _runtime.engine().log.write("LogPython", "Error", str(arg))


def log_flush() -> None:
    """Nothing is held back."""


def register_slate_pre_tick_callback(callable: Callable[[float], None]) -> object:
    return _runtime.engine().pre_tick.add(callable)


def unregister_slate_pre_tick_callback(handle: object) -> None:
    _runtime.engine().pre_tick.remove(handle)


def register_slate_post_tick_callback(callable: Callable[[float], None]) -> object:
    return _runtime.engine().post_tick.add(callable)


def unregister_slate_post_tick_callback(handle: object) -> None:
    _runtime.engine().post_tick.remove(handle)


def register_ticker_callback(callable: Callable[[float], bool]) -> object:
    """Called once a frame until it returns False. Since 5.7."""
    return _runtime.engine().tickers.add(callable)


def unregister_ticker_callback(handle: object) -> None:
    """Since 5.7."""
    _runtime.engine().tickers.remove(handle)


def register_python_shutdown_callback(callable: Callable[[], None]) -> object:
    return _runtime.engine().shutdown.add(lambda _: callable())


def unregister_python_shutdown_callback(handle: object) -> None:
    _runtime.engine().shutdown.remove(handle)


def find_object(
    outer: Object | None,
    name: str,
    type: Class | type[_ObjectBase] = Object,
    follow_redirectors: bool = True,
) -> Any:
    """An object that is in memory, by its path; None when there is none of that class."""
    found = _runtime.engine().find(STR.nativize(name))
    return found if isinstance(found, OBJECT_CLASS.nativize(type) or Object) else None


def load_object(
    outer: Object | None,
    name: str,
    type: Class | type[_ObjectBase] = Object,
    follow_redirectors: bool = True,
) -> Any:
    return find_object(outer, name, type, follow_redirectors)


def load_asset(name: str, type: Class | type[_ObjectBase] = Object, follow_redirectors: bool = True) -> Any:
    return find_object(None, name, type, follow_redirectors)


def find_asset(name: str, type: Class | type[_ObjectBase] = Object, follow_redirectors: bool = True) -> Any:
    return find_object(None, name, type, follow_redirectors)


def new_object(
    type: Class | type[_ObjectBase],
    outer: Object | None = None,
    name: Name | str = "",
    base_type: Object | None = None,
) -> Any:
    kind = OBJECT_CLASS.nativize(type)
    if kind is None:
        raise TypeError("new_object: 'type' must be a class")
    return kind._make(outer, str(name) or "None")


def get_default_object(type: Class | type[_ObjectBase]) -> Any:
    kind = OBJECT_CLASS.nativize(type)
    return None if kind is None else _runtime.engine().default_object(kind)


def generate_class(class_type: type) -> None:
    _python_classes.generate(class_type)


def uclass() -> Callable[[type[C]], type[C]]:
    """Decorates a class that a script defines for Unreal."""

    def _uclass(type: type[C]) -> type[C]:
        generate_class(type)
        return type

    return _uclass


def uproperty(type: Any, meta: Any = None, getter: Any = None, setter: Any = None) -> Any:
    """A property of a class that `uclass` decorates."""
    return _python_classes.PropertyDef(type, meta)


def ufunction(
    meta: Any = None,
    ret: Any = None,
    params: Any = None,
    override: Any = None,
    static: Any = None,
    pure: Any = None,
    getter: Any = None,
    setter: Any = None,
) -> Any:
    """Decorates a method of a class that `uclass` decorates."""
    return lambda function: _python_classes.FunctionDef(function, override)


def collect_garbage() -> None:
    """Python's own collector is enough for what lives here."""


def is_editor() -> bool:
    return True


def get_editor_subsystem(subsystem: Class | type[S]) -> S | None:
    """The one subsystem of a class; None for another class, and when the editor is about to end."""
    kind = OBJECT_CLASS.nativize(subsystem)
    if kind is None or not issubclass(kind, EditorSubsystem) or _runtime.engine().closing:
        return None
    return _runtime.engine().singleton(kind)  # type: ignore[return-value]
