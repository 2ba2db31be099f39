"""Training on a data set with Ultralytics, with settings that work on the machine at hand.

A thin call: whatever is not said here is Ultralytics' default. Nothing of it is imported before it is needed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from unrealsynth.dataset.archive import labelled_images
from unrealsynth.dataset.layout import YoloLayout, read_layout
from unrealsynth.dataset.tasks import MODELS, task_of
from unrealsynth.errors import DataSetError, RecipeError, UnrealSynthError
from unrealsynth.files import patiently

_STRIDE_PX = 32
_LARGEST_PX = 640
_BATCH = 16
_GPU_WORKERS = 8


@dataclass(frozen=True)
class Training:
    """What came of it."""

    folder: Path
    """Where Ultralytics put everything."""
    weights: Path
    task: str
    device: str
    metrics: Mapping[str, float]
    """Of the validation images, by Ultralytics' names."""

    def as_json(self) -> Mapping[str, object]:
        return {
            "ok": True,
            "folder": str(self.folder),
            "weights": str(self.weights),
            "task": self.task,
            "device": self.device,
            "metrics": dict(self.metrics),
        }

    def as_text(self) -> str:
        numbers = ", ".join(f"{name.removeprefix('metrics/')} {value:.3f}" for name, value in self.metrics.items())
        return f"{self.weights}\n  {numbers}\n  everything else is in {self.folder}"


def train(
    data_set: Path,
    *,
    model: str | None = None,
    epochs: int = 100,
    image_size: int | None = None,
    batch: int | None = None,
    device: str | None = None,
    out: Path | None = None,
) -> Training:
    """Trains `model` on `data_set`, by default an untrained one for its task at the size of its images (640 at most).

    Raises RecipeError when Ultralytics is not installed, UnrealSynthError when it refuses, and DataSetError when there
    is no data set.
    """
    layout = read_layout(data_set)
    task = task_of(layout)
    size_px, count = _size_and_count(layout)
    folder = (out if out is not None else Path(f"{layout.root.resolve().name}-train")).resolve()
    with _stdout_for_results():
        yolo, torch = _ultralytics(), importlib.import_module("torch")
        chosen = device or _device(torch)
        network = yolo(model or MODELS[task])
        options: dict[str, Any] = {
            "data": str(layout.yaml_path.resolve()),
            "epochs": epochs,
            "imgsz": image_size or size_px,
            "batch": batch or max(1, min(_BATCH, count)),
            "device": chosen,
            # Worker processes cost more memory than they save time where the processor does the training.
            "workers": 0 if chosen == "cpu" else min(_GPU_WORKERS, os.cpu_count() or 1),
            "amp": chosen not in {"cpu", "mps"},
            "project": str(folder.parent),
            "name": folder.name,
        }
        with _without_new_caches(layout.root):
            try:
                network.train(**options)
            except (RuntimeError, ValueError, OSError, TypeError, KeyError, AssertionError) as error:
                raise UnrealSynthError(
                    f"Ultralytics could not train on {layout.yaml_path}: {error} `unrealsynth check` may say why."
                ) from error
    trainer = network.trainer
    metrics = {str(name): float(value) for name, value in (trainer.metrics or {}).items()}
    best = Path(trainer.best)
    weights = best if best.is_file() else Path(trainer.last)
    return Training(Path(trainer.save_dir), weights, task, chosen, metrics)


def _ultralytics() -> Any:
    """The class YOLO. Raises RecipeError when it is not installed."""
    try:
        return importlib.import_module("ultralytics").YOLO
    except ImportError as error:
        raise RecipeError(
            f'Training needs Ultralytics, which cannot be imported ({error}): pip install "unrealsynth[train]"'
        ) from error


def _device(torch: Any) -> str:
    if torch.cuda.is_available():
        return "0"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _size_and_count(layout: YoloLayout) -> tuple[int, int]:
    """The images' longer side as a whole number of strides, and how many are for training."""
    count = 0
    first: Path | None = None
    for split, image in labelled_images(layout):
        if split == "train":
            first = first or image
            count += 1
    if first is None:
        raise DataSetError(f"{layout.yaml_path} has no image for training.")
    try:
        with Image.open(first) as picture:
            longer = max(picture.size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataSetError(f"The image {first} cannot be read: {error}.") from error
    return min(-(-longer // _STRIDE_PX) * _STRIDE_PX, _LARGEST_PX), count


@contextlib.contextmanager
def _stdout_for_results() -> Iterator[None]:
    """Ultralytics talks on the standard output, which is for our result."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def _without_new_caches(root: Path) -> Iterator[None]:
    """Removes the label caches that a training leaves in the data set: pickles that are no part of it."""
    before = set(root.glob("*/*.cache"))
    try:
        yield
    finally:
        for path in set(root.glob("*/*.cache")) - before:
            with contextlib.suppress(OSError):
                patiently(path.unlink)
