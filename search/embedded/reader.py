"""Reads of one generation: terms by FTS5's BM25, vectors by an exact scan, both as arrays over document ids."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

import numpy as np
from numpy.typing import NDArray

from search.documents import FIELDS
from search.embedded import schema
from search.embedded.catalogue import Files
from search.embedded.columns import Columns, Mask
from search.ports import Vector

_BM25 = f"bm25(terms, {', '.join(str(weight) for weight in FIELDS.values())})"
_SCORED = f"SELECT rowid, {_BM25} FROM terms WHERE terms MATCH ?"  # noqa: S608  (constants of ours)
# "+": SQLite shall test each row that the term index finds, not ask the term index once an id
_SCORED_AMONG = f"{_SCORED} AND +rowid IN (SELECT value FROM json_each(?))"  # noqa: S608
_PAIR = np.dtype([("id", np.int64), ("score", np.float64)])

Ids64 = NDArray[np.int64]


def quote(term: str) -> str:
    """A term as an FTS5 string: nothing in it is syntax."""
    return '"' + term.replace('"', '""') + '"'


class Reader:
    """One per generation and process. `snapshot` serves one thread at a time: the columns are shared."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._lock = threading.RLock()
        self._connection = schema.connect(files.database)
        (self.dimensions,) = self._connection.execute("SELECT value FROM meta WHERE name = 'dimensions'").fetchone()
        self._matrix: NDArray[np.float32] = np.zeros((0, self.dimensions), np.float32)
        self.columns = Columns()

    @contextmanager
    def snapshot(self) -> Iterator[Columns]:
        """A consistent view: columns, terms and rows of one moment, whatever is written meanwhile."""
        with self._lock, schema.transaction(self._connection, "DEFERRED"):
            self.columns.refresh(self._connection)
            yield self.columns

    def walk(self, term: str) -> Ids64:
        """Ids of the documents that hold a term. One row of text for all of them: a Python row for each would take
        longer than the walk itself."""
        (joined,) = self._connection.execute(
            "SELECT group_concat(rowid) FROM terms WHERE terms MATCH ?", (quote(term),)
        ).fetchone()
        return np.fromstring(joined, np.int64, sep=",") if joined else np.zeros(0, np.int64)

    def frequency(self, term: str) -> int:
        """How many documents hold a term, seen or not."""
        (number,) = self._connection.execute(
            "SELECT count(*) FROM terms WHERE terms MATCH ?", (quote(term),)
        ).fetchone()
        return int(number)

    def scores(self, terms: Iterable[str], among: Mask) -> NDArray[np.float64]:
        """BM25 by document id (larger is better, 0 where no term is met) for documents of `among`; others may be 0.

        A repeated term counts as often as it is repeated. Scoring a document costs ten times its walk, so that few
        documents are told to FTS5, and many are not worth the telling.
        """
        placed = np.zeros(len(among))
        expression = " OR ".join(map(quote, terms))
        wanted = np.flatnonzero(among)
        if not expression or not len(wanted):
            return placed
        if len(wanted) > len(among) // 3:
            rows = self._connection.execute(_SCORED, (expression,))
        else:
            rows = self._connection.execute(_SCORED_AMONG, (expression, f"[{','.join(map(str, wanted.tolist()))}]"))
        pairs = np.fromiter(rows, dtype=_PAIR)
        placed[pairs["id"]] = -pairs["score"]
        return placed

    def similarities(self, vector: Vector) -> NDArray[np.float32]:
        """Cosine of every document with this vector; -inf for documents without one."""
        slots = self.columns.slot
        cosines = self._vectors() @ vector
        placed = np.full(len(slots), -np.inf, np.float32)
        has = slots >= 0
        placed[has] = cosines[slots[has]]
        return placed

    def _vectors(self) -> NDArray[np.float32]:
        (slots,) = self._connection.execute(
            "SELECT coalesce((SELECT value FROM meta WHERE name = 'slots'), 0)"
        ).fetchone()
        if len(self._matrix) < slots:
            self._matrix = np.memmap(self._files.vectors, np.float32, "r", shape=(slots, self.dimensions))
        return self._matrix

    def vectors(self, refs: Iterable[str]) -> dict[str, Vector]:
        matrix = self._vectors()
        found: dict[str, Vector] = {}
        for ref in dict.fromkeys(refs):
            row = self._connection.execute(
                "SELECT slot FROM document WHERE ref = ? AND alive AND slot IS NOT NULL", (ref,)
            ).fetchone()
            if row is not None:
                found[ref] = np.array(matrix[row[0]], np.float32)
        return found

    def texts(self, ids: Iterable[int]) -> Mapping[int, tuple[str, int, str, str, str]]:
        """id → (ref, version, title, summary, body)."""
        return self._rows("id, ref, version, title, summary, body", ids)

    def names(self, ids: Iterable[int]) -> Mapping[int, tuple[str, int, str]]:
        """id → (ref, version, title)."""
        return self._rows("id, ref, version, title", ids)

    def _rows(self, columns: str, ids: Iterable[int]) -> dict[int, tuple]:  # type: ignore[type-arg]
        wanted = [int(one) for one in ids]
        marks = ",".join("?" * len(wanted))
        rows = self._connection.execute(f"SELECT {columns} FROM document WHERE id IN ({marks})", wanted)  # noqa: S608
        return {row[0]: row[1:] for row in rows}

    def hinted(self, expression: str) -> Mask:
        """Documents whose hints match an FTS5 expression."""
        mask = np.zeros(len(self.columns.alive), np.bool_)
        rows = self._connection.execute("SELECT rowid FROM hints WHERE hints MATCH ?", (expression,))
        mask[np.fromiter((row for (row,) in rows), np.int64)] = True
        return mask

    def count(self) -> int:
        with self._lock:
            (number,) = self._connection.execute("SELECT count(*) FROM document WHERE alive").fetchone()
        return int(number)

    def versions_after(self, identity: int, size: int) -> list[tuple[int, str, int]]:
        """(id, ref, version) of the next documents by id: a page at a time, so that no transaction stays open."""
        with self._lock:
            return self._connection.execute(
                "SELECT id, ref, version FROM document WHERE id > ? AND alive ORDER BY id LIMIT ?", (identity, size)
            ).fetchall()

    def close(self) -> None:
        with self._lock:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._matrix = np.zeros((0, self.dimensions), np.float32)
