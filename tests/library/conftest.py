"""Every model and texture, made once for all tests of the library."""

from __future__ import annotations

import io
import os
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
import trimesh

from unrealsynth.library import models, textures

PROCESSES = min(4, os.cpu_count() or 1)


@pytest.fixture(scope="session")
def glbs() -> dict[str, bytes]:
    # Made side by side, in processes in which a warning is an error as it is in this one.
    spawned = get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, spawned, initializer=warnings.simplefilter, initargs=("error",)) as pool:
        return dict(zip(models.names(), pool.map(models.glb, models.names()), strict=True))


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
