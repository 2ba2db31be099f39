"""docs/unreal.md says what the program does: its commands, its checks, its settings."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from unrealsynth.cli import app
from unrealsynth.unreal_project.editor_checks import EditorChecks
from unrealsynth.unreal_project.project_checks import ProjectChecks
from unrealsynth.unreal_project.settings import needed_plugins, settings

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "unreal.md").read_text(encoding="utf-8")
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).splitlines()
COMMANDS = [line for line in BLOCKS if line.startswith("unrealsynth ")]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_can_be_given(line: str) -> None:
    _, name, *arguments = shlex.split(line, comments=True)
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    command.make_context(name, arguments)


def test_every_check_is_described_in_order() -> None:
    files = ProjectChecks(Path("A.uproject"))
    names = [check.name for check in [*files.checks(), *EditorChecks(files, 1.0).checks()]]
    table = TEXT.split("| check |")[1].split("\n\n")[0]
    assert re.findall(r"^\| ([a-z ]+) \|", table, re.MULTILINE) == names


@pytest.mark.parametrize("platform", ["win32", "linux"])
def test_every_setting_and_plugin_is_named(platform: str) -> None:
    for setting in settings(platform):
        for part in (setting.file, setting.section, setting.key, setting.value):
            assert part in TEXT, part
    for plugin in needed_plugins():
        assert plugin in TEXT
