"""The statistics of the guard: what is beyond chance, what is not, and that in doubt the old model stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from matcher.evaluation.paired import LEAST_NEEDS, Difference, paired_bootstrap, ships


def of(values: list[float] | np.ndarray) -> dict[str, float]:
    return {f"n{number}": float(value) for number, value in enumerate(values)}


def test_interval_and_significance_agree_with_the_t_test_on_normal_differences() -> None:
    rng = np.random.default_rng(3)
    old = rng.uniform(0.4, 0.9, 120)
    new = old + rng.normal(0.015, 0.06, 120)
    got = paired_bootstrap(of(old), of(new))
    exact = stats.ttest_rel(new, old)
    interval = exact.confidence_interval(0.95)
    assert got.mean == pytest.approx(float((new - old).mean()))
    assert (got.low, got.high) == (pytest.approx(interval.low, abs=0.001), pytest.approx(interval.high, abs=0.001))
    assert got.p == pytest.approx(exact.pvalue, abs=0.01)


def test_pairing_sees_a_small_steady_gain_that_unpaired_intervals_hide() -> None:
    rng = np.random.default_rng(5)
    old = rng.uniform(0, 1, 60)
    got = paired_bootstrap(of(old), of(old + rng.uniform(0.0, 0.02, 60)))
    assert got.better and got.mean == pytest.approx(0.01, abs=0.002)


def test_noise_is_no_gain() -> None:
    """Of 60 comparisons in which nothing changed but noise, about one in twenty may call it a gain or a loss."""
    rng = np.random.default_rng(11)
    found = [paired_bootstrap(of(np.zeros(30)), of(rng.normal(0, 0.05, 30)), resamples=1000) for _ in range(60)]
    assert sum(d.better or d.worse for d in found) <= 8


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=40))
def test_turned_round_it_is_the_same_with_the_other_sign(pairs: list[tuple[float, float]]) -> None:
    old, new = of([a for a, _b in pairs]), of([b for _a, b in pairs])
    there, back = paired_bootstrap(old, new, resamples=300), paired_bootstrap(new, old, resamples=300)
    assert there.mean == pytest.approx(-back.mean) and there.p == pytest.approx(back.p)
    assert there.low <= there.mean + 1e-12 and there.mean <= there.high + 1e-12
    assert not (there.better and there.worse) and not (there.better and back.better)


def test_the_same_models_do_not_differ() -> None:
    got = paired_bootstrap(of([0.5, 0.7, 0.1]), of([0.5, 0.7, 0.1]))
    assert (got.mean, got.low, got.high, got.p) == (0, 0, 0, 1.0)
    assert not got.better and not got.worse


def test_an_equal_gain_everywhere_is_certain() -> None:
    got = paired_bootstrap(of([0.5] * 25), of([0.6] * 25))
    assert got.better and got.p == 0


def test_different_needs_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="different needs: 2"):
        paired_bootstrap({"a": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="no need"):
        paired_bootstrap({}, {})


def difference(low: float, high: float, *, p: float = 0.01, needs: int = 29) -> Difference:
    mean = (low + high) / 2
    return Difference(0.7, 0.7 + mean, mean, low, high, p, needs)


BETTER, SAME, WORSE = difference(0.01, 0.03), difference(-0.01, 0.01, p=0.9), difference(-0.03, -0.01)


@pytest.mark.parametrize(
    ("ndcg", "recall", "level", "yes", "told"),
    [
        (BETTER, SAME, SAME, True, ""),
        (BETTER, BETTER, BETTER, True, ""),
        (SAME, BETTER, BETTER, False, "nDCG@10 is not better"),
        (WORSE, SAME, SAME, False, "nDCG@10 is not better"),
        (difference(0.001, 0.03, p=0.06), SAME, SAME, False, "nDCG@10 is not better"),
        (BETTER, WORSE, SAME, False, "recall@50 is worse"),
        (BETTER, SAME, WORSE, False, "the level score is worse"),
        (difference(0.01, 0.03, needs=LEAST_NEEDS - 1), SAME, SAME, False, f"at least {LEAST_NEEDS}"),
    ],
)
def test_what_ships(ndcg: Difference, recall: Difference, level: Difference, yes: bool, told: str) -> None:
    got, reasons = ships(ndcg, recall, level)
    assert got is yes and (not reasons if yes else any(told in reason for reason in reasons))
