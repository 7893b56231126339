"""The measures against their definitions, computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from matcher.evaluation.fitting import fit_ranker
from matcher.evaluation.metrics import estimate, level_score_by_need, ndcg_by_need, recall_by_need


def test_ndcg_is_that_of_the_definition() -> None:
    judgements = {"n": {"a": 4, "b": 1, "c": 3, "d": 2}, "none": {"a": 1, "b": 1}}
    scores = {"n": {"x": 9.0, "b": 3.0, "a": 2.0, "d": 1.0, "c": 0.5}, "none": {"a": 1.0}}
    gains = [0, 7, 1, 3]
    best = sorted(gains, reverse=True)
    expected = sum(g / math.log2(i + 2) for i, g in enumerate(gains)) / sum(
        g / math.log2(i + 2) for i, g in enumerate(best)
    )
    assert ndcg_by_need(scores, judgements) == {"n": pytest.approx(expected)}


def test_equal_scores_count_as_a_random_order() -> None:
    judgements = {"n": {f"r{i}": 4 if i == 0 else 1 for i in range(4)}}
    tied = ndcg_by_need({"n": dict.fromkeys(judgements["n"], 1.0)}, judgements)["n"]
    assert 0.45 < tied < 1.0  # between the last place's 0.43 and the first's 1


def test_recall_looks_among_all_results() -> None:
    judgements = {"n": {"a": 3, "b": 4, "c": 2}}
    scores = {"n": {**{f"x{i}": 100.0 - i for i in range(49)}, "a": 50.0, "b": 1.0}}
    assert recall_by_need(scores, judgements) == {"n": pytest.approx(0.5)}


def test_level_score_and_interval() -> None:
    by_need = level_score_by_need({"n": {"a": 2, "b": 4}}, {"n": {"a": 3, "b": 4}})
    assert by_need == {"n": pytest.approx(1 / 1.5)}
    told = estimate({"a": 0.2, "b": 0.4, "c": 0.6})
    assert told.low <= told.mean <= told.high and told.mean == pytest.approx(0.4) and told.needs == 3


def test_fitting_finds_the_feature_that_tells() -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(1, 5, 800)
    features = np.stack([levels + rng.normal(0, 0.5, 800), rng.normal(0, 1, 800), rng.normal(0, 1, 800)], axis=1)
    model = fit_ranker(features, levels, np.arange(800) // 20, version="t", encoder_version="e", reference=(0.0, 1.0))
    assert model.weights[0] > 10 * abs(model.weights[1])
    low, middle, high = model.thresholds
    assert low < middle < high
    given = np.array([int(model.level(v)) for v in model.values(features)])
    assert np.abs(given - levels).mean() < 0.5
    assert model.score(4.0) > 0.9 > 0.1 > model.score(1.0)
