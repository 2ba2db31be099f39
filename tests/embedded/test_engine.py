"""The engine's frame: order, callbacks, compiling, console, log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import ENGINE_VERSION, Engine
from unrealsynth.embedded.log import Log
from unrealsynth.errors import EditorError


class NoRenderer:
    """Nothing here renders."""

    def color(self, *arguments: object) -> Any:
        raise NotImplementedError

    linear = stencil = depth = color


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    made = Engine(tmp_path, NoRenderer())
    yield made
    made.close()


def test_callbacks_are_called_in_order(tmp_path: Path) -> None:
    engine = Engine(tmp_path, NoRenderer(), "5.7.0-0+UnrealSynth-Embedded")
    calls: list[str] = []
    unreal.register_ticker_callback(lambda delta: calls.append("ticker") or True)
    unreal.register_slate_post_tick_callback(lambda delta: calls.append("post 1"))
    unreal.register_slate_pre_tick_callback(lambda delta: calls.append("pre"))
    unreal.register_slate_post_tick_callback(lambda delta: calls.append(f"post 2 after {delta}"))
    engine.tick(0.25)
    assert calls == ["pre", "post 1", "post 2 after 0.25", "ticker"]


def test_an_unregistered_callback_is_not_called(engine: Engine) -> None:
    calls: list[float] = []
    handle = unreal.register_slate_post_tick_callback(calls.append)
    engine.tick(0.1)
    unreal.unregister_slate_post_tick_callback(handle)
    unreal.unregister_slate_post_tick_callback(handle)
    engine.tick(0.2)
    assert calls == [0.1]


def test_callbacks_may_come_and_go_within_a_tick(engine: Engine) -> None:
    calls: list[str] = []
    handles: list[object] = []

    def first(delta: float) -> None:
        calls.append("first")
        unreal.unregister_slate_post_tick_callback(handles[1])
        unreal.register_slate_post_tick_callback(lambda delta: calls.append("new"))
        unreal.unregister_slate_post_tick_callback(handles[0])

    handles.append(unreal.register_slate_post_tick_callback(first))
    handles.append(unreal.register_slate_post_tick_callback(lambda delta: calls.append("second")))
    engine.tick(0.1)
    engine.tick(0.1)
    assert calls == ["first", "new"]


def test_an_exception_is_logged_and_the_callback_called_again(engine: Engine) -> None:
    lines: list[tuple[str, str]] = []
    engine.log.listener = lambda severity, text: lines.append((severity, text))
    unreal.register_slate_post_tick_callback(lambda delta: 1 / 0)  # type: ignore[arg-type]
    after: list[float] = []
    unreal.register_slate_post_tick_callback(after.append)
    engine.tick(0.1)
    engine.tick(0.1)
    assert [severity for severity, _ in lines] == ["Error", "Error"]
    assert "ZeroDivisionError" in lines[0][1]
    assert len(after) == 2


def test_tickers_are_called_until_they_say_no(tmp_path: Path) -> None:
    engine = Engine(tmp_path, NoRenderer(), "5.7.1-0+UnrealSynth-Embedded")
    calls: list[float] = []

    def ticker(delta: float) -> bool:
        calls.append(delta)
        return len(calls) < 3

    unreal.register_ticker_callback(ticker)
    for _ in range(5):
        engine.tick(0.1)
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("version", "has"), [("5.3.2-1", False), ("5.6.1-2", False), ("5.7.0-3", True), ("6.0.0-4", True)]
)
def test_tickers_come_with_5_7(version: str, has: bool, tmp_path: Path) -> None:
    Engine(tmp_path, NoRenderer(), version)
    assert hasattr(unreal, "register_ticker_callback") == has
    assert unreal.SystemLibrary.get_engine_version().startswith(version)


def test_the_default_version_says_what_it_is(engine: Engine) -> None:
    assert unreal.SystemLibrary.get_engine_version().startswith(ENGINE_VERSION)
    assert ENGINE_VERSION == "5.6.0-0+UnrealSynth-Embedded"
    assert engine.version == (5, 6)


def test_a_tick_tells_whether_the_engine_was_used(engine: Engine) -> None:
    assert not engine.tick(0.1)
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    actor = actors.spawn_actor_from_class(unreal.StaticMeshActor, unreal.Vector(), unreal.Rotator(), transient=True)
    handle = unreal.register_slate_post_tick_callback(
        lambda delta: actor.set_actor_location(unreal.Vector(), False, True)
    )
    assert engine.tick(0.1)
    unreal.unregister_slate_post_tick_callback(handle)
    unreal.register_slate_post_tick_callback(lambda delta: actor.get_actor_location())
    assert not engine.tick(0.1), "looking is not working"


def test_the_renderer_is_made_when_it_is_needed(tmp_path: Path) -> None:
    made: list[NoRenderer] = []

    def factory() -> NoRenderer:
        made.append(NoRenderer())
        return made[-1]

    engine = Engine(tmp_path, factory)
    engine.tick(0.1)
    assert made == []
    assert engine.renderer is engine.renderer
    assert len(made) == 1


def test_console_variables(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    library, world = unreal.SystemLibrary, engine.world
    assert library.get_console_variable_int_value("r.CustomDepth") == 1
    library.execute_console_command(world, "R.customdepth 3")
    assert library.get_console_variable_int_value("r.CustomDepth") == 3
    assert library.get_console_variable_string_value("r.CustomDepth") == "3"
    assert "Cmd: R.customdepth 3" in caplog.text
    library.execute_console_command(world, "r.NoSuchThing 3")
    assert "Command not recognized: r.NoSuchThing 3" in caplog.text
    assert library.get_console_variable_int_value("r.NoSuchThing") == 0
    assert "Failed to find console variable 'r.NoSuchThing'" in caplog.text


@pytest.mark.parametrize("way", [unreal.SystemLibrary.quit_editor, "QUIT_EDITOR"])
def test_quitting(way: Any, engine: Engine) -> None:
    assert not engine.quit_requested
    if isinstance(way, str):
        unreal.SystemLibrary.execute_console_command(engine.world, way)
    else:
        way()
    assert engine.quit_requested


def test_only_pythons_lines_reach_the_listener(engine: Engine) -> None:
    lines: list[tuple[str, str]] = []
    engine.log.listener = lambda severity, text: lines.append((severity, text))
    unreal.log("a")
    unreal.log_warning(3)
    unreal.log_error("c")
    engine.log.write("LogRendering", "Error", "d")
    assert lines == [("Info", "a"), ("Warning", "3"), ("Error", "c")]
    assert Log().listener is None


def test_folders_are_relative_to_the_program(engine: Engine) -> None:
    saved = unreal.Paths.project_saved_dir()
    assert saved.endswith("/Saved/")
    assert not Path(saved).is_absolute()
    full = Path(unreal.Paths.convert_relative_path_to_full(saved))
    assert full == engine.project_dir / "Saved"
    assert Path(unreal.Paths.convert_relative_path_to_full(str(full))) == full
    assert (Path(sys.executable).absolute().parent / saved).resolve() == full.resolve()


def test_shutdown_callbacks_run_at_the_end(tmp_path: Path) -> None:
    engine = Engine(tmp_path, NoRenderer())
    calls: list[str] = []
    unreal.register_python_shutdown_callback(lambda: calls.append("end"))
    engine.tick(0.1)
    assert calls == []
    engine.close()
    assert calls == ["end"]


def test_without_an_engine_the_module_says_so(tmp_path: Path) -> None:
    Engine(tmp_path, NoRenderer()).close()
    with pytest.raises(EditorError, match="only while an embedded editor runs"):
        unreal.SystemLibrary.get_engine_version()


@pytest.mark.parametrize(
    ("names", "works"),
    [
        (("throttle_cpu_when_not_foreground",), "throttle_cpu_when_not_foreground"),
        (("bThrottleCPUWhenNotForeground",), "bThrottleCPUWhenNotForeground"),
        ((), None),
    ],
)
def test_the_throttle_has_one_name_or_another(names: tuple[str, ...], works: str | None, tmp_path: Path) -> None:
    from unrealsynth.embedded.engine import Switches

    Engine(tmp_path, NoRenderer(), switches=Switches(throttle_names=names))
    settings = unreal.find_object(None, "/Script/UnrealEd.Default__EditorPerformanceSettings")
    for name in ("throttle_cpu_when_not_foreground", "bThrottleCPUWhenNotForeground"):
        if name == works:
            settings.set_editor_property(name, False)
            assert settings.get_editor_property(name) is False
        else:
            with pytest.raises(Exception, match="Failed to find property"):
                settings.get_editor_property(name)


def test_subsystems_are_found_by_class(engine: Engine) -> None:
    editor = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem)
    assert editor is unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem.static_class())
    assert unreal.get_editor_subsystem(unreal.StaticMesh) is None
    editor.set_level_viewport_camera_info(unreal.Vector(1, 2, 3), unreal.Rotator(yaw=5.0))
    location, rotation = editor.get_level_viewport_camera_info()
    assert location == unreal.Vector(1, 2, 3)
    assert rotation.yaw == 5.0
