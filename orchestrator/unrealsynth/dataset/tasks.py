"""Which task a YOLO data set is for, judged as Ultralytics users mean it: by folders, keys, and columns of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from unrealsynth.dataset.layout import SplitError, YoloLayout, label_path
from unrealsynth.dataset.manifest import read_header
from unrealsynth.errors import DataSetError

MODELS: Mapping[str, str] = {
    "detect": "yolov8n.yaml",
    "segment": "yolov8n-seg.yaml",
    "obb": "yolov8n-obb.yaml",
    "pose": "yolov8n-pose.yaml",
    "semantic": "yolo26n-sem.yaml",
    "depth": "yolo26n-depth.yaml",
}
"""By task: untrained models, which need no download."""
_FILES_LOOKED_AT = 200
_BOX_COLUMNS, _OBB_COLUMNS = 5, 9
_MOSTLY = 0.9


def task_of(layout: YoloLayout) -> str:
    """`detect`, `segment`, `obb`, `pose`, `semantic` or `depth`.

    Most rows of the first files decide. Rows of nine columns are taken for oriented boxes, though they might be
    polygons of four points.
    """
    try:
        header = read_header(layout.root)
    except DataSetError:
        # Said by the checks.
        header = None
    if header is not None:
        return header.output.task
    if layout.data.get("masks_dir") or (layout.root / "masks").is_dir():
        return "semantic"
    if "depth_scale" in layout.data or ((layout.root / "depth").is_dir() and not (layout.root / "labels").is_dir()):
        return "depth"
    if "kpt_shape" in layout.data:
        return "pose"
    columns = _columns(layout)
    polygons = sum(count for number, count in columns.items() if number > _BOX_COLUMNS + 1)
    if polygons <= columns[_BOX_COLUMNS]:
        return "detect"
    return "obb" if columns[_OBB_COLUMNS] >= _MOSTLY * polygons else "segment"


def _columns(layout: YoloLayout) -> Counter[int]:
    """How many rows have how many columns."""
    found: Counter[int] = Counter()
    looked_at = 0
    for split in layout.splits:
        try:
            for image in layout.images(split):
                label = label_path(image)
                if label.is_file() and label.stat().st_size:
                    found.update(len(line.split()) for line in label.read_bytes().splitlines() if line.strip())
                    looked_at += 1
                if looked_at >= _FILES_LOOKED_AT:
                    return found
        except (SplitError, OSError, UnicodeDecodeError):
            # Said by the checks.
            continue
    return found
