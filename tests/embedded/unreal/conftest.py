"""An engine whose renderer only remembers, and one that really renders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from recording import RecordingRenderer

from unrealsynth.embedded.engine import Engine


@pytest.fixture
def renderer() -> RecordingRenderer:
    return RecordingRenderer()


@pytest.fixture
def engine(tmp_path: Path, renderer: RecordingRenderer) -> Iterator[Engine]:
    made = Engine(tmp_path, renderer)
    yield made
    made.close()


@pytest.fixture(scope="session")
def real_renderer() -> Iterator[object]:
    from unrealsynth.embedded.renderer import Renderer

    made = Renderer()
    yield made
    made.close()


@pytest.fixture
def rendering_engine(tmp_path: Path, real_renderer: object) -> Iterator[Engine]:
    made = Engine(tmp_path, real_renderer)  # type: ignore[arg-type]
    yield made
    made.close()
