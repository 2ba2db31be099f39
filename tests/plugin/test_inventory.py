"""The self-test's inventory of an editor: whether it asks for all that the plugin uses."""

from __future__ import annotations

import ast

import epic_stub
from test_plugin_api import readers
from test_plugin_rules import PACKAGE, tree_of, versioned


def methods() -> dict[str, list[str]]:
    """What it asks for besides the names that it finds in the source."""
    for node in tree_of(PACKAGE / "inventory.py").body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_METHODS":
            return {owner: names.split() for owner, names in ast.literal_eval(node.value).items()}
    raise LookupError("inventory.py has no _METHODS.")


def test_every_method_that_is_called_is_asked_for() -> None:
    listed = {name for names in methods().values() for name in names}
    called = {
        use.name: f"{use.owner}.{use.name}"
        for reader in readers().values()
        for use in reader.uses
        if use.kind == "call" and not use.is_class and use.name != "__init__" and use.owner[:1].isupper()
    }
    not_everywhere = {entry.split(" ")[0].rpartition(".")[2] for entry, _, _ in versioned()}
    assert len(called) > 50
    assert sorted(called[name] for name in called.keys() - listed - not_everywhere) == []


def test_what_is_asked_for_is_in_the_stub() -> None:
    for owner, names in methods().items():
        known = {name for base in epic_stub.lineage(owner) for name in epic_stub.stub_class(base).functions}
        assert set(names) <= known, owner
        assert names == sorted(names), owner
