"""What engines told in their self-tests (`unrealsynth selftest --record FILE`), compared with the stand-in.

A file from a real engine dropped into `tests/transcripts` is compared with the profile of its version: where they
differ, the stand-in is wrong.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from in_process import in_process
from test_plugin_selftest import carry_out

from unrealsynth.selftest import RECORD_FORMAT, SelfTestResult

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"
FILES = sorted(FOLDER.glob("*.json"))
KEYS = {
    "format",
    "engine_version",
    "plugin_version",
    "python_version",
    "platform",
    "extent",
    "left_out",
    "failures",
    "not_measured",
    "symbols",
    "defaults",
    "console_variables",
    "measured",
    "failed",
}
TOLERANCES = {
    "instance ids": 0.0,
    "ids in a level": 0.0,
    "one object alone": 0.0,
    "planar depth": 1.0,
    "axes of a GLB": 0.1,
    # Bytes; the tone curves differ a little.
    "grey cards": 12.0,
    # EV.
    "daylight exposure": 1.5,
}
"""What is measured alike everywhere, and how far it may be apart."""


def differences(told: dict[str, Any], mine: dict[str, Any]) -> list[str]:
    """What a transcript says otherwise than the stand-in's own."""
    found = []
    for name in sorted(told["symbols"].keys() & mine["symbols"].keys()):
        if told["symbols"][name] != mine["symbols"][name]:
            found.append(f"{name} is {'there' if told['symbols'][name] else 'missing'} in {told['engine_version']}")
    for name in sorted(told["defaults"].keys() & mine["defaults"].keys()):
        if not _alike(told["defaults"][name], mine["defaults"][name]):
            found.append(f"{name} begins as {told['defaults'][name]}, not {mine['defaults'][name]}")
    for name, tolerance in TOLERANCES.items():
        pair = told["measured"].get(name), mine["measured"].get(name)
        if pair[0] is not None and pair[1] is not None and pair[0] != pytest.approx(pair[1], abs=tolerance):
            found.append(f"{name} is {pair[0]}, not {pair[1]}")
    return found


def _alike(a: str, b: str) -> bool:
    try:
        return float(a) == pytest.approx(float(b), rel=1e-3, abs=1e-6)
    except ValueError:
        return a == b


@pytest.fixture
def mine(tmp_path: Path, shared_renderer: Renders) -> Any:
    """Makes the stand-in's own transcript for a version, as from a file."""

    def record(engine_version: str) -> dict[str, Any]:
        version = ".".join(engine_version.split(".")[:2])
        with in_process(tmp_path, shared_renderer, version) as bench:
            _, report, checks = carry_out(bench)
        told: dict[str, Any] = json.loads(json.dumps(SelfTestResult(report, tuple(checks)).transcript()))
        return told

    return record


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_stand_in_is_like_the_engine(file: Path, mine: Any) -> None:
    told = json.loads(file.read_text(encoding="utf-8"))
    assert set(told) == KEYS
    assert told["format"] == RECORD_FORMAT
    own = mine(told["engine_version"])
    assert len(told["symbols"].keys() & own["symbols"].keys()) > 50
    assert differences(told, own) == []


def test_there_is_an_example() -> None:
    assert "embedded-5.6" in [file.stem for file in FILES]


@pytest.mark.parametrize(
    ("table", "name", "value", "wanted"),
    [
        ("symbols", "SceneCapture2D", False, "SceneCapture2D is missing"),
        ("defaults", "SceneCaptureComponent2D.capture_every_frame", "False", "begins as False, not True"),
        ("defaults", "SceneCaptureComponent2D.fov_angle", "-", "begins as -, not 90"),
        ("measured", "grey cards", [1.0, 46.0, 120.0, 255.0], "grey cards is"),
        ("measured", "axes of a GLB", [-20.0, 100.0, -50.0, 80.0, 200.0, 150.0], "axes of a GLB is"),
    ],
)
def test_a_difference_is_seen(table: str, name: str, value: object, wanted: str) -> None:
    own = json.loads((FOLDER / "embedded-5.6.json").read_text(encoding="utf-8"))
    told = copy.deepcopy(own)
    assert name in told[table]
    told[table][name] = value
    [found] = differences(told, own)
    assert wanted in found


def test_another_version_is_compared_with_its_own_profile(mine: Any) -> None:
    own = mine("5.3.2-29314046+++UE5+Release-5.3")
    assert own["defaults"]["InterchangeGenericAssetsPipeline.asset_type_sub_folders"] == "-"
    newer = json.loads((FOLDER / "embedded-5.6.json").read_text(encoding="utf-8"))
    assert any("asset_type_sub_folders" in line for line in differences(newer, own))
