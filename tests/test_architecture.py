"""The rules that hold the parts together: who may import whom, what the plugin may use, licences, size of modules."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "unreal_plugin/UnrealSynth/Content/Python"
ORCHESTRATOR = ROOT / "orchestrator"
FOLDERS = ["unreal_plugin", "orchestrator", "maps", "recipes", "tests", "benchmarks", ".ci"]
CACHES = {"__pycache__", ".hypothesis", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
MAX_LINES = 350
# Modules and names of the standard library that Python 3.9 does not have; mypy no longer checks against it.
NEWER_THAN_3_9 = re.compile(
    r"\btomllib\b|\bpairwise\b|\bStrEnum\b|\bdatetime\.UTC\b|\bExceptionGroup\b|\baiter\b|\banext\b|\bbit_count\b"
    r"|\bslots=|\bkw_only=|\bstrict=|\broot_dir=|\.walk\(\)|\bfile_digest\b|\bbatched\b|\bcontextlib\.chdir\b"
    r"|from typing import [^\n]*\b(TypeAlias|ParamSpec|TypeGuard|Self|Never|NotRequired|Required|Unpack|override"
    r"|assert_never|LiteralString|Concatenate|reveal_type|TypeVarTuple)\b"
)

# What the orchestrator's packages may import of it: packages first, then modules of the top level.
ALLOWED = {
    "dataset": {"errors", "files", "labels", "oriented_boxes", "polygons", "rle", "selfcheck", "visibility"},
    "editors": {"errors", "resources"},
    "embedded": {"errors"},
    "glb": {"errors"},
    "library": {"errors"},
    "recipe": {"glb", "library", "errors", "files", "labels", "resources"},
    "report": {"dataset", "drawing", "errors", "labels", "preview"},
    "unreal_project": {"editors", "errors", "files", "progress", "resources"},
}
COMMANDS = {"options", "output", "progress"}
"""What a package's commands may import besides."""


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def module_name(path: Path) -> str:
    base = PLUGIN if path.is_relative_to(PLUGIN) else ORCHESTRATOR
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Everything imported anywhere in a file, as `package.module.name` for `from package.module import name`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in {"__import__", "import_module"}:
                yield str(node.args[0].value)


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def strangers(files: list[Path], allowed: tuple[str, ...]) -> list[str]:
    """Imports of `files` that are neither `allowed` nor of the standard library."""
    known = (*allowed, *sys.stdlib_module_names)
    return [f"{path.name}: {name}" for path in files for name in imports(path) if not within(name, known)]


def test_imports_are_found_wherever_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(
        "import a.b as c\n"
        "def f():\n    from d import e\n    try:\n        import g\n    except ImportError: pass\n"
        "x = __import__('h.i', fromlist=['j'])\nimport importlib\ny = importlib.import_module('k')\n",
        encoding="utf-8",
    )
    assert sorted(imports(file)) == ["a.b", "d.e", "g", "h.i", "importlib", "k"]
    assert strangers([file], ("a", "d", "g", "h")) == ["example.py: k"]


def test_the_plugins_core_knows_the_standard_library_and_itself() -> None:
    files = sources(PLUGIN / "unrealsynth_plugin/core")
    assert len(files) > 5
    assert strangers(files, ("unrealsynth_plugin.core",)) == []


def test_the_plugin_knows_the_standard_library_unreal_and_itself() -> None:
    files = sources(PLUGIN)
    assert any("unreal" in imports(path) for path in files)
    assert strangers(files, ("unrealsynth_plugin", "unreal")) == []


def test_the_orchestrator_knows_of_the_plugin_its_core_and_its_version() -> None:
    allowed = ("unrealsynth_plugin.core", "unrealsynth_plugin.VERSION")
    files = sources(ORCHESTRATOR)
    found = [(path, name) for path in files for name in imports(path) if within(name, ("unrealsynth_plugin",))]
    assert len(found) > 3
    assert [f"{path.name}: {name}" for path, name in found if not within(name, allowed)] == []


def test_packages_import_what_lies_below_them() -> None:
    root = ORCHESTRATOR / "unrealsynth"
    assert {path.parent.name for path in root.glob("*/__init__.py")} == set(ALLOWED)
    strays = []
    for package, allowed in ALLOWED.items():
        for path in sources(root / package):
            # The trainer is an extra, behind one command.
            known = {package, "__version__", *allowed, *(COMMANDS | {"training"} if path.stem == "commands" else ())}
            names = [name for name in imports(path) if within(name, ("unrealsynth",))]
            strays += [f"{package}/{path.name}: {name}" for name in names if name.split(".")[1] not in known]
    assert strays == []


@pytest.mark.parametrize("name", ["jobs", "journal", "presence", "records", "residence", "service", "spool"])
def test_what_need_not_know_unreal_does_not(name: str) -> None:
    """Directly or through another module."""
    root = PLUGIN / "unrealsynth_plugin"
    known = {module_name(path): list(imports(path)) for path in sources(root)}
    seen: set[str] = set()
    to_see = [f"unrealsynth_plugin.{name}"]
    while to_see:
        module = to_see.pop()
        seen.add(module)
        assert not any(within(imported, ("unreal",)) for imported in known[module]), f"{module} imports unreal"
        reached = {other for other in known for imported in known[module] if within(imported, (other,))}
        to_see += reached - seen


def test_the_orchestrator_never_imports_unreal() -> None:
    files = [path for path in sources(ORCHESTRATOR) if "embedded" not in path.parts]
    assert [path.name for path in files for name in imports(path) if within(name, ("unreal",))] == []


def test_the_embedded_editor_shares_nothing_but_the_errors() -> None:
    """With a shared projection or axis map a wrong convention would pass every check here, and fail at the user's."""
    files = sources(ORCHESTRATOR / "unrealsynth/embedded")
    assert len(files) > 5
    ours = [(path, name) for path in files for name in imports(path) if within(name, ("unrealsynth",))]
    assert [f"{p.name}: {n}" for p, n in ours if not within(n, ("unrealsynth.embedded", "unrealsynth.errors"))] == []
    assert [f"{p.name}: {n}" for p in files for n in imports(p) if within(n, ("unrealsynth_plugin",))] == []


def test_the_embedded_editor_is_named_only_where_its_process_is_started() -> None:
    outside = [path for path in sources(ORCHESTRATOR) if "embedded" not in path.parts]
    named = [path for path in outside if "unrealsynth.embedded" in path.read_text(encoding="utf-8")]
    assert [path.relative_to(ORCHESTRATOR).as_posix() for path in named] == ["unrealsynth/editors/process.py"]
    assert [path.name for path in outside for name in imports(path) if within(name, ("unrealsynth.embedded",))] == []


def test_every_package_the_orchestrator_imports_is_a_dependency() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = text.split("\ndependencies = [")[1].split("]")[0]
    wanted = {name.lower() for name in re.findall(r'"([A-Za-z0-9._-]+)', declared)}
    known = ("unrealsynth", "unrealsynth_plugin", *sys.stdlib_module_names)
    # Training is an extra, and says so where it is missing.
    files = [path for path in sources(ORCHESTRATOR) if path.name != "training.py"]
    packages = {name.split(".")[0] for p in files for name in imports(p) if not within(name, known)}
    distributions = metadata.packages_distributions()
    providers = {package: {package, *distributions.get(package, [])} for package in packages}
    assert len(packages) > 5
    assert [package for package, names in providers.items() if not wanted & {name.lower() for name in names}] == []


def test_the_core_runs_without_any_installed_package() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from unrealsynth_plugin.core import planning;"
        "print(planning.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code, str(PLUGIN)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(PLUGIN)


@pytest.mark.parametrize("path", sources(PLUGIN), ids=lambda path: path.name)
def test_the_plugin_is_written_in_python_3_9(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 9))
    # Older grammars are not wholly told apart by the parser.
    for node in ast.walk(tree):
        assert not isinstance(node, (ast.Match, getattr(ast, "TryStar", ast.Match))), f"line {node.lineno}"
    assert [match.group() for match in NEWER_THAN_3_9.finditer(text)] == []
    if any(isinstance(node, ast.AnnAssign | ast.FunctionDef) for node in tree.body):
        assert "from __future__ import annotations" in text


def test_what_is_newer_than_python_3_9_is_seen() -> None:
    for line in ["@dataclass(slots=True)", "zip(a, b, strict=True)", "from typing import Any, Self", "import tomllib"]:
        assert NEWER_THAN_3_9.search(line)
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass", feature_version=(3, 9))


@pytest.mark.parametrize("folder", [PLUGIN, ORCHESTRATOR, ROOT / "tests", ROOT / "benchmarks"], ids=lambda p: p.name)
def test_modules_are_small_and_named_for_what_they_hold(folder: Path) -> None:
    for path in sources(folder):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        limit = MAX_LINES if folder in {PLUGIN, ORCHESTRATOR} else 2 * MAX_LINES
        assert lines <= limit, f"{path.relative_to(ROOT)} has {lines} lines"
        assert path.stem not in {"utils", "util", "helpers", "common", "misc"}


@pytest.mark.parametrize("folder", [PLUGIN, ORCHESTRATOR], ids=lambda p: p.name)
def test_every_module_says_what_it_is_for(folder: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in sources(folder)}
    silent = [name for name, text in texts.items() if text and not text.startswith(('"""', 'r"""', "# "))]
    assert silent == []


def files_of_the_project() -> Iterator[tuple[Path, str]]:
    files = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted(files):
        if CACHES & set(path.parts):
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    homes = ["root", "home/[a-z]+", "work", "Users/[A-Za-z]+"]
    private = re.compile(rf"(?<![\w.~])/(?:{'|'.join(homes)})/|[A-Z]:\\+Users\\")
    assert private.search("/home/" + "somebody/data") and private.search("C:" + "\\Users\\Me")
    found = {path.relative_to(ROOT).as_posix(): private.findall(text) for path, text in files_of_the_project()}
    assert {name: folders for name, folders in found.items() if folders} == {}


def test_the_plugin_is_mit_and_free_of_gpl_text() -> None:
    assert (ROOT / "unreal_plugin/LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    mentions = re.compile(r"\bA?GPL|GNU (General|Affero)", re.IGNORECASE)
    found = [p for p, text in files_of_the_project() if "unreal_plugin" in p.parts and mentions.search(text)]
    assert found == []


def test_the_orchestrator_is_gpl_3() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text[:200] and "Version 3, 29 June 2007" in text[:200]
    assert metadata.metadata("unrealsynth")["License-Expression"] == "GPL-3.0-or-later"


def test_versions_agree() -> None:
    import unrealsynth_plugin

    assert metadata.version("unrealsynth") == unrealsynth_plugin.VERSION
    descriptor = ROOT / "unreal_plugin/UnrealSynth/UnrealSynth.uplugin"
    assert f'"VersionName": "{unrealsynth_plugin.VERSION}"' in descriptor.read_text(encoding="utf-8")


def test_shell_scripts_can_be_run() -> None:
    script = ROOT / ".ci/run"
    assert script.read_text(encoding="utf-8").startswith("#!")
    assert os.name == "nt" or os.access(script, os.X_OK)
