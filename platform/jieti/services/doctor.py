"""Is the installation sound? Each check says what it saw, and whether that is in order."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from jieti.persistence import migrate
from jieti.persistence.database import Database
from jieti.persistence.models import WorkerHeartbeat, utcnow
from jieti.persistence.outbox import Outbox
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import projection, vectors
from jieti.services.consistency import Comparison, Consistency
from jieti.services.projection import Projected
from jieti.services.reindexing import requeue
from search.ports import EngineUnavailable, Kind, SearchEngine

if TYPE_CHECKING:
    from matcher.pipeline import Matcher

FRESH = dt.timedelta(seconds=60)
OLD = dt.timedelta(minutes=15)
LITTLE_SPACE = 1024**3  # bytes
SAME_VECTOR = 0.98
"""Cosine from which a stored vector counts as this encoder's (an index may keep it in 8 or 16 bits)."""


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    state: State
    text: str


class Doctor:
    """`engine` and `matcher` are asked for when they are needed: one that cannot be opened is a finding."""

    def __init__(
        self,
        database: Database,
        engine: Callable[[], SearchEngine],
        matcher: Callable[[], Matcher],
        *,
        var: Path,
        clock: Callable[[], dt.datetime] = utcnow,
    ) -> None:
        self._database = database
        self._engine = engine
        self._matcher = matcher
        self._var = var
        self._clock = clock

    def examine(self) -> Iterator[Finding]:
        """Findings one by one, as the checks end."""
        yield from self._files()
        if (database := self._reachable()).state is State.BAD:
            yield database
            return
        yield database
        yield from self._outbox()
        yield self._workers()
        yield from self._search()

    def fix(self) -> dict[Kind, int]:
        """Promise index work for every difference; returns how many by kind. Raises EngineUnavailable."""
        return {kind: requeue(self._database, self._engine(), kind) for kind in Kind}

    def _files(self) -> Iterator[Finding]:
        writable = os.access(self._var, os.W_OK | os.X_OK)
        yield Finding(
            "var", State.OK if writable else State.BAD, f"{self._var} {'is' if writable else 'is not'} writable"
        )
        key = self._var / "secret_key"
        if key.exists():
            mode = stat.S_IMODE(key.stat().st_mode)
            shared = bool(mode & 0o077)
            yield Finding(
                "secret_key",
                State.BAD if shared else State.OK,
                f"mode {mode:04o}" + (": others may read it" if shared else ""),
            )
        free = shutil.disk_usage(self._var).free
        yield Finding("disk", State.OK if free > LITTLE_SPACE else State.BAD, f"{free / 1024**3:.1f} GB free")

    def _reachable(self) -> Finding:
        try:
            with UnitOfWork(self._database, read=True) as uow:
                uow.session.execute(text("SELECT 1"))
            present, newest = migrate.revisions(self._database)
        except SQLAlchemyError as error:
            return Finding("database", State.BAD, str(error).splitlines()[0])
        name = self._database.engine.dialect.name
        if present != newest:
            return Finding(
                "database", State.BAD, f"{name}, schema {present}, the code wants {newest}: run jieti migrate"
            )
        return Finding("database", State.OK, f"{name}, schema {present}")

    def _outbox(self) -> Iterator[Finding]:
        outbox = Outbox(self._database)
        states = outbox.states()
        if not states:
            yield Finding("outbox", State.OK, "empty")
        for topic in states:
            age = self._clock() - topic.oldest
            state = State.BAD if topic.failing else State.WARNING if age > OLD else State.OK
            yield Finding(
                "outbox", state, f"{topic.topic}: {topic.waiting} waiting, {topic.failing} failing, oldest {_ago(age)}"
            )
        for row in outbox.failing(5):
            state = State.BAD if row.attempts else State.WARNING
            yield Finding(
                "outbox", state,
                f"{row.topic} {row.subject_kind} {row.subject_id}: tried {row.attempts} times, again at "
                f"{row.due_at:%Y-%m-%d %H:%M:%S} UTC: {row.last_error}",
            )  # fmt: skip

    def _workers(self) -> Finding:
        with UnitOfWork(self._database, read=True) as uow:
            beats = uow.session.execute(select(WorkerHeartbeat.name, WorkerHeartbeat.at)).all()
        alive = sorted(name for name, at in beats if self._clock() - at < FRESH)
        if alive:
            return Finding("worker", State.OK, ", ".join(alive))
        return Finding("worker", State.BAD, "no worker has given a sign of life for a minute: start jieti worker")

    def _search(self) -> Iterator[Finding]:
        try:
            matcher = self._matcher()
            yield Finding("encoder", State.OK, f"{matcher.encoder.version}, {matcher.encoder.dimensions} dimensions")
        except Exception as error:  # whatever keeps an encoder from loading is the finding
            yield Finding("encoder", State.BAD, f"{type(error).__name__}: {error}")
            return
        try:
            engine = self._engine()
            yield Finding("search", State.OK, engine.ping())
            pending = {t.topic: t.waiting for t in Outbox(self._database).states()}.get("index", 0)
            for kind in Kind:
                yield self._compared(Consistency(self._database, engine).compare(kind), pending)
            yield self._same_encoder(engine, matcher)
        except EngineUnavailable as error:
            yield Finding("search", State.BAD, f"does not answer: {error}")

    @staticmethod
    def _compared(found: Comparison, pending: int) -> Finding:
        words = f"{found.kind}: {found.index} in the index, {found.truth} in the database"
        if not found.count_of_differences:
            return Finding("index", State.OK, words)
        first = "; ".join(
            f"{d.ref} {d.problem}" + (f" (index {d.index}, database {d.truth})" if d.problem == "stale" else "")
            for d in found.differences
        )
        # What the outbox still holds explains differences; only more of them than that are a fault.
        state = State.WARNING if found.count_of_differences <= pending else State.BAD
        return Finding("index", state, f"{words}; {found.count_of_differences} differ ({pending} waiting): {first}")

    def _same_encoder(self, engine: SearchEngine, matcher: Matcher) -> Finding:
        """A few stored vectors against the encoder's own: an index made by another encoder finds nonsense."""
        for kind in Kind:
            refs = [ref for ref, _version in zip(_refs(engine, kind), range(3), strict=False)]
            stored = engine.vectors(kind, refs)
            model = projection.MODELS[kind]
            with UnitOfWork(self._database, read=True) as uow:
                ids = list(uow.session.scalars(select(model.id).where(model.ref.in_(list(stored)))))
                items = [i for i in projection.read(uow, kind, ids) if isinstance(i, Projected)]
            fresh = vectors.of_listings(matcher.encoder, [i.text for i in items])
            for item, vector in zip(items, fresh, strict=True):
                known = stored[item.document.ref]
                if known.shape != vector.shape or float(np.dot(known, vector)) < SAME_VECTOR:
                    return Finding(
                        "vectors", State.BAD,
                        f"{kind} {item.document.ref}: the index holds another encoder's vector: run jieti reindex",
                    )  # fmt: skip
        return Finding("vectors", State.OK, "the index holds this encoder's vectors")


def _refs(engine: SearchEngine, kind: Kind) -> Iterator[str]:
    for ref, _version in engine.versions(kind):
        yield ref


def _ago(age: dt.timedelta) -> str:
    seconds = int(age.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
