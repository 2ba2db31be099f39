"""Project files: the smallest edit of a JSON text, and taking it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrealsynth.errors import ProjectError
from unrealsynth.unreal_project.uproject import PluginEdit, enable, is_enabled, parse, take_back

FILE = Path("My Project.uproject")
TABS = '{\n\t"FileVersion": 3,\n\t"Plugins": [\n\t\t{\n\t\t\t"Name": "Water",\n\t\t\t"Enabled": true\n\t\t}\n\t]\n}\n'


def indented(text: str) -> str:
    """Dots are blanks, bars line ends of Windows."""
    return text.replace(".", " ").replace("|", "\r\n").replace("'", '"')


def enabled(text: str, *plugins: str) -> tuple[str, list[PluginEdit]]:
    edits = []
    for plugin in plugins:
        text, edit = enable(text, plugin)
        edits += [edit] if edit is not None else []
    return text, edits


def undone(text: str, edits: list[PluginEdit]) -> str:
    for edit in reversed(edits):
        taken = take_back(text, edit)
        assert taken is not None, edit
        text = taken
    return text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Unreal's own style: tabs, one member a line.
        (
            TABS,
            TABS.replace(
                "true\n\t\t}\n", 'true\n\t\t},\n\t\t{\n\t\t\t"Name": "Synth",\n\t\t\t"Enabled": true\n\t\t}\n'
            ),
        ),
        # No list yet; four blanks and CRLF.
        (
            '{\r\n    "FileVersion": 3\r\n}',
            indented(
                "{|....'FileVersion': 3,|....'Plugins': [|........{|............'Name': 'Synth',|"
                "............'Enabled': true|........}|....]|}"
            ),
        ),
        # All on one line.
        ('{"FileVersion":3,"Plugins":[]}', '{"FileVersion":3,"Plugins":[ { "Name": "Synth", "Enabled": true } ]}'),
        # Switched off.
        ('{"Plugins":[{"Name":"synth", "Enabled" : false}]}', '{"Plugins":[{"Name":"synth", "Enabled" : true}]}'),
        # Named, but not said whether it is on.
        ('{"Plugins":[{"Name":"Synth"}]}', '{"Plugins":[{"Name":"Synth","Enabled": true}]}'),
        # On already, with a platform list of the user's.
        (
            '{"Plugins":[{"Name":"Synth","Enabled":true,"TargetAllowList":["Editor"]}]}',
            '{"Plugins":[{"Name":"Synth","Enabled":true,"TargetAllowList":["Editor"]}]}',
        ),
    ],
)
def test_the_smallest_edit(before: str, after: str) -> None:
    text, edits = enabled(before, "Synth")
    assert text == after
    assert is_enabled(parse(text, FILE), "Synth") is True
    assert undone(text, edits) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n"a": 1,\n}', r"line [23], column \d+"),  # a trailing comma
        ('{\n// mine\n"a": 1}', "line 2, column 1"),
        ("", "not plain JSON"),
        ("[]", "not a project file"),
        ('{"Plugins": {}}', "not a list of objects"),
        ('{"Plugins": ["Water"]}', "not a list of objects"),
        ('{"Plugins": [], "Plugins": []}', "more than once"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(text: str, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        parse(text, FILE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('abN"\\é', max_size=4), inner, max_size=3),
    max_leaves=8,
)
ENTRY = st.fixed_dictionaries(
    {"Name": st.sampled_from(["Water", "One", "two", "Three"])},
    optional={"Enabled": st.booleans(), "SupportedTargetPlatforms": st.just(["Win64"]), "x": JSON},
)
PROJECT = st.fixed_dictionaries(
    {}, optional={"FileVersion": st.just(3), "é": JSON, "Plugins": st.lists(ENTRY, max_size=3), "z": JSON}
)


@given(PROJECT, st.sampled_from([None, 0, 1, 4, "\t"]), st.booleans(), st.booleans())
def test_any_project_is_edited_and_put_back(
    data: dict[str, Any], indent: int | str | None, compact: bool, ascii_only: bool
) -> None:
    separators = (",", ":") if compact else None
    before = json.dumps(data, indent=indent, separators=separators, ensure_ascii=ascii_only)
    text, edits = enabled(before, "One", "Two", "Three")
    now = parse(text, FILE)
    for plugin in ("One", "Two", "Three"):
        assert is_enabled(now, plugin) is True
    assert enabled(text, "One", "Two", "Three") == (text, [])
    # Nothing else has changed: what is left after our entries is what was there.
    untouched = {key: value for key, value in now.items() if key != "Plugins"}
    assert untouched == {key: value for key, value in data.items() if key != "Plugins"}
    assert undone(text, edits) == before


def test_written_anew_by_the_editor_in_between() -> None:
    """The editor writes the whole file when a plugin is switched in its window: what is left has their formatting."""
    text, edits = enabled('{"Plugins":[]}', "One", "Two")
    theirs = parse(text, FILE)
    theirs["Plugins"].insert(1, {"Name": "Water", "Enabled": True})  # type: ignore[index]
    anew = json.dumps(theirs, indent="\t")
    back = undone(anew, edits)
    assert json.loads(back) == {"Plugins": [{"Name": "Water", "Enabled": True}]}


def test_an_entry_that_the_user_extended_stays() -> None:
    text, edits = enabled('{"Plugins":[]}', "One")
    extended = text.replace('"Enabled": true', '"Enabled": true, "TargetAllowList": ["Editor"]')
    assert take_back(extended, edits[0]) is None
