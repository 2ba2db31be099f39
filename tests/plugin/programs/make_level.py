"""Run inside an editor: builds and saves the level `/Game/Maps/<LEVEL>`, a terrace with a step, walls, sun and sky."""

import unreal

LEVEL, PARTITIONED = globals()["LEVEL"], globals()["PARTITIONED"]
levels = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
if not levels.new_level(f"/Game/Maps/{LEVEL}", *([True] if PARTITIONED else [])):
    raise RuntimeError("The level could not be made.")


def block(name, center, size):
    """A box with its middle at `center`, cm."""
    actor = actors.spawn_actor_from_class(unreal.StaticMeshActor, unreal.Vector(*center))
    actor.static_mesh_component.set_static_mesh(unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube"))
    actor.set_actor_scale3d(unreal.Vector(*(side / 100.0 for side in size)))
    actor.set_actor_label(name)
    return actor


# The ground lies at 100 cm, and at 150 cm where x is positive.
block("Terrace", (0, 0, 50), (6000, 6000, 100))
block("Step", (1500, 0, 125), (3000, 6000, 50))
for number in range(4):
    block(f"Wall {number}", (-900 + 500 * number, -300 + 250 * number, 200), (40, 300, 200))
# No picture shows it, but traces meet it, as they meet a user's volumes.
block("Stage", (0, 0, 150), (1600, 1600, 100)).set_actor_hidden_in_game(True)
sun = actors.spawn_actor_from_class(unreal.DirectionalLight, unreal.Vector(0, 0, 900))
sun.set_actor_label("Sun")
sun.set_actor_rotation(unreal.Rotator(roll=0.0, pitch=-40.0, yaw=30.0), True)
sun.light_component.set_mobility(unreal.ComponentMobility.MOVABLE)
sun.light_component.set_intensity(9.0)
sky = actors.spawn_actor_from_class(unreal.SkyLight, unreal.Vector(0, 0, 900))
sky.light_component.set_mobility(unreal.ComponentMobility.MOVABLE)
actors.spawn_actor_from_class(unreal.SkyAtmosphere, unreal.Vector())
if PARTITIONED:
    far = actors.spawn_actor_from_class(unreal.WorldPartitionHLOD, unreal.Vector(0, 0, 150))
    far.get_components_by_class(unreal.StaticMeshComponent)[0].set_static_mesh(
        unreal.EditorAssetLibrary.load_asset("/Engine/BasicShapes/Cube")
    )
    far.set_actor_label("Seen from far away")
if not levels.save_current_level():
    raise RuntimeError("The level could not be saved.")
unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
