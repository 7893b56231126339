"""Tables and connections of the embedded engine.

A folder holds `catalogue.sqlite` (which generation of which kind is live) and, for each generation, a pair of files:
`result-3.sqlite` (documents, terms) and `result-3.vectors` (float32 rows, append-only). WAL lets several processes
read while one writes; writers queue on SQLite's lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from search.documents import FIELDS
from search.ports import EngineUnavailable

BUSY_SECONDS = 30.0

GONE = (sqlite3.OperationalError, FileNotFoundError)
"""What opening or writing a generation raises whose files were just deleted."""

# The analysis has cut the text already: this tokenizer must only not cut it again.
_TOKENIZER = "tokenize = \"unicode61 remove_diacritics 0 tokenchars '-./%‰°+#@_~'\""

CATALOGUE = """
CREATE TABLE IF NOT EXISTS generation (
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'building', 'previous', 'dropped')),
    PRIMARY KEY (kind, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_live ON generation (kind) WHERE state = 'live';
CREATE UNIQUE INDEX IF NOT EXISTS one_building ON generation (kind) WHERE state = 'building';
"""

# `change` grows with every write, so that a reader takes up only what is new to it. alive = 0 is a tombstone: it
# keeps a removed document's version against an older put that arrives late.
GENERATION = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    change INTEGER NOT NULL,
    alive INTEGER NOT NULL,
    slot INTEGER,
    tie INTEGER NOT NULL,
    published_on INTEGER,
    deadline INTEGER,
    amount REAL,
    audience TEXT NOT NULL,
    facets TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX document_change ON document (change);
CREATE VIRTUAL TABLE terms USING fts5({", ".join(FIELDS)}, {_TOKENIZER});
CREATE VIRTUAL TABLE hints USING fts5(words, prefix = '1 2 3', {_TOKENIZER});
"""


@contextmanager
def unavailable_on_error() -> Iterator[None]:
    """SQLite's and the disk's failures as the port's EngineUnavailable."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        raise EngineUnavailable(f"embedded index: {error}") from error


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode (transactions are opened by hand), usable from any thread under a lock."""
    address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(address, BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16384")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, mode: str) -> Iterator[None]:
    """`mode` IMMEDIATE takes the write lock at once (a plain BEGIN may fail later without waiting), DEFERRED reads."""
    connection.execute(f"BEGIN {mode}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
