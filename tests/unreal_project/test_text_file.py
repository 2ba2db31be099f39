"""Encodings and line ends that are kept, and files that are not touched."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth.errors import ProjectError
from unrealsynth.unreal_project.text_file import decode, read, require_writable, split_lines, write

FILE = Path("DefaultEngine.ini")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        ("a=é\n".encode(), "a=é\n"),
        (codecs.BOM_UTF8 + "a=é".encode(), "a=é"),
        (codecs.BOM_UTF16_LE + "a=é\r\n".encode("utf-16-le"), "a=é\r\n"),
        (codecs.BOM_UTF16_BE + "a=\U0001f600".encode("utf-16-be"), "a=\U0001f600"),
        (b"a=\xe9\n", "a=\udce9\n"),  # Windows-1252, as old editors wrote
        (codecs.BOM_UTF8, ""),
    ],
)
def test_decoded_and_back(data: bytes, text: str) -> None:
    file = decode(data, FILE)
    assert file.text == text
    assert file.encode() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("a=1".encode("utf-16-le"), "NUL bytes"),
        (codecs.BOM_UTF16_LE + b"a\0=", "UTF-16"),  # half a character
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "UTF-16"),  # half a pair
    ],
)
def test_what_would_not_come_back_the_same_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        decode(data, FILE)


@given(st.binary(max_size=40), st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]))
def test_any_bytes_come_back_or_are_refused(data: bytes, mark: bytes) -> None:
    try:
        file = decode(mark + data, FILE)
    except ProjectError:
        return
    assert file.encode() == mark + data


@given(st.text(max_size=30))
def test_lines_join_to_the_text(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.rstrip("\r\n").count("\n") == 0 and line for line in lines)


def test_written_whole_with_permissions_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.ini"
    write(file, b"one")
    file.chmod(0o640)
    write(file, b"two")
    assert read(file) == b"two"
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.ini").write_bytes(b"one")
    (tmp_path / "link.ini").symlink_to("real.ini")
    write(tmp_path / "link.ini", b"two")
    assert (tmp_path / "link.ini").is_symlink()
    assert (tmp_path / "real.ini").read_bytes() == b"two"


def test_read_only_files_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.ini"
    file.write_bytes(b"")
    file.chmod(0o444)
    with pytest.raises(ProjectError, match="source control"):
        require_writable(file)
    file.chmod(0o644)
    require_writable(file)
    require_writable(tmp_path / "missing.ini")
    assert read(tmp_path / "missing.ini") is None
