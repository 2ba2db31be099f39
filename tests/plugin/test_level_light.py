"""Sun and sky lights of a level while frames are made in it, and afterwards."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from in_process import InProcess, in_process
from test_profiles import IN_LEVEL, LEVEL_PROGRAM

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal import sky
from unrealsynth_plugin.core.contract import SceneLight
from unrealsynth_plugin.errors import PluginError

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders
    from unrealsynth_plugin.level_light import LevelLight

KEPT = SceneLight(None, None, None, None, None)
Values = tuple[bool, str, str, float]


@pytest.fixture
def bench(tmp_path: Path, shared_renderer: Renders) -> Iterator[InProcess]:
    """An engine with the level open."""
    with in_process(tmp_path, shared_renderer) as made:
        runpy.run_path(str(LEVEL_PROGRAM), {"LEVEL": "Terrace", "PARTITIONED": False})
        load()
        yield made


def load() -> None:
    unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).load_level("/Game/Maps/Terrace")


def save() -> None:
    unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).save_current_level()


def sky_light() -> Any:
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors()
    return next(actor.light_component for actor in actors if isinstance(actor, unreal.SkyLight))


def make_live(component: Any, *, cube: bool = False) -> None:
    """Has a sky light capture in real time, as the engine's own templates do."""
    component.set_mobility(unreal.ComponentMobility.STATIONARY)
    if cube:
        component.set_editor_property("source_type", unreal.SkyLightSourceType.SLS_SPECIFIED_CUBEMAP)
    component.set_real_time_capture(True)


def values(component: Any) -> Values:
    return component.real_time_capture, component.mobility.name, component.source_type.name, component.intensity


def is_changed() -> bool:
    return len(unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages()) > 0


def apply(light: SceneLight = KEPT) -> Callable[[], None]:
    """Applies a light to the open level; returns what puts it back."""
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.level_light import LevelLight

    made = LevelLight(Settings())
    made.apply(light)
    return made.restore


@pytest.mark.parametrize("cube", [False, True])
def test_a_live_sky_light_is_captured_though_the_light_is_kept(bench: InProcess, cube: bool) -> None:
    """A cube map that it has besides is not what it showed."""
    make_live(sky_light(), cube=cube)
    save()
    found = values(sky_light())
    assert found == (True, "STATIONARY", "SLS_SPECIFIED_CUBEMAP" if cube else "SLS_CAPTURED_SCENE", 1.0)
    assert sky_light()._scene_sky_light().source is None, "no scene capture ever fills it"
    restore = apply()
    bench.engine.tick(1 / 60)
    assert values(sky_light()) == (False, "STATIONARY", "SLS_CAPTURED_SCENE", 1.0)
    assert sky_light()._scene_sky_light().source is not None
    restore()
    assert values(sky_light()) == found
    assert not is_changed()


def test_what_is_not_live_is_left_alone(bench: InProcess) -> None:
    component = sky_light()
    component.set_mobility(unreal.ComponentMobility.STATIC)
    found = values(component)
    apply()
    assert values(component) == found
    # On a static light the flag means nothing.
    component.set_mobility(unreal.ComponentMobility.MOVABLE)
    component.set_real_time_capture(True)
    component.set_mobility(unreal.ComponentMobility.STATIC)
    found = values(component)
    apply()
    assert values(component) == found


@pytest.mark.parametrize("switch", ["visibility", "affects_world"])
def test_a_sky_light_that_is_off_stays_off(bench: InProcess, switch: str) -> None:
    component = sky_light()
    make_live(component)
    if switch == "visibility":
        component.set_visibility(False)
    else:
        component.set_editor_property("affects_world", False)
    found = values(component)
    apply(SceneLight(None, 50.0, None, None, 2.0))
    assert values(component) == found


def test_of_several_sky_lights_each_follows(bench: InProcess) -> None:
    """The engine shows the one that was switched on last, which nobody can ask for."""
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    both = [sky_light(), actors.spawn_actor_from_class(unreal.SkyLight, unreal.Vector()).light_component]
    for component in both:
        make_live(component)
    restore = apply(SceneLight(None, None, None, None, 0.5))
    assert [values(component)[::3] for component in both] == [(False, 0.5), (False, 0.5)]
    restore()
    assert [values(component)[::3] for component in both] == [(True, 1.0), (True, 1.0)]


def test_the_sky_is_captured_again_when_the_sun_has_moved(bench: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.level_light import LevelLight

    make_live(sky_light())
    captures: list[object] = []
    recapture = sky.SkyLightComponent.recapture_sky

    def count(self: sky.SkyLightComponent) -> None:
        captures.append(self)
        recapture(self)

    light = LevelLight(Settings())
    light.apply(SceneLight(None, 20.0, None, None, None))
    monkeypatch.setattr(sky.SkyLightComponent, "recapture_sky", count)
    light.apply(SceneLight(None, 20.0, None, None, None))
    assert len(captures) == 0
    light.apply(SceneLight(None, 70.0, None, None, None))
    assert len(captures) == 1
    light.restore()
    captures.clear()
    light.apply(SceneLight(None, 70.0, None, None, None))
    assert len(captures) > 0, "the sky was captured under the level's own sun"


def test_frames_are_lit_by_the_sky_whatever_kind_of_capture_the_level_has(bench: InProcess, tmp_path: Path) -> None:
    """From nothing to a frame; a save meanwhile keeps the level's own, and the frames after it are lit again."""
    pictures: list[bytes] = []
    for live in (False, True):
        if live:
            make_live(sky_light())
            save()
        seen: set[bool] = set()
        frames = tuple((k, 0) for k in range(4))
        job = bench.job(environments=(IN_LEVEL,), frames=frames, max_uncollected=4)

        def watch(folder: Path, seen: set[bool] = seen, job_id: str = job.id) -> None:
            if (folder / "frames" / "000001" / "frame.json").exists() and not (folder / "saved").exists():
                seen.add(bool(sky_light().real_time_capture))
                save()
                (folder / "saved").touch()
            elif bench.queue.state(job_id) == "running":
                seen.add(bool(sky_light().real_time_capture))

        assert bench.run(job, watch).error is None
        assert False in seen
        load()
        assert sky_light().real_time_capture is live
        pictures.append(b"".join((bench.frame(job, k) / "rgb.png").read_bytes() for k, _ in frames))
    assert pictures[0] == pictures[1]


def sun_light() -> Any:
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors()
    return next(actor.light_component for actor in actors if isinstance(actor, unreal.DirectionalLight))


def sun_values() -> tuple[float, float, float, bool, str]:
    sun = sun_light()
    turn = sun.get_world_rotation()
    return round(sun.intensity, 3), round(turn.pitch, 3), round(turn.yaw, 3), sun.use_temperature, sun.mobility.name


ALL = SceneLight(200.0, 60.0, 3.0, 4000.0, 0.5)


def lent(light: SceneLight = ALL) -> LevelLight:
    """The level's light, changed."""
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.level_light import LevelLight

    made = LevelLight(Settings())
    made.apply(light)
    return made


@pytest.mark.usefixtures("bench")
def test_components_that_are_made_anew_are_put_back_all_the_same() -> None:
    """As those of a Blueprint are whenever its user edits it; changed values are carried over."""
    make_live(sky_light())
    sun_light().set_mobility(unreal.ComponentMobility.STATIONARY)
    found = sun_values(), values(sky_light())
    light = lent()
    for component in (sun_light(), sky_light()):
        component.get_owner()._rerun_construction_scripts()
    light.check(set())
    light.apply(SceneLight(100.0, 30.0, 2.0, 5000.0, 0.25))
    assert sun_values() == (2.0, -30.0, 100.0, True, "MOVABLE")
    light.restore()
    assert (sun_values(), values(sky_light())) == found


@pytest.mark.usefixtures("bench")
def test_what_the_user_edits_is_not_put_back() -> None:
    light = lent()
    sun_light().set_intensity(7.0)
    with pytest.raises(
        PluginError, match=r"^Sun was edited \(intensity\) while a run had changed it.* leave `light` out"
    ):
        light.check(set())
    assert sun_values() == (7.0, -40.0, 30.0, False, "MOVABLE")
    assert values(sky_light())[3] == 1.0


@pytest.mark.usefixtures("bench")
def test_a_light_that_the_user_deletes_ends_the_job() -> None:
    light = lent()
    sun_light().get_owner().destroy_actor()
    with pytest.raises(PluginError, match=r"^Sun was deleted or made anew while a run had changed it"):
        light.check(set())
    assert values(sky_light())[3] == 1.0


@pytest.mark.usefixtures("bench")
def test_a_live_sky_light_is_changed_without_the_recipes_light_and_nobody_is_told_to_leave_that_out() -> None:
    make_live(sky_light())
    light = lent(KEPT)
    sky_light().set_real_time_capture(True)
    with pytest.raises(PluginError, match=r"was edited \(real_time_capture\) while a run had changed it") as error:
        light.check(set())
    assert "`light`" not in str(error.value)


@pytest.mark.usefixtures("bench")
def test_what_becomes_movable_with_a_light_is_put_back_too() -> None:
    lamp = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(
        unreal.StaticMeshActor, unreal.Vector()
    )
    rule = unreal.AttachmentRule.KEEP_WORLD
    sun_light().set_mobility(unreal.ComponentMobility.STATIC)
    lamp.static_mesh_component.attach_to_component(sun_light(), "None", rule, rule, rule)
    light = lent()
    assert lamp.static_mesh_component.mobility == unreal.ComponentMobility.MOVABLE
    light.restore()
    assert sun_light().mobility == unreal.ComponentMobility.STATIC
    assert lamp.static_mesh_component.mobility == unreal.ComponentMobility.STATIC


@pytest.mark.usefixtures("bench")
def test_trouble_with_one_light_keeps_no_other_from_being_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    light = lent()

    def fail(*_: object) -> None:
        raise Exception("gone")

    monkeypatch.setattr(unreal.DirectionalLightComponent, "set_intensity", fail)
    light.restore()
    assert sun_values()[1:] == (-40.0, 30.0, False, "MOVABLE")
    assert values(sky_light())[3] == 1.0


def test_setters_that_an_engine_lacks_are_left_out(bench: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """As 5.3 and 5.4 may."""
    make_live(sky_light())
    found = sun_values(), values(sky_light())
    monkeypatch.delattr(unreal.SkyLightComponent, "set_real_time_capture")
    monkeypatch.delattr(unreal.LightComponent, "set_use_temperature")
    light = lent()
    assert sun_values()[:3] == (3.0, -60.0, -160.0)
    light.restore()
    assert (sun_values(), values(sky_light())) == found
    assert bench.left_out() == {
        "DirectionalLightComponent.set_use_temperature",
        "SkyLightComponent.set_real_time_capture",
    }
