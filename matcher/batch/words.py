"""BM25 over all results, in arrays: the candidates that share words with a need.

Which results are candidates is all that it decides; their scores come from the matcher, which needs no corpus.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from matcher.lexical import K1, K3, B

TELLING = 64
"""Words of a need that are asked with: those that tell results apart best. Summing over all costs several times as much, and
finds no more on labelled needs (the search engines do the same)."""


class WordIndex:
    """About 8 bytes for each different word of each result, and 100 for each word there is."""

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        """`documents`: the words of each result, in order; read once, not kept."""
        self._numbers: dict[str, int] = {}
        words, counts, ends = array("i"), array("f"), array("q", [0])
        lengths = array("i")
        for document in documents:
            for word, count in Counter(document).items():
                words.append(self._numbers.setdefault(word, len(self._numbers)))
                counts.append(count)
            ends.append(len(words))
            lengths.append(len(document))
        self.size = len(lengths)
        length = np.array(lengths, dtype=np.float32)
        correction = (K1 * (1 - B + B * length / max(1.0, float(length.sum()) / max(1, self.size)))).astype(np.float32)
        bounds: NDArray[np.int64] = np.array(ends, dtype=np.int64)
        spans: NDArray[np.int64] = bounds[1:] - bounds[:-1]
        factors = np.array(counts, dtype=np.float32)
        factors *= np.float32(K1 + 1) / (factors + np.repeat(correction, spans))
        shape = (self.size, len(self._numbers))
        self._columns = csr_matrix((factors, np.array(words, dtype=np.int32), bounds), shape=shape).tocsc()

    def scores(self, words: Sequence[str]) -> NDArray[np.float32]:
        """(n,): BM25 of the need's most telling words with each result."""
        weights: dict[int, float] = {}
        ends = self._columns.indptr
        for word, count in Counter(words).items():
            number = self._numbers.get(word)
            if number is not None:
                held = int(ends[number + 1] - ends[number])
                rarity = math.log(1 + (self.size - held + 0.5) / (held + 0.5))
                weights[number] = rarity * count * (K3 + 1) / (count + K3)
        chosen = sorted(weights, key=lambda number: (-weights[number], number))[:TELLING]
        total = np.zeros(self.size, dtype=np.float32)
        for number in chosen:
            span = slice(ends[number], ends[number + 1])
            total[self._columns.indices[span]] += np.float32(weights[number]) * self._columns.data[span]
        return total
