"""Encoded frames and data sets for the tests of the data set."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from synthetic_spool import RESOLUTION, frame_settings, make_header, write_frame

from unrealsynth.dataset.frames import EncodedFrame, process_frame
from unrealsynth.dataset.manifest import Header
from unrealsynth.dataset.writer import DataSet


@pytest.fixture(scope="session")
def header() -> Header:
    return make_header()


@pytest.fixture(scope="session")
def frame(header: Header, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], EncodedFrame]:
    """Frame k, drawn and encoded once."""
    spool = tmp_path_factory.mktemp("spool")
    settings = frame_settings(header)
    made: dict[int, EncodedFrame] = {}

    def encoded(k: int) -> EncodedFrame:
        if k not in made:
            made[k] = process_frame(write_frame(spool, k, RESOLUTION, fingerprint=header.fingerprint), settings)
        return made[k]

    return encoded


@pytest.fixture(scope="session")
def written(header: Header, frame: Callable[[int], EncodedFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete data set of 12 frames, not to be changed."""
    folder = tmp_path_factory.mktemp("written") / "out"
    with DataSet.open(folder, header) as writer:
        for k in range(12):
            writer.add(frame(k))
        writer.close(complete=True)
    return folder


@pytest.fixture
def data_set(written: Path, tmp_path: Path) -> Path:
    """A complete data set of 12 frames."""
    return Path(shutil.copytree(written, tmp_path / "Straße 7"))
