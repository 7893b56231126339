"""Cosines of judged needs with all results, each by an encoder that was trained without that need.

The shipped encoder has seen all judged needs, so that its own figures on them say nothing of new ones. These scores do:
five encoders, made by the same script with the same settings, each trained without a fifth of the needs. They are
kept as numbers beside the versioned figures, because the encoders themselves are not shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
"""Shape (needs, results), in the order of a Corpus."""
SHIPPED = Path(__file__).resolve().parent / "out_of_fold.npz"
STEPS = 32_000
"""Cosines are kept as whole numbers of 1/32000: exact to 0.00002, and the same on every machine."""


class OtherCorpus(ValueError):
    """The scores were made of other needs or results."""


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """`corpus`: digest of the ids the scores belong to; `encoder`: the shipped encoder's version, made beside them."""

    corpus: str
    encoder: str
    scores: Scores

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises OSError, ValueError or KeyError where the file holds no such scores."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(str(kept["corpus"]), str(kept["encoder"]), kept["scores"].astype(np.float32) / STEPS)

    @classmethod
    def of_encoder(cls, version: str, path: Path = SHIPPED) -> Self | None:
        """The kept scores, where they were made beside this encoder; None for an encoder that has none: it has not
        been trained on judged needs."""
        if not path.exists():
            return None
        kept = cls.load(path)
        return kept if kept.encoder == version else None

    def save(self, path: Path) -> None:
        scores = np.round(self.scores * STEPS).astype(np.int16)
        np.savez_compressed(path, corpus=np.array(self.corpus), encoder=np.array(self.encoder), scores=scores)

    def scores_of(self, corpus: str) -> Scores:
        """The scores, after a check that they are those of the corpus with this digest. Raises OtherCorpus."""
        if self.corpus != corpus:
            raise OtherCorpus("the out-of-fold scores were made of other needs or results: train again")
        return self.scores
