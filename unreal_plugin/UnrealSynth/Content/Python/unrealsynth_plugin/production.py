"""What a job does, step by step: borrow the editor, import models, then build each environment and make its frames.

Prepare steps may block for minutes and are announced first. A frame that lies there complete is not made again.
"""

from __future__ import annotations

import time
from functools import partial
from itertools import groupby
from typing import Any, Callable, Dict, Generator, List, Optional, Sequence, Tuple

import unreal

from unrealsynth_plugin import VERSION
from unrealsynth_plugin.actors import BATCH
from unrealsynth_plugin.capture import ExportError
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.core.contract import FORMAT, CaptureFiles, Environment, FramePlan, Job, Model, Prepared, encode
from unrealsynth_plugin.core.overlaps import alone_groups
from unrealsynth_plugin.core.planning import environment_of, plan_frame
from unrealsynth_plugin.editor_state import EditorState, finish_loading, open_blank_map, world_path
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import Cancelled, Progress, Steps
from unrealsynth_plugin.models import import_models
from unrealsynth_plugin.records import frame_record, object_boxes, unlabelled_boxes
from unrealsynth_plugin.spool import FrameFolder, JobFolder, Spool
from unrealsynth_plugin.studio import Studio

COLLECTOR_S = 10.0
"""After this long without a sign of life, nobody collects any more, and the job pauses."""
ABANDONED_S = 600.0
"""After this long it ends, and gives the editor back to its user."""
_FRAMES_PER_COLLECTION = 100
_FIRST_TICKS = 2
_EXPORT_TRIES = 3
_WRITE_TRIES = 500
Frame = Tuple[int, int]


class Production:
    """Carries out jobs of one spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def run(self, job: Job, folder: JobFolder, progress: Progress) -> Steps:
        """All frames of a job. However it ends, the editor is put back in order."""
        _check(job)
        todo = [frame for frame in job.frames if not folder.frame(frame[0]).is_complete()]
        progress.frames_done = len(job.frames) - len(todo)
        if not todo:
            return
        settings = Settings()
        editor = EditorState(settings)
        try:
            progress.announce("preparing", "waiting for the editor to load its list of assets")
            registry = unreal.AssetRegistryHelpers.get_asset_registry()
            while registry.is_loading_assets():
                yield
            editor.borrow()
            meshes = yield from import_models(
                job.models, self._spool, settings, lambda note: progress.announce("preparing", note)
            )
            for environment, frames in _by_environment(job, todo):
                yield from self._environment(job, folder, progress, settings, environment, frames, meshes)
            progress.announce("running", "putting the editor back in order")
            yield
        finally:
            editor.restore()

    def _environment(
        self,
        job: Job,
        folder: JobFolder,
        progress: Progress,
        settings: Settings,
        environment: Environment,
        frames: List[Frame],
        meshes: Dict[str, Any],
    ) -> Steps:
        progress.announce("preparing", f"building {environment.name}")
        yield
        open_blank_map()
        studio = Studio(job, environment, meshes, self._spool, settings)
        try:
            progress.announce("preparing", f"compiling shaders and loading textures for {environment.name}")
            yield
            finish_loading()
            # The id material shows the plain picture, and the sky light is dark, until they were in use for some ticks.
            for _ in range(_FIRST_TICKS):
                studio.open()
                yield
            prepared = _known(job, folder, environment)
            if prepared is None:
                progress.announce("preparing", f"measuring the light of {environment.name}")
                prepared = yield from studio.prepare()
            yield from _write(partial(folder.write_prepared, prepared))
            models = {model.id: model for model in job.models}
            for number, (k, attempt) in enumerate(frames, 1):
                yield from _wait_until_wanted(job, folder, progress, studio, environment)
                plan = partial(plan_frame, job, prepared, k, attempt)
                yield from _make_frame(job, folder.frame(k), environment, prepared, models, studio, plan)
                progress.frames_done += 1
                if number % _FRAMES_PER_COLLECTION == 0:
                    unreal.SystemLibrary.collect_garbage()
        finally:
            studio.close()


def _make_frame(
    job: Job,
    folder: FrameFolder,
    environment: Environment,
    prepared: Prepared,
    models: Dict[str, Model],
    studio: Studio,
    draw_plan: Callable[[], FramePlan],
) -> Steps:
    seconds: Dict[str, float] = {}
    started = time.perf_counter()
    plan = draw_plan()
    planned = time.perf_counter()
    studio.set(plan)
    seconds["plan"], seconds["set"] = planned - started, time.perf_counter() - planned
    for _ in range(prepared.settle_ticks):
        studio.rehearse()
        yield
    seconds["settle"] = time.perf_counter() - planned - seconds["set"]
    folder.make()
    measured = time.perf_counter()
    labelled = sum(planned_object.class_index is not None for planned_object in plan.objects)
    camera, placed = studio.camera(), studio.placed(labelled)
    boxes = object_boxes(job, models, plan, camera, placed)
    groups: Tuple[Tuple[int, ...], ...] = ()
    if job.captures.visibility:
        others = unlabelled_boxes(job, models, environment, plan, camera)
        groups = alone_groups(boxes, others, job.resolution, BATCH, unknown_things=environment.level is not None)
    seconds["boxes"] = time.perf_counter() - measured
    captures = yield from _shoot(studio, folder, groups, seconds)
    record = frame_record(job, plan, camera, placed, boxes, captures, seconds)
    yield from _write(partial(folder.write_record, encode(record)))
    yield


def _shoot(
    studio: Studio, folder: FrameFolder, groups: Sequence[Tuple[int, ...]], seconds: Dict[str, float]
) -> Generator[None, None, CaptureFiles]:
    """All pictures from one state; once more at the next tick when an export left no picture."""
    for _ in range(_EXPORT_TRIES - 1):
        try:
            return studio.shoot(folder.path, groups, seconds)
        except ExportError:
            yield
    return studio.shoot(folder.path, groups, seconds)


def _wait_until_wanted(
    job: Job, folder: JobFolder, progress: Progress, studio: Studio, environment: Environment
) -> Steps:
    """Waits while frames pile up, nobody collects, or the user plays the level."""
    level_editor = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    asked_s = time.time()
    while True:
        age_s = folder.collector_age_s(time.time())
        if level_editor.is_in_play_in_editor():
            note = "waiting for Play-in-Editor to end"
        elif age_s is None or age_s > COLLECTOR_S:
            note = "waiting for somebody to collect frames"
            if progress.is_waited_for or time.time() - asked_s > ABANDONED_S:
                raise Cancelled("nobody collected the frames")
        elif folder.uncollected() >= job.max_uncollected:
            note = "waiting for frames to be collected"
        else:
            break
        progress.announce("paused", note)
        yield
    if world_path() != studio.map:
        raise PluginError(
            f"Another level ({world_path()}) was opened while frames were made; start the run again to go on."
        )
    progress.announce("running", f"making frames in {environment.name}")


def _write(write: Callable[[], bool]) -> Steps:
    """Repeats a write, one try a tick, while another process holds the file."""
    for _ in range(_WRITE_TRIES):
        if write():
            return
        yield
    raise PluginError("A file of the spool folder stays locked by another program; close it and start the run again.")


def _check(job: Job) -> None:
    if job.format != FORMAT or job.plugin_version != VERSION:
        raise PluginError(
            f"The job was made for plugin {job.plugin_version}, format {job.format}; this is plugin {VERSION}, "
            f"format {FORMAT}. Install the plugin that came with the orchestrator."
        )
    for environment in job.environments:
        if environment.level is not None:
            raise PluginError(
                f"The environment {environment.name} is the level {environment.level}; "
                "this version of the plugin makes frames in described environments only."
            )


def _by_environment(job: Job, frames: List[Frame]) -> List[Tuple[Environment, List[Frame]]]:
    """Frames in the job's order, runs of one environment together."""
    pairs = [(environment_of(job, frame[0]), frame) for frame in frames]
    runs = groupby(pairs, key=lambda pair: pair[0].name)
    return [(members[0][0], [frame for _, frame in members]) for members in ([*run] for _, run in runs)]


def _known(job: Job, folder: JobFolder, environment: Environment) -> Optional[Prepared]:
    """The prepare record that came with the job or was written before, or None."""
    for prepared in job.prepared:
        if prepared.environment == environment.name:
            return prepared
    return folder.prepared(environment.name)
