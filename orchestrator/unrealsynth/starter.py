"""`unrealsynth init`: a folder with a recipe and its maps to start from. No existing file is ever overwritten."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from unrealsynth import glb
from unrealsynth.errors import DataSetError, RecipeError
from unrealsynth.recipe import find_recipe, load_recipe, recipe_names
from unrealsynth.recipe.catalog import unique_name
from unrealsynth.recipe.maps import default_environments, environment_file
from unrealsynth.recipe.sources import BUILTIN, SUFFIXES, NotFoundError, find_models, local_path

_DEFAULT = "quickstart"
_LEVEL = "/Game/"
_SMALL_CM, _LARGE_CM = 1.0, 5000.0
_RECIPE_REFERENCES = (("environments",), ("classes",), ("distractors", "models"))
_MAP_REFERENCES = (("ground", "texture"), ("ground", "normal"), ("sky", "hdr"), ("props",))
_NOT_REFERENCES = ("name", "up", "origin", "size", "weight", "yaw", "scale", "location", "count", "ring")
"""Settings beside a model's file that are no files."""


def make_starter(what: Sequence[str], folder: Path) -> Path:
    """Fills `folder` with a recipe, and gives its file.

    `what` is nothing (the quickstart), one recipe (a file or a shipped name) or models. Raises RecipeError when it is
    none of these or a file is in the way, ModelError for a model that cannot be used.
    """
    if what and all(_names_models(item) for item in what):
        files = _recipe_for_models(what, folder)
    elif len(what) <= 1:
        files = _copied_recipe(find_recipe(what[0] if what else _DEFAULT), folder)
    else:
        odd = next(item for item in what if not _names_models(item))
        raise RecipeError(f"{odd} is not a model; give one recipe, or GLB models only, and the folder last.")
    return _write(files, folder)


def _names_models(item: str) -> bool:
    if item in recipe_names():
        # A folder of that name is what `generate` makes by default; models in it are named as ./quickstart.
        return False
    return item.startswith(BUILTIN) or item.lower().endswith(SUFFIXES) or Path(item).is_dir()


def _write(files: Mapping[str, str], folder: Path) -> Path:
    """Writes `files`, the recipe first."""
    existing = [name for name in files if (folder / name).exists()]
    if existing:
        raise RecipeError(f"{folder} has {', '.join(existing)} already; give another folder, or move them away.")
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise DataSetError(f"{folder} cannot be written: {error.strerror}.") from None
    return folder / next(iter(files))


def _copied_recipe(recipe: Path, folder: Path) -> dict[str, str]:
    """The recipe with the maps it names beside it; other files are named where they are."""
    load_recipe(recipe)
    maps: dict[str, Path] = {}

    def renamed(reference: str) -> str:
        path = environment_file(reference, recipe.parent)
        if path is None or path.suffix.lower() not in (".yaml", ".yml"):
            return _relocated(reference, recipe.parent, folder)
        name = f"maps/{unique_name(path.stem, (Path(n).stem for n, p in maps.items() if p != path), 'map')}.yaml"
        maps[name] = path
        return name

    text = _with_references(_read(recipe), _RECIPE_REFERENCES, renamed)
    return {f"{recipe.stem}.yaml": text, **{name: _copied_map(path, folder) for name, path in maps.items()}}


def _copied_map(path: Path, folder: Path) -> str:
    return _with_references(
        _read(path), _MAP_REFERENCES, lambda reference: _relocated(reference, path.parent, folder / "maps")
    )


def _relocated(reference: str, old: Path, new: Path) -> str:
    """A reference relative to `old` as one relative to `new`; what is no file here stays as it is."""
    if reference.startswith((BUILTIN, _LEVEL)) or Path(reference).is_absolute():
        return reference
    path = local_path(reference, old)
    pattern = bool(set("*?[") & set(reference))
    if not path.exists() and not pattern:
        return reference
    try:
        return Path(os.path.relpath(path.absolute(), new.absolute())).as_posix()
    except ValueError:
        # Windows: another drive.
        return path.absolute().as_posix()


def _with_references(text: str, keys: Sequence[tuple[str, ...]], renamed: Callable[[str], str]) -> str:
    """`text` with the scalars below `keys` renamed, and everything else, comments too, as it was."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    changes = []
    for key in keys:
        for node in _scalars(_at(root, key)):
            new = renamed(str(node.value))
            if new != node.value:
                changes.append((node.start_mark.index, node.end_mark.index, _scalar(new)))
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _at(node: yaml.Node | None, key: tuple[str, ...]) -> yaml.Node | None:
    for part in key:
        values = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in values if name.value == part), None)
    return node


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _scalars(entry)
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value not in _NOT_REFERENCES:
                yield from _scalars(value)


def _recipe_for_models(references: Sequence[str], folder: Path) -> dict[str, str]:
    """A recipe with one class for each file or folder, and all shipped maps beside it."""
    lines: list[str] = []
    names: list[str] = []
    for reference in references:
        try:
            sources = find_models(reference, Path())
        except NotFoundError as error:
            raise RecipeError(f"{error}.") from None
        path = sources[0].path
        stem = reference.removeprefix(BUILTIN) if path is None else Path(reference).stem or path.parent.name
        name = _class_name(stem, names)
        names.append(name)
        sizes = [_size(source.path) for source in sources if source.path is not None]
        lines.append(_class_line(name, _relocated(reference, Path(), folder), sizes))
    maps = {f"maps/{name}.yaml": _shipped_map(name) for name in default_environments()}
    recipe = _TEMPLATE.format(
        name=unique_name(folder.absolute().name, (), "data"),
        classes="\n".join(lines),
        environments="\n".join(f"  - {name}" for name in maps) or "  []",
    )
    return {"recipe.yaml": recipe, **maps}


def _shipped_map(name: str) -> str:
    path = environment_file(name, Path())
    return _read(path) if path is not None else ""


def _class_name(stem: str, taken: Sequence[str]) -> str:
    """A name that data set readers take: no ImageNet code, and different from the others also in lower case."""
    plain = re.sub(r"[^\w-]+", "_", stem).strip("_") or "thing"
    plain = f"_{plain}" if plain.startswith("n0") else plain
    name, number = plain, 1
    while name.lower() in {other.lower() for other in taken}:
        number += 1
        name = f"{plain}_{number}"
    return name


def _size(path: Path) -> glb.PreparedModel:
    return glb.prepare(path, name=str(path))


def _class_line(name: str, reference: str, models: Sequence[glb.PreparedModel]) -> str:
    odd = [model for model in models if not _SMALL_CM <= max(model.size_cm) <= _LARGE_CM]
    measures = [f"{x:.4g} × {y:.4g} × {z:.4g} cm" for x, y, z in (model.size_cm for model in models)]
    comment = f"  # {measures[0]}" if len(measures) == 1 else ""
    if not odd:
        return f"  {_scalar(name)}: {_scalar(reference)}{comment}"
    x, y, z = odd[0].size_cm
    guess_cm = _guess_cm(max(x, y, z))
    return (
        f"  {_scalar(name)}:\n    models: [{_scalar(reference)}]\n"
        f"    size: {{longest: {guess_cm:.3g}}}  # a guess, cm: the file says {x:.4g} × {y:.4g} × {z:.4g} cm"
    )


def _guess_cm(longest_cm: float) -> float:
    """A likely size of a model whose numbers are centimetres or millimetres in place of metres, or the reverse."""
    for factor in (0.01, 0.001, 100.0, 1000.0):
        if _SMALL_CM <= longest_cm * factor <= _LARGE_CM:
            return longest_cm * factor
    return 100.0


def _scalar(text: str) -> str:
    """`text` as YAML, quoted unless it is a plain word or path."""
    plain = re.fullmatch(r"(builtin:)?[A-Za-z_./][\w./-]*", text) and text.lower() not in ("null", "true", "false")
    return text if plain else json.dumps(text, ensure_ascii=False)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.") from None


_TEMPLATE = """\
# A recipe of UnrealSynth:  unrealsynth generate recipe.yaml
# Lengths are in cm, angles in degrees. Every number may be a distribution:
# {{uniform: [1, 5]}}, {{log_uniform: [0.5, 2]}}, {{normal: [0, 2]}} or {{choice: [1, 2, 4]}}.

name: {name}
seed: 0                     # another seed gives other pictures of the same kind
images: 100                 # in all: half for training, half for validation
resolution: [640, 640]

classes:                    # name of the class: its models; give {{models: [...], size: {{height: 75}}}} to resize them
{classes}

environments:
{environments}

objects:
  count: {{uniform: [1, 5]}}
  rotation: {{yaw: {{uniform: [0, 360]}}}}
  height: 0                 # above the ground
  scale: {{log_uniform: [0.9, 1.1]}}

camera:
  elevation: {{uniform: [8, 55]}}         # how far it looks down
  field_of_view: {{uniform: [40, 75]}}
"""
