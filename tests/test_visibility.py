"""Visible and truncated shares, on numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from unrealsynth.visibility import distance_cm, truncated_fraction, visible_fractions
from unrealsynth_plugin.core.contract import AlonePicture
from unrealsynth_plugin.core.geometry import CameraPose


def test_without_pictures_nothing_is_known() -> None:
    assert visible_fractions({0: 12, 1: 0}, None) == {0: None, 1: None}


def test_the_share_is_of_the_pixels_without_the_others() -> None:
    first, second = np.zeros((10, 10), np.uint8), np.zeros((10, 10), np.uint8)
    first[:4, :5] = 1  # object 0 alone: 20 pixels
    first[8:, 8:] = 46  # object 300 = 255 + 45, in the same picture: 4 pixels
    second[:2, :5] = 2  # object 1 alone: 10 pixels
    alone = [(AlonePicture("a", (0, 300)), first), (AlonePicture("b", (1,)), second)]
    pixels = {0: 5, 1: 10, 2: 7, 3: 0, 300: 0}
    assert visible_fractions(pixels, alone) == {0: 0.25, 1: 1.0, 2: 1.0, 3: 0.0, 300: 0.0}


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((10.0, 10.0, 20.0, 20.0), 0.0),  # inside
        ((0.0, 0.0, 100.0, 50.0), 0.0),  # just the picture
        ((-10.0, 10.0, 10.0, 20.0), 0.5),  # half to the left
        ((90.0, 40.0, 110.0, 60.0), 0.75),  # a quarter left in the corner
        ((-100.0, -50.0, 200.0, 100.0), 8 / 9),  # the camera stands before it
        ((120.0, 0.0, 130.0, 10.0), 1.0),  # beside the picture
        (None, 1.0),  # behind the camera
        ((5.0, 5.0, 5.0, 9.0), 0.0),  # seen from the edge: no area, nothing cut off
    ],
)
def test_truncated(box: tuple[float, float, float, float] | None, share: float) -> None:
    assert truncated_fraction(box, (100, 50)) == pytest.approx(share)


def test_distance() -> None:
    assert distance_cm(CameraPose((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 60.0), (20.0, 30.0, 60.0)) == pytest.approx(70.0)
