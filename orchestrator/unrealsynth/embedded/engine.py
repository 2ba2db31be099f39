"""The runtime behind the stand-in `unreal` module: the open world, assets, callbacks, console variables, log.

One engine is current in a process; creating one makes it so. Where it is not known for certain what Unreal does, a
switch chooses, so that the plugin can be tried with either.
"""

from __future__ import annotations

import itertools
import sys
import weakref
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from unrealsynth.embedded import profiles
from unrealsynth.embedded.callbacks import Callbacks
from unrealsynth.embedded.console_variables import CONSOLE_VARIABLES
from unrealsynth.embedded.log import Log
from unrealsynth.embedded.switches import Switches as Switches
from unrealsynth.embedded.unreal import _editions, _runtime
from unrealsynth.embedded.unreal._assets import Assets, is_package_path
from unrealsynth.embedded.unreal._level_viewport import LevelViewport
from unrealsynth.embedded.unreal._levels import SavedActor, SavedLevel, saved_actor, saved_actors
from unrealsynth.embedded.unreal._object import Class, Object, _ObjectBase, is_alive
from unrealsynth.embedded.unreal.structs import Rotator, Vector
from unrealsynth.embedded.unreal.world import Package, World

if TYPE_CHECKING:
    from unrealsynth.embedded.unreal._render import Renders
    from unrealsynth.embedded.unreal.capture import SceneCaptureComponent
    from unrealsynth.embedded.unreal.materials import Material

T = TypeVar("T", bound=_ObjectBase)

ENGINE_VERSION = "5.6.0-0+UnrealSynth-Embedded"
_UNTITLED = "/Temp/Untitled_"


class Engine:
    """`renderer` is a renderer, or a function that makes one when it is first needed.

    The module `unreal` becomes that of `engine_version`; without `switches`, with the choices that suit it best.
    """

    def __init__(
        self,
        project_dir: Path,
        renderer: Renders | Callable[[], Renders],
        engine_version: str = ENGINE_VERSION,
        switches: Switches | None = None,
    ) -> None:
        self.project_dir = project_dir.absolute()
        self.program_dir = Path(sys.executable).absolute().parent
        self.engine_version = engine_version
        self.switches = profiles.usual_switches(self.version) if switches is None else switches
        self.unattended = False
        self.quit_requested = False
        self.answer: Callable[[str, Object], bool] | None = None
        """Who answers dialogs: is given the title and the object to be changed, says whether it was OK."""
        self.tasks: list[Object] = []
        """Tasks whose progress is shown."""
        self.playing = False
        """Whether the level is played in the editor."""
        self.opening = False
        """Whether a level is being opened: meanwhile there is no world."""
        self.closing = False
        """Whether the editor is about to end: its subsystems are gone by then."""
        self.undo_history: list[str] = []
        """What the user could undo, the latest last."""
        self.open_transactions: list[str] = []
        self.activity = 0
        """Grows whenever a script uses the engine."""
        self.frame = 0
        self.time_s = 0.0
        self.log = Log()
        self.pre_tick = Callbacks(self.log)
        self.post_tick = Callbacks(self.log)
        self.tickers = Callbacks(self.log)
        self.shutdown = Callbacks(self.log)
        self.deferred_captures: dict[int, SceneCaptureComponent] = {}
        self.pipelines: weakref.WeakValueDictionary[str, Object] = weakref.WeakValueDictionary()
        """By path. A pipeline that no script holds any more is gone, as in Unreal."""
        self.viewport = Vector(), Rotator()
        self.level_viewport = LevelViewport()
        self._renderer = renderer
        self._made_renderer: Renders | None = None if callable(renderer) else renderer
        self._names: defaultdict[str, itertools.count[int]] = defaultdict(itertools.count)
        self._classes: dict[type, Class] = {}
        self._default_objects: dict[type, _ObjectBase] = {}
        self._singletons: dict[type, _ObjectBase] = {}
        self._compiling: dict[int, tuple[Material, int]] = {}
        self._variables = dict(CONSOLE_VARIABLES)
        self._levels: dict[str, SavedLevel] = {}
        """By path, in small letters."""
        self._untitled = itertools.count(1)
        _runtime.install(self)
        _editions.use(profiles.edition(self.version), _module())
        self.assets = Assets()
        self.world = self._make_world(self.untitled())

    @property
    def renderer(self) -> Renders:
        """Made at first use. Raises EditorError when there is no OpenGL."""
        if self._made_renderer is None:
            self._made_renderer = cast("Callable[[], Renders]", self._renderer)()
        return self._made_renderer

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor."""
        major, minor = self.engine_version.split(".")[:2]
        return int(major), int(minor)

    def tick(self, delta_s: float) -> bool:
        """One frame: the world with the captures that are due, Slate's callbacks, tickers.

        Returns whether a callback used the engine: then there is probably more to do at once.
        """
        self.frame += 1
        self.time_s += delta_s
        self._compile_some()
        self._capture_due()
        self.level_viewport.draw()
        before = self.activity
        self.pre_tick.call(delta_s)
        self.post_tick.call(delta_s)
        self.tickers.call(delta_s, while_true=True)
        self._finish_cancelled_tasks()
        return self.activity != before

    def tick_slate(self) -> None:
        """What a slow task and a modal window do in the middle of a frame, of which they make no other one."""
        self.post_tick.call(0.0)

    def _finish_cancelled_tasks(self) -> None:
        from unrealsynth.embedded.unreal.menus import EditorUtilityTask

        for task in [task for task in self.tasks if isinstance(task, EditorUtilityTask)]:
            if task.was_cancel_requested():
                task._finish(success=True)

    def close(self) -> None:
        """Calls the shutdown callbacks, without subsystems, ends the world, and closes a renderer made here."""
        if self.closing:
            return
        self.closing = True
        self.shutdown.call(0.0)
        self.world._die()
        close = getattr(self._made_renderer, "close", None)
        if callable(self._renderer) and close is not None:
            close()
        if _runtime.uninstall(self):
            _editions.leave()

    def new_name(self, class_name: str) -> str:
        """A name that nothing else of the class has."""
        return f"{class_name}_{next(self._names[class_name])}"

    def class_of(self, cls: type[_ObjectBase]) -> Class:
        if cls not in self._classes:
            made = Class.__new__(Class)
            made._type = cls
            made._begin(None, cls.__name__)
            self._classes[cls] = made
        return self._classes[cls]

    def default_object(self, cls: type[T]) -> T:
        if cls not in self._default_objects:
            self._default_objects[cls] = cls._make(None, f"Default__{cls.__name__}")
        return cast(T, self._default_objects[cls])

    def singleton(self, cls: type[T]) -> T:
        """The only object of a class."""
        if cls not in self._singletons:
            self._singletons[cls] = cls._make(None, cls.__name__)
        return cast(T, self._singletons[cls])

    def find(self, path: str) -> Object | None:
        """An asset or a default object, by its path."""
        from unrealsynth.embedded.unreal.editor_settings import EditorPerformanceSettings

        if path == "/Script/UnrealEd.Default__EditorPerformanceSettings":
            return self.default_object(EditorPerformanceSettings)
        return self.assets.find(path)

    def untitled(self) -> str:
        return f"{_UNTITLED}{next(self._untitled)}"

    def open_world(self, path: str) -> World:
        """Ends the open world, with all that is in it, for a new one. A progress bar shows meanwhile."""
        self.activity += 1
        self.deferred_captures.clear()
        self.undo_history.clear()
        self.world._die()
        self.opening = True
        self.tick_slate()
        self.opening = False
        self.world = self._make_world(path)
        level = self._levels.get(path.lower(), SavedLevel())
        if level.view is not None:
            location, rotation = level.view
            self.viewport = location.copy(), rotation.copy()
        self.world._partitioned = level.is_partitioned
        for saved in level.contents:
            if self.world._partitioned and saved.is_spatial:
                self.world._unloaded.append(saved)
            else:
                saved.restore(self.world)
        self.tick_slate()
        return self.world

    def has_level(self, path: str) -> bool:
        return path.lower() in self._levels

    def level_contents(self, path: str) -> tuple[SavedActor, ...] | None:
        """What was saved of a level; None when there is no such level."""
        level = self._levels.get(path.lower())
        return None if level is None else level.contents

    def new_level(self, path: str, partitioned: bool = False) -> bool:
        """False when the path is none, or taken."""
        if not is_package_path(path) or self.has_level(path) or self.assets.find(path) is not None:
            self.log.write("LogLevelEditorSubsystem", "Error", f"NewLevel: {path} cannot be made.")
            return False
        self._levels[path.lower()] = SavedLevel(is_partitioned=partitioned)
        self.open_world(path)
        return True

    def save_level(self) -> bool:
        """Keeps what is in the level for as long as the editor runs. False for a level without a path."""
        package = self.world._outer
        if not isinstance(package, Package) or not self.has_level(package._name):
            return False
        location, rotation = self.viewport
        path = package._name.lower()
        self._levels[path] = replace(
            self._levels[path], contents=saved_actors(self.world), view=(location.copy(), rotation.copy())
        )
        package._dirty = False
        for file in self.world._files():
            file._dirty = False
        return True

    def save_actor(self, file: Package) -> None:
        """Keeps the one actor that has this file to itself."""
        package = self.world._outer
        assert isinstance(package, Package)
        [actor] = (actor for actor in self.world._actors.values() if actor._file is file)
        level = self._levels[package._name.lower()]
        others = (saved for saved in level.contents if saved.name != actor._name)
        self._levels[package._name.lower()] = replace(level, contents=(*others, saved_actor(actor)))
        file._dirty = False

    def _make_world(self, path: str) -> World:
        return World._make(Package._make(None, path), path.rsplit("/", 1)[1])

    def compile(self, material: Material) -> None:
        """Has the material ready after some ticks."""
        self._compiling[id(material)] = material, self.switches.shader_ticks

    def finish_compiling(self) -> None:
        for material, _ in self._compiling.values():
            material._ready = True
        self._compiling.clear()

    def _compile_some(self) -> None:
        for key, (material, ticks) in list(self._compiling.items()):
            if ticks <= 1:
                material._ready = True
                del self._compiling[key]
            else:
                self._compiling[key] = material, ticks - 1

    def _capture_due(self) -> None:
        from unrealsynth.embedded.unreal.capture import SceneCaptureComponent, SceneCaptureComponent2D

        due = [component for component in self.deferred_captures.values() if is_alive(component)]
        self.deferred_captures.clear()
        for component in due:
            component._queued = False
            if isinstance(component, SceneCaptureComponent2D):
                component.capture_scene()
        for actor in list(self.world._actors.values()):
            captures = (part for part in actor._components if isinstance(part, SceneCaptureComponent2D))
            for part in captures:
                if part not in due and SceneCaptureComponent.capture_every_frame.read(part):
                    part.capture_scene()

    def execute(self, command: str) -> None:
        """A line of the console."""
        words = command.split()
        self.log.write("LogConsole", "Info", f"Cmd: {command}")
        if not words:
            return
        name = words[0].lower()
        if name not in self._variables:
            if name == "quit_editor":
                self.quit_requested = True
            else:
                self.log.write("LogConsole", "Warning", f"Command not recognized: {command}")
        elif len(words) > 1:
            self._variables[name] = words[1].strip('"')

    def console_variable(self, name: str) -> str | None:
        """None for an unknown one, which is logged."""
        found = self._variables.get(name.lower())
        if found is None:
            self.log.write("LogConsole", "Warning", f"Failed to find console variable '{name}'")
        return found


def _module() -> dict[str, Any]:
    """The names of the stand-in module, to be changed."""
    from unrealsynth.embedded import unreal

    return vars(unreal)
