"""What Ultralytics loads for a task, as one line of JSON: python ultralytics_reads_tasks.py TASK YAML."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from ultralytics.cfg import get_cfg
from ultralytics.data.build import build_yolo_dataset
from ultralytics.data.utils import check_det_dataset, load_dataset_cache_file


def main() -> None:
    task, path = sys.argv[1:]
    data = check_det_dataset(path, autodownload=False)
    cfg = get_cfg(overrides={"task": task, "imgsz": 96, "rect": False})
    report: dict[str, object] = {"names": data["names"]}
    for split in ("train", "val"):
        loaded = build_yolo_dataset(cfg, data[split], 4, data, mode="val")
        images = {}
        for index in range(len(loaded)):
            item = loaded.get_image_and_label(index)
            entry: dict[str, object] = {}
            if task == "semantic":
                values, counts = np.unique(item["semantic_mask"], return_counts=True)
                entry["pixels"] = {int(v): int(c) for v, c in zip(values, counts, strict=True)}
            elif task == "depth":
                entry["depth"] = [float(item["depth"].min()), float(item["depth"].max()), float(item["depth"].mean())]
            else:
                label = loaded.labels[index]
                entry["classes"] = label["cls"][:, 0].astype(int).tolist()
                entry["boxes"] = label["bboxes"].tolist()
                entry["points"] = [len(segment) for segment in label["segments"]]
            images[loaded.im_files[index]] = entry
        folder = {"semantic": "masks", "depth": "depth"}.get(task, "labels")
        cache = load_dataset_cache_file(Path(data[split].replace("images", folder)).with_suffix(".cache"))
        report[split] = {"images": images, "results": list(cache["results"][:4]), "messages": cache["msgs"]}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
