"""Unreal's traps: for each the test that the embedded editor has it too, and those that we survive it."""

from __future__ import annotations

import ast
import json
import re
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from runs import Quiet, Run, Shared, files_of
from small import write_recipe
from unrealsynth import watch as watch_module
from unrealsynth.dataset.annotations import MadeDataSet
from unrealsynth.editors import process as process_module
from unrealsynth.editors.multicast import Endpoint
from unrealsynth.editors.process import EmbeddedEditor
from unrealsynth.run import RunOptions, generate_data_set

TESTS = Path(__file__).parent
PROGRAM = TESTS / "embedded" / "programs" / "trapped_editor.py"
NODE, CAPTURES = "embedded/test_node.py", "embedded/unreal/test_unreal_captures.py"
IMPORTING, FAULTS = "embedded/unreal/test_unreal_importing.py", "test_faults.py"
REMOTE, CLIENT = "editors/test_remote.py", "editors/test_client.py"
PROFILES, TRAPS = "plugin/test_profiles.py", "plugin/test_plugin_traps.py"
COMPARED, IMPORTS = "plugin/test_plugin_settling.py", "plugin/test_imports.py"
LEVELS, STATE = "embedded/unreal/test_unreal_levels.py", "plugin/test_editor_state.py"

SURVIVED: dict[str, tuple[str, tuple[str, ...]]] = {
    "a command in two segments is dropped without a reply": (
        f"{NODE}::test_a_command_in_two_pieces_vanishes",
        (f"{REMOTE}::test_a_command_is_one_short_message", f"{CLIENT}::test_a_request_without_an_answer_is_repeated"),
    ),
    "a reply over the buffer is cut": (
        f"{NODE}::test_a_reply_beyond_the_send_buffer_is_cut",
        (
            f"{REMOTE}::test_a_cut_reply_is_a_timeout_that_says_so",
            "plugin/test_service.py::test_replies_are_short_ascii",
        ),
    ),
    "a second client takes the connection over": (
        f"{NODE}::test_the_connection_of_another_client_replaces_the_first",
        (f"{CLIENT}::test_another_client_taking_over_is_survived",),
    ),
    "a busy editor answers no ping": (
        f"{CLIENT}::test_a_busy_editor_answers_when_it_is_done",
        (
            f"{CLIENT}::test_a_busy_editor_answers_when_it_is_done",
            "test_session.py::test_a_silent_editor_is_asked_now_and_then",
        ),
    ),
    "a dialog stops the ticks": (
        "test_traps.py::test_a_dialog_in_the_middle_of_a_frame",
        (
            "test_traps.py::test_a_dialog_in_the_middle_of_a_frame",
            f"{FAULTS}::test_an_editor_that_hangs_is_started_again",
            "plugin/test_job_queue.py::test_ticks_from_inside_a_step_do_not_step",
        ),
    ),
    "an edited capture registers anew and loses its history": (
        f"{CAPTURES}::test_history_is_needed_for_a_settled_picture",
        (f"{TRAPS}::test_no_capture_is_edited_while_frames_are_made", f"{TRAPS}::test_frames_are_settled"),
    ),
    "Lumen is off in captures": (
        f"{TRAPS}::test_lumen_is_off_in_a_capture_whatever_the_level_says",
        (f"{TRAPS}::test_lumen_is_on_in_every_picture",),
    ),
    "pictures are dark without the target's gamma": (
        f"{CAPTURES}::test_gamma_of_render_targets",
        (
            "plugin/test_plugin_end_to_end.py::test_pictures_are_middle_grey_on_average",
            "plugin/test_plugin_selftest.py::test_what_is_wrong_is_found",
        ),
    ),
    "a sky light that captures in real time goes stale": (
        "embedded/unreal/test_unreal_lights.py::test_a_real_time_sky_light_captures_nothing",
        (f"{TRAPS}::test_the_sky_is_captured_whenever_the_sun_has_moved",),
    ),
    "the first frames after a change are not complete": (
        f"{CAPTURES}::test_a_pass_that_is_not_compiled_shows_the_plain_picture",
        (
            f"{PROFILES}::test_values_together",
            f"{TRAPS}::test_frames_are_settled",
            f"{COMPARED}::test_the_number_grows_with_the_lag_and_frames_are_right",
            "test_traps.py::test_first_frames_that_are_not_complete",
        ),
    ),
    "a crash while a picture settles": (
        "test_traps.py::test_a_crash_while_a_picture_settles",
        (
            "test_traps.py::test_a_crash_while_a_picture_settles",
            "test_session.py::test_a_series_of_an_editor_that_was_started_again_is_compared_anew",
        ),
    ),
    "a save ticks before it writes": (
        f"{LEVELS}::test_what_is_changed_between_notice_and_writing_is_saved",
        (
            f"{STATE}::test_a_save_that_ticks_before_it_writes_keeps_nothing_of_ours",
            f"{STATE}::test_a_job_that_is_cancelled_ends_after_the_save",
        ),
    ),
    "progress bars tick in the middle of a frame, also without a world": (
        f"{LEVELS}::test_a_progress_bar_ticks_slate_in_a_frame_of_which_it_makes_no_other",
        (
            "plugin/test_compatibility.py::test_a_frame_has_one_step_however_often_slate_ticks_in_it",
            f"{STATE}::test_a_level_that_the_user_opens_ends_the_job_when_it_is_open",
        ),
    ),
    "an actor with a file of its own is saved without notice": (
        f"{LEVELS}::test_an_actor_with_a_file_of_its_own_is_saved_without_notice",
        (f"{STATE}::test_a_light_with_a_file_of_its_own_is_never_saved_as_ours",),
    ),
    "a construction script makes all components anew": (
        f"{LEVELS}::test_a_construction_script_makes_components_anew",
        ("plugin/test_level_light.py::test_components_that_are_made_anew_are_put_back_all_the_same",),
    ),
    "what is gone cannot even be asked about": (
        "embedded/unreal/test_unreal_objects.py::test_a_destroyed_actor_is_dead",
        (
            "plugin/test_compatibility.py::test_what_is_gone_is_not_alive",
            "plugin/test_ground_grid.py::test_what_the_user_deletes_fails_no_trace",
        ),
    ),
    "placing an actor is something that the user can undo": (
        f"{LEVELS}::test_placing_an_actor_can_be_undone",
        (
            "plugin/test_compatibility.py::test_a_frame_leaves_no_trace_in_the_undo_history",
            f"{STATE}::test_what_the_user_undoes_or_deletes_is_named",
        ),
    ),
    "subsystems are gone before Python ends": (
        f"{LEVELS}::test_no_subsystem_is_left_when_the_editor_ends",
        (f"{STATE}::test_an_editor_that_closes_touches_nothing_any_more",),
    ),
    "attributes that cannot be written": (
        "embedded/unreal/test_unreal_objects.py::test_what_blueprint_may_only_read_is_no_writable_attribute",
        (f"{PROFILES}::test_each_version",),
    ),
    "an export that fails leaves an empty file and says nothing": (
        f"{CAPTURES}::test_a_failed_export_says_nothing",
        (
            "plugin/test_plugin_other_engines.py::test_a_job_whose_exports_stay_empty_says_so",
            "plugin/test_plugin_other_engines.py::test_frames_are_made_all_the_same",
        ),
    ),
    "imported assets are not called like their file": (
        f"{IMPORTING}::test_names_do_not_follow_from_the_files",
        (f"{PROFILES}::test_each_version",),
    ),
    "an import ignores its options": (
        f"{IMPORTING}::test_options_of_a_task_may_not_take_effect",
        (f"{TRAPS}::test_a_model_in_parts_is_joined_although_options_are_ignored",),
    ),
    "textures whose sides are no powers of two are dropped": (
        f"{IMPORTING}::test_sides_that_are_no_powers_of_two",
        (f"{IMPORTS}::test_textures_of_any_size_stay_on_a_model", f"{IMPORTS}::test_a_ground_shows_its_picture"),
    ),
    "pictures of 16 bits are taken for linear": (
        f"{IMPORTING}::test_deep_pictures_are_taken_for_linear",
        (
            f"{IMPORTS}::test_a_ground_shows_its_picture",
            "recipe/test_resolve.py::test_16_bits_become_8_of_the_same_brightness",
            "glb/test_prepare.py::test_pictures_of_16_bits_get_8",
        ),
    ),
    "bluish pictures are taken for normal maps": (
        f"{IMPORTING}::test_what_looks_like_a_normal_map",
        (f"{IMPORTS}::test_a_bluish_texture_stays_a_colour", f"{IMPORTS}::test_a_ground_shows_its_picture"),
    ),
    "large textures become virtual": (
        f"{IMPORTING}::test_large_textures_become_virtual_where_the_project_says_so",
        (f"{IMPORTS}::test_a_ground_shows_its_picture",),
    ),
    "parts named like collision vanish": (
        f"{IMPORTING}::test_parts_with_names_of_collision_vanish",
        (f"{IMPORTS}::test_parts_named_like_collision_are_seen",),
    ),
    "importing again adds to what is there": (
        f"{IMPORTING}::test_importing_again_does_not_kill_what_is_there",
        (
            f"{IMPORTS}::test_what_a_failed_import_has_left_spoils_nothing",
            f"{IMPORTS}::test_the_second_way_is_remembered",
        ),
    ),
    "the middle of a long-lat picture lies at -Y": (
        "embedded/unreal/test_unreal_materials.py::test_a_sky_sphere_shines_by_direction",
        ("plugin/test_plugin_end_to_end.py::test_the_sky_is_turned_as_a_yaw",),
    ),
    "targets of 32 bits are exported as PNG": (
        f"{CAPTURES}::test_32_bits_are_exported_by_some_versions_only",
        (f"{PROFILES}::test_each_version", f"{PROFILES}::test_values_together"),
    ),
    "a screenshot that was given up comes late": (
        "embedded/unreal/test_level_viewport.py::test_a_request_is_not_forgotten",
        ("plugin/test_plugin_selftest.py::test_a_picture_that_comes_late_does_not_go_to_a_job",),
    ),
    "3 ticks a second in the background": (
        "test_traps.py::test_the_background_throttle_is_switched_off_and_on_again",
        (
            "test_traps.py::test_the_background_throttle_is_switched_off_and_on_again",
            f"{TRAPS}::test_the_throttle_is_off_while_a_job_runs",
        ),
    ),
    "a crash in the middle of a frame": (
        "test_traps.py::test_a_crash_in_the_middle_of_a_frame",
        (
            "test_traps.py::test_a_crash_in_the_middle_of_a_frame",
            "plugin/test_plugin_spool.py::test_a_frame_begun_anew_forgets_what_was_left",
        ),
    ),
    "materials swapped, console variables set, another level open when a run dies": (
        "plugin/test_plugin_end_to_end.py::test_a_cancelled_job_gives_the_editor_back",
        ("plugin/test_plugin_end_to_end.py::test_the_level_that_was_open_is_open_again",),
    ),
}
"""Trap to (where the embedded editor has it, where it is survived)."""


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_")


@pytest.mark.parametrize("trap", SURVIVED)
def test_each_trap_has_its_tests(trap: str) -> None:
    has_it, survived = SURVIVED[trap]
    assert survived
    for name in (has_it, *survived):
        file, _, function = name.partition("::")
        assert function in names_in(file), f"{name} is gone"


def trapped(folder: Path, group: Endpoint, **traps: object) -> EmbeddedEditor:
    return EmbeddedEditor(folder, group=group, program=(sys.executable, str(PROGRAM), json.dumps(traps)))


class Listener(Quiet):
    """Remembers what a run said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def make_with(editor: EmbeddedEditor, recipe: Path, out: Path) -> list[str]:
    """Makes the data set with an editor of the run's own; returns what was said."""
    listener = Listener()

    def launch(*_: object) -> Sequence[EmbeddedEditor]:
        editor.launch()
        return [editor]

    generate_data_set(str(recipe), RunOptions(out=out, images=4), listener, launch)
    return listener.said


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipe(tmp_path_factory.mktemp("traps"))


@pytest.fixture(scope="module")
def reference(run: Run, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("reference") / "set"
    run(recipe, out, images=4)
    return files_of(out)


def test_a_crash_in_the_middle_of_a_frame(
    recipe: Path, reference: dict[str, str], tmp_path: Path, group: Endpoint
) -> None:
    # The fourth export is the ids of the second frame.
    editor = trapped(tmp_path / "editor", group, crash_at_export=4)
    assert make_with(editor, recipe, tmp_path / "set") == ["The editor ended unexpectedly. Starting it again."]
    assert files_of(tmp_path / "set") == reference


def test_a_crash_while_a_picture_settles(
    recipe: Path, reference: dict[str, str], tmp_path: Path, group: Endpoint
) -> None:
    editor = trapped(tmp_path / "editor", group, crash_at_settling=3)
    assert make_with(editor, recipe, tmp_path / "set") == ["The editor ended unexpectedly. Starting it again."]
    assert files_of(tmp_path / "set") == reference


def test_first_frames_that_are_not_complete(
    recipe: Path, reference: dict[str, str], tmp_path: Path, group: Endpoint
) -> None:
    """The ticks are measured through files and processes, kept with the data set, and enough."""
    editor = trapped(tmp_path / "editor", group, settle_captures=3, sky_ticks=2)
    assert make_with(editor, recipe, tmp_path / "set") == []
    header = MadeDataSet(tmp_path / "set").header
    assert [prepared.settle_ticks for prepared in header.prepared] == [3, 3]
    assert files_of(tmp_path / "set") == reference


@pytest.mark.slow
def test_a_dialog_in_the_middle_of_a_frame(
    recipe: Path, reference: dict[str, str], tmp_path: Path, group: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "SILENCE_LIMIT_S", 3.0)
    monkeypatch.setattr(process_module, "STOP_TIMEOUT_S", 0.2)
    editor = trapped(tmp_path / "editor", group, dialog_at_export=4)
    [said] = make_with(editor, recipe, tmp_path / "set")
    assert re.match(r"The editor gave no sign of life for \d+ s\. Starting it again\.", said)
    assert files_of(tmp_path / "set") == reference


@pytest.mark.slow
def test_the_background_throttle_is_switched_off_and_on_again(
    recipe: Path, reference: dict[str, str], tmp_path: Path, group: Endpoint
) -> None:
    throttle = "/Script/UnrealEd.Default__EditorPerformanceSettings"
    unreal = '__import__("unreal")'
    with trapped(tmp_path / "editor", group, throttled=True) as editor:
        ask = editor.client.evaluate
        started, before = time.monotonic(), int(ask(f"{unreal}.SystemLibrary.get_frame_count()"))
        time.sleep(0.5)
        ticks = int(ask(f"{unreal}.SystemLibrary.get_frame_count()")) - before
        assert ticks / (time.monotonic() - started) < 4.0
        started = time.monotonic()
        out = tmp_path / "set"
        generate_data_set(str(recipe), RunOptions(out=out, images=4), Quiet(), lambda *_: [Shared(editor)])
        # Some thirty ticks in each of two environments would take 20 s at 3 ticks a second.
        assert time.monotonic() - started < 10.0
        assert files_of(out) == reference
        setting = f"{unreal}.find_object(None, {throttle!r}).get_editor_property('throttle_cpu_when_not_foreground')"
        assert ask(setting) == "True", "the user's setting is lost"
