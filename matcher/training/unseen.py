"""The map learned without each fold of the judged needs in turn: cosines by encoders that have not seen the need."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.evaluation.run import FOLDS, Corpus, Scores
from matcher.training.joining import SideBySide, cosines, join
from matcher.training.material import Material
from matcher.training.settings import JoinSettings


def unseen(
    texts: SideBySide,
    ours: Material,
    experts: Material,
    corpus: Corpus,
    settings: JoinSettings,
    seed: int,
    report: Callable[[str], None] = lambda _line: None,
) -> Scores:
    """(needs, results) in the corpus's order. `ours` is learned from in each fold; `texts`: as `SideBySide.of` makes it of the same
    material. About a minute a fold."""
    rows = {need: row for row, need in enumerate(sorted(ours.needs))}
    places = {result: place for place, result in enumerate(sorted(ours.results))}
    columns = [places[result.id] for result in corpus.results]
    scores = np.zeros((len(corpus.needs), len(columns)), dtype=np.float32)
    for fold in range(FOLDS):
        of_fold = [number for number, need in enumerate(corpus.needs) if corpus.fold(need) == fold]
        if not of_fold:
            continue
        seen = Material.whole([ours, experts.without(fold)])
        weights = join(texts, seen, settings, seed, lambda line, fold=fold: report(f"without fold {fold}: {line}"))  # type: ignore[misc]
        found = cosines(texts, weights, [rows[corpus.needs[number].id] for number in of_fold])
        scores[of_fold] = found.numpy()[:, columns]
    return scores
