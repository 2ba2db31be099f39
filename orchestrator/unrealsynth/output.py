"""How a command talks: results on stdout, everything else on stderr, one exit code for each kind of error."""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from unrealsynth.errors import InterruptedRunError, UnrealSynthError

_BUG_NOTE = (
    "This is a bug in UnrealSynth: {kind}: {error}. Run the command again with --debug and report what it prints."
)


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
    # Windows consoles may not know every letter of a path.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    output = Output(as_json=as_json)
    try:
        yield output
    except UnrealSynthError as error:
        _fail(output, str(error), error.exit_code, debug=debug)
    except KeyboardInterrupt:
        _fail(output, "Stopped.", InterruptedRunError.exit_code, debug=False)
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        _fail(output, _BUG_NOTE.format(kind=type(error).__name__, error=error), 1, debug=debug)


def _fail(output: Output, message: str, exit_code: int, *, debug: bool) -> None:
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
