"""Writes to one generation: documents, terms and vectors, in one transaction a batch."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Sequence
from datetime import date

import numpy as np
import orjson

from search.documents import FIELDS, Prepared, tie_break
from search.embedded import schema
from search.embedded.catalogue import Files

_COLUMNS = ", ".join(FIELDS)
_MARKS = ", ".join("?" for _ in FIELDS)


class Writer:
    """One per generation and process; safe between processes by SQLite's write lock.

    A vector is written behind the last one and only then named by its document's row, in the same transaction that
    holds the write lock: a reader never sees half a vector, and a process that dies leaves bytes that the next
    write covers. A replaced vector's place is not used again; a rebuild leaves such places out.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._connection = schema.connect(files.database)
        self._vectors = os.open(files.vectors, os.O_RDWR)
        (self.dimensions,) = self._connection.execute("SELECT value FROM meta WHERE name = 'dimensions'").fetchone()

    def put(self, documents: Sequence[Prepared]) -> None:
        """Store those that are not older than what is there (equal versions replace)."""
        with self._lock, schema.transaction(self._connection, "IMMEDIATE"):
            change = self._last("change")
            slot = first = self._slots()
            fresh: list[bytes] = []
            for document in documents:
                known = self._known(document.ref)
                if known is not None and known[1] > document.version:
                    continue
                place: int | None = None
                if document.vector is not None:
                    raw = document.vector.tobytes()
                    place = known[2] if known is not None and self._stored(known[2]) == raw else None
                    if place is None:
                        place, slot = slot, slot + 1
                        fresh.append(raw)
                change += 1
                self._store(document, None if known is None else known[0], change, place)
            if fresh:
                self._append(first, b"".join(fresh))
                self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('slots', ?)", (slot,))

    def remove(self, ref: str, version: int) -> None:
        """Leave a tombstone with this version, unless something newer is there."""
        with self._lock, schema.transaction(self._connection, "IMMEDIATE"):
            known = self._known(ref)
            if known is not None and known[1] > version:
                return
            change = self._last("change") + 1
            if known is not None:
                for table in ("terms", "hints"):
                    self._connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (known[0],))  # noqa: S608
            self._connection.execute(
                "INSERT INTO document VALUES (?, ?, ?, ?, 0, NULL, ?, NULL, NULL, NULL, '[]', '{}', '', '', '')"
                " ON CONFLICT (ref) DO UPDATE SET version = excluded.version, change = excluded.change, alive = 0,"
                " slot = NULL, published_on = NULL, deadline = NULL, amount = NULL, audience = '[]', facets = '{}',"
                " title = '', summary = '', body = ''",
                (None if known is None else known[0], ref, version, change, tie_break(ref)),
            )

    def _store(self, document: Prepared, identity: int | None, change: int, slot: int | None) -> None:
        cursor = self._connection.execute(
            "INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                identity,
                document.ref,
                document.version,
                change,
                slot,
                document.tie,
                _ordinal(document.published_on),
                _ordinal(document.deadline),
                document.amount,
                orjson.dumps(document.audience).decode(),
                orjson.dumps(document.facets).decode(),
                document.title,
                document.summary,
                document.body,
            ),
        )
        if identity is not None:
            for table in ("terms", "hints"):
                self._connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (identity,))  # noqa: S608
        rowid = cursor.lastrowid if identity is None else identity
        self._connection.execute(
            f"INSERT INTO terms (rowid, {_COLUMNS}) VALUES (?, {_MARKS})",  # noqa: S608
            (rowid, *(document.terms[name] for name in FIELDS)),
        )
        self._connection.execute("INSERT INTO hints (rowid, words) VALUES (?, ?)", (rowid, document.hints))

    def _known(self, ref: str) -> tuple[int, int, int | None] | None:
        row: tuple[int, int, int | None] | None = self._connection.execute(
            "SELECT id, version, slot FROM document WHERE ref = ?", (ref,)
        ).fetchone()
        return row

    def _last(self, column: str) -> int:
        (value,) = self._connection.execute(f"SELECT coalesce(max({column}), 0) FROM document").fetchone()  # noqa: S608
        return int(value)

    def _slots(self) -> int:
        row = self._connection.execute("SELECT value FROM meta WHERE name = 'slots'").fetchone()
        return 0 if row is None else int(row[0])

    def _stored(self, slot: int | None) -> bytes | None:
        if slot is None:
            return None
        width = self.dimensions * np.dtype(np.float32).itemsize
        return os.pread(self._vectors, width, slot * width)

    def _append(self, slot: int, data: bytes) -> None:
        offset = slot * self.dimensions * np.dtype(np.float32).itemsize
        written = 0
        while written < len(data):
            written += os.pwrite(self._vectors, data[written:], offset + written)
        os.fsync(self._vectors)  # before the row that names it: else a power cut could leave a row without its vector

    def finish(self) -> int:
        """Merge the term index after the last of many puts (queries walk one segment then); returns the documents."""
        with self._lock:
            self._connection.execute("INSERT INTO terms (terms) VALUES ('optimize')")
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            (number,) = self._connection.execute("SELECT count(*) FROM document WHERE alive").fetchone()
        return int(number)

    def close(self) -> None:
        with self._lock:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            os.close(self._vectors)


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()
