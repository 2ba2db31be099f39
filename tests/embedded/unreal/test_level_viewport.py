"""The level viewport: pictures of it come when it is drawn, and show what the level's volumes say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from recording import RecordingRenderer, manual_exposure, spawn

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine

TICK_S = 1 / 60


def levels() -> Any:
    return unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)


def photograph(path: Path) -> Any:
    return unreal.AutomationLibrary.take_high_res_screenshot(16, 8, str(path))


def test_a_picture_is_taken_when_the_viewport_is_drawn(engine: Engine, tmp_path: Path) -> None:
    task = photograph(tmp_path / "a.png")
    engine.tick(TICK_S)
    assert not task.is_task_done()
    levels().editor_invalidate_viewports()
    engine.tick(TICK_S)
    assert task.is_task_done()
    assert not (tmp_path / "a.png").exists(), "it is written beside the game"
    engine.tick(TICK_S)
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (16, 8)
    assert len(engine.world._actors) == 0


@pytest.mark.parametrize(("viewport", "key"), [("hidden", "Viewport 1.Viewport0"), ("closed", "None")])
def test_what_is_not_drawn_gives_no_picture(engine: Engine, tmp_path: Path, viewport: Any, key: str) -> None:
    engine.switches = replace(engine.switches, viewport=viewport)
    task = photograph(tmp_path / "a.png")
    for _ in range(5):
        levels().editor_invalidate_viewports()
        engine.tick(TICK_S)
    assert not task.is_task_done()
    assert not (tmp_path / "a.png").exists()
    assert str(levels().get_active_viewport_config_key()) == key


def test_a_request_is_not_forgotten(engine: Engine, tmp_path: Path) -> None:
    engine.switches = replace(engine.switches, viewport="hidden")
    photograph(tmp_path / "a.png")
    levels().editor_invalidate_viewports()
    engine.tick(TICK_S)
    assert not (tmp_path / "a.png").exists()
    engine.switches = replace(engine.switches, viewport="drawn")
    levels().editor_invalidate_viewports()
    for _ in range(2):
        engine.tick(TICK_S)
    assert (tmp_path / "a.png").exists()


def test_volumes_count_whatever_captures_make_of_them(
    engine: Engine, renderer: RecordingRenderer, tmp_path: Path
) -> None:
    assert engine.switches.volumes_blend is False
    volume = spawn(unreal.PostProcessVolume)
    volume.unbound = True
    found = []
    for bias_ev in (0.0, -2.0):
        volume.settings = manual_exposure(bias_ev)
        photograph(tmp_path / "a.png")
        levels().editor_invalidate_viewports()
        for _ in range(2):
            engine.tick(TICK_S)
        found.append(int(np.asarray(Image.open(tmp_path / "a.png"))[0, 0, 0]))
    # 0.18 as sRGB, and a quarter of it.
    assert found == [118, 60]


def test_game_view_is_remembered(engine: Engine) -> None:
    assert levels().editor_get_game_view() is False
    levels().editor_set_game_view(True)
    assert levels().editor_get_game_view() is True
