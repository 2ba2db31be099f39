"""The doctor's checks of what lies on disk: project file, plugin, what is enabled, settings."""

from __future__ import annotations

from pathlib import Path

from unrealsynth import resources
from unrealsynth.unreal_project import engines, ini, plugin_folder, uproject
from unrealsynth.unreal_project.doctor import FILES_CODE, Check, Finding
from unrealsynth.unreal_project.project import Project, open_project
from unrealsynth.unreal_project.settings import PLUGIN, needed_plugins, settings
from unrealsynth_plugin import VERSION


class ProjectChecks:
    """The checks of one project's files. `project` is there once the first has passed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._project: Project | None = None

    @property
    def project(self) -> Project:
        if self._project is None:
            self._project = open_project(self._path)
        return self._project

    @property
    def install_command(self) -> str:
        """To be named also where the project itself cannot be read."""
        return f'unrealsynth install "{self._path}"'

    def checks(self) -> list[Check]:
        return [
            Check("project file", self.project_file, FILES_CODE),
            Check("plugin", self.plugin, FILES_CODE),
            Check("dependencies", self.dependencies, FILES_CODE),
            Check("settings", self.settings, FILES_CODE),
        ]

    def project_file(self) -> Finding:
        trouble = engines.trouble_with(self.project)
        if trouble is not None:
            return Finding("failed", trouble, engines.NEWER_ENGINE)
        association = self.project.engine_association
        return Finding("ok", f"{self.project.file}, engine {association or 'beside its sources'}")

    def plugin(self) -> Finding:
        folder = self.project.plugin_folder
        if plugin_folder.is_link(folder) and not folder.exists():
            return Finding("failed", f"{folder} is a link that leads nowhere.", f"Run: {self.install_command} --link")
        if not (folder / f"{PLUGIN}.uplugin").is_file():
            return Finding("failed", f"There is no {PLUGIN}.uplugin in {folder}.", f"Run: {self.install_command}")
        found = plugin_folder.version(folder)
        if found != VERSION:
            return Finding(
                "failed",
                f"The plugin in {folder} is version {found or 'unknown'}, this program is {VERSION}.",
                f"Run: {self.install_command}, then restart the editor",
            )
        others = [
            file
            for file in (self.project.folder / "Plugins").rglob(f"{PLUGIN}.uplugin")
            if file.parent != folder and not file.parent.is_relative_to(folder)
        ]
        if others:
            return Finding(
                "failed",
                f"The plugin is there twice, in {folder} and {others[0].parent}; the editor loads either.",
                f"Delete {others[0].parent}",
            )
        if plugin_folder.digest(folder) != plugin_folder.digest(resources.plugin_folder()):
            return Finding(
                "failed",
                f"The plugin in {folder} has this version but not its files; some were edited or are missing.",
                f"Run: {self.install_command} (an edited copy is kept), then restart the editor",
            )
        kind = "linked" if plugin_folder.is_link(folder) else "copied"
        return Finding("ok", f"version {VERSION}, {kind}")

    def dependencies(self) -> Finding:
        states = {name: uproject.is_enabled(self.project.description, name) for name in needed_plugins()}
        off = [name for name, state in states.items() if state is False]
        if off:
            return Finding(
                "failed",
                f"{self.project.file.name} switches off {', '.join(off)}.",
                f"Run: {self.install_command}, then restart the editor",
            )
        silent = [name for name, state in states.items() if state is None]
        if silent:
            return Finding(
                "failed",
                f"{self.project.file.name} does not enable {', '.join(silent)}.",
                f"Run: {self.install_command}, then restart the editor",
            )
        return Finding("ok", ", ".join(states))

    def settings(self) -> Finding:
        wrong, facts = [], {}
        for setting in settings():
            value = ini.value_of(self.project.ini_text(setting.file), setting.section, setting.key)
            facts[setting.key] = "not set" if value is None else value
            if not setting.is_met_by(value):
                wrong.append(f"{setting.key} is {facts[setting.key]}, wanted {setting.value} in {setting.file}")
        if wrong:
            return Finding("failed", f"{'; '.join(wrong)}.", f"Run: {self.install_command}, then restart the editor")
        return Finding("ok", "as installed", facts=facts)
