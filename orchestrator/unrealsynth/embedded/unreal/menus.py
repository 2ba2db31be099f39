"""The editor's menus as lists of entries, dialogs that somebody has to answer, and tasks that show progress."""

from __future__ import annotations

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._kinds import BOOL, FLOAT, INT32
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import StructBase, struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, TEXT, Name, Text
from unrealsynth.embedded.unreal.render_targets import BlueprintFunctionLibrary
from unrealsynth.embedded.unreal.subsystems import EditorSubsystem


class ToolMenuContext(StructBase):
    pass


class ToolMenuEntryScriptData(StructBase):
    menu = Property(NAME)
    section = Property(NAME)
    name = Property(NAME)
    label = Property(TEXT)
    tool_tip = Property(TEXT)
    owner_name = Property(NAME)


class ToolMenuEntryScript(Object):
    """Meant to be inherited from; the base does nothing."""

    data = Property(struct_kind(ToolMenuEntryScriptData))

    def init_entry(
        self,
        owner_name: Name | str,
        menu: Name | str,
        section: Name | str,
        name: Name | str,
        label: Text | str = "",
        tool_tip: Text | str = "",
    ) -> None:
        data = ToolMenuEntryScript.data.read(self)
        data.owner_name, data.menu, data.section, data.name = Name(owner_name), Name(menu), Name(section), Name(name)
        data.label, data.tool_tip = Text(label), Text(tool_tip)

    def register_menu_entry(self) -> None:
        ToolMenus.add_menu_entry_object(self)

    def unregister_menu_entry(self) -> None:
        ToolMenus.remove_menu_entry_object(self)

    def execute(self, context: ToolMenuContext) -> None:
        """Nothing, unless a script says otherwise."""

    def can_execute(self, context: ToolMenuContext) -> bool:
        return True

    def is_visible(self, context: ToolMenuContext) -> bool:
        return True

    def get_label(self, context: ToolMenuContext) -> Text:
        return ToolMenuEntryScriptData.label.read(ToolMenuEntryScript.data.read(self))

    def get_tool_tip(self, context: ToolMenuContext) -> Text:
        return ToolMenuEntryScriptData.tool_tip.read(ToolMenuEntryScript.data.read(self))


class ToolMenuBase(Object):
    _abstract = True


class ToolMenu(ToolMenuBase):
    _abstract = True
    menu_name = Property(NAME)


class ToolMenus(Object):
    """Entries live as long as somebody holds them, as all objects of scripts do; here the registry does."""

    _abstract = True
    __slots__ = ("_entries", "_menus")
    _entries: dict[tuple[str, str], ToolMenuEntryScript]
    """By menu and name of the entry."""
    _menus: dict[Name, ToolMenu]

    def _post_init(self) -> None:
        self._entries = {}
        self._menus = {}

    @classmethod
    def get(cls) -> ToolMenus:
        return _runtime.engine().singleton(ToolMenus)

    def extend_menu(self, name: Name | str) -> ToolMenu:
        key = Name(name)
        if key not in self._menus:
            self._menus[key] = ToolMenu._make(self, str(key))
            ToolMenu.menu_name.store(self._menus[key], key)
        return self._menus[key]

    def find_menu(self, name: Name | str) -> ToolMenu | None:
        return self._menus.get(Name(name))

    def is_menu_registered(self, name: Name | str) -> bool:
        return Name(name) in self._menus

    def set_section_label(self, menu_name: Name | str, section_name: Name | str, label: Text | str) -> None:
        """Sections are not kept."""
        Name(menu_name), Name(section_name), Text(label)

    @classmethod
    def add_menu_entry_object(cls, menu_entry_object: ToolMenuEntryScript) -> bool:
        data = ToolMenuEntryScript.data.read(menu_entry_object)
        key = str(ToolMenuEntryScriptData.menu.read(data)), str(ToolMenuEntryScriptData.name.read(data))
        cls.get()._entries[key] = menu_entry_object
        return True

    @classmethod
    def remove_menu_entry_object(cls, menu_entry_object: ToolMenuEntryScript) -> bool:
        entries = cls.get()._entries
        keys = [key for key, entry in entries.items() if entry is menu_entry_object]
        for key in keys:
            del entries[key]
        return bool(keys)

    def refresh_all_widgets(self) -> None:
        """There are no widgets."""


class EditorDialogLibraryObjectDetailsViewOptions(StructBase):
    _arguments = (
        "show_object_name",
        "allow_search",
        "allow_resizing",
        "min_width",
        "min_height",
        "value_column_width_ratio",
    )
    show_object_name = Property(BOOL)
    allow_search = Property(BOOL)
    allow_resizing = Property(BOOL)
    min_width = Property(INT32)
    min_height = Property(INT32)
    value_column_width_ratio = Property(FLOAT)


_USUAL_OPTIONS = EditorDialogLibraryObjectDetailsViewOptions(
    show_object_name=True,
    allow_search=True,
    allow_resizing=False,
    min_width=0,
    min_height=0,
    value_column_width_ratio=0.6,
)


class EditorDialog(BlueprintFunctionLibrary):
    @classmethod
    def show_object_details_view(
        cls,
        title: Text | str,
        out_object: Object | None,
        options: EditorDialogLibraryObjectDetailsViewOptions = _USUAL_OPTIONS,
    ) -> bool:
        """What the user answers; False in unattended mode, and where nobody is there to answer."""
        engine = _runtime.engine()
        EditorDialogLibraryObjectDetailsViewOptions.cast(options)
        if engine.unattended or engine.answer is None or out_object is None:
            engine.log.write("LogEditorDialogLibrary", "Info", f"{Text(title)}: nobody is asked.")
            return False
        return bool(engine.answer(str(Text(title)), out_object))


class EditorUtilityTask(Object):
    """While one runs, dialogs answer themselves, and what is unsaved is saved without asking."""

    __slots__ = ("_cancelled", "_succeeded", "_text")
    _cancelled: bool
    _succeeded: bool | None
    """None while it runs."""
    _text: str

    def _post_init(self) -> None:
        super()._post_init()
        self._cancelled = False
        self._succeeded = None
        self._text = ""

    def was_cancel_requested(self) -> bool:
        return self._cancelled

    def set_task_notification_text(self, text: Text | str) -> None:
        """Each text is a line of the log too, whether it is new or not."""
        self._say(str(Text(text)))

    def _say(self, text: str) -> None:
        self._text = text
        _runtime.engine().log.write("LogEditorUtilityBlueprint", "Info", f"{self.get_path_name()}: {self._text}")

    def finish_executing_task(self, success: bool = True) -> None:
        """A second time it is an error in the log."""
        self._finish(success)

    def _finish(self, success: bool) -> None:
        engine = _runtime.engine()
        self._say("Complete")
        if self not in engine.tasks:
            engine.log.write("LogOutputDevice", "Error", "Ensure condition failed: MyTaskManager")
            return
        self._succeeded = BOOL.nativize(success)
        engine.tasks.remove(self)
        engine.unattended = bool(engine.tasks)


class EditorUtilitySubsystem(EditorSubsystem):
    def register_and_execute_task(
        self, new_task: EditorUtilityTask, optional_parent_task: EditorUtilityTask | None = None
    ) -> None:
        engine = _runtime.engine()
        engine.tasks.append(new_task)
        engine.unattended = True
