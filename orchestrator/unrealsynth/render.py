"""One frame of a recipe with its boxes drawn, made the way a run makes it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from unrealsynth.dataset.annotations import AnnotatedFrame, MadeDataSet
from unrealsynth.drawing import DrawnBox, draw_boxes
from unrealsynth.editor_choice import EditorKind, Launch, launch_editors
from unrealsynth.errors import DataSetError, InterruptedRunError, RecipeError
from unrealsynth.progress import RunProgress
from unrealsynth.run import RunOptions, generate_data_set

_SUFFIXES = (".png", ".jpg", ".jpeg")


def render_frame(
    recipe: str,
    k: int,
    *,
    out: Path | None,
    seed: int | None,
    editor: EditorKind,
    project: Path | None,
    progress: RunProgress,
    launch: Launch = launch_editors,
) -> tuple[Path, Path]:
    """Writes the picture of frame k with its boxes, and its manifest line beside it; returns both paths.

    `out` is the picture's file or a folder for it. Raises UnrealSynthError.
    """
    picture = _picture_path(out, f"{Path(recipe).stem}-{k}.png")
    record = picture.with_suffix(".json")
    with tempfile.TemporaryDirectory(prefix="unrealsynth-", ignore_cleanup_errors=True) as folder:
        data_set = Path(folder) / "data"
        options = RunOptions(out=data_set, images=k + 1, seed=seed, frames=(k,), editor=editor, project=project)
        try:
            generate_data_set(recipe, options, progress, launch)
        except InterruptedRunError:
            raise InterruptedRunError(f"Stopped; frame {k} was not made.") from None
        source = MadeDataSet(data_set)
        frame = next(source.frames())
        entry = frame.entry
        with Image.open(data_set / entry.image) as image:
            drawn = draw_boxes(image, _boxes(frame, source.header.classes))
        try:
            picture.parent.mkdir(parents=True, exist_ok=True)
            drawn.save(picture)
            record.write_text(json.dumps(json.loads(entry.to_line()), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise DataSetError(f"{picture} could not be written: {error.strerror or error}.") from error
    return picture, record


def _picture_path(out: Path | None, name: str) -> Path:
    if out is None:
        return Path(name)
    if out.is_dir():
        return out / name
    if out.suffix.lower() not in _SUFFIXES:
        raise RecipeError(f"--out {out}: wanted a folder, or a file that ends in {', '.join(_SUFFIXES)}.")
    return out


def _boxes(frame: AnnotatedFrame, classes: Sequence[str]) -> list[DrawnBox]:
    return [DrawnBox(item.box_px, item.class_index, classes[item.class_index]) for item in frame.annotations]
