"""The worker: drains the outbox (index first, then matching, then mail) and keeps the schedule, until it is told to stop.

SIGTERM and SIGINT let the batch in hand finish. A worker that is killed loses nothing: what it had claimed comes due
again when its lease ends. On SQLite one worker works; another started beside it waits for the first to go.
"""

from __future__ import annotations

import fcntl
import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import OperationalError

from jieti.bootstrap import House
from jieti.jobs.handlers import INDEX, MAIL, MATCH, Topic, drain
from jieti.jobs.heartbeat import Heartbeat
from jieti.jobs.schedule import Schedule
from jieti.persistence.outbox import LEASE, Outbox
from search.ports import EngineUnavailable

log = logging.getLogger(__name__)

IDLE = 1.0  # s between looks into an empty outbox
SCHEDULE_EVERY = 30.0  # s


class Worker:
    def __init__(self, house: House, *, outbox: Outbox | None = None, schedule: Schedule | None = None) -> None:
        self._house = house
        self._outbox = outbox or Outbox(house.database, lease=LEASE)
        self._schedule = schedule or Schedule(house)
        self._stop = threading.Event()
        self._down_until: dict[str, float] = {}

    def stop(self, _signal: int | None = None, _frame: FrameType | None = None) -> None:
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`. Signals are caught by the caller (`serve_signals`)."""
        with alone(self._house, self._stop) as single:
            if self._stop.is_set():
                return
            if single:
                ended = self._outbox.end_leases()
                if ended:
                    log.info("took over %d rows of a worker that is gone", ended)
            with Heartbeat(self._house.database) as heartbeat:
                log.info("worker %s ready", heartbeat.name)
                self._loop(heartbeat)
        log.info("worker stopped")

    def _loop(self, heartbeat: Heartbeat) -> None:
        next_schedule = 0.0
        while not self._stop.is_set():
            heartbeat.moved()
            try:
                if time.monotonic() >= next_schedule:
                    self._schedule.run_due()
                    next_schedule = time.monotonic() + SCHEDULE_EVERY
                worked = self.turn()
            except OperationalError:  # the database is away or locked for long: it comes back, the outbox is in it
                log.exception("database does not answer")
                self._stop.wait(5.0)
                continue
            if not worked:
                self._stop.wait(IDLE)

    def turn(self) -> int:
        """One batch of index work; matching only when the index is up to date; mail in any case. Returns rows worked."""
        worked = self._drain(INDEX)
        if not worked:
            worked += self._drain(MATCH)
        return worked + self._drain(MAIL)

    def run_until_empty(self, limit: int = 100_000) -> int:
        """Work off everything that is due now, then return (demo data, tests, `jieti worker --once`)."""
        total = 0
        while not self._stop.is_set() and total < limit:
            worked = self.turn()
            if not worked:
                break
            total += worked
        return total

    def _drain(self, topic: Topic) -> int:
        if time.monotonic() < self._down_until.get(topic.name, 0.0):
            return 0
        try:
            return drain(self._house, self._outbox, topic)
        except EngineUnavailable as error:
            log.warning("search engine does not answer, %s waits: %s", topic.name, error)
            self._down_until[topic.name] = time.monotonic() + 5.0
            return 0


def serve_signals(worker: Worker) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)


@contextmanager
def alone(house: House, stop: threading.Event) -> Iterator[bool]:
    """On SQLite: wait until this is the only worker (a lock on a file in var/), then True. On PostgreSQL: False at once."""
    if not house.database.is_sqlite:
        yield False
        return
    path = Path(house.settings.var) / "worker.lock"
    with path.open("w") as file:
        told = False
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    log.warning("another worker is at work on this database: waiting for it to end")
                    told = True
                stop.wait(0.5)
        yield not stop.is_set()
