"""The project's own assets as objects: found by path or by an actor's tag, and measured where only the editor can.

Nothing of the project is changed: an asset is measured on a transient actor, in a map of our own.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Generator, List, Sequence, Set, Tuple

import unreal

from unrealsynth_plugin.cells import Cells
from unrealsynth_plugin.compatibility import Settings, spawn_asset
from unrealsynth_plugin.core.contract import Environment
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.core.own_assets import ASSET, TAG, AssetGeometry, AssetReport
from unrealsynth_plugin.core.regions import Region
from unrealsynth_plugin.editor_state import EditorState
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.level_actors import drawn_parts, tagged_actors
from unrealsynth_plugin.vectors import vec3

_VERTICES_A_TICK = 4000


def load_own_asset(path: str) -> Any:
    """A static mesh or a Blueprint of the project. Raises PluginError."""
    if not path.startswith(ASSET) or not unreal.EditorAssetLibrary.does_asset_exist(path):
        # Unreal's own paths are relative to the folder of the editor's program.
        project = unreal.Paths.convert_relative_path_to_full(unreal.Paths.project_dir())
        raise PluginError(
            f"There is no asset {path} in the project of this editor ({project}); name it by its path in the content "
            "browser, and use the editor of the project that has it."
        )
    asset = unreal.EditorAssetLibrary.load_asset(path)
    if isinstance(asset, (unreal.StaticMesh, unreal.Blueprint)):
        return asset
    what = "cannot be loaded" if asset is None else f"is a {type(asset).__name__}"
    raise PluginError(f"{path} {what}; wanted a static mesh or a Blueprint.")


def measure(
    references: Sequence[str],
    environments: Sequence[Environment],
    settings: Settings,
    editor: EditorState,
    announce: Callable[[str], None],
) -> Generator[None, None, AssetReport]:
    """Looks `references` up, tags in the levels among `environments`, and measures what they stand for."""
    named: Dict[str, Tuple[str, ...]] = {name: (name,) for name in references if not name.startswith(TAG)}
    tags = [name for name in references if name.startswith(TAG)]
    levels = [environment for environment in environments if environment.level is not None] if tags else []
    if tags and not levels:
        raise PluginError(f"{tags[0]} names actors of a level, but no environment is one; add the level that has them.")
    found: Dict[str, Set[str]] = {tag: set() for tag in tags}
    for environment in levels:
        announce(f"looking for tagged actors in {environment.level}")
        yield
        editor.open_level(str(environment.level))
        cells = Cells()
        try:
            cells.load(Region.of(environment.spawn))
            yield
            for tag in tags:
                found[tag].update(asset for actor in tagged_actors(tag[len(TAG) :]) for asset in _assets_of(actor))
        finally:
            if not editor.is_closing():
                cells.release()
    for tag, assets in found.items():
        if not assets:
            where = " or ".join(str(item.level) for item in levels)
            raise PluginError(
                f"No actor in {where} has the tag {tag[len(TAG) :]} and shows a static mesh or Blueprint of the "
                "project; give the actors that tag (details panel, Actor, Tags)."
            )
        named[tag] = tuple(sorted(assets))
    editor.open_blank_map()
    geometries = []
    for path in sorted({path for paths in named.values() for path in paths}):
        announce(f"measuring {path}")
        yield
        geometries.append((yield from _measure(path, settings)))
        editor.know_own_changes()
    return AssetReport(tuple(geometries), named)


def _assets_of(actor: Any) -> List[str]:
    """Package paths of what an actor is made of: its Blueprint, or the meshes it shows and its child actors."""
    own_class = str(actor.get_class().get_path_name()).split(".")[0]
    if own_class.startswith(ASSET):
        return [own_class]
    meshes = [part.static_mesh for part in actor.get_components_by_class(unreal.StaticMeshComponent)]
    paths = [str(mesh.get_path_name()).split(".")[0] for mesh in meshes if mesh is not None]
    own = [path for path in paths if path.startswith(ASSET)]
    return own + [path for child in actor.get_all_child_actors(False) for path in _assets_of(child)]


def _measure(path: str, settings: Settings) -> Generator[None, None, AssetGeometry]:
    actor = spawn_asset(load_own_asset(path), f"measured {path}")
    points: Set[Vec3] = set()
    is_exact = True
    for part in drawn_parts(actor):
        if isinstance(part, unreal.StaticMeshComponent) and part.static_mesh is None:
            continue
        transform = part.get_world_transform()
        description = _description(part, settings)
        if description is None:
            is_exact = False
            points.update(_corners(part, settings))
            continue
        count = seen = 0
        wanted = description.get_vertex_count()
        # Numbers may have holes, where vertices were deleted.
        while seen < wanted and count < 4 * wanted + 1000:
            vertex = unreal.VertexID(count)
            count += 1
            if count % _VERTICES_A_TICK == 0:
                yield
            if not description.is_vertex_valid(vertex):
                continue
            seen += 1
            points.add(_corner(transform.transform_location(description.get_vertex_position(vertex))))
    actor.destroy_actor()
    if not points:
        raise PluginError(f"{path} shows nothing that could be measured; name a static mesh, or a Blueprint with one.")
    return AssetGeometry(path, tuple(sorted(points)), is_exact)


def _description(part: Any, settings: Settings) -> Any:
    """The source geometry of a static mesh, or None where there is none, as of cooked assets.

    It tells nothing of instances, each elsewhere, and of what is bent along a spline.
    """
    is_reshaped = hasattr(part, "get_instance_count") or hasattr(part, "get_start_tangent")
    if is_reshaped or not isinstance(part, unreal.StaticMeshComponent):
        return None
    try:
        description = part.static_mesh.get_static_mesh_description(0)
        return description if description is not None and description.get_vertex_count() > 0 else None
    except Exception:
        settings.note("StaticMesh.get_static_mesh_description")
        return None


def _corners(part: Any, settings: Settings) -> List[Vec3]:
    try:
        origin, extent, _ = unreal.SystemLibrary.get_component_bounds(part)
    except Exception:
        # Older versions may not have it; then the part is left out, and the box may be too small.
        settings.note("SystemLibrary.get_component_bounds")
        return []
    signs = (-1.0, 1.0)
    return [
        (float(origin.x + a * extent.x), float(origin.y + b * extent.y), float(origin.z + c * extent.z))
        for a in signs
        for b in signs
        for c in signs
    ]


def _corner(vector: Any) -> Vec3:
    # A thousandth of a millimetre: the same corner of two faces is one point.
    x, y, z = vec3(vector)
    return round(x, 4), round(y, 4), round(z, 4)
