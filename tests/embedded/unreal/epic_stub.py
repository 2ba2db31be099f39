"""Reads Epic's generated stub of the `unreal` module: single classes and functions of it, on demand.

The stub (package `unreal-stub`) is 25 MB of text that is not valid Python as a whole and shares the name `unreal`, so
it is never imported: it is cut at its top-level `class` and `def` lines, and only blocks that are asked for are parsed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

_TOP = re.compile(rb"^(?:class|def) (\w+)", re.MULTILINE)
_EDITOR_PROPERTY = re.compile(r"^\s*- ``(\w+)`` \((.+?)\):\s+\[(Read-Write|Read-Only|Write-Only)\]", re.MULTILINE)
_MEMBER = re.compile(r'^    (\w+): \w+ = \.\.\.(?: #: |\n    r"""\n    )(-?\d+)', re.MULTILINE)


@dataclass(frozen=True)
class Function:
    """A function's arguments, (name, default as source or None), without self and cls."""

    name: str
    arguments: tuple[tuple[str, str | None], ...]
    kind: str
    """method, class, static or function."""
    returns: str
    """Annotation as source."""


@dataclass(frozen=True)
class StubClass:
    name: str
    bases: tuple[str, ...]
    editor_properties: dict[str, tuple[str, str]]
    """Name to (type, Read-Write or Read-Only)."""
    readable: frozenset[str]
    """Plain attributes."""
    writable: frozenset[str]
    """Plain attributes that can be assigned."""
    functions: dict[str, Function]
    members: dict[str, int]
    """Values of an enum."""


@cache
def _text() -> bytes:
    for file in metadata.files("unreal-stub") or ():
        if file.name == "unreal.py":
            return Path(str(file.locate())).read_bytes().replace(b"\r\n", b"\n")
    raise FileNotFoundError("The package unreal-stub holds no unreal.py; install the extra [test].")


@cache
def _index() -> dict[str, tuple[int, int]]:
    starts = [(match.group(1).decode(), match.start()) for match in _TOP.finditer(_text())]
    ends = [start for _, start in starts[1:]] + [len(_text())]
    return {name: (start, end) for (name, start), end in zip(starts, ends, strict=True)}


def names() -> frozenset[str]:
    """All top-level classes and functions."""
    return frozenset(_index())


def _block(name: str) -> str:
    start, end = _index()[name]
    text = _text()[start:end].decode("utf-8")
    return re.split(r"^##### ", text, maxsplit=1, flags=re.MULTILINE)[0]


@cache
def function(name: str) -> Function:
    """A top-level function."""
    [node] = ast.parse(_block(name)).body[:1]
    assert isinstance(node, ast.FunctionDef)
    return _function(node, "function")


@cache
def stub_class(name: str) -> StubClass:
    """A top-level class, without what it inherits."""
    block = _block(name)
    node = ast.parse(block).body[0]
    assert isinstance(node, ast.ClassDef)
    readable, writable, functions = set(), set(), {}
    for item in node.body:
        if not isinstance(item, ast.FunctionDef):
            continue
        marks = {ast.unparse(mark) for mark in item.decorator_list}
        if "property" in marks:
            readable.add(item.name)
        elif f"{item.name}.setter" in marks:
            writable.add(item.name)
        else:
            kind = "static" if "staticmethod" in marks else "class" if "classmethod" in marks else "method"
            functions[item.name] = _function(item, kind)
    documentation = ast.get_docstring(node, clean=False) or ""
    return StubClass(
        name,
        tuple(ast.unparse(base) for base in node.bases),
        {found[0]: (found[1], found[2]) for found in _EDITOR_PROPERTY.findall(documentation)},
        frozenset(readable),
        frozenset(writable),
        functions,
        {found[0]: int(found[1]) for found in _MEMBER.findall(block)},
    )


@cache
def lineage(name: str) -> tuple[str, ...]:
    """The class and its bases, nearest first, as far as they are in the stub."""
    found = [name]
    for base in stub_class(name).bases:
        plain = base.split("[")[0]
        if plain in _index():
            found += lineage(plain)
    return tuple(found)


def _function(node: ast.FunctionDef, kind: str) -> Function:
    arguments = [argument.arg for argument in node.args.posonlyargs + node.args.args]
    defaults = [None] * (len(arguments) - len(node.args.defaults)) + [ast.unparse(d) for d in node.args.defaults]
    pairs = list(zip(arguments, defaults, strict=True))
    if kind in ("method", "class"):
        pairs = pairs[1:]
    if node.args.vararg:
        pairs.append((f"*{node.args.vararg.arg}", None))
    pairs += [
        (a.arg, None if d is None else ast.unparse(d))
        for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    ]
    if node.args.kwarg:
        pairs.append((f"**{node.args.kwarg.arg}", None))
    return Function(node.name, tuple(pairs), kind, ast.unparse(node.returns) if node.returns else "")
