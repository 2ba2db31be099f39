"""Classes that scripts define, menus, dialogs and tasks."""

from __future__ import annotations

from typing import Any

import pytest

from unrealsynth.embedded import unreal
from unrealsynth.embedded.engine import Engine

pytestmark = pytest.mark.usefixtures("engine")


def settings_class() -> Any:
    @unreal.uclass()
    class Settings(unreal.Object):
        count = unreal.uproperty(int, meta={"Category": "Test"})
        names = unreal.uproperty(unreal.Array(str))
        size = unreal.uproperty(unreal.IntPoint)

        def _post_init(self) -> None:
            super()._post_init()
            self.set_editor_property("count", 3)

    return Settings


def test_properties_of_a_script_are_typed() -> None:
    made = unreal.new_object(settings_class())
    assert made.get_editor_property("count") == 3
    assert list(made.get_editor_property("names")) == []
    made.set_editor_property("names", ["a", "b"])
    assert list(made.get_editor_property("names")) == ["a", "b"]
    made.set_editor_property("size", unreal.IntPoint(4, 5))
    assert made.get_editor_property("size").y == 5
    with pytest.raises(TypeError):
        made.set_editor_property("count", "three")
    with pytest.raises(Exception, match="Failed to find property"):
        made.set_editor_property("colour", 1)


def test_a_class_of_its_own_must_be_unreals() -> None:
    with pytest.raises(TypeError, match="must inherit"):
        unreal.uclass()(type("Plain", (), {}))


def test_only_what_exists_can_be_overridden() -> None:
    with pytest.raises(Exception, match="no function 'explode' to override"):

        @unreal.uclass()
        class Entry(unreal.ToolMenuEntryScript):
            @unreal.ufunction(override=True)
            def explode(self) -> None: ...


def test_an_entry_of_the_menu_runs_the_scripts_function() -> None:
    clicked = []

    @unreal.uclass()
    class Entry(unreal.ToolMenuEntryScript):
        @unreal.ufunction(override=True)
        def execute(self, context: object) -> None:
            clicked.append(context)

    entry = unreal.new_object(Entry)
    entry.init_entry("Owner", "LevelEditor.MainMenu.Tools", "Section", "Name", "Label", "Tip")
    entry.register_menu_entry()
    menus = unreal.ToolMenus.get()
    found = menus._entries["LevelEditor.MainMenu.Tools", "Name"]
    assert str(found.get_label(unreal.ToolMenuContext())) == "Label"
    assert found.can_execute(unreal.ToolMenuContext())
    found.execute(unreal.ToolMenuContext())
    assert len(clicked) == 1
    entry.unregister_menu_entry()
    assert menus._entries == {}


def test_a_dialog_says_no_unless_somebody_answers(engine: Engine) -> None:
    made, asked = unreal.new_object(settings_class()), []

    def ask() -> bool:
        return bool(unreal.EditorDialog.show_object_details_view("Settings", made))

    assert not ask()
    engine.answer = lambda title, shown: bool(asked.append((title, shown)) or True)
    assert ask()
    assert asked == [("Settings", made)]
    engine.unattended = True
    assert not ask()


def test_while_a_task_runs_nobody_is_asked(engine: Engine) -> None:
    engine.answer = lambda title, shown: True

    @unreal.uclass()
    class Task(unreal.EditorUtilityTask):
        pass

    task = unreal.new_object(Task)
    unreal.get_editor_subsystem(unreal.EditorUtilitySubsystem).register_and_execute_task(task)
    assert engine.unattended
    assert not unreal.EditorDialog.show_object_details_view("Settings", task)
    task.set_task_notification_text("1 of 2")
    task.finish_executing_task(False)
    assert not engine.unattended and engine.tasks == []
    assert not task.was_cancel_requested()


def test_a_task_that_is_cancelled_is_finished_by_the_editor(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:

    @unreal.uclass()
    class Task(unreal.EditorUtilityTask):
        pass

    task = unreal.new_object(Task)
    unreal.get_editor_subsystem(unreal.EditorUtilitySubsystem).register_and_execute_task(task)
    task._cancelled = True
    engine.tick(0.1)
    assert engine.tasks == [] and not engine.unattended
    assert task.was_cancel_requested()
    assert caplog.messages == []
    task.finish_executing_task()
    assert caplog.messages == ["Ensure condition failed: MyTaskManager"]
