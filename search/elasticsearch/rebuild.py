"""A new generation of one kind's index, filled beside the live one without refreshes and copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from search import queries
from search.elasticsearch import bulk
from search.elasticsearch.connection import Connection, unavailable_on_error
from search.elasticsearch.indices import Indices
from search.ports import Document, Failure, Kind

Prepare = Callable[[Sequence[Document]], tuple[list[bulk.Item], list[Failure]]]


class ElasticsearchRebuild:
    """See `search.ports.Rebuild`. Puts that happen meanwhile reach both indices (`Indices.targets`)."""

    def __init__(self, connection: Connection, indices: Indices, kind: Kind, prepare: Prepare) -> None:
        self._connection = connection
        self._indices = indices
        self._kind = kind
        self._prepare = prepare
        self._index = indices.start(kind)

    def add(self, documents: Sequence[Document]) -> Sequence[Failure]:
        own = [document for document in documents if document.kind is self._kind]
        strangers = [
            Failure(document.kind, document.ref, f"a {document.kind} does not belong into the index of {self._kind}")
            for document in documents
            if document.kind is not self._kind
        ]
        items, failures = self._prepare(own)
        failures += bulk.write(self._connection, self._kind, [self._indices.building_alias(self._kind)], items)
        return strangers + failures

    def commit(self) -> int:
        self._indices.swap(self._kind, self._index)
        with unavailable_on_error():
            return int(self._connection.client.count(index=self._index, query=queries.alive())["count"])

    def abort(self) -> None:
        self._indices.drop(self._index)
