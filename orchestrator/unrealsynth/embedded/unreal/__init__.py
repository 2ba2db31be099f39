"""A stand-in for Unreal's `unreal` module: the part of the editor's API that a capture plugin uses, with its behaviour.

Names, arguments and marks are those of Unreal 5.6; what is newer is there only when the engine's version says so.
"""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import Any

from unrealsynth.embedded.unreal import (
    _enum,
    _object,
    _runtime,
    _struct_base,
    _wrapper,
    actors,
    assets,
    blueprints,
    capture,
    collision,
    components,
    delegates,
    enums,
    expressions,
    functions,
    image_writing,
    importing,
    libraries,
    lights,
    material_editing,
    materials,
    menus,
    mesh_components,
    mesh_description,
    post_process,
    render_targets,
    sky,
    static_mesh,
    structs,
    subsystems,
    textures,
    volumes,
    world,
    world_partition,
)

_SINCE_5_7 = ("register_ticker_callback", "unregister_ticker_callback")


def _public(module: ModuleType) -> dict[str, Any]:
    """The wrapped classes that a module defines, and the functions of `functions`."""
    own = {
        name: item
        for name, item in vars(module).items()
        if not name.startswith("_") and getattr(item, "__module__", None) == module.__name__
    }
    return {name: item for name, item in own.items() if name not in _HIDDEN and _is_public(item, module)}


def _is_public(item: object, module: ModuleType) -> bool:
    if isinstance(item, FunctionType):
        return module is functions
    return isinstance(item, type) and issubclass(item, _wrapper.WrapperBase)


_HIDDEN = ("WrapperBase", *_SINCE_5_7)
_exports: dict[str, Any] = {}
for _module in (
    *(
        _enum,
        _object,
        _struct_base,
        _wrapper,
        delegates,
        enums,
        collision,
        structs,
        post_process,
        functions,
        libraries,
        subsystems,
        assets,
    ),
    *(actors, components, mesh_components, lights, sky, capture, volumes, world, world_partition),
    *(
        blueprints,
        menus,
        mesh_description,
        textures,
        render_targets,
        image_writing,
        static_mesh,
        materials,
        expressions,
        material_editing,
        importing,
    ),
):
    _exports.update(_public(_module))
globals().update(_exports)
__all__ = sorted(_exports)


def __getattr__(name: str) -> Any:
    """What only later versions have."""
    if name in _SINCE_5_7 and _runtime.engine().version >= (5, 7):
        return getattr(functions, name)
    raise AttributeError(f"module 'unreal' has no attribute '{name}'")
