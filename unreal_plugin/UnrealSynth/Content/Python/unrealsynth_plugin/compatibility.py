"""What differs from one engine version to the next, in one place.

A property that this engine does not have is noted and left out, never an error: the picture may then differ a little,
while a missing call would stop everything.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterable, Iterator, List, Tuple

import unreal

from unrealsynth_plugin.errors import PluginError

VERSIONED = (
    ("register_ticker_callback", "5.7", "Slate's post-tick callback is used"),
    ("AutomationLibrary.take_high_res_screenshot force_game_view", "5.4", "the engine turns the game view on"),
    ("InterchangeCombineStaticMeshesBehavior", "5.8", "the flag that it took the place of is set"),
    ("SkyLightComponent.set_real_time_capture", "5.5", "a level's sky light that captures in real time goes on so"),
    ("EditorUtilityTask.finish_executing_task success", "5.6", "a task that failed ends like one that is done"),
    ("EditorDialogLibraryObjectDetailsViewOptions.allow_resizing", "5.4", "the dialog keeps its size"),
)
"""What is asked for before it is used: a name of `unreal`, with an argument after a blank; the first engine version
that has it, by its source; and what happens without it. Properties that are set through `Settings` are not listed."""


_TAG = "UnrealSynth"
"""On every actor that the plugin has made."""


class Settings:
    """Sets editor properties that not every engine version has, and remembers what did not apply."""

    def __init__(self) -> None:
        self.missing: List[str] = []

    def apply(self, target: Any, value: object, *names: str) -> bool:
        """Sets the first of `names` that `target` has. For set-up only: it makes a component register anew."""
        for name in names:
            try:
                target.set_editor_property(name, value)
            except Exception:
                # Unreal raises a plain Exception for an unknown property, a read-only one and a value of another type.
                continue
            return True
        self.note(f"{type(target).__name__}.{names[0]}")
        return False

    def override(self, settings: Any, value: object, name: str) -> None:
        """Sets `name` of a PostProcessSettings together with the flag that makes it count."""
        if self.apply(settings, value, name):
            self.apply(settings, True, f"override_{name}")

    def note(self, what: str) -> None:
        """Remembers and logs, once, that `what` did not apply."""
        if what not in self.missing:
            self.missing.append(what)
            unreal.log_warning(f"UnrealSynth: {what} is not in this engine version and was left out.")


def set_silently(target: Any, name: str, value: object) -> None:
    """Sets a property of a thing of the user's without an edit, which would mark its level as changed."""
    target.set_editor_property(name, value, notify_mode=unreal.PropertyAccessChangeNotifyMode.NEVER)


def call_if_there(target: Any, name: str, settings: Settings, *arguments: object) -> None:
    """Calls a method that not every engine version has."""
    method = getattr(target, name, None)
    if method is None:
        settings.note(f"{type(target).__name__}.{name}")
    else:
        method(*arguments)


def is_alive(thing: Any) -> bool:
    """Whether the object of a wrapper is there still. The engine's own question raises for one that is long gone."""
    try:
        return bool(unreal.SystemLibrary.is_valid(thing))
    except Exception:
        return False


def try_each(steps: Iterable[Callable[[], object]], what: str) -> None:
    """Takes all steps, whatever becomes of the others; `what` could not be done is logged."""
    for step in steps:
        try:
            step()
        except Exception as error:
            unreal.log_error(f"UnrealSynth could not {what}: {error}")


def register_tick(step: Callable[[], None], between: Callable[[], None] = lambda: None) -> object:
    """Has `step` called once a frame, for as long as the editor runs; returns the handle.

    Slate ticks inside every slow task and modal window too, in the middle of whatever the editor does just then, a save
    for instance. All but the first of these ticks in a frame can be told from a frame's own: `between` is called.

    What it raises is logged when it is news: a ticker that raises is called no more, Slate's logs it at each tick.
    """
    said = ""
    last_frame = -1

    def keep_going(_delta_s: float) -> bool:
        nonlocal said, last_frame
        try:
            frame = int(unreal.SystemLibrary.get_frame_count())
            is_new, last_frame = frame != last_frame, frame
            (step if is_new else between)()
        except Exception as error:
            trouble = f"UnrealSynth: {type(error).__name__}: {error}"
            if trouble != said:
                said = trouble
                unreal.log_error(trouble)
        return True

    if hasattr(unreal, "register_ticker_callback"):
        # Since 5.7. Slate's callback can go away while a world is loaded, this one cannot.
        return unreal.register_ticker_callback(keep_going)
    return unreal.register_slate_post_tick_callback(keep_going)


def spawn(actor_class: Any, label: str, location: Tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Any:
    """A new actor that is never saved with the level. Raises PluginError when the editor makes none."""
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    actor = _transient(actors.spawn_actor_from_class, actor_class, location)
    if actor is None:
        raise PluginError(f"The editor made no {actor_class.__name__}; its log says why.")
    return _marked(actor, label)


def spawn_asset(asset: Any, label: str) -> Any:
    """A new actor of an asset, as `spawn`. One of a static mesh marks the level as changed."""
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    if isinstance(asset, unreal.Blueprint):
        # An actor of an asset becomes transient only after its label has marked the level, one of a class at once.
        actor = _transient(actors.spawn_actor_from_class, asset.generated_class(), (0.0, 0.0, 0.0))
    else:
        actor = _transient(actors.spawn_actor_from_object, asset, (0.0, 0.0, 0.0))
    if actor is None:
        raise PluginError(f"The editor made no actor of {asset.get_path_name()}; its log says why.")
    return _marked(actor, label)


def _transient(spawn_actor: Callable[..., Any], what: Any, location: Tuple[float, float, float]) -> Any:
    with _unrecorded():
        return spawn_actor(what, unreal.Vector(*location), unreal.Rotator(), transient=True)


@contextmanager
def _unrecorded() -> Iterator[None]:
    """Keeps what the editor does out of the user's undo history, where it would be the first thing to be undone.

    While the user is in the middle of something, as in dragging, it belongs to that: to cancel it would cancel theirs.
    """
    before = unreal.SystemLibrary.begin_transaction("UnrealSynth", "UnrealSynth", None)
    try:
        yield
    finally:
        if before == 0:
            unreal.SystemLibrary.cancel_transaction(before)
        elif before > 0:
            unreal.SystemLibrary.end_transaction()


def _marked(actor: Any, label: str) -> Any:
    actor.set_actor_label(f"UnrealSynth {label}", mark_dirty=False)
    actor.tags = [_TAG]
    return actor


def finish_task(task: Any, success: bool) -> None:
    """Ends a running task of the editor's. Up to 5.5 it is not told how it went."""
    try:
        task.finish_executing_task(success=success)
    except TypeError:
        task.finish_executing_task()


def request_screenshot(resolution: Tuple[int, int], path: str) -> Any:
    """The task of taking the viewport when it is drawn next, without a change to its game view.

    5.3 cannot be told so: it turns the game view on, which whoever takes a picture has done before.
    """
    take = unreal.AutomationLibrary.take_high_res_screenshot
    try:
        return take(resolution[0], resolution[1], path, force_game_view=False)
    except TypeError:
        return take(resolution[0], resolution[1], path)


def own_actors(world: Any) -> List[Any]:
    """All that `spawn` has made in a world. The editor's own list of actors leaves transient ones out."""
    return list(unreal.GameplayStatics.get_all_actors_with_tag(world, _TAG))
