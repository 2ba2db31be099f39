"""Unreal's Python console: the three ways in which a command is executed, and what Python logged meanwhile.

Commands share one set of globals for the life of the editor; a script file gets a copy of a clean set. Whatever a
command raises ends up in its result and never in the editor.
"""

from __future__ import annotations

import builtins
import enum
import io
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal, Protocol

_log = logging.getLogger("LogPython")

_SUFFIX = ".py"
_ARGUMENT = re.compile(r'"([^"]*)"|(\S+)')


class ExecMode(str, enum.Enum):
    """The protocol's names."""

    FILE = "ExecuteFile"
    STATEMENT = "ExecuteStatement"
    EVALUATE = "EvaluateStatement"


Severity = Literal["Info", "Warning", "Error"]
"""The protocol's names."""


@dataclass(frozen=True)
class OutputLine:
    """One line that Python logged."""

    type: Severity
    output: str


@dataclass(frozen=True)
class CommandResult:
    """`result` is the value's repr ("None" for statements and files), or the traceback of a failure."""

    success: bool
    result: str
    output: tuple[OutputLine, ...] = ()


class Attended(Protocol):
    """Whoever shows dialogs: it has to ask `unattended` first."""

    unattended: bool


class Console:
    """Executes commands with the module `unreal` at hand; `editor.unattended` is set while one asks for it."""

    def __init__(self, unreal: ModuleType, editor: Attended) -> None:
        self._editor = editor
        self._clean: dict[str, object] = {"__name__": "__main__", "__builtins__": builtins, "__doc__": None}
        self._public = {**self._clean, "unreal": unreal}
        self._captured: list[OutputLine] | None = None
        self._stdout = _LineWriter(lambda line: self.log("Info", line))
        self._stderr = _LineWriter(lambda line: self.log("Error", line))

    def log(self, severity: Severity, text: str) -> None:
        """Log a message of Python; blank ones are dropped, as in Unreal."""
        if not text.strip():
            return
        levels = {"Info": logging.INFO, "Warning": logging.WARNING, "Error": logging.ERROR}
        _log.log(levels[severity], "%s", text)
        if self._captured is not None:
            self._captured.append(OutputLine(severity, text))

    @contextmanager
    def redirected_streams(self) -> Iterator[None]:
        """Within, `sys.stdout` and `sys.stderr` lead to the log."""
        with redirect_stdout(self._stdout), redirect_stderr(self._stderr):
            yield

    def execute(self, command: str, mode: ExecMode, unattended: bool) -> CommandResult:
        """Execute a command of remote execution."""
        attended_before = self._editor.unattended
        self._editor.unattended = attended_before or unattended
        captured: list[OutputLine] = []
        self._captured = captured
        try:
            with self.redirected_streams():
                result = self._execute(command, mode)
                self._stdout.end_line()
                self._stderr.end_line()
        finally:
            self._captured = None
            self._editor.unattended = attended_before
        # Unreal stops capturing before it logs a failure: the traceback is in the result only.
        if not result.success:
            self.log("Error", result.result)
        return CommandResult(result.success, result.result, tuple(captured))

    def run_init_script(self, path: Path) -> None:
        """Run a plugin's `init_unreal.py` in the shared globals; a failure is logged."""
        self._public["__file__"] = str(path)
        result = self._attempt(lambda: _run(path.read_bytes(), str(path), "exec", self._public))
        self._public.pop("__file__", None)
        if not result.success:
            self.log("Error", result.result)

    def _execute(self, command: str, mode: ExecMode) -> CommandResult:
        if mode is ExecMode.EVALUATE:
            return self._attempt(lambda: _run(command, "<string>", "eval", self._public))
        if mode is ExecMode.STATEMENT:
            return self._attempt(lambda: _run(command, "<string>", "single", self._public))
        script = _script_and_arguments(command)
        if script is None:
            return self._attempt(lambda: _run(command, "<string>", "exec", self._public))
        name, arguments = script
        path = _find_script(name)
        if path is None:
            return CommandResult(success=False, result=f"Could not load Python file '{name}'.")
        return self._attempt(lambda: self._run_script(path, [name, *arguments]))

    def _run_script(self, path: Path, argv: Sequence[str]) -> object:
        argv_before = sys.argv
        sys.argv = list(argv)
        try:
            return _run(path.read_bytes(), str(path), "exec", {**self._clean, "__file__": str(path)})
        finally:
            sys.argv = argv_before

    @staticmethod
    def _attempt(action: Callable[[], object]) -> CommandResult:
        try:
            return CommandResult(success=True, result=repr(action()))
        except BaseException as error:  # SystemExit too: a command must not end the editor.
            trace = error.__traceback__
            while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
                trace = trace.tb_next
            text = "".join(traceback.format_exception(type(error), error, trace))
            return CommandResult(success=False, result=text)


def _run(source: str | bytes, filename: str, mode: str, scope: dict[str, object]) -> object:
    return eval(compile(source, filename, mode, dont_inherit=True), scope)


def _script_and_arguments(command: str) -> tuple[str, list[str]] | None:
    """Unreal's guess whether the text names a file: it does if its first ".py" ends a word.

    Code that mentions a script in a comment is mistaken for one, here as there.
    """
    text = command.strip()
    quoted = text.startswith('"')
    end = text.lower().find(_SUFFIX) + len(_SUFFIX)
    if end < len(_SUFFIX):
        return None
    following = text[end : end + 1]
    if not (following == "" or following.isspace() or (quoted and following == '"')):
        return None
    arguments = text[end:].removeprefix('"') if quoted else text[end:]
    return text[quoted:end], [quoted_word or word for quoted_word, word in _ARGUMENT.findall(arguments)]


def _find_script(name: str) -> Path | None:
    folders = [Path.cwd(), *map(Path, sys.path)]
    try:
        return next((path for folder in folders if (path := folder / name).is_file()), None)
    except OSError:  # Code taken for a name can be too long for one.
        return None


class _LineWriter(io.TextIOBase):
    """A text stream that hands over each line as it ends."""

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self._write_line = write_line
        self._line = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._write_line(line)
        return len(text)

    def end_line(self) -> None:
        if self._line:
            self.write("\n")
