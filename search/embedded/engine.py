"""The embedded engine. See `search.ports.SearchEngine` for what its methods promise."""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from search import access, fusion, querytext, snippets, suggestions
from search.documents import check_query, check_vector, prepare, reject_reason
from search.embedded import found, schema
from search.embedded.catalogue import Catalogue
from search.embedded.columns import Columns, Mask
from search.embedded.reader import Reader, quote
from search.embedded.rebuild import EmbeddedRebuild
from search.embedded.writer import Writer
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

_BATCH = 200


_INHERITED: list[object] = []
"""What came through a fork is kept for ever: closing it in the child could touch the parent's files."""

Opened = TypeVar("Opened", Reader, Writer)


class EmbeddedEngine:
    """Search in a folder. Any number of processes may read and write it at once; instances are thread-safe."""

    def __init__(self, folder: Path, *, dimensions: int, floor: float = fusion.SIMILARITY_FLOOR) -> None:
        self._dimensions = dimensions
        self._floor = floor
        with schema.unavailable_on_error():
            self._catalogue = Catalogue(folder, dimensions)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._readers: dict[tuple[Kind, int], Reader] = {}
        self._writers: dict[tuple[Kind, int], Writer] = {}

    # -- writing

    def put(self, documents: Iterable[Document]) -> Sequence[Failure]:
        failures: list[Failure] = []
        for batch in _batched(documents):
            for kind in dict.fromkeys(document.kind for document in batch):
                failures.extend(self._put(kind, [document for document in batch if document.kind is kind]))
        return failures

    def _put(self, kind: Kind, documents: Sequence[Document]) -> list[Failure]:
        failures, good = [], []
        for document in documents:
            reason = reject_reason(document, self._dimensions)
            if reason is None:
                good.append(prepare(document))
            else:
                failures.append(Failure(kind, document.ref, reason))
        if good:
            self._write(kind, lambda writer: writer.put(good))
        return failures

    def remove(self, kind: Kind, ref: str, version: int) -> None:
        self._write(kind, lambda writer: writer.remove(ref, version))

    def _write(self, kind: Kind, write: Callable[[Writer], None]) -> None:
        with schema.unavailable_on_error():
            for number in self._catalogue.targets(kind):
                try:
                    writer = self._open(self._writers, Writer, kind, number)
                    self._check_dimensions(writer.dimensions, kind)
                    write(writer)
                except schema.GONE:
                    # a generation whose rebuild was given up, or that a swap retired, just now
                    if number in self._catalogue.targets(kind):
                        raise

    def _check_dimensions(self, dimensions: int, kind: Kind) -> None:
        if dimensions != self._dimensions:
            raise EngineUnavailable(
                f"the {kind} index holds vectors of {dimensions} dimensions, the encoder makes {self._dimensions}: "
                "rebuild the index"
            )

    # -- reading

    def search(self, query: Query) -> Page:
        check_query(query, self._dimensions)
        audience = access.tokens(query.audience)
        reader = self._reader(query.kind) if audience else None
        if reader is None:
            return Page((), 0, dict.fromkeys(query.facets, ()))
        with schema.unavailable_on_error(), reader.snapshot() as columns:
            visible = columns.alive & columns.audience.having(audience)
            text = querytext.parse(query.text)
            lexical = found.lexical(map(reader.walk, text.terms), len(visible), text.required)
            members, dense = self._members(reader, columns, query, visible, lexical)
            masks = found.filtered(columns, query.filters)
            hits = found.narrow(members, masks)
            facets = {
                name: tuple(
                    Facet(value, count)
                    for value, count in columns.facets[name].count(found.narrow(members, masks, but=name))
                )
                for name in query.facets
            }
            ranked = _ranked(reader, query, hits, hits & lexical, text.terms, dense)
            first = (query.page - 1) * query.size
            return Page(
                self._hits(reader, query.kind, ranked[first : first + query.size], text.terms),
                int(np.count_nonzero(hits)),
                facets,
            )

    def _members(
        self, reader: Reader, columns: Columns, query: Query, visible: Mask, lexical: Mask
    ) -> tuple[Mask, Sequence[int]]:
        """(what is found before filters, the dense neighbours nearest first)."""
        if not query.text.strip() and query.vector is None:
            return visible, ()
        members = lexical & visible
        dense: Sequence[int] = ()
        if query.vector is not None and reader.dimensions == self._dimensions:
            near = found.neighbours(reader.similarities(query.vector), visible, self._floor, columns.tie)
            members[near] = True
            dense = near.tolist()
        return members, dense

    def _hits(
        self, reader: Reader, kind: Kind, ranked: Sequence[tuple[int, float]], terms: Sequence[str]
    ) -> tuple[Hit, ...]:
        texts = reader.texts(identity for identity, _ in ranked)
        hits = []
        for identity, score in ranked:
            ref, version, title, summary, body = texts[identity]
            hits.append(
                Hit(kind, ref, version, score, snippets.mark(title, terms), snippets.snippet(summary, body, terms))
            )
        return tuple(hits)

    def relax(self, query: Query) -> Sequence[Relaxation]:
        check_query(query, self._dimensions)
        audience = access.tokens(query.audience)
        reader = self._reader(query.kind) if audience else None
        if reader is None:
            return ()
        relaxations = []
        with schema.unavailable_on_error(), reader.snapshot() as columns:
            visible = columns.alive & columns.audience.having(audience)
            text = querytext.parse(query.text)
            walks = {term: reader.walk(term) for term in text.terms}
            masks = found.filtered(columns, query.filters)
            for index in range(len(text.words)) if len(text.words) > 1 else ():
                shorter = text.without(index)
                some = found.lexical([walks[term] for term in shorter.terms], len(visible), shorter.required)
                total = int(np.count_nonzero(found.narrow(some & visible, masks)))
                relaxations.append(Relaxation(text.word(index), None, total))
            lexical = found.lexical(walks.values(), len(visible), text.required)
            members, _ = self._members(reader, columns, query, visible, lexical)
            for name, values in query.filters.items():
                for value in values:
                    rest = dict(query.filters) | {name: tuple(one for one in values if one != value)}
                    total = int(np.count_nonzero(found.narrow(members, found.filtered(columns, rest))))
                    relaxations.append(Relaxation(None, (name, value), total))
        return sorted((one for one in relaxations if one.total), key=lambda one: -one.total)

    def suggest(
        self, kinds: Sequence[Kind], prefix: str, audience: frozenset[str], size: int = 8
    ) -> Sequence[tuple[Kind, str, str]]:
        allowed = access.tokens(audience)
        whole, beginnings = suggestions.read_prefix(prefix)
        if not allowed or not beginnings:
            return ()
        expression = " AND ".join(
            [*map(quote, whole), "(" + " OR ".join(f"{quote(one)} *" for one in beginnings) + ")"]
        )
        pooled: list[tuple[Kind, str, str]] = []
        for kind in kinds:
            reader = self._reader(kind)
            if reader is None:
                continue
            with schema.unavailable_on_error(), reader.snapshot() as columns:
                mask = reader.hinted(expression) & columns.alive & columns.audience.having(allowed)
                ids = found.sorted_ids(columns, mask, Sort.NEWEST, suggestions.POOL).tolist()
                names = reader.names(ids)
            pooled.extend((kind, names[one][0], names[one][2]) for one in ids)
        return suggestions.order(prefix, pooled)[:size]

    def candidates(
        self, kind: Kind, *, text: str, vector: Vector | None, audience: frozenset[str], size: int = 200
    ) -> Sequence[Candidate]:
        check_vector(vector, self._dimensions)
        allowed = access.tokens(audience)
        reader = self._reader(kind) if allowed else None
        if reader is None:
            return ()
        terms = querytext.weighted_terms(text)
        with schema.unavailable_on_error(), reader.snapshot() as columns:
            visible = columns.alive & columns.audience.having(allowed)
            telling = found.telling(terms, reader.frequency, int(np.count_nonzero(columns.alive)))
            scores = reader.scores(telling, visible)
            worded = found.best(scores, visible & (scores > 0), size, columns.tie).tolist()
            near: list[int] = []
            cosines: Mapping[int, float] = {}
            if vector is not None and reader.dimensions == self._dimensions:
                similarities = reader.similarities(vector)
                near = found.best(similarities, visible & np.isfinite(similarities), size, columns.tie).tolist()
                cosines = {one: float(similarities[one]) for one in near}
            by_words = {one: float(scores[one]) for one in worded}
            fused = [one for one, _ in fusion.fuse(worded, near)]
            names = reader.names(fused)
        return [Candidate(names[one][0], names[one][1], by_words.get(one), cosines.get(one)) for one in fused]

    def vectors(self, kind: Kind, refs: Sequence[str]) -> Mapping[str, Vector]:
        reader = self._reader(kind)
        if reader is None:
            return {}
        with schema.unavailable_on_error(), reader.snapshot():
            return reader.vectors(refs)

    def count(self, kind: Kind) -> int:
        reader = self._reader(kind)
        with schema.unavailable_on_error():
            return 0 if reader is None else reader.count()

    def versions(self, kind: Kind) -> Iterable[tuple[str, int]]:
        reader = self._reader(kind)
        last = 0
        while reader is not None:
            with schema.unavailable_on_error():
                rows = reader.versions_after(last, 1_000)
            if not rows:
                return
            last = rows[-1][0]
            yield from ((ref, version) for _, ref, version in rows)

    def rebuild(self, kind: Kind) -> Rebuild:
        with schema.unavailable_on_error():
            number = self._catalogue.start(kind)
            writer = Writer(self._catalogue.files(kind, number))
        return EmbeddedRebuild(self._catalogue, writer, kind, number, self._dimensions)

    def ping(self) -> str:
        counts = ", ".join(f"{kind} {self.count(kind)}" for kind in Kind)
        stale = [
            str(kind)
            for kind in Kind
            if (reader := self._reader(kind)) is not None and reader.dimensions != self._dimensions
        ]
        warning = f"; rebuild {', '.join(stale)}: vectors of another encoder" if stale else ""
        return f"embedded (SQLite {sqlite3.sqlite_version}): {counts}{warning}"

    def close(self) -> None:
        with self._lock:
            for reader in self._readers.values():
                reader.close()
            for writer in self._writers.values():
                writer.close()
            self._readers.clear()
            self._writers.clear()
        self._catalogue.close()

    # -- open generations

    def _reader(self, kind: Kind) -> Reader | None:
        """The live generation's reader; None where nothing was ever put."""
        with schema.unavailable_on_error():
            for attempt in itertools.count():
                number = self._catalogue.live(kind)
                if number is None:
                    return None
                try:
                    return self._open(self._readers, Reader, kind, number)
                except schema.GONE:  # retired between the two lines above, unless it happens again and again
                    if attempt == 2:
                        raise
        return None

    def _open(self, opened: dict[tuple[Kind, int], Opened], make: type[Opened], kind: Kind, number: int) -> Opened:
        with self._lock:
            if self._pid != os.getpid():  # after a fork: neither connections nor locks may be shared with the parent
                _INHERITED.append((dict(self._readers), dict(self._writers)))
                self._readers.clear()
                self._writers.clear()
                self._pid = os.getpid()
            one = opened.get((kind, number))
            if one is None:
                one = make(self._catalogue.files(kind, number))
                for key in [key for key in opened if key[0] is kind and key[1] < number - 1]:
                    opened.pop(key).close()  # retired by two swaps: nobody asks it any more
                opened[kind, number] = one
            return one


def _ranked(
    reader: Reader, query: Query, hits: Mask, worded: Mask, terms: Sequence[str], dense: Sequence[int]
) -> list[tuple[int, float]]:
    """(id, score) of the hits up to the end of the asked page; `worded` are the lexical ones among them."""
    limit = query.page * query.size
    tie = reader.columns.tie
    if limit > fusion.MAX_WINDOW:
        return []
    if query.sort is not Sort.RELEVANCE or not (query.text.strip() or dense):
        return [(one, 0.0) for one in found.sorted_ids(reader.columns, hits, query.sort, limit).tolist()]
    scores = reader.scores(terms, worded)
    by_words = found.best(scores, worded, fusion.depth(query.page, query.size), tie).tolist()
    near = [one for one in dense if hits[one]]
    if not near:
        return [(one, float(scores[one])) for one in by_words[:limit]]
    return fusion.fuse(by_words, near)[:limit]


def _batched(documents: Iterable[Document]) -> Iterator[tuple[Document, ...]]:
    iterator = iter(documents)
    while batch := tuple(itertools.islice(iterator, _BATCH)):
        yield batch
