"""The importers: GLB as static meshes, pictures as textures, .hdr as cube maps.

Names of what is made are up to them. A file that cannot be read is an error in the log, and no asset.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded.gltf_materials import Rules, looks_like_normals
from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._assets import asset_name
from unrealsynth.embedded.unreal._object import Object
from unrealsynth.embedded.unreal.enums import TextureCompressionSettings
from unrealsynth.embedded.unreal.materials import MaterialInstanceConstant
from unrealsynth.embedded.unreal.static_mesh import StaticMesh
from unrealsynth.embedded.unreal.textures import Texture, Texture2D, TextureCube, TextureMipGenSettings
from unrealsynth.errors import ModelError

_PICTURES = (".png", ".jpg", ".jpeg")
_VIRTUAL_FROM_PX = 4096 * 4096


@dataclass(frozen=True)
class Options:
    """What the pipelines ask for; by default what a new project's own do."""

    rules: Rules = Rules(collision_names=True, detect_normals=True)
    """For GLB; for pictures those of textures hold, too."""
    combine: bool = False
    meshes: bool = True
    type_folders: bool = False
    """Whether each kind of asset goes into a folder of its own."""
    flip_green: bool = False


def import_file(file: Path, folder: str, options: Options) -> list[Object]:
    """Imports one file into a folder of the project. The list is empty when it could not be read."""
    engine = _runtime.engine()
    engine.activity += 1
    folder = folder.rstrip("/")
    try:
        suffix = file.suffix.lower()
        if suffix == ".glb":
            return _import_model(file, folder, options)
        if suffix == ".hdr":
            return [_import_panorama(file, folder)]
        if suffix in _PICTURES:
            return [_import_picture(file, folder, options)]
    except (ModelError, OSError) as error:
        engine.log.write("LogInterchangeEngine", "Error", f"Import of {file} failed: {error}")
        return []
    engine.log.write("LogInterchangeEngine", "Error", f"Import of {file} failed: no translator for {suffix!r} files.")
    return []


def _import_model(file: Path, folder: str, options: Options) -> list[Object]:
    from unrealsynth.embedded.gltf import load_glb

    assets = _runtime.engine().assets
    data = file.read_bytes()

    def say(why: str) -> None:
        _runtime.engine().log.write("LogInterchangeEngine", "Error", f"Import of a texture of {file} failed: {why}")

    mesh = load_glb(file, replace(options.rules, say=say))
    if not options.meshes:
        return []
    # Names are made up, so that nobody comes to rely on them.
    stem = f"{asset_name(file.stem)[:24]}_{zlib.crc32(data):08x}"
    materials = []
    for slot, material in enumerate(mesh.materials):
        place = f"{folder}/Materials" if options.type_folders else folder
        made = assets.put(assets.free_path(place, f"MI_{stem}_{slot}"), MaterialInstanceConstant)
        made._imported = material
        materials.append(made)
    parts = [mesh] if options.combine else _apart(mesh)
    result: list[Object] = []
    for number, part in enumerate(parts):
        place = f"{folder}/StaticMeshes" if options.type_folders else folder
        name = f"SM_{stem}" if len(parts) == 1 else f"SM_{stem}_{number}"
        made_mesh = assets.put(assets.free_path(place, name), StaticMesh)
        made_mesh._fill(part, list(materials), [f"Material_{slot}" for slot in range(len(materials))])
        result.append(made_mesh)
    return [*result, *materials]


def _apart(mesh: scene.Mesh) -> list[scene.Mesh]:
    """Each primitive as a mesh of its own."""
    return [replace(mesh, primitives=(part,)) for part in mesh.primitives]


def _import_picture(file: Path, folder: str, options: Options) -> Object:
    pixels, is_deep = _read_picture(file)
    height, width = pixels.shape[:2]
    powers_of_two = _is_power_of_two(width) and _is_power_of_two(height)
    if not (powers_of_two or options.rules.any_side):
        raise ModelError(f"{file.name} is {width}x{height}; its sides are no powers of two.")
    engine = _runtime.engine()
    made = engine.assets.put(engine.assets.free_path(folder, f"T_{asset_name(file.stem)}"), Texture2D)
    made._pixels = pixels
    # More than 8 bits a channel are taken for linear.
    Texture.srgb.store(made, value=not is_deep)
    if not powers_of_two:
        Texture.mip_gen_settings.store(made, TextureMipGenSettings.TMGS_NO_MIPMAPS)
        if width % 4 or height % 4:
            Texture.compression_settings.store(made, TextureCompressionSettings.TC_EDITOR_ICON)
    virtual = (engine.console_variable("r.VirtualTextures"), engine.console_variable("r.VT.EnableAutoImport"))
    if virtual == ("1", "1") and width * height >= _VIRTUAL_FROM_PX and powers_of_two:
        Texture.virtual_texture_streaming.store(made, value=True)
    if options.rules.detect_normals and looks_like_normals(pixels):
        Texture.compression_settings.store(made, TextureCompressionSettings.TC_NORMALMAP)
        Texture.srgb.store(made, value=False)
        Texture.flip_green_channel.store(made, options.flip_green)
    return made


def _read_picture(file: Path) -> tuple[NDArray[np.uint8], bool]:
    """RGBA, and whether the file has 16 bits a channel."""
    from PIL import Image, UnidentifiedImageError

    try:
        is_deep = file.read_bytes()[:25].endswith(b"\x10") and file.suffix.lower() == ".png"
        with Image.open(file) as opened:
            image: Image.Image = opened
            if opened.mode.startswith("I;16"):
                image = Image.fromarray((np.asarray(opened, np.uint16) >> 8).astype(np.uint8))
            return np.array(image.convert("RGBA"), np.uint8), is_deep
    except (UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise ModelError(f"{file.name} is no picture that can be read: {error}.") from error


def _is_power_of_two(side: int) -> bool:
    return side & (side - 1) == 0


def _import_panorama(file: Path, folder: str) -> Object:
    from unrealsynth.embedded.unreal._radiance import read_hdr

    assets = _runtime.engine().assets
    pixels = read_hdr(file)
    made = assets.put(assets.free_path(folder, f"TC_{asset_name(file.stem)}"), TextureCube)
    made._panorama = scene.Panorama(pixels)
    Texture.srgb.store(made, value=False)
    return made
