"""The shipped maps and recipes name what exists, keep the spawn area free, and stay light."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import trimesh
import yaml

from unrealsynth import resources
from unrealsynth.library import models, textures
from unrealsynth_plugin.core import contract

MAPS = sorted(resources.maps_folder().glob("*.yaml"))
RECIPES = sorted(resources.recipes_folder().glob("*.yaml"))
BLOCKS = {
    "ground": contract.Ground,
    "sun": contract.SunLight,
    "sky": contract.Sky,
    "fog": contract.FogLayer,
    "spawn": contract.Spawn,
}
SECTIONS = {
    "objects": contract.Objects,
    "distractors": contract.Distractors,
    "camera": contract.Camera,
    "light": contract.Light,
}


def read(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def keys(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}


def builtins(value: object) -> Iterator[str]:
    """Every `builtin:` name below a value."""
    if isinstance(value, str) and value.startswith("builtin:"):
        yield value.removeprefix("builtin:")
    elif isinstance(value, dict):
        for child in value.values():
            yield from builtins(child)
    elif isinstance(value, list):
        for child in value:
            yield from builtins(child)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_what_is_shipped() -> None:
    assert {"yard", "road", "meadow", "dusk", "studio"} <= {path.stem for path in MAPS}
    assert {"quickstart", "roadworks", "ppe"} <= {path.stem for path in RECIPES}


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_map_has_only_known_keys_and_names(path: Path) -> None:
    data = read(path)
    assert set(data) <= keys(contract.Environment) - {"name", "level"}
    for block, kind in BLOCKS.items():
        assert set(data.get(block) or {}) <= keys(kind), block
    for lamp in data.get("lamps", []):
        assert set(lamp) <= keys(contract.LampLight)
    for prop in data.get("props", []):
        assert set(prop) <= {"model", "location", "yaw", "scale", "count", "ring"}
        assert ("location" in prop) != ("ring" in prop)
    assert set(builtins(data.get("ground"))) <= set(textures.names())
    assert set(builtins(data.get("props", []))) <= set(models.names())


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_props_leave_the_spawn_area_free_and_are_light(path: Path, meshes: dict[str, list[trimesh.Trimesh]]) -> None:
    data = read(path)
    radius = data["spawn"]["radius"]
    triangles = 0.0
    for prop in data.get("props", []):
        counts, reaches = [], []
        for name in builtins(prop["model"]):
            counts.append(sum(len(mesh.faces) for mesh in meshes[name]))
            reaches.append(100.0 * max(math.hypot(*mesh.vertices[:, [0, 2]].T.max(axis=1)) for mesh in meshes[name]))
        triangles += prop.get("count", 1) * sum(counts) / len(counts)
        scale = prop.get("scale", 1.0)
        largest = scale["uniform"][1] if isinstance(scale, dict) else scale
        distance = prop["ring"][0] if "ring" in prop else math.hypot(*prop["location"][:2])
        assert distance - max(reaches) * largest > radius, prop
    assert triangles < 66_000


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_has_only_known_keys_and_names(path: Path) -> None:
    data = read(path)
    general = {"name", "seed", "images", "resolution", "classes", "environments"}
    assert set(data) <= general | set(SECTIONS)
    assert data["name"] == path.stem
    for section, kind in SECTIONS.items():
        assert set(data.get(section) or {}) <= keys(kind), section
    assert set(builtins(data)) <= set(models.names())
    assert 4 <= len(data["classes"]) <= 8
    for environment in as_list(data["environments"]):
        assert environment.startswith("../maps/")
        assert (path.parent / environment).resolve() in MAPS
