"""A small recipe with models of its own, for tests that run the whole way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trimesh

RECIPE = """\
name: small
seed: 11
images: 6
resolution: [96, 72]
classes:
  box: {box}
  cone: [cone.glb]
environments: [sunny.yaml, grey.yaml]
objects:
  count: {{uniform: [1, 3]}}
  empty: 0.1
"""
SUNNY = """\
ground: {color: [0.3, 0.25, 0.2]}
spawn: {radius: 400}
"""
GREY = """\
ground: {color: [0.5, 0.5, 0.5]}
sky: {color: [0.6, 0.6, 0.65]}
sun: null
props:
  - {model: box.glb, location: [900, 0], scale: 2}
spawn: {radius: 400}
"""


def write_recipe(folder: Path, *, more: str = "") -> Path:
    """Writes recipe, maps and models into `folder`; `more` is added at the end of the recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    box = trimesh.creation.box((0.4, 0.3, 0.6))
    box.visual.face_colors = np.array([200, 60, 40, 255], np.uint8)
    box.export(folder / "box.glb")
    cone = trimesh.creation.cylinder(radius=0.2, height=0.5)
    cone.visual.face_colors = np.array([40, 90, 200, 255], np.uint8)
    cone.export(folder / "cone.glb")
    (folder / "sunny.yaml").write_text(SUNNY, encoding="utf-8")
    (folder / "grey.yaml").write_text(GREY, encoding="utf-8")
    recipe = folder / "small.yaml"
    recipe.write_text(RECIPE.format(box="box.glb") + more, encoding="utf-8")
    return recipe
