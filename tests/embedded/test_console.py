"""The three ways of executing a command, as Unreal has them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from unrealsynth.embedded.console import CommandResult, Console, ExecMode, OutputLine

EVALUATE, STATEMENT, FILE = ExecMode.EVALUATE, ExecMode.STATEMENT, ExecMode.FILE


class Editor:
    """A console over a module `unreal` that logs into it."""

    def __init__(self) -> None:
        self.unattended = False
        unreal = ModuleType("unreal")
        self.console = Console(unreal, self)
        unreal.log = lambda text: self.console.log("Info", text)
        unreal.log_warning = lambda text: self.console.log("Warning", text)
        unreal.log_error = lambda text: self.console.log("Error", text)
        unreal.editor = self

    def run(self, command: str, mode: ExecMode = EVALUATE, unattended: bool = True) -> CommandResult:
        return self.console.execute(command, mode, unattended)


@pytest.fixture
def editor() -> Editor:
    return Editor()


@pytest.mark.parametrize(
    ("mode", "command", "result"),
    [
        (EVALUATE, "1 + 1", "2"),
        (EVALUATE, "'é' * 2", "'éé'"),  # The repr, quotes included.
        (EVALUATE, "unreal.__name__", "'unreal'"),
        (EVALUATE, "__name__", "'__main__'"),
        (STATEMENT, "x = 5", "None"),
        (FILE, "a = 1\nb = 2\n", "None"),
    ],
)
def test_a_success_reports_a_repr(editor: Editor, mode: ExecMode, command: str, result: str) -> None:
    assert editor.run(command, mode) == CommandResult(success=True, result=result)


@pytest.mark.parametrize(
    ("mode", "command", "last_line"),
    [
        (EVALUATE, "1 / 0", "ZeroDivisionError: division by zero"),
        (EVALUATE, "x = 1", "SyntaxError: invalid syntax"),  # Not an expression.
        (EVALUATE, "exit(3)", "SystemExit: 3"),  # Ends the command, not the editor.
        (EVALUATE, "(_ for _ in ()).throw(KeyboardInterrupt)", "KeyboardInterrupt"),
        (EVALUATE, "type('X', (), {'__repr__': lambda self: 1})()", "TypeError: __repr__ returned non-string"),
        (STATEMENT, "a = 1\nb = 2", "SyntaxError: multiple statements found"),
        (FILE, "raise ValueError('no')", "ValueError: no"),
    ],
)
def test_a_failure_reports_the_traceback(editor: Editor, mode: ExecMode, command: str, last_line: str) -> None:
    result = editor.run(command, mode)
    assert not result.success
    assert result.result.strip().splitlines()[-1].startswith(last_line)
    assert "console.py" not in result.result
    assert result.output == ()  # Unreal stops capturing before it logs a failure.


def test_statements_share_their_globals(editor: Editor) -> None:
    editor.run("import math\nradius = 2", FILE)
    editor.run("radius += 1", STATEMENT)
    assert editor.run("math.floor(radius)").result == "3"


def test_code_is_compiled_without_the_consoles_own_future_imports(editor: Editor) -> None:
    editor.run("def f(a: int): pass", FILE)
    assert editor.run("f.__annotations__['a']").result == "<class 'int'>"


def test_a_single_statement_prints_its_value(editor: Editor) -> None:
    result = editor.run("6 * 7", STATEMENT)
    assert (result.result, result.output) == ("None", (OutputLine("Info", "42"),))


def test_output_holds_what_was_logged_line_by_line(editor: Editor) -> None:
    script = """
import sys
print("one", "two")
print("three\\nfour\\n\\n   ")
unreal.log("info")
unreal.log_warning("warning")
unreal.log_error("error")
print("to stderr", file=sys.stderr)
print("no line end", end="")
"""
    assert [(line.type, line.output) for line in editor.run(script, FILE).output] == [
        ("Info", "one two"),
        ("Info", "three"),
        ("Info", "four"),  # Blank lines are not logged.
        ("Info", "info"),
        ("Warning", "warning"),
        ("Error", "error"),
        ("Error", "to stderr"),
        ("Info", "no line end"),
    ]


def test_output_holds_nothing_of_before_and_after(editor: Editor) -> None:
    editor.console.log("Info", "before")
    assert editor.run("print('during')").output == (OutputLine("Info", "during"),)
    editor.console.log("Info", "after")
    assert editor.run("0").output == ()


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("asked", [False, True])
def test_unattended_holds_for_the_call(editor: Editor, before: bool, asked: bool) -> None:
    editor.unattended = before
    assert editor.run("unreal.editor.unattended", unattended=asked).result == str(before or asked)
    editor.run("1 / 0", unattended=asked)
    assert editor.unattended is before


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "tools" / "report.py"
    path.parent.mkdir()
    path.write_text("# über\nimport sys\nprint(__name__, __file__, sys.argv)\nleft_behind = 1\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("{path}", []),
        ("  {path}  ", []),
        ('"{path}"', []),
        ('"{path}" -n 3', ["-n", "3"]),
        ('{path} "a b" c', ["a b", "c"]),
        ("{path}\nand more", ["and", "more"]),
    ],
)
def test_a_script_runs_with_its_arguments(editor: Editor, script: Path, command: str, arguments: list[str]) -> None:
    argv = list(sys.argv)
    result = editor.run(command.format(path=script), FILE)
    assert result.success, result.result
    assert [line.output for line in result.output] == [f"__main__ {script} {[str(script), *arguments]}"]
    assert sys.argv == argv


def test_a_script_has_globals_of_its_own(editor: Editor, script: Path) -> None:
    editor.run("mine = 1", STATEMENT)
    editor.run(str(script), FILE)
    assert editor.run("'left_behind' in globals() or '__file__' in globals()").result == "False"
    script.write_text("print('mine' in globals(), 'unreal' in globals())", encoding="utf-8")
    assert editor.run(str(script), FILE).output == (OutputLine("Info", "False False"),)


def test_a_script_is_looked_for_in_the_working_folder_and_on_the_module_path(
    editor: Editor, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not editor.run("tools/report.py", FILE).success
    monkeypatch.syspath_prepend(str(script.parent))
    assert editor.run("report.py", FILE).success
    monkeypatch.chdir(script.parents[1])
    assert editor.run("tools/report.py", FILE).success


@pytest.mark.parametrize(
    ("code", "is_taken_for_a_file"),
    [
        ("print(1)  # see foo.py for more", True),  # The trap.
        ("# foo.py\nprint(1)", True),
        ("print('foo.py')", False),  # A quote follows, but the text does not start with one.
        ("print(1)  # foo.pyc and bar.py for more", False),  # Only the first ".py" counts.
        ("print(1)  # " + 5000 * "x" + ".py", True),  # Too long for a file name.
    ],
)
def test_code_that_mentions_a_script_is_taken_for_one(editor: Editor, code: str, is_taken_for_a_file: bool) -> None:
    result = editor.run(code, FILE)
    assert result.success is not is_taken_for_a_file
    assert ("Could not load Python file" in result.result) is is_taken_for_a_file


def test_an_init_script_runs_in_the_shared_globals(
    editor: Editor, script: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with editor.console.redirected_streams():
        editor.console.run_init_script(script)
    assert editor.run("left_behind").result == "1"
    assert editor.run("'__file__' in globals()").result == "False"
    script.write_text("nonsense", encoding="utf-8")
    editor.console.run_init_script(script)
    assert "NameError" in caplog.text


def test_streams_lead_to_the_log_between_commands(editor: Editor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with editor.console.redirected_streams():
        print("from a callback")
    assert "from a callback" in caplog.text
    assert editor.run("0").output == ()
