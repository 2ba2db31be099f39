"""Where the files that come with UnrealSynth lie: plugin folder, maps and recipes.

In a wheel they are below the package, in a checkout at its top; the layout below `root()` is the same.
"""

from __future__ import annotations

from pathlib import Path


def root() -> Path:
    """The folder that holds `unreal_plugin`, `maps` and `recipes`."""
    package = Path(__file__).resolve().parent
    shipped = package / "shipped"
    return shipped if shipped.is_dir() else package.parents[1]


def plugin_folder() -> Path:
    """The plugin, as it is put into a project's `Plugins` folder."""
    return root() / "unreal_plugin" / "UnrealSynth"


def maps_folder() -> Path:
    return root() / "maps"


def recipes_folder() -> Path:
    return root() / "recipes"
