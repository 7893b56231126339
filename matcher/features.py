"""What the ranker sees of a pair: three numbers, of which each says something to a reader too.

- `semantic`: cosine of the two listings' vectors, read from the need's background (`matcher.background`);
- `words`: standardised BM25 of the whole need;
- `title_words`: standardised BM25 of the need's title alone, each word weighing once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.background import Background
from matcher.encoder import Encoder, Vector, document_text, encode_needs, encode_offers
from matcher.lexical import Lexical, LexicalDocument, LexicalQuery
from matcher.types import Need, Offer

NAMES = ("semantic", "words", "title_words")
Features = NDArray[np.float64]
"""Shape (n, 3), columns as NAMES."""


@dataclass(frozen=True, slots=True)
class PreparedNeed:
    vector: Vector
    shift: float
    """What its background adds to its cosines."""
    whole: LexicalQuery
    title: LexicalQuery


@dataclass(frozen=True, slots=True)
class PreparedOffer:
    vector: Vector
    words: LexicalDocument


class FeatureMaker:
    """Prepares listings once, and pairs them cheaply."""

    def __init__(self, encoder: Encoder, lexical: Lexical, background: Background | None = None) -> None:
        """`background`: None where none was measured with this encoder; cosines then stay as they are."""
        self.encoder = encoder
        self.lexical = lexical
        self.background = background

    def needs(self, needs: Sequence[Need], vectors: Mapping[str, Vector] | None = None) -> list[PreparedNeed]:
        """`vectors`: stored ones by id; only needs without one are encoded."""
        held = dict(vectors or {})
        missing = [need for need in needs if need.id not in held]
        held.update(zip((n.id for n in missing), encode_needs(self.encoder, missing), strict=True))
        if not needs:
            return []
        shifts = self.background.shifts(np.stack([held[need.id] for need in needs])) if self.background else None
        return [
            PreparedNeed(
                held[need.id],
                0.0 if shifts is None else float(shifts[row]),
                self.lexical.query(self.need_text(need)),
                self.title_query(need),
            )
            for row, need in enumerate(needs)
        ]

    def offers(self, offers: Sequence[Offer], vectors: Mapping[str, Vector] | None = None) -> list[PreparedOffer]:
        """As `needs`."""
        held = dict(vectors or {})
        missing = [offer for offer in offers if offer.id not in held]
        held.update(zip((o.id for o in missing), encode_offers(self.encoder, missing), strict=True))
        return [
            PreparedOffer(held[offer.id], self.lexical.document(offer.title, offer.body, offer.keywords))
            for offer in offers
        ]

    def pairs(self, need: PreparedNeed, offers: Sequence[PreparedOffer]) -> Features:
        """Features of one need with each offer."""
        rows = np.zeros((len(offers), len(NAMES)))
        if not offers:
            return rows
        rows[:, 0] = np.stack([offer.vector for offer in offers]) @ need.vector + need.shift
        rows[:, 1:] = self._words(need.whole, need.title, [offer.words for offer in offers])
        return rows

    def words(self, needs: Sequence[Need], offers: Sequence[Offer]) -> Features:
        """(needs, offers, 2): the two features of shared words, for all pairs; nothing is encoded."""
        documents = [self.lexical.document(offer.title, offer.body, offer.keywords) for offer in offers]
        rows = np.empty((len(needs), len(offers), 2))
        for number, need in enumerate(needs):
            rows[number] = self._words(self.lexical.query(self.need_text(need)), self.title_query(need), documents)
        return rows

    def _words(
        self, whole: LexicalQuery, title: LexicalQuery, documents: Sequence[LexicalDocument]
    ) -> list[tuple[float, float]]:
        return [(self.lexical.score(whole, words), self.lexical.score(title, words)) for words in documents]

    @staticmethod
    def need_text(need: Need) -> str:
        """All words of a need, sealed ones included where it carries them."""
        names = " ".join(indicator.name for indicator in need.indicators)
        return "\n".join(filter(None, (document_text(need.title, need.body, need.keywords), names, need.sealed)))

    def title_query(self, need: Need) -> LexicalQuery:
        return self.lexical.query(need.title, whole=False)
