"""The table of figures on labelled pairs: BM25, off-the-shelf encoders, their fusion, our encoder alone, the whole pipeline.

Validated by need: whatever is fitted (weights, thresholds) is fitted on other needs than those it is measured on. The shipped
encoder has learned from all judged needs, so that its cosines are replaced by those of encoders that have not (`out_of_fold`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.background import background_of
from matcher.encoder import encode_needs, encode_offers
from matcher.encoders.learned import id_key
from matcher.evaluation.bm25 import CorpusBM25, standardised
from matcher.evaluation.data import read_judgements, read_needs, read_results
from matcher.evaluation.fitting import Groups, Levels, fit_ranker
from matcher.evaluation.metrics import (
    Estimate,
    Judgements,
    estimate,
    level_score_by_need,
    ndcg_by_need,
    recall_by_need,
)
from matcher.evaluation.peers import Peer
from matcher.features import Features
from matcher.pipeline import Matcher
from matcher.types import Need, Offer

FOLDS = 5
Scores = NDArray[np.float32]
"""Cosines, shape (needs, results), in the order of a Corpus."""
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
class Given:
    """What staff said of the pairs that one level was given to: how many, their mean judged level, shares judged to be
    exactly this level, and at most one away."""

    level: int
    pairs: int
    judged_mean: float
    share_exact: float
    share_near: float


@dataclass(frozen=True, slots=True)
class Table:
    """`reliability`: of the whole pipeline, strongest level first."""

    rows: list[Row]
    reliability: list[Given]


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

    def from_background(self, cosines: Scores) -> tuple[Scores, float]:
        """(needs, results) cosines, each need's read from its background, and the mean background. A need's own judged
        results have no part in its background: a need never seen before has none among the sample either."""
        place = {result.id: column for column, result in enumerate(self.results)}
        others = cosines.astype(np.float32)
        for row, need in enumerate(self.needs):
            others[row, [place[result] for result in self.judgements[need.id]]] = -np.inf
        background = background_of(others)
        usual = float(background.mean())
        return cosines + (np.float32(usual) - background)[:, None], usual

    def judged(self, cube: Cube) -> tuple[Features, Levels, Groups]:
        """The judged pairs' rows of a cube, their levels, and the number of the need each belongs to."""
        place = {result.id: column for column, result in enumerate(self.results)}
        rows: list[Features] = []
        levels: list[int] = []
        groups: list[int] = []
        for row, need in enumerate(self.needs):
            truth = self.judgements[need.id]
            rows.append(cube[row, [place[result] for result in truth]])
            levels += truth.values()
            groups += [row] * len(truth)
        return np.concatenate(rows), np.array(levels), np.array(groups)

    def fold(self, need: Need) -> int:
        """By the need's id, so that it is always the same."""
        return id_key(need.id) % FOLDS

    def only(self, folds: set[int]) -> Corpus:
        """These folds' needs, and the results judged for them."""
        needs = [need for need in self.needs if self.fold(need) in folds]
        judgements = {need.id: self.judgements[need.id] for need in needs}
        judged = {result for levels in judgements.values() for result in levels}
        return Corpus(needs, [result for result in self.results if result.id in judged], judgements)


def evaluate_corpus(
    corpus: Corpus,
    matcher: Matcher,
    progress: Callable[[str], None] = lambda _step: None,
    *,
    semantic: Scores | None = None,
    peers: Sequence[Peer] = (),
) -> Table:
    """Figures of all methods. `semantic`: cosines, (needs, results), in place of the encoder's own, which may have seen the
    needs. Raises MeasuresMissing."""
    if semantic is None:
        progress("encode")
        semantic = encode_needs(matcher.encoder, corpus.needs) @ encode_offers(matcher.encoder, corpus.results).T
    progress("words")
    words_scores = matcher.features.words(corpus.needs, corpus.results)
    pipeline = np.concatenate([corpus.from_background(semantic)[0][:, :, None], words_scores], axis=2)
    tokenizer = matcher.features.lexical.tokenizer
    words = [tokenizer(" ".join((o.title, *o.keywords, o.body))) for o in corpus.results]
    bm25 = standardised(CorpusBM25(words).scores([tokenizer(f"{need.title} {need.body}") for need in corpus.needs]))
    methods: list[tuple[str, Cube]] = [("bm25", bm25[:, :, None])]
    cosines = []
    for peer in peers:
        progress(peer.name)
        cosines.append(encode_needs(peer.needs, corpus.needs) @ encode_offers(peer.results, corpus.results).T)
        methods.append((peer.name, cosines[-1][:, :, None].astype(np.float64)))
    if cosines:
        methods.append(("fusion", np.stack([bm25, *cosines], axis=2)))
    methods += [("jieti-encoder", semantic[:, :, None].astype(np.float64)), ("jieti", pipeline)]
    rows = []
    for method, cube in methods:
        progress(method)
        row, reliability = measure(method, corpus, cube)
        rows.append(row)
    return Table(rows, reliability)


def measure(method: str, corpus: Corpus, cube: Cube) -> tuple[Row, list[Given]]:
    """Fits on the other folds' needs, measures on each fold's."""
    place = {result.id: column for column, result in enumerate(corpus.results)}
    folds = np.array([corpus.fold(need) for need in corpus.needs])
    features, truth, groups = corpus.judged(cube)
    scores: dict[str, dict[str, float]] = {}
    levels: dict[str, dict[str, int]] = {}
    for fold in sorted(set(folds.tolist())):
        learned = folds[groups] != fold
        _names, renumbered = np.unique(groups[learned], return_inverse=True)
        model = fit_ranker(
            features[learned], truth[learned], renumbered, version="", encoder_version="", reference=(0.0, 1.0)
        )
        for row in np.flatnonzero(folds == fold):
            need = corpus.needs[row]
            values = model.values(cube[row])
            scores[need.id] = {result.id: float(v) for result, v in zip(corpus.results, values, strict=True)}
            levels[need.id] = {name: int(model.level(values[place[name]])) for name in corpus.judgements[need.id]}
    figures = Row(
        method,
        estimate(ndcg_by_need(scores, corpus.judgements)),
        estimate(recall_by_need(scores, corpus.judgements)),
        estimate(level_score_by_need(levels, corpus.judgements)),
    )
    return figures, reliability_of(levels, corpus.judgements)


def reliability_of(levels: Judgements, judgements: Judgements) -> list[Given]:
    """Strongest level first; a level that was never given is left out."""
    pairs = [(levels[need][name], judged) for need, truth in judgements.items() for name, judged in truth.items()]
    found = []
    for level in (4, 3, 2, 1):
        judged = np.array([truth for given, truth in pairs if given == level])
        if len(judged):
            away = np.abs(judged - level)
            found.append(
                Given(level, len(judged), float(judged.mean()), float((away == 0).mean()), float((away <= 1).mean()))
            )
    return found
