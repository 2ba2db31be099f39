"""Data sets for the tests of the report: frames made of plain values, and one of ours on disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "dataset"))  # For its synthetic frames.

from made_sets import write_ours


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete data set of ours of 16 frames, not to be changed."""
    return write_ours(tmp_path_factory.mktemp("ours") / "Straße 7")
