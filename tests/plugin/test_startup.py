"""How the plugin comes into an editor: in what is none not at all, and with ticks that nothing can end."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import in_process

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal._render import Renders


@pytest.mark.parametrize(
    ("arguments", "is_editor"),
    [
        ("-run=Cook -TargetPlatform=Windows", True),
        ("-unattended -Run=pythonscript", True),
        # Play > Standalone Game; the editor stays open beside it.
        ('/Game/Maps/Yard -Game -PIEVIACONSOLE "-game"', True),
        ("/Game/Maps/Yard -server", True),
        ("", False),
    ],
)
def test_what_is_no_editor_touches_nothing(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch, arguments: str, is_editor: bool
) -> None:
    """A crash is for the next editor, which may be open beside it."""
    with in_process(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin import service, startup

        monkeypatch.setattr(unreal, "is_editor", lambda: is_editor)
        monkeypatch.setattr(service, "_service", None)
        monkeypatch.setattr(
            unreal.SystemLibrary, "get_command_line", classmethod(lambda _: f"Game.uproject {arguments}")
        )
        journal = bench.root / "editors" / "crashed" / "journal.json"
        journal.parent.mkdir()
        journal.write_text("{}", encoding="utf-8")
        before = sorted(bench.root.rglob("*"))
        startup.start()
        bench.engine.tick(0.1)
        assert not service.is_installed()
        assert sorted(bench.root.rglob("*")) == before


def test_an_editor_is_known_by_its_options_alone(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_process(tmp_path, shared_renderer):
        from unrealsynth_plugin import service, startup

        monkeypatch.setattr(service, "_service", None)
        line = '"D:/My-Game/A-game.uproject" -GameFeatures -log'
        monkeypatch.setattr(unreal.SystemLibrary, "get_command_line", classmethod(lambda _: line))
        startup.start()
        assert service.is_installed()


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


def test_a_job_is_ended_with_the_editor_before_anything_else(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    with in_process(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin import service, startup
        from unrealsynth_plugin.jobs import JobQueue
        from unrealsynth_plugin.residence import Residence

        monkeypatch.setattr(service, "_service", None)
        bench.engine.shutdown._functions.clear()
        startup.start()
        monkeypatch.setattr(JobQueue, "close", lambda _: ended.append("job"))
        monkeypatch.setattr(Residence, "leave", lambda _: ended.append("residence"))
        bench.engine.close()
    assert ended == ["job", "residence"]


def test_progress_bars_keep_a_jobs_heartbeat_going(
    tmp_path: Path, shared_renderer: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[str] = []
    with in_process(tmp_path, shared_renderer) as bench:
        from unrealsynth_plugin import service, startup
        from unrealsynth_plugin.jobs import JobQueue

        bench.engine.post_tick._functions.clear()
        monkeypatch.setattr(service, "_service", None)
        monkeypatch.setattr(JobQueue, "tick", lambda _: beats.append("step"))
        monkeypatch.setattr(JobQueue, "beat", lambda _: beats.append("beat"))
        startup.start()
        bench.engine.tick(0.1)
        bench.engine.tick_slate()
    assert beats == ["step", "beat"]
