"""What this editor has of all that the plugin uses, and with which values its objects begin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Pattern, Set, Tuple

import unreal

from unrealsynth_plugin.compatibility import VERSIONED

_NAME = re.compile(r"(?<![\w`\"])unreal\.([A-Za-z]\w*(?:\.[A-Za-z]\w*)?)")
_ASKED_FOR = re.compile(r"hasattr\(unreal, \"(\w+)\"\)")
_METHODS = {
    "Actor": (
        "actor_has_tag destroy_actor get_actor_bounds get_actor_label get_actor_location get_actor_rotation "
        "get_actor_scale3d get_all_child_actors get_components_by_class get_level set_actor_label set_actor_location "
        "set_actor_location_and_rotation set_actor_rotation set_actor_scale3d set_actor_transform"
    ),
    "ActorComponent": "get_owner",
    "AssetRegistry": "is_loading_assets",
    "AssetTools": "create_asset import_asset_tasks",
    "AutomationEditorTask": "is_task_done",
    "Blueprint": "generated_class",
    "DirectionalLightComponent": "set_atmosphere_sun_light set_atmosphere_sun_light_index set_light_source_angle",
    "EditorActorSubsystem": "get_all_level_actors spawn_actor_from_class spawn_actor_from_object",
    "EditorAssetLibrary": "does_asset_exist does_directory_exist list_assets load_asset",
    "EditorLoadingAndSavingUtils": "get_dirty_content_packages get_dirty_map_packages",
    "EditorUtilitySubsystem": "register_and_execute_task",
    "EditorUtilityTask": "finish_executing_task set_task_notification_text was_cancel_requested",
    "ExponentialHeightFogComponent": (
        "set_fog_density set_fog_height_falloff set_fog_inscattering_color set_start_distance"
    ),
    "HitResult": "to_tuple",
    "InterchangeManager": "import_asset",
    "InterchangePipelineStackOverride": "add_pipeline",
    "LevelEditorSubsystem": (
        "editor_get_game_view editor_invalidate_viewports editor_set_game_view "
        "get_active_viewport_config_key is_in_play_in_editor load_level"
    ),
    "LightComponent": "set_intensity set_temperature set_use_temperature",
    "LocalLightComponent": "set_attenuation_radius set_intensity_units",
    "MaterialInstanceDynamic": "set_scalar_parameter_value set_texture_parameter_value set_vector_parameter_value",
    "MeshDescriptionBase": "get_vertex_count get_vertex_position is_vertex_valid",
    "Object": "get_class get_editor_property get_name get_package get_path_name set_editor_property",
    "OnLevelEditorPreSaveWorld": "add_callable remove_callable",
    "PostProcessVolume": "add_or_update_blendable",
    "PrimitiveComponent": "get_collision_response_to_channel line_trace_component",
    "Rotator": "copy get_forward_vector",
    "SceneCaptureComponent2D": (
        "add_or_update_blendable capture_scene clear_show_only_components get_world_location "
        "get_world_rotation show_only_component"
    ),
    "SceneComponent": (
        "get_children_components get_world_transform set_mobility set_relative_rotation set_visibility "
        "set_world_rotation"
    ),
    "SkyLightComponent": "recapture_sky set_real_time_capture",
    "SpotLightComponent": "set_outer_cone_angle",
    "StaticMesh": "get_bounding_box get_static_mesh_description",
    "StaticMeshComponent": (
        "create_dynamic_material_instance set_cast_shadow set_collision_enabled "
        "set_custom_depth_stencil_value set_mobility set_render_custom_depth set_static_mesh"
    ),
    "StaticMeshEditorSubsystem": "set_nanite_settings",
    "ToolMenuEntryScript": "init_entry register_menu_entry",
    "ToolMenus": "extend_menu refresh_all_widgets set_section_label",
    "Transform": "transform_location",
    "UnrealEditorSubsystem": "get_editor_world get_level_viewport_camera_info set_level_viewport_camera_info",
    "WorldPartitionBlueprintLibrary": "get_editor_world_bounds get_intersecting_actor_descs",
}
"""What is called on objects, by a class that must have it."""
_DEFAULTS = {
    "SceneCaptureComponent2D": (
        "capture_source",
        "capture_every_frame",
        "capture_on_movement",
        "always_persist_rendering_state",
        "primitive_render_mode",
        "fov_angle",
        "overscan",
        "post_process_blend_weight",
        "override_custom_near_clipping_plane",
        "custom_near_clipping_plane",
        "max_view_distance_override",
        "lod_distance_factor",
        "use_ray_tracing_if_enabled",
    ),
    "StaticMeshComponent": ("render_custom_depth", "custom_depth_stencil_value", "cast_shadow"),
    "TextureRenderTarget2D": ("target_gamma", "render_target_format"),
    "SkyLightComponent": ("source_type", "real_time_capture", "lower_hemisphere_is_black", "sky_distance_threshold"),
    "DirectionalLightComponent": ("light_source_angle", "atmosphere_sun_light", "use_temperature", "temperature"),
    "Material": ("material_domain", "blend_mode", "shading_model", "two_sided", "blendable_location"),
    "AssetImportTask": ("automated", "replace_existing", "save", "async_"),
    "InterchangeGenericAssetsPipeline": (
        "use_source_name_for_asset",
        "scene_name_sub_folder",
        "asset_type_sub_folders",
        "import_offset_uniform_scale",
    ),
    "InterchangeGenericMeshPipeline": ("combine_static_meshes", "build_nanite", "collision", "import_collision"),
    "InterchangeGenericCommonMeshesProperties": ("force_all_mesh_as_type", "auto_detect_mesh_type", "bake_meshes"),
}
_STRUCT_DEFAULTS = {
    "PostProcessSettings": (
        "auto_exposure_method",
        "auto_exposure_bias",
        "auto_exposure_apply_physical_camera_exposure",
        "dynamic_global_illumination_method",
        "reflection_method",
        "motion_blur_amount",
        "vignette_intensity",
        "scene_fringe_intensity",
        "film_grain_intensity",
        "bloom_intensity",
        "depth_of_field_fstop",
    ),
}
_ABSENT = "-"


def symbols() -> Dict[str, bool]:
    """Every `unreal.X` and `unreal.X.Y` in the plugin's own source and what it calls, and whether it is there."""
    methods = {f"{owner}.{name}" for owner, names in _METHODS.items() for name in names.split()}
    return {name: _has(name) for name in sorted(_found(_NAME) | methods)}


def optional() -> Tuple[str, ...]:
    """Those that the plugin asks for before it uses them."""
    return tuple(sorted(_found(_ASKED_FOR) | {name for name, _, _ in VERSIONED if " " not in name}))


def _found(pattern: Pattern[str]) -> Set[str]:
    sources = Path(__file__).parent.rglob("*.py")
    return {name for file in sources for name in pattern.findall(file.read_text(encoding="utf-8"))}


def defaults() -> Dict[str, str]:
    """Values of new objects, as text."""
    found: Dict[str, str] = {}
    for class_name, properties in _DEFAULTS.items():
        found.update(_values(class_name, properties, lambda cls: unreal.get_default_object(cls)))
    for struct_name, properties in _STRUCT_DEFAULTS.items():
        found.update(_values(struct_name, properties, lambda cls: cls()))
    return found


def _has(name: str) -> bool:
    owner, _, member = name.partition(".")
    if not hasattr(unreal, owner):
        return False
    return not member or hasattr(getattr(unreal, owner), member)


def _values(class_name: str, properties: Any, make: Any) -> Dict[str, str]:
    values = {}
    for name in properties:
        try:
            values[f"{class_name}.{name}"] = _text(make(getattr(unreal, class_name)).get_editor_property(name))
        except Exception:
            # A missing class or property raises whatever Python or Unreal has for it.
            values[f"{class_name}.{name}"] = _ABSENT
    return values


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, float):
        return str(getattr(value, "name", value))
    return f"{value:.6g}"
