"""`doctor`: the links between this program and an editor, tried one after the other up to the first broken one.

A check returns a finding or raises; nothing is changed, neither in the project nor in the editor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from unrealsynth.errors import UnrealSynthError

State = Literal["ok", "warning", "failed"]
FILES_CODE = 2
EDITOR_CODE = 3


@dataclass(frozen=True)
class Finding:
    """What a check found: one sentence or two, the fix if there is something to fix, and what was read."""

    state: State
    detail: str
    fix: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A link of the chain. `exit_code` is the command's when it is broken."""

    name: str
    run: Callable[[], Finding]
    exit_code: int = EDITOR_CODE
    fix: str = ""
    """For an error that does not say what to do."""


@dataclass(frozen=True)
class Diagnosis:
    """The findings up to the first failure, and the names of the checks after it."""

    findings: tuple[tuple[str, Finding], ...]
    not_reached: tuple[str, ...]
    exit_code: int

    @property
    def is_healthy(self) -> bool:
        return self.exit_code == 0

    def as_json(self) -> dict[str, object]:
        return {
            "ok": self.is_healthy,
            "exit_code": self.exit_code,
            "checks": [{"check": name, **asdict(finding)} for name, finding in self.findings],
            "not_reached": list(self.not_reached),
        }

    def as_text(self) -> str:
        lines = []
        width = max(len(name) for name, _ in self.findings)
        for name, finding in self.findings:
            lines.append(f"{finding.state:<8}{name:<{width}}  {finding.detail}")
            lines += [f"{'':<8}{'':<{width}}  {key} = {value}" for key, value in finding.facts.items()]
            lines += [f"{'':<8}{'':<{width}}  Fix: {finding.fix}"] if finding.fix else []
        if self.not_reached:
            lines.append(f"Not tried: {', '.join(self.not_reached)}.")
        return "\n".join(lines)


def diagnose(checks: Sequence[Check]) -> Diagnosis:
    """Runs the checks in order; stops at the first that fails."""
    findings: list[tuple[str, Finding]] = []
    for index, check in enumerate(checks):
        try:
            finding = check.run()
        except UnrealSynthError as error:
            finding = Finding("failed", str(error), check.fix)
        findings.append((check.name, finding))
        if finding.state == "failed":
            later = tuple(other.name for other in checks[index + 1 :])
            return Diagnosis(tuple(findings), later, check.exit_code)
    return Diagnosis(tuple(findings), (), 0)


def examine(project: Path | None, patience_s: float = 10.0) -> Diagnosis:
    """The chain of a project, or of the embedded editor. `patience_s` is how long an editor may take to answer."""
    from unrealsynth.unreal_project.editor_checks import EditorChecks, embedded_checks
    from unrealsynth.unreal_project.project_checks import ProjectChecks

    if project is None:
        return diagnose(embedded_checks())
    files = ProjectChecks(project)
    with EditorChecks(files, patience_s) as editor:
        return diagnose([*files.checks(), *editor.checks()])
