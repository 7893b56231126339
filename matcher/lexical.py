"""Shared words: BM25 of one pair, standardised without a corpus at hand.

BM25's raw sum grows with the need's length and is not comparable between needs. Its mean and spread over all documents
follow from how common each of the need's words is (taken as independent), so that the standardised score of a
single pair needs nothing but the table of word counts: the same in the command line, on both search engines, and for
one pair alone. Measured as good as standardising over the real corpus (docs/matching.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcher.statistics import TermStatistics
from matcher.tokens import Tokenizer

K1 = 1.2
"""Saturation of a word's frequency in a document."""
B = 0.75
"""Share of the correction for a document's length."""
BEND = 10.0
BEYOND = 0.25
"""Above BEND only this share of the standardised score counts: between titles, more shared words say hardly more there
(nDCG@10 0.734 if all counts, the same if a tenth, a quarter or nothing does), while the abstract that keywords came from stands four
times as high and is told from others of its subject by it (docs/matching.md)."""
K3 = 2.0
"""Saturation of a word's frequency in the need: its texts repeat themselves."""
LENGTHS = {1: 1.0, 2: 3.0, 3: 1.0}
LONGER = 0.4
"""Of a need's Chinese words by their characters: search mode gives a compound and its parts, so that a shared compound is counted with
its parts and weighs less itself."""
TELLING = 0.22
"""Of rarity, in the exponent: in a need's long text, rare words tell more than BM25 gives them. These three were fitted to our own scores
(`matcher/training/own`; no judgement was seen): docs/matching.md."""


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A need's words with their weights, and what their sum is over documents in general."""

    weights: Mapping[str, float]
    mean: tuple[float, float]
    """Over short, over long documents."""
    spread: tuple[float, float]


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """An offer's words, each with its saturated frequency (about 1 for one mention in a text of usual length)."""

    factors: Mapping[str, float]
    share: float
    """Where it stands between a document of usual short length (0) and one of usual long length (1)."""


class Lexical:
    """Makes queries and documents of texts and scores them."""

    def __init__(self, statistics: TermStatistics, tokenizer: Tokenizer) -> None:
        self.statistics = statistics
        self.tokenizer = tokenizer

    def query(self, text: str, *, whole: bool = True) -> LexicalQuery:
        """`whole`: of a whole need, where a word said often weighs more (up to K3 + 1 times), and words of different kinds weigh
        differently; else, of a title, each word weighs by its rarity."""
        counts = Counter(self.tokenizer(text))
        weights: dict[str, float] = {}
        mean, variance = [0.0, 0.0], [0.0, 0.0]
        for word, count in counts.items():
            weight = self.statistics.rarity(word)
            if whole:
                weight *= count * (K3 + 1) / (count + K3) * _kind(word) * math.exp(TELLING * weight)
            weights[word] = weight
            for sort in (0, 1):
                chance = self.statistics.chance(word, long=bool(sort))
                mean[sort] += weight * chance
                variance[sort] += weight * weight * chance * (1 - chance)
        spread = [math.sqrt(value) for value in variance]
        return LexicalQuery(weights, (mean[0], mean[1]), (spread[0], spread[1]))

    def document(self, title: str, body: str = "", keywords: Sequence[str] = ()) -> LexicalDocument:
        """Title and keywords are one field, the body another, each corrected for its own length, then added (BM25F)."""
        head = self.tokenizer(" ".join((title, *keywords)))
        text = self.tokenizer(body) if body else []
        short, long = self.statistics.lengths
        frequencies: dict[str, float] = {}
        for words, usual in ((head, short), (text, long)):
            correction = 1 - B + B * len(words) / usual
            for word, count in Counter(words).items():
                frequencies[word] = frequencies.get(word, 0.0) + count / correction
        factors = {word: f * (K1 + 1) / (f + K1) for word, f in frequencies.items()}
        share = (len(head) + len(text) - short) / (long - short) if long > short else 0.0
        return LexicalDocument(factors, min(1.0, max(0.0, share)))

    def raw(self, query: LexicalQuery, document: LexicalDocument) -> float:
        """BM25, not standardised."""
        few, many = query.weights, document.factors
        if len(few) > len(many):
            return sum(few[word] * factor for word, factor in many.items() if word in few)
        return sum(weight * many[word] for word, weight in few.items() if word in many)

    def score(self, query: LexicalQuery, document: LexicalDocument) -> float:
        """Standardised: 0 is what any document gets; in spreads above it, bent at BEND. 0 for a need without words."""
        share = document.share
        mean = query.mean[0] * (1 - share) + query.mean[1] * share
        spread = query.spread[0] * (1 - share) + query.spread[1] * share
        return _bent((self.raw(query, document) - mean) / spread) if spread > 0 else 0.0


def _kind(word: str) -> float:
    return 1.0 if word.isascii() else LENGTHS.get(len(word), LONGER)


def _bent(spreads: float) -> float:
    return spreads if spreads <= BEND else BEND + BEYOND * (spreads - BEND)
