"""Shader programs, compiled once per set of features; the sources lie in `shaders/`."""

from __future__ import annotations

from pathlib import Path

import moderngl

_SHADERS = Path(__file__).parent / "shaders"
_VERSION = "#version 330 core\n"


class Programs:
    """Programs of one context by (vertex file, fragment file, defines).

    A line `#include "name.glsl"` is replaced by that file. Every uniform block of a name is bound to one place.
    """

    def __init__(self, context: moderngl.Context, block_bindings: dict[str, int], units: dict[str, int]) -> None:
        self._context = context
        self._bindings = block_bindings
        self._units = units
        self._programs: dict[tuple[str, str, frozenset[str]], moderngl.Program] = {}

    def get(self, vertex: str, fragment: str, defines: frozenset[str] = frozenset()) -> moderngl.Program:
        """The linked program; samplers named in `units` are bound to those texture units."""
        key = (vertex, fragment, defines)
        program = self._programs.get(key)
        if program is None:
            head = _VERSION + "".join(f"#define {name} 1\n" for name in sorted(defines))
            program = self._context.program(
                vertex_shader=head + _source(vertex), fragment_shader=head + _source(fragment)
            )
            for name in program:
                member = program[name]
                if isinstance(member, moderngl.UniformBlock):
                    member.binding = self._bindings[name]
                elif isinstance(member, moderngl.Uniform) and name in self._units:
                    member.value = self._units[name]
            self._programs[key] = program
        return program


def write_uniform(program: moderngl.Program, name: str, data: bytes) -> None:
    """Sets a uniform from its bytes, where the program has it; of an array the compiler may have kept the head only."""
    member = program.get(name, None)
    if isinstance(member, moderngl.Uniform):
        member.write(data[: 4 * member.dimension * member.array_length])


def _source(name: str) -> str:
    lines = []
    for line in (_SHADERS / name).read_text(encoding="utf-8").splitlines():
        included = line.removeprefix('#include "')
        lines.append(_source(included.rstrip('"')) if included != line else line)
    return "\n".join(lines) + "\n"
