"""No count of the public page lets a small one be had, not even by subtraction."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jieti.services.match_quality import LEAST, Count, guarded


def counts(*numbers: int) -> list[Count]:
    return [Count(str(key), number, 0) for key, number in enumerate(numbers)]


def hidden(*numbers: int) -> list[bool]:
    return [one.hidden for one in guarded(counts(*numbers))]


def test_small_ones_are_hidden_and_one_more_where_they_could_be_subtracted() -> None:
    assert hidden(12, 9, 5) == [False, False, False]
    assert hidden(12, 9, 4) == [False, True, True]
    assert hidden(12, 0, 4) == [True, False, True]
    assert hidden(30, 3, 4) == [False, True, True]
    assert hidden(30, 1, 1, 9) == [False, True, True, True]
    assert hidden(0, 0) == [False, False]
    assert hidden(3) == [True]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_what_is_hidden_cannot_be_told_from_the_rest(numbers: list[int]) -> None:
    told = guarded(counts(*numbers))
    assert all(one.total == 0 or one.total >= LEAST for one in told), "a small count is shown"
    assert all((one.fits, one.misfits) == (0, 0) for one in told if one.hidden), "a hidden line carries its numbers"
    covered = [number for number, one in zip(numbers, told, strict=True) if one.hidden]
    assert [one.total for one, number in zip(told, numbers, strict=True) if not one.hidden] == [
        number for number, one in zip(numbers, told, strict=True) if not one.hidden
    ]
    if covered and sum(numbers) >= LEAST:
        assert len(covered) > 1 and sum(covered) >= LEAST
