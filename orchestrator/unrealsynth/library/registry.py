"""How a name that the library does not know is answered."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from unrealsynth.errors import ModelError


def unknown_name(kind: str, name: str, known: Sequence[str]) -> ModelError:
    """The error for `builtin:name`, with the nearest known name where there is one."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean builtin:{near[0]}?" if near else ""
    return ModelError(f"There is no built-in {kind} builtin:{name}.{hint} The library has {', '.join(known)}.")
