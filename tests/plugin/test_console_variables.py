"""What is set in the editor itself, also when it hands out no world."""

from __future__ import annotations

from pathlib import Path

from in_process import in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal._render import Renders


def test_a_console_variable_is_set_while_somebody_plays(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin.editor_state import set_console_variable

        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).editor_request_begin_play()
        set_console_variable("r.CustomDepth", 3)
        assert bench.engine.console_variable("r.CustomDepth") == "3"
