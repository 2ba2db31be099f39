"""Numbers worked out by hand: rotations, colours, transforms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx
from scipy.spatial.transform import Rotation

from unrealsynth.embedded import unreal
from unrealsynth.embedded.unreal import _rotation

ANGLES = st.floats(-180.0, 180.0)


def test_a_rotator_takes_roll_pitch_yaw() -> None:
    turned = unreal.Rotator(10.0, 20.0, 30.0)
    assert (turned.roll, turned.pitch, turned.yaw) == (10.0, 20.0, 30.0)


def test_a_color_takes_blue_first() -> None:
    color = unreal.Color(1, 2, 3, 4)
    assert (color.b, color.g, color.r, color.a) == (1, 2, 3, 4)
    assert unreal.LinearColor(0.1, 0.2, 0.3).a == 0.0


@pytest.mark.parametrize(
    ("rotator", "forward", "right", "up"),
    [
        ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0, 0, 90), (0, 1, 0), (-1, 0, 0), (0, 0, 1)),  # yaw turns from X to Y
        ((0, 90, 0), (0, 0, 1), (0, 1, 0), (-1, 0, 0)),  # pitch looks up
        ((90, 0, 0), (1, 0, 0), (0, 0, -1), (0, 1, 0)),  # roll tips the right side down
    ],
)
def test_axes(rotator: tuple[float, ...], forward: object, right: object, up: object) -> None:
    turned = unreal.Rotator(*rotator)
    for got, wanted in (
        (turned.get_forward_vector(), forward),
        (turned.get_right_vector(), right),
        (turned.get_up_vector(), up),
    ):
        assert (got.x, got.y, got.z) == approx(wanted, abs=1e-12)


@given(ANGLES, st.floats(-89.0, 89.0), ANGLES)
def test_axes_are_those_of_scipy(roll: float, pitch: float, yaw: float) -> None:
    # In a left-handed system with these signs, roll and pitch turn against the right-hand rule, yaw with it.
    wanted = Rotation.from_euler("ZYX", [yaw, -pitch, -roll], degrees=True).as_matrix()
    for axis, column in zip(_rotation.axes(_rotation.from_rotator(roll, pitch, yaw)), wanted.T, strict=True):
        assert axis == approx(tuple(column), abs=1e-9)


@given(ANGLES, st.floats(-90.0, 90.0), ANGLES)
def test_reading_a_rotation_back_gives_the_same_axes(roll: float, pitch: float, yaw: float) -> None:
    q = _rotation.from_rotator(roll, pitch, yaw)
    again = _rotation.from_rotator(*_rotation.to_rotator(q))
    for before, after in zip(_rotation.axes(q), _rotation.axes(again), strict=True):
        assert after == approx(before, abs=2e-3)  # Near the poles a Rotator is that coarse, in Unreal too.


def test_a_pitch_beyond_the_pole_comes_back_as_another_rotator() -> None:
    back = unreal.Rotator(roll=0.0, pitch=100.0, yaw=0.0).quaternion().rotator()
    assert (abs(back.roll), back.pitch, abs(back.yaw)) == (approx(180.0), approx(80.0), approx(180.0))


def test_a_transform_scales_then_turns_then_moves() -> None:
    made = unreal.Transform((10.0, 0.0, 0.0), unreal.Rotator(yaw=90.0), (2.0, 3.0, 4.0))
    assert made.transform_location((1.0, 1.0, 1.0)).is_near_equal(unreal.Vector(7.0, 2.0, 4.0))


def test_transforms_multiply_child_first() -> None:
    child = unreal.Transform((1.0, 0.0, 0.0))
    parent = unreal.Transform((0.0, 0.0, 5.0), unreal.Rotator(yaw=90.0), (2.0, 2.0, 2.0))
    assert (child * parent).translation.is_near_equal(unreal.Vector(0.0, 2.0, 5.0))


@pytest.mark.parametrize(("linear", "byte"), [(0.0, 0), (0.18, 118), (0.5, 188), (1.0, 255), (4.0, 255)])
def test_linear_colors_become_srgb_bytes(linear: float, byte: int) -> None:
    assert unreal.LinearColor(linear, linear, linear).to_color().g == byte


def test_structs_are_equal_by_value_and_copied_by_copy() -> None:
    a = unreal.Box(unreal.Vector(1, 2, 3), unreal.Vector(4, 5, 6))
    b = a.copy()
    assert a == b
    b.min = unreal.Vector()
    assert a != b
    assert a.min == unreal.Vector(1, 2, 3)


def test_a_struct_may_be_given_as_sequence_or_mapping() -> None:
    assert unreal.Vector.cast([1, 2, 3]) == unreal.Vector(1, 2, 3)
    assert unreal.Vector.cast({"y": 2}) == unreal.Vector(0, 2, 0)
    with pytest.raises(TypeError):
        unreal.Vector.cast([1, 2, 3, 4])
    with pytest.raises(TypeError):
        unreal.Vector.cast("123")
