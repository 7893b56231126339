"""The outbox: promises are claimed once, removed by id, put back with growing delay, and never lost."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import select

from jieti.persistence.database import Database
from jieti.persistence.models import OutboxRow, utcnow
from jieti.persistence.outbox import LAST_RETRY, Outbox, retry_after
from jieti.persistence.unit_of_work import UnitOfWork

pytestmark = pytest.mark.both_databases


class Clock:
    def __init__(self) -> None:
        self.now = utcnow() + dt.timedelta(seconds=1)

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


def promise(database: Database, count: int, topic: str = "index") -> None:
    with UnitOfWork(database) as uow:
        for n in range(1, count + 1):
            uow.enqueue(topic, "challenge", n)


def left(database: Database) -> list[OutboxRow]:
    with UnitOfWork(database, read=True) as uow:
        return list(uow.session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    promise(database, 3)
    clock = Clock()
    outbox = Outbox(database, lease=dt.timedelta(seconds=60), clock=clock)
    assert [t.subject for t in outbox.claim("index", 2)] == [("challenge", 1), ("challenge", 2)]
    assert [t.subject for t in outbox.claim("index", 9)] == [("challenge", 3)]
    assert outbox.claim("index", 9) == []
    clock.forward(seconds=61)
    assert len(outbox.claim("index", 9)) == 3
    assert len(left(database)) == 3


def test_topics_do_not_mix(database: Database) -> None:
    promise(database, 1)
    promise(database, 1, "match")
    outbox = Outbox(database, clock=Clock())
    assert [t.topic for t in outbox.claim("match", 9)] == ["match"]
    assert [t.topic for t in outbox.claim("index", 9)] == ["index"]


def test_a_promise_renewed_while_at_work_is_not_removed_with_the_old_one(database: Database) -> None:
    promise(database, 1)
    clock = Clock()
    outbox = Outbox(database, clock=clock)
    (task,) = outbox.claim("index", 1)
    promise(database, 1)  # the listing changes while the worker sends what it read before
    outbox.done([task.id])
    (again,) = left(database)
    assert again.id != task.id
    assert [t.subject for t in outbox.claim("index", 1)] == [("challenge", 1)]


def test_failures_wait_longer_each_time_and_keep_their_error(database: Database) -> None:
    promise(database, 1)
    clock = Clock()
    outbox = Outbox(database, clock=clock)
    for attempt in range(1, 4):
        (task,) = outbox.claim("index", 1)
        outbox.failed({task.id: "mapper_parsing_exception " + "x" * 1_000})
        (row,) = left(database)
        assert row.attempts == attempt
        assert row.due_at == clock.now + retry_after(attempt)
        assert row.last_error.startswith("mapper_parsing_exception") and len(row.last_error) == 500
        assert outbox.claim("index", 1) == []
        clock.forward(seconds=retry_after(attempt).total_seconds())
    assert retry_after(1) < retry_after(2) < retry_after(3)
    assert retry_after(1_000) == LAST_RETRY
    (state,) = outbox.states()
    assert (state.topic, state.waiting, state.failing) == ("index", 1, 1)
    assert outbox.failing()[0].last_error.startswith("mapper_parsing_exception")


def test_an_absent_engine_is_no_failure_of_the_rows(database: Database) -> None:
    promise(database, 2)
    clock = Clock()
    outbox = Outbox(database, clock=clock)
    outbox.postpone([t.id for t in outbox.claim("index", 9)], "connection refused", dt.timedelta(seconds=5))
    assert [row.attempts for row in left(database)] == [0, 0]
    clock.forward(seconds=6)
    assert len(outbox.claim("index", 9)) == 2


def test_a_lone_worker_takes_over_the_leases_of_a_dead_one(database: Database) -> None:
    promise(database, 2)
    clock = Clock()
    outbox = Outbox(database, clock=clock)
    outbox.claim("index", 9)
    assert outbox.end_leases() == 2
    assert len(outbox.claim("index", 9)) == 2


def test_subjects_since_a_mark(database: Database) -> None:
    promise(database, 2)
    outbox = Outbox(database, clock=Clock())
    mark = outbox.mark()
    with UnitOfWork(database) as uow:
        for n in (7, 8, 9):
            uow.enqueue("index", "challenge", n)
        uow.enqueue("index", "result", 1)
    assert [n for batch in outbox.subjects("index", "challenge", since=mark, batch=2) for n in batch] == [7, 8, 9]


def test_two_workers_share_the_rows_without_a_duplicate(database: Database) -> None:
    promise(database, 300)
    taken: list[list[int]] = [[], []]
    start = threading.Barrier(2)

    def drain(mine: list[int]) -> None:
        outbox = Outbox(database, clock=Clock())
        start.wait()
        while tasks := outbox.claim("index", 7):
            mine.extend(t.subject_id for t in tasks)
            outbox.done([t.id for t in tasks])

    threads = [threading.Thread(target=drain, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken[0] + taken[1]) == list(range(1, 301))
    assert left(database) == []
