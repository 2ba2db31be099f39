"""The plugin's sign of life, and loading on request."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from unrealsynth_plugin import VERSION, presence
from unrealsynth_plugin.presence import Presence


def read(root: Path) -> dict[str, object]:
    data: dict[str, object] = json.loads((root / "editor.json").read_text(encoding="utf-8"))
    return data


def test_written_at_the_first_tick_and_then_now_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Presence(tmp_path / "new", lambda: {"engine_version": "5.6.1"}, lambda: None)
    here.tick()
    first = read(tmp_path / "new")
    assert [first[key] for key in ("state", "pid", "ticks")] == ["running", os.getpid(), 1]
    assert (first["plugin_version"], first["engine_version"]) == (VERSION, "5.6.1")
    here.tick()
    assert read(tmp_path / "new") == first
    monkeypatch.setattr(presence, "INTERVAL_S", 0.0)
    late = Presence(tmp_path / "new", dict, lambda: None)
    for _ in range(3):
        late.tick()
    assert read(tmp_path / "new")["ticks"] == 3
    late.close()
    late.tick()
    assert read(tmp_path / "new")["state"] == "ended"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["editor.json"]


def test_loading_is_finished_once_and_only_when_asked(tmp_path: Path) -> None:
    finished: list[int] = []
    here = Presence(tmp_path, dict, lambda: finished.append(here.ticks))
    here.tick()
    assert here.settle(is_loading=True) == {"is_loading_assets": True, "settled": False, "trouble": ""}
    here.tick()
    assert finished == []  # Not before the project's files are known.
    assert here.settle(is_loading=False)["settled"] is False
    here.tick()
    here.tick()
    assert finished == [3]
    assert here.settle(is_loading=False)["settled"] is True


def test_loading_that_ticks_from_inside_or_fails(tmp_path: Path) -> None:
    calls: list[str] = []

    def finish_loading() -> None:
        calls.append("called")
        here.tick()  # As Slate does while the engine shows its progress.
        raise RuntimeError("no module AutomationController")

    here = Presence(tmp_path, dict, finish_loading)
    here.settle(is_loading=False)
    here.tick()
    assert calls == ["called"]
    reply = here.settle(is_loading=False)
    assert reply["settled"] is True
    assert "AutomationController" in str(reply["trouble"])


def test_a_folder_that_cannot_be_written_does_not_stop_the_ticks(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    here = Presence(tmp_path / "file", dict, lambda: None)
    here.tick()
    here.tick()
    assert here.ticks == 2
