"""Reading a recipe: the file, the models and maps it names, and every mistake in any of them at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from unrealsynth.errors import Problem, RecipeError
from unrealsynth.glb import Size
from unrealsynth.recipe.catalog import Fit
from unrealsynth.recipe.maps import EnvironmentSource, default_environments, find_environment
from unrealsynth.recipe.settings import LIMITS, ClassSettings, RecipeSettings, size_fault
from unrealsynth.recipe.sources import ModelSource, NotFoundError, find_models
from unrealsynth.recipe.validation import did_you_mean, validate
from unrealsynth.recipe.yaml_file import Data, YamlFile, read_yaml
from unrealsynth.resources import recipes_folder

_SUFFIXES = (".yaml", ".yml")
_NOT_IN_FILE_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""Names that Windows keeps for devices."""


@dataclass(frozen=True)
class ClassSource:
    """A class with the models that were found for it."""

    name: str
    weight: float
    models: tuple[ModelSource, ...]
    fit: Fit


@dataclass(frozen=True)
class Recipe:
    """A recipe without mistakes of form. What the models and textures hold is not looked at yet."""

    name: str
    path: Path
    settings: RecipeSettings
    classes: tuple[ClassSource, ...]
    distractors: tuple[ModelSource, ...]
    environments: tuple[EnvironmentSource, ...]

    @property
    def own_assets(self) -> tuple[str, ...]:
        """What of an Unreal project is named: assets, and actors by tag."""
        sources = [source for entry in self.classes for source in entry.models] + list(self.distractors)
        return tuple(dict.fromkeys(source.name for source in sources if source.is_asset))

    @property
    def images(self) -> int:
        return self.settings.images

    @property
    def seed(self) -> int:
        return self.settings.seed


def load_recipe(name: str | Path, *, images: int | None = None, seed: int | None = None) -> Recipe:
    """The recipe in the file `name`, or the shipped one of that name, with `images` and `seed` in place of its own.

    Raises RecipeError with all mistakes found.
    """
    path = find_recipe(name)
    file = read_yaml(path)
    problems = list(file.problems)
    settings = _settings(file, problems)
    # What can be judged by itself is judged even where other settings are wrong.
    data = file.data if isinstance(file.data, dict) else {}
    classes = tuple(_classes(file, data, settings, problems))
    distractors = _find_all(file, data.get("distractors"), ("distractors", "models"), problems)
    for entry in classes:
        for source in entry.models:
            if source in distractors:
                label = f"{source.name} is a model of class {entry.name}: it would be in the pictures without a label"
                problems.append(file.problem(("distractors", "models"), label))
    environments = _environments(file, data, problems)
    title = settings.name if settings and settings.name is not None else path.stem
    if _NOT_IN_FILE_NAMES.search(title) or _RESERVED.fullmatch(title) or title != title.strip(" .") or not title:
        problems.append(file.problem(("name",), f"wanted a name that can be a folder's, got {title!r:.60}"))
    if images is not None and images < 1:
        problems.append(Problem("--images", f"wanted 1 or more, got {images}"))
    if problems or settings is None:
        count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
        raise RecipeError(f"{path} has {count}:", sorted(problems, key=lambda problem: problem.line))
    settings = replace(
        settings,
        images=settings.images if images is None else images,
        seed=settings.seed if seed is None else seed,
    )
    return Recipe(title, path, settings, classes, distractors, environments)


def find_recipe(name: str | Path) -> Path:
    """The file of a recipe given as a path or by the name of a shipped one."""
    path = Path(name).expanduser()
    if path.is_file():
        return path
    shipped = recipe_names()
    if str(name) in shipped:
        return next(found for suffix in _SUFFIXES if (found := recipes_folder() / f"{name}{suffix}").is_file())
    if path.is_dir():
        raise RecipeError(f"{name} is a folder; name the recipe file in it.")
    beside = (
        [entry.name for entry in path.parent.iterdir() if entry.suffix in _SUFFIXES] if path.parent.is_dir() else []
    )
    hint = did_you_mean(path.name, [*shipped, *beside])
    raise RecipeError(
        f"There is no recipe {name}{hint or '.'} Shipped recipes are {', '.join(shipped) or 'missing'}; "
        "a file is named with its suffix, such as recipe.yaml."
    )


def recipe_names() -> tuple[str, ...]:
    """The shipped recipes, sorted."""
    folder = recipes_folder()
    return tuple(sorted(path.stem for path in folder.iterdir() if path.suffix in _SUFFIXES)) if folder.is_dir() else ()


def _settings(file: YamlFile, problems: list[Problem]) -> RecipeSettings | None:
    if not isinstance(file.data, dict):
        got = "nothing" if file.data is None else "a list" if isinstance(file.data, list) else repr(file.data)[:60]
        problems.append(Problem("", f"wanted settings such as `classes:`, one a line, got {got}"))
        return None
    data = dict(file.data)
    if isinstance(data.get("classes"), dict):
        data["classes"] = {name: _class_in_full(entry) for name, entry in data["classes"].items()}  # type: ignore[union-attr]
    if isinstance(data.get("environments"), str):
        data["environments"] = [data["environments"]]
    distractors = data.get("distractors")
    if isinstance(distractors, dict) and isinstance(distractors.get("models"), str):
        data["distractors"] = {**distractors, "models": [distractors["models"]]}
    return validate(RecipeSettings, file, data, LIMITS, problems)


def _class_in_full(entry: Data) -> Data:
    """A class as a block of settings, where it was written short."""
    if isinstance(entry, str | list):
        entry = {"models": entry}
    if isinstance(entry, dict) and isinstance(entry.get("models"), str):
        entry = {**entry, "models": [entry["models"]]}
    return entry


def _classes(
    file: YamlFile, data: dict[str, Data], settings: RecipeSettings | None, problems: list[Problem]
) -> Iterator[ClassSource]:
    classes = data.get("classes")
    if not isinstance(classes, dict):
        return
    if not classes:
        problems.append(file.problem(("classes",), "wanted at least one class"))
    twins = Counter(name.lower() for name in classes)
    for name, entry in classes.items():
        key = ("classes", name)
        fault = _class_name_fault(name, twins[name.lower()])
        if fault is not None:
            problems.append(file.problem(key, fault))
        full = _class_in_full(entry)
        fault = size_fault(full.get("size")) if isinstance(full, dict) else None
        if fault is not None:
            problems.append(file.problem((*key, "size"), fault))
        models = _find_all(file, full, (*key, "models"), problems)
        if isinstance(full, dict) and full.get("models") == []:
            problems.append(file.problem((*key, "models"), "wanted at least one model"))
        if isinstance(full, dict) and any(source.is_asset for source in models):
            for setting in ("size", "up", "origin"):
                if setting in full:
                    fault = "does not go with assets of an Unreal project: they are used as they are; see objects.scale"
                    problems.append(file.problem((*key, setting), fault))
        if settings is not None:
            fitted = settings.classes[name]
            yield ClassSource(name, fitted.weight, models, Fit(fitted.size, fitted.up, fitted.origin))


def _class_name_fault(name: str, count: int) -> str | None:
    if not name.strip() or name != name.strip():
        return "wanted a class name that neither is empty nor begins or ends with a space"
    if not name.isprintable():
        return "a class name must not hold line breaks or other control characters"
    if name.startswith("n0"):
        return "a class name must not begin with n0: Ultralytics takes it for an ImageNet code"
    if count > 1:
        return "this class name is given twice; names may not differ in upper and lower case alone"
    return None


def _find_all(file: YamlFile, settings: Data, key: tuple[str, ...], problems: list[Problem]) -> tuple[ModelSource, ...]:
    """The models of `settings["models"]`, each once. What is not there becomes a problem."""
    models = settings.get("models") if isinstance(settings, dict) else None
    references = [models] if isinstance(models, str) else models if isinstance(models, list) else []
    found: dict[ModelSource, None] = {}
    for number, reference in enumerate(references):
        if not isinstance(reference, str):
            continue
        try:
            found |= dict.fromkeys(find_models(reference, file.path.parent, own_assets=True))
        except NotFoundError as error:
            problems.append(file.problem((*key, number), str(error)))
    return tuple(found)


def _environments(file: YamlFile, data: dict[str, Data], problems: list[Problem]) -> tuple[EnvironmentSource, ...]:
    wanted = data.get("environments")
    if wanted is None:
        references: list[tuple[str, tuple[str | int, ...]]] = [
            (name, ("environments",)) for name in default_environments()
        ]
    elif isinstance(wanted, str):
        references = [(wanted, ("environments",))]
    elif isinstance(wanted, list):
        references = [(item, ("environments", i)) for i, item in enumerate(wanted) if isinstance(item, str)]
    else:
        return ()
    if not references and not (isinstance(wanted, list) and wanted):
        problems.append(file.problem(("environments",), "wanted at least one environment"))
    found = []
    names: list[str] = []
    for reference, key in references:
        try:
            environment = find_environment(reference, file.path.parent, names)
        except NotFoundError as error:
            problems.append(file.problem(key, str(error)))
        except RecipeError as error:
            problems.extend(error.problems or [file.problem(key, str(error))])
        else:
            names.append(environment.name)
            found.append(environment)
    return tuple(found)


__all__ = ["ClassSettings", "ClassSource", "Recipe", "Size", "find_recipe", "load_recipe", "recipe_names"]
