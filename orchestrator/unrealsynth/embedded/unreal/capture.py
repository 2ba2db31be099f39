"""Scene captures: a camera in the world that renders into a target when told, or once a tick.

Setting a property through the editor queues one more capture and loses the view's history; a plain attribute does not.
"""

from __future__ import annotations

from collections.abc import Iterable

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, STR, object_kind
from unrealsynth.embedded.unreal._object import Object, Property, is_alive
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal._wrapper import array_kind
from unrealsynth.embedded.unreal.actors import ACTOR, Actor
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.enums import (
    CameraProjectionMode,
    SceneCaptureCompositeMode,
    SceneCapturePrimitiveRenderMode,
    SceneCaptureSource,
)
from unrealsynth.embedded.unreal.mesh_components import PRIMITIVE_COMPONENT, PrimitiveComponent
from unrealsynth.embedded.unreal.post_process import (
    PostProcessSettings,
    WeightedBlendable,
    add_or_update,
    blendables_of,
)
from unrealsynth.embedded.unreal.render_targets import RENDER_TARGET, TextureRenderTarget2D
from unrealsynth.embedded.unreal.structs import EngineShowFlagsSetting

OFF_BY_DEFAULT = frozenset({"MotionBlur", "SeparateTranslucency", "OnScreenDebug", "TemporalAA"})
"""Show flags that a capture starts without; the rest are a game's."""


class SceneCaptureComponent(SceneComponent):
    _abstract = True
    __slots__ = ("_hidden_parts", "_history", "_history_tick", "_queued", "_shown_parts")
    _hidden_parts: dict[int, PrimitiveComponent]
    _shown_parts: dict[int, PrimitiveComponent]
    _queued: bool
    """Whether a capture is due in the next frame."""
    _history: int
    """In how many ticks the view was captured since it lost its history."""
    _history_tick: int

    primitive_render_mode = Property(
        enum_kind(SceneCapturePrimitiveRenderMode), SceneCapturePrimitiveRenderMode.PRM_LEGACY_SCENE_CAPTURE
    )
    capture_source = Property(enum_kind(SceneCaptureSource), SceneCaptureSource.SCS_SCENE_COLOR_HDR)
    capture_every_frame = Property(BOOL, default=True)
    capture_on_movement = Property(BOOL, default=True)
    always_persist_rendering_state = Property(BOOL)
    hidden_actors = Property(array_kind(ACTOR))
    show_only_actors = Property(array_kind(ACTOR))
    show_flag_settings = Property(array_kind(struct_kind(EngineShowFlagsSetting)))
    lod_distance_factor = Property(FLOAT, 1.0, attribute="")
    max_view_distance_override = Property(FLOAT, -1.0)
    capture_sort_priority = Property(INT32, attribute="r")
    profiling_event_name = Property(STR)
    use_ray_tracing_if_enabled = Property(BOOL)
    exclude_from_scene_texture_extents = Property(BOOL)

    def _post_init(self) -> None:
        super()._post_init()
        self._hidden_parts = {}
        self._shown_parts = {}
        self._queued = False
        self._history = 0
        self._history_tick = -1

    def _post_edit(self, name: str) -> None:
        super()._post_edit(name)
        self._history = 0
        self._queue()

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if not name.startswith("_") and _runtime.engine().switches.attributes_reregister:
            self._history = 0

    def _after_move(self) -> None:
        if SceneCaptureComponent.capture_on_movement.read(self):
            self._queue()

    def _queue(self) -> None:
        self._queued = True
        _runtime.engine().deferred_captures[id(self)] = self

    def hide_component(self, component: PrimitiveComponent | None) -> None:
        self._add_parts(self._hidden_parts, [component])

    def hide_actor_components(self, actor: Actor | None, include_from_child_actors: bool = False) -> None:
        self._add_parts(self._hidden_parts, _parts(actor))

    def clear_hidden_components(self) -> None:
        self._hidden_parts.clear()

    def show_only_component(self, component: PrimitiveComponent | None) -> None:
        """Also switches to the show-only mode."""
        self._add_parts(self._shown_parts, [component])
        self.primitive_render_mode = SceneCapturePrimitiveRenderMode.PRM_USE_SHOW_ONLY_LIST

    def show_only_actor_components(self, actor: Actor | None, include_from_child_actors: bool = False) -> None:
        for part in _parts(actor):
            self.show_only_component(part)

    def remove_show_only_component(self, component: PrimitiveComponent | None) -> None:
        self._shown_parts.pop(id(PRIMITIVE_COMPONENT.nativize(component)), None)

    def clear_show_only_components(self) -> None:
        self._shown_parts.clear()

    @staticmethod
    def _add_parts(into: dict[int, PrimitiveComponent], parts: Iterable[object]) -> None:
        for part in parts:
            known = PRIMITIVE_COMPONENT.nativize(part)
            if known is not None:
                into[id(known)] = known

    def _shows(self, component: PrimitiveComponent) -> bool:
        """Whether this capture's lists let a primitive through."""
        cls = SceneCaptureComponent
        owner = component._owner
        if id(component) in self._hidden_parts or any(owner is actor for actor in cls.hidden_actors.read(self)._items):
            return False
        if cls.primitive_render_mode.read(self) != SceneCapturePrimitiveRenderMode.PRM_USE_SHOW_ONLY_LIST:
            return True
        return id(component) in self._shown_parts or any(
            owner is actor for actor in cls.show_only_actors.read(self)._items
        )

    def _flag(self, name: str) -> bool:
        """A show flag, by its C++ name."""
        found = name not in OFF_BY_DEFAULT
        for setting in SceneCaptureComponent.show_flag_settings.read(self)._items:
            if EngineShowFlagsSetting.show_flag_name.read(setting) == name:
                found = EngineShowFlagsSetting.enabled.read(setting)
        return found


class SceneCaptureComponent2D(SceneCaptureComponent):
    projection_type = Property(enum_kind(CameraProjectionMode))
    fov_angle = Property(FLOAT, 90.0)
    ortho_width = Property(FLOAT, 512.0)
    overscan = Property(FLOAT)
    texture_target = Property(RENDER_TARGET)
    composite_mode = Property(enum_kind(SceneCaptureCompositeMode))
    post_process_settings = Property(struct_kind(PostProcessSettings))
    post_process_blend_weight = Property(FLOAT, 1.0)
    override_custom_near_clipping_plane = Property(BOOL)
    custom_near_clipping_plane = Property(FLOAT)
    use_custom_projection_matrix = Property(BOOL)
    camera_cut_this_frame = Property(BOOL)
    consider_unrendered_opaque_pixel_as_fully_translucent = Property(BOOL)

    def capture_scene(self) -> None:
        """Takes the scene as it is now. Nothing happens without a target, or while the component is not visible."""
        from unrealsynth.embedded.unreal._render import shoot

        target = SceneCaptureComponent2D.texture_target.read(self)
        if target is None or not is_alive(target) or target._released or not SceneComponent.visible.read(self):
            return
        engine = _runtime.engine()
        engine.activity += 1
        if SceneCaptureComponent2D.camera_cut_this_frame.read(self):
            SceneCaptureComponent2D.camera_cut_this_frame.store(self, value=False)
            self._history = 0
        persists = SceneCaptureComponent.always_persist_rendering_state.read(self)
        if persists or SceneCaptureComponent.capture_every_frame.read(self):
            if self._history_tick != engine.frame or engine.switches.captures_settle == "each":
                self._history += 1
        else:
            self._history = 0
        self._history_tick = engine.frame
        target._shot = shoot(self, target, self._history)

    def add_or_update_blendable(self, blendable_object: Object | None, weight: float = 1.0) -> None:
        add_or_update(SceneCaptureComponent2D.post_process_settings.read(self), blendable_object, weight)

    def remove_blendable(self, blendable_object: Object | None) -> None:
        items = self._blendables()
        items[:] = [item for item in items if WeightedBlendable.object.read(item) is not blendable_object]

    def _blendables(self) -> list[WeightedBlendable]:
        return blendables_of(SceneCaptureComponent2D.post_process_settings.read(self))

    def _target(self) -> TextureRenderTarget2D | None:
        return SceneCaptureComponent2D.texture_target.read(self)


class SceneCapture(Actor):
    _abstract = True
    scene_component = Property(object_kind("SceneComponent", SceneComponent), attribute="r", edit_const=True)


class SceneCapture2D(SceneCapture):
    capture_component2d = Property(
        object_kind("SceneCaptureComponent2D", SceneCaptureComponent2D), attribute="r", edit_const=True
    )

    def _build(self) -> None:
        root = self._add(SceneComponent, "SceneComp")
        component = self._add(SceneCaptureComponent2D, "NewSceneCaptureComponent2D", root)
        SceneCapture.scene_component.store(self, root)
        SceneCapture2D.capture_component2d.store(self, component)
        Actor.root_component.store(self, root)
        component._queue()


def _parts(actor: Actor | None) -> list[PrimitiveComponent]:
    known = ACTOR.nativize(actor)
    return [] if known is None else [item for item in known._components if isinstance(item, PrimitiveComponent)]
