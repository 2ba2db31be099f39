"""The project's assets: objects by package path. In memory only: no .uasset is ever read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from unrealsynth.embedded.unreal import _shapes
from unrealsynth.embedded.unreal._object import Object, is_alive
from unrealsynth.embedded.unreal.materials import Material, MaterialInterface
from unrealsynth.embedded.unreal.static_mesh import StaticMesh
from unrealsynth.embedded.unreal.world import Package

A = TypeVar("A", bound=Object)

_PATH = re.compile(r"/\w+(?:/[^/.\s\"'*?<>|:\\]+)+")
_SHAPES = "/Engine/BasicShapes/"
_SHAPE_MATERIAL = "/Engine/BasicShapes/BasicShapeMaterial"
_DEFAULT_MATERIAL = "/Engine/EngineMaterials/WorldGridMaterial"


class Assets:
    """Made by the engine. Paths are compared without regard to case, as Unreal does."""

    def __init__(self) -> None:
        self._objects: dict[str, Object] = {}
        self._folders: dict[str, str] = {}

    def put(self, path: str, cls: type[A]) -> A:
        """A new asset at a package path; what was there before is replaced and dead."""
        old = self._objects.get(path.lower())
        if old is not None:
            old._kill()
        package = Package._make(None, path)
        made = cls._make(package, path.rsplit("/", 1)[1])
        self._objects[path.lower()] = made
        self.add_folder(path.rsplit("/", 1)[0])
        package._dirty = True
        return made

    def add_folder(self, path: str) -> None:
        while path.count("/") >= 1 and path:
            self._folders[path.lower()] = path
            path = path.rsplit("/", 1)[0]

    def has_folder(self, path: str) -> bool:
        return path.rstrip("/").lower() in self._folders

    def find(self, path: str) -> Object | None:
        """By package path or object path. The engine's own assets come into being when they are asked for."""
        package = path.split(".")[0].lower()
        found = self._objects.get(package)
        if found is None:
            found = self._engine_asset(package)
        return found if is_alive(found) else None

    def under(self, folder: str, recursive: bool = True) -> Iterator[Object]:
        start = folder.rstrip("/").lower() + "/"
        for path, item in sorted(self._objects.items()):
            if path.startswith(start) and (recursive or "/" not in path[len(start) :]):
                yield item

    def folders_under(self, folder: str) -> list[str]:
        start = folder.rstrip("/").lower() + "/"
        return sorted(path for key, path in self._folders.items() if key.startswith(start))

    def remove(self, item: Object) -> None:
        for path, found in list(self._objects.items()):
            if found is item:
                del self._objects[path]
        item._kill()

    def remove_folder(self, folder: str) -> None:
        for item in list(self.under(folder)):
            self.remove(item)
        start = folder.rstrip("/").lower()
        for key in [key for key in self._folders if key == start or key.startswith(start + "/")]:
            del self._folders[key]

    def free_path(self, folder: str, name: str) -> str:
        """A package path that is not taken."""
        path, number = f"{folder}/{name}", 0
        while path.lower() in self._objects:
            number += 1
            path = f"{folder}/{name}_{number}"
        return path

    def default_material(self) -> Material:
        found = self.find(_DEFAULT_MATERIAL)
        return found if isinstance(found, Material) else self.put(_DEFAULT_MATERIAL, Material)

    def dirty_packages(self) -> list[Package]:
        outers = [item._outer for item in self._objects.values()]
        return [outer for outer in outers if isinstance(outer, Package) and outer._dirty]

    def _engine_asset(self, package: str) -> Object | None:
        names = {f"{_SHAPES}{name}".lower(): name for name in _shapes.NAMES}
        if package in names:
            material: MaterialInterface | None = self.find(_SHAPE_MATERIAL)  # type: ignore[assignment]
            made = self.put(_SHAPES + names[package], StaticMesh)
            made._fill(_shapes.basic_shape(names[package]), [material], ["BasicShapeMaterial"])
        elif package == _SHAPE_MATERIAL.lower():
            made_material = self.put(_SHAPE_MATERIAL, Material)
            made_material._drawn = _shapes.basic_shape("Plane").materials[0]
        elif package == _DEFAULT_MATERIAL.lower():
            self.put(_DEFAULT_MATERIAL, Material)
        else:
            return None
        outer = self._objects[package]._outer
        if isinstance(outer, Package):
            outer._dirty = False
        return self._objects[package]


def is_package_path(path: str) -> bool:
    """Whether an asset may have this path, as "/Game/Folder/Name"."""
    return _PATH.fullmatch(path) is not None


def asset_name(text: str) -> str:
    """Text as a name of an asset: other characters become underscores."""
    return re.sub(r"[^0-9A-Za-z_]+", "_", text).strip("_") or "Asset"
