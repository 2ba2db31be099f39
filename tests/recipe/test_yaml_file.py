"""YAML as settings: words stay words, mistakes have lines, and no file does more than state values."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from unrealsynth.errors import RecipeError
from unrealsynth.recipe.yaml_file import read_yaml


def _write(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),  # Norway, not false
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("010", 10),  # not octal
        ("0x10", 16),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("2.", 2.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("1:30", "1:30"),  # not sixty-ninety
        ("2024-01-02", "2024-01-02"),  # not a date
        ("'12'", "12"),
        ("12 # comment", 12),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("ü", "ü"),
        ("9" * 40, float("9" * 40)),
    ],
)
def test_values(tmp_path: Path, text: str, value: object) -> None:
    data = read_yaml(_write(tmp_path, f"key: {text}\n")).data
    assert data == {"key": value}
    assert isinstance(data, dict)
    assert type(data["key"]) is type(value)


def test_not_a_number(tmp_path: Path) -> None:
    data = read_yaml(_write(tmp_path, "key: .nan\n")).data
    assert isinstance(data, dict)
    assert math.isnan(float(str(data["key"])))


def test_keys_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    file = read_yaml(_write(tmp_path, "no: 1\n1: 2\n2024-01-02: 3\n~: 4\n"))
    assert file.data == {"no": 1, "1": 2, "2024-01-02": 3, "~": 4}


@pytest.mark.parametrize("text", ["a: &x {b: 1}\nc: *x\n", "\ufeffa: {b: 1}\r\nc: {b: 1}\r\n"])
def test_aliases_marks_and_windows_lines(tmp_path: Path, text: str) -> None:
    assert read_yaml(_write(tmp_path, text)).data == {"a": {"b": 1}, "c": {"b": 1}}


def test_lines_are_known(tmp_path: Path) -> None:
    file = read_yaml(_write(tmp_path, "a:\n  b:\n    - 1\n    - c: 2\n"))
    assert file.lines == {("a",): 1, ("a", "b"): 2, ("a", "b", 0): 3, ("a", "b", 1): 4, ("a", "b", 1, "c"): 4}
    assert str(file.problem(("a", "b", 1, "c"), "is odd")) == "a.b[1].c (line 4): is odd"
    assert file.problem(("a", "missing"), "").line == 1


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("a: 1\na: 2\n", "a", "is given twice, first in line 1"),
        ("a: {b: 1, b: 2}\n", "a.b", "is given twice"),
        ("? [1]\n: 2\n", "", "a list or a block as a key"),
        ("a: !!python/object/apply:os.system [exit]\n", "a", "has the tag"),
        ("a: !secret x\n", "a", "has the tag '!secret'"),
        ("a: !!binary aGk=\n", "a", "has the tag"),
        ("a: !!set {b, c}\n", "a", "has the tag"),
    ],
)
def test_mistakes_of_form_are_collected(tmp_path: Path, text: str, key: str, message: str) -> None:
    (problem,) = read_yaml(_write(tmp_path, text)).problems
    assert problem.where == key
    assert problem.line > 0
    assert message in problem.message


def test_merge_keys_are_ordinary_keys(tmp_path: Path) -> None:
    assert read_yaml(_write(tmp_path, "a: &x {b: 1}\nc: {<<: *x}\n")).data == {"a": {"b": 1}, "c": {"<<": {"b": 1}}}


_LAUGHS = "a0: &a0 [ha, ha]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 18))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [1, 2\n", "file.yaml, line 2: this is not valid YAML"),
        ("a: b: c\n", "file.yaml, line 1: this is not valid YAML"),
        ("\tb: 1\n", "file.yaml, line 1: this is not valid YAML"),
        ("a: 1\n--- \nb: 2\n", "this is not valid YAML"),  # two documents
        ("a: *nowhere\n", "file.yaml, line 1: this is not valid YAML: found undefined alias"),
        ("a: '\0'\n", "this is not valid YAML"),
        (b"a: \xff\xfe\n", "is not UTF-8 text (byte 3)"),
        (_LAUGHS, "unfolds to more than 50,000 values"),
        ("a: &x [*x]\n", "unfolds to more than 50,000 values or 20 levels"),
        ("[" * 50_000, "nested too deeply"),
        ("a: " + "[" * 30 + "]" * 30, "20 levels"),
        ("#" * 2_000_000, "more than 1 MB"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str | bytes, fault: str) -> None:
    with pytest.raises(RecipeError) as caught:
        read_yaml(_write(tmp_path, text))
    assert fault in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"nothing\.yaml cannot be read"):
        read_yaml(tmp_path / "nothing.yaml")
