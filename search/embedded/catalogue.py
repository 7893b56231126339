"""Which generation of each kind is live, being built, or kept as the last one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from search.embedded import schema
from search.ports import Kind


@dataclass(frozen=True, slots=True)
class Files:
    """Where a generation lives."""

    database: Path
    vectors: Path


class Catalogue:
    """The folder's register of generations, shared by all processes through its SQLite file."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder = folder
        self._dimensions = dimensions
        self._lock = threading.Lock()
        self._inherited: list[sqlite3.Connection] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = self._open()
        self._pid = os.getpid()

    def _open(self) -> sqlite3.Connection:
        connection = schema.connect(self._folder / "catalogue.sqlite", create=True)
        connection.executescript(schema.CATALOGUE)
        return connection

    def _connected(self) -> sqlite3.Connection:
        if self._pid != os.getpid():  # a connection must not cross a fork (gunicorn --preload), nor be closed there
            self._inherited.append(self._connection)
            self._connection = self._open()
            self._pid = os.getpid()
        return self._connection

    def files(self, kind: Kind, number: int) -> Files:
        stem = self._folder / f"{kind}-{number}"
        return Files(stem.with_suffix(".sqlite"), stem.with_suffix(".vectors"))

    def live(self, kind: Kind) -> int | None:
        """The number of the live generation; None where nothing was ever put."""
        with self._lock:
            return self._number(kind, "live")

    def targets(self, kind: Kind) -> list[int]:
        """Generations that a put must reach: the live one (made where there is none) and one being built.

        Writing to both is what keeps a document that changes during a rebuild: versions make the order irrelevant.
        """
        with self._lock:
            rows = self._connected().execute(
                "SELECT number FROM generation WHERE kind = ? AND state IN ('live', 'building') ORDER BY state DESC",
                (kind,),
            )
            numbers = [number for (number,) in rows]
            live = self._number(kind, "live")
        if live is None:
            self._create(kind, "live")
            return self.targets(kind)
        return numbers

    def start(self, kind: Kind) -> int:
        """A new generation to fill. One that was left unfinished by a dead process is dropped."""
        with self._lock:
            stale = self._number(kind, "building")
        if stale is not None:
            self.drop(kind, stale)
        return self._create(kind, "building")

    def _number(self, kind: Kind, state: str) -> int | None:
        row = (
            self._connected()
            .execute("SELECT number FROM generation WHERE kind = ? AND state = ?", (kind, state))
            .fetchone()
        )
        return None if row is None else int(row[0])

    def _create(self, kind: Kind, state: str) -> int:
        with self._lock, schema.transaction(connection := self._connected(), "IMMEDIATE"):
            existing = self._number(kind, state)
            if existing is not None and state == "live":  # another process was faster
                return existing
            row = connection.execute("SELECT max(number) FROM generation WHERE kind = ?", (kind,)).fetchone()
            number = (row[0] or 0) + 1
            self._remove_files(kind, number)
            files = self.files(kind, number)
            files.vectors.touch()
            database = schema.connect(files.database, create=True)
            with contextlib.closing(database):
                database.executescript(f"BEGIN; {schema.GENERATION} COMMIT;")
                database.execute("INSERT INTO meta VALUES ('dimensions', ?)", (self._dimensions,))
            connection.execute("INSERT INTO generation VALUES (?, ?, ?)", (kind, number, state))
            return number

    def swap(self, kind: Kind, number: int) -> None:
        """Make a built generation the live one, in one transaction; the one before is kept, older ones go."""
        with self._lock, schema.transaction(connection := self._connected(), "IMMEDIATE"):
            if self._number(kind, "building") != number:
                raise RuntimeError(f"{kind} generation {number} is no longer being built")
            old = [
                row[0]
                for row in connection.execute(
                    "SELECT number FROM generation WHERE kind = ? AND state IN ('previous', 'dropped')", (kind,)
                )
            ]
            connection.execute("DELETE FROM generation WHERE kind = ? AND state IN ('previous', 'dropped')", (kind,))
            connection.execute("UPDATE generation SET state = 'previous' WHERE kind = ? AND state = 'live'", (kind,))
            connection.execute("UPDATE generation SET state = 'live' WHERE kind = ? AND number = ?", (kind, number))
        for one in old:
            self._remove_files(kind, one)

    def drop(self, kind: Kind, number: int) -> None:
        """Give up a generation being built; its number is not used again before a later swap."""
        with self._lock, schema.transaction(connection := self._connected(), "IMMEDIATE"):
            connection.execute(
                "UPDATE generation SET state = 'dropped' WHERE kind = ? AND number = ? AND state = 'building'",
                (kind, number),
            )
        self._remove_files(kind, number)

    def _remove_files(self, kind: Kind, number: int) -> None:
        files = self.files(kind, number)
        for path in (files.vectors, files.database):
            path.unlink(missing_ok=True)
        for suffix in ("-wal", "-shm"):
            files.database.with_name(files.database.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        with self._lock:
            self._connection.close()
