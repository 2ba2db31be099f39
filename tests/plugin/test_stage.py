"""What an environment's stage is made of, on actors of a real stand-in engine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from recording import RecordingRenderer

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.settings import Ground, PropPlacement

HEIGHTS_CM = {"paint": 0.9, "kerb": 1.1}
"""Of props, cubes of that height on the ground. Up to 1 cm is flat."""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setitem(sys.modules, "unreal", unreal)
    made = Engine(tmp_path, RecordingRenderer(), "5.6.0-0")
    yield made
    made.close()


def test_what_lies_flat_casts_no_shadow(engine: Engine) -> None:
    from unrealsynth_plugin.compatibility import Settings
    from unrealsynth_plugin.spool import Spool
    from unrealsynth_plugin.stage import Stage

    cube = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube")
    top_cm = cube.get_bounding_box().max.z
    props = tuple(PropPlacement(name, scale=height / top_cm) for name, height in HEIGHTS_CM.items())
    environment = Environment("yard", ground=Ground(color=(0.3, 0.3, 0.3)), props=props)
    spool = Spool(engine.project_dir / "Saved" / "UnrealSynth")
    stage = Stage(environment, dict.fromkeys(HEIGHTS_CM, cube), spool, Settings())
    assert stage.ground
    casts = {
        str(actor.get_actor_label()): actor.static_mesh_component.cast_shadow
        for actor in engine.world._actors.values()
        if isinstance(actor, unreal.StaticMeshActor)
    }
    assert casts["UnrealSynth prop paint"] is False
    assert casts["UnrealSynth prop kerb"] is True
