"""What a job does, step by step: borrow the editor, import models, then build each environment and make its frames.

Prepare steps may block for minutes and are announced first. A frame that lies there complete is not made again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Dict, Generator, List, Optional, Sequence, Tuple

import unreal

from unrealsynth_plugin import VERSION, calibration
from unrealsynth_plugin.actors import BATCH
from unrealsynth_plugin.capture import ExportError
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import (
    FORMAT,
    CaptureFiles,
    Environment,
    FramePlan,
    FrameRecord,
    Job,
    Model,
    Prepared,
)
from unrealsynth_plugin.core.overlaps import alone_groups
from unrealsynth_plugin.core.own_assets import bounded
from unrealsynth_plugin.core.planning import environment_of, models_of, plan_frame
from unrealsynth_plugin.editor_state import EditorState, finish_loading
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.jobs import Progress, Steps
from unrealsynth_plugin.models import import_models
from unrealsynth_plugin.own_assets import measure
from unrealsynth_plugin.records import frame_record, object_boxes, unlabelled_boxes
from unrealsynth_plugin.recovery import recover
from unrealsynth_plugin.residence import Residence
from unrealsynth_plugin.selftest import SelfTest
from unrealsynth_plugin.settling import ComparedSettling
from unrealsynth_plugin.spool import FrameFolder, JobFolder, Spool, patiently
from unrealsynth_plugin.studio import Studio
from unrealsynth_plugin.watch import map_changed, undisturbed, wait_until_wanted

_FRAMES_PER_COLLECTION = 100
_FIRST_TICKS = 2
_EXPORT_TRIES = 3
_SIGHTS = 12
"""Views of a frame that are tried when a level hides what the camera looks at; the last one counts."""
Frame = Tuple[int, int]


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
        shown = models_of(job, todo)
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
                yield from _in_environment(job, folder, progress, environment, frames, studio, editor)
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


def _in_environment(
    job: Job,
    folder: JobFolder,
    progress: Progress,
    environment: Environment,
    frames: List[Frame],
    studio: Studio,
    editor: EditorState,
) -> Steps:
    known, models = _known(job, folder, environment), {model.id: model for model in job.models}
    if environment.level is not None:
        progress.announce("preparing", f"loading {environment.name} and measuring its ground")
    yield from studio.survey(known)
    progress.announce("preparing", f"compiling shaders and loading textures for {environment.name}")
    yield
    finish_loading()
    # The id material shows the plain picture, and the sky light is dark, until they were in use for some ticks.
    for _ in range(_FIRST_TICKS):
        studio.open()
        # What was drawn for the first time has shaders of its own to compile.
        finish_loading()
        yield
    prepared = known
    if prepared is None:
        saves = -1
        while prepared is None or saves != editor.saves:
            # Once more, too, when the user saved meanwhile.
            saves = editor.saves
            progress.announce("preparing", f"measuring the light of {environment.name}")
            prepared = yield from _prepare(job, folder, progress, environment, frames, models, studio)
    yield from patiently(partial(folder.write_prepared, prepared))
    for number, (k, attempt) in enumerate(frames, 1):
        yield from wait_until_wanted(job, folder, progress)
        progress.announce("running", f"making frames in {environment.name}")
        saves = -1
        while saves != editor.saves:
            # Once more when the user saved meanwhile, for which light and viewport were put back.
            saves = editor.saves
            take = yield from _take_frame(job, folder.frame(k), environment, prepared, models, studio, (k, attempt))
        yield from patiently(partial(folder.frame(k).write_record, encode(take)))
        yield
        progress.frames_done += 1
        if number % _FRAMES_PER_COLLECTION == 0:
            unreal.SystemLibrary.collect_garbage()


def _prepare(
    job: Job,
    folder: JobFolder,
    progress: Progress,
    environment: Environment,
    frames: List[Frame],
    models: Dict[str, Model],
    studio: Studio,
) -> Generator[None, None, Prepared]:
    """What frames in this environment need to know, measured on the first of them."""
    comparing = ComparedSettling(folder, environment.name, progress)

    def plan_first(prepared: Prepared) -> List[FramePlan]:
        return [_plan(job, prepared, models, studio, frame)[1] for frame in frames[:2]]

    def say(doubt: str) -> None:
        unreal.log_warning(f"UnrealSynth: {environment.name}: {doubt}")
        comparing.light_rests = False

    return (
        yield from studio.prepare(calibration.settle_ticks if job.keeps_frames else comparing.measure, plan_first, say)
    )


def _take_frame(
    job: Job,
    folder: FrameFolder,
    environment: Environment,
    prepared: Prepared,
    models: Dict[str, Model],
    studio: Studio,
    frame: Frame,
) -> Generator[None, None, FrameRecord]:
    """All pictures of a frame, and the record that completes it."""
    seconds: Dict[str, float] = {}
    started = time.perf_counter()
    drawn, plan, lifts = _plan(job, prepared, models, studio, frame)
    planned = time.perf_counter()
    studio.set(plan)
    seconds["plan"], seconds["set"] = planned - started, time.perf_counter() - planned
    yield from _settle(studio, prepared)
    seconds["settle"] = time.perf_counter() - planned - seconds["set"]
    yield from patiently(folder.make)
    measured = time.perf_counter()
    labelled = sum(planned_object.class_index is not None for planned_object in plan.objects)
    camera, placed = studio.camera(), studio.placed(labelled)
    boxes = object_boxes(job, models, plan, camera, placed)
    groups: Tuple[Tuple[int, ...], ...] = ()
    if job.captures.visibility:
        others = unlabelled_boxes(job, models, environment, plan, camera)
        groups = alone_groups(boxes, others, job.resolution, BATCH, unknown_things=environment.level is not None)
    seconds["boxes"] = time.perf_counter() - measured
    captures = yield from _shoot(studio, prepared, folder, groups, seconds)
    return frame_record(job, drawn, camera, placed, boxes, captures, seconds, lifts)


def _plan(
    job: Job, prepared: Prepared, models: Dict[str, Model], studio: Studio, frame: Frame
) -> Tuple[FramePlan, FramePlan, Optional[Tuple[float, ...]]]:
    """The plan as drawn, as it is to be applied, and how far a level's ground lifted each object.

    A view that a level hides is drawn anew, with a bound.
    """
    faults: Dict[str, int] = {}
    for sight in range(_SIGHTS):
        drawn = plan_frame(job, prepared, *frame, sight)
        plan, lifts, fault = studio.stand(drawn, models, prepared)
        if fault is None:
            break
        faults[fault] = faults.get(fault, 0) + 1
    for fault, count in faults.items():
        faults[fault] = count + drawn.rejections.get(fault, 0)
    return replace(drawn, rejections={**drawn.rejections, **faults}), plan, lifts


def _settle(studio: Studio, prepared: Prepared) -> Generator[None, None, None]:
    for _ in range(prepared.settle_ticks):
        studio.rehearse()
        yield


def _shoot(
    studio: Studio,
    prepared: Prepared,
    folder: FrameFolder,
    groups: Sequence[Tuple[int, ...]],
    seconds: Dict[str, float],
) -> Generator[None, None, CaptureFiles]:
    """All pictures from one state; once more, from that state again, when an export left no picture."""
    for _ in range(_EXPORT_TRIES - 1):
        try:
            return studio.shoot(folder.path, groups, seconds)
        except ExportError:
            yield
            studio.rewind()
            yield from _settle(studio, prepared)
    return studio.shoot(folder.path, groups, seconds)


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


def _known(job: Job, folder: JobFolder, environment: Environment) -> Optional[Prepared]:
    """The prepare record that came with the job or was written before, or None."""
    for prepared in job.prepared:
        if prepared.environment == environment.name:
            return prepared
    return folder.prepared(environment.name)
