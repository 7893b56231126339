"""Fitting the ranker: order by pairs within a need, level by the least absolute error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.evaluation.metrics import gains_of
from matcher.features import Features
from matcher.ranker import RankerModel

Levels = NDArray[np.int64]
Groups = NDArray[np.int64]

LEAST_SHARE = 0.3
"""Each of the levels 3 and 4 is given to at least this share of the pairs that staff gave it to: the least absolute error
alone would never say 强, which 3 % of the judgements are."""


def fit_ranker(
    features: Features,
    levels: Levels,
    groups: Groups,
    *,
    version: str,
    encoder_version: str,
    reference: tuple[float, float],
    notes: dict[str, str | float] | None = None,
) -> RankerModel:
    """Row i: pair of need groups[i] with its features and its judged level. Needs count alike, however many pairs they have."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    weights = _order_weights((features - mean) / spread, levels, groups) / spread
    raw = (features - mean) @ weights
    share = 1 / np.bincount(groups)[groups]
    # Unit: levels. The regression on the judged level turns the order's values into estimated levels.
    centre, target = np.average(raw, weights=share), np.average(levels, weights=share)
    rise = np.average((raw - centre) * (levels - target), weights=share) / np.average(
        (raw - centre) ** 2, weights=share
    )
    values = target + rise * (raw - centre)
    good = _logistic(values[:, None], (levels >= 3).astype(int), share)
    thresholds = _thresholds(values, levels, share)
    return RankerModel(
        version=version,
        encoder_version=encoder_version,
        weights=tuple(float(w) for w in rise * weights),
        bias=float(target - rise * centre - rise * (mean @ weights)),
        thresholds=thresholds,
        slope=float(good.coef_[0, 0]),
        intercept=float(good.intercept_[0]),
        reference=reference,
        notes=notes or {},
    )


def _order_weights(features: Features, levels: Levels, groups: Groups) -> NDArray[np.float64]:
    """Logistic regression on differences of two pairs of one need, weighted by the root of their gains' difference."""
    differences, weights = [], []
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        gains = gains_of(levels[rows])
        better, worse = np.nonzero(gains[:, None] > gains[None, :])
        if not len(better):
            continue
        weight = np.sqrt(gains[better] - gains[worse])
        differences.append(features[rows[better]] - features[rows[worse]])
        weights.append(weight / weight.sum())
    x, w = np.concatenate(differences), np.concatenate(weights)
    w *= len(w) / w.sum()
    # Every other difference is turned round, so that there are two classes; the model has no constant, so nothing changes.
    sign = np.where(np.arange(len(x)) % 2, 1, -1)
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(fit_intercept=False).fit(x * sign[:, None], sign, w)
    result: NDArray[np.float64] = model.coef_[0]
    return result


def _logistic(x: Features, y: Levels, weights: NDArray[np.float64]) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=100.0).fit(x, y, weights * len(weights) / weights.sum())


def _thresholds(values: NDArray[np.float64], levels: Levels, share: NDArray[np.float64]) -> tuple[float, float, float]:
    """Least absolute error with needs weighing alike, under LEAST_SHARE; by coordinate descent over quantiles."""
    grid = np.quantile(values, np.linspace(0.02, 0.998, 160))
    limits = [np.inf] + [float(np.quantile(values, 1 - LEAST_SHARE * np.mean(levels >= k))) for k in (3, 4)]
    cuts = [float(np.quantile(values, q)) for q in (0.45, 0.85, 0.97)]
    cuts = [min(cut, limit) for cut, limit in zip(cuts, limits, strict=True)]

    def loss(candidate: list[float]) -> float:
        given = 1 + (values[:, None] >= np.array(candidate)).sum(axis=1)
        return float((share * np.abs(given - levels)).sum())

    for _ in range(5):
        for k in range(3):
            low = cuts[k - 1] if k else -np.inf
            high = min(cuts[k + 1] if k < 2 else np.inf, limits[k])
            options = [float(v) for v in grid if low <= v <= high] + [cuts[k]]
            cuts[k] = min(options, key=lambda v, k=k: loss([*cuts[:k], v, *cuts[k + 1 :]]))  # type: ignore[misc]
    return cuts[0], cuts[1], cuts[2]
