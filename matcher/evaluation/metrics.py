"""The measures, by need, and how sure they are.

nDCG and recall come from ir-measures, which is checked against trec_eval. Definitions: nDCG@10 over the judged results of
a need, gain 2^(level-1)-1, equal scores counted as a random order, needs with no level ≥ 2 left out; recall of
level ≥ 3 among the 50 best of all results, needs without such a result left out; level score 1/(1+MAE) by need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scores = Mapping[str, Mapping[str, float]]
"""need id → result id → score."""
Judgements = Mapping[str, Mapping[str, int]]
"""need id → result id → level, 1 to 4."""

TIE_ORDERS = 10


def gains_of(levels: ArrayLike) -> NDArray[np.float64]:
    """2^(level-1)-1 of each level, in the shape of `levels`; levels need not be whole."""
    return np.asarray(2.0 ** (np.asarray(levels, dtype=np.float64) - 1) - 1)


GAINS = {level: int(gains_of(level)) for level in (1, 2, 3, 4)}


class MeasuresMissing(Exception):
    """ir-measures is not installed."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Mean over needs with a 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    needs: int


def ndcg_by_need(scores: Scores, judgements: Judgements, cutoff: int = 10) -> dict[str, float]:
    """nDCG@cutoff of each need that has some level ≥ 2. Raises MeasuresMissing."""
    measures = _ir_measures()
    wanted = {need: levels for need, levels in judgements.items() if max(levels.values(), default=1) >= 2}
    measure = measures.nDCG(gains=GAINS, judged_only=True) @ cutoff
    return _over_orders(measures, measure, scores, wanted)


def recall_by_need(scores: Scores, judgements: Judgements, cutoff: int = 50, least: int = 3) -> dict[str, float]:
    """Share of a need's results of level ≥ `least` among its `cutoff` best. Raises MeasuresMissing."""
    measures = _ir_measures()
    wanted = {need: levels for need, levels in judgements.items() if max(levels.values(), default=1) >= least}
    return _over_orders(measures, measures.R(rel=least) @ cutoff, scores, wanted)


def level_score_by_need(levels: Mapping[str, Mapping[str, int]], judgements: Judgements) -> dict[str, float]:
    """1 / (1 + mean absolute error of the level) of each need."""
    result = {}
    for need, truth in judgements.items():
        errors = [abs(levels[need][offer] - level) for offer, level in truth.items()]
        result[need] = 1 / (1 + float(np.mean(errors)))
    return result


def estimate(by_need: Mapping[str, float], resamples: int = 2000, seed: int = 7) -> Estimate:
    """Mean and percentile bootstrap over needs."""
    values = np.array(list(by_need.values()))
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, len(values), (resamples, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Estimate(float(values.mean()), float(low), float(high), len(values))


def _over_orders(measures: Any, measure: Any, scores: Scores, judgements: Judgements) -> dict[str, float]:
    """trec_eval orders equal scores by document name: shuffle ties ourselves, several times, and take the mean."""
    tied = any(len(set(scores.get(need, {}).values())) < len(scores.get(need, {})) for need in judgements)
    qrels = {need: dict(levels) for need, levels in judgements.items()}
    totals = dict.fromkeys(judgements, 0.0)
    orders = TIE_ORDERS if tied else 1
    for order in range(orders):
        rng = np.random.default_rng(order)
        run = {need: _distinct(scores.get(need, {}), rng) for need in judgements}
        for metric in measures.iter_calc([measure], qrels, run):
            totals[metric.query_id] += metric.value / orders
    return totals


def _distinct(scores: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    """The same order with scores that differ: ties in random order. trec_eval keeps single precision, so: ranks."""
    names = list(scores)
    shuffled = rng.permutation(len(names))
    order = sorted(shuffled, key=lambda index: -scores[names[index]])
    return {names[index]: float(len(names) - rank) for rank, index in enumerate(order)}


def _ir_measures() -> Any:
    try:
        import ir_measures
    except ImportError as error:
        raise MeasuresMissing("ir-measures is not installed: pip install -r requirements-dev.txt") from error
    return ir_measures
