"""The Windows registry, read only. This module is imported on Windows alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    import winreg

    _HIVES = {"HKLM": winreg.HKEY_LOCAL_MACHINE, "HKCU": winreg.HKEY_CURRENT_USER}

    class WindowsRegistry:
        """Implements `engines.Registry`."""

        def values(self, hive: str, key: str) -> dict[str, str]:
            with _opened(hive, key) as opened:
                if opened is None:
                    return {}
                count = winreg.QueryInfoKey(opened)[1]
                found = [winreg.EnumValue(opened, index)[:2] for index in range(count)]
                return {name: value for name, value in found if isinstance(value, str)}

        def keys(self, hive: str, key: str) -> list[str]:
            with _opened(hive, key) as opened:
                if opened is None:
                    return []
                return [winreg.EnumKey(opened, index) for index in range(winreg.QueryInfoKey(opened)[0])]

    @contextmanager
    def _opened(hive: str, key: str) -> Iterator[winreg.HKEYType | None]:
        try:
            # The 64-bit view, whatever this Python is.
            opened = winreg.OpenKey(_HIVES[hive], key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)
        except OSError:
            yield None
            return
        with opened:
            yield opened
