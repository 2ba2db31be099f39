"""Projected boxes against pixels, over random cameras: what makes labels true."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from runs import Run
from small import write_recipe
from unrealsynth.dataset.manifest import MANIFEST_NAME, read_manifest

CAMERAS = """\
camera:
  elevation: {uniform: [3, 85]}
  field_of_view: {uniform: [20, 110]}
  roll: {uniform: [-40, 40]}
  size: {log_uniform: [24, 160]}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "resolution",
    [(320, 240), (240, 320)],  # landscape and portrait
)
def test_clean_views_agree_over_random_cameras(run: Run, tmp_path: Path, resolution: tuple[int, int]) -> None:
    recipe = write_recipe(tmp_path / "recipe", more=CAMERAS)
    width, height = resolution
    text = recipe.read_text(encoding="utf-8")
    text = text.replace("[96, 72]", f"[{width}, {height}]").replace("cone.glb", "cone.glb, 'builtin:traffic_cone'")
    recipe.write_text(text, encoding="utf-8")
    summary = run(recipe, tmp_path / "set", images=100)
    assert summary.check.failed_frames == 0
    edges, outside, clean = [], [], 0
    for entry in read_manifest(tmp_path / "set" / MANIFEST_NAME):
        objects = entry.record["objects"]
        full = [np.array(item["box_full_px"]) for item in objects]  # type: ignore[attr-defined]
        props = entry.record["plan"]["environment"] == "grey"  # type: ignore[index]
        for item, box in zip(entry.objects, full, strict=True):
            if item["box_px"] is None:
                continue
            difference = np.array(item["box_px"]) - box
            outside.append(max(-difference[0], -difference[1], difference[2], difference[3]))
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height
            alone = all(other is box or not _meet(box, other) for other in full)
            if inside and alone and not props and max(box[2] - box[0], box[3] - box[1]) >= 32:
                clean += 1
                edges.extend(np.abs(difference))
    assert clean >= 25
    assert np.median(edges) <= 1.0
    assert np.quantile(edges, 0.99) <= 2.0
    assert max(outside) <= 1.5
    assert len(outside) >= 100


def _meet(a: np.ndarray, b: np.ndarray) -> bool:  # type: ignore[type-arg]
    return all(a[axis] < b[axis + 2] and b[axis] < a[axis + 2] for axis in (0, 1))


def test_meeting_boxes_are_found() -> None:
    apart, touching, crossing = np.array([0, 0, 2, 2]), np.array([2, 0, 4, 2]), np.array([1, 1, 3, 3])
    found = [_meet(a, b) for a, b in itertools.combinations((apart, touching, crossing), 2)]
    assert found == [False, True, True]
