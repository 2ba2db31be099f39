"""Every model and texture, made once for all tests of the library."""

from __future__ import annotations

import pytest

from unrealsynth.library import models, textures


@pytest.fixture(scope="session")
def glbs() -> dict[str, bytes]:
    return {name: models.glb(name) for name in models.names()}


@pytest.fixture(scope="session")
def maps() -> dict[str, tuple[bytes, bytes]]:
    """Colour and normal map of each texture."""
    return {name: (textures.png(name), textures.normal_png(name)) for name in textures.names()}
