"""Which combinations a data set does not show: cells of a table that stayed empty though they were to be expected.

Pure. A cell is expected as often as its row and its column are filled (independence); it counts as empty when it has
nothing and at least `_EXPECTED` was to be expected, so that chance alone leaves one in two hundred empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

_EXPECTED = 5.3
"""Empty by chance with probability exp(-5.3) = 0.5 %."""


@dataclass(frozen=True)
class Association:
    """How far the rows of a table depend on its columns."""

    strength: float
    """Cramér's V: 0 is none, 1 complete; corrected for the size of the table (Bergsma 2013)."""
    p: float
    """Probability of so much by chance."""


@dataclass(frozen=True)
class Table:
    """How often each combination occurs."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]
    """(rows, columns)."""
    free_columns: bool = True
    """Whether columns may differ in how often they occur; otherwise all are expected equally often."""

    @property
    def expected(self) -> NDArray[np.float64]:
        """How often each cell was to be expected, (rows, columns)."""
        total = self.counts.sum()
        if total == 0:
            return np.zeros(self.counts.shape)
        shares = self.counts.sum(axis=0) / total if self.free_columns else 1.0 / len(self.columns)
        expected: NDArray[np.float64] = self.counts.sum(axis=1)[:, None] * shares * np.ones(self.counts.shape)
        return expected

    @property
    def empty(self) -> list[tuple[str, str, float]]:
        """Row, column and expected count of every cell without anything, the most expected first."""
        expected = self.expected
        places = np.argwhere((self.counts == 0) & (expected >= _EXPECTED)).tolist()
        found = [(self.rows[i], self.columns[j], float(expected[i, j])) for i, j in places]
        return sorted(found, key=lambda cell: -cell[2])

    @property
    def judged(self) -> int:
        """Cells that have something, or enough to be expected in."""
        return int(((self.counts > 0) | (self.expected >= _EXPECTED)).sum())

    @property
    def unjudged(self) -> int:
        """Empty cells of which nothing can be said yet."""
        return int(self.counts.size) - self.judged

    def association(self) -> Association | None:
        """None when the table is too small or too thinly filled to say."""
        return association(self.counts)


def table(title: str, rows: Sequence[str], columns: Sequence[str], counts: object, *, even: bool = False) -> Table:
    """A table; with `even`, every column is expected equally often."""
    return Table(title, tuple(rows), tuple(columns), np.asarray(counts, np.int64), not even)


def association(counts: NDArray[np.int64]) -> Association | None:
    """Cramér's V of a table of counts with chi²'s p; None with fewer than five expected in an average cell."""
    filled = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    rows, columns = filled.shape
    total = int(filled.sum())
    if min(rows, columns) < 2 or total < 5 * rows * columns:
        return None
    statistic, p, _, _ = stats.chi2_contingency(filled, correction=False)
    phi = max(0.0, statistic / total - (rows - 1) * (columns - 1) / (total - 1))
    fewer = min(rows - (rows - 1) ** 2 / (total - 1), columns - (columns - 1) ** 2 / (total - 1)) - 1
    return Association(min(1.0, float(np.sqrt(phi / fewer))) if fewer > 0 else 0.0, float(p))
