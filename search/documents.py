"""A document made ready for an index: checked, cleaned, cut into terms. The same for both engines.

What makes a document unacceptable is decided here, so that both engines refuse the same ones with the same words.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from search import access, analysis, suggestions
from search.ports import FACETS, Document, Query, Vector

MAX_TEXT = 200_000
"""Characters of a field that are stored and indexed; a listing's own limits are far lower."""
MAX_TITLE = 2_000
MAX_REF = 512
"""Bytes (Elasticsearch's limit for an id)."""
MAX_AMOUNT = 1e12
MAX_PAGE_SIZE = 1_000

FIELDS: dict[str, float] = {"title": 3.0, "keywords": 2.0, "summary": 1.5, "body": 1.0, "organisation": 1.0}
"""Searched fields and their BM25 weights, in the order of the embedded engine's columns."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an engine stores. `terms` holds one space-joined text a field of FIELDS; `tie` orders equal ranks."""

    ref: str
    version: int
    title: str
    summary: str
    body: str
    terms: dict[str, str]
    hints: str
    audience: tuple[str, ...]
    facets: dict[str, tuple[str, ...]]
    vector: Vector | None
    published_on: date | None
    deadline: date | None
    amount: float | None
    tie: int


def tie_break(ref: str) -> int:
    """A number that puts documents of equal rank into the same order in every engine and process (63 bits)."""
    return int.from_bytes(hashlib.blake2b(ref.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def reject_reason(document: Document, dimensions: int) -> str | None:
    """Why an engine must not take this document, or None."""
    if not document.ref or analysis.clean(document.ref) != document.ref or len(document.ref.encode()) > MAX_REF:
        return "ref is empty, too long or not printable"
    if not 0 <= document.version < 2**62:
        return f"version {document.version} is out of range"
    unknown = sorted(set(document.facets) - set(FACETS))
    if unknown:
        return f"unknown facets: {', '.join(unknown)}"
    if any(isinstance(values, str) for values in document.facets.values()):
        return "a facet's values must be a tuple of texts"
    if any(len(token) > access.MAX_TOKEN for token in document.audience):
        return f"audience token longer than {access.MAX_TOKEN} characters"
    if document.amount is not None and not (document.amount.is_finite() and abs(document.amount) <= MAX_AMOUNT):
        return f"amount {document.amount} is out of range"
    return _vector_reason(document.vector, dimensions)


def _vector_reason(vector: Vector | None, dimensions: int) -> str | None:
    if vector is None:
        return None
    if vector.shape != (dimensions,):
        return f"vector has shape {vector.shape}, the index takes ({dimensions},)"
    length = float(np.linalg.norm(vector))
    if not math.isfinite(length) or abs(length - 1.0) > 0.01:
        return f"vector has length {length:.4f}, not 1"
    return None


def check_vector(vector: Vector | None, dimensions: int) -> None:
    """Raises ValueError for a vector that the index cannot compare with."""
    reason = _vector_reason(vector, dimensions)
    if reason is not None:
        raise ValueError(reason)


def check_query(query: Query, dimensions: int) -> None:
    """Raises ValueError for a query that no engine can answer: a caller's mistake, not a person's."""
    check_vector(query.vector, dimensions)
    unknown = sorted({*query.filters, *query.facets} - set(FACETS))
    if unknown:
        raise ValueError(f"unknown facets: {', '.join(unknown)}")
    if query.page < 1 or not 0 < query.size <= MAX_PAGE_SIZE:
        raise ValueError(f"no such page: {query.page} of {query.size}")


def prepare(document: Document) -> Prepared:
    """Clean, clip and analyse; call `reject_reason` first."""
    title = analysis.clean(document.title[:MAX_TITLE])
    summary = analysis.clean(document.summary[:MAX_TEXT])
    body = analysis.clean(document.body[:MAX_TEXT])
    keywords = [analysis.clean(keyword[:MAX_TITLE]) for keyword in document.keywords]
    texts = {
        "title": title,
        "keywords": "；".join(keywords),
        "summary": summary,
        "body": body,
        "organisation": analysis.clean(document.organisation[:MAX_TITLE]),
    }
    return Prepared(
        ref=document.ref,
        version=document.version,
        title=title,
        summary=summary,
        body=body,
        terms={name: " ".join(analysis.terms(text)) for name, text in texts.items()},
        hints=suggestions.hints(title, keywords),
        audience=access.tokens(document.audience),
        facets={name: tuple(dict.fromkeys(map(analysis.clean, values))) for name, values in document.facets.items()},
        vector=None if document.vector is None else np.ascontiguousarray(document.vector, dtype=np.float32),
        published_on=document.published_on,
        deadline=document.deadline,
        amount=None if document.amount is None else float(document.amount),
        tie=tie_break(document.ref),
    )
