"""The command line. Imports of everything heavy wait until a command needs them, so that --help answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unrealsynth import __version__
from unrealsynth.dataset import commands as dataset_commands
from unrealsynth.options import Debug, Editor, EditorKind, Engine, Json, LeaveUnsaved, Project, launch_with
from unrealsynth.output import command_output, quoted, run_command
from unrealsynth.unreal_project import commands as project_commands

app = typer.Typer(
    name="unrealsynth",
    help="Labelled YOLO data sets from GLB models, rendered by Unreal Engine or by an embedded editor.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


RecipeArgument = Annotated[
    str, typer.Argument(help="A recipe file, or the name of a shipped recipe.", show_default=False)
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed in place of the recipe's.", show_default=False)]


@app.command()
def generate(
    recipe: RecipeArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the data set; by default ./<recipe name>.", show_default=False),
    ] = None,
    images: Annotated[
        int | None,
        typer.Option("--images", "-n", min=1, help="Number of images in place of the recipe's.", show_default=False),
    ] = None,
    seed: Seed = None,
    frames: Annotated[
        str | None, typer.Option("--frames", help="Make only these frames, as in 3,7-9.", show_default=False)
    ] = None,
    editor: Editor = EditorKind.embedded,
    project: Project = None,
    engine: Engine = None,
    leave_unsaved: LeaveUnsaved = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Embedded editors side by side.")] = 1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a data set made by another recipe.")] = False,
    skip_bad_models: Annotated[
        bool, typer.Option("--skip-bad-models", help="Go on without models that cannot be used.")
    ] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make a data set, or go on with one that is not complete."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.frames import parse_frames
        from unrealsynth.progress import RunProgress
        from unrealsynth.run import RunOptions, generate_data_set

        options = RunOptions(
            out=out,
            images=images,
            seed=seed,
            frames=None if frames is None else parse_frames(frames),
            editor=editor.value,
            project=project,
            editors=jobs,
            overwrite=overwrite,
            skip_bad_models=skip_bad_models,
        )
        with RunProgress() as progress:
            summary = generate_data_set(recipe, options, progress, launch_with(engine, leave_unsaved=leave_unsaved))
        output.result(summary.as_json(), summary.as_text())


@app.command()
def render(
    recipe: RecipeArgument,
    frame: Annotated[int, typer.Option("--frame", "-k", min=0, help="Number of the frame.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The PNG to write; the record goes beside it.", show_default=False),
    ] = None,
    seed: Seed = None,
    editor: Editor = EditorKind.embedded,
    project: Project = None,
    engine: Engine = None,
    leave_unsaved: LeaveUnsaved = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make one frame with its boxes drawn, and its record."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.progress import RunProgress
        from unrealsynth.render import render_frame

        with RunProgress() as progress:
            picture, record = render_frame(
                recipe,
                frame,
                out=out,
                seed=seed,
                editor=editor.value,
                project=project,
                progress=progress,
                launch=launch_with(engine, leave_unsaved=leave_unsaved),
            )
        output.result({"ok": True, "image": picture, "record": record}, f"{picture}\n{record}")


@app.command()
def init(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="[RECIPE|GLB...] DIR",
            help="A shipped recipe or GLB models, then the folder to make.",
            show_default=False,
        ),
    ],
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make a folder to start from: a shipped recipe with its maps, or a recipe for your models."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.starter import make_starter

        *what, folder = sources
        recipe = make_starter(what, Path(folder))
        output.result(
            {"ok": True, "recipe": recipe},
            f"Wrote {recipe}. Edit it, then run: unrealsynth generate {quoted(recipe)}",
        )


@app.command()
def editors(
    project: Annotated[
        Path | None,
        typer.Option("--project", help="Listen where this Unreal project's settings say.", show_default=False),
    ] = None,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for answers.")] = 2.0,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """List the editors that answer: project, engine version, plugin version."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.editor_choice import list_editors

        rows = list_editors(timeout_s, project)
        lines = [row.as_text() for row in rows]
        output.result(
            {"ok": True, "editors": [row.as_json() for row in rows]},
            "\n".join(lines) or "No editor answers. Start one with: unrealsynth editor",
        )


@app.command()
def editor(
    folder: Annotated[Path, typer.Argument(help="Project folder of the editor; made if missing.")] = Path("editor"),
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Run an embedded editor in the foreground until Ctrl-C."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.editors.process import run_in_foreground
        from unrealsynth.errors import EditorError

        output.note(f"Embedded editor in {folder}; Ctrl-C ends it.")
        exit_code = run_in_foreground(folder)
        if exit_code != 0:
            raise EditorError(f"The embedded editor in {folder} ended with code {exit_code}; what it logged says why.")
        output.result({"ok": True, "project": folder}, "The editor has ended.")


app.command()(project_commands.install)
app.command()(project_commands.uninstall)
app.command()(project_commands.launch)
app.command()(project_commands.doctor)


@app.command()
def selftest(
    editor: Editor = EditorKind.auto,
    project: Project = None,
    engine: Engine = None,
    leave_unsaved: LeaveUnsaved = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", help="Also write what this engine told, to be compared.", show_default=False),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Prove that an editor's engine version does what labels and pictures rely on."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.errors import SelfCheckError
        from unrealsynth.progress import RunProgress
        from unrealsynth.selftest import selftest as run_selftest
        from unrealsynth.selftest import write_record

        with RunProgress() as progress:
            launch = launch_with(engine, leave_unsaved=leave_unsaved)
            result = run_selftest(editor.value, project, progress.step, launch=launch)
        if record is not None:
            write_record(record, result)
        output.result(result.as_json(), result.as_text())
        if not result.ok:
            raise typer.Exit(SelfCheckError.exit_code)


@app.command()
def version(as_json: Json = False, debug: Debug = False) -> None:
    """Print the version."""
    with command_output(as_json=as_json, debug=debug) as output:
        output.result({"ok": True, "version": __version__}, f"unrealsynth {__version__}")


@app.command()
def preview(
    what: Annotated[
        str,
        typer.Argument(metavar="RECIPE|DATASET", help="A recipe, or the folder of a data set.", show_default=False),
    ],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=200, help="Number of frames.")] = 12,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The PNG to write; by default ./<name>-preview.png.", show_default=False),
    ] = None,
    seed: Seed = None,
    editor: Editor = EditorKind.embedded,
    project: Project = None,
    engine: Engine = None,
    leave_unsaved: LeaveUnsaved = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Draw a sheet of frames with boxes, masks and names: does the recipe do what you meant?"""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.preview import preview as make_preview
        from unrealsynth.progress import RunProgress

        with RunProgress() as progress:
            made = make_preview(
                what,
                count=count,
                out=out,
                seed=seed,
                editor=editor.value,
                project=project,
                progress=progress,
                launch=launch_with(engine, leave_unsaved=leave_unsaved),
            )
        output.result(
            {"ok": True, "image": made.path, "frames": made.frames, "labels": made.labels},
            f"{made.path}: {len(made.frames)} frames, {made.labels} labels",
        )


@app.command()
def report(
    data_set: Annotated[
        Path, typer.Argument(metavar="DATASET", help="Folder of a YOLO data set, or its YAML file.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The HTML to write; by default ./<name>-report.html.", show_default=False),
    ] = None,
    pictures: Annotated[
        int, typer.Option("--pictures", min=1, help="Images to look into at most, spread over the data set.")
    ] = 4000,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write one page about a data set: what is in it, whether it is what was asked for, what may go wrong."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.report import make_report

        made = make_report(data_set, out=out, pictures=pictures)
        output.result(made.as_json(), made.as_text())


@app.command()
def assemble(
    frames: Annotated[
        Path,
        typer.Argument(
            metavar="FRAMES_DIR", help="Folder of a job in a project's Saved/UnrealSynth/jobs.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the data set.", show_default=False)],
    val: Annotated[float, typer.Option("--val", min=0.0, max=1.0, help="Share of images for validation.")] = 0.5,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a data set made of other frames.")] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make a data set of the frames that the editor's own menu or console has made."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.assemble import assemble as assemble_frames
        from unrealsynth.progress import RunProgress

        with RunProgress() as progress:
            summary = assemble_frames(frames, out, progress, val=val, overwrite=overwrite)
        output.result(summary.as_json(), summary.as_text())


app.command()(dataset_commands.check)
app.command()(dataset_commands.export)
app.command()(dataset_commands.split)
app.command()(dataset_commands.train)


def main() -> None:
    """Entry point of the console command."""
    run_command(app)
