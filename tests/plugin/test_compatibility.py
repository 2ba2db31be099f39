"""Ticks that are no frames, wrappers of what is gone, and what the user could undo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from in_process import in_process

from unrealsynth.embedded import unreal

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders


@pytest.mark.parametrize("version", ["5.6", "5.7"])
def test_a_frame_has_one_step_however_often_slate_ticks_in_it(
    tmp_path: Path, shared_renderer: Renders, version: str
) -> None:
    with in_process(tmp_path, shared_renderer, version) as bench:
        from unrealsynth_plugin.compatibility import register_tick

        steps: list[int] = []
        between: list[int] = []
        frame = unreal.SystemLibrary.get_frame_count

        def step() -> None:
            steps.append(frame())
            # What a step does may show a progress bar itself.
            bench.engine.tick_slate()

        register_tick(step, lambda: between.append(frame()))
        for _ in range(3):
            bench.engine.tick(0.1)
            bench.engine.tick_slate()
        assert steps == sorted(set(steps)) and len(steps) == 3
        assert between == ([] if version == "5.7" else [each for each in steps for _ in range(2)])


def test_what_is_gone_is_not_alive(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer):
        from unrealsynth_plugin.compatibility import is_alive

        actor = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(
            unreal.StaticMeshActor, unreal.Vector()
        )
        assert is_alive(actor) and not is_alive(None)
        actor.destroy_actor()
        assert not is_alive(actor)


def test_placing_is_nothing_that_the_user_could_undo(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin.compatibility import spawn

        engine, actors = bench.engine, unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
        actors.spawn_actor_from_class(unreal.PointLight, unreal.Vector())
        spawn(unreal.StaticMeshActor, "ours")
        assert engine.undo_history == ["Add Actor"]
        # In the middle of what the user does, as in dragging, theirs must go on.
        unreal.SystemLibrary.begin_transaction("", "Move", None)
        spawn(unreal.StaticMeshActor, "ours")
        assert engine.open_transactions == ["Move"]
        unreal.SystemLibrary.end_transaction()
        assert engine.undo_history == ["Add Actor", "Move"]


def test_a_frame_leaves_no_trace_in_the_undo_history(tmp_path: Path, shared_renderer: Renders) -> None:
    seen: set[str] = set()
    with in_process(tmp_path, shared_renderer) as bench:
        assert bench.run(bench.job(), lambda _: seen.update(bench.engine.undo_history)).error is None
    assert seen == set()
