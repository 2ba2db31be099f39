"""One renderer for all tests of this folder: a context costs a quarter of a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from unrealsynth.embedded.renderer import Renderer


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    made = Renderer()
    yield made
    made.close()
