"""Run inside an editor: makes a static mesh of FILE, Blueprints beside it, and actors with a tag in LEVEL."""

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


class Wheel(unreal.StaticMeshActor):
    """A cube of 40 cm that stays where it is, as placed things do."""

    _abstract = False

    def _build(self):
        super()._build()
        self.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
        self.static_mesh_component.set_relative_scale3d(unreal.Vector(0.4, 0.4, 0.4))


class Axle(unreal.StaticMeshActor):
    """A thin block with a wheel at its end, an actor of its own."""

    _abstract = False

    def _build(self):
        super()._build()
        self.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
        self.static_mesh_component.set_relative_scale3d(unreal.Vector(0.2, 1.0, 0.2))
        child_actor(self, Wheel, (0.0, 80.0, 0.0), self.root_component)


class Wagon(unreal.StaticMeshActor):
    """A cube of 1 m with an axle as child actor, and parts that no picture shows."""

    _abstract = False

    def _build(self):
        super()._build()
        cube = unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube")
        self.static_mesh_component.set_static_mesh(cube)
        child_actor(self, Axle, (100.0, 0.0, 0.0), self.root_component)
        for number, hide in enumerate(("set_only_owner_see", "set_hidden_in_scene_capture", "set_hidden_in_game")):
            part = self._add(StaticMeshComponent, f"Unseen{number}", self.root_component)
            part.set_static_mesh(cube)
            part.set_relative_location(unreal.Vector(0.0, 0.0, 300.0), False, False)
            getattr(part, hide)(True)


class Bent(StaticMeshComponent):
    """What only a mesh along a spline has: its vertices are elsewhere than in the asset."""

    _abstract = False

    def get_start_tangent(self):
        return unreal.Vector()


class Pipe(unreal.StaticMeshActor):
    _abstract = False

    def _build(self):
        super()._build()
        part = self._add(Bent, "Bent", self.root_component)
        part.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Sphere"))


def child_actor(actor, kind, place, parent):
    """As the Blueprint editor makes it: static like what it is attached to."""
    made = actor._add(unreal.ChildActorComponent, f"Child{kind.__name__}", parent)
    made.set_mobility(unreal.ComponentMobility.STATIC)
    made.set_relative_location(unreal.Vector(*place), False, False)
    made.set_child_actor_class(kind)


for path, kind in (("/Game/Props/BP_Cart", Cart), ("/Game/Vehicles/BP_Wagon", Wagon), ("/Game/Pipes/BP_Pipe", Pipe)):
    _runtime.engine().assets.put(path, unreal.Blueprint)._parent = kind
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
