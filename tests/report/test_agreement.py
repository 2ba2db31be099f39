"""Verdicts on what was drawn: the numbers agree with scipy's, true and false cases are told apart."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from unrealsynth.report.agreement import describe, distribution, judge_counts, judge_values, whole_shares
from unrealsynth_plugin.core.distributions import Choice, LogUniform, Normal, Number, Uniform, draw, draw_whole

Values = NDArray[np.float64]
Drawing = Callable[[np.random.Generator], Values]


@pytest.mark.parametrize(
    ("number", "known"),
    [
        (Uniform((10.0, 30.0)), stats.uniform(10, 20)),
        (LogUniform((2.0, 50.0)), stats.loguniform(2, 50)),
        (Normal((5.0, 2.0)), stats.norm(5, 2)),
    ],
)
def test_smooth_distribution_functions_are_scipys(number: Number, known: stats.rv_continuous) -> None:
    values = np.linspace(0.1, 60, 200)
    below, at = distribution(number, values)
    assert below == pytest.approx(known.cdf(values))
    assert at == pytest.approx(known.cdf(values))


@pytest.mark.parametrize(
    ("number", "value", "below", "at"),
    [
        (Normal((0.0, 1.0), -1.0, 2.0), -1.0, 0.0, stats.norm.cdf(-1)),  # all that is lower is put here
        (Normal((0.0, 1.0), -1.0, 2.0), 2.0, stats.norm.cdf(2), 1.0),
        (Normal((0.0, 1.0), -1.0, 2.0), -1.5, 0.0, 0.0),
        (Choice((1.0, 4.0), (1.0, 3.0)), 1.0, 0.0, 0.25),
        (Choice((1.0, 4.0), (1.0, 3.0)), 3.0, 0.25, 0.25),
        (Choice((1.0, 4.0), (1.0, 3.0)), 4.0, 0.25, 1.0),
        (7.0, 7.0, 0.0, 1.0),
        (7.0, 6.0, 0.0, 0.0),
    ],
)
def test_values_with_a_probability_of_their_own(number: Number, value: float, below: float, at: float) -> None:
    found = distribution(number, np.array([value]))
    assert (float(found[0][0]), float(found[1][0])) == pytest.approx((below, at))


TRUE: list[tuple[Number, Drawing]] = [
    (Uniform((0.0, 360.0)), lambda rng: rng.uniform(0, 360, 200)),
    (LogUniform((40.0, 400.0)), lambda rng: np.exp(rng.uniform(np.log(40), np.log(400), 200))),
    (Normal((0.0, 2.0), -3.0, 3.0), lambda rng: np.clip(rng.normal(0, 2, 200), -3, 3)),
    (Choice((0.0, 20.0), (3.0, 1.0)), lambda rng: rng.choice([0.0, 20.0], 200, p=[0.75, 0.25])),
    (Choice((1.0, 2.0, 3.0)), lambda rng: rng.choice([1.0, 2.0, 3.0], 200)),
    (5.0, lambda rng: np.full(200, 5.0 + 1e-13)),
    (Uniform((3.0, 3.0)), lambda rng: np.full(200, 3.0)),
]
FALSE: list[tuple[Number, Drawing]] = [
    (Uniform((0.0, 360.0)), lambda rng: rng.uniform(0, 180, 200)),  # one side only
    (Uniform((0.0, 360.0)), lambda rng: np.full(200, 90.0)),  # always the same
    (LogUniform((40.0, 400.0)), lambda rng: rng.uniform(40, 400, 200)),  # evenly in pixels, not in ratios
    (Normal((0.0, 2.0), -3.0, 3.0), lambda rng: rng.uniform(-1, 1, 200)),
    (Normal((0.0, 2.0), -3.0, 3.0), lambda rng: np.clip(rng.normal(1, 2, 200), -3, 3)),
    (Choice((0.0, 20.0), (3.0, 1.0)), lambda rng: rng.choice([0.0, 20.0], 200)),  # weights forgotten
    (Choice((1.0, 2.0, 3.0)), lambda rng: rng.choice([1.0, 2.0], 200)),
    (5.0, lambda rng: np.full(200, 5.1)),
]


@pytest.mark.parametrize(("number", "drawing"), TRUE)
def test_what_was_drawn_as_declared(number: Number, drawing: Drawing) -> None:
    found = judge_values("x", [(number, drawing(np.random.default_rng(5)).tolist())])
    assert found.verdict == "as declared"
    assert found.count == 200


@pytest.mark.parametrize(("number", "drawing"), FALSE)
def test_what_was_not_drawn_as_declared(number: Number, drawing: Drawing) -> None:
    assert judge_values("x", [(number, drawing(np.random.default_rng(5)).tolist())]).verdict == "not as declared"


def test_distance_and_p_are_those_of_a_kolmogorov_smirnov_test() -> None:
    values = np.random.default_rng(3).uniform(2, 9, 80)
    known = stats.kstest(values, stats.uniform(2, 7).cdf)
    found = judge_values("x", [(Uniform((2.0, 9.0)), values.tolist())])
    assert found.distance == pytest.approx(known.statistic)
    assert found.p == pytest.approx(known.pvalue, rel=1e-6)


def test_a_false_alarm_is_rare_with_clipped_and_weighted_values_too() -> None:
    rng = np.random.default_rng(8)
    alarms = 0
    for number, drawing in TRUE:
        for _ in range(60):
            verdict = judge_values("x", [(number, drawing(rng).tolist())]).verdict
            alarms += verdict != "as declared"
    # 420 tests at one in ten thousand: more than one comes about once in a thousand times.
    assert alarms <= 1


def test_few_values_are_not_judged_unless_they_are_impossible() -> None:
    assert judge_values("x", [(Uniform((0.0, 1.0)), [0.2, 0.3])]).verdict == "too few to say"
    assert judge_values("x", [(Uniform((0.0, 1.0)), [0.2, 1.3])]).verdict == "not as declared"
    assert judge_values("x", [(Uniform((0.0, 1.0)), [])]).verdict == "too few to say"


@pytest.mark.parametrize(
    ("repeated", "verdict"),
    [(0.0, "not as declared"), (0.05, "not as declared"), (0.25, "bent by redraws")],
)
def test_repeated_draws_excuse_no_more_than_their_share(repeated: float, verdict: str) -> None:
    # A quarter of the draws, all at the low end, did not fit and were drawn again.
    values = np.random.default_rng(2).uniform(0.25, 1, 400)
    assert judge_values("x", [(Uniform((0.0, 1.0)), values.tolist())], repeated=repeated).verdict == verdict


def test_values_of_several_maps_are_judged_together() -> None:
    rng = np.random.default_rng(4)
    yard, dusk = rng.uniform(30, 60, 40).tolist(), rng.uniform(5, 10, 40).tolist()
    true = [(Uniform((30.0, 60.0)), yard), (Uniform((5.0, 10.0)), dusk)]
    assert judge_values("x", true).verdict == "as declared"
    late = [(Uniform((30.0, 60.0)), yard), (Uniform((5.0, 10.0)), (np.array(dusk) / 2 + 5).tolist())]
    assert judge_values("x", late).verdict == "not as declared"


def test_bars_hold_all_values_beside_what_was_declared() -> None:
    found = judge_values("x", [(LogUniform((1.0, 16.0)), [1.0, 2.0, 4.0, 15.9])])
    assert sum(found.drawn_shares) == pytest.approx(1)
    assert found.declared_shares == pytest.approx([1 / 12] * 12)
    assert found.labels[0].startswith("1 to 1.26")


def test_counts_are_judged_by_chi_square() -> None:
    found = judge_counts("x", {"a": 30, "b": 50, "c": 40}, {"a": 1, "b": 1, "c": 1}, declared="each equally likely")
    known = stats.chisquare([30, 50, 40])
    assert found.p == pytest.approx(known.pvalue)
    assert found.verdict == "as declared"
    assert found.distance == pytest.approx((10 + 10) / 2 / 120)


@pytest.mark.parametrize(
    ("counts", "repeated", "verdict"),
    [
        ({"a": 100, "b": 30}, 0.0, "not as declared"),
        ({"a": 100, "b": 30}, 0.3, "bent by redraws"),
        ({"a": 3, "b": 1}, 0.0, "too few to say"),
        ({"a": 30, "b": 33, "z": 1}, 0.0, "not as declared"),  # z was never declared
        ({}, 0.0, "too few to say"),
    ],
)
def test_verdicts_on_counts(counts: dict[str, int], repeated: float, verdict: str) -> None:
    assert judge_counts("x", counts, {"a": 1, "b": 1}, declared="", repeated=repeated).verdict == verdict


@pytest.mark.parametrize(
    "number",
    [
        Uniform((1.2, 5.9)),
        Uniform((0.0, 6.0)),
        LogUniform((1.0, 9.0)),
        Normal((3.0, 1.5), 0.0, 6.0),
        Normal((2.0, 1.0)),
        Choice((0.0, 2.0, 5.0), (1.0, 2.0, 1.0)),
        4.0,
    ],
)
def test_shares_of_whole_numbers_are_those_that_the_plugin_draws(number: Number) -> None:
    random = Random(6)
    drawn = [max(0, draw_whole(number, random)) for _ in range(8000)]
    shares = whole_shares(number)
    assert sum(shares.values()) == pytest.approx(1)
    assert set(drawn) <= set(shares)
    for value, share in shares.items():
        deviation = (share * (1 - share) / len(drawn)) ** 0.5
        assert drawn.count(value) / len(drawn) == pytest.approx(share, abs=4 * deviation + 1e-9)


@pytest.mark.parametrize("number", [number for number, _ in TRUE])
def test_the_plugins_own_draws_are_as_declared(number: Number) -> None:
    random = Random(1)
    assert judge_values("x", [(number, [draw(number, random) for _ in range(500)])]).verdict == "as declared"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (Uniform((0.0, 360.0)), "uniform 0 to 360 °"),
        (LogUniform((40.0, 400.0)), "log-uniform 40 to 400 °"),
        (Normal((0.0, 2.0), -10.0, None), "normal 0 ± 2 °, within -10 to ∞"),
        (Choice((1.0, 2.5), (1.0, 2.0)), "one of 1, 2.5 ° by weight"),
        (3.0, "always 3 °"),
    ],
)
def test_declared_numbers_in_words(number: Number, words: str) -> None:
    assert describe(number, "°") == words
