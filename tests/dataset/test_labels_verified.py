"""All labels of rendered frames against rays cast from the records: another way to the same numbers.

The frames come from a real run in an embedded editor; models are read from the user's files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from PIL import Image
from ray_casting import Eye, Triangles, load_triangles, place

from small import write_recipe
from unrealsynth import rle
from unrealsynth.dataset.export import export
from unrealsynth.dataset.manifest import MANIFEST_NAME, ManifestEntry, read_manifest
from unrealsynth.library import models
from unrealsynth.progress import RunProgress
from unrealsynth.run import RunOptions, generate_data_set

RECIPE = """\
images: {images}
seed: {seed}
resolution: [{size}]
classes:
{classes}
distractors: {{models: [{distractor}], count: 2}}
environments: [sunny.yaml, grey.yaml]
objects: {{count: {{uniform: [4, 8]}}, empty: 0, height: {{uniform: [-10, 20]}}}}
camera: {{size: {{uniform: [30, 70]}}}}
captures: {{visibility: true, depth: true}}
labels: {{min_pixels: 1}}
"""
SUNNY = "ground: {color: [0.3, 0.25, 0.2]}\nspawn: {radius: 160}\n"
GREY = """\
ground: {color: [0.5, 0.5, 0.5]}
sky: {color: [0.6, 0.6, 0.65]}
sun: null
props: [{model: slab.glb, location: [30, 40], yaw: 20, scale: 1.5}]
spawn: {radius: 160}
"""
PROP = ("slab.glb", [30.0, 40.0, 0.0], (0.0, 0.0, 20.0), 1.5)
"""What stands in the grey map, in the middle of the objects."""


@dataclass(frozen=True)
class Made:
    """A data set and the triangles of its models, by file."""

    folder: Path
    triangles: dict[str, Triangles]


def make(folder: Path, classes: dict[str, str], distractor: str, images: int, size: str) -> Made:
    write_recipe(folder)
    lines = "\n".join(f"  {name}: {model}" for name, model in classes.items())
    recipe = folder / "verified.yaml"
    text = RECIPE.format(images=images, seed=3, size=size, classes=lines, distractor=distractor)
    recipe.write_text(text, encoding="utf-8")
    (folder / "sunny.yaml").write_text(SUNNY, encoding="utf-8")
    (folder / "grey.yaml").write_text(GREY, encoding="utf-8")
    trimesh.creation.box((0.6, 0.7, 0.1)).export(folder / "slab.glb")
    generate_data_set(str(recipe), RunOptions(out=folder / "out"), RunProgress())
    wanted = {*classes.values(), distractor, PROP[0]}
    sources = {name: models.glb(name.split(":")[1]) if ":" in name else folder / name for name in wanted}
    return Made(folder / "out", {name: load_triangles(source) for name, source in sources.items()})


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Made:
    classes = {"box": "box.glb", "cone": "cone.glb"}
    return make(tmp_path_factory.mktemp("verified"), classes, "slab.glb", 6, "192, 144")


@dataclass(frozen=True)
class Seen:
    """What rays find of one object."""

    mask: NDArray[np.bool_]
    alone: int
    """Pixels without the other objects."""
    full: NDArray[np.float64]
    """Box of all vertices, px."""


def cast(made: Made, entry: ManifestEntry) -> tuple[list[Seen], NDArray[np.float64]]:
    """What rays find of every labelled object, and the depth of every pixel."""
    record: Any = entry.record
    camera = record["camera"]
    size = tuple(record["resolution"])
    eye = Eye(camera["location_cm"], tuple(camera["rotation_deg"]), camera["fov_deg"], size)
    files = {item["model"]: item["model_file"] for item in entry.objects}
    ground = eye.ground_depth()
    depths = []
    boxes = []
    for item in record["objects"]:
        placed = place(made.triangles[files[item["model"]]], item["location_cm"], item["rotation_deg"], item["scale"])
        depths.append(eye.depth_of(placed))
        points = eye.project(placed)[..., :2].reshape(-1, 2)
        boxes.append(np.concatenate([points.min(axis=0), points.max(axis=0)]))
    others = [ground]
    for item in record["plan"]["objects"]:
        if item["class_index"] is None:
            name = next(name for name in made.triangles if same_model(item["model"], name))
            placed = place(made.triangles[name], item["location_cm"], item["rotation_deg"], item["scale"])
            others.append(eye.depth_of(placed))
    if record["plan"]["environment"] == "grey":
        name, location, rotation, scale = PROP
        others.append(eye.depth_of(place(made.triangles[name], location, rotation, scale)))
    nearest = np.min([*depths, *others], axis=0)
    seen = []
    for depth, box in zip(depths, boxes, strict=True):
        mask = np.isfinite(depth) & (depth <= nearest)
        seen.append(Seen(mask, int(np.count_nonzero(depth < ground)), box))
    return seen, nearest


def same_model(model_id: str, name: str) -> bool:
    return model_id.split("/")[-1].startswith(name.split(":")[-1].removesuffix(".glb"))


def box_of(mask: NDArray[np.bool_]) -> list[int]:
    ys, xs = np.nonzero(mask)
    return [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]


def verify(made: Made) -> Counter[str]:
    """Compares every number of the data set with what rays find; returns how often there was what to compare."""
    count: Counter[str] = Counter()
    depth_form = export(made.folder, "yolo-depth").path
    for entry in read_manifest(made.folder / MANIFEST_NAME):
        seen, nearest = cast(made, entry)
        width, height = nearest.shape[1], nearest.shape[0]
        for item, truth in zip(entry.objects, seen, strict=True):
            where = f"frame {entry.k}, object {item['index']}"
            entry_item: Any = item
            x0, y0, x1, y1 = truth.full
            assert np.abs(np.array(entry_item["box_full_px"]) - truth.full).max() < 0.5, where
            inside = max(min(x1, width) - max(x0, 0), 0) * max(min(y1, height) - max(y0, 0), 0)
            assert entry_item["truncated"] == pytest.approx(1 - inside / ((x1 - x0) * (y1 - y0)), abs=0.01), where
            pixels = int(np.count_nonzero(truth.mask))
            assert entry_item["pixels"] == pytest.approx(pixels, rel=0.03, abs=3), where
            count["truncated"] += entry_item["truncated"] > 0.01
            if pixels < 20:
                continue
            mask = rle.decode(entry_item["mask"], (height, width))
            assert np.count_nonzero(mask & truth.mask) / np.count_nonzero(mask | truth.mask) > 0.95, where
            assert np.abs(np.array(entry_item["box_px"]) - box_of(truth.mask)).max() <= 1, where
            assert entry_item["visible"] == pytest.approx(pixels / truth.alone, abs=0.03), where
            count["objects"] += 1
            count["covered"] += pixels / truth.alone < 0.9
            count["uncovered"] += pixels == truth.alone
        count["far"] += compare_depth(depth_form / f"depth/{entry.split}/{entry.k}.png", nearest)
    return count


def compare_depth(path: Path, nearest_cm: NDArray[np.float64]) -> int:
    """Every depth within 1 %, but for pixels at an edge; returns how many pixels have none."""
    with Image.open(path) as image:
        metres = np.asarray(image).astype(float) / 1000
    true = nearest_cm / 100
    wanted = np.where(true <= 65.535, true, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.where(wanted > 0, np.abs(metres - wanted) / wanted, metres > 0)
    assert np.count_nonzero(off > 0.01) <= 0.01 * off.size
    # Edges aside there is no pixel off at all.
    edge = np.zeros(off.shape, np.bool_)
    for axis in (0, 1):
        jump = np.abs(np.diff(np.minimum(true, 1e3), axis=axis)) > 0.01 * np.minimum(true, 1e3).take(
            range(off.shape[axis] - 1), axis=axis
        )
        for side in (slice(0, -1), slice(1, None)):
            edge[(side, slice(None)) if axis == 0 else (slice(None), side)] |= jump
    assert off[~edge].max() <= 0.01
    return int(np.count_nonzero(metres == 0))


def test_labels_of_simple_models(simple: Made) -> None:
    count = verify(simple)
    # Without these the comparison would say little.
    assert count["objects"] >= 20
    assert count["covered"] >= 3 and count["uncovered"] >= 3
    assert count["truncated"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_labels_of_fifty_frames_with_built_in_models(tmp_path: Path) -> None:
    names = ("traffic_cone", "stop_sign", "oil_drum", "crate")
    classes = {name: f"builtin:{name}" for name in names}
    count = verify(make(tmp_path, classes, "builtin:rock", 50, "256, 256"))
    assert count["objects"] >= 150
    assert count["covered"] >= 30 and count["truncated"] >= 10
