"""Is one model better than another on the same needs? Paired bootstrap over needs.

Each need gives one difference. The interval is the percentile bootstrap of their mean (Efron and Tibshirani, "An
Introduction to the Bootstrap", 1993, chapter 13); the significance is the achieved level of the paired bootstrap test with
the studentised mean (Sakai, "Evaluating evaluation metrics based on the bootstrap", SIGIR 2006, test for one pair of systems):
how often needs whose differences have the same spread but mean zero would give a statistic as far from zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SIGNIFICANT = 0.05
LEAST_NEEDS = 20
"""With fewer, a bootstrap interval says little about other needs."""
_AT_ONCE = 2_000_000  # numbers resampled at a time: 16 MB


@dataclass(frozen=True, slots=True)
class Difference:
    """New less old, in the measure's units. `low`, `high`: 95 % interval of `mean`; `p`: two-sided significance."""

    old: float
    new: float
    mean: float
    low: float
    high: float
    p: float
    needs: int

    @property
    def better(self) -> bool:
        """Beyond what chance among needs explains: by the test and by the interval."""
        return self.mean > 0 and self.low > 0 and self.p < SIGNIFICANT

    @property
    def worse(self) -> bool:
        """The whole interval lies below zero."""
        return self.high < 0


def paired_bootstrap(
    old: Mapping[str, float], new: Mapping[str, float], *, resamples: int = RESAMPLES, seed: int = 7
) -> Difference:
    """Of one measure by need. Raises ValueError where the two were not measured on the same needs, or on none."""
    if old.keys() != new.keys():
        raise ValueError(f"measured on different needs: {len(old.keys() ^ new.keys())} of them by one model only")
    if not old:
        raise ValueError("measured on no need")
    names = sorted(old)
    before, after = (np.array([values[name] for name in names], dtype=np.float64) for values in (old, new))
    differences = after - before
    means, statistics = _resampled(differences, resamples, np.random.default_rng(seed))
    low, high = np.quantile(means, (0.025, 0.975))
    observed = _studentised(differences[None, :])[0]
    return Difference(
        old=float(before.mean()),
        new=float(after.mean()),
        mean=float(differences.mean()),
        low=float(low),
        high=float(high),
        p=float(np.mean(np.abs(statistics) >= abs(observed))) if observed else 1.0,
        needs=len(names),
    )


def ships(ndcg: Difference, recall: Difference, level: Difference) -> tuple[bool, list[str]]:
    """Whether the new model may replace the old one, and every reason why not.

    It must order better (nDCG@10, beyond chance), and neither find fewer (recall@50) nor grade worse (level score) beyond
    chance. In doubt the old one stays.
    """
    reasons = []
    if ndcg.needs < LEAST_NEEDS:
        reasons.append(f"only {ndcg.needs} held-back needs have a measured order; at least {LEAST_NEEDS} are asked for")
    if not ndcg.better:
        reasons.append(f"nDCG@10 is not better beyond chance ({ndcg.mean:+.4f} [{ndcg.low:+.4f}, {ndcg.high:+.4f}])")
    for name, difference in (("recall@50", recall), ("the level score", level)):
        if difference.worse:
            reasons.append(f"{name} is worse ({difference.mean:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}])")
    return not reasons, reasons


def _resampled(
    differences: NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(resamples,) means of resampled needs, and the studentised means of the same needs shifted to mean zero."""
    n = len(differences)
    centred = differences - differences.mean()
    means, statistics = np.empty(resamples), np.empty(resamples)
    step = max(1, _AT_ONCE // n)
    for start in range(0, resamples, step):
        stop = min(start + step, resamples)
        chosen = rng.integers(0, n, (stop - start, n))
        means[start:stop] = differences[chosen].mean(axis=1)
        statistics[start:stop] = _studentised(centred[chosen])
    return means, statistics


def _studentised(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, n) to (m,): mean / standard error. Equal numbers have none: infinite, or 0 where they are all zero."""
    n = rows.shape[1]
    mean = rows.mean(axis=1)
    error = rows.std(axis=1, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(len(rows))
    # Numbers that are equal up to rounding.
    flat = error <= 1e-12 * np.maximum(1.0, np.abs(mean))
    infinite = np.where(np.abs(mean) <= 1e-12, 0.0, np.copysign(np.inf, mean))
    result: NDArray[np.float64] = np.where(flat, infinite, mean / np.where(flat, 1.0, error))
    return result
