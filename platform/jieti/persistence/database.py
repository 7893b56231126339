"""The engine, set up so that SQLite and PostgreSQL behave alike.

SQLite: WAL, foreign keys, and explicit transactions: writers take the lock at once (BEGIN IMMEDIATE), since a
transaction that reads first and writes later fails without waiting when another wrote between.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

READ_ONLY = {"jieti_read": True}


class Database:
    """One engine a process. `session(read=True)` never takes SQLite's write lock."""

    def __init__(self, url: str, *, echo: bool = False) -> None:
        self.url = url
        options: dict[str, Any] = {"echo": echo, "pool_pre_ping": not url.startswith("sqlite")}
        if url.startswith("sqlite"):
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
        self.engine: Engine = create_engine(url, **options)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._reader = self.engine.execution_options(**READ_ONLY)
        self._sessions = sessionmaker(expire_on_commit=False, autoflush=True)

    def session(self, *, read: bool = False) -> Session:
        return self._sessions(bind=self._reader if read else self.engine)

    def dispose(self) -> None:
        """Close all connections (after a fork, and at the end)."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        read = connection.get_execution_options().get("jieti_read")
        connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")
