"""The commands that take a finished data set: check, export, split and train."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unrealsynth.options import Debug, Json
from unrealsynth.output import command_output

if TYPE_CHECKING:
    from unrealsynth.progress import RunProgress


class ExportForm(str, Enum):
    """Forms of a data set."""

    coco = "coco"
    yolo_segment = "yolo-segment"
    yolo_obb = "yolo-obb"
    yolo_semantic = "yolo-semantic"
    yolo_depth = "yolo-depth"
    zip = "zip"
    ndjson = "ndjson"


class SplitBy(str, Enum):
    """What is never in two splits."""

    frame = "frame"
    model = "model"
    environment = "environment"
    block = "block"


DataSetArgument = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder of a YOLO data set, or its YAML file.", show_default=False)
]


def check(
    data_set: DataSetArgument,
    workers: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, max=64, help="Processes; by default all cores.", show_default=False),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Look for everything that is wrong with a YOLO data set, also a foreign one; exit code 4 if there is something."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.dataset.checks import check as find_faults
        from unrealsynth.dataset.checks import shortfall, usable_cores
        from unrealsynth.errors import DataSetError
        from unrealsynth.progress import RunProgress

        with RunProgress() as progress:
            faults = find_faults(data_set, workers=workers or usable_cores(), progress=_counting(progress))
        verdict = f"{len(faults)} fault{'s' * (len(faults) != 1)}" if faults else f"{data_set} is good"
        missing = "" if faults else shortfall(data_set)
        lines = [*map(str, faults), verdict, *([f"  {missing}"] if missing else [])]
        output.result({"ok": not faults, "faults": [fault.as_json() for fault in faults]}, "\n".join(lines))
        if faults:
            raise typer.Exit(DataSetError.exit_code)


def export(
    data_set: DataSetArgument,
    to: Annotated[
        ExportForm, typer.Option("--to", help="What to make; the data set itself stays as it is.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Where to put it; by default beside the data set.", show_default=False),
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Copy images in place of hard links.")] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make another form of a data set: other label tasks, COCO, or one file for the online platform."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.dataset.export import export as make_export
        from unrealsynth.progress import RunProgress

        with RunProgress() as progress:
            made = make_export(data_set, to.value, out, copy=copy, progress=_counting(progress))
        output.result(made.as_json(), made.as_text())


def split(
    data_set: DataSetArgument,
    train: Annotated[float, typer.Option("--train", help="Share of the images for training.")] = 0.5,
    val: Annotated[float, typer.Option("--val", help="Share for validation.")] = 0.5,
    test: Annotated[float, typer.Option("--test", help="Share for testing.")] = 0.0,
    by: Annotated[
        SplitBy, typer.Option("--by", help="What must not be in two splits: a frame, a model, an environment, a block.")
    ] = SplitBy.frame,
    leave_out_mixed: Annotated[
        bool, typer.Option("--leave-out-mixed", help="By model: leave out images that show models of several splits.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="New folder; by default <data set>-split.", show_default=False),
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Copy images in place of hard links.")] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make a data set with other splits from the same images."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.dataset.resplit import resplit, shares_of

        shares = shares_of(train, val, test)
        made = resplit(data_set, shares, by.value, out, leave_out_mixed=leave_out_mixed, copy=copy)
        output.result(made.as_json(), made.as_text())


def train(
    data_set: DataSetArgument,
    model: Annotated[
        str | None,
        typer.Option("--model", help="An Ultralytics model; by default a small untrained one.", show_default=False),
    ] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Passes over the images.")] = 100,
    image_size: Annotated[
        int | None,
        typer.Option("--imgsz", min=32, help="Size in training, pixels; by default the images'.", show_default=False),
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", min=1, help="Images in a step; by default 16.", show_default=False)
    ] = None,
    device: Annotated[
        str | None,
        typer.Option("--device", help="As Ultralytics names it: cpu, 0, mps; by default the best.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the results; by default ./<data set>-train.", show_default=False),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Train a YOLO model on a data set with Ultralytics, which the extra `train` brings."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.training import train as train_model

        made = train_model(
            data_set, model=model, epochs=epochs, image_size=image_size, batch=batch, device=device, out=out
        )
        output.result(made.as_json(), made.as_text())


def _counting(progress: RunProgress) -> Callable[[int, int], None]:
    """Counts images on a terminal; elsewhere lines about them would only be in the way of what is said at the end."""
    return progress.frames if sys.stderr.isatty() else lambda done, total: None
