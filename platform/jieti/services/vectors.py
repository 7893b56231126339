"""Vectors of listings and of what people type, from the matcher's encoder."""

from __future__ import annotations

from collections.abc import Sequence
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


@lru_cache(maxsize=512)
def of_query(encoder: Encoder, text: str) -> Vector:
    """The unit vector of a search text; kept, since paging, sorting and filtering repeat the same text."""
    vector: Vector = encode_needs(encoder, [Need(id="", title=text)])[0]
    return vector
