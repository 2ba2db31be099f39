"""What a project needs so that the plugin can be driven: a handful of settings and plugins, and not one more.

None of them makes the editor rebuild shaders, meshes or lighting.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from unrealsynth import resources

PLUGIN = "UnrealSynth"
ENGINE_INI = "Config/DefaultEngine.ini"
EDITOR_SETTINGS_INI = "Config/DefaultEditorSettings.ini"
PYTHON_SECTION = "/Script/PythonScriptPlugin.PythonScriptPluginSettings"
RENDERER_SECTION = "/Script/Engine.RendererSettings"
PERFORMANCE_SECTION = "/Script/UnrealEd.EditorPerformanceSettings"
REMOTE_EXECUTION = "bRemoteExecution"
BIND_ADDRESS = "RemoteExecutionMulticastBindAddress"
GROUP = "RemoteExecutionMulticastGroupEndpoint"
TTL = "RemoteExecutionMulticastTtl"

_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}


@dataclass(frozen=True)
class Setting:
    """One line of the project's configuration; `file` is relative to the project's folder."""

    file: str
    section: str
    key: str
    value: str
    purpose: str

    def is_met_by(self, value: str | None) -> bool:
        """Whether a file's value means the same."""
        if value is None:
            return False
        for words in (_TRUE, _FALSE):
            if self.value.lower() in words and len(self.value) > 1:
                return value.lower() in words
        return value == self.value

    def __str__(self) -> str:
        return f"{self.file} [{self.section}] {self.key}={self.value}"


def settings(platform: str = sys.platform) -> tuple[Setting, ...]:
    """The settings for a system, as `sys.platform` names it: on Windows Unreal's default address is the one that works,
    elsewhere a socket bound to 127.0.0.1 receives no multicast."""
    address = "127.0.0.1" if platform == "win32" else "0.0.0.0"
    return (
        Setting(ENGINE_INI, PYTHON_SECTION, REMOTE_EXECUTION, "True", "lets other programs of this machine drive it"),
        Setting(ENGINE_INI, PYTHON_SECTION, BIND_ADDRESS, address, "is the address at which it hears them"),
        Setting(ENGINE_INI, RENDERER_SECTION, "r.CustomDepth", "3", "lets objects be told apart by stencil values"),
        Setting(
            EDITOR_SETTINGS_INI,
            PERFORMANCE_SECTION,
            "bThrottleCPUWhenNotForeground",
            "False",
            "keeps the editor at work behind other windows",
        ),
    )


def shipped_descriptor() -> Path:
    """The `.uplugin` of this version."""
    return resources.plugin_folder() / f"{PLUGIN}.uplugin"


def needed_plugins() -> tuple[str, ...]:
    """The plugin itself, then what its descriptor depends on."""
    descriptor = json.loads(shipped_descriptor().read_text(encoding="utf-8"))
    needed = [entry["Name"] for entry in descriptor["Plugins"] if entry["Enabled"] and not entry.get("Optional")]
    return (PLUGIN, *needed)
