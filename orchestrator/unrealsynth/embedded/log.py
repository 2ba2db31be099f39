"""The editor's log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

Severity = Literal["Info", "Warning", "Error"]


class Log:
    """Takes every line of the editor. `listener` gets those of Python: severity and text."""

    def __init__(self) -> None:
        self.listener: Callable[[Severity, str], None] | None = None

    def write(self, category: str, severity: Severity, text: str) -> None:
        if category == "LogPython" and self.listener is not None:
            self.listener(severity, text)
            return
        levels = {"Info": logging.INFO, "Warning": logging.WARNING, "Error": logging.ERROR}
        logging.getLogger(category).log(levels[severity], "%s", text)
