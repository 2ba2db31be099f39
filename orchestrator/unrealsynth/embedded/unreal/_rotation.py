"""Rotations in Unreal's convention: left-handed, X forward, Y right, Z up; angles in degrees.

A Rotator turns first by roll (positive: right side down), then pitch (positive: nose up), then yaw (positive: from X to
Y). Quaternions are (x, y, z, w) and rotate v to q v q*. The formulas are those of FRotator and FQuat.
"""

from __future__ import annotations

import math

Quaternion = tuple[float, float, float, float]
Vec3 = tuple[float, float, float]

_SINGULARITY = 0.4999995


def from_rotator(roll: float, pitch: float, yaw: float) -> Quaternion:
    """FRotator::Quaternion."""
    r, p, y = (math.radians(math.fmod(angle, 360.0)) / 2.0 for angle in (roll, pitch, yaw))
    sr, cr, sp, cp, sy, cy = math.sin(r), math.cos(r), math.sin(p), math.cos(p), math.sin(y), math.cos(y)
    return (
        cr * sp * sy - sr * cp * cy,
        -cr * sp * cy - sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    )


def to_rotator(q: Quaternion) -> Vec3:
    """FQuat::Rotator as (roll, pitch, yaw), each in [-180, 180], pitch in [-90, 90]."""
    x, y, z, w = q
    singularity = z * x - w * y
    yaw = math.degrees(math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)))
    if singularity < -_SINGULARITY:
        return _wrap(-yaw - 2.0 * math.degrees(math.atan2(x, w))), -90.0, yaw
    if singularity > _SINGULARITY:
        return _wrap(yaw - 2.0 * math.degrees(math.atan2(x, w))), 90.0, yaw
    pitch = math.degrees(math.asin(2.0 * singularity))
    roll = math.degrees(math.atan2(-2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y)))
    return roll, pitch, yaw


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """The rotation that turns by b, then by a."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def inverse(q: Quaternion) -> Quaternion:
    """Of a unit quaternion."""
    return -q[0], -q[1], -q[2], q[3]


def normalized(q: Quaternion) -> Quaternion:
    length = math.sqrt(sum(part * part for part in q))
    return (q[0] / length, q[1] / length, q[2] / length, q[3] / length) if length > 1e-8 else (0.0, 0.0, 0.0, 1.0)


def rotate(q: Quaternion, v: Vec3) -> Vec3:
    """v turned by the unit quaternion q."""
    x, y, z, w = q
    tx, ty, tz = 2.0 * (y * v[2] - z * v[1]), 2.0 * (z * v[0] - x * v[2]), 2.0 * (x * v[1] - y * v[0])
    return (
        v[0] + w * tx + y * tz - z * ty,
        v[1] + w * ty + z * tx - x * tz,
        v[2] + w * tz + x * ty - y * tx,
    )


def axes(q: Quaternion) -> tuple[Vec3, Vec3, Vec3]:
    """Forward, right and up."""
    return rotate(q, (1.0, 0.0, 0.0)), rotate(q, (0.0, 1.0, 0.0)), rotate(q, (0.0, 0.0, 1.0))


def _wrap(angle: float) -> float:
    wrapped = math.fmod(angle + 180.0, 360.0)
    return wrapped + 180.0 if wrapped <= 0.0 else wrapped - 180.0
