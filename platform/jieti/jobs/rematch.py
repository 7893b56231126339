"""Matching many listings again, through the outbox: a few at a time, so that what is published meanwhile need not wait for all.

Promises are in the database before they are worked off, by this process and by any worker that runs beside it. Cut off
anywhere, the same call goes on: with the batch it was at, from a note in var/ (kept only where everything is asked for:
else what is done is no longer due).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jieti.bootstrap import House
from jieti.jobs.handlers import MATCH, drain
from jieti.persistence.outbox import Outbox
from jieti.services.rematching import Rematching
from search.ports import Kind

BATCH = 32
LOOK_AGAIN = 0.5  # s, while another worker has the last of a batch in hand


@dataclass(frozen=True, slots=True)
class Rematched:
    """`before`: done by an earlier call that was cut off; `failed`: in the outbox with their reasons, tried again later."""

    kind: Kind
    done: int
    before: int
    failed: int


class Rematch:
    def __init__(self, house: House) -> None:
        self._house = house
        self._outbox = Outbox(house.database)
        self._service = Rematching(house.database, house.matcher.version)

    def run(
        self, kind: Kind, *, everything: bool, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> Rematched:
        """`progress`: listings done, of how many. Raises EngineUnavailable: what is promised stays so."""
        note = _Note(self._house.settings.var / f"rematch-{kind.value}.json", self._house.matcher.version)
        after, before = note.read() if everything else (0, 0)
        total = before + self._service.total(kind, everything=everything, after=after)
        done, failed = before, 0
        progress(done, total)
        for ids in self._service.batches(kind, everything=everything, after=after, size=BATCH):
            mark = self._outbox.mark()
            self._outbox.requeue(MATCH.name, [(kind.value, one) for one in ids])
            failed += self._work_off(kind, ids, mark, lambda finished, done=done: progress(done + finished, total))  # type: ignore[misc]
            done += len(ids)
            if everything:
                note.write(ids[-1], done)
        note.clear()
        return Rematched(kind, done, before, failed)

    def _work_off(self, kind: Kind, ids: list[int], mark: int, progress: Callable[[int], None]) -> int:
        """Until nothing of the batch is untried; returns how many of it failed."""
        while True:
            untried, failed = self._service.waiting(kind, ids, since=mark)
            progress(len(ids) - untried)
            if not untried:
                return failed
            if not drain(self._house, self._outbox, MATCH):
                time.sleep(LOOK_AGAIN)


class _Note:
    """How far a call for everything has come; void for other models."""

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version

    def read(self) -> tuple[int, int]:
        """(highest id done, how many are done)."""
        try:
            noted = json.loads(self._path.read_text(encoding="utf-8"))
            return (int(noted["after"]), int(noted["done"])) if noted["models"] == self._version else (0, 0)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return 0, 0

    def write(self, after: int, done: int) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps({"models": self._version, "after": after, "done": done}), encoding="utf-8")
        new.replace(self._path)

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)
