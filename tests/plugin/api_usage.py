"""What the plugin's source asks of the module `unreal`, by types worked out from Epic's stub as far as they go.

An expression has a type where it comes from the module: a class, a function's annotated result, a property. Variables,
attributes of `self` and a few of the plugin's own functions hand types on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import epic_stub
from epic_stub import Function, StubClass, lineage, names, stub_class

HELPERS = {
    "solid_actor": "StaticMeshActor",
    "world": "World",
    "level_actors": "Actor",
    "tagged_actors": "Actor",
    "with_children": "Actor",
    "drawn_parts": "MeshComponent",
    "rotator": "Rotator",
    "make_target": "TextureRenderTarget2D",
    "generic_pipeline": "InterchangeGenericAssetsPipeline",
    "_post_process": "PostProcessSettings",
}
"""Functions of the plugin by the class of what they return; `spawn` returns an object of the class it is given."""
OF_CLASS = {"spawn", "get_editor_subsystem", "get_default_object", "new_object", "node", "components_of", "_make"}
"""Functions that return an object of the class in their arguments."""
GIVEN = {("settings", "override"): "PostProcessSettings"}
_WRAPPED = re.compile(r"^(?:Optional|Array|Set|FixedArray)\[(.*)\]$")


@dataclass(frozen=True)
class Use:
    """Something that is asked of a class of the stub."""

    line: int
    owner: str
    name: str
    kind: str
    """call, override (a function), read, write (an attribute), set or get (an editor property)."""
    positional: int = 0
    keywords: tuple[str, ...] = ()
    is_class: bool = False
    splat: bool = False


@dataclass
class _Scope:
    types: dict[str, str] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Texts that a loop variable takes."""


class Reader(ast.NodeVisitor):
    """Collects the uses in one module; `attributes` are the known types of `self.x` by class, from all modules."""

    def __init__(self, tree: ast.Module, attributes: dict[str, dict[str, str]], bases: dict[str, list[str]]) -> None:
        self.uses: list[Use] = []
        self.untyped: list[tuple[int, str]] = []
        """Editor properties of things whose class is not known."""
        self._attributes = attributes
        self._bases = bases
        self.declared: set[str] = set()
        """Properties that classes of the plugin's own have in Unreal."""
        self._scopes = [_Scope()]
        self._class = ""
        self.visit(tree)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before, self._class = self._class, node.name
        self._bases[node.name] = [ast.unparse(base) for base in node.bases]
        for base in node.bases:
            kind = self.type_of(base)
            if kind is not None:
                self._scopes[-1].types[node.name] = kind
                self._made_for_unreal(node, kind.removeprefix("class "))
        self.generic_visit(node)
        self._class = before

    def _made_for_unreal(self, node: ast.ClassDef, base: str) -> None:
        for item in node.body:
            if isinstance(item, ast.Assign):
                self.declared.update(target.id for target in item.targets if isinstance(target, ast.Name))
            elif isinstance(item, ast.FunctionDef) and any(
                "override=True" in ast.unparse(m) for m in item.decorator_list
            ):
                self.uses.append(Use(item.lineno, base, item.name, "override", len(item.args.args) - 1))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._scopes.append(_Scope(dict(self._scopes[-1].types), dict(self._scopes[-1].words)))
        self.generic_visit(node)
        self._scopes.pop()

    def visit_For(self, node: ast.For) -> None:
        self._loop(node.target, node.iter)
        self.generic_visit(node)

    def _loop(self, target: ast.expr, values: ast.expr) -> None:
        if isinstance(values, (ast.Tuple, ast.List)):
            items = values.elts
            if isinstance(target, ast.Tuple):
                rows = [row.elts for row in items if isinstance(row, ast.Tuple)]
                columns = zip(*rows, strict=False)
                for variable, column in zip(target.elts, columns, strict=False):
                    self._words(variable, list(column))
            else:
                self._words(target, items)
        kind = self.type_of(values)
        if isinstance(target, ast.Name) and kind is not None:
            self._scopes[-1].types[target.id] = kind

    def _words(self, variable: ast.expr, values: list[ast.expr]) -> None:
        found = tuple(v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))
        if isinstance(variable, ast.Name) and found:
            self._scopes[-1].words[variable.id] = found

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._assign(target, self.type_of(node.value))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        if node.value is not None:
            self._assign(node.target, self.type_of(node.value))

    def _assign(self, target: ast.expr, kind: str | None) -> None:
        if isinstance(target, ast.Name):
            self._scopes[-1].types.pop(target.id, None)
            if kind is not None:
                self._scopes[-1].types[target.id] = kind
        elif isinstance(target, ast.Attribute):
            if isinstance(target.value, ast.Name) and target.value.id == "self":
                if kind is not None:
                    self._attributes.setdefault(self._class, {})[target.attr] = kind
                return
            owner = self.type_of(target.value)
            if owner in names():
                self.uses.append(Use(target.lineno, str(owner), target.attr, "write"))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        owner = self.type_of(node.value)
        if owner is not None and isinstance(node.ctx, ast.Load) and not owner.startswith("class "):
            self.uses.append(Use(node.lineno, owner, node.attr, "read"))

    def visit_Call(self, node: ast.Call) -> None:
        for part in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.visit(part)
        if not isinstance(node.func, ast.Attribute):
            self.visit(node.func)
            return
        self.visit(node.func.value)
        owner, method = self.type_of(node.func.value), node.func.attr
        if method in ("set_editor_property", "get_editor_property"):
            self._property(node, owner, method[:3], node.args[0])
        elif method == "apply" and len(node.args) >= 3:
            for name in node.args[2:]:
                self._property(node, self.type_of(node.args[0]), "set", name)
        elif method == "override" and len(node.args) == 3:
            for text in self._texts(node.args[2]):
                for name in (text, f"override_{text}"):
                    self.uses.append(Use(node.lineno, "PostProcessSettings", name, "set"))
        elif method == "node" and owner is None and node.args:
            made = self.type_of(node.args[0])
            for keyword in node.keywords:
                self.uses.append(Use(node.lineno, str(made).removeprefix("class "), str(keyword.arg), "set"))
        elif owner == "module":
            self._call(node, method, "__init__")
        elif owner is not None:
            self._call(node, owner, method)

    def _call(self, node: ast.Call, owner: str, method: str) -> None:
        splat = any(isinstance(argument, ast.Starred) for argument in node.args)
        keywords = tuple(str(keyword.arg) for keyword in node.keywords)
        is_class = owner.startswith("class ")
        owner = owner.removeprefix("class ")
        self.uses.append(Use(node.lineno, owner, method, "call", len(node.args), keywords, is_class, splat))

    def _property(self, node: ast.Call, owner: str | None, kind: str, name: ast.expr) -> None:
        for text in self._texts(name):
            if owner is None:
                self.untyped.append((node.lineno, text))
            else:
                self.uses.append(Use(node.lineno, owner, text, kind))

    def _texts(self, node: ast.expr) -> tuple[str, ...]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return (node.value,)
        return self._scopes[-1].words.get(node.id, ()) if isinstance(node, ast.Name) else ()

    def type_of(self, node: ast.expr) -> str | None:
        """The class of an expression's value, "class X" for the class itself, "module" for `unreal`."""
        if isinstance(node, ast.Name):
            return "module" if node.id == "unreal" else self._scopes[-1].types.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._result(node)
        if isinstance(node, ast.Subscript):
            return self.type_of(node.value)
        if isinstance(node, (ast.BoolOp, ast.IfExp)):
            parts = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
            return next((kind for kind in map(self.type_of, parts) if kind), None)
        return None

    def _attribute(self, node: ast.Attribute) -> str | None:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return next((kinds[node.attr] for kinds in self._own() if node.attr in kinds), None)
        owner = self.type_of(node.value)
        if owner == "module":
            return f"class {node.attr}" if node.attr[:1].isupper() else None
        if owner is None or owner.startswith("class "):
            return None
        return property_type(owner, node.attr)

    def _own(self) -> Iterator[dict[str, str]]:
        """Attributes of the class at hand and of its bases in the plugin."""
        todo = [self._class]
        while todo:
            name = todo.pop(0)
            yield self._attributes.get(name, {})
            todo += self._bases.get(name, [])

    def _result(self, node: ast.Call) -> str | None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in OF_CLASS and node.args:
            found = self.type_of(node.args[0])
            return found.removeprefix("class ") if found else None
        if name in HELPERS:
            return HELPERS[name]
        if not isinstance(node.func, ast.Attribute):
            return None
        owner = self.type_of(node.func.value)
        if owner == "module":
            if name[:1].isupper():
                return name
            return _plain(epic_stub.function(name).returns) if name in names() else None
        if owner is None:
            return None
        owner = owner.removeprefix("class ")
        if name == "get_editor_property" and isinstance(node.args[0], ast.Constant):
            return property_type(owner, str(node.args[0].value))
        found_function = method_of(owner, name)
        return _plain(found_function.returns) if found_function else None


def method_of(owner: str, name: str) -> Function | None:
    """A method or class method, inherited ones too."""
    return next((s.functions[name] for s in classes_of(owner) if name in s.functions), None)


def property_type(owner: str, name: str) -> str | None:
    """The class of a property's value, if it is a class of the stub."""
    found = next((s.editor_properties[name][0] for s in classes_of(owner) if name in s.editor_properties), None)
    return _plain(found or "")


def classes_of(owner: str) -> list[StubClass]:
    """The class and what it inherits from, nearest first; nothing for a name that is no class."""
    return [stub_class(name) for name in lineage(owner)] if owner in names() else []


def _plain(annotation: str) -> str | None:
    text = annotation.strip("'\"")
    while match := _WRAPPED.match(text):
        text = match[1]
    text = text.removeprefix("Optional[").rstrip("]")
    # An asset may be anything.
    return text if text in names() and text != "Object" else None
