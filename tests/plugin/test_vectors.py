"""Unreal's vectors and rotations as plain numbers, and back."""

from __future__ import annotations

import sys

from unrealsynth.embedded import unreal

sys.modules["unreal"] = unreal

from unrealsynth_plugin.vectors import angles, rotator, vec3  # noqa: E402


def test_there_and_back() -> None:
    assert vec3(unreal.Vector(1.0, -2.0, 3.5)) == (1.0, -2.0, 3.5)
    made = rotator((10.0, 20.0, 30.0))
    assert (made.roll, made.pitch, made.yaw) == (10.0, 20.0, 30.0)
    assert angles(made) == (10.0, 20.0, 30.0)
