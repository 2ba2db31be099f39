"""System, paths and automation: versions, console, folders, and waiting for what loads."""

from __future__ import annotations

import posixpath
import time
from pathlib import Path

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import INT32, STR, object_kind
from unrealsynth.embedded.unreal._object import Object
from unrealsynth.embedded.unreal._wrapper import Array, Name, Text
from unrealsynth.embedded.unreal.actors import ACTOR, Actor
from unrealsynth.embedded.unreal.components import SceneComponent
from unrealsynth.embedded.unreal.enums import ComparisonTolerance, DrawDebugTrace, TraceTypeQuery
from unrealsynth.embedded.unreal.mesh_components import StaticMeshComponent
from unrealsynth.embedded.unreal.render_targets import BlueprintFunctionLibrary
from unrealsynth.embedded.unreal.structs import HitResult, LinearColor, Vector

OBJECT = object_kind("Object", Object)


class SystemLibrary(BlueprintFunctionLibrary):
    @classmethod
    def get_engine_version(cls) -> str:
        """The one answer that is not Unreal's: it ends with the driver, for other drivers make other pixels."""
        engine = _runtime.engine()
        return f"{engine.engine_version} ({getattr(engine.renderer, 'info', 'no renderer')})"

    @classmethod
    def get_project_directory(cls) -> str:
        return _folder(_runtime.engine().project_dir)

    @classmethod
    def get_project_content_directory(cls) -> str:
        return _folder(_runtime.engine().project_dir / "Content")

    @classmethod
    def get_project_saved_directory(cls) -> str:
        return _folder(_runtime.engine().project_dir / "Saved")

    @classmethod
    def is_valid(cls, object: Object | None) -> bool:
        """A dead wrapper cannot even be asked about."""
        return OBJECT.nativize(object) is not None

    @classmethod
    def get_object_name(cls, object: Object) -> str:
        return object.get_name()

    @classmethod
    def get_path_name(cls, object: Object) -> str:  # type: ignore[override]
        return object.get_path_name()

    @classmethod
    def get_frame_count(cls) -> int:
        return _runtime.engine().frame

    @classmethod
    def get_platform_user_name(cls) -> str:
        return "UnrealSynth"

    @classmethod
    def execute_console_command(
        cls, world_context_object: Object | None, command: str, specific_player: Object | None = None
    ) -> None:
        """`name value` sets a console variable, `name` logs it; anything else is logged and has no effect."""
        _runtime.engine().execute(STR.nativize(command))

    @classmethod
    def get_console_variable_int_value(cls, variable_name: str) -> int:
        """0 for an unknown variable, as in Unreal."""
        return int(cls.get_console_variable_float_value(variable_name))

    @classmethod
    def get_console_variable_float_value(cls, variable_name: str) -> float:
        try:
            return float(_runtime.engine().console_variable(STR.nativize(variable_name)) or 0.0)
        except ValueError:
            return 0.0

    @classmethod
    def get_console_variable_bool_value(cls, variable_name: str) -> bool:
        return cls.get_console_variable_int_value(variable_name) != 0

    @classmethod
    def get_console_variable_string_value(cls, variable_name: str) -> str:
        return _runtime.engine().console_variable(STR.nativize(variable_name)) or ""

    @classmethod
    def line_trace_single(
        cls,
        world_context_object: Object | None,
        start: Vector,
        end: Vector,
        trace_channel: TraceTypeQuery,
        trace_complex: bool,
        actors_to_ignore: Array[Actor],
        draw_debug_type: DrawDebugTrace,
        ignore_self: bool = True,
        trace_color: LinearColor = LinearColor(1.0, 0.0, 0.0, 1.0),  # noqa: B008
        trace_hit_color: LinearColor = LinearColor(0.0, 1.0, 0.0, 1.0),  # noqa: B008
        draw_time: float = 5.0,
    ) -> HitResult | None:
        """None when nothing was hit. Triangles are met with simple collision too; everything blocks each channel."""
        from unrealsynth.embedded.unreal._traces import trace

        first, last = Vector.cast(start), Vector.cast(end)
        TraceTypeQuery.cast(trace_channel)
        DrawDebugTrace.cast(draw_debug_type)
        ignored = {id(actor) for actor in Array._of(ACTOR, actors_to_ignore)}
        hit = trace(_runtime.engine().world, first._tuple(), last._tuple(), ignored)
        return None if hit is None else hit.result(first, last)

    @classmethod
    def get_component_bounds(cls, component: SceneComponent) -> tuple[Vector, Vector, float]:
        """Middle, half size and radius of a component's box in the world; of a point, what has no mesh."""
        local = component.get_local_bounds() if isinstance(component, StaticMeshComponent) else (Vector(), Vector())
        low, high = (corner._tuple() for corner in local)
        transform = component.get_world_transform()
        corners = [
            transform.transform_location((x, y, z))._tuple()
            for x in (low[0], high[0])
            for y in (low[1], high[1])
            for z in (low[2], high[2])
        ]
        lowest, highest = (Vector(*(fold(axis) for axis in zip(*corners, strict=True))) for fold in (min, max))
        extent = (highest - lowest) * 0.5
        return (lowest + highest) * 0.5, extent, extent.length()

    @classmethod
    def begin_transaction(cls, context: str, description: Text, primary_object: Object | None) -> int:
        """How many were open before: what is done while one is open belongs to the outermost."""
        engine = _runtime.engine()
        OBJECT.nativize(primary_object)
        engine.open_transactions.append(str(Text(description)))
        return len(engine.open_transactions) - 1

    @classmethod
    def end_transaction(cls) -> int:
        """How many were open. With the outermost the user has something to undo."""
        engine = _runtime.engine()
        count = len(engine.open_transactions)
        if count:
            ended = engine.open_transactions.pop()
            if count == 1:
                engine.undo_history.append(ended)
        return count

    @classmethod
    def cancel_transaction(cls, index: int) -> None:
        """All that are open, whatever the index; what was done stays, and leaves no trace."""
        if INT32.nativize(index) >= 0:
            _runtime.engine().open_transactions.clear()

    @classmethod
    def collect_garbage(cls) -> None:
        """Python's own collector is enough for what lives here."""

    @classmethod
    def quit_editor(cls) -> None:
        """The editor ends after the tick under way."""
        _runtime.engine().quit_requested = True

    @classmethod
    def get_command_line(cls) -> str:
        return ""

    @classmethod
    def get_game_time_in_seconds(cls, world_context_object: Object | None) -> float:
        return _runtime.engine().time_s

    @classmethod
    def get_platform_time_seconds(cls) -> float:
        return time.monotonic()


class Paths(BlueprintFunctionLibrary):
    """Folders end with a slash, and are relative to the folder of the editor's program, as Unreal's are."""

    @classmethod
    def project_dir(cls) -> str:
        return _folder(_runtime.engine().project_dir)

    @classmethod
    def project_saved_dir(cls) -> str:
        return _folder(_runtime.engine().project_dir / "Saved")

    @classmethod
    def project_content_dir(cls) -> str:
        return _folder(_runtime.engine().project_dir / "Content")

    @classmethod
    def project_log_dir(cls) -> str:
        return _folder(_runtime.engine().project_dir / "Saved" / "Logs")

    @classmethod
    def project_intermediate_dir(cls) -> str:
        return _folder(_runtime.engine().project_dir / "Intermediate")

    @classmethod
    def project_plugins_dir(cls) -> str:
        return _folder(_runtime.engine().project_dir / "Plugins")

    @classmethod
    def get_project_file_path(cls) -> str:
        found = sorted(_runtime.engine().project_dir.glob("*.uproject"))
        return found[0].as_posix() if found else ""

    @classmethod
    def convert_relative_path_to_full(cls, path: str, base_path: str = "") -> str:
        """A path that is absolute already stays."""
        base = Path(STR.nativize(base_path) or _runtime.engine().program_dir)
        full = posixpath.normpath((base / STR.nativize(path)).as_posix())
        return f"{full}/" if path.endswith("/") and not full.endswith("/") else full

    @classmethod
    def combine(cls, paths: Array[str]) -> str:
        return posixpath.join(*(STR.nativize(path) for path in paths))

    @classmethod
    def file_exists(cls, path: str) -> bool:
        return Path(cls.convert_relative_path_to_full(path)).is_file()

    @classmethod
    def directory_exists(cls, path: str) -> bool:
        return Path(cls.convert_relative_path_to_full(path)).is_dir()


class GameplayStatics(BlueprintFunctionLibrary):
    @classmethod
    def get_all_actors_with_tag(cls, world_context_object: Object | None, tag: Name | str) -> Array[Actor]:
        """Transient ones too."""
        actors = _runtime.engine().world._actors.values()
        return Array._of(ACTOR, [actor for actor in actors if actor.actor_has_tag(tag)])


class AutomationEditorTask(Object):
    """Something that the editor does in a later frame."""

    __slots__ = ("_done",)
    _done: bool

    def _post_init(self) -> None:
        self._done = False

    def _end(self) -> None:
        self._done = True

    def is_valid_task(self) -> bool:
        return True

    def is_task_done(self) -> bool:
        return self._done


class AutomationLibrary(BlueprintFunctionLibrary):
    @classmethod
    def finish_loading_before_screenshot(cls) -> None:
        """Blocks until all materials are compiled."""
        engine = _runtime.engine()
        engine.activity += 1
        engine.finish_compiling()

    @classmethod
    def take_high_res_screenshot(
        cls,
        res_x: int,
        res_y: int,
        filename: str,
        camera: Object | None = None,
        mask_enabled: bool = False,
        capture_hdr: bool = False,
        comparison_tolerance: ComparisonTolerance = ComparisonTolerance.LOW,
        comparison_notes: str = "",
        delay: float = 0.0,
        force_game_view: bool = True,
    ) -> AutomationEditorTask:
        """The picture is taken when the viewport is drawn next, which it may never be."""
        engine = _runtime.engine()
        engine.activity += 1
        engine.finish_compiling()
        size = INT32.nativize(res_x), INT32.nativize(res_y)
        task = AutomationEditorTask._make(None)
        engine.level_viewport.request(Path(STR.nativize(filename)), size, task._end)
        return task


def _folder(path: Path) -> str:
    engine = _runtime.engine()
    # Nothing leads from one drive to another.
    if engine.switches.relative_paths and path.drive == engine.program_dir.drive:
        return posixpath.relpath(path.as_posix(), engine.program_dir.as_posix()) + "/"
    return path.as_posix().rstrip("/") + "/"
