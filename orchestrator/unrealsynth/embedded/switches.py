"""What Unreal does in cases where the sources do not agree or no one has looked.

Each field is one uncertain fact; the plugin is tested with both of its values. Defaults are the strict ones, or what
most sources say where neither is stricter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Switches:
    """One choice for each uncertain fact."""

    struct_access: Literal["copy", "reference"] = "copy"
    """Whether reading a struct property gives a copy, or a reference into its owner."""
    ldr_alpha: int = 0
    """Alpha of 8-bit captures."""
    settle_captures: int = 0
    """How many captures after a cut still come out darker, because the view has no history."""
    captures_settle: Literal["per tick", "each"] = "per tick"
    """Whether several captures of one tick advance a view's history once, or once each."""
    attributes_reregister: bool = False
    """Whether assigning an attribute of a capture loses its history, as `set_editor_property` does."""
    shader_ticks: int = 20
    """Ticks until a recompiled material is ready by itself."""
    sky_ticks: int = 0
    """Ticks until a sky light shows what it captured last."""
    task_options_apply: bool = True
    """Whether an import task's pipelines take effect."""
    import_result: Literal["objects", "bool"] = "objects"
    """What `InterchangeManager.import_asset` returns."""
    override_pipelines: Literal["paths", "objects"] = "paths"
    """What the pipelines in `ImportAssetParameters` are given as."""
    exportable_floats: tuple[str, ...] = ("RTF_RGBA16F",)
    """Formats that `export_render_target` writes as EXR: in 5.6's source 16 bits only, in 5.8's 32 bits too."""
    other_exports: Literal["PNG", "nothing"] = "PNG"
    """What it leaves of a target of any other format but 8 bits: a PNG as in 5.6's source, or an empty file."""
    image_writer: bool = True
    """Whether `ImageWriteBlueprintLibrary` can read float targets."""
    float_read_back: Literal["exact", "bytes"] = "exact"
    """How a target of 32 bits a channel is read, whoever asks: as it is, as D3D12 does, or as bytes from the picture's
    lowest value to its highest, as Vulkan does."""
    throttle_names: tuple[str, ...] = ("throttle_cpu_when_not_foreground",)
    """Names under which the background throttle can be set."""
    relative_paths: bool = True
    """Whether `Paths` gives folders relative to the editor's program."""
    coordinates_input: Literal["UVs", "Coordinates"] = "UVs"
    """Name of a texture node's input for coordinates."""
    volumes_blend: bool = False
    """Whether captures take over the settings of the level's post-process volumes."""
    transient_marks_level: bool = False
    """Whether spawning a transient actor of a class marks the level as changed; in 5.8's source it does not."""
    assets_mark_level: bool = True
    """Whether it does where the actor is one of an asset. In 5.8's source such an actor becomes transient only after it
    was placed and given its label."""
    stencil_in_captures: bool = True
    """Whether a capture's post-process material can read the custom stencil; else it reads 0."""
    target_gamma_counts: bool = True
    """Whether a render target's own gamma counts when it is drawn; else it stays linear."""
    translucent_stencil: bool = False
    """Whether materials that blend write the custom stencil without being asked to."""
    masked_stencil: bool = True
    """Whether the custom stencil respects the opacity mask; else it takes the whole triangle."""
    viewport: Literal["drawn", "hidden", "closed"] = "drawn"
    """Whether there is a level viewport, and whether the editor draws it."""
