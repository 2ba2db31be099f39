"""GLB models as static meshes, checked against what the orchestrator measured.

Boxes are computed from the measured geometry, so a mesh that came out with other bounds is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Generator, List, Optional, Tuple

import unreal

from unrealsynth_plugin.assets import GENERATED, found, generic_pipeline, run_import, set_pipelines
from unrealsynth_plugin.compatibility import Settings
from unrealsynth_plugin.core.contract import Model
from unrealsynth_plugin.core.geometry import Vec3
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.own_assets import load_own_asset
from unrealsynth_plugin.spool import Spool
from unrealsynth_plugin.vectors import vec3


def import_models(
    models: Tuple[Model, ...], spool: Spool, settings: Settings, announce: Callable[[str], None]
) -> Generator[None, None, Dict[str, Any]]:
    """The static mesh of each model by its id, one model a tick. Raises PluginError naming every model that failed."""
    meshes: Dict[str, Any] = {}
    mistakes: List[str] = []
    for number, model in enumerate(models, 1):
        announce(f"importing model {number} of {len(models)}: {model.id}")
        yield
        try:
            meshes[model.id] = _import_model(model, spool, settings)
        except PluginError as error:
            mistakes.append(str(error))
    if mistakes:
        raise PluginError(" ".join(mistakes))
    return meshes


def _import_model(model: Model, spool: Spool, settings: Settings) -> Any:
    if model.asset is not None:
        return load_own_asset(model.asset)
    folder = f"{GENERATED}/Imported/{model.sha256[:16]}"
    file = spool.file(model.file)
    if not file.is_file():
        raise PluginError(f"Model {model.id} cannot be imported: {file} is missing; start the run again.")
    if not model.sha256.isalnum():
        raise PluginError(f"Model {model.id} cannot be imported: {model.sha256!r:.40} is no hash.")
    ways = ((folder, _import_by_task), (f"{folder}_b", _import_by_manager))
    for place, _ in ways:
        imported = found(place, unreal.StaticMesh)
        if _mistake(imported, model) is None:
            return imported[0]
    first_mistake: Optional[str] = None
    for place, way in ways:
        if unreal.EditorAssetLibrary.does_directory_exist(place):
            # What an earlier try has left would be counted with what comes now.
            unreal.EditorAssetLibrary.delete_directory(place)
        way(file, place, settings)
        meshes = found(place, unreal.StaticMesh)
        mistake = _mistake(meshes, model)
        if mistake is None:
            return _without_nanite(meshes[0], settings)
        first_mistake = first_mistake or mistake
    raise PluginError(f"Model {model.id} cannot be imported: {first_mistake}.")


def _import_by_task(file: Path, folder: str, settings: Settings) -> None:
    run_import(file, folder, _pipelines(settings))


def _import_by_manager(file: Path, folder: str, settings: Settings) -> None:
    """The other way into Interchange, for versions in which a task's options do not take effect."""
    pipelines = _pipelines(settings)
    parameters = unreal.ImportAssetParameters()
    parameters.set_editor_property("is_automated", True)
    settings.apply(parameters, True, "replace_existing")
    set_pipelines(parameters, pipelines, settings)
    manager = unreal.InterchangeManager.get_interchange_manager_scripted()
    manager.import_asset(folder, unreal.InterchangeManager.create_source_data(str(file)), parameters)


def _pipelines(settings: Settings) -> List[Any]:
    """One static mesh from the whole file: no Nanite, for exact silhouettes, and nothing that only costs time."""
    generic = generic_pipeline(settings)
    common = generic.get_editor_property("common_meshes_properties")
    settings.apply(common, unreal.InterchangeForceMeshType.IFMT_STATIC_MESH, "force_all_mesh_as_type")
    settings.apply(common, False, "auto_detect_mesh_type")
    settings.apply(common, True, "bake_meshes")
    mesh = generic.get_editor_property("mesh_pipeline")
    settings.apply(mesh, True, "import_static_meshes")
    settings.apply(mesh, False, "import_skeletal_meshes")
    if hasattr(unreal, "InterchangeCombineStaticMeshesBehavior"):
        settings.apply(mesh, unreal.InterchangeCombineStaticMeshesBehavior.ALL, "combine_static_meshes_behavior")
    else:
        settings.apply(mesh, True, "combine_static_meshes")
    settings.apply(mesh, False, "build_nanite")
    settings.apply(mesh, False, "generate_lightmap_u_vs")
    settings.apply(mesh, False, "collision", "import_collision")
    # Without this, a part called UCX_Body would be no part of what is seen beside one called Body, collision or not.
    settings.apply(mesh, False, "import_collision_according_to_mesh_name")
    settings.apply(generic.get_editor_property("animation_pipeline"), False, "import_animations")
    # The second pipeline maps glTF materials to the parent materials that come with the engine.
    return [generic, unreal.InterchangeGLTFPipeline()]


def _mistake(meshes: List[Any], model: Model) -> Optional[str]:
    """What is wrong with an import, as the end of a sentence, or None."""
    if not meshes:
        return "the editor made no static mesh of it; its log says why"
    if len(meshes) > 1:
        return f"the editor made {len(meshes)} static meshes of it and did not combine them"
    box = meshes[0].get_bounding_box()
    got = (vec3(box.min), vec3(box.max))
    size = max(high - low for low, high in zip(*model.bounds_cm))
    tolerance_cm = max(0.1, 0.001 * size)
    off_cm = max(abs(a - b) for corner, wanted in zip(got, model.bounds_cm) for a, b in zip(corner, wanted))
    if off_cm <= tolerance_cm:
        return None
    return f"its bounds came out as {_text(got)} cm instead of {_text(model.bounds_cm)} cm"


def _without_nanite(mesh: Any, settings: Settings) -> Any:
    try:
        nanite = mesh.get_editor_property("nanite_settings")
        if nanite.get_editor_property("enabled"):
            nanite.set_editor_property("enabled", False)
            unreal.get_editor_subsystem(unreal.StaticMeshEditorSubsystem).set_nanite_settings(mesh, nanite)
    except Exception:
        # Unreal raises a plain Exception where the property does not exist.
        settings.note("StaticMesh.nanite_settings")
    return mesh


def _text(bounds: Tuple[Vec3, Vec3]) -> str:
    return " to ".join("(" + ", ".join(f"{value:.2f}" for value in corner) + ")" for corner in bounds)
