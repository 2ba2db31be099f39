"""What is in the open level: its actors, and their components with those of child actors."""

from __future__ import annotations

from typing import Any, Iterable, List

import unreal


def level_actors() -> List[Any]:
    """The actors of the open level. Transient ones, as ours are, are left out, and what child actor components made."""
    return list(unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors())


def with_children(actors: Iterable[Any]) -> List[Any]:
    """The actors and those that their child actor components have made; what is asked of an actor leaves these out."""
    return [each for actor in actors for each in (actor, *actor.get_all_child_actors(True))]


def tagged_actors(tag: str) -> List[Any]:
    """The actors of the open level with a tag."""
    return [actor for actor in level_actors() if actor.actor_has_tag(tag)]


def components_of(kind: Any) -> List[Any]:
    """All components of a class in the open level."""
    return _components(level_actors(), kind)


def drawn_parts(actor: Any) -> List[Any]:
    """What pictures show of an actor and its child actors: the mesh components that it does not hide itself."""
    return [part for part in _components([actor], unreal.MeshComponent) if _is_drawn(part)]


def _components(actors: Iterable[Any], kind: Any) -> List[Any]:
    return [component for actor in with_children(actors) for component in actor.get_components_by_class(kind)]


def _is_drawn(part: Any) -> bool:
    # What leaves the main pass out would still be drawn into custom depth, as a label of nothing. No capture has an
    # owner, so that what only its owner sees is in none, as a player's own arms.
    is_left_out = part.hidden_in_game or part.hidden_in_scene_capture or part.only_owner_see
    return part.visible and part.render_in_main_pass and not is_left_out and not part.get_owner().hidden
