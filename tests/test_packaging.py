"""The wheel: what it holds, and that it works installed, outside the checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from email import message_from_string
from pathlib import Path

import pytest

from unrealsynth_plugin import VERSION

ROOT = Path(__file__).resolve().parents[1]
BUILD = "import sys, hatchling.build as backend; print(getattr(backend, sys.argv[1])(sys.argv[2]))"
INFO = f"unrealsynth-{VERSION}.dist-info"
SHIPPED = ["unreal_plugin", "maps", "recipes"]


def build(kind: str, folder: Path, source: Path = ROOT) -> Path:
    """A wheel or a source distribution, by the same call that pip makes."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, f"build_{kind}", str(folder)],
        cwd=source,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


def files_below(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in files}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@dataclass(frozen=True)
class Installation:
    """A fresh virtual environment with the wheel, and an empty folder to work in."""

    folder: Path
    home: Path

    @property
    def scripts(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def run(self, program: str, *arguments: str, timeout_s: float = 60) -> str:
        """Standard output of one of its programs."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
        done = subprocess.run(
            [str(self.scripts / program), *arguments],
            cwd=self.home,
            env={**environment, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=timeout_s,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder, home = tmp_path_factory.mktemp("venv") / "own environment", tmp_path_factory.mktemp("home")
    venv.create(folder, with_pip=True)
    installation = Installation(folder, home)
    installation.run("python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    # Dependencies come from the environment of the tests. Nothing is fetched, and a path listed so brings no `.pth`
    # of its own, so that an editable install of the checkout stays unseen.
    own = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    others = [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
    (own / "dependencies.pth").write_text("\n".join(others), encoding="utf-8")
    return installation


def test_the_wheel_holds_both_packages_and_all_files(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"unrealsynth/{name}" for name in files_below(ROOT / "orchestrator/unrealsynth")} <= names
    plugin = "unreal_plugin/UnrealSynth/Content/Python/unrealsynth_plugin"
    assert {f"unrealsynth_plugin/{name}" for name in files_below(ROOT / plugin)} <= names
    for folder in SHIPPED:
        expected = {f"unrealsynth/shipped/{folder}/{name}" for name in files_below(ROOT / folder)}
        assert expected
        assert expected <= names
    assert "unrealsynth/shipped/unreal_plugin/UnrealSynth/UnrealSynth.uplugin" in names
    assert [name for name in names if "__pycache__" in name or name.startswith(("tests", "benchmarks"))] == []
    assert {name.split("/")[0] for name in names} == {"unrealsynth", "unrealsynth_plugin", INFO}


def test_the_wheel_carries_its_licences_and_description(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_string(archive.read(f"{INFO}/METADATA").decode("utf-8"))
        for name in ["LICENSE", "unreal_plugin/LICENSE"]:
            assert archive.read(f"{INFO}/licenses/{name}") == (ROOT / name).read_bytes()
        entry_points = archive.read(f"{INFO}/entry_points.txt").decode("utf-8")
    assert metadata["License-Expression"] == "GPL-3.0-or-later"
    assert metadata["Requires-Python"] == "<3.14,>=3.10"
    assert "unrealsynth = unrealsynth.cli:main" in entry_points


def test_a_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(tmp_path / "source")
    (source,) = (tmp_path / "source").iterdir()
    again = build("wheel", tmp_path, source)
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        contents = [{name: archive.read(name) for name in archive.namelist()} for archive in (first, second)]
    assert contents[0] == contents[1]


def test_an_installed_package_finds_its_files(installed: Installation) -> None:
    code = (
        "import json, unrealsynth, unrealsynth_plugin.core.planning as planning, unrealsynth.resources as resources;"
        "print(json.dumps([unrealsynth.__file__, planning.__file__, *map(str, ("
        "resources.root(), resources.plugin_folder(), resources.maps_folder(), resources.recipes_folder()))]))"
    )
    paths = [Path(path) for path in json.loads(installed.run("python", "-c", code))]
    assert all(path.exists() and path.is_relative_to(installed.folder) for path in paths)
    _, _, root, plugin, maps, recipes = paths
    assert [path.relative_to(root).as_posix() for path in (plugin, maps, recipes)] == [
        "unreal_plugin/UnrealSynth",
        "maps",
        "recipes",
    ]
    for folder in SHIPPED:
        assert files_below(root / folder) == files_below(ROOT / folder)


def test_a_checkout_finds_the_same_layout() -> None:
    from unrealsynth import resources

    assert resources.root() == ROOT
    assert (resources.plugin_folder() / "UnrealSynth.uplugin").is_file()
    assert list(resources.maps_folder().glob("*.yaml")) and list(resources.recipes_folder().glob("*.yaml"))


def test_the_installed_command_runs(installed: Installation) -> None:
    assert VERSION in installed.run("unrealsynth", "version")
    assert VERSION in json.dumps(json.loads(installed.run("unrealsynth", "version", "--json")))


@pytest.mark.slow
def test_the_installed_package_makes_a_data_set(installed: Installation) -> None:
    installed.run("unrealsynth", "generate", "quickstart", "--images", "2", timeout_s=110)
    pictures = files_below(installed.home / "quickstart/images")
    assert {Path(name).stem for name in pictures} == {"0", "1"}
    assert {Path(name).parent.name for name in pictures} == {"train", "val"}
