"""A new generation of one kind, filled beside the live one."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence

from search.documents import prepare, reject_reason
from search.embedded import schema
from search.embedded.catalogue import Catalogue
from search.embedded.writer import Writer
from search.ports import Document, Failure, Kind


class EmbeddedRebuild:
    """See `search.ports.Rebuild`. Puts that happen meanwhile reach both generations (`Catalogue.targets`)."""

    def __init__(self, catalogue: Catalogue, writer: Writer, kind: Kind, number: int, dimensions: int) -> None:
        self._catalogue = catalogue
        self._writer = writer
        self._kind = kind
        self._number = number
        self._dimensions = dimensions

    def add(self, documents: Sequence[Document]) -> Sequence[Failure]:
        failures, good = [], []
        for document in documents:
            reason = reject_reason(document, self._dimensions)
            if document.kind is not self._kind:
                reason = f"a {document.kind} does not belong into the index of {self._kind}"
            if reason is None:
                good.append(prepare(document))
            else:
                failures.append(Failure(document.kind, document.ref, reason))
        with schema.unavailable_on_error():
            self._writer.put(good)
        return failures

    def commit(self) -> int:
        with schema.unavailable_on_error():
            total = self._writer.finish()
            self._catalogue.swap(self._kind, self._number)
            self._writer.close()
        return total

    def abort(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._writer.close()
        with schema.unavailable_on_error():
            self._catalogue.drop(self._kind, self._number)
