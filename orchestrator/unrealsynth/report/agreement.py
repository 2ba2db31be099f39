"""What was drawn against what was declared, with a verdict for each quantity. Pure.

Continuous quantities: Kolmogorov-Smirnov on the probability integral transform, so that values drawn from several
declared distributions (one a map) can be judged together. Counts and choices: chi². Draws that did not fit the scene
were repeated, which bends a distribution: it differs from the declared one by at most the share of repeated draws, in
the sense of total variation, so only what goes beyond that counts against it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from unrealsynth_plugin.core.distributions import Choice, LogUniform, Normal, Number, Uniform, bounds

Verdict = Literal["as declared", "bent by redraws", "too few to say", "not as declared", "not recorded"]
_SIGNIFICANCE = 0.0001
"""With some twenty-five quantities, a good data set gets a false alarm in one of four hundred reports."""
_FEWEST = 30
_SMALLEST_EXPECTED = 5.0
_BARS = 12
_TOLERANCE = 1e-6
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Agreement:
    """One quantity."""

    name: str
    """The key of the recipe."""
    declared: str
    count: int
    observed: str
    """Range or shares of what was drawn."""
    verdict: Verdict
    reason: str
    """Why, with the numbers of the test."""
    p: float | None = None
    distance: float | None = None
    """Largest difference of the distribution functions, or total variation of the shares."""
    drawn_shares: tuple[float, ...] = ()
    """Of the observed values, by bar."""
    declared_shares: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    """What each bar stands for."""


def describe(number: Number, unit: str = "") -> str:
    """A declared number in words."""
    end = f" {unit}" if unit else ""
    if isinstance(number, Uniform):
        return f"uniform {number.uniform[0]:g} to {number.uniform[1]:g}{end}"
    if isinstance(number, LogUniform):
        return f"log-uniform {number.log_uniform[0]:g} to {number.log_uniform[1]:g}{end}"
    if isinstance(number, Normal):
        limits = "" if number.low is None and number.high is None else f", within {_limits(number)}"
        return f"normal {number.normal[0]:g} ± {number.normal[1]:g}{end}{limits}"
    if isinstance(number, Choice):
        return f"one of {', '.join(f'{value:g}' for value in number.choice)}{end}{' by weight' * bool(number.weights)}"
    return f"always {number:g}{end}"


def distribution(number: Number, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The declared distribution function just below each value, and at it."""
    low, high = bounds(number)
    if low == high:
        return (values > low + _slack(low)).astype(float), (values >= low - _slack(low)).astype(float)
    if isinstance(number, Choice):
        weights = np.array(number.weights or (1.0,) * len(number.choice))
        choices = np.array(number.choice)
        slack = np.array([_slack(choice) for choice in number.choice])
        below = (values[:, None] > choices + slack) @ weights
        at = (values[:, None] >= choices - slack) @ weights
        return below / weights.sum(), at / weights.sum()
    if isinstance(number, Normal):
        inside = stats.norm.cdf(values, *number.normal)
        below = np.where(values > high, 1.0, np.where(values <= low, 0.0, inside))
        at = np.where(values >= high, 1.0, np.where(values < low, 0.0, inside))
        return below, at
    if isinstance(number, LogUniform):
        shares = np.log(np.maximum(values, 1e-300) / low) / math.log(high / low)
    else:
        shares = (values - low) / (high - low)
    clipped = np.clip(shares, 0.0, 1.0)
    return clipped, clipped


def judge_values(
    name: str,
    drawn: Sequence[tuple[Number, Sequence[float]]],
    *,
    unit: str = "",
    repeated: float = 0.0,
    declared: str = "",
) -> Agreement:
    """The verdict on values, each group with the number it was drawn from; `repeated` is a share of draws."""
    groups = [(number, np.asarray(values, float)) for number, values in drawn if len(values)]
    values = np.concatenate([part for _, part in groups]) if groups else np.empty(0)
    words = declared or (describe(drawn[0][0], unit) if drawn else "")
    if not groups:
        return Agreement(name, words, 0, "", "too few to say", "nothing was drawn")
    end = f" {unit}" if unit else ""
    low, high = (float(np.round(edge, 6)) + 0.0 for edge in (values.min(), values.max()))
    seen = f"{low:.4g} to {high:.4g}{end}" if low != high else f"{low:.4g}{end}"
    strange = sum(int(_impossible(number, part).sum()) for number, part in groups)
    varied = [(number, part) for number, part in groups if bounds(number)[0] != bounds(number)[1]]
    bars = _bars(varied) if varied else ((), (), ())
    if strange:
        reason = f"{strange} of {len(values)} values cannot come from it"
        return Agreement(name, words, len(values), seen, "not as declared", reason, 0.0, 1.0, *bars)
    if not varied:
        return Agreement(name, words, len(values), seen, "as declared", "the same everywhere")
    uniform = _uniform(varied)
    distance = float(stats.kstest(uniform, "uniform").statistic)
    p = float(stats.kstwo.sf(max(distance - repeated, 0.0), len(uniform)))
    plain_p = float(stats.kstwo.sf(distance, len(uniform)))
    verdict, reason = _verdict(len(uniform), plain_p, p, repeated)
    reason += f"; KS distance {distance:.3f}, p {_p(plain_p)}"
    return Agreement(name, words, len(values), seen, verdict, reason, plain_p, distance, *bars)


def judge_counts(
    name: str,
    counts: Mapping[str, int],
    shares: Mapping[str, float],
    *,
    declared: str,
    repeated: float = 0.0,
) -> Agreement:
    """The verdict on how often each thing was drawn, with the share declared for each."""
    labels = tuple(shares)
    observed = np.array([counts.get(label, 0) for label in labels], float)
    expected = np.array([shares[label] for label in labels])
    expected = expected / expected.sum()
    total = sum(counts.values())
    strange = total - int(observed[expected > 0].sum())
    seen = (
        ", ".join(f"{label} {count / total:.0%}" for label, count in zip(labels, observed, strict=True))
        if total
        else ""
    )
    if total == 0:
        return Agreement(name, declared, 0, "", "too few to say", "nothing was drawn")
    bars = (tuple(observed / total), tuple(expected), labels)
    distance = float(abs(observed / total - expected).sum() / 2 + strange / total / 2)
    if strange:
        reason = f"{strange} of {total} cannot come from it"
        return Agreement(name, declared, total, seen, "not as declared", reason, 0.0, distance, *bars)
    if np.count_nonzero(expected) == 1:
        return Agreement(name, declared, total, seen, "as declared", "the same everywhere")
    observed_cells, expected_cells = _merged(observed, expected * total)
    if len(expected_cells) < 2:
        return Agreement(name, declared, total, seen, "too few to say", f"{total} draws", None, distance, *bars)
    statistic, p = stats.chisquare(observed_cells, expected_cells)
    # What repeated draws can move at most is taken off before the test is done again.
    difference = abs(observed_cells - expected_cells)
    beyond = np.maximum(difference - repeated * total, 0.0)
    lenient = float(stats.chi2.sf((beyond**2 / expected_cells).sum(), len(expected_cells) - 1))
    verdict, reason = _verdict(total, float(p), lenient, repeated)
    reason += f"; chi² {statistic:.1f} with {len(expected_cells) - 1} degrees of freedom, p {_p(float(p))}"
    return Agreement(name, declared, total, seen, verdict, reason, float(p), distance, *bars)


def whole_shares(number: Number, *, lowest: int = 0) -> dict[int, float]:
    """Probability of each whole number drawn from `number`; what is below `lowest` becomes it."""
    if isinstance(number, Uniform):
        low, high = math.ceil(number.uniform[0]), math.floor(number.uniform[1])
        pairs = [(value, 1.0 / (high - low + 1)) for value in range(low, high + 1)]
    elif isinstance(number, Choice):
        weights = number.weights or (1.0,) * len(number.choice)
        pairs = [
            (round(value), weight / math.fsum(weights)) for value, weight in zip(number.choice, weights, strict=True)
        ]
    elif isinstance(number, (LogUniform, Normal)):
        low_value, high_value = bounds(number)
        if isinstance(number, Normal):
            mean, deviation = number.normal
            low_value, high_value = max(low_value, mean - 9 * deviation), min(high_value, mean + 9 * deviation)
        whole = np.arange(round(low_value), round(high_value) + 1, dtype=np.float64)
        steps = np.diff(distribution(number, np.append(whole - 0.5, whole[-1] + 0.5))[1], prepend=np.nan)[1:]
        # What lies beyond the first and the last half step belongs to them.
        steps[0] += distribution(number, whole[:1] - 0.5)[1][0]
        pairs = [(round(value), share) for value, share in zip(whole.tolist(), steps.tolist(), strict=True)]
    else:
        pairs = [(round(number), 1.0)]
    shares: dict[int, float] = {}
    for value, share in pairs:
        shares[max(value, lowest)] = shares.get(max(value, lowest), 0.0) + share
    return dict(sorted(shares.items()))


def _verdict(count: int, p: float, lenient_p: float, repeated: float) -> tuple[Verdict, str]:
    if p >= _SIGNIFICANCE:
        return ("as declared", f"{count} draws") if count >= _FEWEST else ("too few to say", f"{count} draws")
    if lenient_p >= _SIGNIFICANCE:
        return "bent by redraws", f"{repeated:.1%} of the draws did not fit the scene and were repeated"
    return "not as declared", f"{count} draws, {repeated:.1%} of them repeated"


def _impossible(number: Number, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    low, high = bounds(number)
    outside: NDArray[np.bool_] = (values < low - _slack(low)) | (values > high + _slack(high))
    if isinstance(number, Choice):
        below, at = distribution(number, values)
        outside |= below == at
    return outside


def _slack(value: float) -> float:
    return _TOLERANCE * max(1.0, abs(value)) if math.isfinite(value) else 0.0


def _bars(
    groups: Sequence[tuple[Number, NDArray[np.float64]]],
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[str, ...]]:
    """Shares of drawn and declared values in equal steps over the declared range, in its own (log) scale.

    Where the numbers differ, the steps are tenths of the probability that each declares.
    """
    if len({repr(number) for number, _ in groups}) > 1:
        tenths, _ = np.histogram(_uniform(groups), np.linspace(0, 1, 11))
        labels = tuple(f"{i * 10} to {i * 10 + 10} % of its range" for i in range(10))
        return tuple((tenths / tenths.sum()).tolist()), (0.1,) * 10, labels
    number = groups[0][0]
    values = np.concatenate([part for _, part in groups])
    low, high = bounds(number)
    if isinstance(number, Choice):
        choices = sorted(set(number.choice))
        counts = [float((abs(values - choice) <= _slack(choice)).mean()) for choice in choices]
        below, at = distribution(number, np.array(choices))
        return tuple(counts), tuple((at - below).tolist()), tuple(f"{choice:g}" for choice in choices)
    if isinstance(number, Normal):
        mean, deviation = number.normal
        low, high = max(low, mean - 3.5 * deviation), min(high, mean + 3.5 * deviation)
    edges = np.geomspace(low, high, _BARS + 1) if isinstance(number, LogUniform) else np.linspace(low, high, _BARS + 1)
    counts_in, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    at_edges = distribution(number, edges)[1]
    at_edges[0], at_edges[-1] = 0.0, 1.0
    labels = tuple(f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(edges.tolist()))
    return tuple((counts_in / len(values)).tolist()), tuple(np.diff(at_edges).tolist()), labels


def _uniform(groups: Sequence[tuple[Number, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Sorted probability integral transforms: evenly spread over [0, 1] if the values are drawn as declared."""
    below, at = (np.concatenate(part) for part in zip(*(distribution(*group) for group in groups), strict=True))
    # Where a value has a probability of its own, it is spread evenly over what the function jumps by.
    spread = (np.arange(len(below)) * _GOLDEN + 0.5) % 1.0
    return np.sort(below + spread * (at - below))


def _merged(
    observed: NDArray[np.float64], expected: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Neighbouring cells put together until each is expected often enough for chi²."""
    cells: list[list[float]] = []
    for seen, wanted in zip(observed, expected, strict=True):
        if cells and cells[-1][1] < _SMALLEST_EXPECTED:
            cells[-1][0] += seen
            cells[-1][1] += wanted
        else:
            cells.append([seen, wanted])
    if len(cells) > 1 and cells[-1][1] < _SMALLEST_EXPECTED:
        seen, wanted = cells.pop()
        cells[-1][0] += seen
        cells[-1][1] += wanted
    merged = np.array(cells)
    return merged[:, 0], merged[:, 1]


def _limits(number: Normal) -> str:
    low = "-∞" if number.low is None else f"{number.low:g}"
    return f"{low} to {'∞' if number.high is None else f'{number.high:g}'}"


def _p(p: float) -> str:
    return "below 0.0001" if p < 0.0001 else f"{p:.2g}"
