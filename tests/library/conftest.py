"""Every model and texture, made once for all tests of the library."""

from __future__ import annotations

import io

import pytest
import trimesh

from unrealsynth.library import models, textures


@pytest.fixture(scope="session")
def glbs() -> dict[str, bytes]:
    return {name: models.glb(name) for name in models.names()}


@pytest.fixture(scope="session")
def meshes(glbs: dict[str, bytes]) -> dict[str, list[trimesh.Trimesh]]:
    """The same, read by a library that is not ours: one mesh for each material."""
    return {
        name: list(trimesh.load(io.BytesIO(data), file_type="glb", process=False).geometry.values())
        for name, data in glbs.items()
    }


@pytest.fixture(scope="session")
def maps() -> dict[str, tuple[bytes, bytes]]:
    """Colour and normal map of each texture."""
    return {name: (textures.png(name), textures.normal_png(name)) for name in textures.names()}
