"""Unreal 5.3 to 5.7: what each version lacks, adds or names otherwise than 5.6, the version of Epic's stub."""

from __future__ import annotations

from dataclasses import replace

from unrealsynth.embedded.switches import Switches
from unrealsynth.embedded.unreal._editions import Edition

Version = tuple[int, int]
STUB: Version = (5, 6)
VERSIONS: tuple[Version, ...] = ((5, 3), (5, 4), (5, 5), (5, 6), (5, 7))

SINCE: dict[str, Version] = {
    # Kismet, editor and dialog functions.
    "AutomationLibrary.take_high_res_screenshot force_game_view": (5, 4),
    "EditorDialogLibraryObjectDetailsViewOptions.allow_resizing": (5, 4),
    "EditorUtilityTask.finish_executing_task success": (5, 6),
    "LevelEditorSubsystem.new_level is_partitioned_world": (5, 4),
    # Interchange.
    "ImportAssetParameters.replace_existing": (5, 4),
    "InterchangeGenericAssetsPipeline.asset_type_sub_folders": (5, 6),
    "InterchangeGenericAssetsPipeline.scene_name_sub_folder": (5, 6),
    "InterchangeGenericCommonMeshesProperties.auto_detect_mesh_type": (5, 4),
    "InterchangeGenericMeshPipeline.collision": (5, 5),
    "InterchangeGenericMeshPipeline.fallback_collision_type": (5, 5),
    # Components.
    "SceneCaptureComponent.exclude_from_scene_texture_extents": (5, 6),
    "SceneCaptureComponent2D.overscan": (5, 5),
    "SkyLightComponent.set_real_time_capture": (5, 5),
}
"""Names of the stub that not every version has, by the first one whose headers have them: "Class.member" or
"Class.function argument". The headers are those of 5.3.1, 5.4.2, 5.5.2, 5.6.0 and 5.7.0; all else that the plugin uses
is in each of them, with the same arguments."""

OLD_NAMES = {
    "BlendableLocation.BL_SCENE_COLOR_AFTER_TONEMAPPING": "BL_AFTER_TONEMAPPING",
    "BlendableLocation.BL_SCENE_COLOR_BEFORE_DOF": "BL_BEFORE_TRANSLUCENCY",
    "BlendableLocation.BL_SCENE_COLOR_AFTER_DOF": "BL_BEFORE_TONEMAPPING",
}
"""Entries of enums by their name since 5.4, and what 5.3 calls them."""

ADDED = {(5, 7): ("InterchangeGenericMeshPipeline.nanite_triangle_threshold",)}
"""Whole-number properties that came after the stub. 5.7's ticker functions are the module's own business."""


def edition(version: Version) -> Edition:
    """How the module of this version differs from the stub's."""
    return Edition(
        lacks=frozenset(name for name, since in SINCE.items() if version < since),
        renamed=OLD_NAMES if version < (5, 4) else {},
        added=tuple(name for since, names in ADDED.items() if version >= since for name in names),
    )


def usual_switches(version: Version) -> Switches:
    """The choices that suit a version best."""
    switches = Switches()
    if version >= (5, 7):
        # The C++ name works for most who tried 5.7.
        return replace(switches, throttle_names=("bThrottleCPUWhenNotForeground",))
    if version < (5, 5):
        # By the headers. Only as of 5.5 it hands out the objects.
        switches = replace(switches, import_result="bool")
    if version < (5, 4):
        # Nobody has looked; what leaves less is the stricter choice.
        switches = replace(switches, other_exports="nothing")
    return switches
