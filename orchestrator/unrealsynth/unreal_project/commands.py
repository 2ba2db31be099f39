"""The commands that look after an Unreal project: install, uninstall, launch and doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unrealsynth.options import Debug, Engine, Json
from unrealsynth.output import command_output

ProjectArgument = Annotated[Path, typer.Argument(help="The .uproject file of an Unreal project.", show_default=False)]


def install(
    project: ProjectArgument,
    link: Annotated[bool, typer.Option("--link", help="Link to this program's plugin instead of copying it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be changed.")] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Put the plugin and the settings it needs into an Unreal project."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.unreal_project.install import install as install_plugin
        from unrealsynth.unreal_project.project import open_project

        report = install_plugin(open_project(project), link=link, dry_run=dry_run)
        output.result(report.as_json(), report.as_text())


def uninstall(project: ProjectArgument, as_json: Json = False, debug: Debug = False) -> None:
    """Take back what install changed, and remove the plugin and what it generated."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.unreal_project.project import open_project
        from unrealsynth.unreal_project.uninstall import uninstall as uninstall_plugin

        report = uninstall_plugin(open_project(project))
        output.result(report.as_json(), report.as_text())


def launch(
    project: ProjectArgument,
    offscreen: Annotated[bool, typer.Option("--offscreen", help="Without a window.")] = False,
    engine: Engine = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Start the Unreal Editor of a project and wait until it is ready; it goes on running."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.progress import RunProgress
        from unrealsynth.unreal_project.launch import launch_project
        from unrealsynth.unreal_project.project import open_project

        with RunProgress() as progress:
            launched = launch_project(open_project(project), progress, engine=engine, offscreen=offscreen)
        output.result(launched.as_json(), launched.as_text())


def doctor(
    project: Annotated[
        Path | None,
        typer.Argument(help="The .uproject file; without it the embedded editor is examined.", show_default=False),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Try each link between this program and an editor, and say how to mend the first broken one."""
    with command_output(as_json=as_json, debug=debug) as output:
        from unrealsynth.unreal_project.doctor import examine

        diagnosis = examine(project)
        output.result(diagnosis.as_json(), diagnosis.as_text())
        if not diagnosis.is_healthy:
            raise typer.Exit(diagnosis.exit_code)
