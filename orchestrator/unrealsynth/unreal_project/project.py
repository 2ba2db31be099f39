"""A user's Unreal project: its files, and what its configuration says about remote execution."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from unrealsynth.editors.multicast import DEFAULT_GROUP, Endpoint
from unrealsynth.errors import ProjectError
from unrealsynth.unreal_project import ini, uproject
from unrealsynth.unreal_project.settings import ENGINE_INI, GROUP, PLUGIN, PYTHON_SECTION
from unrealsynth.unreal_project.text_file import TextFile, decode, read
from unrealsynth_plugin.core.spool_files import SPOOL


@dataclass(frozen=True)
class Project:
    """The project of a `.uproject` file. What is read is kept: make a new one after a change on disk."""

    file: Path

    @property
    def folder(self) -> Path:
        return self.file.parent

    @property
    def name(self) -> str:
        return self.file.stem

    @property
    def plugin_folder(self) -> Path:
        return self.folder / "Plugins" / PLUGIN

    @property
    def generated_folder(self) -> Path:
        """The files of /Game/UnrealSynth_Generated."""
        return self.folder / "Content" / "UnrealSynth_Generated"

    @property
    def spool(self) -> Path:
        return self.folder / "Saved" / SPOOL

    @cached_property
    def text(self) -> TextFile:
        """Raises ProjectError when the file is missing or not text."""
        data = read(self.file)
        if data is None:
            raise ProjectError(f"{self.file} does not exist; name the .uproject file of an Unreal project.")
        return decode(data, self.file)

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """Raises ProjectError when the file is not the JSON of a project."""
        return uproject.parse(self.text.text, self.file)

    @property
    def engine_association(self) -> str:
        """A version, a GUID, a folder, or nothing where the project lies beside the engine's sources."""
        return str(self.description.get("EngineAssociation", ""))

    def ini_text(self, relative: str) -> str:
        """The text of a configuration file, nothing if it is missing."""
        path = self.folder / relative
        data = read(path)
        return "" if data is None else decode(data, path).text

    def python_setting(self, key: str) -> str | None:
        """What the project sets in the Python plugin's section."""
        return ini.value_of(self.ini_text(ENGINE_INI), PYTHON_SECTION, key)

    def group(self, default: Endpoint = DEFAULT_GROUP) -> Endpoint:
        """The multicast group its editor joins, `default` if it sets none. Raises ProjectError."""
        value = self.python_setting(GROUP)
        if value is None:
            return default
        host, _, port = value.rpartition(":")
        try:
            if ipaddress.IPv4Address(host).is_multicast and 0 < int(port) < 65536:
                return host, int(port)
        except ValueError:
            pass
        raise ProjectError(
            f"{self.folder / ENGINE_INI} sets {GROUP}={value}; wanted a multicast address and a port, as in "
            f"{DEFAULT_GROUP[0]}:{DEFAULT_GROUP[1]}."
        )


def open_project(path: Path) -> Project:
    """The project of a `.uproject` file, or of a folder that holds exactly one. Raises ProjectError."""
    path = path.expanduser().absolute()
    if path.is_dir():
        found = sorted(path.glob("*.uproject"))
        if len(found) != 1:
            held = ", ".join(file.name for file in found) or "none"
            raise ProjectError(f"{path} is a folder with {held} of the kind .uproject in it; name the one you mean.")
        path = found[0]
    if path.suffix.lower() != ".uproject":
        problem = "is not a .uproject file" if path.exists() else "does not exist"
        raise ProjectError(f"{path} {problem}; name the .uproject file of an Unreal project.")
    project = Project(path)
    _ = project.description  # A project whose file is broken is none.
    return project
