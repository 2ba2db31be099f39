"""Files of the spool as assets of the project, each imported once an editor session into a folder of its own.

Imported assets are found by listing that folder, never by name, because the editor makes up the names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import unreal

from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.errors import PluginError

GENERATED = "/Game/UnrealSynth_Generated"
"""Where everything lies that the plugin makes in a project."""


def found(folder: str, asset_class: Any) -> List[Any]:
    """The assets of a class in a folder, sorted by path; none when the folder does not exist."""
    if not unreal.EditorAssetLibrary.does_directory_exist(folder):
        return []
    paths = sorted(str(path) for path in unreal.EditorAssetLibrary.list_assets(folder, True, False))
    assets = [unreal.EditorAssetLibrary.load_asset(path) for path in paths]
    return [asset for asset in assets if isinstance(asset, asset_class)]


def run_import(file: Path, folder: str, pipelines: List[Any]) -> None:
    """Imports a file through an AssetImportTask. What came of it is found by listing the folder.

    `pipelines` replace the project's own, so that neither its settings nor a dialog get in the way.
    """
    override = unreal.InterchangePipelineStackOverride()
    for pipeline in pipelines:
        override.add_pipeline(pipeline)
    task = unreal.AssetImportTask()
    task.set_editor_property("filename", str(file))
    task.set_editor_property("destination_path", folder)
    task.set_editor_property("automated", True)
    task.set_editor_property("replace_existing", True)
    task.set_editor_property("save", False)
    task.set_editor_property("options", override)
    task.set_editor_property("async_", False)
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])


def generic_pipeline(settings: Settings) -> Any:
    """A pipeline that puts all assets straight into the destination folder."""
    pipeline = unreal.InterchangeGenericAssetsPipeline()
    settings.apply(pipeline, True, "use_source_name_for_asset")
    settings.apply(pipeline, False, "scene_name_sub_folder")
    settings.apply(pipeline, False, "asset_type_sub_folders")
    textures = pipeline.get_editor_property("material_pipeline").get_editor_property("texture_pipeline")
    # A pipeline made here lacks the project's defaults, and would drop other textures with a line in the log.
    settings.apply(textures, True, "allow_non_power_of_two")
    # What is a normal map is known; a bluish picture would be taken for one.
    settings.apply(textures, False, "detect_normal_map_texture")
    return pipeline


def import_texture(file: Path, settings: Settings, normal_map: bool = False) -> Any:
    """A picture as Texture2D. A normal map has glTF's green channel (+Y up)."""
    folder = f"{GENERATED}/Textures/{_folder_name(file)}{'_normal' if normal_map else ''}"
    textures = found(folder, unreal.Texture2D)
    if not textures:
        run_import(file, folder, [generic_pipeline(settings)])
        textures = found(folder, unreal.Texture2D)
    if not textures:
        raise PluginError(f"The texture {file.name} could not be imported; the editor's log says why.")
    texture = textures[0]
    # Projects with virtual textures make large ones virtual, for which the ground's sampler does not compile.
    settings.apply(texture, False, "virtual_texture_streaming")
    if normal_map:
        # Unreal's normal maps point green down.
        settings.apply(texture, False, "srgb")
        settings.apply(texture, unreal.TextureCompressionSettings.TC_NORMALMAP, "compression_settings")
        settings.apply(texture, True, "flip_green_channel")
    else:
        # The sampler wants these, whatever the importer thought of the picture's size and depth.
        settings.apply(texture, unreal.TextureCompressionSettings.TC_DEFAULT, "compression_settings")
        settings.apply(texture, True, "srgb")
    settings.apply(texture, True, "never_stream")
    return texture


def import_panorama(file: Path, settings: Settings) -> Any:
    """An equirectangular `.hdr` as TextureCube."""
    folder = f"{GENERATED}/Skies/{_folder_name(file)}"
    cubes = found(folder, unreal.TextureCube)
    if not cubes:
        run_import(file, folder, [generic_pipeline(settings)])
        cubes = found(folder, unreal.TextureCube)
    if not cubes:
        raise PluginError(f"The sky {file.name} could not be imported as a cube map; the editor's log says why.")
    # Only caps: faces have half the picture's width. They stay uncompressed, which at 2048 texels takes 270 MB.
    settings.apply(cubes[0], 2048, "max_texture_size")
    settings.apply(cubes[0], True, "never_stream")
    return cubes[0]


def _folder_name(file: Path) -> str:
    # Files are named by their hash; sixteen digits keep asset paths short.
    return file.stem[:16]


def set_pipelines(target: Any, pipelines: List[Any], settings: Settings) -> None:
    """Sets `override_pipelines` of import parameters: by their paths, in the first 5.x the objects themselves."""
    paths = [unreal.SoftObjectPath(str(pipeline.get_path_name())) for pipeline in pipelines]
    try:
        target.set_editor_property("override_pipelines", paths)
    except Exception:
        # A wrong type raises whatever Unreal has for it.
        settings.apply(target, pipelines, "override_pipelines")
