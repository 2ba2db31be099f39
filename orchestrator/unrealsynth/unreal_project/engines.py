"""The Unreal Engine a project belongs to: what its association means, and where engines are on this machine.

Found through the records that Epic's launcher, installers and source builds keep; nothing is searched for on disk but
the folders where engines usually lie.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from unrealsynth.errors import EditorError
from unrealsynth.unreal_project import ini
from unrealsynth.unreal_project.project import Project
from unrealsynth.unreal_project.text_file import decode

_PROGRAMS = {
    "win32": "Engine/Binaries/Win64/UnrealEditor.exe",
    "darwin": "Engine/Binaries/Mac/UnrealEditor.app/Contents/MacOS/UnrealEditor",
}
_LINUX_PROGRAM = "Engine/Binaries/Linux/UnrealEditor"
_VERSION = re.compile(r"\d+\.\d+")
_OLDEST = (5, 3)
"""The first engine version that the plugin is meant for."""
NEWER_ENGINE = "Open a copy of the project in a newer engine"


class Registry(Protocol):
    """The part of the Windows registry that engines are recorded in; a key that is missing is empty."""

    def values(self, hive: str, key: str) -> dict[str, str]:
        """Names and texts below a key of HKEY_LOCAL_MACHINE ("HKLM") or HKEY_CURRENT_USER ("HKCU")."""

    def keys(self, hive: str, key: str) -> list[str]:
        """The names of the keys below a key."""


@dataclass(frozen=True)
class Places:
    """Where this machine keeps its records of engines."""

    platform: str
    home: Path
    program_data: Path
    registry: Registry | None = None
    usual: tuple[Path, ...] = ()
    """Folders that may hold engines."""

    @property
    def _epic(self) -> Path:
        """The user's folder for Epic's programs, on Linux and macOS."""
        mac = self.home / "Library" / "Application Support" / "Epic"
        return mac if self.platform == "darwin" else self.home / ".config" / "Epic"

    @property
    def launcher_record(self) -> Path:
        base = self.program_data / "Epic" if self.platform == "win32" else self._epic
        return base / "UnrealEngineLauncher" / "LauncherInstalled.dat"

    @property
    def builds_record(self) -> Path:
        """Source builds and unpacked engines, by GUID."""
        return self._epic / "UnrealEngine" / "Install.ini"


@dataclass(frozen=True)
class Engine:
    """An engine's top folder, the one that holds `Engine`, and the name it is recorded under."""

    root: Path
    identifier: str = ""

    @property
    def version(self) -> tuple[int, int] | None:
        """Major and minor, from the engine's own file; None if it does not say."""
        try:
            data = json.loads((self.root / "Engine" / "Build" / "Build.version").read_text(encoding="utf-8-sig"))
            return int(data["MajorVersion"]), int(data["MinorVersion"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def program(self, platform: str = sys.platform) -> Path:
        return self.root / _PROGRAMS.get(platform, _LINUX_PROGRAM)

    def __str__(self) -> str:
        version = f" ({self.version[0]}.{self.version[1]})" if self.version else ""
        return f"{self.identifier or 'engine'}{version} in {self.root}"


def this_machine() -> Places:
    """The places of the machine this runs on."""
    home = Path.home()
    usual = {
        "win32": (Path(os.environ.get("PROGRAMFILES", "C:/Program Files")) / "Epic Games",),
        "darwin": (Path("/", "Users", "Shared", "Epic Games"),),
    }.get(sys.platform, (Path("/opt"), home))
    data = Path(os.environ.get("PROGRAMDATA", "C:/ProgramData"))
    return Places(sys.platform, home, data, _registry(), usual)


def find_editor(project: Project, engine: Path | None = None, places: Places | None = None) -> Path:
    """The editor's program for a project. `engine` is an engine's folder or the program itself, and is then used.

    Raises EditorError, with the engines that were found, when the project's own is not among them.
    """
    places = places or this_machine()
    if engine is not None:
        return _given_program(engine.expanduser().absolute(), places.platform)
    association = project.engine_association
    nearby = _beside(project, association)
    known = [engine for engine in known_engines(places) if engine.program(places.platform).is_file()]
    found = next(iter([*nearby, *_matching(known, association)]), None)
    if found is None or not found.program(places.platform).is_file():
        listed = "".join(f"\n  {engine}" for engine in known)
        wanted = f"engine {association!r}" if association else "the engine in whose folder it lies"
        raise EditorError(
            f"{project.file.name} asks for {wanted}, which was not found. Name its folder with --engine. "
            + (f"Engines that were found:{listed}" if known else "No engine is recorded on this machine.")
        )
    return found.program(places.platform)


def trouble_with(project: Project) -> str | None:
    """What is to be said of a project whose engine is too old; None if it is not, or is a build of unknown version."""
    association = project.engine_association
    if not _VERSION.fullmatch(association) or _numbers(association) >= _OLDEST:
        return None
    return f"{project.file} is a project of Unreal {association}; the plugin needs {_OLDEST[0]}.{_OLDEST[1]} or newer."


def known_engines(places: Places) -> list[Engine]:
    """Every engine on record, each once."""
    found: dict[Path, Engine] = {}
    for engine in (*_from_launcher(places), *_from_registry(places), *_from_builds(places), *_from_usual(places)):
        found.setdefault(engine.root, engine)
    return list(found.values())


def _matching(known: Iterable[Engine], association: str) -> Iterator[Engine]:
    known = list(known)
    yield from (engine for engine in known if engine.identifier.lower() == association.lower() != "")
    if _VERSION.fullmatch(association):
        wanted = _numbers(association)
        yield from (engine for engine in known if engine.version == wanted)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _beside(project: Project, association: str) -> list[Engine]:
    """The engine above a project of its own sources, or that of a relative path as association."""
    if not association:
        return [Engine(folder) for folder in project.file.parents if (folder / "Engine" / "Build").is_dir()][:1]
    if "/" in association or "\\" in association:
        folder = (project.folder / association.replace("\\", "/")).resolve()
        return [Engine(folder)] if (folder / "Engine").is_dir() else []
    return []


def _given_program(given: Path, platform: str) -> Path:
    candidates = [given, Engine(given).program(platform), Engine(given.parent).program(platform)]
    if platform == "darwin":
        candidates.append(given / "Contents" / "MacOS" / "UnrealEditor")
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise EditorError(f"There is no Unreal Editor in {given}: {candidates[1]} does not exist.")


def _from_launcher(places: Places) -> Iterator[Engine]:
    try:
        data = json.loads(places.launcher_record.read_text(encoding="utf-8-sig"))
        installed = data["InstallationList"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for entry in installed if isinstance(installed, list) else []:
        name = str(entry.get("AppName", "")) if isinstance(entry, dict) else ""
        if name.startswith("UE_"):
            yield Engine(Path(str(entry.get("InstallLocation", ""))), name.removeprefix("UE_"))


def _from_registry(places: Places) -> Iterator[Engine]:
    if places.registry is None:
        return
    versions = "SOFTWARE\\EpicGames\\Unreal Engine"
    for name in places.registry.keys("HKLM", versions):  # not a dictionary
        folder = places.registry.values("HKLM", f"{versions}\\{name}").get("InstalledDirectory")
        if folder:
            yield Engine(Path(folder), name)
    builds = places.registry.values("HKCU", "SOFTWARE\\Epic Games\\Unreal Engine\\Builds")
    yield from (Engine(Path(folder), name) for name, folder in builds.items())


def _from_builds(places: Places) -> Iterator[Engine]:
    path = places.builds_record
    try:
        text = decode(path.read_bytes(), path).text
    except OSError:
        return
    yield from (Engine(Path(folder), name) for name, folder in ini.pairs_of(text, "Installations"))


def _from_usual(places: Places) -> Iterator[Engine]:
    for folder in places.usual:
        try:
            children = sorted(folder.iterdir())
        except OSError:
            continue
        for child in children:
            if child.name.lower().startswith(("ue_", "unrealengine", "unreal_engine", "linux_unreal_engine")):
                yield Engine(child, child.name.removeprefix("UE_") if child.name.startswith("UE_") else "")


def _registry() -> Registry | None:
    if sys.platform == "win32":
        from unrealsynth.unreal_project.windows_registry import WindowsRegistry

        return WindowsRegistry()
    return None
