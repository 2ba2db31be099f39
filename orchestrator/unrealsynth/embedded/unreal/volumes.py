"""Post-process volumes of a level, components that are the same, and what a capture makes of them.

The sources do not agree on whether captures take over a level's volumes, so a switch says. Lumen is never taken over:
Unreal puts it off for captures after it has gathered the volumes, and only a capture's own settings put it on again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal.actors import Actor
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.enums import DynamicGlobalIlluminationMethod
from unrealsynth.embedded.unreal.post_process import (
    PostProcessSettings,
    WeightedBlendable,
    add_or_update,
    blendables_of,
)

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal.capture import SceneCaptureComponent2D
    from unrealsynth.embedded.unreal.world import World

_OVERRIDE = "override_"
_LUMEN = ("dynamic_global_illumination_method", "reflection_method")


class PostProcessComponent(SceneComponent):
    """A post-process volume as a part of some other actor."""

    settings = Property(struct_kind(PostProcessSettings))
    priority = Property(FLOAT)
    blend_radius = Property(FLOAT, 100.0)
    blend_weight = Property(FLOAT, 1.0)
    enabled = Property(BOOL, default=True)
    unbound = Property(BOOL, default=True)

    def add_or_update_blendable(self, blendable_object: Object | None, weight: float = 1.0) -> None:
        add_or_update(PostProcessComponent.settings.read(self), blendable_object, weight)


class PostProcessVolume(Actor):
    """Counts where it is unbound; there is no other place for a camera to be inside of here."""

    settings = Property(struct_kind(PostProcessSettings))
    priority = Property(FLOAT)
    blend_radius = Property(FLOAT, 100.0)
    blend_weight = Property(FLOAT, 1.0)
    enabled = Property(BOOL, default=True)
    unbound = Property(BOOL)

    def _build(self) -> None:
        Actor.root_component.store(self, self._add(SceneComponent, "BrushComponent0"))

    def add_or_update_blendable(self, blendable_object: Object | None, weight: float = 1.0) -> None:
        add_or_update(PostProcessVolume.settings.read(self), blendable_object, weight)


def gathered(component: SceneCaptureComponent2D) -> PostProcessSettings:
    """The settings that a capture is made with: those of the volumes, under its own."""
    made = PostProcessSettings()
    for volume in _volumes(component._owner._world):
        _lay_over(made, type(volume).settings.read(volume))
    for name in _LUMEN:
        setattr(made, _OVERRIDE + name, False)
    if type(component).post_process_blend_weight.read(component) > 0.0:
        _lay_over(made, type(component).post_process_settings.read(component))
    return made


def blendables(component: SceneCaptureComponent2D) -> list[WeightedBlendable]:
    """A capture's post-process materials as they are gathered: its own after those of the volumes."""
    own = component._blendables() if type(component).post_process_blend_weight.read(component) > 0.0 else []
    of_volumes = (type(volume).settings.read(volume) for volume in _volumes(component._owner._world))
    return [*(item for settings in of_volumes for item in blendables_of(settings)), *own]


def of_viewport(world: World) -> PostProcessSettings:
    """The settings of a viewport: those of the volumes, with their materials."""
    made = PostProcessSettings()
    for volume in _counting(world):
        settings = type(volume).settings.read(volume)
        _lay_over(made, settings)
        for item in blendables_of(settings):
            add_or_update(made, WeightedBlendable.object.read(item), WeightedBlendable.weight.read(item))
    return made


def has_lumen(settings: PostProcessSettings) -> bool:
    """Whether indirect light comes from Lumen."""
    cls = PostProcessSettings
    return (
        cls.override_dynamic_global_illumination_method.read(settings)
        and cls.dynamic_global_illumination_method.read(settings) == DynamicGlobalIlluminationMethod.LUMEN
    )


def _volumes(world: World) -> list[PostProcessVolume | PostProcessComponent]:
    """Those that captures take over."""
    return _counting(world) if _runtime.engine().switches.volumes_blend else []


def _counting(world: World) -> list[PostProcessVolume | PostProcessComponent]:
    """The most important last."""
    actors = world._actors.values()
    found: list[PostProcessVolume | PostProcessComponent] = [
        *(actor for actor in actors if isinstance(actor, PostProcessVolume)),
        *(item for actor in actors for item in actor._components if isinstance(item, PostProcessComponent)),
    ]
    counting = [
        volume
        for volume in found
        if type(volume).enabled.read(volume)
        and type(volume).unbound.read(volume)
        and type(volume).blend_weight.read(volume) > 0.0
    ]
    return sorted(counting, key=lambda volume: type(volume).priority.read(volume))


def _lay_over(below: PostProcessSettings, above: PostProcessSettings) -> None:
    table = PostProcessSettings._properties()
    for name, item in table.items():
        if name.startswith(_OVERRIDE) and item.read(above):
            table[name].store(below, value=True)
            setting = table[name.removeprefix(_OVERRIDE)]
            setting.store(below, setting.read(above))
