"""How many captures a picture needs, from pictures that the test makes up."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from unrealsynth.errors import UnrealSynthError
from unrealsynth.settling import Comparison, Picture, Settling
from unrealsynth.spool import JobFolder
from unrealsynth_plugin.core.settling import LEAST_PICTURES, SETTLE_LIMIT

SIZE = (12, 8)


def picture(level: float) -> Picture:
    """A picture whose mean is `level`, also between two bytes."""
    values = np.full((SIZE[1], SIZE[0], 3), int(level), np.uint8)
    values.reshape(-1)[: round((level - int(level)) * values.size)] += 1
    return values


def compare(levels: Sequence[float], steps: Sequence[int] | None = None) -> int | None:
    """The answer to pictures of these levels; `steps` are the numbers of pictures that are seen complete."""
    comparison = Comparison(lambda number: picture(levels[number]))
    for complete in steps or range(1, len(levels) + 1):
        ticks = comparison.settle_ticks(min(complete, len(levels)))
        if ticks is not None:
            return ticks
    return None


@pytest.mark.parametrize(
    ("levels", "ticks"),
    [
        ([90, 90, 90, 90], 0),
        ([80, 90, 90, 90], 1),
        # A sky light that follows later.
        ([80, 80, 90, 90], 2),
        ([80, 80, 80, 90, 90], 3),
        ([60, 70, 80, 90, 100, 100], 4),
        # Noise.
        ([90, 90.4, 90, 90.4], 0),
        ([80, 90.4, 90, 90.4], 1),
        # It rests, but not as it began.
        ([90.0, 90.4, 90.8, 91.2], 2),
    ],
)
def test_what_is_not_like_the_rest_is_counted(levels: list[float], ticks: int) -> None:
    assert compare(levels) == ticks


@pytest.mark.parametrize("levels", [[], [90], [90, 90, 90], [60, 70, 80, 90], [90, 90, 90, 90.6]])
def test_before_it_rests_there_is_no_answer(levels: list[float]) -> None:
    assert compare(levels) is None


def test_what_never_rests_needs_all_that_there_is() -> None:
    assert compare([float(number % 250) for number in range(SETTLE_LIMIT)]) == SETTLE_LIMIT - 1
    # One that tells of more is not followed.
    assert compare([float(number) for number in range(SETTLE_LIMIT + 9)], [SETTLE_LIMIT + 9]) == SETTLE_LIMIT - 1


def series(
    amount: float, ticks: float, moves: float, period: float = 5.0, noise: float = 0.0
) -> Callable[[int], Picture]:
    """Pictures that come near rest by `amount` with a time constant, in which waves of some height go on for ever."""
    random = np.random.default_rng(7)
    phases, grains = random.uniform(0.0, 2.0 * np.pi, (48, 64, 3)), random.integers(0, 2**32, SETTLE_LIMIT)
    # Most of the picture stands still; levels lie between two bytes.
    heights, levels = np.where(np.arange(64)[:, None] < 24, moves, 0.0), random.uniform(120.0, 121.0, phases.shape)

    def read(number: int) -> Picture:
        grain = np.random.default_rng(grains[number]).normal(0.0, noise, phases.shape) if noise else 0.0
        waves = heights * np.sin(phases + 2.0 * np.pi * number / period)
        values = levels - amount * np.exp(-number / ticks) + waves + grain
        return np.asarray(np.clip(np.round(values), 0, 255), np.uint8)

    return read


def answer_to(read: Callable[[int], Picture]) -> tuple[int | None, bool]:
    """The answer to all pictures there may be, and whether they came to rest."""
    comparison = Comparison(read)
    return comparison.settle_ticks(SETTLE_LIMIT), comparison.rests


@pytest.mark.parametrize("period", [2.0, 5.0, 7.3, 16.0, 40.0])
@pytest.mark.parametrize(("ticks", "at_least", "at_most"), [(1.0, 2, 10), (3.0, 5, 15), (8.0, 13, 40)])
def test_what_moves_always_is_told_from_what_settles(period: float, ticks: float, at_least: int, at_most: int) -> None:
    answer, rests = answer_to(series(100.0, ticks, 25.0, period))
    assert not rests
    assert answer is not None
    assert at_least <= answer <= at_most
    # By then the picture lacks little of what it comes to.
    assert 100.0 * np.exp(-answer / ticks) < 20.0


@pytest.mark.parametrize("moving", [{"moves": 12.0}, {"moves": 0.0, "noise": 8.0}, {"moves": 5.0, "noise": 3.0}])
def test_where_nothing_settles_nothing_is_waited_for(moving: dict[str, float]) -> None:
    assert answer_to(series(0.0, 1.0, **moving)) == (0, False)
    assert compare([float(number % 2) for number in range(SETTLE_LIMIT)]) == 0


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_what_is_still_on_its_way_at_the_end_needs_all_that_there_is(noise: float) -> None:
    assert answer_to(series(115.0, 60.0, 0.0, noise=noise)) == (SETTLE_LIMIT - 1, False)


def test_what_settles_without_motion_is_compared_as_it_is() -> None:
    answer, rests = answer_to(series(100.0, 3.0, 0.0))
    assert rests
    # The last two agree, and those before them that are like them.
    assert answer == 13


@given(
    st.lists(st.integers(0, 4), max_size=6),
    st.lists(st.integers(1, 12), min_size=1, max_size=12),
)
def test_the_answer_does_not_depend_on_when_pictures_are_looked_at(changing: list[int], steps: list[int]) -> None:
    levels = [float(level) for level in [*changing, 9, 9, 9, 9, 9, 9]]
    assert compare(levels, [*sorted(steps), len(levels)]) == compare(levels)


def test_few_pictures_are_read_twice() -> None:
    read: list[int] = []

    def count(number: int) -> Picture:
        read.append(number)
        return picture(10.0 * min(number, 6))

    assert Comparison(count).settle_ticks(SETTLE_LIMIT) == 6
    assert read == [*range(8), *range(1, 7)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of the environment in the job's folder."""
    made = tmp_path / "settling" / "yard"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def settling(tmp_path: Path, said: list[str]) -> Settling:
    return Settling(JobFolder(tmp_path), SIZE, said.append)


def take(folder: Path, levels: Sequence[float], first: int = 0, alpha: bool = False) -> None:
    """Writes pictures as the plugin does."""
    for number, level in enumerate(levels, first):
        values = picture(level)
        if alpha:
            values = np.dstack([values, np.full(values.shape[:2], 50 * number, np.uint8)])
        Image.fromarray(values).save(folder / f"{number}.png")
    tell(folder, first + len(levels))


def tell(folder: Path, complete: object) -> None:
    (folder / "series.json").write_text(json.dumps({"complete": complete}), encoding="utf-8")


def answer(folder: Path) -> object:
    file = folder / "answer.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


@pytest.mark.parametrize("alpha", [False, True])
def test_the_editor_is_answered_as_soon_as_a_picture_rests(settling: Settling, folder: Path, alpha: bool) -> None:
    settling.advance()
    take(folder, [80.0, 80.0, 90.0], alpha=alpha)
    settling.advance()
    assert answer(folder) is None
    take(folder, [90.0], first=3, alpha=alpha)
    settling.advance()
    assert answer(folder) == {"settle_ticks": 2}
    assert {path.suffix for path in folder.iterdir()} == {".png", ".json"}


def test_what_is_being_deleted_is_not_looked_at_again(settling: Settling, folder: Path) -> None:
    """The series goes first, so that pictures without an answer are never taken for new ones."""
    take(folder, [90.0] * LEAST_PICTURES)
    settling.advance()
    (folder / "2.png").write_bytes(b"")
    settling.advance()
    for name in ("series.json", "answer.json"):
        (folder / name).unlink()
        settling.advance()
    assert answer(folder) is None


def test_another_series_of_an_environment_is_answered_too(settling: Settling, folder: Path) -> None:
    take(folder, [90.0] * LEAST_PICTURES)
    settling.advance()
    for file in [folder / "series.json", *folder.iterdir()]:
        file.unlink(missing_ok=True)
    take(folder, [80.0, *[90.0] * LEAST_PICTURES])
    settling.advance()
    assert answer(folder) == {"settle_ticks": 1}


def test_environments_are_compared_each_for_itself(settling: Settling, folder: Path) -> None:
    other = folder.with_name("Hof à moi")
    other.mkdir()
    take(folder, [80.0, 90.0, 90.0])
    take(other, [10.0] * 3)
    settling.advance()
    take(folder, [90.0], first=3)
    take(other, [10.0], first=3)
    settling.advance()
    assert (answer(folder), answer(other)) == ({"settle_ticks": 1}, {"settle_ticks": 0})


def test_what_never_settles_is_told(settling: Settling, folder: Path, said: list[str]) -> None:
    take(folder, [float(number) for number in range(SETTLE_LIMIT)])
    settling.advance()
    assert answer(folder) == {"settle_ticks": SETTLE_LIMIT - 1}
    [sentence] = said
    assert sentence.startswith("Pictures of yard still change after 64 captures, so that every frame waits for 63;")


def test_what_moves_is_told(settling: Settling, folder: Path, said: list[str]) -> None:
    take(folder, [40.0, 60.0, *(80.0 + 4.0 * (number % 2) for number in range(SETTLE_LIMIT - 2))])
    settling.advance()
    assert answer(folder) == {"settle_ticks": 2}
    [sentence] = said
    assert sentence.startswith("Something moves in yard at all times,")
    assert "every frame waits for 2 captures" in sentence


def test_light_that_did_not_come_to_rest_is_told_once(settling: Settling, folder: Path, said: list[str]) -> None:
    take(folder, [90.0] * LEAST_PICTURES)
    told = {"complete": LEAST_PICTURES, "light_rests": False}
    (folder / "series.json").write_text(json.dumps(told), encoding="utf-8")
    settling.advance()
    settling.advance()
    [sentence] = said
    assert sentence.startswith("The light of yard did not come to rest")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{", "series.json is not valid JSON"),
        ("[]", "series.json cannot be understood: Series: wanted an object"),
        ('{"complete": "4"}', "series.json cannot be understood: Series.complete: wanted a whole number"),
        ('{"complete": true}', "series.json cannot be understood: Series.complete: wanted a whole number"),
        ('{"complete": 4, "more": 1}', "series.json cannot be understood: Series.more"),
        ('{"complete": 65}', "series.json says 65 pictures; wanted 0 to 64"),
        ('{"complete": -1}', "series.json says -1 pictures; wanted 0 to 64"),
    ],
)
def test_a_series_that_makes_no_sense_is_one_sentence(settling: Settling, folder: Path, text: str, wanted: str) -> None:
    take(folder, [90.0] * LEAST_PICTURES)
    (folder / "series.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnrealSynthError) as error:
        settling.advance()
    assert wanted in str(error.value)
    assert "\n" not in str(error.value)
    assert answer(folder) is None


@pytest.mark.parametrize("broken", ["missing", "empty", "torn", "text", "large"])
def test_a_picture_that_cannot_be_read_is_one_sentence(settling: Settling, folder: Path, broken: str) -> None:
    take(folder, [90.0] * LEAST_PICTURES)
    file = folder / "2.png"
    content = file.read_bytes()
    if broken == "missing":
        file.unlink()
    elif broken == "large":
        Image.new("RGB", (4096, 4096)).save(file)
    else:
        file.write_bytes({"empty": b"", "torn": content[: len(content) // 2], "text": b"no picture"}[broken])
    with pytest.raises(UnrealSynthError) as error:
        settling.advance()
    assert "2.png" in str(error.value)
    assert "\n" not in str(error.value)
