"""Small pieces of HTML. Everything that comes from a data set passes through `text`, so a class name stays a name."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from unrealsynth.report.coverage import Table


def text(value: object) -> str:
    """A value as text that cannot be markup; control characters become visible."""
    plain = "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in str(value))
    return html.escape(plain, quote=True)


def section(title: str, *parts: str) -> str:
    """A part of the page under a heading."""
    return f"<section><h2>{text(title)}</h2>{''.join(parts)}</section>"


def card(title: str, *parts: str, kind: str = "") -> str:
    """A framed part with a title."""
    return f'<div class="card {kind}"><h3>{text(title)}</h3>{"".join(parts)}</div>'


def grid(*cards: str, kind: str = "") -> str:
    """Cards beside each other."""
    return f'<div class="grid {kind}">{"".join(cards)}</div>'


def columns(*columns: Sequence[str]) -> str:
    """Cards below each other, in columns."""
    return grid(*(f'<div class="column">{"".join(cards)}</div>' for cards in columns))


def paragraph(words: object, kind: str = "faint") -> str:
    return f'<p class="{kind}">{text(words)}</p>'


def with_code(words: str) -> str:
    """Text in which what stands between backticks is code."""
    parts = words.split("`")
    return "".join(f"<code>{text(part)}</code>" if i % 2 else text(part) for i, part in enumerate(parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str, numbers: Iterable[int] = ()) -> str:
    """A table; cells are HTML already, the first of a row names it. Columns in `numbers` are right-aligned."""
    right = set(numbers)
    kinds = [' class="n"' if i in right else "" for i in range(len(head))]
    heads = "".join(f'<th scope="col"{kind}>{text(word)}</th>' for word, kind in zip(head, kinds, strict=True))
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row[1:], kinds[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    header = f"<thead><tr>{heads}</tr></thead>"
    return f'<div class="scroll"><table aria-label="{text(caption)}">{header}<tbody>{body}</tbody></table></div>'


def heat_table(found: Table) -> str:
    """Counts shaded by their share of the row; cells that are empty though they should not be are framed."""
    expected = found.expected
    holes = {(row, column) for row, column, _ in found.empty}
    top = max(float((found.counts / found.counts.sum(axis=1, keepdims=True).clip(min=1)).max()), 1e-9)
    heads = "".join(f'<th scope="col">{text(name)}</th>' for name in found.columns)
    rows = []
    for i, name in enumerate(found.rows):
        total = max(int(found.counts[i].sum()), 1)
        cells = []
        for j, column in enumerate(found.columns):
            count = int(found.counts[i, j])
            if (name, column) in holes:
                cells.append(f'<td class="hole" title="about {expected[i, j]:.0f} were to be expected">0</td>')
            else:
                cells.append(f'<td style="--share:{count / total / top:.2f}">{count}</td>')
        rows.append(f'<tr><th scope="row" title="{text(name)}">{text(shortened(name))}</th>{"".join(cells)}</tr>')
    header = f"<thead><tr><td></td>{heads}</tr></thead>"
    label = text(found.title)
    body = f"<tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table class="heat" aria-label="{label}">{header}{body}</table></div>'


def folded(summary: str, *parts: str) -> str:
    """What is there for those who ask."""
    return f"<details><summary>{text(summary)}</summary>{''.join(parts)}</details>"


def shortened(name: str, most: int = 28) -> str:
    """A name that fits beside a table or a bar."""
    return name if len(name) <= most else name[: most - 1] + "…"


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
