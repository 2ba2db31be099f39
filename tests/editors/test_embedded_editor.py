"""The whole embedded editor, with engine, renderer and plugin, through the client that the orchestrator uses."""

from __future__ import annotations

import ast
import platform
import time
from pathlib import Path

import pytest

import unrealsynth
from unrealsynth import resources
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import EditorError


def test_the_plugin_tells_its_version(embedded_editor: EmbeddedEditor) -> None:
    version = embedded_editor.client.version()
    assert version.plugin_version == unrealsynth.__version__
    assert version.python_version == platform.python_version()
    assert version.project_dir == embedded_editor.project_dir
    assert version.saved_dir == embedded_editor.saved_dir
    assert embedded_editor.client.info.is_embedded


def test_the_plugin_is_the_one_in_the_folder_given(embedded_editor: EmbeddedEditor) -> None:
    file = ast.literal_eval(embedded_editor.client.evaluate("__import__('unrealsynth_plugin').__file__"))
    assert Path(file).is_relative_to(resources.plugin_folder())


def test_a_refusal_of_the_plugin_reaches_the_caller(embedded_editor: EmbeddedEditor) -> None:
    with pytest.raises(EditorError, match="refused 'start'"):
        embedded_editor.client.start("no-such-job")


def test_the_stand_in_is_what_scripts_import(embedded_editor: EmbeddedEditor) -> None:
    assert embedded_editor.client.evaluate("__import__('unreal') is unreal") == "True"


def test_what_scripts_log_is_in_the_log(embedded_editor: EmbeddedEditor) -> None:
    embedded_editor.client.evaluate("unreal.log_warning('Achtung: größer')")
    assert "LogPython: WARNING: Achtung: größer" in embedded_editor.log_path.read_text(encoding="utf-8")


def test_it_starts_quickly(tmp_path: Path, group: Endpoint) -> None:
    begin = time.monotonic()
    with EmbeddedEditor(tmp_path / "quick", group=group):
        assert time.monotonic() - begin < 3.0  # 0.6 s on two free cores.
