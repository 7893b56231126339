"""Rebuilding an index beside the live one, in bounded memory, and swapping it in whole.

What changes meanwhile is not lost: the outbox's mark is noted first; after the filling, everything with a promise above
the mark or changed since the start is sent again; after the swap, the new index is compared with the database by
version and what still differs is promised anew. Nothing here stops the worker, which goes on with the live index.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from jieti.persistence.database import Database
from jieti.persistence.models import utcnow
from jieti.persistence.outbox import Outbox
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import projection
from jieti.services.consistency import Consistency
from jieti.services.indexing import Indexing
from jieti.services.projection import MODELS, Projected
from search.ports import Failure, Kind, Rebuild, SearchEngine

if TYPE_CHECKING:
    from matcher.pipeline import Matcher

BATCH = 64
MAX_REFUSED = 0.01
CLOCKS_APART = dt.timedelta(minutes=5)
"""Other machines' clocks set `updated_at`: look a little further back than the start."""


@dataclass(frozen=True, slots=True)
class Report:
    """`requeued`: differences found after the swap and promised to the worker."""

    kind: Kind
    documents: int
    refused: tuple[str, ...]
    replayed: int
    requeued: int


class TooFew(Exception):
    """The new index would lack documents: it was thrown away, the live one stays."""


class Reindexing:
    def __init__(
        self, database: Database, engine: SearchEngine, matcher: Matcher, *, clock: Callable[[], dt.datetime] = utcnow
    ) -> None:
        self._database = database
        self._engine = engine
        self._indexing = Indexing(database, engine, matcher)
        self._outbox = Outbox(database)
        self._clock = clock

    def total(self, kind: Kind) -> int:
        """Rows to read, for a progress bar."""
        with UnitOfWork(self._database, read=True) as uow:
            return uow.session.scalar(select(func.count()).select_from(MODELS[kind])) or 0

    def rebuild(self, kind: Kind, progress: Callable[[int], None] = lambda _rows: None) -> Report:
        """Raises EngineUnavailable, TooFew; in both cases the live index is as it was."""
        mark, started = self._outbox.mark(), self._clock() - CLOCKS_APART
        generation = self._engine.rebuild(kind)
        try:
            expected, refused = 0, []
            for ids in self._ids(kind):
                sent, failures = self._send(generation, kind, ids)
                expected += sent
                refused += [f"{f.ref}: {f.reason}" for f in failures]
                progress(len(ids))
            replayed = 0
            for ids in self._changed(kind, mark, started):
                self._send(generation, kind, ids)
                replayed += len(ids)
            if len(refused) > MAX_REFUSED * expected:
                raise TooFew(f"{kind}: {len(refused)} of {expected} documents were refused, first: {refused[0]}")
            documents = generation.commit()
        except BaseException:
            generation.abort()
            raise
        requeued = requeue(self._database, self._engine, kind)
        return Report(kind, documents, tuple(refused), replayed, requeued)

    def _send(self, generation: Rebuild, kind: Kind, ids: Sequence[int]) -> tuple[int, list[Failure]]:
        with UnitOfWork(self._database, read=True) as uow:
            items = [item for item in projection.read(uow, kind, ids) if isinstance(item, Projected)]
        documents, broken = self._indexing.documents(items)
        refs = {item.subject_id: item.document.ref for item in items}
        failures = [Failure(kind, refs[subject_id], reason) for (_kind, subject_id), reason in broken.items()]
        failures += generation.add(documents)
        return len(items), failures

    def _ids(self, kind: Kind) -> Iterator[list[int]]:
        model = MODELS[kind]
        last = 0
        while True:
            with UnitOfWork(self._database, read=True) as uow:
                ids = list(uow.session.scalars(select(model.id).where(model.id > last).order_by(model.id).limit(BATCH)))
            if not ids:
                return
            last = ids[-1]
            yield ids

    def _changed(self, kind: Kind, mark: int, since: dt.datetime) -> Iterator[list[int]]:
        for waiting in self._outbox.subjects("index", kind.value, since=mark, batch=BATCH):
            yield list(waiting)
        model = MODELS[kind]
        last = 0
        while True:
            statement = select(model.id).where(model.id > last, model.updated_at >= since)
            with UnitOfWork(self._database, read=True) as uow:
                ids = list(uow.session.scalars(statement.order_by(model.id).limit(BATCH)))
            if not ids:
                return
            last = ids[-1]
            yield ids


def requeue(database: Database, engine: SearchEngine, kind: Kind) -> int:
    """Promise index work for every record that differs, and remove what should not be there; returns how many."""
    outbox = Outbox(database)
    promised = removed = 0
    batch: list[tuple[str, int]] = []
    for difference in Consistency(database, engine).differences(kind):
        if difference.subject_id is None:
            # Above the document's own version: a late put of the same version must not bring it back.
            engine.remove(kind, difference.ref, (difference.index or 0) + 1)
            removed += 1
            continue
        batch.append((kind.value, difference.subject_id))
        if len(batch) == BATCH:
            promised += outbox.requeue("index", batch)
            batch.clear()
    promised += outbox.requeue("index", batch)
    return promised + removed
