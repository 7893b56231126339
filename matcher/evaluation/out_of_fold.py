"""Cosines of judged needs with all results, each by an encoder that has not learned from that need.

The shipped encoder has learned from all judged needs, so that its own figures on them say nothing of new ones. These cosines do:
five encoders, made by the same script with the same settings, each without a fifth of the needs. They are
kept as numbers beside the code, because the encoders themselves are not shipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matcher.encoders import Encoder
from matcher.encoders.learned import id_key, judged_needs
from matcher.evaluation.run import Corpus, Scores

SHIPPED = Path(__file__).resolve().parent / "out_of_fold.npz"
STEPS = 32_000
"""Cosines are kept as whole numbers of 1/32000: exact to 0.00002, and the same on every machine."""


class SeenNeeds(ValueError):
    """The encoder has learned from needs that it is to be measured on."""


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """`encoder`: the version of the one made beside them, of all needs; `needs`, `results`: keys of rows and columns."""

    encoder: str
    needs: NDArray[np.uint32]
    results: NDArray[np.uint32]
    scores: Scores

    @classmethod
    def of(cls, encoder: str, corpus: Corpus, scores: Scores) -> Self:
        """`scores`: (needs, results) in the corpus's order."""
        return cls(encoder, _keys(need.id for need in corpus.needs), _keys(r.id for r in corpus.results), scores)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises OSError, ValueError or KeyError where the file holds no such scores."""
        with np.load(path, allow_pickle=False) as kept:
            scores = kept["scores"].astype(np.float32) / STEPS
            return cls(str(kept["encoder"]), kept["needs"], kept["results"], scores)

    def save(self, path: Path) -> None:
        scores = np.round(self.scores * STEPS).astype(np.int16)
        np.savez_compressed(path, encoder=np.array(self.encoder), needs=self.needs, results=self.results, scores=scores)

    def scores_of(self, corpus: Corpus) -> Scores:
        """(needs, results) in the corpus's order. Raises SeenNeeds where a pair's cosine is not kept."""
        rows = {int(key): row for row, key in enumerate(self.needs)}
        columns = {int(key): column for column, key in enumerate(self.results)}
        try:
            chosen = [rows[id_key(need.id)] for need in corpus.needs]
            across = [columns[id_key(result.id)] for result in corpus.results]
        except KeyError as error:
            raise SeenNeeds(
                "the encoder has learned from some of these needs, and cosines by one that has not are kept for other "
                "needs and results only: make them anew (scripts/make_encoder.py --out-of-fold)"
            ) from error
        return self.scores[np.ix_(chosen, across)]


def unseen_cosines(encoder: Encoder, corpus: Corpus, path: Path = SHIPPED) -> Scores | None:
    """What to measure the encoder by where it has learned from needs of this corpus; None where it has not, and its own cosines
    will do. Raises SeenNeeds where it has and no others are kept; OSError, ValueError, KeyError for a broken file."""
    learned = judged_needs(encoder)
    if not any(id_key(need.id) in learned for need in corpus.needs):
        return None
    kept = OutOfFold.load(path) if path.exists() else None
    if kept is None or kept.encoder != encoder.version:
        raise SeenNeeds(
            "this encoder has learned from some of these needs, and no cosines by one that has not are kept: "
            "make it with scripts/make_encoder.py --out-of-fold, or leave folds out (--held-back)"
        )
    return kept.scores_of(corpus)


def _keys(names: Iterable[str]) -> NDArray[np.uint32]:
    return np.array([id_key(name) for name in names], dtype=np.uint32)
