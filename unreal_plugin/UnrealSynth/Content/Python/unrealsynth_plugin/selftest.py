"""The self-test: pictures of known things, in blank maps of its own, for somebody outside to judge.

A section that fails is told in the report and keeps none of the others from being carried out.
"""

from __future__ import annotations

import platform
import time
import traceback
from functools import partial
from typing import Callable, Generator, List, Optional, Tuple

import unreal

from unrealsynth_plugin import VERSION, environment, inventory, testscenes, viewport
from unrealsynth_plugin.capture import Capture
from unrealsynth_plugin.compatibility import Settings, try_each
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import Job
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.selftest import FULL, Section, SelfTestReport, TakenPicture
from unrealsynth_plugin.core.spool_files import SELFTEST
from unrealsynth_plugin.editor_state import EditorState
from unrealsynth_plugin.exposure import measure_exposure
from unrealsynth_plugin.jobs import Progress, Steps
from unrealsynth_plugin.models import import_models
from unrealsynth_plugin.open_world import finish_loading
from unrealsynth_plugin.settling import measure_settling
from unrealsynth_plugin.spool import JobFolder, Spool, patiently, write_json
from unrealsynth_plugin.vectors import vec3

_VIEWPORT: Section = "viewport"
"""The one section that an editor may be unable to take part in."""
_WARM_TICKS = 4
"""Captures before the one that counts: a new material shows, and the renderer has met every mesh."""
_TIMED_TICKS = 60


class SelfTest:
    """One self-test. The editor is borrowed by whoever runs it."""

    def __init__(self, job: Job, folder: JobFolder, spool: Spool, settings: Settings, editor: EditorState) -> None:
        self._job = job
        self._editor = editor
        self._folder = folder
        self._spool = spool
        self._settings = settings
        self._pictures: List[TakenPicture] = []
        self._failures: List[Tuple[Section, str]] = []
        self._not_measured: List[Tuple[Section, str]] = []
        self._bounds_cm: Optional[Tuple[Vec3, Vec3]] = None
        self._exposure_ev: Optional[float] = None
        self._sky_ticks: Optional[int] = None
        self._ticks_hz: Optional[float] = None

    def run(self, progress: Progress) -> Steps:
        """Carries out all sections that the job asks for, and writes the report."""
        sections: List[Tuple[Section, Callable[[], Steps]]] = [
            ("ids", lambda: self._shoot("ids", testscenes.overlapping_cubes)),
            ("level ids", lambda: self._shoot("level ids", testscenes.overlapping_cubes_in_a_level)),
            ("alone", lambda: self._shoot("alone", testscenes.covered_cube_alone)),
            ("projection", lambda: self._shoot("projection", testscenes.scattered_cubes)),
        ]
        if self._job.selftest == FULL:
            sections += [
                ("depth", lambda: self._shoot("depth", testscenes.cubes_at_ten_metres)),
                ("cards", lambda: self._shoot("cards", testscenes.grey_cards)),
                (_VIEWPORT, self._photograph_viewport),
                ("axes", self._import),
                ("sky", self._move_sun),
                ("ticks", self._time_ticks),
            ]
        progress.frames_total = len(sections)
        for name, section in sections:
            progress.announce("preparing", f"self-test: {name}")
            yield
            self._editor.open_blank_map()
            try:
                yield from section()
            except Exception as error:
                # A plain Exception is all that Unreal raises; here it is a finding like any other.
                unreal.log_warning(f"UnrealSynth: self-test {name}: {traceback.format_exc()}")
                told = self._not_measured if name == _VIEWPORT else self._failures
                told.append((name, f"{type(error).__name__}: {error}"[:500]))
            self._editor.know_own_changes()
            progress.frames_done += 1
        report = encode(self._report())
        yield from patiently(partial(write_json, self._folder.path / SELFTEST, report))

    def _report(self) -> SelfTestReport:
        return SelfTestReport(
            extent=self._job.selftest or FULL,
            engine_version=str(unreal.SystemLibrary.get_engine_version()),
            plugin_version=VERSION,
            python_version=platform.python_version(),
            platform=platform.platform(),
            symbols=inventory.symbols(),
            defaults=inventory.defaults(),
            console_variables=environment.describe()["console_variables"],
            pictures=tuple(self._pictures),
            bounds_cm=self._bounds_cm,
            exposure_ev=self._exposure_ev,
            sky_ticks=self._sky_ticks,
            ticks_hz=self._ticks_hz,
            optional=inventory.optional(),
            left_out=tuple(self._settings.missing),
            failures=tuple(self._failures),
            not_measured=tuple(self._not_measured),
        )

    def _shoot(self, section: Section, build: Callable[[Settings], List[testscenes.Shot]]) -> Steps:
        shots = build(self._settings)
        try:
            for shot in shots:
                shot.camera.aim(shot.view)
            yield from self._warm_up([shot.camera for shot in shots])
            for shot in shots:
                shot.camera.shoot()
                self._export(section, shot)
        finally:
            _close([shot.camera for shot in shots])

    def _photograph_viewport(self) -> Steps:
        shot = testscenes.grey_cards_in_viewport(self._settings)
        try:
            waiting = self._spool.file("viewport.png")
            trouble = yield from viewport.photograph(
                self._folder.path / shot.file, waiting, shot.camera.resolution, shot.view
            )
        finally:
            _close([shot.camera])
        if trouble is not None:
            self._not_measured.append((_VIEWPORT, trouble))
            return
        picture = TakenPicture(shot.file, _VIEWPORT, shot.view, shot.camera.resolution, shot.targets)
        self._pictures.append(picture)

    def _move_sun(self) -> Steps:
        """The same shaded face under a high and a low sun, at the exposure of the first."""
        scene = testscenes.ShadedFace(self._spool, self._settings)
        try:
            scene.light(scene.high)
            scene.camera.aim(scene.view)
            yield from self._warm_up([scene.camera])
            exposure = yield from measure_exposure(scene.camera, scene.light, scene.view, scene.high)
            if exposure.doubt is not None:
                unreal.log_warning(f"UnrealSynth: {exposure.doubt}")
            self._exposure_ev = exposure.ev
            self._sky_ticks = yield from measure_settling(scene.camera, scene.light, scene.view, scene.high)
            scene.camera.aim(scene.view)
            for file, light in (("high_sun.png", scene.high), ("low_sun.png", scene.low)):
                scene.light(light)
                yield from self._warm_up([scene.camera], self._sky_ticks + _WARM_TICKS)
                scene.camera.shoot()
                self._export("sky", testscenes.Shot(file, scene.camera, scene.view, (scene.target,)))
        finally:
            _close([scene.camera])

    def _import(self) -> Steps:
        meshes = yield from import_models(self._job.models, self._spool, self._settings, lambda _note: None)
        for mesh in meshes.values():
            box = mesh.get_bounding_box()
            self._bounds_cm = vec3(box.min), vec3(box.max)

    def _time_ticks(self) -> Steps:
        started = time.perf_counter()
        for _ in range(_TIMED_TICKS):
            yield
        self._ticks_hz = _TIMED_TICKS / max(time.perf_counter() - started, 1e-6)

    def _warm_up(self, cameras: List[Capture], ticks: int = _WARM_TICKS) -> Generator[None, None, None]:
        finish_loading()
        for _ in range(ticks):
            for camera in cameras:
                camera.shoot()
            yield

    def _export(self, section: Section, shot: testscenes.Shot) -> None:
        shot.camera.export(self._folder.path / shot.file)
        picture = TakenPicture(shot.file, section, shot.camera.pose(), shot.camera.resolution, shot.targets)
        self._pictures.append(picture)


def _close(cameras: List[Capture]) -> None:
    try_each([camera.close for camera in cameras], "release a render target")
