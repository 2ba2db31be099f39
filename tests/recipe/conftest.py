"""Recipes in a folder of their own, with models made on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh

from unrealsynth.recipe.cache import FOLDER_VARIABLE


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests, so that the library's models are built once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(shared_cache))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name is no plain ASCII word, with `box.glb` (0.4 × 0.6 × 0.3 m), `cones/` and scenery."""
    folder = tmp_path / "Räume und Dinge"
    (folder / "cones").mkdir(parents=True)
    trimesh.creation.box((0.4, 0.6, 0.3)).export(folder / "box.glb")
    trimesh.creation.cone(0.2, 0.7).export(folder / "cones" / "red.glb")
    trimesh.creation.cone(0.3, 0.7).export(folder / "cones" / "Blue.GLB", file_type="glb")
    (folder / "trees").mkdir()
    trimesh.creation.cylinder(0.2, 0.5).export(folder / "trees" / "red.glb")
    trimesh.creation.cylinder(0.3, 0.6).export(folder / "trees" / "tall.glb")
    trimesh.creation.box((0.4, 0.6, 0.5)).export(folder / "stone.glb")
    (folder / "cones" / "notes.txt").write_text("no model", encoding="utf-8")
    (folder / "plain.yaml").write_text("ground: {color: [0.2, 0.2, 0.2]}\n", encoding="utf-8")
    return folder
