"""What a wheel holds besides the orchestrator: the plugin as a package and as files, maps and recipes."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLUGIN_PACKAGE = "unreal_plugin/UnrealSynth/Content/Python/unrealsynth_plugin"
RESOURCES = ("unreal_plugin", "maps", "recipes")


class ResourcesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Leaves editable installs alone: they find everything in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        build_data["force_include"][PLUGIN_PACKAGE] = "unrealsynth_plugin"
        for folder in RESOURCES:
            build_data["force_include"][folder] = f"unrealsynth/shipped/{folder}"
