"""One renderer for all engines of this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "embedded" / "unreal"))  # For the reader of Epic's stub.


@pytest.fixture(scope="session")
def shared_renderer() -> Iterator[object]:
    from unrealsynth.embedded.renderer import Renderer

    made = Renderer()
    yield made
    made.close()
