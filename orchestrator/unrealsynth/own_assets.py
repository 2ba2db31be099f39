"""Assets of the user's own Unreal project as models: the editor that has them measures them before the planning."""

from __future__ import annotations

import json
import time
import uuid

from unrealsynth.editors.selection import Editor
from unrealsynth.errors import EditorError, EditorLostError
from unrealsynth.recipe import Recipe
from unrealsynth.spool import JobFolder, Spool
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.core.codec import DecodeError, decode
from unrealsynth_plugin.core.contract import Environment, Job
from unrealsynth_plugin.core.own_assets import AssetReport

_POLL_S = 0.05
_TOUCH_S = 1.0
_EMBEDDED = "Embedded"
"""In the version of an embedded editor."""


def measure_own_assets(recipe: Recipe, editor: Editor, engine: str) -> AssetReport | None:
    """What the assets and tags that `recipe` names are; None when it names none. Raises EditorError.

    `engine` is the editor's version.
    """
    references = recipe.own_assets
    if not references:
        return None
    environments = tuple(
        Environment(source.name, source.settings.level, ground=None, spawn=source.settings.spawn)
        for source in recipe.environments
        if source.settings.level is not None
    )
    job = Job(
        id=uuid.uuid4().hex,
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
    folder = Spool(editor.saved_dir).open_job(job)
    try:
        editor.client.start(job.id)
        _wait(folder, editor)
        return _report(folder)
    except EditorError as error:
        if _EMBEDDED not in engine:
            raise
        raise EditorError(
            f"{error} An embedded editor has no project of yours: open it in Unreal and use --editor unreal."
        ) from error
    finally:
        folder.remove()


def _wait(folder: JobFolder, editor: Editor) -> None:
    touched = 0.0
    while True:
        if time.monotonic() - touched > _TOUCH_S:
            folder.touch()
            touched = time.monotonic()
        beat = folder.heartbeat()
        if beat is not None and beat.state == "done":
            return
        if beat is not None and beat.state in ("failed", "cancelled"):
            raise EditorError(beat.error or "Measuring the project's assets was cancelled in the editor.")
        if not editor.alive:
            raise EditorLostError("The editor ended while it measured the project's assets; start it and try again.")
        time.sleep(_POLL_S)


def _report(folder: JobFolder) -> AssetReport:
    path = folder.path / "assets.json"
    try:
        return decode(AssetReport, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, DecodeError) as error:
        raise EditorError(f"The editor's report {path} cannot be read: {error}.") from error
