"""A contact sheet: frames of a recipe or a data set with boxes, masks and names drawn, to be judged at a glance."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from unrealsynth import rle
from unrealsynth.drawing import Color, DrawnBox, class_color, draw_boxes, font_for
from unrealsynth.editor_choice import EditorKind, Launch, launch_editors
from unrealsynth.errors import DataSetError, RecipeError
from unrealsynth.progress import RunProgress
from unrealsynth.report.samples import Sample
from unrealsynth.report.source import DataSetSource, Frame, LabelledObject, is_data_set, open_data_set
from unrealsynth.run import RunOptions, generate_data_set

_MADE_BY = "unrealsynth preview"
_SHEET_PX = 2400
_LARGEST_TILE_PX = 640
_GAP_PX = 12
_BACK: Color = (24, 26, 30)
_INK: Color = (236, 238, 242)
_FAINT: Color = (160, 166, 176)


@dataclass(frozen=True)
class Preview:
    """A contact sheet on disk."""

    path: Path
    frames: tuple[str, ...]
    """Names of the frames shown."""
    labels: int


def preview(
    what: str,
    *,
    count: int,
    out: Path | None,
    seed: int | None,
    editor: EditorKind,
    project: Path | None,
    progress: RunProgress,
    launch: Launch = launch_editors,
) -> Preview:
    """Draws `count` frames of the recipe or data set `what`: a recipe's first ones, or some spread over the data set.

    Raises UnrealSynthError.
    """
    path = Path(what)
    from_disk = is_data_set(path)
    title = path.resolve().name if path.is_dir() else path.stem
    picture = out if out is not None else Path(f"{title}-preview.png")
    if picture.suffix.lower() != ".png":
        raise RecipeError(f"--out wants a .png file, got {picture}.")
    _require_replaceable(picture)
    if from_disk:
        return _write(open_data_set(path), count, picture)
    with tempfile.TemporaryDirectory(prefix="unrealsynth-", ignore_cleanup_errors=True) as folder:
        data_set = Path(folder) / "data"
        options = RunOptions(out=data_set, images=count, seed=seed, editor=editor, project=project)
        generate_data_set(what, options, progress, launch)
        return _write(open_data_set(data_set), count, picture)


def contact_sheet(source: DataSetSource, frames: Sequence[Frame]) -> Image.Image:
    """The frames in rows, each with a line that says what it is, under a line with all classes and their counts.

    Raises DataSetError when an image cannot be read.
    """
    columns = _columns(len(frames))
    tile_width = min(
        _LARGEST_TILE_PX, (_SHEET_PX - _GAP_PX) // columns - _GAP_PX, max(frame.size[0] for frame in frames)
    )
    tile_width = max(tile_width, 240)
    tiles = [_tile(source, frame, tile_width) for frame in frames]
    rows = [tiles[i : i + columns] for i in range(0, len(tiles), columns)]
    width = _GAP_PX + columns * (tile_width + _GAP_PX)
    head = _headline(source, frames, width)
    sheet = Image.new("RGB", (width, head.height + sum(max(t.height for t in row) + _GAP_PX for row in rows)), _BACK)
    sheet.paste(head, (0, 0))
    y = head.height
    for row in rows:
        for column, tile in enumerate(row):
            sheet.paste(tile, (_GAP_PX + column * (tile_width + _GAP_PX), y))
        y += max(tile.height for tile in row) + _GAP_PX
    return sheet


def drawn_boxes(source: DataSetSource, frame: Frame, scale: float, *, masks: bool = True) -> list[DrawnBox]:
    """The labels of a frame as boxes for its picture scaled by `scale`, with masks where they are known and wanted."""
    return [
        DrawnBox(
            (item.box_px[0] * scale, item.box_px[1] * scale, item.box_px[2] * scale, item.box_px[3] * scale),
            item.class_index,
            source.classes[item.class_index],
            _mask(item, frame.size, scale) if masks else None,
        )
        for item in frame.objects
    ]


def _write(source: DataSetSource, count: int, path: Path) -> Preview:
    frames: Sample[Frame] = Sample(max(2 * count, 64))
    for frame in source.frames():
        frames.add(replace(frame, plan=None))
    if not frames.items:
        raise DataSetError(f"{source.folder} has no finished frame yet.")
    chosen = _spread(sorted(frames.items, key=_in_order), count)
    sheet = contact_sheet(source, chosen)
    about = PngInfo()
    about.add_text("Software", _MADE_BY)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(path, pnginfo=about)
    except OSError as error:
        raise DataSetError(f"Cannot write {path}: {error.strerror or error}. Give another file with --out.") from error
    return Preview(path, tuple(frame.name for frame in chosen), sum(len(frame.objects) for frame in chosen))


def _spread(frames: Sequence[Frame], count: int) -> list[Frame]:
    if len(frames) <= count:
        return list(frames)
    return [frames[round(i * (len(frames) - 1) / max(count - 1, 1))] for i in range(count)]


def _in_order(frame: Frame) -> tuple[int, str]:
    return (int(frame.name) if frame.name.isdecimal() else 0, frame.name)


def _columns(count: int) -> int:
    return min(count, max(1, math.ceil(math.sqrt(count * 4 / 3))), 5)


def _tile(source: DataSetSource, frame: Frame, width: int) -> Image.Image:
    try:
        with Image.open(frame.image) as image:
            scale = width / image.width
            picture = image.convert("RGB").resize(
                (width, max(1, round(image.height * scale))), Image.Resampling.LANCZOS
            )
    except (OSError, SyntaxError, ValueError, ZeroDivisionError, Image.DecompressionBombError) as error:
        raise DataSetError(f"The image {frame.image} cannot be read: {error}.") from error
    drawn = draw_boxes(picture, drawn_boxes(source, frame, scale))
    counts = Counter(source.classes[item.class_index] for item in frame.objects)
    what = ", ".join(f"{number} {name}" if number > 1 else name for name, number in counts.items()) or "no objects"
    lines = [" · ".join(filter(None, [f"frame {frame.name}", frame.split, frame.environment])), what]
    size_px = max(13, width // 34)
    tile = Image.new("RGB", (width, drawn.height + round(3.2 * size_px)), _BACK)
    tile.paste(drawn, (0, 0))
    canvas = ImageDraw.Draw(tile)
    for line, (text, color) in enumerate(zip(lines, (_INK, _FAINT), strict=True)):
        y = drawn.height + round((1.2 + 1.35 * line) * size_px)
        _fitting_text(canvas, (1, y), text, size_px, width, color)
    return tile


def _headline(source: DataSetSource, frames: Sequence[Frame], width: int) -> Image.Image:
    size_px = 22
    counts = Counter(item.class_index for frame in frames for item in frame.objects)
    head = Image.new("RGB", (width, 4000), _BACK)
    canvas = ImageDraw.Draw(head)
    labels = sum(counts.values())
    title = f"{source.name}: {_count(len(frames), 'frame')}, {_count(labels, 'label')}, "
    title += f"{_count(sum(not frame.objects for frame in frames), 'frame')} without objects"
    _fitting_text(canvas, (_GAP_PX, 36), title, 26, width - 2 * _GAP_PX, _INK)
    x, y = _GAP_PX, 74
    # Of very many classes the ones that occur are enough.
    shown = [i for i in range(len(source.classes)) if len(source.classes) <= 30 or counts[i]]
    for index in shown:
        text = f"{source.classes[index]} {counts[index]}" if counts[index] else f"{source.classes[index]}: none"
        font = font_for(text, size_px)
        length = round(canvas.textlength(text, font=font)) + size_px + 34
        if x + length > width and x > _GAP_PX:
            x, y = _GAP_PX, y + round(1.6 * size_px)
        canvas.rectangle((x, y - size_px + 4, x + size_px - 4, y), fill=class_color(index))
        _fitting_text(
            canvas, (x + size_px + 4, y), text, size_px, width - x - size_px - 16, _INK if counts[index] else _FAINT
        )
        x += length
    return head.crop((0, 0, width, y + 20))


def _fitting_text(
    canvas: ImageDraw.ImageDraw, start: tuple[int, int], text: str, size_px: int, width: int, color: Color
) -> None:
    """Text on the baseline `start`, cut where it would be wider than `width`."""
    font = font_for(text, size_px)
    if canvas.textlength(text, font=font) > width:
        while text and canvas.textlength(text + "…", font=font) > width:
            text = text[:-1]
        text += "…"
    canvas.text(start, text, fill=color, font=font, anchor="ls")


def _mask(item: LabelledObject, size: tuple[int, int], scale: float) -> NDArray[np.bool_] | None:
    width, height = size
    if item.mask:
        try:
            mask = Image.fromarray(rle.decode(item.mask, (height, width)))
        except ValueError:
            return None
    elif len(item.outline_px) > 2:
        mask = Image.new("1", size)
        ImageDraw.Draw(mask).polygon(list(item.outline_px), fill=1)
    else:
        return None
    small = mask.convert("L").resize((round(width * scale), max(1, round(height * scale))), Image.Resampling.BILINEAR)
    filled: NDArray[np.bool_] = np.asarray(small) >= 128
    return filled


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _require_replaceable(path: Path) -> None:
    """Raises DataSetError when there is a file that is not an earlier preview."""
    if not path.exists():
        return
    try:
        with Image.open(path) as image:
            ours = image.info.get("Software") == _MADE_BY
    except (OSError, SyntaxError, ValueError):
        ours = False
    if not ours:
        raise DataSetError(f"{path} is there and is no earlier preview: give another file with --out.")
