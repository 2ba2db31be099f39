"""What a command prints, where, and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import typer

from unrealsynth import errors
from unrealsynth.output import command_output


def _run(body: Callable[[], None], *, as_json: bool = False, debug: bool = False) -> int:
    try:
        with command_output(as_json=as_json, debug=debug):
            body()
    except typer.Exit as end:
        return int(end.exit_code)
    return 0


def _raising(error: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RecipeError("Bad recipe."), 2),
        (errors.ModelError("Bad model."), 2),
        (errors.EditorError("No editor."), 3),
        (errors.EditorLostError("Gone."), 3),
        (errors.DataSetError("Disk full."), 4),
        (errors.SelfCheckError("Wrong boxes."), 5),
        (errors.InterruptedRunError("Stopped."), 130),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("oops"), 1),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_raising(error)) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert str(error) in printed.err


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    _run(_raising(errors.EditorError("No editor.")), debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_json_puts_one_object_on_stdout_also_for_errors(capsys: pytest.CaptureFixture[str]) -> None:
    _run(_raising(errors.RecipeError("Schlüssel fehlt.")), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"ok": False, "exit_code": 2, "error": "Schlüssel fehlt."}


def test_problems_of_a_recipe_are_listed_line_by_line() -> None:
    error = errors.RecipeError(
        "Two mistakes:", [errors.Problem("objects.count", "wanted a number."), errors.Problem("", "no classes.")]
    )
    assert str(error).splitlines() == ["Two mistakes:", "  objects.count: wanted a number.", "  no classes."]
