"""Run inside an editor: makes a static mesh of FILE and `/Game/Props/BP_Cart`, and actors with a tag in LEVEL."""

import unreal

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal.mesh_components import StaticMeshComponent

FILE, LEVEL = globals()["FILE"], globals()["LEVEL"]
task = unreal.AssetImportTask()
for name, value in (("filename", FILE), ("destination_path", "/Game/Props"), ("automated", True)):
    task.set_editor_property(name, value)
pipeline = unreal.InterchangeGenericAssetsPipeline()
override = unreal.InterchangePipelineStackOverride()
override.add_pipeline(pipeline)
override.add_pipeline(unreal.InterchangeGLTFPipeline())
task.set_editor_property("options", override)
unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
MESH = next(
    asset
    for asset in map(unreal.EditorAssetLibrary.load_asset, unreal.EditorAssetLibrary.list_assets("/Game/Props"))
    if isinstance(asset, unreal.StaticMesh)
)


class Cart(unreal.StaticMeshActor):
    """A cube of 1 m with a smaller one on top, and a part that it hides itself."""

    _abstract = False

    def _build(self):
        super()._build()
        cube = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube")
        self.static_mesh_component.set_static_mesh(cube)
        for number, height in enumerate((75.0, 500.0)):
            part = self._add(StaticMeshComponent, f"Part{number}", self.root_component)
            part.set_static_mesh(cube)
            part.set_relative_location(unreal.Vector(20.0, 0.0, height), False, False)
            part.set_relative_scale3d(unreal.Vector(0.5, 0.5, 0.5))
        part.set_visibility(False)


_runtime.engine().assets.put("/Game/Props/BP_Cart", unreal.Blueprint)._parent = Cart
levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
if not levels.load_level(f"/Game/Maps/{LEVEL}"):
    raise RuntimeError("The level is missing.")
for number in range(5):
    actor = actors.spawn_actor_from_object(MESH, unreal.Vector(-500 + 200 * number, 500, 100 + 50 * (number > 2)))
    actor.set_actor_label(f"Wedge {number}")
    actor.tags = ["Wedge"]
levels.save_current_level()
unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
PATH = MESH.get_path_name().split(".")[0]
