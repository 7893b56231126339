"""The worker's sign of life: a row renewed every few seconds, by a thread, since one batch may take longer than that.

The thread stops renewing when the work itself has not moved for STUCK: a worker that hangs must look dead.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from types import TracebackType
from typing import Self

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from jieti.persistence.database import Database
from jieti.persistence.models import WorkerHeartbeat, utcnow
from jieti.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

EVERY = 5.0  # s
STUCK = 600.0  # s


class Heartbeat:
    def __init__(self, database: Database, *, every: float = EVERY, stuck: float = STUCK) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._database = database
        self._every = every
        self._stuck = stuck
        self._stop = threading.Event()
        self._moved = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._beat()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        try:
            with UnitOfWork(self._database) as uow:
                uow.session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.name == self.name))
        except SQLAlchemyError:  # the row grows stale by itself
            log.warning("could not remove the heartbeat", exc_info=True)

    def moved(self) -> None:
        """The work goes on."""
        self._moved = time.monotonic()

    def _beat(self) -> None:
        with UnitOfWork(self._database) as uow:
            uow.session.merge(WorkerHeartbeat(name=self.name, at=utcnow()))

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            if time.monotonic() - self._moved > self._stuck:
                continue
            try:
                self._beat()
            except SQLAlchemyError:
                log.warning("heartbeat not written", exc_info=True)
