"""Unreal's vectors and rotations as plain numbers, and back."""

from __future__ import annotations

from typing import Any, Sequence

import unreal

from unrealsynth_plugin.core.geometry import Vec3


def vec3(vector: Any) -> Vec3:
    """The coordinates of a vector."""
    return float(vector.x), float(vector.y), float(vector.z)


def angles(rotation: Any) -> Vec3:
    """Roll, pitch and yaw of a rotation, in degrees."""
    return float(rotation.roll), float(rotation.pitch), float(rotation.yaw)


def rotator(rotation_deg: Sequence[float]) -> Any:
    """Roll, pitch and yaw as a rotation. By keyword: the order differs between Unreal's languages."""
    roll, pitch, yaw = rotation_deg
    return unreal.Rotator(roll=roll, pitch=pitch, yaw=yaw)
