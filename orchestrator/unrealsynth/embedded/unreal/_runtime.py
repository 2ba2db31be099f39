"""Which engine the stand-in `unreal` module belongs to.

Like the module itself, the engine is one for the process: whoever creates an `Engine` makes it the current one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unrealsynth.errors import EditorError

if TYPE_CHECKING:
    from unrealsynth.embedded.engine import Engine

_current: list[Engine] = []


def install(engine: Engine) -> None:
    """Makes `engine` the one that the stand-in's functions act on."""
    _current[:] = [engine]


def uninstall(engine: Engine) -> bool:
    """Takes `engine` away again, if it is the current one; returns whether it was."""
    if engine not in _current:
        return False
    _current.clear()
    return True


def engine() -> Engine:
    """The current engine. Raises EditorError outside an embedded editor."""
    if not _current:
        raise EditorError("The unreal module works only while an embedded editor runs; create an Engine first.")
    return _current[0]


def hands_out_copies() -> bool:
    """Whether a struct property gives a copy (else a reference into its owner)."""
    return not _current or _current[0].switches.struct_access == "copy"
