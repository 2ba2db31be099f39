"""Drawing from the distributions a recipe may name."""

import math
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from unrealsynth_plugin.core.distributions import (
    Choice,
    LogUniform,
    Normal,
    Number,
    Uniform,
    bounds,
    draw,
    draw_index,
    draw_whole,
    median,
    mistake,
)

FINITE = st.floats(-1e6, 1e6)
POSITIVE = st.floats(1e-3, 1e6)
NUMBERS: st.SearchStrategy[Number] = st.one_of(
    FINITE,
    st.tuples(FINITE, FINITE).map(sorted).map(tuple).map(Uniform),
    st.tuples(POSITIVE, POSITIVE).map(sorted).map(tuple).map(LogUniform),
    st.builds(
        lambda normal, limits: Normal(normal, *sorted(limits)),
        st.tuples(FINITE, st.floats(0, 1e3)),
        st.tuples(FINITE, FINITE),
    ),
    st.lists(FINITE, min_size=1).map(tuple).map(Choice),
)


def values(number: Number, count: int) -> list[float]:
    random = Random(5)
    return [draw(number, random) for _ in range(count)]


@given(NUMBERS, st.integers())
def test_a_draw_lies_within_the_bounds(number: Number, seed: int) -> None:
    assert mistake(number) is None
    low, high = bounds(number)
    random = Random(seed)
    for _ in range(5):
        assert low <= draw(number, random) <= high
    assert low <= median(number) <= high


# Each with a p-value far from chance: the seed is fixed, so these never flicker.
@pytest.mark.parametrize(
    ("number", "cumulative"),
    [
        (Uniform((-2.0, 6.0)), stats.uniform(-2, 8).cdf),
        (LogUniform((1.0, 100.0)), stats.loguniform(1, 100).cdf),
        (Normal((3.0, 2.0)), stats.norm(3, 2).cdf),
    ],
)
def test_a_continuous_distribution_has_its_shape(number: Number, cumulative: object) -> None:
    assert stats.kstest(values(number, 4000), cumulative).pvalue > 0.01


@pytest.mark.parametrize("turn", [0.0, 0.5])
def test_the_farthest_draw_of_a_bell_curve_lies_within_its_bounds(turn: float) -> None:
    class Farthest(Random):
        numbers = iter((math.nextafter(1.0, 0.0), turn))

        def random(self) -> float:
            return next(self.numbers)

    curve = Normal((10.0, 2.0))
    assert abs(draw(curve, Farthest()) - 10.0) == pytest.approx(2.0 * 8.572, abs=1e-2)
    assert bounds(curve) == pytest.approx((10.0 - 17.2, 10.0 + 17.2))


def test_a_bell_curve_is_clipped_not_redrawn() -> None:
    drawn = values(Normal((0.0, 1.0), -1.0, 0.5), 4000)
    # Everything beyond a limit becomes the limit: 15.9 % below -1 and 30.9 % above 0.5.
    assert drawn.count(-1.0) / 4000 == pytest.approx(0.159, abs=0.02)
    assert drawn.count(0.5) / 4000 == pytest.approx(0.309, abs=0.02)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Uniform((1.0, 5.0)), {1: 0.2, 2: 0.2, 3: 0.2, 4: 0.2, 5: 0.2}),  # both ends, equally
        (Uniform((0.5, 2.9)), {1: 0.5, 2: 0.5}),  # only whole numbers inside
        (Uniform((-1.0, 1.0)), {-1: 1 / 3, 0: 1 / 3, 1: 1 / 3}),
        (Uniform((3.0, 3.0)), {3: 1.0}),
        (Choice((0.0, 4.0, 9.0), (1.0, 2.0, 1.0)), {0: 0.25, 4: 0.5, 9: 0.25}),
        (Normal((0.0, 1.0), 0.0, 1.0), {0: stats.norm.cdf(0.5), 1: 1 - stats.norm.cdf(0.5)}),
        (2.0, {2: 1.0}),
    ],
)
def test_whole_numbers_come_as_often_as_they_should(number: Number, expected: dict[int, float]) -> None:
    random = Random(6)
    count = 3000
    seen = Counter(draw_whole(number, random) for _ in range(count))
    assert set(seen) == set(expected)
    chi_square = sum((seen[value] - count * share) ** 2 / (count * share) for value, share in expected.items())
    # The 99.9 % quantile of chi-square with 1, 2 and 4 degrees of freedom.
    assert chi_square < {1: 1e-9, 2: 10.83, 3: 13.82, 5: 18.47}[len(expected)]


def test_whole_numbers_reach_the_upper_end_only_inside_the_range() -> None:
    class Highest(Random):
        def random(self) -> float:
            return math.nextafter(1.0, 0.0)

    for high in (1, 5, 1000, 2**31):
        assert draw_whole(Uniform((1.0, float(high))), Highest()) == high


@pytest.mark.parametrize(
    ("weights", "never"),
    [
        ((1.0, 0.0, 3.0), {1}),
        ((0.0, 1.0), {0}),
        ((2.0, 0.0), {1}),
        ([1e-12, 1e12], {0}),  # so rare that it does not come in 2000 draws
    ],
)
def test_an_index_comes_by_weight(weights: tuple[float, ...], never: set[int]) -> None:
    random = Random(7)
    seen = Counter(draw_index(weights, random) for _ in range(2000))
    assert not never & set(seen)
    for index, weight in enumerate(weights):
        assert seen[index] / 2000 == pytest.approx(weight / sum(weights), abs=0.03)


def test_rounding_never_chooses_a_weightless_index() -> None:
    class Highest(Random):
        def random(self) -> float:
            return math.nextafter(1.0, 0.0)

    assert draw_index((0.1,) * 10 + (0.0,), Highest()) == 9


def test_a_constant_draws_nothing() -> None:
    random = Random(8)
    before = random.getstate()
    assert draw(3, random) == 3.0
    assert random.getstate() == before


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (4, 4.0),
        (Uniform((2.0, 6.0)), 4.0),
        (LogUniform((1.0, 100.0)), 10.0),  # half of the draws are below the geometric mean
        (Normal((5.0, 1.0), None, 3.0), 3.0),
        (Choice((9.0, 1.0, 5.0)), 5.0),
        (Choice((0.0, 10.0), (0.99, 0.01)), 0.0),  # by weight, not by position
        (Choice((10.0, 0.0, 5.0), (3.0, 1.0, 1.0)), 10.0),
    ],
)
def test_the_median_splits_the_draws_in_half(number: Number, expected: float) -> None:
    assert median(number) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (math.nan, "finite"),
        (Uniform((0.0, math.inf)), "finite"),
        (Uniform((5.0, 1.0)), "from 5 down to 1"),
        (LogUniform((0.0, 1.0)), "above 0, got 0"),
        (LogUniform((-1.0, 1.0)), "above 0, got -1"),
        (LogUniform((2.0, 1.0)), "from 2 down to 1"),
        (Normal((0.0, -1.0)), "0 or more"),
        (Normal((math.inf, 1.0)), "finite mean"),
        (Normal((0.0, 1.0), 2.0, 1.0), "low 2 above high 1"),
        (Normal((0.0, 1.0), math.nan), "finite"),
        (Choice(()), "at least one value"),
        (Choice((1.0, math.nan)), "finite"),
        (Choice((1.0, 2.0), (1.0,)), "2 values but 1 weights"),
        (Choice((1.0, 2.0), (1.0, -1.0)), "0 or more"),
        (Choice((1.0, 2.0), (0.0, 0.0)), "above 0"),
        (Choice((1.0, 2.0), (1.0, math.inf)), "finite"),
        (Choice((1.0, 2.0), (1.0, math.nan)), "finite"),
    ],
)
def test_mistakes_are_told_in_words(number: Number, words: str) -> None:
    assert words in str(mistake(number))


@pytest.mark.parametrize(
    "number",
    [
        0,
        -3.5,
        Uniform((1.0, 1.0)),
        LogUniform((0.1, 0.1)),
        Normal((0.0, 0.0)),
        Normal((0.0, 1.0), None, 1.0),
        Choice((1.0,), (2.0,)),
    ],
)
def test_good_numbers_have_no_mistake(number: Number) -> None:
    assert mistake(number) is None
