"""One frame of a recipe with its boxes drawn, made the way a run makes it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from PIL import Image

from unrealsynth.dataset.manifest import MANIFEST_NAME, ManifestEntry, read_manifest
from unrealsynth.drawing import DrawnBox, draw_boxes
from unrealsynth.editors.selection import EditorKind
from unrealsynth.errors import DataSetError
from unrealsynth.progress import RunProgress
from unrealsynth.run import RunOptions, generate_data_set


def render_frame(
    recipe: str,
    k: int,
    *,
    out: Path | None,
    seed: int | None,
    editor: EditorKind,
    project: Path | None,
    progress: RunProgress,
) -> tuple[Path, Path]:
    """Writes the picture of frame k with its boxes, and its manifest line beside it; returns both paths."""
    picture = out if out is not None else Path(f"{Path(recipe).stem}-{k}.png")
    record = picture.with_suffix(".json")
    with tempfile.TemporaryDirectory(prefix="unrealsynth-", ignore_cleanup_errors=True) as folder:
        data_set = Path(folder) / "data"
        options = RunOptions(out=data_set, images=k + 1, seed=seed, frames=(k,), editor=editor, project=project)
        generate_data_set(recipe, options, progress)
        entry = next(read_manifest(data_set / MANIFEST_NAME))
        with Image.open(data_set / entry.image) as image:
            drawn = draw_boxes(image, _boxes(entry))
        try:
            picture.parent.mkdir(parents=True, exist_ok=True)
            drawn.save(picture)
            record.write_text(json.dumps(json.loads(entry.to_line()), indent=1) + "\n", encoding="utf-8")
        except (OSError, ValueError) as error:
            raise DataSetError(f"Cannot write {picture}: {error}. Give a .png or .jpg file with --out.") from error
    return picture, record


def _boxes(entry: ManifestEntry) -> list[DrawnBox]:
    return [
        DrawnBox(tuple(item["box_px"]), int(item["class_index"]), str(item["class_name"]))  # type: ignore[arg-type, call-overload]
        for item in entry.objects
        if item["left_out"] is None
    ]
