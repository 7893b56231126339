"""Vectors of listings and of what people type, from the matcher's encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from matcher.encoder import Encoder, encode_needs, encode_offers
from matcher.types import Need, Offer
from search.ports import Vector


def of_listings(encoder: Encoder, texts: Sequence[Need | Offer]) -> list[Vector]:
    """Unit vectors in the order of `texts`, needs and offers each encoded in one batch."""
    needs = [t for t in texts if isinstance(t, Need)]
    offers = [t for t in texts if isinstance(t, Offer)]
    need_vectors = iter(encode_needs(encoder, needs) if needs else ())
    offer_vectors = iter(encode_offers(encoder, offers) if offers else ())
    return [next(need_vectors if isinstance(t, Need) else offer_vectors) for t in texts]


def of_query(encoder: Encoder, text: str) -> Vector:
    """The unit vector of a search text; kept, since paging, sorting and filtering repeat the same text."""
    return _query(_Same(encoder), text)


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """An encoder as a cache key: equal where the version is, which changes whenever the vectors do."""

    encoder: Encoder

    def __hash__(self) -> int:
        return hash(self.encoder.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.encoder.version == self.encoder.version


@lru_cache(maxsize=512)
def _query(key: _Same, text: str) -> Vector:
    vector: Vector = encode_needs(key.encoder, [Need(id="", title=text)])[0]
    return vector
