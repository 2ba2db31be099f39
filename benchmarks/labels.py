"""What labels cost per frame, on one core: 640 × 640 pixels, ten objects.

    python benchmarks/labels.py [--rounds 30]

`detect` is all a run does for labels: record, id picture, measuring, self-check, label and manifest line. The other
forms are made from the manifest afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "dataset"))

from synthetic_spool import CLASSES, frame_settings, make_header, random_scene, write_frame

from unrealsynth.dataset import pictures
from unrealsynth.dataset.annotations import annotated
from unrealsynth.dataset.coco import coco_annotation
from unrealsynth.dataset.depth import encode_depth, read_depth
from unrealsynth.dataset.frames import process_frame, read_record
from unrealsynth.dataset.manifest import parse_entry
from unrealsynth.dataset.obb import obb_label
from unrealsynth.dataset.segment import segment_label
from unrealsynth.dataset.semantic import semantic_label
from unrealsynth.labels import LabelSettings, measure, yolo_label

RESOLUTION = (640, 640)
OBJECTS = 10
LIMITS_MS = {"detect": 8.0, "all tasks": 20.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    header = make_header()
    settings = frame_settings(header, RESOLUTION)
    with tempfile.TemporaryDirectory() as folder:
        scene = random_scene(np.random.default_rng(0), OBJECTS, 2)
        frame = write_frame(Path(folder), 3, RESOLUTION, scene, header.fingerprint)
        exr = Path(folder) / "depth.exr"
        depth = np.tile(np.linspace(100, 9000, RESOLUTION[0], dtype=np.float32), (RESOLUTION[1], 1))
        channels = dict.fromkeys("RGBA", depth)
        OpenEXR.File({"compression": OpenEXR.NO_COMPRESSION, "type": OpenEXR.scanlineimage}, channels).write(str(exr))
        line = process_frame(frame, settings).entry.to_line()
        entry = parse_entry(line)
        if entry is None:
            raise SystemExit("The frame's manifest line cannot be read back.")
        known = annotated(entry, LabelSettings())

        def detect() -> None:
            record, data = read_record(frame)
            ids = pictures.read_ids(frame / "ids-0.png", RESOLUTION)
            measured = measure([ids], record.objects)
            settings.checker.check(record, measured)
            yolo_label(measured, RESOLUTION, LabelSettings())
            replace(entry, record=data).to_line()

        parts: dict[str, Callable[[], object]] = {
            "detect": detect,
            "segment": lambda: segment_label(known),
            "obb": lambda: obb_label(known),
            "semantic": lambda: semantic_label(known, len(CLASSES)),
            "depth": lambda: encode_depth(read_depth(exr, RESOLUTION)),
            "coco": lambda: [json.dumps(coco_annotation(item, 1, 1, RESOLUTION)) for item in known.annotations],
        }
        times = {name: fastest_ms(part, rounds) for name, part in parts.items()}
    times["all tasks"] = sum(times.values())
    print(f"{len(known.annotations)} labelled objects, {RESOLUTION[0]} x {RESOLUTION[1]} px, ms of one core per frame")
    for name, value in times.items():
        limit = f"  (at most {LIMITS_MS[name]:.0f})" if name in LIMITS_MS else ""
        print(f"  {name:10} {value:6.2f}{limit}")


def fastest_ms(part: Callable[[], object], rounds: int) -> float:
    """Processor time of the fastest round, which others on the machine disturbed least."""
    part()
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        part()
        best = min(best, time.process_time() - started)
    return 1000 * best


if __name__ == "__main__":
    main()
