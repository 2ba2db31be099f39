"""What the editor's renderer is set to, read and never changed: switching these on would rebuild for hours."""

from __future__ import annotations

from typing import Any, Dict

import unreal

_CONSOLE_VARIABLES = (
    "r.CustomDepth",
    "r.AntiAliasingMethod",
    "r.DynamicGlobalIlluminationMethod",
    "r.ReflectionMethod",
    "r.GenerateMeshDistanceFields",
    "r.Lumen.HardwareRayTracing",
    "r.RayTracing",
    "r.Shadow.Virtual.Enable",
    "r.Nanite",
    "r.TextureStreaming",
)


def describe() -> Dict[str, Any]:
    """Console variables as texts, empty for one that this editor does not have, and the editor's command line."""
    read = unreal.SystemLibrary.get_console_variable_string_value
    return {
        "console_variables": {name: str(read(name))[:40] for name in _CONSOLE_VARIABLES},
        "command_line": str(unreal.SystemLibrary.get_command_line())[:2000],
        "is_loading_assets": is_loading_assets(),
    }


def is_loading_assets() -> bool:
    """Whether the editor still looks through the project's files, as it does after its start."""
    return bool(unreal.AssetRegistryHelpers.get_asset_registry().is_loading_assets())
