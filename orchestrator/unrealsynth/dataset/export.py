"""A finished data set in another form, in a place of its own: other label tasks, COCO, or one file for the platform.

The data set itself is only read; a form is whole at its place or not there at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from unrealsynth.dataset.annotations import AnnotatedFrame, MadeDataSet
from unrealsynth.dataset.archive import write_ndjson, write_zip
from unrealsynth.dataset.coco import CocoWriter
from unrealsynth.dataset.depth import DEPTH_SCALE
from unrealsynth.dataset.derived import YAML_NAME, DerivedDataSet, FileLinker, new_place
from unrealsynth.dataset.layout import find_yaml, read_layout
from unrealsynth.dataset.manifest import Header, Task
from unrealsynth.dataset.obb import obb_label
from unrealsynth.dataset.segment import segment_label
from unrealsynth.dataset.semantic import MASKS_FOLDER, semantic_label, semantic_names
from unrealsynth.dataset.tasks import MODELS, task_of
from unrealsynth.errors import DataSetError

Form = Literal["coco", "yolo-segment", "yolo-obb", "yolo-semantic", "yolo-depth", "zip", "ndjson"]
FORMS: tuple[Form, ...] = get_args(Form)
_TASKS: Mapping[str, Task] = {
    "yolo-segment": "segment",
    "yolo-obb": "obb",
    "yolo-semantic": "semantic",
    "yolo-depth": "depth",
}
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Export:
    """What was made."""

    form: Form
    path: Path
    train_with: Path
    """What to name as `data` when training, or to hand to a tool."""
    images: int = 0
    task: str = "detect"
    objects: Counter[str] = field(default_factory=Counter)
    """Labelled objects by class; empty for `zip` and `ndjson`, which carry label files as they are."""
    shortfall: str = ""
    """A sentence when the data set is not complete."""

    def as_json(self) -> Mapping[str, object]:
        return {
            "ok": True,
            "form": self.form,
            "path": str(self.path),
            "data": str(self.train_with),
            "images": self.images,
            "objects": dict(self.objects),
        }

    def as_text(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.objects.items())
        lines = [f"{self.path}: {self.images} images{': ' if counts else ''}{counts}", self.shortfall, self._hint()]
        return "\n  ".join(filter(None, lines))

    def _hint(self) -> str:
        if self.form == "zip":
            return "upload it to the online platform, or unpack it anywhere"
        if self.form == "coco":
            return f"annotations are in {self.train_with}"
        return f"train with: yolo train data={self.train_with} model={MODELS[self.task]}"


def export(
    data_set: Path,
    form: Form,
    out: Path | None = None,
    *,
    copy: bool = False,
    progress: Progress = lambda done, total: None,
) -> Export:
    """Writes `data_set` (its folder or YAML file) as `form` to `out`, by default beside it; images become hard links.

    `copy` makes them files of their own; `progress` is told how many images of how many are done. Raises DataSetError
    when something is at `out` already, or the data set does not hold what the form needs.
    """
    if form not in FORMS:
        raise DataSetError(f"There is no form {form!r}; known are {', '.join(FORMS)}.")
    folder = (data_set if data_set.is_dir() else find_yaml(data_set).parent).resolve()
    target = out if out is not None else folder.with_name(folder.name + _ending(form))
    _require_outside(target, folder)
    if form in ("zip", "ndjson"):
        return _write_file(data_set, form, target, folder.name)
    source = MadeDataSet(folder)
    with new_place(target) as place:
        if form == "coco":
            objects, images = _write_coco(source, place, copy, progress)
        else:
            objects, images = _write_yolo(source, _TASKS[form], place, copy, progress)
    first = target / ("annotations" if form == "coco" else YAML_NAME)
    task = _TASKS.get(form, "detect")
    return Export(form, target, first, images, task, objects, source.header.shortfall(images))


def _ending(form: Form) -> str:
    return f".{form}" if form in ("zip", "ndjson") else f"-{form.removeprefix('yolo-')}"


def _require_outside(target: Path, folder: Path) -> None:
    """A folder such as `masks` in a data set's root would make Ultralytics train another task."""
    if target.resolve().is_relative_to(folder):
        raise DataSetError(f"{target} is inside the data set {folder}, which would change it: give another --out.")


def _write_file(data_set: Path, form: Form, target: Path, name: str) -> Export:
    layout = read_layout(data_set)
    task = task_of(layout)
    with new_place(target) as place:
        if form == "zip":
            count = write_zip(layout, place, target.stem, task)
        else:
            count = write_ndjson(layout, place, name, task)
    return Export(form, target, target, count, task)


def _write_coco(source: MadeDataSet, place: Path, copy: bool, progress: Progress) -> tuple[Counter[str], int]:
    linker = FileLinker(copy=copy)
    objects: Counter[str] = Counter()
    images = 0
    with CocoWriter(place, source.header.classes, source.folder.name) as writer:
        for images, frame in enumerate(source.frames(), 1):
            linker.place(source.folder / frame.entry.image, place / frame.entry.image)
            writer.add(frame)
            objects.update(source.header.classes[item.class_index] for item in frame.annotations)
            progress(images, source.images)
        writer.finish()
    return objects, images


def _write_yolo(
    source: MadeDataSet, task: Task, place: Path, copy: bool, progress: Progress
) -> tuple[Counter[str], int]:
    header = replace(source.header, output=replace(source.header.output, task=task))
    names, more, folder = task_yaml(header)
    suffix = ".txt" if folder == "labels" else ".png"
    label = _label_of(task, len(header.classes))
    objects: Counter[str] = Counter()
    images = 0
    with DerivedDataSet(place, source.folder, header, copy=copy) as made:
        for images, frame in enumerate(source.frames(), 1):
            entry = frame.entry
            made.add(entry, entry.split, f"{folder}/{entry.split}/{entry.k}{suffix}", label(frame))
            objects.update(header.classes[item.class_index] for item in frame.annotations)
            progress(images, source.images)
        made.finish(names, more, folder)
    return objects, images


def task_yaml(header: Header) -> tuple[Mapping[int, str], Mapping[str, object], str]:
    """Class names and further keys of the YAML, and the folder of the labels, for the task of a data set."""
    if header.output.task == "semantic":
        return semantic_names(header.classes), {"masks_dir": MASKS_FOLDER}, MASKS_FOLDER
    if header.output.task == "depth":
        return {0: "depth"}, {"depth_scale": DEPTH_SCALE}, "depth"
    return dict(enumerate(header.classes)), {}, "labels"


def _label_of(task: Task, classes: int) -> Callable[[AnnotatedFrame], bytes | None]:
    """What makes a frame's label."""
    if task == "semantic":
        return lambda frame: semantic_label(frame, classes)
    return {"segment": segment_label, "obb": obb_label, "depth": _depth_label}[task]


def _depth_label(frame: AnnotatedFrame) -> None:
    """The depth map is there already, or it cannot be made any more."""
    if frame.entry.depth is None:
        raise DataSetError(
            f"Frame {frame.entry.k} has no depth map: add `captures: {{depth: true}}` to the recipe and make the data "
            "set again."
        )
