"""Importing files as assets: the pipelines with what they are told, and the two ways to start an import."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from unrealsynth.embedded.gltf_materials import Rules
from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._enum import enum_kind
from unrealsynth.embedded.unreal._importers import Options, import_file
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, STR, Kind, object_kind
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import StructBase, struct_kind
from unrealsynth.embedded.unreal._wrapper import Array, array_kind
from unrealsynth.embedded.unreal.enums import (
    InterchangeForceMeshType,
    InterchangeMaterialSearchLocation,
    InterchangeMeshCollision,
)
from unrealsynth.embedded.unreal.structs import OBJECT, Rotator, SoftObjectPath, Vector


class InterchangePipelineBase(Object):
    _abstract = True


class InterchangeGenericTexturePipeline(InterchangePipelineBase):
    import_textures = Property(BOOL, default=True)
    allow_non_power_of_two = Property(BOOL)
    detect_normal_map_texture = Property(BOOL, default=True)
    flip_normal_map_green_channel = Property(BOOL)


class InterchangeGenericMaterialPipeline(InterchangePipelineBase):
    import_materials = Property(BOOL, default=True)
    search_location = Property(
        enum_kind(InterchangeMaterialSearchLocation), InterchangeMaterialSearchLocation.DO_NOT_SEARCH
    )
    texture_pipeline = Property(
        object_kind("InterchangeGenericTexturePipeline", InterchangeGenericTexturePipeline),
        attribute="r",
        edit_const=True,
    )

    def _post_init(self) -> None:
        InterchangeGenericMaterialPipeline.texture_pipeline.store(self, InterchangeGenericTexturePipeline._make(self))


class InterchangeGenericMeshPipeline(InterchangePipelineBase):
    import_static_meshes = Property(BOOL, default=True)
    combine_static_meshes = Property(BOOL)
    import_skeletal_meshes = Property(BOOL, default=True)
    build_nanite = Property(BOOL, default=True)
    generate_lightmap_u_vs = Property(BOOL, default=True)
    collision = Property(BOOL, default=True)
    import_collision = Property(BOOL, default=True)
    fallback_collision_type = Property(enum_kind(InterchangeMeshCollision), InterchangeMeshCollision.CONVEX18DOP)
    import_collision_according_to_mesh_name = Property(BOOL, default=True)


class InterchangeGenericCommonMeshesProperties(InterchangePipelineBase):
    force_all_mesh_as_type = Property(enum_kind(InterchangeForceMeshType))
    auto_detect_mesh_type = Property(BOOL)
    bake_meshes = Property(BOOL, default=True)
    recompute_normals = Property(BOOL)
    recompute_tangents = Property(BOOL)
    remove_degenerates = Property(BOOL)


class InterchangeGenericAnimationPipeline(InterchangePipelineBase):
    import_animations = Property(BOOL, default=True)


class InterchangeGenericAssetsPipeline(InterchangePipelineBase):
    mesh_pipeline = Property(
        object_kind("InterchangeGenericMeshPipeline", InterchangeGenericMeshPipeline), attribute="r", edit_const=True
    )
    common_meshes_properties = Property(
        object_kind("InterchangeGenericCommonMeshesProperties", InterchangeGenericCommonMeshesProperties),
        attribute="r",
        edit_const=True,
    )
    material_pipeline = Property(
        object_kind("InterchangeGenericMaterialPipeline", InterchangeGenericMaterialPipeline),
        attribute="r",
        edit_const=True,
    )
    animation_pipeline = Property(
        object_kind("InterchangeGenericAnimationPipeline", InterchangeGenericAnimationPipeline),
        attribute="r",
        edit_const=True,
    )
    asset_name = Property(STR)
    use_source_name_for_asset = Property(BOOL, default=True)
    scene_name_sub_folder = Property(BOOL)
    asset_type_sub_folders = Property(BOOL)
    import_offset_translation = Property(struct_kind(Vector))
    import_offset_rotation = Property(struct_kind(Rotator))
    import_offset_uniform_scale = Property(FLOAT, 1.0)

    def _post_init(self) -> None:
        cls = InterchangeGenericAssetsPipeline
        cls.mesh_pipeline.store(self, InterchangeGenericMeshPipeline._make(self))
        cls.common_meshes_properties.store(self, InterchangeGenericCommonMeshesProperties._make(self))
        cls.material_pipeline.store(self, InterchangeGenericMaterialPipeline._make(self))
        cls.animation_pipeline.store(self, InterchangeGenericAnimationPipeline._make(self))
        _runtime.engine().pipelines[self.get_path_name()] = self


class InterchangeGLTFPipeline(InterchangePipelineBase):
    pipeline_display_name = Property(STR)


_PIPELINE = object_kind("InterchangePipelineBase", InterchangePipelineBase)


def _given_pipeline(value: object) -> object:
    """A pipeline in the parameters of an import: its path, or in the first 5.x itself."""
    if _runtime.engine().switches.override_pipelines == "objects":
        return _PIPELINE.nativize(value)
    return SoftObjectPath.cast(value)


_PIPELINES = array_kind(Kind("SoftObjectPath", _given_pipeline, SoftObjectPath))


class InterchangePipelineStackOverride(Object):
    override_pipelines = Property(_PIPELINES)

    def add_pipeline(self, pipeline_base: InterchangePipelineBase | None) -> None:
        pipeline = _PIPELINE.nativize(pipeline_base)
        if pipeline is not None:
            paths = InterchangePipelineStackOverride.override_pipelines.read(self)
            as_object = _runtime.engine().switches.override_pipelines == "objects"
            paths.append(pipeline if as_object else SoftObjectPath(pipeline.get_path_name()))


class AssetImportTask(Object):
    filename = Property(STR)
    destination_path = Property(STR)
    destination_name = Property(STR)
    replace_existing = Property(BOOL)
    replace_existing_settings = Property(BOOL)
    automated = Property(BOOL)
    save = Property(BOOL)
    async_ = Property(BOOL)
    options = Property(OBJECT)
    imported_object_paths = Property(array_kind(STR))
    result = Property(array_kind(OBJECT))

    def get_objects(self) -> Array[Object]:
        return AssetImportTask.result.read(self).copy()

    def is_async_import_complete(self) -> bool:
        return True


ASSET_IMPORT_TASK = object_kind("AssetImportTask", AssetImportTask)


class ImportAssetParameters(StructBase):
    is_automated = Property(BOOL)
    replace_existing = Property(BOOL)
    destination_name = Property(STR)
    follow_redirectors = Property(BOOL)
    force_show_dialog = Property(BOOL)
    override_pipelines = Property(_PIPELINES)


class InterchangeSourceData(Object):
    __slots__ = ("_file",)
    _file: str

    def _post_init(self) -> None:
        self._file = ""

    def get_filename(self) -> str:
        return self._file

    def set_filename(self, filename: str) -> bool:
        self._file = STR.nativize(filename)
        return True


class InterchangeManager(Object):
    @classmethod
    def get_interchange_manager_scripted(cls) -> InterchangeManager:
        return _runtime.engine().singleton(InterchangeManager)

    @classmethod
    def create_source_data(cls, file_name: str) -> InterchangeSourceData:
        made = InterchangeSourceData._make()
        made.set_filename(file_name)
        return made

    def import_asset(
        self, content_path: str, source_data: InterchangeSourceData, import_asset_parameters: ImportAssetParameters
    ) -> Array[Object] | None:
        """In older versions whether it was imported."""
        parameters = ImportAssetParameters.cast(import_asset_parameters)
        options = _options(ImportAssetParameters.override_pipelines.read(parameters)._items)
        made = import_file(Path(source_data.get_filename()), STR.nativize(content_path), options)
        if _runtime.engine().switches.import_result == "bool":
            return bool(made)  # type: ignore[return-value]
        return Array._of(OBJECT, made) if made else None

    def is_interchange_active(self) -> bool:
        return False

    def wait_until_all_tasks_done(self, cancel: bool) -> None:
        """Imports are done when they return."""


def _options(pipelines: Iterable[object]) -> Options:
    engine = _runtime.engine()
    for given in pipelines:
        pipeline = engine.pipelines.get(given._path) if isinstance(given, SoftObjectPath) else given
        if isinstance(pipeline, InterchangeGenericAssetsPipeline):
            return _options_of(pipeline)
    return Options()


def _options_of(pipeline: InterchangeGenericAssetsPipeline) -> Options:
    meshes, pictures = InterchangeGenericMeshPipeline, InterchangeGenericTexturePipeline
    mesh = InterchangeGenericAssetsPipeline.mesh_pipeline.read(pipeline)
    material = InterchangeGenericAssetsPipeline.material_pipeline.read(pipeline)
    texture = InterchangeGenericMaterialPipeline.texture_pipeline.read(material)
    return Options(
        rules=Rules(
            any_side=pictures.allow_non_power_of_two.read(texture),
            collision_names=meshes.import_collision_according_to_mesh_name.read(mesh),
            detect_normals=pictures.detect_normal_map_texture.read(texture),
        ),
        combine=meshes.combine_static_meshes.read(mesh),
        meshes=meshes.import_static_meshes.read(mesh),
        type_folders=InterchangeGenericAssetsPipeline.asset_type_sub_folders.read(pipeline),
        flip_green=pictures.flip_normal_map_green_channel.read(texture),
    )


def run_task(task: AssetImportTask) -> None:
    """One import through a task; the results are on the task afterwards."""
    cls = AssetImportTask
    override = cls.options.read(task)
    options = Options()
    if isinstance(override, InterchangePipelineStackOverride) and _runtime.engine().switches.task_options_apply:
        options = _options(InterchangePipelineStackOverride.override_pipelines.read(override)._items)
    made = import_file(Path(cls.filename.read(task)), cls.destination_path.read(task), options)
    cls.result.store(task, made)
    cls.imported_object_paths.store(task, [item.get_path_name() for item in made])
