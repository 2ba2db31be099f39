"""What Ultralytics says of a data set, as one line of JSON: python ultralytics_reads.py YAML [RUNS].

With the folder RUNS it also trains for one epoch.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ultralytics import YOLO
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import check_det_dataset, load_dataset_cache_file


def main() -> None:
    path = sys.argv[1]
    data = check_det_dataset(path, autodownload=False)
    report: dict[str, object] = {"names": data["names"]}
    for split in ("train", "val"):
        loaded = YOLODataset(img_path=data[split], data=data, task="detect", augment=False, imgsz=96)
        cache = load_dataset_cache_file(Path(data[split].replace("images", "labels")).with_suffix(".cache"))
        found, missing, empty, corrupt, _ = cache["results"]
        report[split] = {
            "labels": {
                Path(item["im_file"]).name: [
                    [int(c), *box] for c, box in zip(item["cls"][:, 0], item["bboxes"].tolist(), strict=True)
                ]
                for item in loaded.get_labels()
            },
            "results": {"found": found, "missing": missing, "empty": empty, "corrupt": corrupt},
            "messages": cache["msgs"],
        }
    if len(sys.argv) > 2:
        options = {"epochs": 1, "imgsz": 96, "batch": 4, "workers": 0, "device": "cpu", "plots": False, "amp": False}
        model = YOLO("yolov8n.yaml")
        model.train(data=path, project=sys.argv[2], name="run", **options)
        report["epochs"] = model.trainer.epoch + 1
        report["weights"] = Path(model.trainer.last).is_file()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
