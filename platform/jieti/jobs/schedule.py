"""What is done by the clock: each job at the worker's start and then at its interval.

Every job may run twice or in two workers at once without harm; a job that fails is logged and runs again at its next
time.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from jieti.bootstrap import House
from jieti.persistence.models import IdempotencyKey, WorkerHeartbeat, utcnow
from jieti.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

KEYS_KEPT = dt.timedelta(days=7)
HEARTBEATS_KEPT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    every: dt.timedelta
    run: Callable[[House], None]


def expire(house: House) -> None:
    """Listings past their deadline move to 已过期."""
    from jieti.services.expiry import expire_due

    while True:
        with UnitOfWork(house.database) as uow:
            if expire_due(uow) == 0:
                return


def clean_up(house: House) -> None:
    """Idempotency keys nobody can use any more, heartbeats of workers long gone."""
    now = utcnow()
    with UnitOfWork(house.database) as uow:
        uow.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEYS_KEPT))
        uow.session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.at < now - HEARTBEATS_KEPT))


def remind(house: House) -> None:
    """Deals whose next step's day has passed: everyone on them is told, once a next step."""
    from jieti.services.notifications import remind_due

    while True:
        with UnitOfWork(house.database) as uow:
            if remind_due(uow) == 0:
                return


JOBS: tuple[Job, ...] = (
    Job("expire", dt.timedelta(minutes=10), expire),
    Job("remind", dt.timedelta(hours=1), remind),
    Job("clean_up", dt.timedelta(hours=6), clean_up),
)


class Schedule:
    def __init__(self, house: House, jobs: Sequence[Job] = JOBS, clock: Callable[[], float] = time.monotonic) -> None:
        self._house = house
        self._jobs = jobs
        self._clock = clock
        self._next: dict[str, float] = {}

    def run_due(self) -> int:
        """Run what is due; returns how many jobs ran."""
        ran = 0
        for job in self._jobs:
            if self._clock() < self._next.get(job.name, float("-inf")):
                continue
            self._next[job.name] = self._clock() + job.every.total_seconds()
            try:
                job.run(self._house)
            except Exception:
                log.exception("scheduled job %s failed", job.name)
            ran += 1
        return ran
