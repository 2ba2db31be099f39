"""A renderer that draws nothing but remembers what it was asked to draw, and short cuts into the stand-in module."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrealsynth.embedded import unreal
from unrealsynth.embedded.renderer.scene import Grading, Scene, View


@dataclass
class RecordingRenderer:
    """Shows one linear grey everywhere, with the tone mapper's gamma, and a square of stencil in the middle."""

    grey: float = 0.18
    stencil_value: int = 7
    depth_cm: float = 1000.0
    calls: list[tuple[str, Scene, View, Grading | None]] = field(default_factory=list)

    def color(self, scene: Scene, view: View, grading: Grading) -> NDArray[np.uint8]:
        self.calls.append(("color", scene, view, grading))
        shown = (self.grey * 2.0**grading.exposure_ev) ** (2.2 / grading.display_gamma)
        encoded = shown * 12.92 if shown <= 0.0031308 else 1.055 * shown ** (1 / 2.4) - 0.055
        return np.full((view.height, view.width, 4), round(255 * min(encoded, 1.0)), np.uint8)

    def linear(self, scene: Scene, view: View, exposure_ev: float) -> NDArray[np.float32]:
        self.calls.append(("linear", scene, view, None))
        return np.full((view.height, view.width, 4), self.grey * 2.0**exposure_ev, np.float32)

    def stencil(self, scene: Scene, view: View) -> NDArray[np.uint8]:
        self.calls.append(("stencil", scene, view, None))
        picture = np.zeros((view.height, view.width), np.uint8)
        h, w = view.height // 4, view.width // 4
        picture[h : 3 * h, w : 3 * w] = self.stencil_value
        return picture

    def depth(self, scene: Scene, view: View) -> NDArray[np.float32]:
        self.calls.append(("depth", scene, view, None))
        return np.full((view.height, view.width), self.depth_cm, np.float32)

    def last(self) -> tuple[Scene, View, Grading | None]:
        return self.calls[-1][1:]


def spawn(actor_class: Any, location: tuple[float, float, float] = (0.0, 0.0, 0.0), **rotation: float) -> Any:
    """A transient actor; `rotation` takes roll, pitch and yaw."""
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    return actors.spawn_actor_from_class(
        actor_class, unreal.Vector(*location), unreal.Rotator(**rotation), transient=True
    )


def world() -> Any:
    return unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()


def cube(location: tuple[float, float, float], size_cm: float = 100.0, stencil: int | None = None) -> Any:
    """A cube that casts no shadow; it renders into custom depth when it is given a stencil."""
    actor = spawn(unreal.StaticMeshActor, location)
    component = actor.static_mesh_component
    component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
    actor.set_actor_scale3d(unreal.Vector(size_cm / 100, size_cm / 100, size_cm / 100))
    component.set_cast_shadow(False)
    if stencil is not None:
        component.set_render_custom_depth(True)
        component.set_custom_depth_stencil_value(stencil)
    return actor


def target(width: int = 8, height: int = 8, format_: Any = None, gamma: float | None = None) -> Any:
    """A render target of the open world, 8 bits a channel unless said otherwise."""
    made = unreal.RenderingLibrary.create_render_target2d(
        world(), width, height, format_ or unreal.TextureRenderTargetFormat.RTF_RGBA8
    )
    if gamma is not None:
        made.target_gamma = gamma
    return made


def write_exr(picture: Any, path: Path, **options: object) -> Path:
    """A render target as EXR, at once unless said otherwise."""
    chosen = unreal.ImageWriteOptions(unreal.DesiredImageFormat.EXR)
    chosen.set_editor_properties({"async_": False, "overwrite_file": True, **options})
    unreal.ImageWriteBlueprintLibrary.export_to_disk(picture, str(path), chosen)
    return path


def camera(into: Any, source: Any = None, **attributes: object) -> Any:
    """A capture component that captures only when told, with manual exposure of 0 EV."""
    component = spawn(unreal.SceneCapture2D).capture_component2d
    component.capture_every_frame = False
    component.capture_on_movement = False
    component.capture_source = source or unreal.SceneCaptureSource.SCS_FINAL_COLOR_LDR
    component.texture_target = into
    component.post_process_settings = manual_exposure()
    for name, value in attributes.items():
        setattr(component, name, value)
    return component


def manual_exposure(bias_ev: float = 0.0) -> Any:
    settings = unreal.PostProcessSettings()
    for name, value in (
        ("auto_exposure_method", unreal.AutoExposureMethod.AEM_MANUAL),
        ("auto_exposure_bias", bias_ev),
        ("auto_exposure_apply_physical_camera_exposure", False),
    ):
        settings.set_editor_property(name, value)
        settings.set_editor_property(f"override_{name}", True)
    return settings


def id_material(name: str = "Ids") -> Any:
    """Custom stencil / 255 in place of the tone mapper, not compiled yet."""
    material = unreal.AssetToolsHelpers.get_asset_tools().create_asset(
        name, "/Game/Tests", unreal.Material, unreal.MaterialFactoryNew()
    )
    material.set_editor_property("material_domain", unreal.MaterialDomain.MD_POST_PROCESS)
    material.set_editor_property("blendable_location", unreal.BlendableLocation.BL_REPLACING_TONEMAPPER)
    library = unreal.MaterialEditingLibrary
    stencil = library.create_material_expression(material, unreal.MaterialExpressionSceneTexture)
    stencil.set_editor_property("scene_texture_id", unreal.SceneTextureId.PPI_CUSTOM_STENCIL)
    divide = library.create_material_expression(material, unreal.MaterialExpressionDivide)
    divide.set_editor_property("const_b", 255.0)
    assert library.connect_material_expressions(stencil, "Color", divide, "A")
    assert library.connect_material_property(divide, "", unreal.MaterialProperty.MP_EMISSIVE_COLOR)
    library.recompile_material(material)
    return material


def id_camera(into: Any) -> Any:
    """A camera for exact ids, with its material compiled and the stencil switched on."""
    component = camera(into)
    component.show_flag_settings = [unreal.EngineShowFlagsSetting("AntiAliasing", False)]
    component.add_or_update_blendable(id_material(), 1.0)
    unreal.AutomationLibrary.finish_loading_before_screenshot()
    unreal.SystemLibrary.execute_console_command(world(), "r.CustomDepth 3")
    return component
