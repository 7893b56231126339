"""Columns of a generation in memory: what filters, facets, audience and sorting need, as NumPy arrays by document id.

About 60 bytes a document. One mask serves filters, counts and the vector scan (docs/adr, 10). The truth stays in SQLite;
`refresh` takes up what changed since.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np
import orjson
from numpy.typing import NDArray

from search import fusion
from search.ports import FACETS

Mask = NDArray[np.bool_]
Ids = NDArray[np.intp]

NO_DAY = 0
"""`date.toordinal()` begins at 1."""


class Codes:
    """A multi-valued text column: small numbers for values, as many places a row as the longest row needs."""

    def __init__(self) -> None:
        self.values: list[str] = [""]
        self._numbers: dict[str, int] = {}
        self._rows: NDArray[np.int32] = np.zeros((0, 1), np.int32)

    def grow(self, rows: int) -> None:
        self._rows = np.vstack([self._rows, np.zeros((rows - len(self._rows), self._rows.shape[1]), np.int32)])

    def set(self, row: int, values: Iterable[str]) -> None:
        numbers = [self._number(value) for value in dict.fromkeys(values)]
        missing = len(numbers) - self._rows.shape[1]
        if missing > 0:
            self._rows = np.hstack([self._rows, np.zeros((len(self._rows), missing), np.int32)])
        self._rows[row] = 0
        self._rows[row, : len(numbers)] = numbers

    def _number(self, value: str) -> int:
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        return number

    def having(self, wanted: Iterable[str]) -> Mask:
        """Rows with at least one of these values."""
        lookup = np.zeros(len(self.values), np.bool_)
        lookup[[self._numbers[value] for value in wanted if value in self._numbers]] = True
        if not lookup.any():
            return np.zeros(len(self._rows), np.bool_)
        found: Mask = lookup[self._rows[:, 0]]
        for place in range(1, self._rows.shape[1]):
            found |= lookup[self._rows[:, place]]
        return found

    def count(self, rows: Mask) -> list[tuple[str, int]]:
        """(value, number of these rows that have it), most first, then by value."""
        counts = np.bincount(self._rows[rows].ravel(), minlength=len(self.values))
        found = [(self.values[number], int(counts[number])) for number in np.flatnonzero(counts) if number]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[: fusion.MAX_FACET_VALUES]


class Columns:
    """All columns; rows are document ids, so row 0 and removed documents are not alive."""

    def __init__(self) -> None:
        self.alive: Mask = np.zeros(0, np.bool_)
        self.slot: NDArray[np.int32] = np.zeros(0, np.int32)
        self.published: NDArray[np.int32] = np.zeros(0, np.int32)
        self.deadline: NDArray[np.int32] = np.zeros(0, np.int32)
        self.amount: NDArray[np.float64] = np.zeros(0, np.float64)
        self.tie: NDArray[np.int64] = np.zeros(0, np.int64)
        self.audience = Codes()
        self.facets = {name: Codes() for name in FACETS}
        self.change = 0

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Take up every document written since the last time; call inside a read transaction."""
        newest, highest = connection.execute(
            "SELECT (SELECT coalesce(max(change), 0) FROM document), (SELECT coalesce(max(id), 0) FROM document)"
        ).fetchone()
        if newest == self.change:
            return
        if highest >= len(self.alive):
            self._grow(max(highest + 1, len(self.alive) * 5 // 4))
        rows = connection.execute(
            "SELECT id, alive, slot, published_on, deadline, amount, tie, audience, facets FROM document WHERE change > ?",
            (self.change,),
        )
        for row, alive, slot, published, deadline, amount, tie, audience, facets in rows:
            self.alive[row] = bool(alive)
            self.slot[row] = -1 if slot is None else slot
            self.published[row] = published or NO_DAY
            self.deadline[row] = deadline or NO_DAY
            self.amount[row] = np.nan if amount is None else amount
            self.tie[row] = tie
            self.audience.set(row, orjson.loads(audience))
            values = orjson.loads(facets)
            for name, codes in self.facets.items():
                codes.set(row, values.get(name, ()))
        self.change = newest

    def _grow(self, rows: int) -> None:
        more = rows - len(self.alive)
        self.alive = np.append(self.alive, np.zeros(more, np.bool_))
        self.slot = np.append(self.slot, np.full(more, -1, np.int32))
        self.published = np.append(self.published, np.zeros(more, np.int32))
        self.deadline = np.append(self.deadline, np.zeros(more, np.int32))
        self.amount = np.append(self.amount, np.full(more, np.nan))
        self.tie = np.append(self.tie, np.zeros(more, np.int64))
        self.audience.grow(rows)
        for codes in self.facets.values():
            codes.grow(rows)
