"""The models of a run: each source and setting once, with an id to read, prepared in threads and kept in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from unrealsynth import __version__, glb
from unrealsynth.errors import ModelError
from unrealsynth.recipe.cache import Cache
from unrealsynth.recipe.own_assets import asset_model
from unrealsynth.recipe.sources import BUILTIN, ModelSource
from unrealsynth_plugin.core.contract import Model
from unrealsynth_plugin.core.own_assets import AssetGeometry

_NOT_IN_ID = re.compile(r"[^A-Za-z0-9_-]+")
_MAX_ID = 48
_INEXACT = "parts of it are no static meshes, so that its full box is that of their bounds"


@dataclass(frozen=True)
class Fit:
    """How a model is brought to size."""

    size: glb.Size | None = None
    up: glb.Up = "y"
    origin: glb.Origin = "bottom"


@dataclass(frozen=True)
class CatalogModel:
    """A prepared model of the run."""

    model: Model
    source: ModelSource
    source_sha256: str
    copyright: str
    is_loose: bool
    """Whether it does not fill its hull, because parts of its triangles are not drawn."""
    warnings: tuple[str, ...]
    content: bytes | Path
    """The prepared GLB."""


class Catalog:
    """Gives ids first and prepares all models at once afterwards."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._ids: dict[tuple[str, Fit], str] = {}
        self._sources: dict[str, tuple[ModelSource, Fit]] = {}
        self._models: dict[str, CatalogModel] = {}

    def add(self, source: ModelSource, fit: Fit) -> str:
        """The id of `source` fitted so: its name, with a number where two models would have the same."""
        key = (source.label if source.path is None else str(source.path.resolve()), fit)
        if key not in self._ids:
            self._ids[key] = unique_name(source.name.removeprefix(BUILTIN), self._sources, "model")
            self._sources[self._ids[key]] = (source, fit)
        return self._ids[key]

    def add_asset(self, geometry: AssetGeometry) -> str:
        """The id of an asset of an Unreal project."""
        source = ModelSource(geometry.asset)
        key = (source.label, Fit())
        if key not in self._ids:
            name = unique_name(geometry.asset.rsplit("/", 1)[-1], self._sources, "asset")
            model, deviation_cm = asset_model(name, geometry)
            warnings: tuple[str, ...] = () if geometry.is_exact else (_INEXACT,)
            if deviation_cm > 0.1:
                warnings += (f"its hull was simplified: full boxes may be {deviation_cm:.2f} cm too small",)
            self._ids[key], self._sources[name] = name, (source, Fit())
            self._models[name] = CatalogModel(
                model, source, model.sha256, "", is_loose=not geometry.is_exact, warnings=warnings, content=b""
            )
        return self._ids[key]

    def prepare(self, *, builtin: bool) -> dict[str, ModelError]:
        """Prepares what was added, of the files or of the built-in models, which may take long the first time.

        The models that cannot be used are returned by id with the reason.
        """
        bad: dict[str, ModelError] = {}
        missing = [
            model_id
            for model_id, (source, _) in self._sources.items()
            if model_id not in self._models and (source.path is None) == builtin
        ]
        pool = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "prepare")
        try:
            tasks = {model_id: pool.submit(self._prepared, model_id) for model_id in missing}
            for model_id, task in tasks.items():
                try:
                    self._models[model_id] = task.result()
                except ModelError as error:
                    bad[model_id] = error
        finally:
            # Ctrl-C does not wait for the rest.
            pool.shutdown(wait=False, cancel_futures=True)
        return bad

    def __getitem__(self, model_id: str) -> CatalogModel:
        return self._models[model_id]

    def __contains__(self, model_id: str) -> bool:
        return model_id in self._models

    def _prepared(self, model_id: str) -> CatalogModel:
        source, fit = self._sources[model_id]
        data: Callable[[], bytes | Path]
        if source.path is None:
            name = source.name.removeprefix(BUILTIN)
            origin = f"builtin/{name}/{library_version()}"

            def data() -> bytes:
                return _built(name)
        else:
            path = source.path
            try:
                origin = hashlib.sha256(glb.read(path)).hexdigest()
            except ModelError as error:
                raise ModelError(f"{path}: {error}.") from None

            def data() -> Path:
                return path

        key = f"model/{code_version(glb)}/{origin}/{fit}"
        cached = self._from_cache(key, model_id, source)
        if cached is not None:
            return cached
        prepared = glb.prepare(data(), name=source.label, size=fit.size, up=fit.up, origin=fit.origin)
        content: bytes | Path = prepared.glb
        record = {
            "model": {
                "sha256": prepared.sha256,
                "bounds_cm": prepared.bounds_cm,
                "hull_cm": prepared.hull_cm,
                "rests": prepared.rests,
            },
            "source_sha256": prepared.source_sha256,
            "copyright": prepared.copyright,
            "is_loose": prepared.is_loose,
            "warnings": prepared.warnings,
        }
        # A model that refers to other files may change without its own file changing.
        if prepared.self_contained:
            content = self._cache.put_blob(prepared.glb) or prepared.glb
            self._cache.put_record(key, json.dumps(record).encode())
        return _catalog_model(model_id, source, json.loads(json.dumps(record)), content)

    def _from_cache(self, key: str, model_id: str, source: ModelSource) -> CatalogModel | None:
        record = self._cache.record(key)
        if record is None:
            return None
        data = json.loads(record)
        blob = self._cache.blob(data["model"]["sha256"])
        return None if blob is None else _catalog_model(model_id, source, data, blob)


def unique_name(wanted: str, taken: Iterable[str], fallback: str) -> str:
    """`wanted` as a plain ASCII name that no file system confuses with one of `taken`."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", wanted) if not unicodedata.combining(letter))
    base = _NOT_IN_ID.sub("_", plain).strip("_")[:_MAX_ID] or fallback
    known = {name.lower() for name in taken}
    name, number = base, 1
    while name.lower() in known:
        number += 1
        name = f"{base}-{number}"
    return name


def library_version() -> str:
    """Changes with every change of the built-in library's code."""
    from unrealsynth import library

    return code_version(library)


@cache
def code_version(package: ModuleType) -> str:
    """Hash of this version's number and of the package's code: what is kept in the cache depends on it."""
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _built(name: str) -> bytes:
    from unrealsynth.library import models

    return models.glb(name)


def _catalog_model(
    model_id: str, source: ModelSource, record: dict[str, object], content: bytes | Path
) -> CatalogModel:
    from unrealsynth_plugin.core.codec import decode

    values = dict(record["model"])  # type: ignore[call-overload]
    file = f"models/{values['sha256']}.glb"
    return CatalogModel(
        model=decode(Model, {"id": model_id, "file": file, **values}),
        source=source,
        source_sha256=str(record["source_sha256"]),
        copyright=str(record["copyright"]),
        is_loose=bool(record["is_loose"]),
        warnings=tuple(map(str, record["warnings"])),  # type: ignore[call-overload]
        content=content,
    )
