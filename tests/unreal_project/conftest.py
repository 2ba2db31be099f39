"""Projects, engines and editors of the tests, all made on disk and really started."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_on_disk import EngineOnDisk

from unrealsynth.editors.multicast import Endpoint
from unrealsynth.unreal_project.install import install
from unrealsynth.unreal_project.project import Project, open_project

sys.path.append(str(Path(__file__).resolve().parents[1] / "editors"))  # For its misbehaving servers.

DESCRIPTION = '{\n\t"FileVersion": 3,\n\t"EngineAssociation": "5.6"\n}\n'


def make_project(folder: Path, group: Endpoint, name: str = "Mine") -> Project:
    """A project of Unreal 5.6 whose configuration names a multicast group of its own."""
    (folder / "Config").mkdir(parents=True)
    (folder / f"{name}.uproject").write_text(DESCRIPTION, encoding="utf-8")
    (folder / "Config" / "DefaultEngine.ini").write_text(
        "[/Script/PythonScriptPlugin.PythonScriptPluginSettings]\n"
        f"RemoteExecutionMulticastGroupEndpoint={group[0]}:{group[1]}\n",
        encoding="utf-8",
    )
    return open_project(folder)


@pytest.fixture
def project(tmp_path: Path, group: Endpoint) -> Project:
    """A project without the plugin, in a folder whose name needs care."""
    return make_project(tmp_path / "Mon projet é", group)


@pytest.fixture
def installed(project: Project) -> Project:
    install(project)
    return open_project(project.file)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineOnDisk]:
    """An engine whose editor is the embedded one, found with `--engine`; what it started is ended."""
    if os.name == "nt":
        pytest.skip("a script cannot stand in for UnrealEditor.exe")
    engine = EngineOnDisk(tmp_path / "UE 5.6")
    yield engine
    engine.end_all()
