"""The user's level while frames are made in it: what marks it as changed, and who may have done so."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from in_process import InProcess, in_process
from test_profiles import IN_LEVEL, LEVEL_PROGRAM

from unrealsynth.embedded import unreal
from unrealsynth.embedded.profiles import usual_switches
from unrealsynth_plugin.core.contract import Heartbeat, Model, ObjectClass
from unrealsynth_plugin.core.settings import Light

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

LEVEL = "/Game/Maps/Terrace"


@contextmanager
def in_level(tmp_path: Path, renderer: Renders, *, partitioned: bool = False, **switches: bool) -> Iterator[InProcess]:
    """An editor with the level in its project, and a blank map open."""
    with in_process(tmp_path, renderer, "5.6", replace(usual_switches((5, 6)), **switches)) as bench:  # type: ignore[arg-type]
        runpy.run_path(str(LEVEL_PROGRAM), {"LEVEL": "Terrace", "PARTITIONED": partitioned})
        yield bench


def load() -> None:
    assert unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).load_level(LEVEL)


def changed() -> list[str]:
    return [str(package.get_name()) for package in unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()]


def changed_meanwhile(bench: InProcess, **job: Any) -> tuple[Heartbeat, set[str]]:
    """Makes frames in the level: how that ended, and which levels of the user's were marked before any tick of it."""
    seen: set[str] = set()

    def look(_: Path) -> None:
        seen.update(name for name in changed() if not name.startswith("/Temp/"))

    return bench.run(bench.job(environments=(IN_LEVEL,), **job), look), seen


def own_actors(bench: InProcess) -> list[str]:
    return [actor._label for actor in bench.engine.world._actors.values() if actor._label.startswith("UnrealSynth")]


@pytest.mark.parametrize("opened", ["another map", "the level"])
def test_a_level_that_placing_marks_is_given_back_at_once(
    tmp_path: Path, shared_renderer: Renders, opened: str
) -> None:
    with in_level(tmp_path, shared_renderer, transient_marks_level=True) as bench:
        if opened == "the level":
            load()
        heartbeat, _ = changed_meanwhile(bench)
        assert heartbeat.state == "failed" and heartbeat.error is not None
        assert f"What UnrealSynth places in {LEVEL} marks it as changed in this engine version" in heartbeat.error
        assert not list(bench.root.glob("jobs/*/frames/*/frame.json"))
        # It stays open, with all that the user may have done in it, and with nothing of ours.
        assert bench.engine.world.get_path_name() == f"{LEVEL}.Terrace"
        assert changed() == [LEVEL]
        assert own_actors(bench) == []
        assert bench.engine.console_variable("r.CustomDepth") == "1"
        assert not list(bench.root.glob("editors/*/journal.json"))


def test_it_goes_on_where_the_user_has_allowed_it(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_level(tmp_path, shared_renderer, transient_marks_level=True) as bench:
        heartbeat, _ = changed_meanwhile(bench, leave_unsaved=True)
        assert heartbeat.state == "done", heartbeat.error
        assert any(f"what is placed in {LEVEL} marks it as changed. Edit nothing" in text for _, text in bench.log)


def test_a_change_of_the_users_is_told_from_what_marks_nothing(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_level(tmp_path, shared_renderer) as bench:

        def edit(folder: Path) -> None:
            if list(folder.glob("frames/*/frame.json")):
                bench.engine.world._mark_dirty()

        heartbeat = bench.run(bench.job(environments=(IN_LEVEL,), frames=((0, 0), (1, 0))), edit)
        assert bench.engine.world.get_path_name() == f"{LEVEL}.Terrace", "the user's change is lost"
        assert changed() == [LEVEL]
        assert own_actors(bench) == []
        told = [heartbeat.error or "", *(text for _, text in bench.log)]
        assert any(f"The level {LEVEL} was changed while frames were made, and is left open" in text for text in told)


def test_a_partitioned_level_and_its_light_mark_nothing(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_level(tmp_path, shared_renderer, partitioned=True) as bench:
        job = bench.job()
        light = Light(sun_azimuth=200.0, sun_elevation=60.0, sun_intensity=3.0, sky_brightness=0.5)
        heartbeat, marked = changed_meanwhile(bench, randomization=replace(job.randomization, light=light))
        assert heartbeat.state == "done", heartbeat.error
        assert marked == set()


@pytest.mark.parametrize("assets_mark_level", [False, True])
def test_blueprints_mark_nothing_either(tmp_path: Path, shared_renderer: Renders, assets_mark_level: bool) -> None:
    with in_level(tmp_path, shared_renderer, assets_mark_level=assets_mark_level) as bench:
        cart = bench.engine.assets.put("/Game/Props/BP_Cart", unreal.Blueprint)
        cart._parent = _Cart
        low, high = (-50.0, -50.0, -50.0), (50.0, 50.0, 50.0)
        hull = tuple((x, y, z) for x in (-50.0, 50.0) for y in (-50.0, 50.0) for z in (-50.0, 50.0))
        model = Model("cart", "", "", (low, high), hull, asset="/Game/Props/BP_Cart")
        heartbeat, marked = changed_meanwhile(bench, models=(model,), classes=(ObjectClass("cart", ("cart",)),))
        assert heartbeat.state == "done", (heartbeat.error, heartbeat.error_details)
        assert marked == set()


class _Cart(unreal.StaticMeshActor):
    """A cube of 1 m."""

    _abstract = False

    def _build(self) -> None:
        super()._build()
        cube = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube")
        self.static_mesh_component.set_static_mesh(cube)  # type: ignore[union-attr, arg-type]
