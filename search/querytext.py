"""What a query's text asks for: its words, their terms, and how many of the terms a document must hold.

Decision: a lexical hit holds all terms of a query of one or two terms, three quarters of up to eight (rounded down),
and half of longer ones. Plain AND fails people who paste a sentence; plain OR answers everything with everything, so
that neither the total nor the facet counts mean anything. Both engines ask for exactly `QueryText.required` terms.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from search import analysis

MAX_SEARCH_TEXT = 1_000
"""Characters of a search text that count; the rest of a pasted page is dropped."""
MAX_SEARCH_TERMS = 48
MAX_LONG_TEXT = 20_000
"""Characters of a challenge's text that count when candidates are sought."""
MAX_LONG_TERMS = 192
MAX_WEIGHT = 4


@dataclass(frozen=True, slots=True)
class QueryText:
    """`source` is the cleaned, clipped text that `words` point into; `terms` are unique, in reading order."""

    source: str
    words: tuple[analysis.Word, ...]
    terms: tuple[str, ...]

    @property
    def required(self) -> int:
        return required(len(self.terms))

    def without(self, index: int) -> QueryText:
        """The query with its index-th word dropped."""
        return _query(self.source, self.words[:index] + self.words[index + 1 :])

    def word(self, index: int) -> str:
        """The index-th word as it was typed."""
        return self.source[self.words[index].start : self.words[index].end]


def required(count: int) -> int:
    """Of so many terms, how many a lexical hit must hold."""
    if count <= 2:
        return count
    return count * 3 // 4 if count <= 8 else count // 2


def _query(source: str, words: tuple[analysis.Word, ...]) -> QueryText:
    unique: dict[str, None] = {}
    for count, word in enumerate(words):
        if len(unique) + len(word.terms) > MAX_SEARCH_TERMS:
            words = words[:count]
            break
        unique.update(dict.fromkeys(word.terms))
    return QueryText(source, words, tuple(unique))


@lru_cache(maxsize=256)
def parse(text: str) -> QueryText:
    """Read a search text. Never fails: what no index holds (NUL, emoji, lone surrogates) is dropped."""
    source = analysis.clean(text[:MAX_SEARCH_TEXT])
    return _query(source, tuple(analysis.words(source)))


def weighted_terms(text: str) -> dict[str, int]:
    """Terms of a long text with their weights, for finding candidates: no single Chinese characters.

    A weight is the term's count, at most MAX_WEIGHT: pasted texts repeat themselves. (No harm was seen on 142 real
    needs, nDCG@10 0.664 without and 0.667 with the limit; it was chosen on the same needs, and the difference is noise.)
    """
    counts = Counter(analysis.terms(analysis.clean(text[:MAX_LONG_TEXT])))
    useful = {term: min(count, MAX_WEIGHT) for term, count in counts.items() if len(term) > 1 or term.isascii()}
    return dict(sorted(useful.items(), key=lambda item: -item[1])[:MAX_LONG_TERMS])
