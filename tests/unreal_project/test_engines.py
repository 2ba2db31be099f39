"""Finding the engine of a project through the records of launcher, registry and source builds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from unrealsynth.errors import EditorError
from unrealsynth.unreal_project.engines import Engine, Places, find_editor, known_engines
from unrealsynth.unreal_project.project import Project, open_project

GUID = "{A1B2C3D4-0000-1111-2222-333344445555}"


@dataclass
class Keys:
    """A registry."""

    content: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def values(self, hive: str, key: str) -> dict[str, str]:
        return self.content.get((hive, key), {})

    def keys(self, hive: str, key: str) -> list[str]:
        below = [name[len(key) + 1 :] for found, name in self.content if found == hive and name.startswith(key + "\\")]
        return [name for name in below if "\\" not in name]


def make_engine(root: Path, platform: str, version: tuple[int, int] | None = (5, 6)) -> Path:
    program = Engine(root).program(platform)
    program.parent.mkdir(parents=True)
    program.touch()
    if version is not None:
        build = root / "Engine" / "Build" / "Build.version"
        build.parent.mkdir(parents=True)
        build.write_text(json.dumps({"MajorVersion": version[0], "MinorVersion": version[1]}), encoding="utf-8")
    return program


def project_of(folder: Path, association: str) -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "Mine.uproject"
    file.write_text(json.dumps({"EngineAssociation": association}), encoding="utf-8")
    return open_project(file)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places("linux", tmp_path / "home", tmp_path / "ProgramData")


def test_launchers_record_on_windows(tmp_path: Path, places: Places) -> None:
    places = replace(places, platform="win32")
    program = make_engine(tmp_path / "UE_5.6", "win32")
    make_engine(tmp_path / "UE_5.5", "win32", (5, 5))
    record = tmp_path / "ProgramData/Epic/UnrealEngineLauncher/LauncherInstalled.dat"
    record.parent.mkdir(parents=True)
    installed = [
        {"InstallLocation": str(tmp_path / "game"), "AppName": "Game"},
        {"InstallLocation": str(tmp_path / "UE_5.5"), "AppName": "UE_5.5"},
        {"InstallLocation": str(tmp_path / "UE_5.6"), "AppName": "UE_5.6"},
    ]
    record.write_bytes(b"\xef\xbb\xbf" + json.dumps({"InstallationList": installed}).encode())
    assert find_editor(project_of(tmp_path / "p", "5.6"), places=places) == program
    assert [engine.identifier for engine in known_engines(places)] == ["5.5", "5.6"]


def test_registry_of_the_launcher_and_of_source_builds(tmp_path: Path, places: Places) -> None:
    registry = Keys(
        {
            ("HKLM", "SOFTWARE\\EpicGames\\Unreal Engine\\5.4"): {"InstalledDirectory": str(tmp_path / "five")},
            ("HKCU", "SOFTWARE\\Epic Games\\Unreal Engine\\Builds"): {GUID: str(tmp_path / "own")},
        }
    )
    places = replace(places, platform="win32", registry=registry)
    five = make_engine(tmp_path / "five", "win32", (5, 4))
    own = make_engine(tmp_path / "own", "win32", (5, 7))
    assert find_editor(project_of(tmp_path / "p", "5.4"), places=places) == five
    assert find_editor(project_of(tmp_path / "p", GUID.lower()), places=places) == own


@pytest.mark.parametrize(
    ("platform", "record"),
    [
        ("linux", ".config/Epic/UnrealEngine/Install.ini"),
        ("darwin", "Library/Application Support/Epic/UnrealEngine/Install.ini"),
    ],
)
def test_install_ini(tmp_path: Path, places: Places, platform: str, record: str) -> None:
    places = replace(places, platform=platform)
    program = make_engine(tmp_path / "Unreal Engine", platform)
    file = tmp_path / "home" / record
    file.parent.mkdir(parents=True)
    file.write_text(f"[Installations]\n{GUID}={tmp_path / 'Unreal Engine'}\n", encoding="utf-8")
    assert find_editor(project_of(tmp_path / "p", GUID), places=places) == program
    # A version is found by what the engine says of itself, where no launcher records one.
    assert find_editor(project_of(tmp_path / "p", "5.6"), places=places) == program
    with pytest.raises(EditorError, match=r"(?s)engine '5\.3'.*--engine.*5\.6.*Unreal Engine"):
        find_editor(project_of(tmp_path / "p", "5.3"), places=places)


def test_usual_folders(tmp_path: Path, places: Places) -> None:
    program = make_engine(tmp_path / "opt" / "UnrealEngine-5.6.1", "linux")
    places = replace(places, usual=(tmp_path / "opt", tmp_path / "missing"))
    assert find_editor(project_of(tmp_path / "p", "5.6"), places=places) == program


def test_beside_the_sources_and_by_path(tmp_path: Path, places: Places) -> None:
    program = make_engine(tmp_path / "src", "linux")
    assert find_editor(project_of(tmp_path / "src" / "Games" / "Mine", ""), places=places) == program
    assert find_editor(project_of(tmp_path / "p", "../src"), places=places) == program


@pytest.mark.parametrize("given", ["", "Engine", "Engine/Binaries/Linux/UnrealEditor"])
def test_named_engine(tmp_path: Path, places: Places, given: str) -> None:
    program = make_engine(tmp_path / "my engine", "linux", None)
    project = project_of(tmp_path / "p", "4.27")
    assert find_editor(project, tmp_path / "my engine" / given, places) == program
    with pytest.raises(EditorError, match="no Unreal Editor in"):
        find_editor(project, tmp_path / "p", places)


@pytest.mark.parametrize("association", ["5.6", "", "../nowhere"])
def test_nothing_found(tmp_path: Path, places: Places, association: str) -> None:
    with pytest.raises(EditorError, match=r"--engine.*No engine is recorded"):
        find_editor(project_of(tmp_path / "p", association), places=places)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"InstallationList": [5, {}]}', b"\xff"])
def test_a_broken_record_is_passed_over(tmp_path: Path, places: Places, content: bytes) -> None:
    places.launcher_record.parent.mkdir(parents=True)
    places.launcher_record.write_bytes(content)
    assert known_engines(places) == []
