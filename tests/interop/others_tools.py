"""What the tests with other people's tools share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

IMAGES = 12
"""In the data set that all of them read."""
Read = Callable[..., Any]
"""Runs a program of `programs/` with arguments; returns the JSON of its last line."""
