"""Counts of attempts in an SQLite file of their own, shared by every web process of the machine.

The library's `memory://` counts in each gunicorn worker alone; its other stores are servers that a small installation
does not have. A file of its own, so that counting waits neither for the main database's write lock nor on which
database that is. Losing it loses only counts.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from limits.storage import Storage

SCHEME = "jieti-sqlite"
PATIENCE = 10.0
"""Seconds that a locked file is waited for."""


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the journal to write-ahead. SQLite's own timeout does not cover this one step: where several threads open a new file at
    once, all but one are told at once that it is locked."""
    last = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                connection.close()
                raise
            time.sleep(0.01)


class SqliteLimitStorage(Storage):
    """`jieti-sqlite:///ABSOLUTE/PATH`. One connection a thread and process; each operation is one statement."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 (the library's registry reads it)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = Path(unquote(urlsplit(uri or "").path))
        self._local = threading.local()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return sqlite3.Error

    def _run(self, statement: str, *values: object) -> tuple[float, float] | None:
        """The first row of the statement's answer; opens the file, and again after a fork."""
        import os

        if getattr(self._local, "pid", None) != os.getpid():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("CREATE TABLE IF NOT EXISTS hits (key TEXT PRIMARY KEY, count INTEGER, expires REAL)")
            self._local.connection, self._local.pid = connection, os.getpid()
        row: tuple[float, float] | None = self._local.connection.execute(statement, values).fetchone()
        return row

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        row = self._run(
            "INSERT INTO hits VALUES (?1, ?2, ?3 + ?4) ON CONFLICT (key) DO UPDATE SET"
            " count = CASE WHEN expires <= ?3 THEN ?2 ELSE count + ?2 END,"
            " expires = CASE WHEN expires <= ?3 THEN ?3 + ?4 ELSE expires END RETURNING count, expires",
            key,
            amount,
            now,
            expiry,
        )
        self._run("DELETE FROM hits WHERE expires <= ? AND key <> ?", now, key)
        assert row is not None
        return int(row[0])

    def get(self, key: str) -> int:
        row = self._run("SELECT count, expires FROM hits WHERE key = ? AND expires > ?", key, time.time())
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._run("SELECT count, expires FROM hits WHERE key = ? AND expires > ?", key, time.time())
        return row[1] if row else time.time()

    def check(self) -> bool:
        return self._run("SELECT 1, 1") is not None

    def reset(self) -> int | None:
        row = self._run("SELECT count(*), 0 FROM hits")
        self._run("DELETE FROM hits")
        return int(row[0]) if row else 0

    def clear(self, key: str) -> None:
        self._run("DELETE FROM hits WHERE key = ?", key)
