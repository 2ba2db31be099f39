"""What a job does, step by step: borrow the editor, import models, then build each environment and make its frames.

Prepare steps may block for minutes and are announced first. A frame that lies there complete is not made again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Generator, List, Tuple

import unreal

from unrealsynth_plugin import VERSION
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import FORMAT, Environment, Job
from unrealsynth_plugin.core.own_assets import bounded
from unrealsynth_plugin.core.planning import environment_of, models_of
from unrealsynth_plugin.editor_state import EditorState
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import Progress, Steps
from unrealsynth_plugin.models import import_models
from unrealsynth_plugin.own_assets import measure
from unrealsynth_plugin.recovery import recover
from unrealsynth_plugin.residence import Residence
from unrealsynth_plugin.selftest import SelfTest
from unrealsynth_plugin.spool import JobFolder, Spool, patiently
from unrealsynth_plugin.studio import Studio
from unrealsynth_plugin.takes import Frame, Takes
from unrealsynth_plugin.watch import map_changed, undisturbed


class Production:
    """Carries out jobs of one spool, in one editor."""

    def __init__(self, spool: Spool, residence: Residence) -> None:
        self._spool = spool
        self._residence = residence

    def run(self, job: Job, folder: JobFolder, progress: Progress) -> Steps:
        """All frames of a job. However it ends, the editor is put back in order."""
        _check(job)
        todo = [frame for frame in job.frames if not folder.frame(frame[0]).is_complete()]
        progress.frames_done = len(job.frames) - len(todo)
        if not todo and not job.selftest and not job.measures:
            return
        settings = Settings()
        editor = EditorState(settings, self._residence.journal, job.leave_unsaved, lambda: progress.is_closing)
        progress.is_held = editor.is_being_saved
        try:
            progress.announce("preparing", "waiting for the editor to load its list of assets")
            registry = unreal.AssetRegistryHelpers.get_asset_registry()
            while registry.is_loading_assets():
                yield
            # A crash that no start of the editor has cleaned up after.
            recover(self._residence, self._spool, is_starting=False)
            editor.borrow(job.id)
            if job.selftest:
                test = SelfTest(job, folder, self._spool, settings, editor)
                yield from undisturbed(test.run(progress), editor, progress)
            yield from undisturbed(self._frames(job, folder, progress, settings, editor, todo), editor, progress)
            progress.announce("running", "putting the editor back in order")
            yield
        finally:
            editor.restore()

    def _frames(
        self,
        job: Job,
        folder: JobFolder,
        progress: Progress,
        settings: Settings,
        editor: EditorState,
        todo: List[Frame],
    ) -> Steps:
        if job.measures:
            job = yield from _measure(job, folder, progress, settings, editor)
        shown, models = models_of(job, todo), {model.id: model for model in job.models}
        meshes = yield from import_models(
            tuple(model for model in job.models if model.id in shown),
            self._spool,
            settings,
            lambda note: progress.announce("preparing", note),
        )
        for environment, frames in _by_environment(job, todo):
            progress.announce("preparing", f"building {environment.name}")
            yield
            if environment.level is None:
                editor.open_blank_map()
            else:
                editor.open_level(environment.level)
                yield from editor.let_level_rest()
            studio = Studio(job, environment, meshes, self._spool, settings, editor)
            try:
                editor.know_own_changes()
                takes = Takes(job, folder, progress, environment, models, studio, editor)
                yield from takes.make(frames)
            except PluginError:
                raise
            except Exception as error:
                # Within this tick; what happens between ticks is seen before the next one.
                if editor.has_lost_map():
                    raise map_changed() from error
                studio.check()
                raise
            finally:
                studio.close()


def _measure(
    job: Job, folder: JobFolder, progress: Progress, settings: Settings, editor: EditorState
) -> Generator[None, None, Job]:
    """Measures the project's assets, and gives the job with their bounds where it came without."""
    report = yield from measure(
        job.measures, job.environments, settings, editor, lambda note: progress.announce("preparing", note)
    )
    yield from patiently(partial(folder.write_assets, encode(report)))
    return replace(job, models=bounded(job.models, report))


def _check(job: Job) -> None:
    if job.format != FORMAT or job.plugin_version != VERSION:
        raise PluginError(
            f"The job was made for plugin {job.plugin_version}, format {job.format}; this is plugin {VERSION}, "
            f"format {FORMAT}. Install the plugin that came with the orchestrator."
        )


def _by_environment(job: Job, frames: List[Frame]) -> List[Tuple[Environment, List[Frame]]]:
    """Frames in the job's order, runs of one environment together."""
    pairs = [(environment_of(job, frame[0]), frame) for frame in frames]
    runs = groupby(pairs, key=lambda pair: pair[0].name)
    return [(members[0][0], [frame for _, frame in members]) for members in ([*run] for _, run in runs)]
