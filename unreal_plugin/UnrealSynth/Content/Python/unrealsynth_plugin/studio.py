"""An environment with its objects and cameras: what a frame is made in.

A frame is set as a whole, then shot as a whole, so that picture and labels show the same state.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Generator, List, Optional, Sequence, Tuple

import unreal

from unrealsynth_plugin.actors import BATCH, ActorPool
from unrealsynth_plugin.camera import ColorCamera
from unrealsynth_plugin.capture import Capture
from unrealsynth_plugin.compatibility import Settings, is_alive, try_each
from unrealsynth_plugin.core.contract import AlonePicture, CaptureFiles, Environment, FramePlan, Job, Model, Prepared
from unrealsynth_plugin.core.distributions import bounds
from unrealsynth_plugin.core.geometry import CameraPose, Pose
from unrealsynth_plugin.core.planning import calibration_view
from unrealsynth_plugin.editor_state import EditorState
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.exposure import Exposure, correct_exposure, measure_exposure
from unrealsynth_plugin.levels import LevelStage
from unrealsynth_plugin.passes import AloneCamera, DepthCamera, IdCamera
from unrealsynth_plugin.settling import MeasureSettling
from unrealsynth_plugin.spool import Spool
from unrealsynth_plugin.stage import Stage
from unrealsynth_plugin.vectors import rotator

_RESERVED_OBJECTS = 64
"""No more than this are spawned in advance, but one of each model, so that its shaders are there before it is seen."""


class Studio:
    """Lives in the map that was open when it was made. `close` it before that map is left."""

    def __init__(
        self,
        job: Job,
        environment: Environment,
        meshes: Dict[str, Any],
        spool: Spool,
        settings: Settings,
        editor: EditorState,
    ) -> None:
        self._job = job
        self._editor = editor
        self._environment = environment
        self._level = LevelStage(environment, settings, editor) if environment.level is not None else None
        self._stage = self._level or Stage(environment, meshes, spool, settings)
        self._pool = ActorPool(meshes)
        self._color = ColorCamera(job.resolution, settings)
        self._ids = IdCamera(job.resolution, settings, in_level=self._level is not None)
        self._depth: Optional[DepthCamera] = DepthCamera(job.resolution, settings) if job.captures.depth else None
        self._alone: Optional[AloneCamera] = AloneCamera(job.resolution, settings) if job.captures.visibility else None
        self._viewport = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
        wanted = job.randomization
        most = bounds(wanted.objects.count)[1] + bounds(wanted.distractors.count)[1]
        self._pool.reserve(max(int(min(most, _RESERVED_OBJECTS)), len(meshes)))
        editor.checks.append(self.check)

    def check(self) -> None:
        """Raises PluginError when the user has taken away something of what was placed."""
        if not all(is_alive(actor) for actor in (*self._pool.actors(), *(each.actor for each in self._cameras()))):
            raise PluginError(
                "Something that UnrealSynth had placed to make frames was undone or deleted; start the run again."
            )

    def survey(self, known: Optional[Prepared]) -> Generator[None, None, None]:
        """Finds out about a level's region and ground what is not known yet. Comes before anything is shown."""
        if self._level is not None:
            yield from self._level.survey(known, self._job.hides)
            for camera in self._cameras():
                camera.hide(self._level.hidden)

    def open(self) -> None:
        """Shows the calibration view once shaders and textures are there, so that the sky is captured from them."""
        self._show_calibration_view()
        for camera in self._cameras():
            camera.shoot()

    def expose(self) -> Generator[None, None, Exposure]:
        """Measures the exposure of the calibration view."""
        view, light = calibration_view(self._job, self._environment, self._found)
        return (yield from measure_exposure(self._color, self._stage.light, view, light))

    def prepare(
        self,
        exposure_ev: float,
        measure_settling: MeasureSettling,
        plan_first: Callable[[Prepared], Sequence[FramePlan]],
    ) -> Generator[None, None, Prepared]:
        """Measures what frames in this environment need to know besides the exposure, which it corrects.

        `plan_first` plans the first frame or two with what is known by then: between these, the scene changes as it
        will.
        """
        camera, set_light, wish_ev = self._color, self._stage.light, self._environment.exposure
        view, light = calibration_view(self._job, self._environment, self._found)
        found = self._found or Prepared(self._environment.name, 0.0, 0)
        first, *others = plan_first(replace(found, exposure_ev=exposure_ev + wish_ev))
        elsewhere = partial(self.set, others[0]) if others else self._show_calibration_view
        settle_ticks = yield from measure_settling(camera, elsewhere, partial(self.set, first))
        if settle_ticks:
            self._show_calibration_view()
            exposure_ev = yield from correct_exposure(camera, set_light, view, light, exposure_ev, settle_ticks)
        return replace(found, exposure_ev=exposure_ev + wish_ev, settle_ticks=settle_ticks)

    def _show_calibration_view(self) -> None:
        view, light = calibration_view(self._job, self._environment, self._found)
        self._stage.light(light)
        self._pool.place(())
        for camera in self._cameras():
            camera.aim(view)
        self._follow_with_viewport(view)

    def stand(
        self, plan: FramePlan, models: Dict[str, Model], prepared: Prepared
    ) -> Tuple[FramePlan, Optional[Tuple[float, ...]], Optional[str]]:
        """The plan as it is to be applied, what a level's ground added to each height, and what is wrong with it."""
        return (plan, None, None) if self._level is None else self._level.stand(plan, models, prepared)

    def set(self, plan: FramePlan) -> None:
        """Makes the scene what the plan says: all writes of a frame, before its first capture."""
        self._stage.light(plan.light)
        self._pool.place(plan.objects)
        self.rewind()
        for camera in self._cameras():
            camera.aim(plan.camera)
        self._color.set_exposure(plan.exposure_ev)
        self._follow_with_viewport(plan.camera)

    def rehearse(self) -> None:
        """A capture that is thrown away: captures alone advance what the renderer gathers over time."""
        self._color.shoot()

    def rewind(self) -> None:
        """Makes the scene again what it was after `set`, when not all pictures of a frame could be taken."""
        self._pool.select_batch(0)
        # A level may outline whatever is in custom depth, and a picture would give its labels away.
        self._pool.set_custom_depth(self._level is None)

    def shoot(self, folder: Path, groups: Sequence[Tuple[int, ...]], seconds: Dict[str, float]) -> CaptureFiles:
        """Takes and writes all pictures of the frame from the one state it is in. Raises ExportError.

        `groups` are the objects to be taken without the others, where visibility is measured.
        """
        started = time.perf_counter()
        self._color.shoot()
        self._color.export(folder / "rgb.png")
        seconds["rgb"] = time.perf_counter() - started
        started = time.perf_counter()
        ids: List[str] = []
        self._pool.set_custom_depth(True)
        for batch in range(self._pool.batches()):
            self._pool.select_batch(batch)
            self._ids.shoot()
            ids.append(f"ids-{batch}.png")
            self._ids.export(folder / ids[-1])
        seconds["ids"] = time.perf_counter() - started
        depth: Optional[str] = None
        if self._depth is not None:
            started = time.perf_counter()
            self._depth.shoot()
            depth = "depth.exr"
            self._depth.export(folder / depth)
            seconds["depth"] = time.perf_counter() - started
        alone: Optional[Tuple[AlonePicture, ...]] = None
        if self._alone is not None:
            started = time.perf_counter()
            alone = tuple(self._shoot_alone(self._alone, folder, number, group) for number, group in enumerate(groups))
            seconds["alone"] = time.perf_counter() - started
        return CaptureFiles("rgb.png", tuple(ids), depth, alone)

    def _shoot_alone(self, camera: AloneCamera, folder: Path, number: int, group: Tuple[int, ...]) -> AlonePicture:
        self._pool.select_batch(group[0] // BATCH)
        # The ground stays: what lies below it would not be visible without the other objects either.
        camera.show_only([*self._stage.ground, *(part for index in group for part in self._pool.components(index))])
        camera.shoot()
        name = f"alone-{number}.png"
        camera.export(folder / name)
        return AlonePicture(name, group)

    def camera(self) -> CameraPose:
        """The camera, as read back."""
        return self._color.pose()

    def placed(self, count: int) -> List[Tuple[Pose, float]]:
        """Pose and scale of the first `count` objects, as read back."""
        return [(self._pool.pose(index), self._pool.scale(index)) for index in range(count)]

    def close(self) -> None:
        """Gives graphics memory back, leaves a level as it was, and drops every reference into the map."""
        if self.check in self._editor.checks:
            self._editor.checks.remove(self.check)
        if not self._editor.is_closing():
            self._leave_map()
        del self._stage, self._level, self._pool, self._color, self._ids, self._depth, self._alone

    def _leave_map(self) -> None:
        try_each([camera.close for camera in self._cameras()], "release a render target")
        if self._level is not None:
            try_each([self._level.close], "put the level back in order")

    @property
    def _found(self) -> Optional[Prepared]:
        return None if self._level is None else self._level.found

    def _cameras(self) -> List[Capture]:
        cameras = (self._color, self._ids, self._depth, self._alone)
        return [camera for camera in cameras if camera is not None]

    def _follow_with_viewport(self, camera: CameraPose) -> None:
        # Texture streaming looks at viewports only, never at captures.
        self._viewport.set_level_viewport_camera_info(unreal.Vector(*camera.location_cm), rotator(camera.rotation_deg))
