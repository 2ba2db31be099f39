"""Data sets made of plain values: frames in memory, a data set of ours, and one of somebody else's on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from synthetic_spool import CLASSES, MODELS, RESOLUTION, frame_settings, make_header, write_frame

from unrealsynth.dataset.frames import process_frame
from unrealsynth.dataset.manifest import Header
from unrealsynth.dataset.writer import DataSet
from unrealsynth.report.source import Frame, LabelledObject
from unrealsynth_plugin.core.codec import encode
from unrealsynth_plugin.core.contract import Environment, Prepared
from unrealsynth_plugin.core.distributions import Uniform
from unrealsynth_plugin.core.geometry import Box
from unrealsynth_plugin.core.settings import Camera, Distractors, Light, Objects, SunLight

HOSTILE = '<script>alert("1")</script> & $x$ `y` 中文'


def header_of(classes: Sequence[str] = CLASSES) -> Header:
    """A header that declares what `synthetic_spool` draws, and one thing that it does not: the camera's roll."""
    environment = Environment("yard", sun=SunLight(azimuth=45.0, elevation=40.0, intensity=10.0, temperature=5800.0))
    settings = {
        "name": "roadworks",
        "seed": 7,
        "images": 16,
        "resolution": list(RESOLUTION),
        "environments": ["yard"],
        "maps": {"yard": encode(environment)},
        "textures": {f"textures/{'a' * 64}.png": "builtin:soil", f"textures/{'b' * 64}.hdr": "sunset.hdr"},
        "objects": encode(Objects(count=Uniform((1.0, 6.0)), empty=0.2, scale=Uniform((0.8, 1.25)))),
        "distractors": encode(Distractors()),
        "camera": encode(Camera(size=40.0, elevation=Uniform((10.0, 50.0)), roll=0.0)),
        "light": encode(Light()),
    }
    models = (
        {"id": "cone", "source": "cone.glb", "source_sha256": "c" * 64, "copyright": "CC0 <b>me</b>"},
        {"id": "sign", "source": "sign.glb", "source_sha256": "d" * 64, "copyright": ""},
        {"id": "pit", "source": "builtin:pit", "source_sha256": "e" * 64, "copyright": ""},
    )
    parts = {"classes": [[name, 1.0, [model.id]] for name, model in zip(classes, MODELS, strict=False)]}
    return replace(
        make_header(),
        parts={**make_header().parts, **parts},
        classes=tuple(classes),
        settings=settings,
        models=models,
        prepared=(Prepared("yard", 0.0, 1),),
    )


def write_ours(folder: Path, classes: Sequence[str] = CLASSES, frames: int = 16) -> Path:
    """A data set as a run leaves it."""
    header = header_of(classes)
    settings = frame_settings(header)
    with DataSet.open(folder, header) as writer:
        for k in range(frames):
            spooled = write_frame(folder.parent / f"{folder.name} spool", k, fingerprint=header.fingerprint)
            writer.add(process_frame(spooled, settings))
        writer.close(complete=True)
    return folder


def write_foreign(folder: Path, rows: Sequence[str], names: str = "[cat, dog]", splits: int = 2) -> Path:
    """Somebody's YOLO data set: one 64 x 48 picture for each label text, the last `splits` - 1 of them in val."""
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    for number, text in enumerate(rows):
        split = "val" if number >= len(rows) - splits + 1 else "train"
        pixels = rng.integers(0, 255, (3, 4, 3), np.uint8).repeat(16, 0).repeat(16, 1)
        Image.fromarray(pixels).save(folder / f"images/{split}/{number}.jpg")
        (folder / f"labels/{split}/{number}.txt").write_text(text, encoding="utf-8")
    yaml = f"train: images/train\nval: images/val\nnames: {names}\n"
    (folder / "data.yaml").write_text(yaml, encoding="utf-8")
    return folder


def frame(*objects: LabelledObject, name: str = "0", split: str = "train", **more: object) -> Frame:
    """A frame of 640 x 480."""
    return Frame(name, split, Path(f"{name}.png"), (640, 480), tuple(objects), **more)  # type: ignore[arg-type]


def labelled(class_index: int, box: Box, **more: object) -> LabelledObject:
    return LabelledObject(class_index, box, **more)  # type: ignore[arg-type]


def square(class_index: int, cx: float, cy: float, side: float, **more: object) -> LabelledObject:
    return labelled(class_index, (cx - side / 2, cy - side / 2, cx + side / 2, cy + side / 2), **more)
