"""Frame folders as an editor leaves them, drawn with numpy: boxes on a textured ground, seen by a pinhole camera.

Projection and painting are written here from the convention (X forward, Y right, Z up, rotations roll, pitch, yaw; a
pixel is covered when its centre is), sharing nothing with the package but the classes of the contract.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import ConvexHull

from unrealsynth.dataset.frames import FrameSettings
from unrealsynth.dataset.manifest import Header, OutputSettings
from unrealsynth.selfcheck import FrameChecker
from unrealsynth_plugin.core.contract import (
    CaptureFiles,
    Environment,
    FramePlan,
    FrameRecord,
    Job,
    Model,
    ObjectClass,
    ObjectRecord,
    PlannedObject,
    SceneLight,
)
from unrealsynth_plugin.core.geometry import CameraPose

RESOLUTION = (96, 72)
CLASSES = ("traffic cone", "Schild", "яma: 'x'")
FINGERPRINT = "f" * 64
_LIGHT = SceneLight(45.0, 40.0, 10.0, 5800.0, 1.0)


def box_model(name: str, size_cm: tuple[float, float, float]) -> Model:
    """A cuboid that stands on its origin."""
    x, y, z = size_cm[0] / 2, size_cm[1] / 2, size_cm[2]
    low, high = (-x, -y, 0.0), (x, y, z)
    hull = tuple((a, b, c) for a in (-x, x) for b in (-y, y) for c in (0.0, z))
    return Model(name, f"models/{name}.glb", "0" * 64, (low, high), hull)


MODELS = (
    box_model("cone", (40, 40, 70)),
    box_model("sign", (10, 60, 220)),
    box_model("pit", (150, 90, 30)),
    box_model("crate", (100, 100, 100)),
)


def job(resolution: tuple[int, int], fingerprint: str = FINGERPRINT) -> Job:
    classes = tuple(ObjectClass(name, (model.id,)) for name, model in zip(CLASSES, MODELS, strict=False))
    return Job("j", "0.1.0", fingerprint, 7, resolution, (), classes, MODELS, (Environment("yard"),))


def make_header(**output: Any) -> Header:
    parts = {"seed": 7, "recipe.objects.count": {"uniform": (1, 5)}, "models.cone": "0" * 64}
    return Header(parts, OutputSettings(**output), CLASSES, {"images": 12}, ({"file": "a.glb"},), "5.6", "us 1")


def frame_settings(header: Header, resolution: tuple[int, int] = RESOLUTION) -> FrameSettings:
    checker = FrameChecker(job(resolution, header.fingerprint))
    return FrameSettings(header.fingerprint, resolution, header.output, checker)


@dataclass(frozen=True)
class Placed:
    """One thing of a scene; class None is a distractor."""

    class_index: int | None
    location_cm: tuple[float, float, float]
    rotation_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0

    @property
    def model(self) -> Model:
        return MODELS[3 if self.class_index is None else self.class_index]


def rotation_rows(rotation_deg: tuple[float, float, float]) -> NDArray[np.float64]:
    """Rows: where X, Y and Z of a rotated frame point, by turning about X, then Y, then Z."""
    roll, pitch, yaw = np.radians(rotation_deg)
    about_x = np.array([[1, 0, 0], [0, math.cos(roll), -math.sin(roll)], [0, math.sin(roll), math.cos(roll)]])
    about_y = np.array([[math.cos(pitch), 0, math.sin(pitch)], [0, 1, 0], [-math.sin(pitch), 0, math.cos(pitch)]])
    about_z = np.array([[math.cos(yaw), math.sin(yaw), 0], [-math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]])
    rows: NDArray[np.float64] = about_x @ about_y @ about_z
    return rows


def project(placed: Placed, camera: CameraPose, resolution: tuple[int, int]) -> NDArray[np.float64]:
    """Pixel positions and depth (n, 3) of the model's corners; all must be in front of the camera."""
    points = placed.scale * np.array(placed.model.hull_cm) @ rotation_rows(placed.rotation_deg)
    away = points + placed.location_cm - np.array(camera.location_cm)
    depth, right, up = (away @ rotation_rows(camera.rotation_deg).T).T
    width, height = resolution
    focal = width / 2 / math.tan(math.radians(camera.fov_deg) / 2)
    return np.stack([width / 2 + focal * right / depth, height / 2 - focal * up / depth, depth], axis=1)


def random_scene(rng: np.random.Generator, count: int, distractors: int = 0) -> tuple[CameraPose, list[Placed]]:
    """A camera above the origin that looks at objects scattered around it."""
    elevation, azimuth = rng.uniform(10, 50), rng.uniform(0, 360)
    distance = rng.uniform(700, 1600)
    e, a = math.radians(elevation), math.radians(azimuth)
    location = (-distance * math.cos(e) * math.cos(a), -distance * math.cos(e) * math.sin(a), distance * math.sin(e))
    camera = CameraPose(location, (rng.uniform(-15, 15), -elevation, azimuth), rng.uniform(40, 75))
    things = [
        Placed(
            None if i >= count else int(rng.integers(len(CLASSES))),
            (rng.uniform(-350, 350), rng.uniform(-350, 350), 0.0),
            (0.0, 0.0, rng.uniform(0, 360)),
            rng.uniform(0.8, 1.25),
        )
        for i in range(count + distractors)
    ]
    return camera, things


def paint(
    camera: CameraPose, things: list[Placed], resolution: tuple[int, int], seed: int
) -> tuple[NDArray[np.uint8], list[NDArray[np.uint8]]]:
    """Picture (h, w, 4) with meaningless alpha, and id pictures (h, w)."""
    width, height = resolution
    rng = np.random.default_rng(seed)
    rgb = rng.integers(90, 130, (height, width, 4), np.uint8)
    labelled = sum(thing.class_index is not None for thing in things)
    ids = [np.zeros((height, width), np.uint8) for _ in range(max(1, math.ceil(labelled / 255)))]
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    corners = [project(thing, camera, resolution) for thing in things]
    for i in sorted(range(len(things)), key=lambda i: -corners[i][:, 2].mean()):
        planes = ConvexHull(corners[i][:, :2]).equations
        covered = np.all([nx * x + ny * y + offset <= 0 for nx, ny, offset in planes], axis=0)
        rgb[covered, :3] = rng.integers(0, 255, 3)
        for batch, picture in enumerate(ids):
            picture[covered] = i - 255 * batch + 1 if batch == i // 255 and i < labelled else 0
    return rgb, ids


def write_frame(
    spool: Path,
    k: int,
    resolution: tuple[int, int] = RESOLUTION,
    scene: tuple[CameraPose, list[Placed]] | None = None,
    fingerprint: str = FINGERPRINT,
) -> Path:
    """Writes frame folder `spool/<k>` and returns it. Without a scene, a random one that only depends on k."""
    rng = np.random.default_rng(k)
    camera, things = scene or random_scene(rng, int(rng.integers(0, 6)), int(rng.integers(0, 2)))
    rgb, ids = paint(camera, things, resolution, k)
    folder = spool / f"{k:06d}"
    folder.mkdir(parents=True)
    Image.fromarray(rgb).save(folder / "rgb.png", compress_level=1)
    for batch, picture in enumerate(ids):
        rgba = np.zeros((*picture.shape, 4), np.uint8)
        rgba[..., 0] = picture
        Image.fromarray(rgba).save(folder / f"ids-{batch}.png", compress_level=1)
    record = frame_record(k, resolution, camera, things, len(ids), fingerprint)
    (folder / "frame.json").write_text(json.dumps(asdict(record)), encoding="utf-8")
    return folder


def frame_record(
    k: int,
    resolution: tuple[int, int],
    camera: CameraPose,
    things: list[Placed],
    id_pictures: int = 1,
    fingerprint: str = FINGERPRINT,
) -> FrameRecord:
    planned = tuple(
        PlannedObject(thing.model.id, thing.class_index, thing.location_cm, thing.rotation_deg, thing.scale)
        for thing in things
    )
    plan = FramePlan(k, 0, "yard", camera, _LIGHT, 0.0, planned, len(things), 40.0, {})
    objects = []
    for index, thing in enumerate(things):
        if thing.class_index is None:
            continue
        x, y, _ = project(thing, camera, resolution).T
        box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
        pose = (thing.location_cm, thing.rotation_deg, thing.scale)
        name = CLASSES[thing.class_index]
        objects.append(ObjectRecord(index, thing.class_index, name, thing.model.id, *pose, box))
    files = CaptureFiles("rgb.png", tuple(f"ids-{batch}.png" for batch in range(id_pictures)))
    return FrameRecord(fingerprint, k, 0, resolution, plan, camera, tuple(objects), files, {})


def shifted(record: FrameRecord, index: int, shift: tuple[float, float, float, float]) -> FrameRecord:
    """The record with the full box of one object moved, edge by edge."""
    objects = list(record.objects)
    full = objects[index].box_full_px
    if full is None:
        raise ValueError(f"Object {index} has no box.")
    x0, y0, x1, y1 = (a + b for a, b in zip(full, shift, strict=True))
    objects[index] = replace(objects[index], box_full_px=(x0, y0, x1, y1))
    return replace(record, objects=tuple(objects))
