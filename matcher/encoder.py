"""From needs and offers to the one vector that stands for each.

Vector of a listing = unit(title's vector + whole text's vector). The cosine of two such vectors is the sum of the
four scores title–title, title–text, text–title and text–text (up to the two lengths), so that one stored vector per
listing reproduces the "title plus title-and-body" score that was measured best (docs/matching.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from matcher.encoders import Encoder, EncoderError, Vector, Vectors, load_encoder
from matcher.types import Need, Offer

__all__ = [
    "Encoder", "EncoderError", "Vector", "Vectors", "document_text", "encode_needs", "encode_offers", "load_encoder",
    "need_texts", "offer_texts",
]  # fmt: skip

LONGEST_BODY = 20_000
"""Characters of a body that are looked at: far more than a form takes, and than the encoder reads."""
_SENTENCE_END = re.compile(r"(?<=[。；！？;!?\n])")
_NO_WORD = re.compile(r"\W+")


def document_text(title: str, body: str = "", keywords: Sequence[str] = ()) -> str:
    """The whole text of a listing as it is encoded: sentences that only repeat an earlier one are left out."""
    seen: set[str] = set()
    kept: list[str] = []
    for sentence in _SENTENCE_END.split(body[:LONGEST_BODY]):
        key = _NO_WORD.sub("", sentence)
        if key and key not in seen:
            seen.add(key)
            kept.append(sentence)
    return " ".join(part for part in (title.strip(), " ".join(keywords), "".join(kept).strip()) if part)


def need_texts(need: Need) -> tuple[str, tuple[str, ...]]:
    """(title, whole texts): sealed text is a text of its own, so that a long open one does not crowd it out."""
    asked = "；".join(indicator.source or _row(indicator.name, indicator.condition) for indicator in need.indicators)
    whole = [document_text(need.title, "\n".join(filter(None, (need.body, asked))), need.keywords)]
    if need.sealed:
        whole.append(document_text(need.title, need.sealed))
    return need.title.strip(), tuple(whole)


def offer_texts(offer: Offer) -> tuple[str, tuple[str, ...]]:
    """(title, whole texts); title "" where the offer has none."""
    return offer.title.strip(), (document_text(offer.title, offer.body, offer.keywords),)


def encode_needs(encoder: Encoder, needs: Sequence[Need], batch_size: int = 16) -> Vectors:
    """(n, d) unit vectors, sealed text included where the need carries it."""
    return _combine(encoder, [need_texts(need) for need in needs], batch_size)


def encode_offers(encoder: Encoder, offers: Sequence[Offer], batch_size: int = 16) -> Vectors:
    """(n, d) unit vectors: what the search engine stores of each listing."""
    return _combine(encoder, [offer_texts(offer) for offer in offers], batch_size)


def _row(name: str, condition: str) -> str:
    return f"{name}（{condition}）" if condition else name


def _combine(encoder: Encoder, documents: Sequence[tuple[str, tuple[str, ...]]], batch_size: int) -> Vectors:
    texts: dict[str, int] = {}
    for title, wholes in documents:
        for text in (title, *wholes) if title else wholes:
            texts.setdefault(text, len(texts))
    encoded = encoder.encode(list(texts), batch_size)
    vectors = np.empty((len(documents), encoder.dimensions), dtype=np.float32)
    for row, (title, wholes) in enumerate(documents):
        whole = _unit(np.sum([encoded[texts[text]] for text in wholes], axis=0))
        vectors[row] = _unit(whole + encoded[texts[title]]) if title else whole
    return vectors


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length else vector.astype(np.float32)
