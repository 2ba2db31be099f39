"""Everything UnrealSynth raises for its user, as one tree; each message is a whole sentence.

    UnrealSynthError            1
    ├── RecipeError             2   recipe, map or command line
    ├── ModelError              2   a GLB or a texture
    ├── ProjectError            2   the files of an Unreal project
    ├── EditorError             3   no editor, or it failed
    │   ├── EditorTimeoutError      it did not answer in time
    │   └── EditorLostError         it closed the connection or died
    ├── DataSetError            4   the data set on disk
    ├── SelfCheckError          5   the labels do not agree with the pixels
    └── InterruptedRunError   130   Ctrl-C

The numbers are the exit codes of the command line. Catch `UnrealSynthError` to catch all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class UnrealSynthError(Exception):
    """Base of all; the message says what failed, where, what was found, what was wanted and what to do."""

    exit_code = 1


@dataclass(frozen=True)
class Problem:
    """One mistake in a file: its key path (`objects.count`), and a sentence about it."""

    where: str
    message: str
    line: int = 0
    """Line of the file, from 1; 0 when it is not known."""

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        place = f"{self.where} ({line})" if self.where and line else self.where or line
        return f"{place}: {self.message}" if place else self.message


class RecipeError(UnrealSynthError):
    """A recipe, a map or an option is wrong. `problems` holds every mistake found, not only the first."""

    exit_code = 2

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        lines = [message, *(f"  {problem}" for problem in problems)]
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


class ModelError(UnrealSynthError):
    """A model or texture file cannot be used."""

    exit_code = 2


class ProjectError(UnrealSynthError):
    """A file of an Unreal project cannot be read, edited or written."""

    exit_code = 2


class EditorError(UnrealSynthError):
    """No usable editor, or the editor reports a failure."""

    exit_code = 3


class EditorTimeoutError(EditorError):
    """The editor did not answer within the time given."""


class EditorLostError(EditorError):
    """The editor closed the connection, or its process ended."""


class DataSetError(UnrealSynthError):
    """The data set on disk cannot be read, written or gone on with."""

    exit_code = 4


class SelfCheckError(UnrealSynthError):
    """Projected boxes and measured boxes disagree: the labels cannot be trusted."""

    exit_code = 5


class InterruptedRunError(UnrealSynthError):
    """The user stopped the run; what is finished is on disk."""

    exit_code = 130
