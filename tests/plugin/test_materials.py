"""The plugin's materials as assets: where they lie, and what is left of one that could not be finished."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recording import RecordingRenderer

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth_plugin import VERSION
from unrealsynth_plugin.errors import PluginError

MATERIALS = "/Game/UnrealSynth_Generated/Materials"


@pytest.fixture(autouse=True)
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setitem(sys.modules, "unreal", unreal)
    made = Engine(tmp_path, RecordingRenderer(), "5.6.0-0")
    yield made
    made.close()


def ids() -> Any:
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.materials import instance_id_material

    return instance_id_material(Settings())


def test_another_versions_material_is_not_taken(engine: Engine) -> None:
    """Save All keeps what an earlier version has made."""
    for folder in ("", "/0_0_1"):
        engine.assets.put(f"{MATERIALS}{folder}/M_InstanceIds", unreal.Material)
    made = ids()
    assert made.get_path_name().split(".")[0] == f"{MATERIALS}/{VERSION.replace('.', '_')}/M_InstanceIds"
    assert ids() is made


@pytest.mark.parametrize("step", ["connect_material_property", "connect_material_expressions", "node"])
def test_half_a_material_is_not_left_to_the_next_job(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    with monkeypatch.context() as broken:
        if step == "node":
            broken.setattr(unreal.MaterialExpressionSceneTexture.filtered, "hidden", True)
        else:
            broken.setattr(unreal.MaterialEditingLibrary, step, lambda *_: False)
        with pytest.raises(PluginError, match="The material M_InstanceIds could not be built"):
            ids()
    assert not unreal.EditorAssetLibrary.list_assets(MATERIALS)
    assert isinstance(ids(), unreal.Material)
