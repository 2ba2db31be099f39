"""The frames of a job in one environment: what they need to know is measured, then they are taken one by one."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import Callable, Dict, Generator, List, Optional, Sequence, Tuple, TypeVar

import unreal

from unrealsynth_plugin.actors import BATCH
from unrealsynth_plugin.capture import EXPORT_TRIES, ExportError
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import CaptureFiles, Environment, FramePlan, FrameRecord, Job, Model, Prepared
from unrealsynth_plugin.core.overlaps import alone_groups
from unrealsynth_plugin.core.planning import plan_frame
from unrealsynth_plugin.editor_state import EditorState
from unrealsynth_plugin.jobs import Progress, Steps
from unrealsynth_plugin.open_world import finish_loading
from unrealsynth_plugin.records import frame_record, object_boxes, unlabelled_boxes
from unrealsynth_plugin.settling import ComparedSettling, settle_ticks
from unrealsynth_plugin.spool import FrameFolder, JobFolder, patiently
from unrealsynth_plugin.studio import Studio
from unrealsynth_plugin.watch import wait_until_wanted

_FRAMES_PER_COLLECTION = 100
_FIRST_TICKS = 2
_SIGHTS = 12
"""Views of a frame that are tried when a level hides what the camera looks at; the last one counts."""
Frame = Tuple[int, int]
"""Its number and attempt."""
Drawn = Tuple[FramePlan, FramePlan, Optional[Tuple[float, ...]]]
"""The plan as drawn, as it is to be applied, and how far a level's ground lifted each object."""
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Takes:
    """Makes frames of a job in the environment that a studio has built."""

    job: Job
    folder: JobFolder
    progress: Progress
    environment: Environment
    models: Dict[str, Model]
    """The job's, by id."""
    studio: Studio
    editor: EditorState

    def make(self, frames: Sequence[Frame]) -> Steps:
        """Makes the frames, each complete on disk before the next is begun."""
        name, known = self.environment.name, self._known()
        if self.environment.level is not None:
            self.progress.announce("preparing", f"loading {name} and measuring its ground")
        yield from self.studio.survey(known)
        self.progress.announce("preparing", f"compiling shaders and loading textures for {name}")
        yield
        finish_loading()
        # The id material shows the plain picture, and the sky light is dark, until they were in use for some ticks.
        for _ in range(_FIRST_TICKS):
            self.studio.open()
            # What was drawn for the first time has shaders of its own to compile.
            finish_loading()
            yield
        prepared = known or (yield from self._in_one_piece(partial(self.prepare, frames)))
        yield from patiently(partial(self.folder.write_prepared, prepared))
        for number, frame in enumerate(frames, 1):
            yield from wait_until_wanted(self.job, self.folder, self.progress)
            self.progress.announce("running", f"making frames in {name}")
            record = yield from self._in_one_piece(partial(self.take, frame, prepared))
            yield from patiently(partial(self.folder.frame(frame[0]).write_record, encode(record)))
            yield
            self.progress.frames_done += 1
            if number % _FRAMES_PER_COLLECTION == 0:
                unreal.SystemLibrary.collect_garbage()

    def prepare(self, frames: Sequence[Frame]) -> Generator[None, None, Prepared]:
        """What frames in this environment need to know, measured on the first of them."""
        name = self.environment.name
        self.progress.announce("preparing", f"measuring the light of {name}")
        exposure = yield from self.studio.expose()
        if exposure.doubt is not None:
            unreal.log_warning(f"UnrealSynth: {name}: {exposure.doubt}")
        comparing = ComparedSettling(self.folder, name, self.progress, exposure.rests)

        def plan_first(prepared: Prepared) -> List[FramePlan]:
            return [self.plan(frame, prepared)[1] for frame in frames[:2]]

        measure_settling = settle_ticks if self.job.keeps_frames else comparing.measure
        return (yield from self.studio.prepare(exposure.ev, measure_settling, plan_first))

    def take(self, frame: Frame, prepared: Prepared) -> Generator[None, None, FrameRecord]:
        """All pictures of a frame, and the record that completes it."""
        job, studio, folder = self.job, self.studio, self.folder.frame(frame[0])
        seconds: Dict[str, float] = {}
        started = time.perf_counter()
        drawn, plan, lifts = self.plan(frame, prepared)
        planned = time.perf_counter()
        studio.set(plan)
        seconds["plan"], seconds["set"] = planned - started, time.perf_counter() - planned
        yield from self._settle(prepared)
        seconds["settle"] = time.perf_counter() - planned - seconds["set"]
        yield from patiently(folder.make)
        measured = time.perf_counter()
        labelled = sum(planned_object.class_index is not None for planned_object in plan.objects)
        camera, placed = studio.camera(), studio.placed(labelled)
        boxes = object_boxes(job, self.models, plan, camera, placed)
        groups: Tuple[Tuple[int, ...], ...] = ()
        if job.captures.visibility:
            others = unlabelled_boxes(job, self.models, self.environment, plan, camera)
            in_level = self.environment.level is not None
            groups = alone_groups(boxes, others, job.resolution, BATCH, unknown_things=in_level)
        seconds["boxes"] = time.perf_counter() - measured
        captures = yield from self._shoot(prepared, folder, groups, seconds)
        return frame_record(job, drawn, camera, placed, boxes, captures, seconds, lifts)

    def plan(self, frame: Frame, prepared: Prepared) -> Drawn:
        """What a frame is to show. A view that a level hides is drawn anew, with a bound."""
        faults: Counter[str] = Counter()
        for sight in range(_SIGHTS):
            drawn = plan_frame(self.job, prepared, *frame, sight)
            plan, lifts, fault = self.studio.stand(drawn, self.models, prepared)
            if fault is None:
                break
            faults[fault] += 1
        return replace(drawn, rejections=dict(Counter(drawn.rejections) + faults)), plan, lifts

    def _in_one_piece(self, work: Callable[[], Generator[None, None, _Found]]) -> Generator[None, None, _Found]:
        """What `work` finds; once more when the user saved meanwhile, for which light and viewport were put back."""
        while True:
            saves = self.editor.saves
            found = yield from work()
            if saves == self.editor.saves:
                return found

    def _settle(self, prepared: Prepared) -> Steps:
        for _ in range(prepared.settle_ticks):
            self.studio.rehearse()
            yield

    def _shoot(
        self, prepared: Prepared, folder: FrameFolder, groups: Sequence[Tuple[int, ...]], seconds: Dict[str, float]
    ) -> Generator[None, None, CaptureFiles]:
        """All pictures from one state; once more, from that state again, when an export left no picture."""
        for _ in range(EXPORT_TRIES - 1):
            try:
                return self.studio.shoot(folder.path, groups, seconds)
            except ExportError:
                yield
                self.studio.rewind()
                yield from self._settle(prepared)
        return self.studio.shoot(folder.path, groups, seconds)

    def _known(self) -> Optional[Prepared]:
        """The prepare record that came with the job or was written before, or None."""
        for prepared in self.job.prepared:
            if prepared.environment == self.environment.name:
                return prepared
        return self.folder.prepared(self.environment.name)
