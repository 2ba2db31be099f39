"""Structs of Unreal's mathematics and a few small ones besides."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from unrealsynth.embedded.unreal import _rotation
from unrealsynth.embedded.unreal._kinds import BOOL, DOUBLE, FLOAT, INT32, STR, UINT8, Kind, object_kind
from unrealsynth.embedded.unreal._object import Object, Property
from unrealsynth.embedded.unreal._struct_base import StructBase, struct_kind
from unrealsynth.embedded.unreal._wrapper import NAME, Name

_Same = TypeVar("_Same", bound="StructBase")


def _each(operation: Callable[[float, float], float], cls: type[_Same], left: StructBase, right: object) -> _Same:
    """Component by component; a plain number counts for every component."""
    if isinstance(right, (int, float)) and not isinstance(right, bool):
        numbers = [float(right)] * len(cls._arguments)
    else:
        other = cls.cast(right)
        numbers = [getattr(other, name) for name in cls._arguments]
    return cls(*(operation(getattr(left, name), number) for name, number in zip(cls._arguments, numbers, strict=True)))


class Vector(StructBase):
    """A point or direction, cm."""

    _arguments = ("x", "y", "z")
    x = Property(DOUBLE)
    y = Property(DOUBLE)
    z = Property(DOUBLE)

    def _tuple(self) -> tuple[float, float, float]:
        return self.x, self.y, self.z

    def length(self) -> float:
        return math.hypot(self.x, self.y, self.z)

    def dot(self, b: object) -> float:
        other = Vector.cast(b)
        return self.x * other.x + self.y * other.y + self.z * other.z

    def cross(self, b: object) -> Vector:
        o = Vector.cast(b)
        return Vector(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)

    def distance(self, v2: object) -> float:
        return (self - v2).length()

    def normal(self, tolerance: float = 0.0001) -> Vector:
        length = self.length()
        return self / length if length * length > tolerance else Vector()

    def is_near_equal(self, b: object, error_tolerance: float = 0.0001) -> bool:
        difference = self - b
        return max(abs(difference.x), abs(difference.y), abs(difference.z)) <= error_tolerance

    def __add__(self, other: object) -> Vector:
        return _each(lambda a, b: a + b, Vector, self, other)

    def __sub__(self, other: object) -> Vector:
        return _each(lambda a, b: a - b, Vector, self, other)

    def __mul__(self, other: object) -> Vector:
        return _each(lambda a, b: a * b, Vector, self, other)

    def __truediv__(self, other: object) -> Vector:
        return _each(lambda a, b: a / b, Vector, self, other)

    def __neg__(self) -> Vector:
        return Vector(-self.x, -self.y, -self.z)


class Rotator(StructBase):
    """Degrees. The positional order is (roll, pitch, yaw)."""

    _arguments = ("roll", "pitch", "yaw")
    roll = Property(DOUBLE)
    pitch = Property(DOUBLE)
    yaw = Property(DOUBLE)

    def _quaternion(self) -> _rotation.Quaternion:
        return _rotation.from_rotator(self.roll, self.pitch, self.yaw)

    def quaternion(self) -> Quat:
        return Quat(*self._quaternion())

    def get_forward_vector(self) -> Vector:
        return Vector(*_rotation.axes(self._quaternion())[0])

    def get_right_vector(self) -> Vector:
        return Vector(*_rotation.axes(self._quaternion())[1])

    def get_up_vector(self) -> Vector:
        return Vector(*_rotation.axes(self._quaternion())[2])

    def combine(self, b: object) -> Rotator:
        return Rotator(*_rotation.to_rotator(_rotation.multiply(Rotator.cast(b)._quaternion(), self._quaternion())))

    def inversed(self) -> Rotator:
        return Rotator(*_rotation.to_rotator(_rotation.inverse(self._quaternion())))


class Quat(StructBase):
    _arguments = ("x", "y", "z", "w")
    x = Property(DOUBLE)
    y = Property(DOUBLE)
    z = Property(DOUBLE)
    w = Property(DOUBLE)

    def _tuple(self) -> _rotation.Quaternion:
        return self.x, self.y, self.z, self.w

    def rotator(self) -> Rotator:
        return Rotator(*_rotation.to_rotator(self._tuple()))

    def rotate_vector(self, v: object) -> Vector:
        return Vector(*_rotation.rotate(self._tuple(), Vector.cast(v)._tuple()))

    def __mul__(self, other: object) -> Quat:
        return Quat(*_rotation.multiply(self._tuple(), Quat.cast(other)._tuple()))


class Transform(StructBase):
    """Scale, then rotation, then translation. The constructor takes a Rotator, the property is a Quat."""

    _arguments = ("location", "rotation", "scale")
    translation = Property(struct_kind(Vector))
    rotation = Property(struct_kind(Quat), (0.0, 0.0, 0.0, 1.0))
    scale3d = Property(struct_kind(Vector), (1.0, 1.0, 1.0))

    def __init__(
        self, location: object = (0.0, 0.0, 0.0), rotation: object = (0.0, 0.0, 0.0), scale: object = (1.0, 1.0, 1.0)
    ) -> None:
        super().__init__()
        self.translation = Vector.cast(location)
        self.rotation = Rotator.cast(rotation).quaternion()
        self.scale3d = Vector.cast(scale)

    def transform_location(self, location: object) -> Vector:
        scaled = Vector.cast(location) * self.scale3d
        return Vector(*_rotation.rotate(self.rotation._tuple(), scaled._tuple())) + self.translation

    def transform_direction(self, direction: object) -> Vector:
        return Vector(*_rotation.rotate(self.rotation._tuple(), Vector.cast(direction)._tuple()))

    def multiply(self, b: object) -> Transform:
        """First this transform, then b (FTransform's order), without shear."""
        parent = Transform.cast(b)
        made = Transform()
        made.translation = parent.transform_location(self.translation)
        made.rotation = parent.rotation * self.rotation
        made.scale3d = self.scale3d * parent.scale3d
        return made

    def __mul__(self, other: object) -> Transform:
        return self.multiply(other)


class LinearColor(StructBase):
    """Linear, 1 = white. Note that alpha is 0 unless given."""

    _arguments = ("r", "g", "b", "a")
    r = Property(FLOAT)
    g = Property(FLOAT)
    b = Property(FLOAT)
    a = Property(FLOAT)

    def _tuple(self) -> tuple[float, float, float, float]:
        return self.r, self.g, self.b, self.a

    def get_luminance(self) -> float:
        """The weights are FLinearColor's."""
        return self.r * 0.3 + self.g * 0.59 + self.b * 0.11

    def to_color(self, use_srgb: bool = True) -> Color:
        def byte(value: float) -> int:
            return int(min(max(srgb_from_linear(value) if use_srgb else value, 0.0), 1.0) * 255.999)

        return Color(r=byte(self.r), g=byte(self.g), b=byte(self.b), a=int(min(max(self.a, 0.0), 1.0) * 255.999))


class Color(StructBase):
    """sRGB bytes. The positional order is (b, g, r, a)."""

    _arguments = ("b", "g", "r", "a")
    b = Property(UINT8)
    g = Property(UINT8)
    r = Property(UINT8)
    a = Property(UINT8)

    def _linear(self) -> tuple[float, float, float]:
        return linear_from_srgb(self.r / 255), linear_from_srgb(self.g / 255), linear_from_srgb(self.b / 255)


def srgb_from_linear(value: float) -> float:
    """IEC 61966-2-1."""
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def linear_from_srgb(value: float) -> float:
    """IEC 61966-2-1."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


class Box(StructBase):
    """Axis-aligned. Only a box made by the engine is valid until told otherwise."""

    _arguments = ("min", "max")
    min = Property(struct_kind(Vector))
    max = Property(struct_kind(Vector))
    is_valid = Property(BOOL)


class BoxSphereBounds(StructBase):
    _arguments = ("origin", "box_extent", "sphere_radius")
    origin = Property(struct_kind(Vector))
    box_extent = Property(struct_kind(Vector))
    sphere_radius = Property(DOUBLE)


class IntPoint(StructBase):
    _arguments = ("x", "y")
    x = Property(INT32)
    y = Property(INT32)


class Vector2D(StructBase):
    _arguments = ("x", "y")
    x = Property(DOUBLE)
    y = Property(DOUBLE)


class Vector4(StructBase):
    _arguments = ("x", "y", "z", "w")
    x = Property(DOUBLE)
    y = Property(DOUBLE)
    z = Property(DOUBLE)
    w = Property(DOUBLE)


class SoftObjectPath(StructBase):
    """A path to an asset. The text can be read only through `export_text` and `str`."""

    __slots__ = ("_path",)

    def __init__(self, path_string: str = "") -> None:
        super().__init__()
        self._path = STR.nativize(path_string)

    @classmethod
    def cast(cls, object: object) -> SoftObjectPath:
        if isinstance(object, SoftObjectPath):
            return object.copy()
        return SoftObjectPath(STR.nativize(object))

    def copy(self) -> SoftObjectPath:
        return SoftObjectPath(self._path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SoftObjectPath) and other._path.lower() == self._path.lower()


class HitResult(StructBase):
    """What a sweep or trace hit. Its values have no names in Python: they come as one tuple, in the order of C++.

    Nothing here sweeps, so after a move it says that nothing was hit.
    """

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        super().__init__()
        zero, up = Vector(), Vector(0.0, 0.0, 1.0)
        none = Name()
        self._parts: tuple[object, ...] = (
            *(False, False, 1.0, 0.0, zero, zero, up, up),
            *(None, None, None, none, none, 0, 0, -1, zero, zero),
        )

    def copy(self) -> HitResult:
        made = HitResult()
        made._parts = self._parts
        return made

    def to_tuple(self) -> tuple[object, ...]:
        return self._parts


class EngineShowFlagsSetting(StructBase):
    """One show flag, by its C++ name; an unknown name has no effect."""

    _arguments = ("show_flag_name", "enabled")
    show_flag_name = Property(STR)
    enabled = Property(BOOL)


OBJECT: Kind[Object | None] = object_kind("Object", Object)


class AssetData(StructBase):
    """What the asset registry knows about an asset."""

    __slots__ = ("_asset",)
    asset_name = Property(NAME, attribute="r")
    package_name = Property(NAME, attribute="r")
    package_path = Property(NAME, attribute="r")

    def __init__(self) -> None:
        super().__init__()
        self._asset: Object | None = None

    def copy(self) -> AssetData:
        made = AssetData()
        made._values = dict(self._values)
        made._asset = self._asset
        return made

    def is_valid(self) -> bool:
        return self._asset is not None

    def get_asset(self) -> Object | None:
        return self._asset

    def get_full_name(self) -> str:
        return "" if self._asset is None else self._asset.get_full_name()
