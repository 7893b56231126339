"""The outbox as the worker sees it: claim due rows, remove what is done, put back what failed.

A claim is a lease: the rows' `due_at` moves ahead by `lease` in one short transaction, so that nothing is locked while
texts are encoded and sent. A worker that dies keeps its rows leased; they come due again by themselves. On PostgreSQL
several workers claim side by side (SKIP LOCKED); SQLite lets one write at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from jieti.persistence.database import Database
from jieti.persistence.models import OutboxRow, utcnow
from jieti.persistence.unit_of_work import UnitOfWork

LEASE = dt.timedelta(seconds=180)
FIRST_RETRY = dt.timedelta(seconds=5)
LAST_RETRY = dt.timedelta(hours=1)
MAX_ERROR = 500

Subject = tuple[str, int]
"""(kind, id) of what a row is about."""


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed row, as plain values: the session it was read in is closed."""

    id: int
    topic: str
    subject_kind: str
    subject_id: int
    data: Mapping[str, Any]
    attempts: int

    @property
    def subject(self) -> Subject:
        return self.subject_kind, self.subject_id


@dataclass(frozen=True, slots=True)
class TopicState:
    """What waits on one topic. `failing`: rows tried at least once; `oldest`: when the longest waiting row was written."""

    topic: str
    waiting: int
    failing: int
    oldest: dt.datetime


@dataclass(frozen=True, slots=True)
class FailingRow:
    id: int
    topic: str
    subject_kind: str
    subject_id: int
    attempts: int
    due_at: dt.datetime
    last_error: str


def retry_after(attempts: int) -> dt.timedelta:
    """Back-off after the n-th failure: 5 s, 10 s, 20 s … 1 hour."""
    seconds = FIRST_RETRY.total_seconds() * 2 ** min(max(attempts, 1) - 1, 20)
    return min(dt.timedelta(seconds=seconds), LAST_RETRY)


class Outbox:
    def __init__(
        self, database: Database, *, lease: dt.timedelta = LEASE, clock: Callable[[], dt.datetime] = utcnow
    ) -> None:
        self._database = database
        self._lease = lease
        self._clock = clock

    def claim(self, topic: str, limit: int) -> list[Task]:
        """Up to `limit` due rows of the topic, longest due first; they are this caller's until the lease ends."""
        now = self._clock()
        due = select(OutboxRow.id).where(OutboxRow.topic == topic, OutboxRow.due_at <= now)
        with UnitOfWork(self._database, read=True) as peek:  # an idle worker must not take SQLite's write lock
            if peek.session.scalar(due.limit(1)) is None:
                return []
        chosen = (
            select(OutboxRow)
            .where(OutboxRow.topic == topic, OutboxRow.due_at <= now)
            .order_by(OutboxRow.due_at, OutboxRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with UnitOfWork(self._database) as uow:
            rows = uow.session.scalars(chosen).all()
            tasks = [
                Task(row.id, row.topic, row.subject_kind, row.subject_id, dict(row.data), row.attempts) for row in rows
            ]
            for row in rows:
                row.due_at = now + self._lease
        return tasks

    def done(self, ids: Collection[int]) -> None:
        """Remove rows whose work is finished. A promise renewed meanwhile has another id and stays."""
        if ids:
            with UnitOfWork(self._database) as uow:
                uow.session.execute(delete(OutboxRow).where(OutboxRow.id.in_(sorted(ids))))

    def failed(self, reasons: Mapping[int, str]) -> None:
        """Put rows back with their last error and a growing delay."""
        if not reasons:
            return
        now = self._clock()
        with UnitOfWork(self._database) as uow:
            for row in uow.session.scalars(select(OutboxRow).where(OutboxRow.id.in_(sorted(reasons)))):
                row.attempts += 1
                row.due_at = now + retry_after(row.attempts)
                row.last_error = reasons[row.id][:MAX_ERROR]

    def postpone(self, ids: Collection[int], reason: str, delay: dt.timedelta) -> None:
        """Put rows back without counting a failure: not they were at fault (the engine is down)."""
        if ids:
            with UnitOfWork(self._database) as uow:
                uow.session.execute(
                    update(OutboxRow)
                    .where(OutboxRow.id.in_(sorted(ids)))
                    .values(due_at=self._clock() + delay, last_error=reason[:MAX_ERROR])
                )

    def end_leases(self) -> int:
        """Make leased rows due at once. Only for a worker that knows itself to be the only one (SQLite, by its lock)."""
        now = self._clock()
        with UnitOfWork(self._database) as uow:
            leased = select(OutboxRow).where(OutboxRow.due_at > now, OutboxRow.attempts == 0)
            rows = uow.session.scalars(leased).all()
            for row in rows:
                row.due_at = now
        return len(rows)

    def requeue(self, topic: str, subjects: Iterable[Subject]) -> int:
        """Promise work for each of these subjects, as their own change would have."""
        count = 0
        with UnitOfWork(self._database) as uow:
            for kind, subject_id in subjects:
                uow.enqueue(topic, kind, subject_id)
                count += 1
        return count

    def mark(self) -> int:
        """The highest id there is now (0 where the outbox is empty)."""
        with UnitOfWork(self._database, read=True) as uow:
            return uow.session.scalar(select(func.max(OutboxRow.id))) or 0

    def subjects(self, topic: str, kind: str, *, since: int = 0, batch: int = 500) -> Iterator[Sequence[int]]:
        """Ids of the subjects of one kind that wait on the topic with a row above the mark `since`, in batches."""
        last = since
        while True:
            with UnitOfWork(self._database, read=True) as uow:
                rows = uow.session.execute(
                    select(OutboxRow.id, OutboxRow.subject_id)
                    .where(OutboxRow.topic == topic, OutboxRow.subject_kind == kind, OutboxRow.id > last)
                    .order_by(OutboxRow.id)
                    .limit(batch)
                ).all()
            if not rows:
                return
            last = rows[-1].id
            yield [row.subject_id for row in rows]

    def states(self) -> list[TopicState]:
        with UnitOfWork(self._database, read=True) as uow:
            rows = uow.session.execute(
                select(
                    OutboxRow.topic,
                    func.count(),
                    func.count().filter(OutboxRow.attempts > 0),
                    func.min(OutboxRow.created_at),
                )
                .group_by(OutboxRow.topic)
                .order_by(OutboxRow.topic)
            ).all()
        return [TopicState(topic, waiting, failing, oldest) for topic, waiting, failing, oldest in rows]

    def failing(self, limit: int = 10) -> list[FailingRow]:
        """Rows that carry an error, most often tried first."""
        with UnitOfWork(self._database, read=True) as uow:
            rows = uow.session.scalars(
                select(OutboxRow)
                .where(OutboxRow.last_error != "")
                .order_by(OutboxRow.attempts.desc(), OutboxRow.id)
                .limit(limit)
            ).all()
        return [
            FailingRow(r.id, r.topic, r.subject_kind, r.subject_id, r.attempts, r.due_at, r.last_error) for r in rows
        ]
