"""How common words are: the background that makes lexical scores of single pairs comparable.

Counted on titles of results and on titles with abstracts, and kept as numbers only: a word is known by 32 bits of its
hash. A word that was never counted is as rare as a word can be.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

LEAST_COUNT = 2
"""Words in fewer documents are not stored: they count as unseen."""


class TermStatistics:
    """Numbers of documents a word occurs in, for two sorts of documents: short (a title) and long (with a text)."""

    def __init__(
        self,
        keys: NDArray[np.uint32],
        short: NDArray[np.uint16],
        long: NDArray[np.uint16],
        sizes: tuple[int, int],
        lengths: tuple[float, float],
    ) -> None:
        """`keys` ascending; `sizes`: documents of each sort; `lengths`: mean words of a title, and of a long text."""
        self._rows = {int(key): (int(a), int(b)) for key, a, b in zip(keys, short, long, strict=True)}
        self.sizes = sizes
        self.lengths = lengths

    @classmethod
    def count(cls, short: Iterable[Sequence[str]], long: Iterable[Sequence[str]]) -> TermStatistics:
        """From documents already cut into words."""
        counts: list[Counter[int]] = [Counter(), Counter()]
        sizes, words = [0, 0], [0, 0]
        for sort, documents in enumerate((short, long)):
            for document in documents:
                counts[sort].update({_key(word) for word in document})
                sizes[sort] += 1
                words[sort] += len(document)
        kept = sorted(k for k in set(counts[0]) | set(counts[1]) if counts[0][k] + counts[1][k] >= LEAST_COUNT)
        return cls(
            np.array(kept, dtype=np.uint32),
            np.array([counts[0][key] for key in kept], dtype=np.uint16),
            np.array([counts[1][key] for key in kept], dtype=np.uint16),
            (sizes[0], sizes[1]),
            (words[0] / max(sizes[0], 1), words[1] / max(sizes[1], 1)),
        )

    @classmethod
    def load(cls, path: Path) -> TermStatistics:
        """Raises OSError, ValueError or KeyError where the file is not such a table."""
        with np.load(path, allow_pickle=False) as table:
            sizes, lengths = table["sizes"], table["lengths"]
            return cls(
                table["keys"],
                table["short"],
                table["long"],
                (int(sizes[0]), int(sizes[1])),
                (float(lengths[0]), float(lengths[1])),
            )

    def save(self, path: Path) -> None:
        keys = sorted(self._rows)
        np.savez_compressed(
            path,
            keys=np.array(keys, dtype=np.uint32),
            short=np.array([self._rows[key][0] for key in keys], dtype=np.uint16),
            long=np.array([self._rows[key][1] for key in keys], dtype=np.uint16),
            sizes=np.array(self.sizes),
            lengths=np.array(self.lengths),
        )

    def rarity(self, word: str) -> float:
        """BM25's inverse document frequency over both sorts; ≥ 0, the larger the rarer."""
        total = sum(self.sizes)
        seen = sum(self._rows.get(_key(word), (0, 0)))
        return math.log(1 + (total - seen + 0.5) / (seen + 0.5))

    def chance(self, word: str, *, long: bool) -> float:
        """Estimated probability that a document of this sort has the word; in (0, 0.5]."""
        seen = self._rows.get(_key(word), (0, 0))[long]
        return min(0.5, (seen + 0.5) / (self.sizes[long] + 1))


def _key(word: str) -> int:
    return crc32(word.encode())
