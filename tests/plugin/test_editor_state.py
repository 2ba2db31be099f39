"""The user's level while frames are made in it: what marks it as changed, and who may have done so."""

from __future__ import annotations

import gc
import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from editor_bench import settling_of
from in_process import InProcess, in_process
from test_profiles import IN_LEVEL, LEVEL_PROGRAM

from unrealsynth.embedded import unreal
from unrealsynth.embedded.profiles import usual_switches
from unrealsynth.embedded.unreal._levels import SavedLevel
from unrealsynth_plugin.core.contract import Heartbeat, Job, Model, ObjectClass
from unrealsynth_plugin.core.settings import Light
from unrealsynth_plugin.errors import PluginError

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
        assert f"In this engine version, placing objects marks {LEVEL} as changed" in heartbeat.error
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


FROM_ABOVE = Light(sun_azimuth=200.0, sun_elevation=60.0, sun_intensity=3.0, sky_brightness=0.5)
SUN = (9.0, -40.0, 30.0)
"""Of the level: intensity, pitch and yaw."""


def sun() -> tuple[float, float, float]:
    for actor in unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors():
        if isinstance(actor, unreal.DirectionalLight):
            turn = actor.get_actor_rotation()
            return round(actor.light_component.intensity, 3), round(turn.pitch, 3), round(turn.yaw, 3)
    raise LookupError("There is no sun.")


def under_the_sun(bench: InProcess, frames: int = 3, **changes: Any) -> Job:
    """A job in the level that moves its sun."""
    job = bench.job(
        environments=(IN_LEVEL,), frames=tuple((k, 0) for k in range(frames)), max_uncollected=frames, **changes
    )
    return replace(job, randomization=replace(job.randomization, light=FROM_ABOVE))


def in_a_frame(bench: InProcess, action: Callable[[], object]) -> list[str]:
    """Has the user do something once while frames are made, at the beginning of a frame; returns the job's states."""
    states: list[str] = []

    def act(_: float) -> None:
        job = next(iter(bench.root.glob("jobs/*/frames/000000/frame.json")), None)
        if job is None or states:
            return
        job_id = job.parents[2].name
        states.append(bench.queue.state(job_id))
        action()
        states.append(bench.queue.state(job_id))

    unreal.register_slate_pre_tick_callback(act)
    return states


def save() -> None:
    unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).save_current_level()


@pytest.mark.parametrize("ticks_before", [0, 1])
def test_a_save_that_ticks_before_it_writes_keeps_nothing_of_ours(
    tmp_path: Path, shared_renderer: Renders, ticks_before: int
) -> None:
    """A progress bar, for the collection of garbage before a package is written, ticks Slate in the same frame."""
    with in_level(tmp_path, shared_renderer) as bench:
        load()
        seen: list[tuple[float, float, float]] = []

        def save_under_a_bar() -> None:
            seen.append(sun())
            for _ in range(ticks_before):
                bench.engine.tick_slate()
            save()
            bench.engine.tick_slate()
            seen.append(sun())

        in_a_frame(bench, save_under_a_bar)
        heartbeat = bench.run(under_the_sun(bench))
        assert heartbeat.state == "done", heartbeat.error
        assert seen == [(3.0, -60.0, -160.0), SUN]
        load()
        assert sun() == SUN


def test_a_job_that_is_cancelled_ends_after_the_save(tmp_path: Path, shared_renderer: Renders) -> None:
    """In its midst another level would be opened."""
    with in_level(tmp_path, shared_renderer) as bench:
        written: list[str] = []
        levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
        levels.on_post_save_world.add_callable(lambda _flags, world, _saved: written.append(world.get_path_name()))
        job = under_the_sun(bench)

        def cancel_and_save() -> None:
            bench.queue.cancel(job.id)
            save()

        in_a_frame(bench, cancel_and_save)
        assert bench.run(job).state == "cancelled"
        assert written == [f"{LEVEL}.Terrace"]
        assert bench.engine.world.get_path_name().startswith("/Temp/")


@pytest.mark.parametrize("way", ["the light", "its actor's file alone"])
def test_a_light_with_a_file_of_its_own_is_never_saved_as_ours(
    tmp_path: Path, shared_renderer: Renders, way: str
) -> None:
    """Nobody is told of such a save."""
    with in_level(tmp_path, shared_renderer, partitioned=True) as bench:

        def edit() -> None:
            actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors()
            [light] = [actor for actor in actors if isinstance(actor, unreal.DirectionalLight)]
            if way == "the light":
                light.light_component.set_editor_property("cast_shadows", False)
            else:
                light.set_actor_label("Sun of mine")

        in_a_frame(bench, edit)
        heartbeat = bench.run(under_the_sun(bench, frames=30))
        assert heartbeat.state == "failed" and heartbeat.error is not None
        assert heartbeat.error.startswith("Sun was edited while a run had changed it")
        assert [name.rsplit("/", 1)[0] for name in changed()] == ["/Game/__ExternalActors__/Maps/Terrace"]
        assert sun() == SUN
        unreal.EditorLoadingAndSavingUtils.save_dirty_packages(True, False)
        load()
        assert sun() == SUN


def test_other_actors_may_be_edited_meanwhile(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_level(tmp_path, shared_renderer, partitioned=True) as bench:

        def edit() -> None:
            unreal.get_editor_subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(
                unreal.PointLight, unreal.Vector()
            )

        in_a_frame(bench, edit)
        heartbeat = bench.run(under_the_sun(bench))
        assert heartbeat.frames_done == 3
        assert bench.engine.world.get_path_name() == f"{LEVEL}.Terrace"
        assert sun() == SUN


@pytest.mark.parametrize("opened", [LEVEL, "/Game/Maps/Other"])
def test_a_level_that_the_user_opens_ends_the_job_when_it_is_open(
    tmp_path: Path, shared_renderer: Renders, opened: str
) -> None:
    """Its progress bar ticks while there is no world at all, which is no sign of playing."""
    with in_level(tmp_path, shared_renderer) as bench:
        levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
        bench.engine._levels["/game/maps/other"] = SavedLevel()
        states = in_a_frame(bench, lambda: levels.load_level(opened))
        heartbeat = bench.run(under_the_sun(bench))
        assert states == ["running", "paused"]
        assert heartbeat.state == "failed"
        name = opened.rsplit("/", 1)[1]
        assert heartbeat.error == (
            f"Another level ({opened}.{name}) was opened while frames were made; start the run again to go on."
        )
        # It stays as the user opened it.
        assert bench.engine.world.get_path_name() == f"{opened}.{name}"
        assert not [text for severity, text in bench.log if severity == "Error" and "could not" in text]


class _Restless(unreal.StaticMeshActor):
    """Marks its level as changed as it is loaded."""

    _abstract = False

    def _build(self) -> None:
        super()._build()
        self._world._mark_dirty()


@pytest.mark.parametrize("when", ["as it is loaded", "in its first tick"])
def test_a_level_that_changes_itself_is_told_from_what_we_place(
    tmp_path: Path, shared_renderer: Renders, when: str
) -> None:
    with in_level(tmp_path, shared_renderer) as bench:
        if when == "as it is loaded":
            load()
            unreal.get_editor_subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(_Restless, unreal.Vector())
            save()
            unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
        else:
            is_new = [True]

            def settle_in(_: float) -> None:
                if is_new[0] and "Terrace" in bench.engine.world.get_path_name():
                    is_new[0] = False
                    bench.engine.world._mark_dirty()

            unreal.register_slate_pre_tick_callback(settle_in)
        heartbeat = bench.run(bench.job(environments=(IN_LEVEL,)))
        assert heartbeat.error == (
            f"The level {LEVEL} changes itself as it is opened ({LEVEL}), and is left open; save it once and start "
            "again."
        )
        assert bench.engine.world.get_path_name() == f"{LEVEL}.Terrace"
        assert own_actors(bench) == []


def test_a_level_that_changes_itself_as_it_is_loaded_is_known_at_once(tmp_path: Path, shared_renderer: Renders) -> None:
    """Also where nothing is placed, but looked for."""
    with in_level(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin.compatibility import Settings
        from unrealsynth_plugin.editor_state import EditorState

        load()
        unreal.get_editor_subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(_Restless, unreal.Vector())
        save()
        unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
        with pytest.raises(PluginError, match="changes itself as it is opened"):
            EditorState(Settings(), bench.residence.journal).open_level(LEVEL)


def test_a_level_that_changes_itself_is_used_where_the_user_has_allowed_it(
    tmp_path: Path, shared_renderer: Renders
) -> None:
    with in_level(tmp_path, shared_renderer) as bench:
        load()
        unreal.get_editor_subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(_Restless, unreal.Vector())
        save()
        unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
        heartbeat = bench.run(bench.job(environments=(IN_LEVEL,), leave_unsaved=True))
        assert heartbeat.state == "done", heartbeat.error


def test_each_level_keeps_the_view_of_its_own(tmp_path: Path, shared_renderer: Renders) -> None:
    viewport = unreal.UnrealEditorSubsystem

    def look(x: float) -> None:
        unreal.get_editor_subsystem(viewport).set_level_viewport_camera_info(unreal.Vector(x, 0, 0), unreal.Rotator())

    def seen() -> float:
        found = unreal.get_editor_subsystem(viewport).get_level_viewport_camera_info()
        assert found is not None
        return float(found[0].x)

    with in_level(tmp_path, shared_renderer) as bench:
        load()
        look(1.0)
        save()
        levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
        levels.new_level("/Game/Maps/Home")
        levels.save_current_level()
        look(2.0)
        in_a_frame(bench, save)
        assert bench.run(under_the_sun(bench)).error is None
        assert bench.engine.world.get_path_name() == "/Game/Maps/Home.Home"
        assert seen() == 2.0
        load()
        assert seen() == 1.0, "the view of another level was saved with it"


def test_a_view_is_not_put_back_into_a_level_that_the_user_opened(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_level(tmp_path, shared_renderer) as bench:
        levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
        viewport = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
        levels.new_level("/Game/Maps/Other")
        viewport.set_level_viewport_camera_info(unreal.Vector(5, 0, 0), unreal.Rotator())
        levels.save_current_level()
        unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
        viewport.set_level_viewport_camera_info(unreal.Vector(2, 0, 0), unreal.Rotator())
        in_a_frame(bench, lambda: levels.load_level("/Game/Maps/Other"))
        assert bench.run(under_the_sun(bench)).state == "failed"
        assert viewport.get_level_viewport_camera_info()[0].x == 5.0


def test_an_editor_that_closes_touches_nothing_any_more(tmp_path: Path, shared_renderer: Renders) -> None:
    """The journal is for the next start. Python ends the job's steps, if nothing else has, as late as with itself."""
    with in_level(tmp_path, shared_renderer) as bench:
        folder = bench.submit(under_the_sun(bench, frames=30))
        settling = settling_of(folder, bench.told.append)
        while not (folder / "frames" / "000000" / "frame.json").exists():
            settling.advance()
            bench.engine.tick(1 / 60)
        journal = bench.residence.journal
        kinds = [note["kind"] for note in journal.notes()]
        assert kinds == ["frames", "viewport", "throttle"]
        bench.log.clear()
        bench.engine.close()
        # Python lets go of everything.
        bench.engine.post_tick._functions.clear()
        bench.engine.shutdown._functions.clear()
        bench.queue = None  # type: ignore[assignment]
        gc.collect()
        assert [note["kind"] for note in journal.notes()] == kinds
        assert [text for severity, text in bench.log if severity != "Info"] == []


@pytest.mark.parametrize("what", ["object 0", "camera"])
def test_what_the_user_undoes_or_deletes_is_named(tmp_path: Path, shared_renderer: Renders, what: str) -> None:
    with in_level(tmp_path, shared_renderer) as bench:

        def delete() -> None:
            [ours] = [each for each in bench.engine.world._actors.values() if each._label == f"UnrealSynth {what}"]
            ours.destroy_actor()

        in_a_frame(bench, delete)
        heartbeat = bench.run(under_the_sun(bench))
        assert heartbeat.error == (
            "Something that UnrealSynth had placed to make frames was undone or deleted; start the run again."
        )
        assert own_actors(bench) == []


def test_trouble_with_the_light_keeps_nothing_of_ours_in_the_level(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_level(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin.compatibility import Settings
        from unrealsynth_plugin.editor_state import EditorState
        from unrealsynth_plugin.level_light import LevelLight
        from unrealsynth_plugin.levels import LevelStage
        from unrealsynth_plugin.stage import solid_actor

        def fail(_: object) -> None:
            raise Exception("gone")

        load()
        monkeypatch.setattr(LevelLight, "restore", fail)
        editor = EditorState(Settings(), bench.residence.journal)
        stage = LevelStage(IN_LEVEL, Settings(), editor)
        for _ in stage.survey(None, ()):
            bench.engine.tick(1 / 60)
        cube = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube")
        for number in range(3):
            solid_actor(f"object {number}", cube)
        assert editor.before_save and editor.checks
        stage.close()
        assert own_actors(bench) == [] and not editor.before_save and not editor.checks
        assert "UnrealSynth could not put the level back in order: gone" in [text for _, text in bench.log]
