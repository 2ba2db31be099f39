"""Every check a YOLO data set has to pass, ours or anybody's; stricter than Ultralytics.

Rules are numbered. 1-7: structure, 8-11: pictures, 12-17 and 19: rows of labels, 18 and 30: agreement with the
manifest, where there is one, 20-24: polygons, oriented boxes, key points, masks and depth, 29: COCO files. Nothing is
written, nothing of the YAML is executed.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from unrealsynth.dataset.coco_checks import coco_faults, coco_files
from unrealsynth.dataset.export import task_yaml
from unrealsynth.dataset.faults import Fault
from unrealsynth.dataset.image_checks import ImageCheck, LookedImage
from unrealsynth.dataset.layout import LABEL_FOLDERS, TEXT_LABELS, SplitError, YoloLayout, below, find_yaml, read_layout
from unrealsynth.dataset.manifest import HEADER_NAME, MANIFEST_NAME, Header, entries, read_header
from unrealsynth.dataset.rows import RowForm
from unrealsynth.dataset.tasks import task_of
from unrealsynth.dataset.writer import WORKING_FOLDER
from unrealsynth.errors import DataSetError

_KEYS = {
    *("path", "train", "val", "test", "minival", "names", "nc", "channels", "kpt_shape", "flip_idx", "kpt_names"),
    *("kpt_oks_sigmas", "masks_dir", "label_mapping", "depth_scale", "max_depth", "task"),
}
_FEW_IMAGES = 300
"""With fewer, starting processes takes longer than they save."""
_CHUNK = 32
Progress = Callable[[int, int], None]
Job = tuple[str, Path, tuple[int, int] | None]
"""Split and path of an image, and where its line is in the manifest: offset and number."""


def check(path: Path, *, workers: int = 1, progress: Progress = lambda done, total: None) -> list[Fault]:
    """All faults of the data set in the folder `path`, or of the YAML file `path`, in the order of the rules.

    A folder with COCO files is checked as well, with or without a YAML. Large data sets are looked at by `workers`
    processes; `progress` is told how many images of how many are done. Raises DataSetError when there is no data set.
    """
    annotations = coco_files(path)
    faults = [fault for file in annotations for fault in coco_faults(path, file)]
    if not annotations or path.is_file() or any(path.glob("*.yaml")):
        faults += _yolo_faults(find_yaml(path), workers, progress)
    return sorted(faults, key=lambda fault: fault.rule)


def shortfall(path: Path) -> str:
    """A sentence about a good data set of ours that is not complete; empty for all others."""
    folder = path.parent if path.is_file() else path
    header = read_header(folder)
    if header is None:
        return ""
    with (folder / MANIFEST_NAME).open("rb") as file:
        return header.shortfall(sum(1 for _ in file))


def usable_cores() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _yolo_faults(yaml_path: Path, workers: int, progress: Progress) -> list[Fault]:
    try:
        layout = read_layout(yaml_path)
    except DataSetError as error:
        return [Fault(1, yaml_path.name, str(error).removeprefix(f"{yaml_path} "))]
    name = yaml_path.name
    faults = [*_yaml_faults(name, layout), *_name_faults(name, layout.data), *_list_faults(layout)]
    images, found = _all_images(layout)
    faults += found
    form, form_faults = _row_form(layout, name)
    faults += form_faults
    header, found = _header(layout, name)
    faults += found
    lines: dict[str, tuple[int, int]] = {}
    if (layout.root / MANIFEST_NAME).exists():
        names = {below(layout.root, image) for group in images.values() for image in group}
        lines, found = _manifest_lines(layout.root, names)
        faults += found
    classes = len(header.classes) if header else 0
    looker = ImageCheck(layout.root, form, header.output.labels if header else None, classes)
    faults += [*_pair_faults(looker, images), *_stem_faults(layout.root, images), *_stray_faults(layout.root)]
    jobs = [(split, image, lines.get(below(layout.root, image))) for split, group in images.items() for image in group]
    digests: dict[bytes, tuple[str, Path]] = {}
    for number, (job, looked) in enumerate(zip(jobs, _look_at_all(looker, jobs, workers), strict=True), 1):
        faults += looked.faults
        faults += _twin_faults(layout.root, job, looked, digests)
        progress(number, len(jobs))
    return faults


def _look_at_all(looker: ImageCheck, jobs: list[Job], workers: int) -> Iterator[LookedImage]:
    if workers <= 1 or len(jobs) < _FEW_IMAGES:
        yield from map(looker.look, jobs)
        return
    # Processes, for decoding holds the interpreter's lock; never forked, for the caller may have threads.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(looker.look, jobs, chunksize=_CHUNK)


def _row_form(layout: YoloLayout, name: str) -> tuple[RowForm, list[Fault]]:
    """What rows look like, and what is wrong with the keys that say so."""
    data = layout.data
    task = task_of(layout)
    count = len(layout.names)
    shape = data.get("kpt_shape")
    if task != "pose":
        return RowForm(task, count), []
    if not (isinstance(shape, list) and len(shape) == 2 and all(type(n) is int for n in shape) and shape[1] in (2, 3)):
        return RowForm(task, count), [Fault(22, name, f"kpt_shape is {shape!r}, wanted [number, 2 or 3]")]
    faults = []
    flip = data.get("flip_idx")
    if flip is not None:
        good = isinstance(flip, list) and sorted(map(str, flip)) == sorted(map(str, range(shape[0])))
        if not good or not isinstance(flip, list) or any(flip[flip[i]] != i for i in range(shape[0])):
            faults.append(Fault(22, name, f"flip_idx {flip!r} does not pair {shape[0]} key points with each other"))
    return RowForm(task, count, (shape[0], shape[1])), faults


def _all_images(layout: YoloLayout) -> tuple[dict[str, list[Path]], list[Fault]]:
    images: dict[str, list[Path]] = {}
    faults = []
    for split in ("train", "val", "test", "minival"):
        if split not in layout.data:
            continue
        images[split] = []
        try:
            images[split] += layout.images(split)
            if not images[split]:
                faults.append(Fault(3, layout.yaml_path.name, f"{split}: {layout.data[split]!r} has no image"))
        except SplitError as error:
            faults.append(Fault(2 if error.outside else 3, layout.yaml_path.name, str(error)))
        except (OSError, ValueError) as error:
            faults.append(Fault(3, layout.yaml_path.name, f"{split}: cannot be read: {error}"))
    return images, faults


def _header(layout: YoloLayout, name: str) -> tuple[Header | None, list[Fault]]:
    """What our data sets say about themselves, and what does not agree with it."""
    has_manifest = (layout.root / MANIFEST_NAME).exists()
    try:
        header = read_header(layout.root)
    except DataSetError as error:
        return None, [Fault(30, HEADER_NAME, str(error).removeprefix(f"{layout.root / HEADER_NAME} "))]
    if header is None:
        return None, [Fault(30, MANIFEST_NAME, f"has no {HEADER_NAME} beside it")] if has_manifest else []
    faults = [] if has_manifest else [Fault(30, HEADER_NAME, f"has no {MANIFEST_NAME} beside it")]
    wanted = task_yaml(header)[0]
    if layout.names != wanted:
        got, made = (", ".join(names.values()) or "none" for names in (layout.names, wanted))
        faults.append(Fault(30, name, f"the classes are {got}; the data set was made with {made}"))
    return header, faults


def _yaml_faults(name: str, layout: YoloLayout) -> Iterator[Fault]:
    data = layout.data
    for key in data:
        if key not in _KEYS:
            why = "Ultralytics executes it" if key == "download" else "is no key Ultralytics knows"
            yield Fault(1, name, f"{key!r}: {why}")
    if data.get("path"):
        yield Fault(2, name, "`path` depends on the current directory or on where the folder lies: leave it out")
    for key in ("train", "val"):
        if key not in data:
            yield Fault(1, name, f"{key!r} is missing")
    for split in layout.splits:
        value = data[split]
        for given, part in zip(value if isinstance(value, list) else [value], layout.parts(split), strict=True):
            if given != part:
                yield Fault(2, name, f"{split}: {given!r} leads out of the folder: write {part!r}")


def _list_faults(layout: YoloLayout) -> Iterator[Fault]:
    """Lines of image lists that Ultralytics would look for from the current directory."""
    for part in (part for split in layout.splits for part in layout.parts(split)):
        path = layout.root / str(part)
        if path.suffix != ".txt" or not path.is_file():
            continue
        for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
            if line.strip() and not line.strip().startswith(b"./"):
                what = "depends on the current directory or on where the folder lies: begin it with ./"
                yield Fault(2, below(layout.root, path), what, number)


def _name_faults(name: str, data: Mapping[str, object]) -> Iterator[Fault]:
    names = data.get("names")
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not names:
        yield Fault(4, name, "`names` is missing or empty")
        return
    if data.get("nc", len(names)) != len(names):
        yield Fault(4, name, f"`nc` is {data['nc']!r}, but there are {len(names)} names")
    if [key for key in names if type(key) is not int] or sorted(names) != list(range(len(names))):
        yield Fault(4, name, f"`names` has the numbers {list(names)}, 0 to {len(names) - 1} are wanted")
    for key, value in names.items():
        if not isinstance(value, str) or not value.strip():
            yield Fault(4, name, f"class {key} has the name {value!r}, a text is wanted")
        elif re.search(r"[\x00-\x1f\x7f-\x9f]", value):
            yield Fault(4, name, f"the name {value!r} of class {key} has a control character")
        elif key == 0 and value.startswith("n0"):
            yield Fault(4, name, f"the first name {value!r} looks like an ImageNet code to Ultralytics")
    counts = Counter(str(value).casefold() for value in names.values())
    for text in (text for text, count in counts.items() if count > 1):
        yield Fault(4, name, f"the name {text!r} is given to {counts[text]} classes")


def _pair_faults(looker: ImageCheck, images: Mapping[str, list[Path]]) -> Iterator[Fault]:
    root = looker.root
    wanted = {looker.label_of(image): image for found in images.values() for image in found}
    for label, image in wanted.items():
        if not label.is_file():
            yield Fault(5, below(root, image), f"has no label {below(root, label)}")
    suffix = LABEL_FOLDERS.get(looker.form.task, TEXT_LABELS)[1]
    for folder in sorted({label.parent for label in wanted}):
        for label in sorted(folder.glob(f"*{suffix}")):
            if label not in wanted:
                yield Fault(5, below(root, label), "has no image")
    places = Counter(image for found in images.values() for image in found)
    for image in (image for image, count in places.items() if count > 1):
        yield Fault(3, below(root, image), f"is named {places[image]} times")


def _stem_faults(root: Path, images: Mapping[str, list[Path]]) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for image in (image for found in images.values() for image in found):
        other = seen.setdefault(image.stem, image)
        if other != image:
            yield Fault(6, below(root, image), f"has the same stem as {below(root, other)}")


def _stray_faults(root: Path) -> Iterator[Fault]:
    for folder, folders, files in os.walk(root):
        for name in sorted([*files, *folders]):
            if name == WORKING_FOLDER:
                yield Fault(7, below(root, Path(folder, name)), "is of a run that goes on or was not finished")
            elif name.startswith((".", "~")) or name.endswith((".cache", ".npy", ".tmp", ".part", "~")):
                yield Fault(7, below(root, Path(folder, name)), "is a cache, a temporary or a hidden file")


def _twin_faults(root: Path, job: Job, looked: LookedImage, digests: dict[bytes, tuple[str, Path]]) -> Iterator[Fault]:
    split, image, _ = job
    if not looked.digest:
        return
    other_split, other = digests.setdefault(looked.digest, (split, image))
    if other != image:
        across = other_split != split
        message = f"is the same picture as {below(root, other)}{' of another split' * across}"
        yield Fault(3 if across else 11, below(root, image), message)


def _manifest_lines(root: Path, images: set[str]) -> tuple[dict[str, tuple[int, int]], list[Fault]]:
    """Offset and number of the line of every image, and what does not fit."""
    lines: dict[str, tuple[int, int]] = {}
    faults: list[Fault] = []
    offset = number = 0
    path = root / MANIFEST_NAME
    try:
        with path.open("rb") as file:
            for number, (line, entry) in enumerate(entries(file, path), 1):
                if entry.image in lines:
                    faults.append(Fault(30, MANIFEST_NAME, f"frame {entry.k} is there twice", number))
                elif entry.image not in images:
                    faults.append(Fault(30, MANIFEST_NAME, f"{entry.image} does not exist", number))
                lines.setdefault(entry.image, (offset, number))
                offset += len(line)
    except DataSetError:
        return lines, [*faults, Fault(30, MANIFEST_NAME, "is damaged: what follows was not compared", number + 1)]
    faults += [Fault(30, name, "is not in the manifest") for name in sorted(images - lines.keys())]
    return lines, faults
