"""Unreal 5.3 to 5.7: what each version lacks, adds or names otherwise than 5.6, the version of Epic's stub.

Where it is not proven that a version has something, `Switches.unproven_names` decides; without it the version lacks it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from unrealsynth.embedded.switches import Switches
from unrealsynth.embedded.unreal._editions import Edition

Version = tuple[int, int]
STUB: Version = (5, 6)
VERSIONS: tuple[Version, ...] = ((5, 3), (5, 4), (5, 5), (5, 6), (5, 7))


@dataclass(frozen=True)
class Symbol:
    """A name of the module that not every version has.

    `name` is "Class", "Class.member" or "Class.function argument". `proven` is the first version seen to have it; a
    version before `earliest` certainly does not.
    """

    name: str
    proven: Version = STUB
    earliest: Version = (5, 0)


SYMBOLS = (
    # Not in 5.0; seen in 5.6.
    Symbol("AssetImportTask.async_", earliest=(5, 1)),
    Symbol("AssetImportTask.get_objects", earliest=(5, 1)),
    Symbol("AssetImportTask.is_async_import_complete", earliest=(5, 1)),
    Symbol("InterchangePipelineStackOverride.add_pipeline"),
    Symbol("InterchangeGenericMeshPipeline.collision"),
    Symbol("InterchangeGenericMeshPipeline.fallback_collision_type"),
    Symbol("InterchangeGenericAssetsPipeline.asset_type_sub_folders", earliest=(5, 5)),
    Symbol("InterchangeGenericAssetsPipeline.scene_name_sub_folder", earliest=(5, 5)),
    Symbol("SceneCaptureComponent2D.overscan", earliest=(5, 4)),
    Symbol("SceneCaptureSource.SCS_FINAL_TONE_CURVE_HDR"),
    Symbol("TextureRenderTargetFormat.RTF_RGB10A2"),
    Symbol("LevelEditorSubsystem.new_level is_partitioned_world", earliest=(5, 1)),
    Symbol("EditorActorSubsystem.spawn_actor_from_class transient"),
    Symbol("EditorActorSubsystem.spawn_actor_from_object transient"),
    Symbol("Actor.set_actor_label mark_dirty"),
    Symbol("Object.set_editor_property notify_mode"),
    Symbol("StructBase.set_editor_property notify_mode"),
    Symbol("PropertyAccessChangeNotifyMode"),
    Symbol("StaticMeshEditorSubsystem.set_nanite_settings"),
    Symbol("WorldPartitionBlueprintLibrary"),
    # By Epic's pages of the Python interface: not in 5.4's, not in 5.3's.
    Symbol("EditorUtilityTask.finish_executing_task success", earliest=(5, 5)),
    Symbol("EditorDialogLibraryObjectDetailsViewOptions.allow_resizing", earliest=(5, 4)),
    # Seen in 5.5's C++ interface.
    Symbol("SkyLightComponent.set_real_time_capture", proven=(5, 5)),
    Symbol("LightComponent.set_use_temperature", proven=(5, 5)),
    Symbol("SceneCaptureComponent.exclude_from_scene_texture_extents"),
    Symbol("SceneCaptureComponent.use_ray_tracing_if_enabled"),
)
"""All of them are in the stub, and so in the stand-in."""

OLD_NAMES = {
    "BlendableLocation.BL_SCENE_COLOR_AFTER_TONEMAPPING": "BL_AFTER_TONEMAPPING",
    "BlendableLocation.BL_SCENE_COLOR_BEFORE_DOF": "BL_BEFORE_TRANSLUCENCY",
    "BlendableLocation.BL_SCENE_COLOR_AFTER_DOF": "BL_BEFORE_TONEMAPPING",
}
"""Entries of enums by their name in 5.6, and what earlier versions call them; from which version on is not proven."""

ADDED = {(5, 7): ("InterchangeGenericMeshPipeline.nanite_triangle_threshold",)}
"""Whole-number properties that came after the stub. 5.7's ticker functions are the module's own business."""


def edition(version: Version, switches: Switches) -> Edition:
    """How the module of this version differs from the stub's."""
    if version >= STUB:
        added = [name for since, names in ADDED.items() if version >= since for name in names]
        return Edition(added=tuple(added))
    lacks = [
        symbol.name
        for symbol in SYMBOLS
        if version < symbol.earliest or (version < symbol.proven and not switches.unproven_names)
    ]
    return Edition(frozenset(lacks), {} if switches.unproven_names else dict(OLD_NAMES))


def usual_switches(version: Version) -> Switches:
    """The choices that suit a version best."""
    switches = Switches()
    if version >= (5, 7):
        # The C++ name works for most who tried 5.7.
        return replace(switches, throttle_names=("bThrottleCPUWhenNotForeground",))
    if version < STUB:
        # The versions at which these changed are not known; what is older is the stricter choice.
        switches = replace(switches, import_result="bool", other_exports="nothing")
    if version < (5, 4):
        switches = replace(switches, override_pipelines="objects")
    return switches
