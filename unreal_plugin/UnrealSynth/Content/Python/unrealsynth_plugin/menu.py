"""Two entries in the editor's Tools menu: make frames, and stop making them."""

from __future__ import annotations

from typing import Any, List

import unreal

from unrealsynth_plugin import console
from unrealsynth_plugin.dialog import Dialog

_OWNER = "UnrealSynth"
_MENU = "LevelEditor.MainMenu.Tools"
_dialog = Dialog()


@unreal.uclass()
class UnrealSynthGenerateEntry(unreal.ToolMenuEntryScript):  # type: ignore[misc]
    """Opens the dialog."""

    @unreal.ufunction(override=True)  # type: ignore[untyped-decorator]
    def can_execute(self, context: Any) -> bool:
        return not console.desk().is_busy()

    @unreal.ufunction(override=True)  # type: ignore[untyped-decorator]
    def execute(self, context: Any) -> None:
        _dialog.ask()


@unreal.uclass()
class UnrealSynthStopEntry(unreal.ToolMenuEntryScript):  # type: ignore[misc]
    """Ends the job that the dialog or the console started."""

    @unreal.ufunction(override=True)  # type: ignore[untyped-decorator]
    def can_execute(self, context: Any) -> bool:
        return console.desk().is_busy()

    @unreal.ufunction(override=True)  # type: ignore[untyped-decorator]
    def execute(self, context: Any) -> None:
        console.stop()


def install() -> List[Any]:
    """Puts the entries into the menu; they live as long as what is returned is held."""
    menus = unreal.ToolMenus.get()
    menus.extend_menu(_MENU)
    menus.set_section_label(_MENU, _OWNER, "UnrealSynth")
    entries = []
    for entry_class, name, label, help_text in (
        (
            UnrealSynthGenerateEntry,
            "UnrealSynthGenerate",
            "Make Frames...",
            "Labelled frames of this project's assets.",
        ),
        (UnrealSynthStopEntry, "UnrealSynthStop", "Stop Making Frames", "What is made stays."),
    ):
        entry = unreal.new_object(entry_class)
        entry.init_entry(_OWNER, _MENU, _OWNER, name, label, help_text)
        entry.register_menu_entry()
        entries.append(entry)
    menus.refresh_all_widgets()
    return entries
