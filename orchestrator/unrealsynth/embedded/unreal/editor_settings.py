"""Settings of the editor that Unreal's Python does not expose as classes, only as default objects."""

from __future__ import annotations

from unrealsynth.embedded.unreal._kinds import BOOL
from unrealsynth.embedded.unreal._object import Object, Property


class EditorPerformanceSettings(Object):
    """`throttle` is known by one name or another, as the engine's version and the switch say."""

    throttle_cpu_when_not_foreground = Property(BOOL, default=True, attribute="")
    bThrottleCPUWhenNotForeground = Property(BOOL, default=True, attribute="")

    def _find(self, name: object) -> Property[bool]:
        from unrealsynth.embedded.unreal import _runtime

        if str(name) not in _runtime.engine().switches.throttle_names:
            raise Exception(f"{type(self).__name__}: Failed to find property '{name}' for attribute '{name}'")
        return super()._find(name)
