"""Fixtures shared by all suites: databases (SQLite always, PostgreSQL beside it), a house, an app, signed-in clients."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.factory import create_app
from jieti.persistence import migrate
from jieti.persistence.database import Database
from jieti.persistence.models import User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.settings import Settings, load_settings
from tests.browser import browser
from tests.fakes import HashingEncoder
from tests.postgresql_server import PostgresServer, postgres_server
from tests.world import World

__all__ = ["browser"]

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that talks to anything but this machine fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and str(address[0]) not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test reached for {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated empty database file, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def _postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The run's server, shared by xdist's workers (one folder a run), with a migrated template a worker."""
    root = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent
    # Not inside pytest's own folder: the server runs as another user, and pytest closes that folder to others at each start.
    folder = Path(tempfile.gettempdir()) / f"jieti-postgresql-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"
    with postgres_server(folder) as server:
        template = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        server.execute(f'DROP DATABASE IF EXISTS "{template}"')
        server.execute(f'CREATE DATABASE "{template}"')
        database = Database(server.url(template))
        migrate.upgrade(database)
        database.dispose()
        server.template = template
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked `both_databases` runs on SQLite and on PostgreSQL."""
    if "database_url" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, _sqlite_template: Path) -> Iterator[str]:
    """A migrated empty database of this test's own."""
    if getattr(request, "param", "sqlite") == "postgresql":
        server: PostgresServer = request.getfixturevalue("_postgres")
        with server.database(server.template) as url:
            yield url
        return
    path = tmp_path / "jieti.sqlite"
    shutil.copy(_sqlite_template, path)
    yield f"sqlite:///{path}"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load_settings(
        {"JIETI_VAR": str(tmp_path / "var"), "JIETI_DATABASE_URL": database_url, "JIETI_SECRET_KEY": "k" * 32}
    )


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """Real parts, but for the encoder: hashed bags of tokens, so that a test of the workflow loads no network."""
    built = House(settings)
    from matcher.pipeline import Matcher

    built.__dict__["matcher"] = Matcher.load(encoder=HashingEncoder())
    yield built
    built.close()


@pytest.fixture
def database(house: House) -> Database:
    return house.database


@pytest.fixture
def world(database: Database) -> World:
    """Builders of organisations, users and listings on this test's database."""
    return World(database)


@pytest.fixture
def app(settings: Settings, house: House) -> Flask:
    return create_app(settings, testing=True, house=house)


@pytest.fixture
def demo_app(settings: Settings, house: House) -> Flask:
    house.settings = replace(settings, demo=True)
    return create_app(house.settings, testing=True, house=house)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody's client. CSRF stays on: use `tests.web.post_form`, which reads the page's token as a browser does."""
    return app.test_client()


@pytest.fixture
def client_of(app: Flask) -> Callable[[User], FlaskClient]:
    """A client signed in as this user (its session is set directly, as Flask-Login does after a password)."""

    def sign_in(user: User) -> FlaskClient:
        signed_in = app.test_client()
        with signed_in.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = __import__("time").time()
        return signed_in

    return sign_in


@pytest.fixture
def write(database: Database) -> Callable[[], UnitOfWork]:
    return lambda: UnitOfWork(database)
