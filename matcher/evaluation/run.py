"""The table of figures on labelled pairs: BM25, encoder alone, fusion, pipeline.

Validated by need: whatever is fitted (weights, thresholds) is fitted on other needs than those it is measured on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import document_text
from matcher.evaluation.bm25 import CorpusBM25, standardised
from matcher.evaluation.data import read_judgements, read_needs, read_results
from matcher.evaluation.fitting import fit_ranker
from matcher.evaluation.metrics import Estimate, estimate, level_score_by_need, ndcg_by_need, recall_by_need
from matcher.pipeline import Matcher
from matcher.types import Need, Offer

FOLDS = 5
FUSION_WEIGHT = 0.3
"""Of standardised BM25 beside the standardised cosine: measured before the project began, not fitted here."""
Cube = NDArray[np.float64]
"""Shape (needs, results, features)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One method's figures."""

    method: str
    ndcg: Estimate
    recall: Estimate
    level: Estimate


@dataclass(frozen=True, slots=True)
class Corpus:
    """Judged needs, all results, and their judgements."""

    needs: list[Need]
    results: list[Offer]
    judgements: dict[str, dict[str, int]]

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        """needs.jsonl, results.jsonl, judgements.tsv. Raises BadInput, OSError; ValueError for unknown ids."""
        judgements = read_judgements(folder / "judgements.tsv")
        needs = [need for need in read_needs(folder / "needs.jsonl") if need.id in judgements]
        results = read_results(folder / "results.jsonl")
        unknown = set(judgements) - {need.id for need in needs}
        unknown |= {result for judged in judgements.values() for result in judged} - {result.id for result in results}
        if unknown:
            raise ValueError(f"judgements.tsv names {len(unknown)} unknown ids, such as {sorted(unknown)[0]!r}")
        return cls(needs, results, {need.id: judgements[need.id] for need in needs})

    def fold(self, need: Need) -> int:
        """By the need's id, so that it is always the same."""
        return crc32(need.id.encode()) % FOLDS

    def only(self, folds: set[int]) -> Corpus:
        """These folds' needs, and the results judged for them."""
        needs = [need for need in self.needs if self.fold(need) in folds]
        judgements = {need.id: self.judgements[need.id] for need in needs}
        judged = {result for levels in judgements.values() for result in levels}
        return Corpus(needs, [result for result in self.results if result.id in judged], judgements)


def evaluate(folder: Path, matcher: Matcher, progress: Callable[[str], None] = lambda _step: None) -> list[Row]:
    """Figures of all methods. Raises what Corpus.read raises, and MeasuresMissing."""
    return evaluate_corpus(Corpus.read(folder), matcher, progress)


def evaluate_corpus(
    corpus: Corpus, matcher: Matcher, progress: Callable[[str], None] = lambda _step: None
) -> list[Row]:
    """As `evaluate`, of a corpus already read. Raises MeasuresMissing."""
    progress("encode results")
    offers = matcher.features.offers(corpus.results)
    progress("encode needs")
    asked = matcher.features.needs(corpus.needs)
    progress("score")
    pipeline = np.stack([matcher.features.pairs(need, offers) for need in asked])
    tokenizer = matcher.features.lexical.tokenizer
    words = [tokenizer(" ".join((o.title, *o.keywords, o.body))) for o in corpus.results]
    bm25 = standardised(CorpusBM25(words).scores([tokenizer(f"{need.title} {need.body}") for need in corpus.needs]))
    texts = matcher.encoder.encode([document_text(need.title, need.body) for need in corpus.needs])
    alone = texts @ np.stack([offer.vector for offer in offers]).T
    fusion = standardised(pipeline[:, :, 0]) + FUSION_WEIGHT * bm25
    methods: list[tuple[str, Cube]] = [
        ("BM25", bm25[:, :, None]),
        ("encoder", alone[:, :, None].astype(np.float64)),
        ("fusion", fusion[:, :, None]),
        ("pipeline", pipeline),
    ]
    rows = []
    for method, cube in methods:
        progress(method)
        rows.append(measure(method, corpus, cube))
    return rows


def measure(method: str, corpus: Corpus, cube: Cube) -> Row:
    """Fits on the other folds' needs, measures on each fold's."""
    place = {result.id: column for column, result in enumerate(corpus.results)}
    folds = np.array([corpus.fold(need) for need in corpus.needs])
    judged = [np.array([place[result] for result in corpus.judgements[need.id]]) for need in corpus.needs]
    scores: dict[str, dict[str, float]] = {}
    levels: dict[str, dict[str, int]] = {}
    for fold in sorted(set(folds.tolist())):
        learned = np.flatnonzero(folds != fold)
        model = fit_ranker(
            np.concatenate([cube[row, judged[row]] for row in learned]),
            np.concatenate([list(corpus.judgements[corpus.needs[row].id].values()) for row in learned]),
            np.concatenate([np.full(len(judged[row]), number) for number, row in enumerate(learned)]),
            version="", encoder_version="", reference=(0.0, 1.0),
        )  # fmt: skip
        for row in np.flatnonzero(folds == fold):
            need = corpus.needs[row]
            values = model.values(cube[row])
            scores[need.id] = {result.id: float(v) for result, v in zip(corpus.results, values, strict=True)}
            levels[need.id] = {name: int(model.level(values[place[name]])) for name in corpus.judgements[need.id]}
    return Row(
        method,
        estimate(ndcg_by_need(scores, corpus.judgements)),
        estimate(recall_by_need(scores, corpus.judgements)),
        estimate(level_score_by_need(levels, corpus.judgements)),
    )
