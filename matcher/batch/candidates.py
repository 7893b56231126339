"""Which results are worth scoring for a need: the nearest by vector and the best by words, as the search engines choose them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.batch.words import WordIndex
from matcher.encoders import Vectors

ROWS = 16_384
"""Results whose cosines with a block of needs are in memory at a time."""
Numbers = NDArray[np.intp]


class Candidates:
    """Of one set of results, for block after block of needs."""

    def __init__(self, vectors: Vectors, words: WordIndex, each: int) -> None:
        """`each`: candidates by vector, and as many by words."""
        self._vectors = vectors
        self._words = words
        self._each = each

    def of(self, needs: Vectors, words: Sequence[Sequence[str]]) -> list[Numbers]:
        """For each need, the candidates' row numbers in ascending order."""
        return [np.union1d(near, self._worded(asked)) for near, asked in zip(self._nearest(needs), words, strict=True)]

    def _nearest(self, needs: Vectors) -> Numbers:
        """(needs, at most `each`) row numbers."""
        count = len(needs)
        cosines = np.empty((count, 0), dtype=np.float32)
        numbers = np.empty((count, 0), dtype=np.intp)
        for start in range(0, len(self._vectors), ROWS):
            rows = self._vectors[start : start + ROWS]
            cosines = np.hstack([cosines, needs @ rows.T])
            numbers = np.hstack([numbers, np.broadcast_to(np.arange(start, start + len(rows)), (count, len(rows)))])
            if cosines.shape[1] > self._each:
                best = np.argpartition(-cosines, self._each - 1, axis=1)[:, : self._each]
                cosines = np.take_along_axis(cosines, best, axis=1)
                numbers = np.take_along_axis(numbers, best, axis=1)
        return numbers

    def _worded(self, words: Sequence[str]) -> Numbers:
        scores = self._words.scores(words)
        found = np.flatnonzero(scores > 0)
        if len(found) > self._each:
            found = found[np.argpartition(-scores[found], self._each - 1)[: self._each]]
        return found
