"""Assets of the user's own Unreal project as models: the editor that has them measures them before the planning."""

from __future__ import annotations

import json

from unrealsynth.editor_choice import Editor
from unrealsynth.errand import Errand
from unrealsynth.errors import EditorError, EditorLostError, EditorTimeoutError, Problem, RecipeError
from unrealsynth.progress import Say
from unrealsynth.recipe import Recipe
from unrealsynth.spool import JobFolder
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import DecodeError, decode
from unrealsynth_plugin.core.contract import Environment, Job
from unrealsynth_plugin.core.own_assets import AssetReport
from unrealsynth_plugin.core.spool_files import ASSETS


def require_no_project(recipe: Recipe) -> None:
    """Raises RecipeError when `recipe` names what only an Unreal project has: assets, actors or levels."""
    models = [(f"classes.{entry.name}", source) for entry in recipe.classes for source in entry.models]
    models += [("distractors.models", source) for source in recipe.distractors]
    problems = [Problem(where, f"{source.name} is in an Unreal project") for where, source in models if source.is_asset]
    problems += [
        Problem("environments", f"{source.settings.level} is a level of an Unreal project")
        for source in recipe.environments
        if source.settings.level is not None
    ]
    if problems:
        raise RecipeError(
            f"{recipe.path} needs your Unreal project, and the embedded editor has none; use it with "
            "--editor unreal --project PROJECT.uproject:",
            problems,
        )


def measure_own_assets(recipe: Recipe, editor: Editor, say: Say) -> AssetReport | None:
    """What the assets and tags that `recipe` names are; None when it names none. Raises EditorError.

    `say` tells the user what is going on.
    """
    references = recipe.own_assets
    if not references:
        return None
    is_embedded = editor.client.info.is_embedded
    environments = tuple(
        Environment(source.name, source.settings.level, ground=None, spawn=source.settings.spawn)
        for source in recipe.environments
        if source.settings.level is not None
    )
    job = Job(
        id="",
        plugin_version=VERSION,
        fingerprint="",
        seed=recipe.seed,
        resolution=recipe.settings.resolution,
        frames=(),
        classes=(),
        models=(),
        environments=environments,
        measures=references,
        leave_unsaved=editor.leave_unsaved,
    )
    try:
        return Errand(job, "The project's own assets were not measured").run(editor, _report, say)
    except EditorError as error:
        if not is_embedded or isinstance(error, (EditorLostError, EditorTimeoutError)):
            raise
        raise EditorError(
            f"{error} An embedded editor has no project of yours: open it in Unreal and use --editor unreal."
        ) from error


def _report(folder: JobFolder) -> AssetReport:
    path = folder.path / ASSETS
    try:
        return decode(AssetReport, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, DecodeError) as error:
        raise EditorError(f"The editor's report {path} cannot be read: {error}.") from error
