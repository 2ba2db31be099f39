"""How the plugin comes into an editor: in a commandlet not at all, and with ticks that nothing can end."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal._render import Renders


@pytest.mark.parametrize("arguments", ["-run=Cook -TargetPlatform=Windows", "-unattended -Run=pythonscript"])
def test_a_commandlet_touches_nothing(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    """It may run beside the editor, whose journal would be taken for that of a crash."""
    with in_process(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin import service, startup

        monkeypatch.setattr(service, "_service", None)
        monkeypatch.setattr(
            unreal.SystemLibrary, "get_command_line", classmethod(lambda _: f"Game.uproject {arguments}")
        )
        journal = bench.root / "journal.json"
        journal.write_text("{}", encoding="utf-8")
        startup.start()
        bench.engine.tick(0.1)
        assert not service.is_installed()
        assert journal.exists()
        assert not (bench.root / "editor.json").exists()


@pytest.mark.parametrize("version", ["5.6", "5.7"])
def test_a_tick_that_fails_is_logged_once_and_comes_again(
    tmp_path: Path, shared_renderer: Renders, version: str
) -> None:
    with in_process(tmp_path, shared_renderer, version) as bench:
        from unrealsynth_plugin.compatibility import register_tick

        ticks: list[int] = []

        def fails() -> None:
            ticks.append(len(ticks))
            raise ValueError("first" if len(ticks) < 4 else "second")

        register_tick(fails)
        for _ in range(6):
            bench.engine.tick(0.1)
        assert len(ticks) == 6
        assert [text for severity, text in bench.log if severity == "Error"] == [
            "UnrealSynth: ValueError: first",
            "UnrealSynth: ValueError: second",
        ]
