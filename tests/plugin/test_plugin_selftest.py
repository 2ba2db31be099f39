"""The self-test finds out what an engine does otherwise than labels and pictures rely on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from in_process import InProcess, in_process
from numpy.typing import NDArray
from PIL import Image

from unrealsynth.embedded import gltf, unreal
from unrealsynth.embedded.renderer.scene import Grading, Scene, View
from unrealsynth.embedded.switches import Switches
from unrealsynth.embedded.unreal import render_targets
from unrealsynth.selftest import asymmetric_glb
from unrealsynth.testpictures import MODEL_BOUNDS_CM, Check, judge
from unrealsynth_plugin.core.codec import decode
from unrealsynth_plugin.core.contract import Heartbeat, Model
from unrealsynth_plugin.core.selftest import SelfTestReport

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

    Patch = pytest.MonkeyPatch

SECTIONS = ("ids", "level ids", "alone", "projection", "depth", "cards", "viewport", "sky")


class Otherwise:
    """A renderer that sees the world through `view`, and whose stencil and depth go through functions."""

    def __init__(
        self,
        inner: Renders,
        view: Callable[[View], View] = lambda view: view,
        stencil: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = lambda ids: ids,
        depth: Callable[[NDArray[np.float32], View], NDArray[np.float32]] = lambda depth, _: depth,
    ) -> None:
        self._inner, self._view, self._stencil, self._depth = inner, view, stencil, depth

    def color(self, scene: Scene, view: View, grading: Grading) -> NDArray[np.uint8]:
        return self._inner.color(scene, self._view(view), grading)

    def linear(self, scene: Scene, view: View, exposure_ev: float) -> NDArray[np.float32]:
        return self._inner.linear(scene, self._view(view), exposure_ev)

    def stencil(self, scene: Scene, view: View) -> NDArray[np.uint8]:
        return self._stencil(self._inner.stencil(scene, self._view(view)))

    def depth(self, scene: Scene, view: View) -> NDArray[np.float32]:
        return self._depth(self._inner.depth(scene, self._view(view)), view)


def vertical_when_portrait(view: View) -> View:
    """The field of view along the longer side, as many engines have it."""
    if view.height <= view.width:
        return view
    half = math.tan(math.radians(view.fov_deg) / 2) * view.width / view.height
    return replace(view, fov_deg=2 * math.degrees(math.atan(half)))


def rolled_the_other_way(view: View) -> View:
    pitch = math.asin(view.forward[2])
    angle = 2 * math.asin(-view.right[2] / math.cos(pitch))
    right, up = np.array(view.right), np.array(view.up)
    turned = math.cos(angle) * right + math.sin(angle) * up, math.cos(angle) * up - math.sin(angle) * right
    assert abs(turned[0][2] + view.right[2]) < 1e-9
    return replace(view, right=tuple(turned[0]), up=tuple(turned[1]))


def along_the_ray(depth: NDArray[np.float32], view: View) -> NDArray[np.float32]:
    focal = view.width / 2 / math.tan(math.radians(view.fov_deg) / 2)
    x = (np.arange(view.width) + 0.5 - view.width / 2)[None, :] / focal
    y = (np.arange(view.height) + 0.5 - view.height / 2)[:, None] / focal
    return np.asarray(depth * np.sqrt(1 + x**2 + y**2), np.float32)


def to_the_right(ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.roll(ids, 1, axis=1)


def blended(ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As with edge smoothing on."""
    return np.asarray((ids.astype(int) + np.roll(ids, 1, axis=1)) // 2, np.uint8)


def other_axes(patch: Patch) -> None:
    load = gltf.load_glb

    def swapped(file: Path, *rules: Any) -> Any:
        mesh = load(file, *rules)
        parts = tuple(replace(part, positions=part.positions[:, [1, 0, 2]]) for part in mesh.primitives)
        return replace(mesh, primitives=parts)

    patch.setattr(gltf, "load_glb", swapped)


def empty_exports(patch: Patch) -> None:
    def export(_: object, __: object, file_path: str, file_name: str) -> None:
        (Path(file_path) / file_name).write_bytes(b"")

    patch.setattr(render_targets.RenderingLibrary, "export_render_target", staticmethod(export))
    patch.setattr(unreal.ImageWriteBlueprintLibrary, "export_to_disk", staticmethod(lambda *_: None))


def no_depth_comparison(patch: Patch) -> None:
    """The material does not compile: Unreal shows its default one, here the picture shines through."""
    recompile = unreal.MaterialEditingLibrary.recompile_material

    def fail(material: unreal.Material) -> None:
        recompile(material)
        if material.get_name().endswith("InLevel"):
            material._built = False

    patch.setattr(unreal.MaterialEditingLibrary, "recompile_material", staticmethod(fail))


def everything_is_shown(patch: Patch) -> None:
    patch.setattr(unreal.SceneCaptureComponent2D, "_shows", lambda *_: True)


def effects_stay(patch: Patch) -> None:
    from unrealsynth_plugin import passes

    patch.setattr(passes._LevelEffects, "off", lambda _: nullcontext())


BOTH = {"projection, landscape", "projection, portrait"}
IDS = {"instance ids", "ids in a level", "one object alone"}
OCCLUDED = {"instance ids", "ids in a level"}
PICTURES = {"ids", "level ids", "alone", "projection", "depth", "cards", "sky"}
BLEND = {"volumes_blend": True}
ENGINES: list[Any] = [
    pytest.param({}, None, None, set(), id="as it should be"),
    pytest.param({"view": vertical_when_portrait}, None, None, {"projection, portrait"}, id="vertical field of view"),
    pytest.param({"stencil": np.fliplr}, None, None, {*OCCLUDED, *BOTH}, id="mirrored"),
    pytest.param({"view": rolled_the_other_way}, None, None, BOTH, id="roll the other way"),
    pytest.param({"stencil": to_the_right}, None, None, {"one object alone", *BOTH}, id="a pixel to the right"),
    pytest.param({"stencil": blended}, None, None, {*IDS, *BOTH}, id="smoothed ids"),
    pytest.param({"depth": along_the_ray}, None, None, {"planar depth"}, id="depth along the ray"),
    pytest.param({}, {"stencil_in_captures": False}, None, {*IDS, *BOTH}, id="no stencil in captures"),
    pytest.param({}, None, no_depth_comparison, {"ids in a level"}, id="depths are not compared"),
    pytest.param({}, None, everything_is_shown, {"one object alone"}, id="no list of what is shown"),
    pytest.param({}, BLEND, None, set(), id="a level's effects"),
    pytest.param({}, BLEND, effects_stay, {"ids in a level"}, id="a level's effects over the ids"),
    pytest.param({}, {"target_gamma_counts": False}, None, {"grey cards"}, id="dark pictures"),
    pytest.param({}, {"sky_ticks": 10_000}, None, {"sky light follows the sun"}, id="stale sky light"),
    pytest.param({}, None, other_axes, {"axes"}, id="other axes"),
    pytest.param({}, None, empty_exports, PICTURES, id="empty exports"),
]
USES = {
    **dict.fromkeys(("ids", "instance ids", "projection", *BOTH), "labels"),
    **dict.fromkeys(("level ids", "ids in a level"), "levels"),
    **dict.fromkeys(("alone", "one object alone"), "visibility"),
}
"""What must not be made where a check or a section fails; all other checks are of pictures for the eye."""


def carry_out(bench: InProcess, extent: str = "full") -> tuple[Heartbeat, SelfTestReport, list[Check]]:
    glb = asymmetric_glb()
    digest = sha256(glb).hexdigest()
    (bench.root / "models" / f"{digest}.glb").write_bytes(glb)
    model = Model("axes", f"models/{digest}.glb", digest, MODEL_BOUNDS_CM, MODEL_BOUNDS_CM)
    job = bench.job(frames=(), models=(model,), classes=(), environments=(), selftest=extent)
    heartbeat = bench.run(job)
    folder = bench.root / "jobs" / job.id
    assert heartbeat.state == "done", heartbeat.error_details
    report = decode(SelfTestReport, json.loads((folder / "selftest.json").read_text(encoding="utf-8")))
    return heartbeat, report, judge(report, folder)


@pytest.mark.parametrize(("renderer", "switches", "patch", "failing"), ENGINES)
def test_what_is_wrong_is_found(
    tmp_path: Path,
    shared_renderer: Renders,
    monkeypatch: pytest.MonkeyPatch,
    renderer: dict[str, Any],
    switches: dict[str, Any] | None,
    patch: Callable[[Patch], None] | None,
    failing: set[str],
) -> None:
    if patch is not None:
        patch(monkeypatch)
    seen_by = Otherwise(shared_renderer, **renderer)
    with in_process(tmp_path, seen_by, switches=replace(Switches(), **(switches or {}))) as bench:
        _, report, checks = carry_out(bench)
        assert len(bench.engine.world._actors) == 0
        assert bench.engine.console_variable("r.CustomDepth") == "1"
    assert {check.name for check in checks if check.ok is False} == failing, [c for c in checks if c.ok is False]
    assert {check.name: check.needed_for for check in checks if check.ok is False} == {
        name: USES.get(name) for name in failing
    }
    assert {picture.section for picture in report.pictures} <= set(SECTIONS)


@pytest.mark.parametrize("version", ["5.3", "5.5", "5.7"])
def test_each_version_passes(tmp_path: Path, shared_renderer: Renders, version: str) -> None:
    with in_process(tmp_path, shared_renderer, version) as bench:
        _, report, checks = carry_out(bench)
    assert report.engine_version.startswith(version)
    wrong = [check for check in checks if check.ok is False]
    assert wrong == [], wrong
    assert viewport_check(checks).ok is True
    assert report.symbols["register_ticker_callback"] is (version == "5.7")
    assert (report.defaults["SceneCaptureComponent2D.overscan"] == "-") is (version < "5.5")


def test_a_quick_one_tests_what_labels_depend_on(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        heartbeat, report, checks = carry_out(bench, "quick")
    assert heartbeat.frames_total == 4
    assert {picture.section for picture in report.pictures} == {"ids", "level ids", "alone", "projection"}
    needed = {check.name: check.needed_for for check in checks if check.needed_for}
    assert needed == {name: USES[name] for name in (*IDS, *BOTH)}


def test_the_open_level_comes_back(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        bench.engine.new_level("/Game/Maps/Mine")
        carry_out(bench, "quick")
        assert bench.engine.world.get_path_name() == "/Game/Maps/Mine.Mine"


def viewport_check(checks: list[Check]) -> Check:
    return next(check for check in checks if check.name == "cards as in the viewport")


def test_cards_are_compared_with_the_viewport(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        _, report, checks = carry_out(bench)
        assert bench.engine.level_viewport.game_view is False
    assert report.not_measured == ()
    check = viewport_check(checks)
    assert check.ok is True
    assert check.values == pytest.approx((26.0, 118.0, 181.0, 214.0), abs=1.0)


@pytest.mark.parametrize(
    ("viewport", "why"), [("hidden", "did not draw its viewport"), ("closed", "no level viewport is open")]
)
def test_a_viewport_that_is_not_drawn_is_not_measured(
    tmp_path: Path, shared_renderer: Renders, viewport: Any, why: str
) -> None:
    with in_process(tmp_path, shared_renderer, switches=Switches(viewport=viewport)) as bench:
        _, report, checks = carry_out(bench)
        assert bench.engine.level_viewport.game_view is False
    assert [name for name, _ in report.not_measured] == ["viewport"]
    check = viewport_check(checks)
    assert (check.ok, check.needed_for) == (None, None)
    assert check.measured.startswith("not measured: ") and why in check.measured
    assert [check for check in checks if check.ok is False] == []


def test_a_picture_that_comes_late_does_not_go_to_a_job(tmp_path: Path, shared_renderer: Renders) -> None:
    """The engine does not forget the request: whichever viewport is drawn next carries it out."""
    with in_process(tmp_path, shared_renderer, switches=Switches(viewport="hidden")) as bench:
        carry_out(bench)
        jobs = bench.root / "jobs"
        before = {path for path in jobs.rglob("*") if path.is_file()}
        bench.engine.switches = replace(bench.engine.switches, viewport="drawn")
        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).editor_invalidate_viewports()
        for _ in range(2):
            bench.engine.tick(1 / 60)
        assert {path for path in jobs.rglob("*") if path.is_file()} == before
        late = bench.root / "viewport.png"
        # Nor does it pass for the picture of a later self-test.
        Image.new("RGB", (8, 8)).save(late)
        _, _, checks = carry_out(bench)
        assert viewport_check(checks).ok is True
        assert not late.exists()


def test_an_engine_without_such_pictures_is_not_measured(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(unreal.AutomationLibrary, "take_high_res_screenshot")
    with in_process(tmp_path, shared_renderer) as bench:
        _, _, checks = carry_out(bench)
        assert bench.engine.level_viewport.game_view is False
    assert viewport_check(checks).measured.startswith("not measured: AttributeError")
    # That the symbol is missing is told, and what it is for.
    assert [check.name for check in checks if check.ok is False] == ["symbols"]


def test_a_viewport_with_settings_of_its_own_fails_nothing(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer, switches=Switches(target_gamma_counts=False)) as bench:
        _, _, checks = carry_out(bench)
    check = viewport_check(checks)
    assert check.ok is None
    assert "may be its own" in check.measured


def test_a_report_that_cannot_be_written_is_no_success(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        monkeypatch.setattr("unrealsynth_plugin.selftest.write_json", lambda *_: False)
        monkeypatch.setattr("unrealsynth_plugin.spool._WRITE_TRIES", 3)
        heartbeat = bench.run(bench.job(selftest="labels", frames=()))
        assert heartbeat.state == "failed" and heartbeat.error is not None
        assert "stays locked by another program" in heartbeat.error
