"""The distributions a recipe may name, and how a value is drawn from them.

A distribution is written as the recipe writes it, `{uniform: [0, 360]}`, so that YAML, JSON and dataclass are one form.
Only `Random.random()` is used: the one method whose numbers Python promises to keep from version to version.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Dict, List, Optional, Tuple, Union

_STRICT = {"extra": "forbid"}
"""Makes pydantic refuse unknown keys, without the plugin needing pydantic."""
_NORMAL_REACH = 8.6
"""Standard deviations that a draw can be from the mean: sqrt(2 ln 2⁵³) = 8.572, from the 53 bits of `random()`."""


@dataclass(frozen=True)
class Uniform:
    """Every value from low to high equally likely; whole numbers include both ends."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    uniform: Tuple[float, float]
    """[low, high]"""


@dataclass(frozen=True)
class LogUniform:
    """Every ratio equally likely: as many values from 1 to 2 as from 2 to 4. Both ends above 0."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    log_uniform: Tuple[float, float]
    """[low, high]"""


@dataclass(frozen=True)
class Normal:
    """A bell curve, clipped to [low, high] where these are given."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    normal: Tuple[float, float]
    """[mean, standard deviation]"""
    low: Optional[float] = None
    """Lower values become this one."""
    high: Optional[float] = None
    """Higher values become this one."""


@dataclass(frozen=True)
class Choice:
    """One of the given values, by weight where weights are given."""

    __pydantic_config__: ClassVar[Dict[str, str]] = _STRICT

    choice: Tuple[float, ...]
    """The values."""
    weights: Optional[Tuple[float, ...]] = None
    """One weight for each value."""


Number = Union[float, Uniform, LogUniform, Normal, Choice]


def draw(number: Number, random: Random) -> float:
    """One value of `number`. A constant draws nothing from `random`."""
    if isinstance(number, Uniform):
        low, high = number.uniform
        # Rounding can step over the ends, here and below.
        return _clip(low + (high - low) * random.random(), low, high)
    if isinstance(number, LogUniform):
        low, high = (math.log(bound) for bound in number.log_uniform)
        return _clip(math.exp(low + (high - low) * random.random()), *number.log_uniform)
    if isinstance(number, Normal):
        return _clip(_draw_normal(number, random), number.low, number.high)
    if isinstance(number, Choice):
        return number.choice[draw_index(number.weights or (1.0,) * len(number.choice), random)]
    return float(number)


def draw_whole(number: Number, random: Random) -> int:
    """One whole number: for uniform both ends are included and each value is equally likely."""
    if isinstance(number, Uniform):
        low, high = math.ceil(number.uniform[0]), math.floor(number.uniform[1])
        return low + min(int(random.random() * (high - low + 1)), high - low)
    return round(draw(number, random))


def draw_index(weights: Union[Tuple[float, ...], List[float]], random: Random) -> int:
    """An index of `weights`, each as likely as its weight."""
    target = random.random() * math.fsum(weights)
    for index, weight in enumerate(weights):
        target -= weight
        if target < 0:
            return index
    return max(index for index, weight in enumerate(weights) if weight > 0)


def bounds(number: Number) -> Tuple[float, float]:
    """The lowest and highest value `number` can take."""
    if isinstance(number, Uniform):
        return number.uniform
    if isinstance(number, LogUniform):
        return number.log_uniform
    if isinstance(number, Normal):
        mean, reach = number.normal[0], _NORMAL_REACH * number.normal[1]
        return _clip(mean - reach, number.low, number.high), _clip(mean + reach, number.low, number.high)
    if isinstance(number, Choice):
        return min(number.choice), max(number.choice)
    return float(number), float(number)


def median(number: Number) -> float:
    """The middle value: what a calibration uses in place of a draw."""
    if isinstance(number, Uniform):
        return sum(number.uniform) / 2
    if isinstance(number, LogUniform):
        return _clip(math.sqrt(number.log_uniform[0] * number.log_uniform[1]), *number.log_uniform)
    if isinstance(number, Normal):
        return _clip(number.normal[0], number.low, number.high)
    if isinstance(number, Choice):
        weights = number.weights or (1.0,) * len(number.choice)
        rest = math.fsum(weights) / 2.0
        for value, weight in sorted(zip(number.choice, weights)):
            rest -= weight
            if rest < 0:
                return value
        return max(number.choice)
    return float(number)


def mistake(number: Number) -> Optional[str]:
    """What is wrong with `number`, as the end of a sentence, or None."""
    if isinstance(number, (Uniform, LogUniform)):
        low, high = number.uniform if isinstance(number, Uniform) else number.log_uniform
        if not (math.isfinite(low) and math.isfinite(high)):
            return "needs two finite numbers"
        if low > high:
            return f"goes from {low:g} down to {high:g}; write the smaller number first"
        if isinstance(number, LogUniform) and low <= 0:
            return f"needs numbers above 0, got {low:g}"
    elif isinstance(number, Normal):
        if not all(map(math.isfinite, number.normal)) or number.normal[1] < 0:
            return "needs a finite mean and a standard deviation of 0 or more"
        if any(limit is not None and not math.isfinite(limit) for limit in (number.low, number.high)):
            return "needs finite limits"
        if number.low is not None and number.high is not None and number.low > number.high:
            return f"has low {number.low:g} above high {number.high:g}"
    elif isinstance(number, Choice):
        if not number.choice:
            return "needs at least one value"
        if not all(map(math.isfinite, number.choice)):
            return "needs finite values"
        if number.weights is not None:
            if len(number.weights) != len(number.choice):
                return f"has {len(number.choice)} values but {len(number.weights)} weights"
            if not all(map(math.isfinite, number.weights)):
                return "needs finite weights"
            if min(number.weights) < 0 or math.fsum(number.weights) <= 0:
                return "needs weights of 0 or more, at least one above 0"
    elif not math.isfinite(number):
        return "needs a finite number"
    return None


def _draw_normal(number: Normal, random: Random) -> float:
    # Box-Muller: two uniform numbers, no state between calls.
    radius = math.sqrt(-2.0 * math.log(1.0 - random.random()))
    return number.normal[0] + number.normal[1] * radius * math.cos(2.0 * math.pi * random.random())


def _clip(value: float, low: Optional[float], high: Optional[float]) -> float:
    if low is not None and value < low:
        return low
    if high is not None and value > high:
        return high
    return value
