"""A component of the user's level, some values of which are others for a while.

The user may edit it meanwhile, or anything else of its actor: a construction script that runs again makes all
components of the actor anew. So it is looked up each time, and what the user has changed is not put back.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, List, Optional, Set

import unreal

from unrealsynth_plugin.compatibility import Settings, call_if_there, is_alive, set_silently, try_each
from unrealsynth_plugin.errors import PluginError
from unrealsynth_plugin.vectors import angles, rotator

_MOBILITY = "mobility"


class LentComponent:
    """Changed by setters only, which mark no level. Drop it before the level is left."""

    def __init__(self, component: Any, settings: Settings, hint: str = "") -> None:
        """`hint` ends what the user is told who has edited it."""
        owner = component.get_owner()
        self._owner, self._kind, self._name = owner, type(component), str(component.get_name())
        self._label = str(owner.get_actor_label())
        self._settings = settings
        self._hint = hint
        self._found: Dict[str, Any] = {}
        """Values that the component had before they were changed, by property."""
        self._written: Dict[str, Any] = {}
        """What it had afterwards."""
        self._children: List[LentComponent] = []
        """What became movable with it."""

    @property
    def is_changed(self) -> bool:
        """Whether something is to be put back."""
        return bool(self._found)

    def find(self) -> Optional[Any]:
        """The component, None when it is gone."""
        if not is_alive(self._owner):
            return None
        found = self._owner.get_components_by_class(self._kind)
        return next((each for each in found if str(each.get_name()) == self._name), None)

    def change(self, name: str, value: Any) -> None:
        """Gives a property another value."""
        self._change(name, lambda component: self._write(component, name, value))

    def turn(self, rotation: Any) -> None:
        """Gives it another rotation in the world."""
        self._change("relative_rotation", lambda component: component.set_world_rotation(rotation, False, True))

    def _change(self, name: str, write: Callable[[Any], object]) -> None:
        component = self.find()
        if component is None:
            return
        self._found.setdefault(name, _value(component, name))
        write(component)
        self._written[name] = _value(component, name)

    def make_movable(self) -> None:
        """So that it can be changed, and casts no baked shadow. What is attached to it becomes movable too."""
        component, movable = self.find(), unreal.ComponentMobility.MOVABLE
        if component is None or component.mobility == movable:
            return
        below = [each for each in component.get_children_components(True) if each.mobility != movable]
        self._children = [LentComponent(each, self._settings) for each in below]
        for child, each in zip(self._children, below):
            child._found[_MOBILITY] = each.mobility
            child._written[_MOBILITY] = movable
        self.change(_MOBILITY, movable)

    def check(self, unsaved: Set[str]) -> None:
        """Raises PluginError when the user has edited or deleted it. `unsaved` are packages with unsaved changes.

        An actor with a file of its own is saved without notice, with all that is not the user's.
        """
        component = self.find()
        if component is None:
            raise PluginError(
                f"{self._label} was deleted or made anew while a run had changed it; start the run again."
            )
        edited = [name for name, value in self._written.items() if not _same(_value(component, name), value)]
        package = str(self._owner.get_package().get_name())
        level = str(self._owner.get_level().get_path_name()).split(".")[0]
        if edited or (package != level and package in unsaved):
            what = f" ({edited[0]})" if edited else ""
            raise PluginError(
                f"{self._label} was edited{what} while a run had changed it. Your edit stays, the rest is put back; "
                f"save or discard it and start the run again.{self._hint}"
            )

    def restore(self) -> None:
        """Puts back what the user has not changed meanwhile, mobility last: what is static takes no other change."""
        found, self._found = self._found, {}
        written, self._written = self._written, {}
        children, self._children = self._children, []
        component = self.find()
        steps: List[Callable[[], object]] = []
        if component is not None:
            for name in sorted(found, key=lambda name: name == _MOBILITY):
                if _same(_value(component, name), written.get(name)):
                    steps.append(partial(self._write, component, name, found[name]))
        try_each([*steps, *(child.restore for child in children)], f"put {self._label} back in order")

    def _write(self, component: Any, name: str, value: Any) -> None:
        if name == "relative_rotation":
            component.set_relative_rotation(rotator(value), False, True)
        elif name == "source_type":
            if component.source_type != value:
                set_silently(component, name, value)
        else:
            call_if_there(component, f"set_{name}", self._settings, value)


def _value(component: Any, name: str) -> Any:
    value = getattr(component, name)
    if isinstance(value, unreal.Rotator):
        # The engine may hand out a reference, which would change with what it is compared to.
        return angles(value)
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(abs(a - b) < 1e-3 for a, b in zip(one, other))
    return bool(one == other)
