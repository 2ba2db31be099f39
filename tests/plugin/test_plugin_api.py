"""Every method, keyword, attribute and property that the plugin's source uses fits Epic's stub of Unreal 5.6.

What is only in other versions is listed here, with the version and the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import epic_stub
import pytest
from api_usage import Reader, Use, classes_of
from test_plugin_rules import FILES, is_in_stub, name_of, tree_of, versioned

OTHERWISE = {
    "EditorPerformanceSettings.throttle_cpu_when_not_foreground": "not exposed as a class; either name, by version",
    "EditorPerformanceSettings.bThrottleCPUWhenNotForeground": "not exposed as a class; either name, by version",
    "InterchangeGenericMeshPipeline.combine_static_meshes_behavior": "5.8, in place of the flag combine_static_meshes",
}
"""Used although it is not in the stub."""
ATTRIBUTES: dict[str, dict[str, str]] = {}
BASES: dict[str, list[str]] = {}


@cache
def readers() -> dict[str, Reader]:
    # Twice: attributes of a base class may be met before the module that sets them.
    for _ in range(2):
        found = {name_of(file): Reader(tree_of(file), ATTRIBUTES, BASES) for file in FILES}
    return found


@cache
def own_properties() -> frozenset[str]:
    """Of the classes that the plugin makes in Unreal."""
    return frozenset(name for reader in readers().values() for name in reader.declared)


def problem(use: Use) -> str | None:
    """What does not fit, as a sentence, or None."""
    if use.owner == "module":
        return None
    if use.owner not in epic_stub.names():
        return f"there is no class {use.owner}"
    if use.owner[:1].islower():
        return _call_problem(use, use.owner)
    wrong = _problem_with(use, classes_of(use.owner))
    # An object may be of a class that is more than what its property says: light_component is a LightComponent.
    is_made = use.is_class or use.name == "__init__"
    if (
        wrong is not None
        and not is_made
        and any(_problem_with(use, classes_of(name)) is None for name in descendants(use.owner))
    ):
        return None
    return wrong


def _problem_with(use: Use, classes: list[epic_stub.StubClass]) -> str | None:
    where = f"{use.owner}.{use.name}"
    if use.kind in ("set", "get"):
        found = next((s.editor_properties[use.name] for s in classes if use.name in s.editor_properties), None)
        if found is None:
            is_own = use.owner == "Object" and use.name in own_properties()
            return None if where in OTHERWISE or is_own else f"{where} is no editor property"
        return f"{where} is read-only" if use.kind == "set" and found[1] == "Read-Only" else None
    if use.kind == "override":
        function = next((s.functions[use.name] for s in classes if use.name in s.functions), None)
        fits = function is not None and len(function.arguments) == use.positional
        return None if fits else f"{where} is no function of {use.positional} arguments to override"
    if use.kind == "write":
        return None if any(use.name in s.writable for s in classes) else f"{where} is no attribute that can be written"
    if use.kind == "read":
        known = any(use.name in s.readable | s.functions.keys() | s.members.keys() for s in classes)
        return None if known or use.name in ("name", "value") else f"{where} is no attribute"
    return _call_problem(use, where, classes)


def _call_problem(use: Use, where: str, classes: Sequence[epic_stub.StubClass] = ()) -> str | None:
    if use.owner[:1].islower():
        function: epic_stub.Function | None = epic_stub.function(use.owner)
    else:
        function = next((s.functions[use.name] for s in classes if use.name in s.functions), None)
    if function is None:
        # Objects are made without arguments, or with an outer and a name.
        fits = use.name == "__init__" and use.positional <= 2
        return None if fits else f"{where} is no function"
    names = [name for name, _ in function.arguments if not name.startswith("*")]
    open_ended = any(name.startswith("*") for name, _ in function.arguments)
    for keyword in use.keywords:
        if keyword not in names and keyword != "None":
            return f"{where} has no argument {keyword}"
    if not open_ended and use.positional > len(names):
        return f"{where} takes {len(names)} arguments, not {use.positional}"
    needed = [name for name, default in function.arguments if default is None and not name.startswith("*")]
    given = {*names[: use.positional], *use.keywords}
    missing = [name for name in needed if name not in given]
    return f"{where} needs {', '.join(missing)}" if missing and not use.splat else None


def descendants(name: str) -> list[str]:
    """Classes below a class that is not the root of nearly everything."""
    if name in ("Object", "ActorComponent"):
        return []
    below = children().get(name, [])
    return [*below, *(deeper for child in below for deeper in descendants(child))]


@cache
def children() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, bases in re.findall(r"^class (\w+)\((.*?)\):", stub_text(), re.MULTILINE):
        for base in bases.split(","):
            found.setdefault(base.strip(), []).append(name)
    return found


@cache
def all_editor_properties() -> frozenset[str]:
    return frozenset(re.findall(r"^\s*- ``(\w+)`` \(.+?\):\s+\[Read-Write\]", stub_text(), re.MULTILINE))


@cache
def stub_text() -> str:
    for file in metadata.files("unreal-stub") or ():
        if file.name == "unreal.py":
            return Path(str(file.locate())).read_text(encoding="utf-8")
    raise FileNotFoundError("The package unreal-stub holds no unreal.py; install the extra [test].")


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_what_is_used_is_in_the_stub(file: Path) -> None:
    newer = {entry.split(" ")[0].split(".")[0] for entry, since, _ in versioned() if not is_in_stub(since)}
    found = []
    for use in readers()[name_of(file)].uses:
        wrong = None if use.owner in newer else problem(use)
        if wrong is not None:
            found.append(f"line {use.line}: {wrong}")
    assert found == [], name_of(file)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_properties_of_things_of_unknown_class_are_in_the_stub(file: Path) -> None:
    elsewhere = {name.partition(".")[2] for name in OTHERWISE} | readers()[name_of(file)].declared
    unknown = [(line, name) for line, name in readers()[name_of(file)].untyped if name not in elsewhere]
    assert [(line, name) for line, name in unknown if name not in all_editor_properties()] == []


def test_most_of_what_is_used_has_a_known_class() -> None:
    uses = [use for reader in readers().values() for use in reader.uses]
    kinds = {kind: sum(use.kind == kind for use in uses) for kind in ("call", "read", "write", "set", "get")}
    assert kinds["call"] > 150, kinds
    assert kinds["set"] > 60, kinds
    assert kinds["write"] > 5, kinds
    assert sum(len(reader.untyped) for reader in readers().values()) < 40


def test_arguments_of_other_versions_are_asked_for() -> None:
    # What VERSIONED lists with an argument is used inside `try`, and caught as TypeError.
    text = (Path(FILES[0]).parent / "compatibility.py").read_text(encoding="utf-8")
    for entry, _, _ in versioned():
        _, _, argument = entry.partition(" ")
        if argument:
            guarded = [
                node
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Try) and argument in ast.unparse(node)
            ]
            assert guarded, entry
            assert all("TypeError" in ast.unparse(node.handlers[0]) for node in guarded)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("c = spawn(unreal.SceneCapture2D, 'x').capture_component2d\nc.capture_scen()", "capture_scen is no function"),
        ("c = spawn(unreal.SceneCapture2D, 'x').capture_component2d\nc.capture_scene(1)", "takes 0 arguments"),
        ("unreal.RenderingLibrary.create_render_target2d()", "needs world_context_object"),
        ("unreal.RenderingLibrary.create_render_target2d(w, 1, 1, heigth=2)", "has no argument heigth"),
        ("t = unreal.AssetImportTask()\nt.set_editor_property('file_name', 'x')", "file_name is no editor property"),
        ("a = solid_actor()\na.static_mesh_component.render_custom_depth = True", "no attribute that can be written"),
        ("settings.override(p, 1, 'vignete_intensity')", "vignete_intensity is no editor property"),
        (
            "c = unreal.SceneCaptureComponent2D()\nfor n, v in (('fov_angel', 1),):\n  c.set_editor_property(n, v)",
            "fov_angel",
        ),
        ("unreal.Vector(1, 2, 3, 4)", "takes 3 arguments"),
        ("unreal.Rotator(rol=1)", "has no argument rol"),
        ("unreal.find_object(None)", "needs name"),
        (
            "s = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)\ns.load_levle('x')",
            "load_levle is no function",
        ),
        ("graph.node(unreal.MaterialExpressionSceneTexture, scene_texture=1)", "scene_texture is no editor property"),
        ("class M(unreal.ToolMenuEntryScript):\n @unreal.ufunction(override=True)\n def run(self): ...", "to override"),
        ("w = world()\nw.get_nam()", "get_nam is no function"),
    ],
)
def test_mistakes_are_found(source: str, wanted: str) -> None:
    reader = Reader(ast.parse(source), {}, {})
    found = [wrong for wrong in map(problem, reader.uses) if wrong is not None]
    assert any(wanted in wrong for wrong in found), (found, reader.uses)
