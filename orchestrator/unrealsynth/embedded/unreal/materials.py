"""Materials, their instances, and the parameters that instances change.

A material that was just recompiled draws nothing of its own until its shaders are ready: after some ticks, or at once
with `AutomationLibrary.finish_loading_before_screenshot`. Until then surfaces are grey, and post-process passes absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from unrealsynth.embedded.renderer import scene
from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32, float32, object_kind
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._wrapper import Name
from unrealsynth.embedded.unreal.enums import (
    BlendableLocation,
    BlendMode,
    MaterialDomain,
    MaterialProperty,
    MaterialShadingModel,
)
from unrealsynth.embedded.unreal.structs import LinearColor
from unrealsynth.embedded.unreal.textures import TEXTURE, Texture, TextureCube

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal.expressions import MaterialExpression

Parameter = float | LinearColor | Texture | None


@dataclass(frozen=True, eq=False)
class TurningMaterial(scene.Material):
    """Its panorama turns with the component that has it."""

    cube: TextureCube | None = None


class MaterialInterface(Object):
    _abstract = True

    def get_base_material(self) -> Material:
        raise NotImplementedError

    def get_blend_mode(self) -> BlendMode:
        return Material.blend_mode.read(self.get_base_material())

    def _scene_material(self) -> scene.Material:
        """For the renderer; the same object until something changes."""
        raise NotImplementedError

    def _parameter(self, name: Name) -> Parameter:
        """What an instance sets, or None."""
        return None


class Material(MaterialInterface):
    """`_outputs` tells which expression's output feeds each material property."""

    __slots__ = ("_built", "_drawn", "_expressions", "_outputs", "_ready")
    _expressions: list[MaterialExpression]
    _outputs: dict[MaterialProperty, tuple[MaterialExpression, str]]
    _built: bool
    """Whether the graph was compiled without an error."""
    _ready: bool
    """Whether the shaders are there."""
    _drawn: scene.Material | None

    material_domain = Property(enum_kind(MaterialDomain), attribute="r")
    blend_mode = Property(enum_kind(BlendMode), attribute="r")
    shading_model = Property(enum_kind(MaterialShadingModel), MaterialShadingModel.MSM_DEFAULT_LIT, attribute="")
    blendable_location = Property(enum_kind(BlendableLocation), BlendableLocation.BL_SCENE_COLOR_AFTER_TONEMAPPING)
    blendable_priority = Property(INT32)
    blendable_output_alpha = Property(BOOL)
    is_blendable = Property(BOOL, default=True)
    two_sided = Property(BOOL, attribute="")
    opacity_mask_clip_value = Property(FLOAT, 0.3333, attribute="")
    is_sky = Property(BOOL, attribute="")
    tangent_space_normal = Property(BOOL, default=True, attribute="")
    used_with_static_mesh = Property(BOOL, attribute="r")

    def _post_init(self) -> None:
        self._expressions = []
        self._outputs = {}
        self._built = True
        self._ready = True
        self._drawn = None

    def _post_edit(self, name: str) -> None:
        self._recompile()

    def _recompile(self) -> None:
        """Starts compiling; an error is logged, and the default material drawn, as in Unreal."""
        from unrealsynth.embedded.unreal._graph import CompileError
        from unrealsynth.embedded.unreal._surface import check

        self._drawn = None
        self._built = True
        try:
            check(self)
        except CompileError as error:
            self._built = False
            _runtime.engine().log.write("LogMaterial", "Warning", f"{self.get_path_name()}: {error}")
        self._ready = False
        _runtime.engine().compile(self)

    def get_base_material(self) -> Material:
        return self

    def _scene_material(self) -> scene.Material:
        if not (self._ready and self._built):
            return DEFAULT_SURFACE
        if self._drawn is None:
            from unrealsynth.embedded.unreal._surface import surface

            self._drawn = surface(self, self)
        return self._drawn


class MaterialInstance(MaterialInterface):
    """A material with other values for its parameters."""

    __slots__ = ("_drawn", "_set_parameters", "_sources")
    _abstract = True
    _set_parameters: dict[Name, Parameter]
    _drawn: scene.Material | None
    _sources: tuple[object, ...]
    """What the drawn material was made from, to see when it is out of date."""
    parent = Property(object_kind("MaterialInterface", MaterialInterface), attribute="r")

    def _post_init(self) -> None:
        self._set_parameters = {}
        self._drawn = None
        self._sources = ()

    def _begin_instance(self, parent: MaterialInterface) -> None:
        MaterialInstance.parent.store(self, parent)

    def get_base_material(self) -> Material:
        parent = MaterialInstance.parent.read(self)
        return _runtime.engine().assets.default_material() if parent is None else parent.get_base_material()

    def _parameter(self, name: Name) -> Parameter:
        if name in self._set_parameters:
            return self._set_parameters[name]
        parent = MaterialInstance.parent.read(self)
        return None if parent is None else parent._parameter(name)

    def _scene_material(self) -> scene.Material:
        parent = MaterialInstance.parent.read(self)
        if parent is None:
            return DEFAULT_SURFACE
        below = parent._scene_material()
        if not self._set_parameters:
            return below
        base = parent.get_base_material()
        if not (base._ready and base._built):
            return DEFAULT_SURFACE
        if self._drawn is None or self._sources != (below,):
            from unrealsynth.embedded.unreal._surface import surface

            self._sources = (below,)
            self._drawn = surface(base, self)
        return self._drawn

    def _set_parameter(self, name: object, value: Parameter) -> None:
        self._set_parameters[Name(name)] = value
        self._drawn = None

    def _get(self, name: object, kind: type) -> Parameter:
        """The instance's value, or the material's default; None for an unknown parameter."""
        found = self._parameter(Name(name))
        if found is None:
            from unrealsynth.embedded.unreal.expressions import default_parameter

            found = default_parameter(self.get_base_material(), Name(name))
        return found if isinstance(found, kind) else None


class MaterialInstanceConstant(MaterialInstance):
    """`_imported` is what an importer made of a model's material: then the graph of the parent does not count."""

    __slots__ = ("_imported",)
    _imported: scene.Material | None

    def _post_init(self) -> None:
        super()._post_init()
        self._imported = None

    def _scene_material(self) -> scene.Material:
        return self._imported if self._imported is not None else super()._scene_material()

    def get_scalar_parameter_value(self, parameter_name: Name | str) -> float:
        return _number(self._get(parameter_name, float))

    def get_vector_parameter_value(self, parameter_name: Name | str) -> LinearColor:
        return _color(self._get(parameter_name, LinearColor))

    def get_texture_parameter_value(self, parameter_name: Name | str) -> Texture | None:
        return _texture(self._get(parameter_name, Texture))


class MaterialInstanceDynamic(MaterialInstance):
    """Changes take effect at once. A name that the material does not have is kept and ignored, as in Unreal."""

    def set_scalar_parameter_value(self, parameter_name: Name | str, value: float) -> None:
        self._set_parameter(parameter_name, float32(value))

    def set_vector_parameter_value(self, parameter_name: Name | str, value: LinearColor) -> None:
        self._set_parameter(parameter_name, LinearColor.cast(value))

    def set_texture_parameter_value(self, parameter_name: Name | str, value: Texture | None) -> None:
        self._set_parameter(parameter_name, TEXTURE.nativize(value))

    def get_scalar_parameter_value(self, parameter_name: Name | str) -> float:
        return _number(self._get(parameter_name, float))

    def get_vector_parameter_value(self, parameter_name: Name | str) -> LinearColor:
        return _color(self._get(parameter_name, LinearColor))

    def get_texture_parameter_value(self, parameter_name: Name | str) -> Texture | None:
        return _texture(self._get(parameter_name, Texture))


def _number(value: Parameter) -> float:
    return value if isinstance(value, float) else 0.0


def _color(value: Parameter) -> LinearColor:
    return value.copy() if isinstance(value, LinearColor) else LinearColor()


def _texture(value: Parameter) -> Texture | None:
    return value if isinstance(value, Texture) else None


DEFAULT_SURFACE = scene.Material(base_color=(0.5, 0.5, 0.5, 1.0), roughness=0.9)
"""Unreal's default material, without its grid."""
MATERIAL = object_kind("MaterialInterface", MaterialInterface)
