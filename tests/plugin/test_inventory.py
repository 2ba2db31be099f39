"""The self-test's inventory of an editor: whether it asks for all that the plugin uses."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import epic_stub
from test_plugin_api import readers, stub_text
from test_plugin_rules import FILES, PACKAGE, tree_of, versioned

PYTHON = (str, bytes, list, dict, set, tuple, float, Path, Counter, re.Pattern, re.Match)
"""What else the plugin calls methods of."""


def methods() -> dict[str, list[str]]:
    """What it asks for besides the names that it finds in the source."""
    for node in tree_of(PACKAGE / "inventory.py").body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_METHODS":
            return {owner: names.split() for owner, names in ast.literal_eval(node.value).items()}
    raise LookupError("inventory.py has no _METHODS.")


def stub_methods() -> set[str]:
    """Names of all methods of Epic's classes, other than those of properties."""
    found, is_property = set(), False
    for line in stub_text().splitlines():
        if line.startswith("    @"):
            is_property = is_property or line.startswith("    @property") or ".setter" in line
        elif line.startswith("    def "):
            if not is_property:
                found.add(line[len("    def ") :].partition("(")[0])
            is_property = False
    return found


def own_methods() -> set[str]:
    """Names that are the plugin's own, or Python's."""
    own = {node.name for file in FILES for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef)}
    return own.union(*(dir(kind) for kind in PYTHON))


def calls(tree: ast.Module) -> Iterator[str]:
    """Every `.name(` but for those of modules, and of classes of `unreal`, which the inventory finds in the source."""
    modules = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            root = node.func.value
            while isinstance(root, ast.Attribute):
                root = root.value
            if not isinstance(root, ast.Name) or root.id not in modules:
                yield node.func.attr


def listed() -> set[str]:
    return {name for names in methods().values() for name in names}


def test_every_method_that_is_called_is_asked_for() -> None:
    """By name: of most things the class is known to the editor alone."""
    called = {name for file in FILES for name in calls(tree_of(file))} & stub_methods()
    assert len(called - own_methods()) > 80
    assert sorted(called - own_methods() - listed()) == []


def test_methods_that_share_their_name_with_one_of_ours_are_asked_for_where_their_class_is_known() -> None:
    called = {
        use.name: f"{use.owner}.{use.name}"
        for reader in readers().values()
        for use in reader.uses
        if use.kind == "call" and not use.is_class and use.name != "__init__" and use.owner[:1].isupper()
    }
    not_everywhere = {entry.split(" ")[0].rpartition(".")[2] for entry, _, _ in versioned()}
    assert len(called) > 50
    assert sorted(called[name] for name in called.keys() - listed() - not_everywhere) == []


def test_nothing_is_asked_for_that_is_not_used() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in FILES if file.name != "inventory.py")
    # Some are put together: `set_` and the name of a property.
    unused = [name for name in listed() if not re.search(rf"\b{name}\b", text)]
    assert [name for name in unused if f'"{name.removeprefix("set_")}"' not in text] == []


def test_what_is_asked_for_is_in_the_stub() -> None:
    for owner, names in methods().items():
        known = {name for base in epic_stub.lineage(owner) for name in epic_stub.stub_class(base).functions}
        assert set(names) <= known, owner
        assert names == sorted(names), owner
