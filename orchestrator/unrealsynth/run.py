"""A whole run: editors make frames, threads label and encode them, the data set grows.

The order in which frames are finished never matters; whatever stops the run, the same command goes on with it.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from unrealsynth import __version__
from unrealsynth.dataset.frames import EncodedFrame, FrameSettings, process_frame
from unrealsynth.dataset.manifest import Header, OutputSettings
from unrealsynth.dataset.writer import DataSet
from unrealsynth.editor_choice import (
    Editor,
    EditorKind,
    Launch,
    launch_editors,
    remove_editor_folders,
    stop_editors,
)
from unrealsynth.editors.client import PluginVersion
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.errors import DataSetError, EditorError, EditorLostError, InterruptedRunError, RecipeError
from unrealsynth.jobs import Frame, deal, make_job
from unrealsynth.own_assets import measure_own_assets, require_no_project
from unrealsynth.progress import RunProgress
from unrealsynth.recipe import ResolvedRecipe, load_recipe, resolve
from unrealsynth.selfcheck import FrameChecker, SelfCheck
from unrealsynth.selftest import require_selftest, uses_of
from unrealsynth.session import EditorSession
from unrealsynth.summary import RunSummary, Tally
from unrealsynth_plugin import VERSION

_LABEL_THREADS = 2
_IN_HAND_LIMIT = 6
"""Frames being labelled at the same time; more would only wait in memory."""
_POLL_INTERVAL_S = 0.01
REDRAW_LIMIT = 3
"""A frame that is still not good after this many tries more is kept as it is."""
_START_TRIES = 3
_FULL_DISK_BYTES = 4 << 20
"""With less than this left, an editor that fails has failed for want of space."""


@dataclass(frozen=True)
class RunOptions:
    """What the command line adds to a recipe."""

    out: Path | None = None
    images: int | None = None
    seed: int | None = None
    frames: tuple[int, ...] | None = None
    editor: EditorKind = "embedded"
    project: Path | None = None
    editors: int = 1
    overwrite: bool = False
    skip_bad_models: bool = False


def _default_folder(recipe_name: str, name: str) -> Path:
    """The recipe's name in the current folder; beside it where the recipe itself lies there."""
    folder = Path(name)
    return folder if Path(recipe_name).resolve().parent != folder.resolve() else Path(f"{name}-data")


def generate_data_set(
    recipe_name: str, options: RunOptions, progress: RunProgress, launch: Launch = launch_editors
) -> RunSummary:
    """Makes the data set of a recipe, or what is missing of it. Raises UnrealSynthError.

    `launch` gives the editors to work with.
    """
    recipe = load_recipe(recipe_name, images=options.images, seed=options.seed)
    folder = options.out if options.out is not None else _default_folder(recipe_name, recipe.name)
    wanted = _wanted_frames(recipe.images, options.frames)
    if options.editor == "embedded":
        require_no_project(recipe)
    with DataSet(folder) as data_set:
        progress.step("starting the editor")
        count = min(options.editors, len(wanted))
        editors = launch(options.editor, options.project, count, data_set.working_folder, progress.step)
        with _ended(editors, data_set.working_folder):
            # Asked of our own, which has not answered yet: one started by hand has a project.
            if isinstance(editors[0], EmbeddedEditor):
                require_no_project(recipe)
            # Embedded editors start while the models are measured.
            progress.step("measuring models")
            assets = None
            if recipe.own_assets:
                # No asset is measured by a plugin of another version.
                _engine_of(editors)
                assets = measure_own_assets(recipe, editors[0], progress.step)
            resolved = resolve(recipe, skip_bad_models=options.skip_bad_models, own_assets=assets)
            for warning in resolved.warnings:
                progress.say(f"warning: {warning}")
            progress.step("waiting for the editor")
            engine = _engine_of(editors)
            require_selftest(editors, uses_of(resolved), progress.step)
            data_set.begin(_header(resolved, engine), overwrite=options.overwrite)
            missing = [(k, 0) for k in wanted if k not in data_set.finished]
            run = _Run(resolved, data_set, progress, len(missing))
            started = time.monotonic()
            try:
                run.make(editors, missing)
            except KeyboardInterrupt:
                raise InterruptedRunError(
                    f"Stopped with {len(data_set.finished)} of {recipe.images} images finished in {folder}; "
                    "the same command goes on."
                ) from None
            seconds = time.monotonic() - started
        finished = len(data_set.finished)
        data_set.close(complete=data_set.finished >= set(wanted))
    return RunSummary(
        folder=folder,
        images=recipe.images,
        finished=finished,
        tally=run.tally,
        check=run.self_check.summary(),
        seconds=seconds,
        warnings=(*resolved.warnings, *run.tally.warnings()),
    )


class _Run:
    """The frames under way."""

    def __init__(self, recipe: ResolvedRecipe, data_set: DataSet, progress: RunProgress, missing: int) -> None:
        self._recipe = recipe
        self._data_set = data_set
        self._progress = progress
        self._settings = FrameSettings(
            fingerprint=data_set.header.fingerprint,
            resolution=recipe.resolution,
            output=data_set.header.output,
            checker=FrameChecker(make_job(recipe, "", (), ()), recipe.loose_models),
            model_files={str(item["id"]): str(item["source"]) for item in recipe.provenance},
        )
        self._in_hand: dict[Future[EncodedFrame], EditorSession] = {}
        self._already = len(data_set.finished)
        self._missing = missing
        self.tally = Tally()
        # What failed before counts: otherwise the same command again and again would complete a bad set.
        self.self_check = SelfCheck(len(data_set.finished), data_set.doubtful)

    def make(self, editors: Sequence[Editor], missing: Sequence[Frame]) -> None:
        """Makes the missing frames; returns when all are in the data set."""
        sessions = [
            EditorSession(
                editor,
                self._recipe,
                self._settings.fingerprint,
                frames,
                lambda: self._data_set.header.prepared,
                self._progress.say,
            )
            for editor, frames in zip(editors, deal(self._recipe, missing, len(editors)), strict=False)
        ]
        with ThreadPoolExecutor(_LABEL_THREADS, "label") as pool, _stopping(sessions, self._data_set.working_folder):
            for session in sessions:
                session.start()
            while any(session.busy for session in sessions):
                self._advance(sessions, pool)
        for session in sessions:
            session.clean()

    def _advance(self, sessions: Sequence[EditorSession], pool: ThreadPoolExecutor) -> None:
        for session in sessions:
            for frame in session.new_frames(_IN_HAND_LIMIT - len(self._in_hand)):
                self._in_hand[pool.submit(process_frame, frame, self._settings)] = session
            session.watch()
        if self._in_hand:
            done, _ = wait(self._in_hand, _POLL_INTERVAL_S, FIRST_COMPLETED)
            for future in done:
                self._take(self._in_hand.pop(future), future.result())
        else:
            time.sleep(_POLL_INTERVAL_S)
        notes = sorted({session.note for session in sessions if session.busy})
        self._progress.step("; ".join(notes) or "finishing")
        self._progress.frames(self._already + self.tally.frames, self._already + self._missing)

    def _take(self, session: EditorSession, frame: EncodedFrame) -> None:
        attempt = frame.record.attempt
        if (frame.blank or frame.has_remnant) and attempt < REDRAW_LIMIT:
            self.tally.redrawn["blank" if frame.blank else "remnant"] += 1
            session.redraw(frame.k, attempt + 1)
            return
        self.self_check.add(frame.check)
        self._remember(session, frame.record.plan.environment)
        self._data_set.add(frame)
        self.tally.add(frame, frame.record.plan.wanted_objects, len(frame.record.objects))
        session.collected(frame.k)

    def _remember(self, session: EditorSession, environment: str) -> None:
        """Keeps what was found for an environment before its first frame, so that a later run uses the same."""
        if all(prepared.environment != environment for prepared in self._data_set.header.prepared):
            for prepared in session.prepared():
                self._data_set.remember(prepared)


@contextlib.contextmanager
def _ended(editors: Sequence[Editor], folder: Path) -> Iterator[None]:
    """Ends the editors, whatever happens. Their folders in `folder` stay only when one failed, for its log."""
    try:
        yield
    except EditorError as error:
        stop_editors(editors)
        _require_space(folder, error)
        raise
    except BaseException:
        stop_editors(editors)
        remove_editor_folders(folder)
        raise
    stop_editors(editors)
    remove_editor_folders(folder)


@contextlib.contextmanager
def _stopping(sessions: Sequence[EditorSession], folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        try:
            # Before the jobs' folders go, which may be what has filled the disk.
            if isinstance(error, (EditorError, DataSetError)):
                _require_space(folder, error)
        finally:
            for session in sessions:
                session.stop()
        raise


def _require_space(folder: Path, error: EditorError | DataSetError) -> None:
    """Raises DataSetError where an editor, or a picture of one, has failed for want of space, whatever it says."""
    free = shutil.disk_usage(folder).free
    if free < _FULL_DISK_BYTES:
        raise DataSetError(
            f"The disk is full: {free >> 10} kB are left where {folder} is, and an editor failed. Every frame "
            "finished before is safe; make room and give the same command again to go on."
        ) from error


def _wanted_frames(images: int, frames: tuple[int, ...] | None) -> tuple[int, ...]:
    if frames is None:
        return tuple(range(images))
    if frames[-1] >= images:
        raise RecipeError(
            f"--frames names frame {frames[-1]}, but {images} images have the frames 0 to {images - 1}; "
            "give a larger --images."
        )
    return frames


def _engine_of(editors: Sequence[Editor]) -> str:
    versions = {_engine_version(editor) for editor in editors}
    if len(versions) > 1:
        raise EditorError(f"The editors differ in version ({', '.join(sorted(versions))}) and cannot share a data set.")
    return versions.pop()


def _engine_version(editor: Editor) -> str:
    version = _version(editor)
    if version.plugin_version != VERSION:
        raise EditorError(
            f"The editor of {version.project_dir} runs plugin {version.plugin_version}, this is {VERSION}; "
            "copy this version's plugin folder into the project and restart the editor."
        )
    return version.engine_version


def _version(editor: Editor) -> PluginVersion:
    """Waits for the editor. One that was killed as it started is started again; one that cannot start says so soon."""
    tries, wait_for_it = 0, editor.wait_until_ready
    while True:
        try:
            wait_for_it()
            return editor.client.version()
        except EditorLostError:
            tries += 1
            if tries == _START_TRIES or not editor.can_restart:
                raise
            wait_for_it = editor.restart


def _header(recipe: ResolvedRecipe, engine: str) -> Header:
    return Header(
        parts={**recipe.parts, "engine": engine, "plugin": VERSION},
        output=OutputSettings(recipe.val, recipe.image_format, recipe.labels),
        classes=tuple(entry.name for entry in recipe.classes),
        settings=recipe.settings,
        models=recipe.provenance,
        engine=engine,
        created_by=f"unrealsynth {__version__}",
    )
