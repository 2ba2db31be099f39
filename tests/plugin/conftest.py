"""One renderer for all engines of this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def shared_renderer() -> Iterator[object]:
    from unrealsynth.embedded.renderer import Renderer

    made = Renderer()
    yield made
    made.close()
