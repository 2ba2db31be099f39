"""What scripts have called once a frame."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Callable
from typing import cast

from unrealsynth.embedded.log import Log


class Callbacks:
    """Functions that are called once a frame, in the order in which they were registered."""

    def __init__(self, log: Log) -> None:
        self._functions: dict[int, Callable[[float], object]] = {}
        self._log = log
        self._handles = itertools.count(1)

    def add(self, function: Callable[[float], object]) -> object:
        if not callable(function):
            raise TypeError(f"A callback must be callable, not {type(function).__name__}")
        handle = next(self._handles)
        self._functions[handle] = function
        return handle

    def remove(self, handle: object) -> None:
        self._functions.pop(cast(int, handle), None)

    def call(self, delta_s: float, while_true: bool = False) -> None:
        """Calls all. What one raises is logged and keeps none from being called, now or later."""
        for handle, function in list(self._functions.items()):
            if handle not in self._functions:
                continue
            goes_on: object = True
            try:
                goes_on = function(delta_s)
            except Exception:
                self._log.write("LogPython", "Error", traceback.format_exc().rstrip())
            if while_true and not goes_on:
                self.remove(handle)
