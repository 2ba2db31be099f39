"""Shared by all tests: multicast groups of their own, and one embedded editor for the session."""

from __future__ import annotations

import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from runs import Quiet, Run, Shared
from unrealsynth.editor_choice import Editor
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.run import RunOptions, generate_data_set
from unrealsynth.summary import RunSummary

# The same examples on every run, and a busy machine is no failure; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def free_group() -> Endpoint:
    """A multicast group whose port nobody on this machine uses, so that runs side by side do not meet."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("0.0.0.0", port))  # Without reuse: refused if anyone has it.
            except OSError:
                continue
        return "239.0.0.1", port


@pytest.fixture
def group() -> Endpoint:
    """A group for one test."""
    return free_group()


@pytest.fixture(scope="session")
def bare_editor_program() -> tuple[str, ...]:
    """An embedded editor without engine and renderer, as `EmbeddedEditor`'s program."""
    return sys.executable, str(Path(__file__).parent / "embedded" / "programs" / "bare_editor.py")


@pytest.fixture
def bare_editor(tmp_path: Path, group: Endpoint, bare_editor_program: tuple[str, ...]) -> Iterator[EmbeddedEditor]:
    """A running embedded editor without engine and renderer."""
    with EmbeddedEditor(tmp_path / "bare editor", group=group, program=bare_editor_program) as editor:
        yield editor


@pytest.fixture(scope="session")
def embedded_editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEditor]:
    """The session's one embedded editor, with the plugin in it."""
    with EmbeddedEditor(tmp_path_factory.mktemp("editor") / "projet à moi", group=free_group()) as editor:
        yield editor


@pytest.fixture(scope="session")
def run(embedded_editor: EmbeddedEditor) -> Run:
    """Runs a recipe into a folder on the shared editor."""

    def launch(*_: object) -> list[Editor]:
        return [Shared(embedded_editor)]

    def go(recipe: Path, out: Path, *, stop_at: int | None = None, **options: object) -> RunSummary:
        # As an editor with a project of its own.
        wanted = RunOptions(**{"out": out, "editor": "unreal", **options})  # type: ignore[arg-type]
        return generate_data_set(str(recipe), wanted, Quiet(stop_at), launch)

    return go
