"""Post-process settings of a capture: the ones that the plugin has reason to set.

A setting counts only where its override is on. The renderer knows exposure and blendables; Lumen, and effects that the
embedded editor does not draw, are kept and have no effect.
"""

from __future__ import annotations

from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT
from unrealsynth.embedded.unreal._object import Property
from unrealsynth.embedded.unreal._struct_base import StructBase, struct_kind
from unrealsynth.embedded.unreal._wrapper import array_kind
from unrealsynth.embedded.unreal.enums import AutoExposureMethod, DynamicGlobalIlluminationMethod, ReflectionMethod
from unrealsynth.embedded.unreal.structs import OBJECT


class WeightedBlendable(StructBase):
    _arguments = ("weight", "object")
    weight = Property(FLOAT)
    object = Property(OBJECT)


class WeightedBlendables(StructBase):
    _arguments = ("array",)
    array = Property(array_kind(struct_kind(WeightedBlendable)))


class PostProcessSettings(StructBase):
    override_auto_exposure_method = Property(BOOL)
    auto_exposure_method = Property(enum_kind(AutoExposureMethod))
    override_auto_exposure_bias = Property(BOOL)
    auto_exposure_bias = Property(FLOAT, 1.0)
    override_auto_exposure_apply_physical_camera_exposure = Property(BOOL)
    auto_exposure_apply_physical_camera_exposure = Property(BOOL, default=True)
    override_auto_exposure_min_brightness = Property(BOOL)
    auto_exposure_min_brightness = Property(FLOAT, -10.0)
    override_auto_exposure_max_brightness = Property(BOOL)
    auto_exposure_max_brightness = Property(FLOAT, 20.0)
    override_local_exposure_highlight_contrast_scale = Property(BOOL)
    local_exposure_highlight_contrast_scale = Property(FLOAT, 1.0)
    override_local_exposure_shadow_contrast_scale = Property(BOOL)
    local_exposure_shadow_contrast_scale = Property(FLOAT, 1.0)
    override_local_exposure_detail_strength = Property(BOOL)
    local_exposure_detail_strength = Property(FLOAT, 1.0)
    override_dynamic_global_illumination_method = Property(BOOL)
    dynamic_global_illumination_method = Property(
        enum_kind(DynamicGlobalIlluminationMethod), DynamicGlobalIlluminationMethod.LUMEN
    )
    override_reflection_method = Property(BOOL)
    reflection_method = Property(enum_kind(ReflectionMethod), ReflectionMethod.LUMEN)
    override_lumen_surface_cache_resolution = Property(BOOL)
    lumen_surface_cache_resolution = Property(FLOAT, 1.0)
    override_lumen_scene_lighting_quality = Property(BOOL)
    lumen_scene_lighting_quality = Property(FLOAT, 1.0)
    override_lumen_scene_lighting_update_speed = Property(BOOL)
    lumen_scene_lighting_update_speed = Property(FLOAT, 1.0)
    override_lumen_scene_detail = Property(BOOL)
    lumen_scene_detail = Property(FLOAT, 1.0)
    override_lumen_final_gather_quality = Property(BOOL)
    lumen_final_gather_quality = Property(FLOAT, 1.0)
    override_lumen_final_gather_lighting_update_speed = Property(BOOL)
    lumen_final_gather_lighting_update_speed = Property(FLOAT, 1.0)
    override_lumen_reflection_quality = Property(BOOL)
    lumen_reflection_quality = Property(FLOAT, 1.0)
    override_motion_blur_amount = Property(BOOL)
    motion_blur_amount = Property(FLOAT, 0.5)
    override_motion_blur_max = Property(BOOL)
    motion_blur_max = Property(FLOAT, 5.0)
    override_vignette_intensity = Property(BOOL)
    vignette_intensity = Property(FLOAT, 0.4)
    override_scene_fringe_intensity = Property(BOOL)
    scene_fringe_intensity = Property(FLOAT)
    override_film_grain_intensity = Property(BOOL)
    film_grain_intensity = Property(FLOAT)
    override_bloom_intensity = Property(BOOL)
    bloom_intensity = Property(FLOAT, 0.675)
    override_lens_flare_intensity = Property(BOOL)
    lens_flare_intensity = Property(FLOAT, 1.0)
    override_depth_of_field_fstop = Property(BOOL)
    depth_of_field_fstop = Property(FLOAT, 4.0)
    override_depth_of_field_focal_distance = Property(BOOL)
    depth_of_field_focal_distance = Property(FLOAT)
    override_ambient_occlusion_intensity = Property(BOOL)
    ambient_occlusion_intensity = Property(FLOAT, 0.5)
    override_white_temp = Property(BOOL)
    white_temp = Property(FLOAT, 6500.0)
    override_white_tint = Property(BOOL)
    white_tint = Property(FLOAT)
    override_tone_curve_amount = Property(BOOL)
    tone_curve_amount = Property(FLOAT, 1.0)
    weighted_blendables = Property(struct_kind(WeightedBlendables))


def blendables_of(settings: PostProcessSettings) -> list[WeightedBlendable]:
    """The list itself."""
    found: list[WeightedBlendable] = WeightedBlendables.array.read(
        PostProcessSettings.weighted_blendables.read(settings)
    )._items
    return found


def add_or_update(settings: PostProcessSettings, blendable_object: object, weight: float) -> None:
    """What the function of the same name does, for all that have such settings."""
    blendable, items = OBJECT.nativize(blendable_object), blendables_of(settings)
    for item in items:
        if WeightedBlendable.object.read(item) is blendable:
            item.weight = weight
            return
    items.append(WeightedBlendable(weight, blendable))
