"""pycocotools and supervision read what we write, and see the same boxes and masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unrealsynth import rle
from unrealsynth.dataset.annotations import MadeDataSet

pytestmark = [
    pytest.mark.interop,
    # Of other people's packages, about each other.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.mark.parametrize("split", ["train", "val"])
def test_pycocotools_finds_the_masks(forms: dict[str, Path], split: str) -> None:
    coco_api = pytest.importorskip("pycocotools.coco")
    coco = coco_api.COCO(str(forms["coco"] / f"instances_{split}.json"))
    source = MadeDataSet(forms["detect"].parent)
    count = 0
    for frame in source.frames():
        if frame.entry.split != split:
            continue
        found = coco.loadAnns(coco.getAnnIds(imgIds=[frame.entry.k + 1]))
        assert [item["category_id"] - 1 for item in found] == [item.class_index for item in frame.annotations]
        for item, truth in zip(found, frame.annotations, strict=True):
            mask = coco.annToMask(item).astype(bool)
            wanted = rle.decode(truth.mask, (frame.size[1], frame.size[0]))
            assert np.count_nonzero(mask) == pytest.approx(truth.pixels, rel=0.02, abs=4)
            assert np.count_nonzero(mask & wanted) / np.count_nonzero(mask | wanted) > 0.9
            count += 1
    assert count >= 4


@pytest.mark.parametrize("form", ["detect", "yolo-segment", "yolo-obb"])
def test_supervision_reads_yolo(forms: dict[str, Path], form: str) -> None:
    supervision = pytest.importorskip("supervision")
    root = forms[form].parent
    source = MadeDataSet(root)
    for split in ("train", "val"):
        data_set = supervision.DetectionDataset.from_yolo(
            str(root / "images" / split),
            str(root / "labels" / split),
            str(forms[form]),
            force_masks=form == "yolo-segment",
            is_obb=form == "yolo-obb",
        )
        assert data_set.classes == ["box", "cone"]
        found = {int(Path(name).stem): detections for name, _, detections in data_set}
        for frame in (frame for frame in source.frames() if frame.entry.split == split):
            detections = found[frame.entry.k]
            assert list(detections.class_id) == [item.class_index for item in frame.annotations]
            for number, item in enumerate(frame.annotations):
                if form != "yolo-obb":
                    assert detections.xyxy[number] == pytest.approx(item.visible_px, abs=1.01)
                if form == "yolo-segment":
                    # It rounds points and fills their border too: up to a pixel more on two sides.
                    x0, y0, x1, y1 = item.visible_px
                    more = np.count_nonzero(detections.mask[number]) - item.pixels
                    assert -0.05 * item.pixels <= more <= 1.3 * (x1 - x0 + y1 - y0)


def test_supervision_reads_coco(forms: dict[str, Path]) -> None:
    supervision = pytest.importorskip("supervision")
    root = forms["coco"].parent
    for split in ("train", "val"):
        data_set = supervision.DetectionDataset.from_coco(
            str(root / "images" / split), str(forms["coco"] / f"instances_{split}.json")
        )
        found = {int(Path(name).stem): detections for name, _, detections in data_set}
        for frame in MadeDataSet(forms["detect"].parent).frames():
            if frame.entry.split == split:
                boxes = found[frame.entry.k].xyxy
                assert np.reshape(boxes, (-1, 4)).tolist() == [list(item.visible_px) for item in frame.annotations]


def test_datumaro_reads_coco(forms: dict[str, Path]) -> None:
    datumaro = pytest.importorskip("datumaro")
    data_set = datumaro.Dataset.import_from(str(forms["coco"].parent), "coco_instances")
    frames = {frame.entry.k: frame for frame in MadeDataSet(forms["detect"].parent).frames()}
    assert {(int(item.id), item.subset) for item in data_set} == {(k, f.entry.split) for k, f in frames.items()}
    for item in data_set:
        boxes = [a for a in item.annotations if a.type == datumaro.AnnotationType.bbox]
        wanted = [(a.class_index, list(a.visible_px)) for a in frames[int(item.id)].annotations]
        assert [(box.label, list(box.points)) for box in boxes] == wanted
