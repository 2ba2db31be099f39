"""From a recipe to all that jobs and data set need: prepared models, built environments, files to ship, hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from unrealsynth.errors import ModelError, RecipeError
from unrealsynth.labels import LabelSettings
from unrealsynth.recipe.cache import Cache, cache_folder
from unrealsynth.recipe.catalog import Catalog, Fit
from unrealsynth.recipe.own_assets import expanded
from unrealsynth.recipe.recipe import Recipe
from unrealsynth.recipe.scenery import build
from unrealsynth.recipe.settings import ImageFormat
from unrealsynth.recipe.sources import ModelSource
from unrealsynth.recipe.textures import Textures
from unrealsynth.recipe.validation import DISTRIBUTIONS
from unrealsynth_plugin.core.contract import Environment, Model, ObjectClass
from unrealsynth_plugin.core.own_assets import TAG, AssetReport
from unrealsynth_plugin.core.settings import Captures, Randomization

_NOT_IN_PARTS = frozenset({"name", "images", "val", "format", "labels", "classes", "environments", "distractors"})


@dataclass(frozen=True)
class ResolvedRecipe:
    """A recipe with everything it names found, checked and measured."""

    name: str
    images: int
    seed: int
    resolution: tuple[int, int]
    val: float
    image_format: ImageFormat
    labels: LabelSettings
    classes: tuple[ObjectClass, ...]
    models: tuple[Model, ...]
    environments: tuple[Environment, ...]
    randomization: Randomization
    captures: Captures
    files: Mapping[str, bytes | Path]
    """What an editor needs, by name below its `Saved/UnrealSynth`."""
    parts: Mapping[str, object]
    """All that a frame depends on, by key: JSON values, or hashes of files."""
    settings: Mapping[str, object]
    """The recipe with every default filled in, to read."""
    hides: tuple[str, ...]
    """Tags of a level's actors that no picture shows, because objects are made of what they show."""
    provenance: tuple[Mapping[str, object], ...]
    """Where each model comes from."""
    loose_models: frozenset[str]
    """Ids of models that do not fill their hull."""
    warnings: tuple[str, ...]


def resolve(
    recipe: Recipe,
    *,
    skip_bad_models: bool = False,
    cache: Cache | None = None,
    own_assets: AssetReport | None = None,
) -> ResolvedRecipe:
    """Prepares and builds what the recipe names. `own_assets` is an editor's report on what it names of a project.

    Raises ModelError naming every model that cannot be used, unless `skip_bad_models`, which leaves those out.
    """
    cache = cache or Cache(cache_folder())
    catalog = Catalog(cache)
    geometries = {entry.asset: entry for entry in own_assets.assets} if own_assets is not None else {}

    def added(source: ModelSource, fit: Fit) -> str:
        return catalog.add_asset(geometries[source.name]) if source.is_asset else catalog.add(source, fit)

    classes = [[added(source, entry.fit) for source in expanded(entry.models, own_assets)] for entry in recipe.classes]
    distractors = [added(source, Fit()) for source in expanded(recipe.distractors, own_assets)]
    labelled = {source for entry in recipe.classes for source in entry.models}
    # A prop that is of a class would be in the pictures without a label.
    props = [
        [
            [catalog.add(source, environment.fit(index)) for source in sources if source not in labelled]
            for index, sources in enumerate(environment.props)
        ]
        for environment in recipe.environments
    ]
    # Files first: only they can be bad, and nobody shall wait for the library to hear of it.
    warnings = _report(catalog.prepare(builtin=False), skip_bad_models)
    catalog.prepare(builtin=True)
    textures = Textures(cache)
    environments = []
    for environment, ids in zip(recipe.environments, props, strict=True):
        built, remarks = build(environment, [_usable(entry, catalog) for entry in ids], catalog, textures)
        environments.append(built)
        warnings += remarks
    object_classes = [
        ObjectClass(entry.name, _usable(ids, catalog), entry.weight)
        for entry, ids in zip(recipe.classes, classes, strict=True)
    ]
    for entry in object_classes:
        if not entry.models:
            raise RecipeError(f"{recipe.path}: none of the models of class {entry.name} can be used.")
    used = dict.fromkeys(
        [
            *(model for entry in object_classes for model in entry.models),
            *_usable(distractors, catalog),
            *(prop.model for built in environments for prop in built.props),
        ]
    )
    settings = recipe.settings
    randomization = Randomization(
        settings.objects,
        replace(settings.distractors, models=_usable(distractors, catalog)),
        settings.camera,
        settings.light,
    )
    models = [catalog[model_id] for model_id in used]
    warnings += [f"{model.source.label}: {warning}" for model in models for warning in model.warnings]
    return ResolvedRecipe(
        name=recipe.name,
        images=settings.images,
        seed=settings.seed,
        resolution=settings.resolution,
        val=settings.val,
        image_format=settings.format,
        labels=settings.labels,
        classes=tuple(object_classes),
        models=tuple(model.model for model in models),
        environments=tuple(environments),
        randomization=randomization,
        captures=replace(settings.captures, visibility=settings.captures.visibility or settings.labels.min_visible > 0),
        files={**{model.model.file: model.content for model in models if model.model.file}, **textures.files},
        hides=tuple(name.removeprefix(TAG) for name in recipe.own_assets if name.startswith(TAG)),
        parts=_parts(recipe, object_classes, [model.model for model in models], environments, randomization),
        settings={
            **_plain(settings),
            "name": recipe.name,
            "environments": [environment.name for environment in environments],
            "maps": {environment.name: _plain(environment) for environment in environments},
            "textures": textures.sources,
        },
        provenance=tuple(
            {
                "id": model.model.id,
                "source": model.source.name if model.source.path is None else model.source.path.name,
                "source_sha256": model.source_sha256,
                "sha256": model.model.sha256,
                "copyright": model.copyright,
            }
            for model in models
        ),
        loose_models=frozenset(model.model.id for model in models if model.is_loose),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _report(bad: Mapping[str, ModelError], skip_bad_models: bool) -> list[str]:
    reasons = list(dict.fromkeys(str(error) for error in bad.values()))
    if reasons and not skip_bad_models:
        count = f"{len(reasons)} models" if len(reasons) > 1 else "A model"
        lines = "".join(f"\n  {reason}" for reason in reasons)
        raise ModelError(f"{count} cannot be used; repair or leave out, or go on without (--skip-bad-models):{lines}")
    return [f"left out: {reason}" for reason in reasons]


def _usable(ids: Iterable[str], catalog: Catalog) -> tuple[str, ...]:
    """The models that could be prepared, each once."""
    return tuple(dict.fromkeys(model_id for model_id in ids if model_id in catalog))


def _parts(
    recipe: Recipe,
    classes: Iterable[ObjectClass],
    models: Iterable[Model],
    environments: Iterable[Environment],
    randomization: Randomization,
) -> dict[str, object]:
    settings = _plain(recipe.settings)
    parts = _flat({key: value for key, value in settings.items() if key not in _NOT_IN_PARTS})
    parts |= _flat({"distractors": _plain(randomization.distractors)})
    parts["classes"] = [[entry.name, entry.weight, list(entry.models)] for entry in classes]
    parts["environments"] = [environment.name for environment in environments]
    parts |= {f"models.{model.id}": model.sha256 for model in models}
    parts |= {f"maps.{environment.name}": _hash(_plain(environment)) for environment in environments}
    return parts


def _flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """`{"objects": {"count": 3}}` as `{"objects.count": 3}`, so that a difference can be named."""
    flat: dict[str, object] = {}
    for key, value in settings.items():
        if isinstance(value, dict) and not DISTRIBUTIONS.keys() & value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _plain(settings: object) -> dict[str, object]:
    """A dataclass as JSON data."""
    data: dict[str, object] = json.loads(json.dumps(asdict(settings)))  # type: ignore[call-overload]
    return data


def _hash(data: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
