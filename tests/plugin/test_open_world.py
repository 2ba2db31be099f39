"""The world that is open, and what is asked and set when the editor hands out none."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal._render import Renders
from unrealsynth_plugin.errors import PluginError


def test_a_console_variable_is_set_while_somebody_plays(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin.open_world import set_console_variable

        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).editor_request_begin_play()
        set_console_variable("r.CustomDepth", 3)
        assert bench.engine.console_variable("r.CustomDepth") == "3"


def test_a_blank_map_is_temporary_and_at_rest_until_somebody_plays(tmp_path: Path, shared_renderer: Renders) -> None:
    with in_process(tmp_path, shared_renderer):
        from unrealsynth_plugin import open_world

        open_world.leave_for_blank_map()
        assert open_world.is_temporary(open_world.world_path().split(".")[0])
        assert not open_world.is_temporary("/Game/Maps/Yard")
        assert open_world.is_at_rest() and open_world.has_world()
        unreal.get_editor_subsystem(unreal.LevelEditorSubsystem).editor_request_begin_play()
        assert open_world.is_playing() and not open_world.is_at_rest()
        with pytest.raises(PluginError, match="is playing the level"):
            open_world.world()
