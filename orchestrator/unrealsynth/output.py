"""How a command talks: results on stdout, everything else on stderr, one exit code for each kind of error."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from unrealsynth.errors import InterruptedRunError, RecipeError, UnrealSynthError

_BUG_NOTE = (
    "This is a bug in UnrealSynth: {kind}: {error}. Run the command again with --debug and report what it prints."
)
_SAME_CTRL_C_S = 0.5
"""A program that runs this one may pass on a Ctrl-C that the terminal has sent to both."""
_CommandLineError: type[Exception] = typer.BadParameter.__mro__[2]
"""Click's ClickException; some versions of typer bring a click of their own."""


class Output:
    """Where one command's words go."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, data: Mapping[str, object], text: str) -> None:
        """The command's answer: one JSON object, or text for people."""
        sys.stdout.write((json.dumps(data, default=_plain, ensure_ascii=False) if self.as_json else text) + "\n")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Something to know along the way."""
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


@contextlib.contextmanager
def command_output(*, as_json: bool, debug: bool) -> Iterator[Output]:
    """Runs a command's body; turns what it raises into a sentence on stderr and the exit code of its kind."""
    output = Output(as_json=as_json)
    try:
        yield output
    except UnrealSynthError as error:
        _fail(output, str(error), error.exit_code, debug=debug)
    except KeyboardInterrupt:
        _fail(output, "Stopped.", InterruptedRunError.exit_code, debug=False)
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except Exception as error:
        _fail(output, _BUG_NOTE.format(kind=type(error).__name__, error=error), 1, debug=debug)


def run_command(app: Callable[..., object]) -> NoReturn:
    """Runs the command that the command line names, and ends the process with its exit code.

    Ctrl-C and SIGTERM end a command in good order, a second one ends the process at once.
    """
    # Windows consoles may not know every letter of a path.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    _stop_on_signals()
    try:
        code = app(standalone_mode=False)
    except _CommandLineError as error:
        code = _wrong_command_line(error)
    except (KeyboardInterrupt, typer.Abort):
        code = InterruptedRunError.exit_code
    except BrokenPipeError:
        # Whoever read our output has enough.
        os._exit(1)
    code = code if isinstance(code, int) else 0
    sys.stdout.flush()
    sys.stderr.flush()
    if code == InterruptedRunError.exit_code:
        # All is put away; threads that still measure models would only hold the user up.
        os._exit(code)
    sys.exit(code)


def _stop_on_signals() -> None:
    first_s: float | None = None

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal first_s
        if first_s is None:
            first_s = time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - first_s > _SAME_CTRL_C_S:
            os._exit(InterruptedRunError.exit_code)

    for number in (signal.SIGINT, signal.SIGTERM):
        # What a shell starts in the background does not hear Ctrl-C.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


def _wrong_command_line(error: Exception) -> int:
    """Says what is wrong as click does, also as JSON where that was asked for."""
    error.show()  # type: ignore[attr-defined]
    if "--json" in sys.argv[1:]:
        message = error.format_message()  # type: ignore[attr-defined]
        Output(as_json=True).result({"ok": False, "exit_code": RecipeError.exit_code, "error": message}, "")
    return RecipeError.exit_code


def _fail(output: Output, message: str, exit_code: int, *, debug: bool) -> NoReturn:
    if debug:
        output.note(traceback.format_exc())
    output.note(f"unrealsynth: {message}")
    if output.as_json:
        output.result({"ok": False, "exit_code": exit_code, "error": message}, "")
    raise typer.Exit(exit_code)


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def quoted(path: Path) -> str:
    """A path as it is typed into a shell."""
    return f'"{path}"' if " " in str(path) else str(path)
