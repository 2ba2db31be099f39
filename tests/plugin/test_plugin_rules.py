"""What the plugin must keep to, because nothing can be installed in a user's editor and no editor is at hand here.

The stub is Epic's for Unreal 5.6, read as text.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

import unrealsynth_plugin

PACKAGE = Path(unrealsynth_plugin.__file__).parent
FILES = [*sorted(PACKAGE.rglob("*.py")), PACKAGE.parent / "init_unreal.py"]


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE.parent).as_posix()


def tree_of(file: Path) -> ast.Module:
    # Unreal 5.0 to 5.3 embed Python 3.9.
    return ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))


@cache
def versioned() -> tuple[tuple[str, str, str], ...]:
    """The plugin's own table of what not every engine version has."""
    for node in tree_of(PACKAGE / "compatibility.py").body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERSIONED":
            table: tuple[tuple[str, str, str], ...] = ast.literal_eval(node.value)
            return table
    raise LookupError("compatibility.py has no VERSIONED.")


def version_of(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def is_in_stub(since: str) -> bool:
    """Whether what came with that version is in the stub."""
    return version_of(since) <= (5, 6)


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    return names


def unreal_names(tree: ast.Module) -> set[str]:
    """Every X of `unreal.X`, and the member of `unreal.X.MEMBER` as X.MEMBER."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == "unreal":
            found.add(node.attr)
        value = node.value
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "unreal":
            found.add(f"{value.attr}.{node.attr}")
    return found


@cache
def stub() -> dict[str, str]:
    """The text of every top-level class and function, by name."""
    for file in metadata.files("unreal-stub") or ():
        if file.name == "unreal.py":
            text = Path(str(file.locate())).read_text(encoding="utf-8")
            found = list(re.finditer(r"^(?:class|def) (\w+)", text, re.MULTILINE))
            ends = [match.start() for match in found[1:]] + [len(text)]
            return {match[1]: text[match.start() : end] for match, end in zip(found, ends, strict=True)}
    raise FileNotFoundError("The package unreal-stub holds no unreal.py; install the extra [test].")


def stub_has(name: str) -> bool:
    """Whether `X` or `X.member` is in the stub, a member also when it is inherited."""
    owner, _, member = name.partition(".")
    text = stub().get(owner)
    if text is None or not member:
        return text is not None
    if re.search(rf"^    (?:def )?{member}\b", text, re.MULTILINE):
        return True
    bases = re.match(r"class \w+\((.*?)\)", text)
    return bases is not None and any(stub_has(f"{base.strip()}.{member}") for base in bases[1].split(",") if base)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_parses_as_python_3_9_and_imports_only_what_an_editor_has(file: Path) -> None:
    own = {"unrealsynth_plugin", "unreal"}
    for name in imported(tree_of(file)):
        top = name.split(".")[0]
        assert top in own or top in sys.stdlib_module_names, f"{name_of(file)} imports {name}"


@pytest.mark.parametrize("file", [file for file in FILES if "core" in file.parts], ids=name_of)
def test_core_knows_nothing_of_the_editor_nor_of_the_shell(file: Path) -> None:
    for name in imported(tree_of(file)):
        assert name != "unreal"
        assert not name.startswith("unrealsynth_plugin") or name.startswith("unrealsynth_plugin.core")


@pytest.mark.parametrize("module", ["spool", "jobs", "service", "records", "errors"])
def test_what_needs_no_editor_imports_none(module: str) -> None:
    assert "unreal" not in imported(tree_of(PACKAGE / f"{module}.py"))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_annotations_of_newer_python_are_never_evaluated(file: Path) -> None:
    # `int | None` in a dataclass that is read at run time would fail on 3.9, although it parses.
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            unions = [part for part in ast.walk(node.annotation) if isinstance(part, ast.BinOp)]
            assert not unions, f"{name_of(file)}, line {node.lineno}: write Optional or Union"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_waiting_no_evaluation_no_network(file: Path) -> None:
    tree = tree_of(file)
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"eval", "exec", "compile", "__import__", "time.sleep", "os.system", "print", "input"}
    assert not imported(tree) & {
        "socket",
        "subprocess",
        "threading",
        "urllib",
        "urllib.request",
        "http.client",
        "pickle",
    }


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_name_of_unreal_is_in_epics_stub(file: Path) -> None:
    newer = {entry for entry, since, _ in versioned() if not is_in_stub(since)}
    for name in unreal_names(tree_of(file)):
        if name.split(".")[0] not in newer:
            assert stub_has(name), f"{name_of(file)} uses unreal.{name}"


def test_the_table_of_versions_is_right_about_5_6() -> None:
    used = {name.split(".")[0] for file in FILES for name in unreal_names(tree_of(file))}
    for entry, since, instead in versioned():
        name, _, argument = entry.partition(" ")
        assert stub_has(name) is is_in_stub(since), name
        if argument:
            owner, _, function = name.partition(".")
            assert re.search(rf"def {function}\(.*\b{argument}: ", stub()[owner]), entry
        if "." not in name:
            assert name in used, name
            text = "\n".join(file.read_text(encoding="utf-8") for file in FILES)
            assert f'hasattr(unreal, "{name}")' in text, name
        assert instead


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("SceneCapture2D", True),
        ("SceneCaptureComponent2D.capture_scene", True),
        ("SkyLightComponent.set_mobility", True),  # inherited
        ("LightUnits.CANDELAS", True),
        ("LightUnits.CANDLES", False),
        ("EditorPerformanceSettings", False),
        ("register_slate_post_tick_callback", True),
    ],
)
def test_the_stub_is_read_rightly(name: str, wanted: bool) -> None:
    assert stub_has(name) is wanted
