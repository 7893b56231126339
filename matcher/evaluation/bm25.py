"""BM25 over a whole corpus in memory: the baseline that every table shows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.lexical import K1, K3, B

Matrix = NDArray[np.float64]


class CorpusBM25:
    """Documents as words. Scores of queries come as a matrix (queries, documents)."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._postings: dict[str, list[tuple[int, float]]] = {}
        self._size = len(documents)
        usual = sum(len(document) for document in documents) / max(1, len(documents))
        for number, document in enumerate(documents):
            correction = K1 * (1 - B + B * len(document) / usual)
            for word, count in Counter(document).items():
                factor = count * (K1 + 1) / (count + correction)
                self._postings.setdefault(word, []).append((number, factor))

    def scores(self, queries: Sequence[Sequence[str]]) -> Matrix:
        result = np.zeros((len(queries), self._size))
        for row, query in enumerate(queries):
            for word, count in Counter(query).items():
                postings = self._postings.get(word)
                if postings is None:
                    continue
                rarity = math.log(1 + (self._size - len(postings) + 0.5) / (len(postings) + 0.5))
                weight = rarity * count * (K3 + 1) / (count + K3)
                numbers, factors = zip(*postings, strict=True)
                result[row, list(numbers)] += weight * np.array(factors)
        return result


def standardised(scores: Matrix) -> Matrix:
    """Each row with mean 0 and spread 1; a row without spread is 0."""
    spread = scores.std(axis=1, keepdims=True)
    result: Matrix = (scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return result
