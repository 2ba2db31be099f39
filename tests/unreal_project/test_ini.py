"""Unreal's ini files: reading as the engine merges them, the smallest edit, and taking it back byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth.unreal_project.ini import IniEdit, pairs_of, set_value, take_back, value_of, values_of

SECTION = "/Script/Engine.RendererSettings"
KEY = "r.CustomDepth"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", None),
        (f"[{SECTION}]\n{KEY}=3\n", "3"),
        (f"[{SECTION}]\r\n{KEY} = 3 \r\n", "3"),  # spaces around the sign and at the end
        (f'[{SECTION}]\n{KEY}="3"\n', "3"),
        (f"[{SECTION.upper()}]\n{KEY.lower()}=3", "3"),  # names are blind to case; no line end
        (f"[Other]\n{KEY}=3\n", None),
        (f"{KEY}=3\n[{SECTION}]\n", None),  # before any section
        (f"[{SECTION}]\n;{KEY}=3\n", None),
        (f"[{SECTION}]\n{KEY}=1\n[Other]\n{KEY}=2\n[{SECTION}]\n{KEY}=3\n", "3"),  # split section, last word
        (f"[{SECTION}]\n{KEY}=3\n!{KEY}=ClearArray\n", None),
        (f"[{SECTION}]\n+{KEY}=3\n-{KEY}=3\n", None),
        (f"[{SECTION}]\n+{KEY}=1\n.{KEY}=3\n", "3"),
        (f"[{SECTION}]\nPath=C:\\Here\\\n{KEY}=3\n", None),  # a backslash joins the line below
        (f"[{SECTION}]\rr.X=1\r{KEY}=3\r", "3"),  # line ends of old Macs
        (f"[{SECTION}]\nA=\x0b{KEY}=3\n", None),  # no line ends but these
    ],
)
def test_value(text: str, wanted: str | None) -> None:
    assert value_of(text, SECTION, KEY) == wanted


def test_lists() -> None:
    text = "[S]\nF=0\n+F=1\n+F=2\n-F=1\n[T]\nF=9\n[S]\n.F=2\n"
    assert values_of(text, "S", "F") == ("0", "2", "2")
    assert values_of(text + "[s]\n!F=ClearArray\n+F=5", "S", "F") == ("5",)
    assert pairs_of("[Installations]\n{AB}=/opt/Unreal Engine\n;x=y\n+l=1\n[S]\na=b", "Installations") == (
        ("{AB}", "/opt/Unreal Engine"),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[{SECTION}]\n{KEY}=3\n"),
        ("[A]\nx=1", f"[A]\nx=1\n\n[{SECTION}]\n{KEY}=3\n"),  # the last line had no end
        ("[A]\r\nx=1\r\n\r\n", f"[A]\r\nx=1\r\n\r\n[{SECTION}]\r\n{KEY}=3\r\n"),  # an empty line is there
        (f"[{SECTION}]\n\n[B]\n", f"[{SECTION}]\n{KEY}=3\n\n[B]\n"),  # an empty section
        (f"[{SECTION}]\na=1\n; why\n\n\n[B]\nb=1\n", f"[{SECTION}]\na=1\n; why\n{KEY}=3\n\n\n[B]\nb=1\n"),
        (f"[{SECTION}]\n[B]\n[{SECTION}]\nb=1", f"[{SECTION}]\n[B]\n[{SECTION}]\nb=1\n{KEY}=3\n"),  # its last part
        (f"[{SECTION}]\n  {KEY} = 1  \nb=2\n", f"[{SECTION}]\n  {KEY} = 3  \nb=2\n"),
        (f"[{SECTION}]\n{KEY}=3\n{KEY}=1\n", f"[{SECTION}]\n{KEY}=3\n{KEY}=3\n"),  # only the one that counts
        (f"[{SECTION}]\n+{KEY}=1\n", f"[{SECTION}]\n+{KEY}=1\n!{KEY}=ClearArray\n{KEY}=3\n"),
        (f"[{SECTION}]\na=\\\n\n[B]\n", f"[{SECTION}]\na=\\\n\n{KEY}=3\n[B]\n"),  # not joined to a line above
        (f"[{SECTION}]\n{KEY}=1\\\n2\n", f"[{SECTION}]\n{KEY}=1\\\n2\n{KEY}=3\n"),  # a value over two lines
        (f"[{SECTION}]\n{KEY}=3", f"[{SECTION}]\n{KEY}=3"),  # nothing to do
    ],
)
def test_the_smallest_edit(before: str, after: str) -> None:
    text, edits = set_value(before, SECTION, KEY, "3")
    assert text.replace("\r\n", "\n") == after.replace("\r\n", "\n")
    assert ("\r\n" in text) == ("\r\n" in before)
    assert value_of(text, SECTION, KEY) == "3"
    assert set_value(text, SECTION, KEY, "3") == (text, ())
    assert undone(text, edits) == before


def undone(text: str, edits: tuple[IniEdit, ...]) -> str:
    for edit in reversed(edits):
        taken = take_back(text, edit)
        assert taken is not None
        text = taken
    return text


LINES = st.one_of(
    st.sampled_from(
        [
            f"[{SECTION}]",
            "[/script/engine.renderersettings] ",
            "[B]",
            f"{KEY}=1",
            f" {KEY} = 3",
            "r.customdepth=",
            f"+{KEY}=2",
            f"!{KEY}=ClearArray",
            f"-{KEY}=2",
            f";{KEY}=3",
            "Map=/Game/Höhe.Höhe",
            "",
            "  ",
            "tail\\",
            "[",
            "[]",
            "=",
            "+=",
            '"',
        ]
    ),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12),
)


@st.composite
def ini_texts(draw: st.DrawFn) -> str:
    lines = draw(st.lists(LINES, max_size=14))
    ends = [draw(st.sampled_from(["\n", "\r\n", "\n", "\r"])) for _ in lines]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return text if draw(st.booleans()) else text.rstrip("\r\n")


WANTED = [(SECTION, KEY, "3"), ("B", "Added", "True"), (SECTION, "Other", "x"), ("New", "Key", "0.0.0.0")]


def all_set(text: str) -> tuple[str, tuple[IniEdit, ...]]:
    edits: tuple[IniEdit, ...] = ()
    for section, key, value in WANTED:
        text, made = set_value(text, section, key, value)
        edits += made
    return text, edits


@given(ini_texts())
def test_any_file_is_edited_and_put_back(before: str) -> None:
    text, edits = all_set(before)
    for section, key, value in WANTED:
        assert value_of(text, section, key) == value
    assert all_set(text) == (text, ())
    assert undone(text, edits) == before


@given(st.lists(LINES.filter(lambda line: not line.endswith("\\")), min_size=1, max_size=12), st.data())
def test_a_line_added_in_between_stays_where_it_was_put(lines: list[str], data: st.DataObject) -> None:
    marked = [part for number, line in enumerate(lines) for part in (line, f"; {number}")]
    end = data.draw(st.sampled_from(["", "\n"]))
    before = "\n".join(marked) + end
    anchor = f"; {data.draw(st.integers(0, len(lines) - 1))}"
    text, edits = all_set(before)
    mine = f"{anchor}\nMine=1"
    assert undone(replace_line(text, anchor, mine), edits) == replace_line(before, anchor, mine)


def replace_line(text: str, line: str, new: str) -> str:
    return "\n".join(new if found == line else found for found in text.split("\n"))


@pytest.mark.parametrize(
    ("user", "wanted"),
    [
        # The value was changed by hand: it stays, the rest goes.
        (lambda text: text.replace("r.CustomDepth=3", "r.CustomDepth=1"), "[A]\nx=1\n\n[S]\nr.CustomDepth=1\n"),
        # Their own key below our header: the header stays for it.
        (lambda text: text + "mine=1\n", "[A]\nx=1\n\n[S]\nmine=1\n"),
        # Our line was deleted: the header goes all the same.
        (lambda text: text.replace("r.CustomDepth=3\n", ""), "[A]\nx=1\n"),
        # A section after ours.
        (lambda text: text + "[B]\ny=1\n", "[A]\nx=1\n[B]\ny=1\n"),
    ],
)
def test_what_the_user_did_in_between_is_kept(user: object, wanted: str) -> None:
    text, (edit,) = set_value("[A]\nx=1\n", "S", KEY, "3")
    edited = user(text)  # type: ignore[operator]
    back = take_back(edited, edit)
    assert (edited if back is None else back) == wanted
