"""Shares of objects in the manifest, and what the label settings make of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from synthetic_spool import RESOLUTION, Placed, frame_settings, make_header, paint, write_frame

from unrealsynth.dataset.frames import EncodedFrame, process_frame
from unrealsynth.labels import LabelSettings
from unrealsynth_plugin.core.geometry import CameraPose

CAMERA = CameraPose((-500.0, 0.0, 150.0), (0.0, -10.0, 0.0), 30.0)
PIT = Placed(2, (0.0, 0.0, 0.0))
BEHIND = Placed(2, (180.0, 30.0, 0.0))
CUT = Placed(2, (0.0, 165.0, 0.0))
THINGS = [PIT, BEHIND, CUT]


def make(folder: Path, settings: LabelSettings, groups: Sequence[Sequence[int]] | None) -> EncodedFrame:
    """The frame, with pictures of groups of objects on their own."""
    header = make_header(labels=settings)
    frame = write_frame(folder, 3, scene=(CAMERA, THINGS), fingerprint=header.fingerprint)
    record = json.loads((frame / "frame.json").read_text(encoding="utf-8"))
    if groups is not None:
        record["captures"]["alone"] = []
        for number, group in enumerate(groups):
            rgba = np.zeros((RESOLUTION[1], RESOLUTION[0], 4), np.uint8)
            for index in group:
                _, ids = paint(CAMERA, [THINGS[index]], RESOLUTION, 1)
                rgba[ids[0] == 1, 0] = index + 1
            Image.fromarray(rgba).save(frame / f"alone-{number}.png")
            record["captures"]["alone"].append({"file": f"alone-{number}.png", "objects": list(group)})
    (frame / "frame.json").write_text(json.dumps(record), encoding="utf-8")
    return process_frame(frame, frame_settings(header))


def objects_of(frame: EncodedFrame) -> list[dict[str, Any]]:
    return [dict(item) for item in frame.entry.objects]


def test_what_was_not_measured_is_not_known(tmp_path: Path) -> None:
    frame = make(tmp_path, LabelSettings(), None)
    assert [item["visible"] for item in objects_of(frame)] == [None] * 3


def test_shares_are_counted(tmp_path: Path) -> None:
    pit, behind, cut = objects_of(make(tmp_path, LabelSettings(), [[0, 2], [1]]))
    alone = int(np.count_nonzero(paint(CAMERA, [BEHIND], RESOLUTION, 1)[1][0]))
    assert (pit["visible"], cut["visible"]) == (1.0, 1.0)
    assert behind["visible"] == pytest.approx(behind["pixels"] / alone, abs=1e-4)
    assert 0.1 < behind["visible"] < 0.9
    x0, _, x1, _ = cut["box_full_px"]
    assert cut["truncated"] == pytest.approx((x1 - 96) / (x1 - x0), abs=1e-4)
    assert 0.05 < cut["truncated"] < 0.95
    assert (pit["truncated"], behind["truncated"]) == (0.0, 0.0)
    assert pit["distance_cm"] == pytest.approx(np.hypot(500, 150), abs=0.01)
    assert pit["rotation_deg"] == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("settings", "left_out"),
    [
        (LabelSettings(), {}),
        (LabelSettings(min_visible=0.95), {1: "covered"}),
        (LabelSettings(max_truncated=0.05), {2: "truncated"}),
        (LabelSettings(min_visible=0.95, max_truncated=0.05, redraw=True), {1: "covered", 2: "truncated"}),
        (LabelSettings(min_pixels=100_000), {0: "small", 1: "small", 2: "small"}),
    ],
)
def test_limits_leave_objects_out(tmp_path: Path, settings: LabelSettings, left_out: dict[int, str]) -> None:
    frame = make(tmp_path, settings, [[0, 2], [1]])
    assert frame.left_out == left_out
    assert len(frame.label.splitlines()) == 3 - len(left_out)
    assert frame.has_remnant == (settings.redraw and bool(left_out))
    assert {i: item["left_out"] for i, item in enumerate(objects_of(frame)) if item["left_out"]} == left_out


def test_full_boxes_go_to_the_edge_of_the_picture(tmp_path: Path) -> None:
    frame = make(tmp_path, LabelSettings(box="full"), None)
    for row, item in zip(frame.label.decode().splitlines(), objects_of(frame), strict=True):
        cx, cy, w, h = (float(word) for word in row.split()[1:])
        box = [(cx - w / 2) * 96, (cy - h / 2) * 72, (cx + w / 2) * 96, (cy + h / 2) * 72]
        x0, y0, x1, y1 = item["box_full_px"]
        seen = item["box_px"]
        wanted = [min(x0, seen[0]), min(y0, seen[1]), min(max(x1, seen[2]), 96), max(y1, seen[3])]
        assert box == pytest.approx(wanted, abs=1e-3)
