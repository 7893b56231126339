"""Does the index hold what the database says? Compared by reference and version, in bounded memory.

500,000 listings take 8 MB here: of the index only a 64-bit hash and a version are kept a document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from jieti.persistence.database import Database
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.projection import MODELS, UNINDEXED
from search.ports import Kind, SearchEngine

BATCH = 1_000
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """`problem`: missing (not in the index), stale (an older version), extra (in the index, not to be there)."""

    problem: str
    ref: str
    subject_id: int | None
    truth: int | None
    index: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts of one kind, and the first differences; `count_of_differences` has all of them."""

    kind: Kind
    truth: int
    index: int
    count_of_differences: int
    differences: tuple[Difference, ...]


class Consistency:
    def __init__(self, database: Database, engine: SearchEngine) -> None:
        self._database = database
        self._engine = engine

    def compare(self, kind: Kind, shown: int = SHOWN) -> Comparison:
        """Raises EngineUnavailable."""
        truth = [0]
        total = 0
        kept: list[Difference] = []
        for difference in self.differences(kind, truth):
            total += 1
            if len(kept) < shown:
                kept.append(difference)
        return Comparison(kind, truth[0], self._engine.count(kind), total, tuple(kept))

    def differences(self, kind: Kind, seen: list[int] | None = None) -> Iterator[Difference]:
        """Every difference; `seen[0]` counts the records that belong into the index."""
        hashes, versions = self._index(kind)
        known = np.zeros(len(hashes), dtype=bool)
        for subject_id, ref, version in self._truth(kind):
            if seen is not None:
                seen[0] += 1
            place = int(np.searchsorted(hashes, _hash(ref)))
            if place == len(hashes) or hashes[place] != _hash(ref):
                yield Difference("missing", ref, subject_id, version, None)
                continue
            known[place] = True
            if versions[place] != version:
                yield Difference("stale", ref, subject_id, version, int(versions[place]))
        if not known.all():
            extra = set(hashes[~known].tolist())
            for ref, version in self._engine.versions(kind):
                if int(_hash(ref)) in extra:
                    yield Difference("extra", ref, None, None, version)

    def _index(self, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
        pairs = np.fromiter(
            ((_hash(ref), version) for ref, version in self._engine.versions(kind)),
            dtype=[("hash", np.uint64), ("version", np.int64)],
        )
        pairs.sort(order="hash")
        return pairs["hash"], pairs["version"]

    def _truth(self, kind: Kind) -> Iterator[tuple[int, str, int]]:
        """(id, ref, version) of every record that belongs into the index."""
        model = MODELS[kind]
        last = 0
        while True:
            statement = select(model.id, model.ref, model.version).where(model.id > last)
            if hasattr(model, "status"):
                statement = statement.where(model.status.not_in(sorted(UNINDEXED)))
            with UnitOfWork(self._database, read=True) as uow:
                rows = uow.session.execute(statement.order_by(model.id).limit(BATCH)).all()
            if not rows:
                return
            last = rows[-1][0]
            yield from rows


def _hash(ref: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(ref.encode(), digest_size=8).digest()))
