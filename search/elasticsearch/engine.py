"""The Elasticsearch engine. See `search.ports.SearchEngine` for what its methods promise."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import elasticsearch
import numpy as np

from search import access, fusion, queries, querytext, snippets, suggestions
from search.documents import check_query, check_vector, prepare, reject_reason
from search.elasticsearch import bulk, mapping
from search.elasticsearch.connection import Connection, unavailable_on_error
from search.elasticsearch.indices import Indices
from search.elasticsearch.rebuild import ElasticsearchRebuild
from search.ports import (
    Candidate,
    Document,
    EngineUnavailable,
    Facet,
    Failure,
    Hit,
    Kind,
    Page,
    Query,
    Rebuild,
    Relaxation,
    Sort,
    Vector,
)

_BATCH = 500
_MAX_BODIES = 100
"""Searches in one relaxation request: filter values beyond this are not tried."""
_ATTEMPTS = 3
"""A search whose index was replaced under it is done again."""
_KEPT_ALIVE = "30s"
"""How long the server holds an index's state for one search, should we die before closing it."""


class ElasticsearchEngine:
    """Search on a cluster; instances are thread-safe. Rankings are fused here: the server's own needs a paid licence."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        dimensions: int,
        prefix: str = "jieti",
        floor: float = fusion.SIMILARITY_FLOOR,
    ) -> None:
        self._dimensions = dimensions
        self._floor = floor
        self._connection = Connection(addresses)
        self._indices = Indices(self._connection, prefix, dimensions)

    # -- writing

    def put(self, documents: Iterable[Document]) -> Sequence[Failure]:
        failures: list[Failure] = []
        iterator = iter(documents)
        touched: set[Kind] = set()
        while batch := list(itertools.islice(iterator, _BATCH)):
            for kind in dict.fromkeys(document.kind for document in batch):
                items, refused = self._prepare([document for document in batch if document.kind is kind])
                failures += refused
                if items:
                    failures += bulk.write(self._connection, kind, self._indices.targets(kind), items)
                    touched.add(kind)
        for kind in touched:
            self._refresh(kind)
        return failures

    def _prepare(self, documents: Sequence[Document]) -> tuple[list[bulk.Item], list[Failure]]:
        items: list[bulk.Item] = []
        failures: list[Failure] = []
        for document in documents:
            reason = reject_reason(document, self._dimensions)
            if reason is None:
                items.append((document.ref, document.version, mapping.source(prepare(document))))
            else:
                failures.append(Failure(document.kind, document.ref, reason))
        return items, failures

    def remove(self, kind: Kind, ref: str, version: int) -> None:
        item = (ref, version, mapping.tombstone(ref, version))
        failures = bulk.write(self._connection, kind, self._indices.targets(kind), [item])
        if failures:
            raise RuntimeError(f"Elasticsearch refused a tombstone: {failures[0].reason}")
        self._refresh(kind)

    def _refresh(self, kind: Kind) -> None:
        with unavailable_on_error():
            self._connection.writing().indices.refresh(index=self._indices.alias(kind))

    # -- reading

    def search(self, query: Query) -> Page:
        check_query(query, self._dimensions)
        if not access.tokens(query.audience):
            return _no_page(query)
        if query.sort is not Sort.RELEVANCE or query.vector is None:
            return self._sorted(query)
        for _attempt in range(_ATTEMPTS):
            page = self._fused(query, query.vector)
            if page is not None:
                return page
        raise EngineUnavailable("Elasticsearch: the index was replaced while it was searched")

    def _sorted(self, query: Query) -> Page:
        text = querytext.parse(query.text)
        body = queries.page(query, text, self._floor, fused=False)
        (counted,) = self._connection.searches([(self._indices.alias(query.kind), body)])
        if counted is None:
            return _no_page(query)
        hits = tuple(_hit(query.kind, hit, hit.get("_score") or 0.0, text.terms) for hit in _hits(counted))
        return _page(query, hits, counted)

    def _fused(self, query: Query, vector: Vector) -> Page | None:
        """Counted, ranked twice and read in one state of the index, so that the page agrees with itself while others
        write. None where that state is gone: its index was replaced and dropped."""
        text = querytext.parse(query.text)
        with self._connection.point_in_time(self._indices.alias(query.kind), _KEPT_ALIVE) as point:
            if point is None:
                return _no_page(query)
            bodies = [
                queries.page(query, text, self._floor, fused=True),
                queries.lexical_ranking(query, text),
                queries.dense_ranking(query, vector, self._floor),
            ]
            counted, lexical, dense = self._connection.searches_at(point, bodies)
            if counted is None:
                return None
            ranked = _cut(query, fusion.fuse(_ids(lexical), _ids(dense)))
            if not ranked:
                return _page(query, (), counted)
            body = queries.by_refs([ref for ref, _ in ranked], query.audience)
            (read,) = self._connection.searches_at(point, [body])
            if read is None:
                return None
        found = {hit["_id"]: hit for hit in _hits(read)}
        return _page(query, tuple(_hit(query.kind, found[ref], score, text.terms) for ref, score in ranked), counted)

    def relax(self, query: Query) -> Sequence[Relaxation]:
        check_query(query, self._dimensions)
        if not access.tokens(query.audience):
            return ()
        text = querytext.parse(query.text)
        tried: list[tuple[str | None, tuple[str, str] | None]] = []
        bodies = []
        for index in range(len(text.words)) if len(text.words) > 1 else ():
            tried.append((text.word(index), None))
            bodies.append(queries.total(_lexical_only(query), text.without(index), self._floor))
        for name, values in query.filters.items():
            for value in values:
                rest = dict(query.filters) | {name: tuple(one for one in values if one != value)}
                tried.append((None, (name, value)))
                bodies.append(queries.total(_with_filters(query, rest), text, self._floor))
        if not bodies:
            return ()
        alias = self._indices.alias(query.kind)
        responses = self._connection.searches([(alias, body) for body in bodies[:_MAX_BODIES]])
        relaxations = [
            Relaxation(word, chosen, response["hits"]["total"]["value"])
            for (word, chosen), response in zip(tried, responses, strict=False)
            if response is not None
        ]
        return sorted((one for one in relaxations if one.total), key=lambda one: -one.total)

    def suggest(
        self, kinds: Sequence[Kind], prefix: str, audience: frozenset[str], size: int = 8
    ) -> Sequence[tuple[Kind, str, str]]:
        whole, beginnings = suggestions.read_prefix(prefix)
        if not access.tokens(audience) or not beginnings or not kinds:
            return ()
        body = queries.suggestion(whole, beginnings, audience)
        responses = self._connection.searches([(self._indices.alias(kind), body) for kind in kinds])
        pooled = [
            (kind, hit["_id"], hit["_source"]["shown"]["title"])
            for kind, response in zip(kinds, responses, strict=True)
            for hit in _hits(response)
        ]
        return suggestions.order(prefix, pooled)[:size]

    def candidates(
        self, kind: Kind, *, text: str, vector: Vector | None, audience: frozenset[str], size: int = 200
    ) -> Sequence[Candidate]:
        check_vector(vector, self._dimensions)
        if not access.tokens(audience):
            return ()
        alias = self._indices.alias(kind)
        weighted = querytext.weighted_terms(text)
        bodies = []
        if weighted:
            bodies.append(queries.lexical_candidates(weighted, audience, size))
        if vector is not None:
            bodies.append(queries.dense_candidates(vector, audience, size))
        if not bodies:
            return ()
        responses = self._connection.searches([(alias, body) for body in bodies])
        lexical = _hits(responses[0]) if weighted else []
        dense = _hits(responses[-1]) if vector is not None else []
        versions = {hit["_id"]: hit["_source"]["revision"] for hit in (*lexical, *dense)}
        by_words = {hit["_id"]: float(hit["_score"]) for hit in lexical}
        # the server's score for cosine is (1 + cosine) / 2
        cosines = {hit["_id"]: 2.0 * float(hit["_score"]) - 1.0 for hit in dense}
        return [
            Candidate(ref, versions[ref], by_words.get(ref), cosines.get(ref))
            for ref, _ in fusion.fuse(list(by_words), list(cosines))
        ]

    def vectors(self, kind: Kind, refs: Sequence[str]) -> Mapping[str, Vector]:
        found: dict[str, Vector] = {}
        wanted = list(dict.fromkeys(refs))
        for start in range(0, len(wanted), _BATCH):
            body = queries.vectors(wanted[start : start + _BATCH])
            (response,) = self._connection.searches([(self._indices.alias(kind), body)])
            for hit in _hits(response):
                values = hit.get("fields", {}).get("vector")
                if values:
                    found[hit["_id"]] = np.array(values, dtype=np.float32)
        return found

    def count(self, kind: Kind) -> int:
        try:
            with unavailable_on_error():
                return int(
                    self._connection.client.count(index=self._indices.alias(kind), query=queries.alive())["count"]
                )
        except elasticsearch.NotFoundError:
            return 0

    def versions(self, kind: Kind) -> Iterable[tuple[str, int]]:
        return self._versions(kind)

    def _versions(self, kind: Kind) -> Iterator[tuple[str, int]]:
        with self._connection.point_in_time(self._indices.alias(kind), "5m") as point:
            after: list[Any] | None = None
            while point is not None:
                with unavailable_on_error():
                    response = self._connection.client.search(
                        pit={"id": point, "keep_alive": "5m"},
                        query=queries.alive(),
                        sort=[{"_shard_doc": "asc"}],
                        size=1_000,
                        source_includes=["ref", "revision"],
                        search_after=after,
                        track_total_hits=False,
                    )
                hits = response["hits"]["hits"]
                if not hits:
                    return
                after = hits[-1]["sort"]
                yield from ((hit["_source"]["ref"], hit["_source"]["revision"]) for hit in hits)

    def rebuild(self, kind: Kind) -> Rebuild:
        return ElasticsearchRebuild(self._connection, self._indices, kind, self._prepare)

    def ping(self) -> str:
        with unavailable_on_error():
            version = self._connection.client.info()["version"]["number"]
        counts = ", ".join(f"{kind} {self.count(kind)}" for kind in Kind)
        stale = [str(kind) for kind in Kind if self._indices.dimensions(kind) not in (None, self._dimensions)]
        warning = f"; rebuild {', '.join(stale)}: vectors of another encoder" if stale else ""
        return f"Elasticsearch {version}: {counts}{warning}"

    def close(self) -> None:
        self._connection.close()


def _no_page(query: Query) -> Page:
    return Page((), 0, dict.fromkeys(query.facets, ()))


def _cut(query: Query, ranked: Sequence[tuple[str, float]]) -> Sequence[tuple[str, float]]:
    """The page's part of the fused order; nothing beyond the window that engines rank."""
    if query.page * query.size > fusion.MAX_WINDOW:
        return ()
    first = (query.page - 1) * query.size
    return ranked[first : first + query.size]


def _page(query: Query, hits: tuple[Hit, ...], counted: dict[str, Any]) -> Page:
    facets = {
        name: tuple(
            Facet(bucket["key"], bucket["doc_count"]) for bucket in counted["aggregations"][name]["values"]["buckets"]
        )
        for name in query.facets
    }
    return Page(hits, counted["hits"]["total"]["value"], facets)


def _hits(response: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [] if response is None else response["hits"]["hits"]


def _ids(response: dict[str, Any] | None) -> list[str]:
    return [hit["_id"] for hit in _hits(response)]


def _hit(kind: Kind, hit: dict[str, Any], score: float, terms: Sequence[str]) -> Hit:
    shown = hit["_source"]["shown"]
    return Hit(
        kind,
        hit["_id"],
        hit["_source"]["revision"],
        float(score),
        snippets.mark(shown["title"], terms),
        snippets.snippet(shown["summary"], shown["body"], terms),
    )


def _lexical_only(query: Query) -> Query:
    return Query(query.kind, query.audience, query.text, None, query.filters)


def _with_filters(query: Query, chosen: Mapping[str, tuple[str, ...]]) -> Query:
    return Query(query.kind, query.audience, query.text, query.vector, chosen)
