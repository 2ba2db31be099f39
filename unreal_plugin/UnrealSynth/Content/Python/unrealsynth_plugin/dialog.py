"""The eight settings as a native dialog: a details view on an object, where OK means generate."""

from __future__ import annotations

import time
from typing import Any, Dict, Optional

import unreal

from unrealsynth_plugin import console
from unrealsynth_plugin.errors import PluginError


def _shown(kind: Any, help_text: str) -> Any:
    return unreal.uproperty(kind, meta={"Category": "UnrealSynth", "ToolTip": help_text})


@unreal.uclass()
class UnrealSynthSettings(unreal.Object):  # type: ignore[misc]
    """What the dialog shows. Unreal makes the properties, so that their values are set when an object begins."""

    classes = _shown(unreal.Array(str), "Assets or folders of the project, /Game/..., each a class by its name.")
    environments = _shown(unreal.Array(str), "Levels, /Game/...; none is the open one, or a plain yard.")
    images = _shown(int, "How many frames.")
    objects = _shown(unreal.IntPoint, "How many objects in a frame: lowest and highest.")
    rotation = _shown(bool, "Whether objects are turned at random about the vertical.")
    height = _shown(float, "Highest random height above the ground, cm.")
    resolution = _shown(unreal.IntPoint, "Width and height of the pictures, pixels.")
    scale = _shown(unreal.Vector2D, "Smallest and largest random scale.")

    def _post_init(self) -> None:
        super()._post_init()
        self.set_editor_property("images", 100)
        self.set_editor_property("objects", unreal.IntPoint(1, 5))
        self.set_editor_property("rotation", True)
        self.set_editor_property("resolution", unreal.IntPoint(640, 640))
        self.set_editor_property("scale", unreal.Vector2D(1.0, 1.0))


class Dialog:
    """Asks for settings; they are kept from one time to the next."""

    def __init__(self) -> None:
        self._settings: Optional[Any] = None

    def ask(self) -> None:
        """Shows the dialog, and starts a job on OK. What is wrong with the settings is told in the log."""
        if self._settings is None:
            self._settings = unreal.new_object(UnrealSynthSettings)
        options = unreal.EditorDialogLibraryObjectDetailsViewOptions()
        options.show_object_name = False
        options.allow_search = False
        if hasattr(options, "allow_resizing"):
            options.allow_resizing = True
        options.min_width, options.min_height = 640, 480
        options.value_column_width_ratio = 0.6
        if not unreal.EditorDialog.show_object_details_view("UnrealSynth: make frames", self._settings, options):
            return
        try:
            folder = console.generate(**_keywords(self._settings))
        except PluginError as error:
            unreal.log_error(f"UnrealSynth: {error}")
            return
        unreal.log(f"UnrealSynth makes frames in {folder}; then run: unrealsynth assemble {folder} --out DIR")


def _keywords(settings: Any) -> Dict[str, Any]:
    objects, resolution, scale = (settings.get_editor_property(name) for name in ("objects", "resolution", "scale"))
    return {
        "classes": [str(path) for path in settings.get_editor_property("classes")],
        "environments": [str(path) for path in settings.get_editor_property("environments")],
        "images": int(settings.get_editor_property("images")),
        "objects": (objects.x, objects.y),
        "rotation": bool(settings.get_editor_property("rotation")),
        "height": (0.0, float(settings.get_editor_property("height"))),
        "resolution": (resolution.x, resolution.y),
        "scale": (scale.x, scale.y),
        # Each time other frames; the job keeps it.
        "seed": int(time.time()),
    }
