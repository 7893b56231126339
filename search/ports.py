"""The search port: what a search engine takes and gives, and nothing of how it does it.

Import this module (and only this one) to talk to a search engine; `search.engines.open_engine`
makes one from a URL. All values are frozen. Texts go in as people wrote them: analysis (NFKC, lower
case, segmentation) is the engine's affair and the same in both engines (`search.analysis`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (d,), unit length, float32."""


class Kind(StrEnum):
    """What a document is; every kind lives in an index of its own."""

    CHALLENGE = "challenge"
    RESULT = "result"
    EXPERT = "expert"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    DEADLINE = "deadline"
    AMOUNT = "amount"


FACETS: tuple[str, ...] = (
    "county",  # 6-digit region code
    "city",  # 4-digit region prefix
    "field",  # priority field, identifier of jieti.domain.taxonomy
    "industry",  # GB/T 4754-2017 section letter
    "trl",  # "1".."9"
    "mode",  # cooperation mode
    "amount_band",  # budget or price band
    "status",  # lifecycle status
)


@dataclass(frozen=True, slots=True)
class Document:
    """One listing as the engine stores it. It must hold no sealed text: what is here can be found.

    `version` grows with every change of the listing; an engine keeps the newest and ignores an older
    one that arrives late (Elasticsearch's `external_gte`).
    """

    kind: Kind
    ref: str
    version: int
    title: str
    body: str
    audience: frozenset[str]
    summary: str = ""
    organisation: str = ""
    keywords: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vector: Vector | None = None
    published_on: date | None = None
    deadline: date | None = None
    amount: Decimal | None = None  # 万元; None: to be negotiated


@dataclass(frozen=True, slots=True)
class Query:
    """A search. `audience` are the identity's tokens: empty matches nothing, there is no way around it.

    `filters`: OR within a facet, AND across facets. `vector`, where given, joins the lexical ranking by
    reciprocal rank fusion. `page` counts from 1.
    """

    kind: Kind
    audience: frozenset[str]
    text: str = ""
    vector: Vector | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a snippet; `marked` where it matches the query."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Hit:
    kind: Kind
    ref: str
    version: int
    score: float
    title: tuple[Span, ...]
    snippet: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    """`facets[name]` counts with every filter applied but the facet's own (so that a choice can be widened)."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, tuple[Facet, ...]]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What could be given up where nothing was found: one word, or one filter value, and the hits then."""

    dropped_word: str | None
    dropped_filter: tuple[str, str] | None
    total: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document proposed for matching, with its raw scores (None: not among that list's best)."""

    ref: str
    version: int
    lexical: float | None
    dense: float | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A document the engine did not take, and why; all others of the batch were taken or were older."""

    kind: Kind
    ref: str
    reason: str


class EngineUnavailable(Exception):
    """The engine does not answer; what was asked was not done and may be asked again."""


@runtime_checkable
class Rebuild(Protocol):
    """A new generation of one kind's index, filled beside the live one and swapped in whole."""

    def add(self, documents: Sequence[Document]) -> Sequence[Failure]: ...

    def commit(self) -> int:
        """Swap the new generation in; returns its number of documents."""

    def abort(self) -> None: ...


@runtime_checkable
class SearchEngine(Protocol):
    """Both engines pass tests/contract/test_search_engine.py. Methods raise EngineUnavailable."""

    def put(self, documents: Iterable[Document]) -> Sequence[Failure]:
        """Store or replace, by (kind, ref), unless a newer version is there. Visible to searches on return."""

    def remove(self, kind: Kind, ref: str, version: int) -> None:
        """Forget a document; an older put arriving later does not bring it back. Absent is no error."""

    def search(self, query: Query) -> Page: ...

    def relax(self, query: Query) -> Sequence[Relaxation]:
        """For a query without hits: each single word or filter value whose removal gives some, most first."""

    def suggest(
        self, kinds: Sequence[Kind], prefix: str, audience: frozenset[str], size: int = 8
    ) -> Sequence[tuple[Kind, str, str]]:
        """(kind, ref, title) of documents the identity may see whose title or keywords fit what is typed so far."""

    def candidates(
        self, kind: Kind, *, text: str, vector: Vector | None, audience: frozenset[str], size: int = 200
    ) -> Sequence[Candidate]:
        """Union of the `size` best lexical (BM25) and the `size` best dense (cosine) documents, best fused rank first."""

    def vectors(self, kind: Kind, refs: Sequence[str]) -> Mapping[str, Vector]:
        """The stored vectors of these documents (absent ones left out)."""

    def count(self, kind: Kind) -> int: ...

    def versions(self, kind: Kind) -> Iterable[tuple[str, int]]:
        """(ref, version) of every document, for comparing with the truth (`jieti doctor`), in bounded memory."""

    def rebuild(self, kind: Kind) -> Rebuild: ...

    def ping(self) -> str:
        """One line on the engine for `jieti doctor` (name, version, documents)."""

    def close(self) -> None: ...
