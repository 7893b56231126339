"""jieti doctor, reindex, backup and restore on a real house."""

from __future__ import annotations

import sqlite3
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from jieti.bootstrap import House
from jieti.jobs.handlers import INDEX, drain
from jieti.jobs.heartbeat import Heartbeat
from jieti.persistence.models import Challenge, OutboxRow
from jieti.persistence.outbox import Outbox
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import backups
from jieti.services.consistency import Consistency
from jieti.services.doctor import Doctor, Finding, State
from jieti.services.reindexing import Reindexing, TooFew, requeue
from search.ports import Document, EngineUnavailable, Failure, Kind
from tests.world import World


def index_all(house: House) -> None:
    outbox = Outbox(house.database)
    while drain(house, outbox, INDEX):
        pass


def examine(house: House) -> list[Finding]:
    return list(Doctor(house.database, lambda: house.search, lambda: house.matcher, var=house.settings.var).examine())


def bad(findings: list[Finding]) -> list[str]:
    return [f.check for f in findings if f.state is State.BAD]


@pytest.mark.both_databases
def test_a_sound_house_has_nothing_bad(house: House, world: World) -> None:
    world.challenge(world.enterprise())
    author = world.researcher()
    world.result(author)
    world.expert(author)
    index_all(house)
    with Heartbeat(house.database):
        findings = examine(house)
    assert bad(findings) == []
    assert {f.check for f in findings} >= {
        "database",
        "outbox",
        "worker",
        "encoder",
        "search",
        "index",
        "vectors",
        "disk",
    }


def test_what_is_wrong_is_named(house: House, world: World) -> None:
    owner = world.enterprise()
    first, second, third = (world.challenge(owner, title=f"需求{n}") for n in range(3))
    index_all(house)
    house.search.remove(Kind.CHALLENGE, first.ref, 1)
    with UnitOfWork(house.database) as uow:  # changed without a promise: what the outbox is there to prevent
        uow.session.execute(update(Challenge).where(Challenge.id == second.id).values(version=5))
        uow.session.execute(update(Challenge).where(Challenge.id == third.id).values(status="draft"))
        uow.session.add(OutboxRow(topic="mail", subject_kind="user", subject_id=1, attempts=4, last_error="连接被拒绝"))
    findings = examine(house)
    assert set(bad(findings)) == {"outbox", "worker", "index"}
    index = next(f.text for f in findings if f.check == "index" and f.state is State.BAD)
    assert f"{first.ref} missing" in index
    assert f"{second.ref} stale (index 1, database 5)" in index
    assert f"{third.ref} extra" in index
    assert "3 differ" in index
    assert any("连接被拒绝" in f.text and "tried 4 times" in f.text for f in findings)
    assert requeue(house.database, house.search, Kind.CHALLENGE) == 3
    index_all(house)
    assert Consistency(house.database, house.search).compare(Kind.CHALLENGE).count_of_differences == 0


def test_a_silent_engine_and_another_encoder_are_findings(house: House, world: World) -> None:
    class Away:
        def ping(self) -> str:
            raise EngineUnavailable("connection refused")

    world.challenge(world.enterprise())
    index_all(house)
    engine = house.search
    house.__dict__["search"] = Away()
    assert "search" in bad(examine(house))
    house.__dict__["search"] = engine

    class Other:
        def encode(self, texts: list[str], batch_size: int = 16) -> object:
            return self.inner.encode([text[::-1] + "别的模型" * 20 for text in texts], batch_size)

        def __init__(self, inner: object) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    house.matcher.encoder = Other(house.matcher.encoder)  # type: ignore[assignment]
    assert "vectors" in bad(examine(house))


def test_a_key_that_others_may_read_is_a_finding(house: House) -> None:
    key = house.settings.var / "secret_key"
    key.write_text("x" * 40)
    key.chmod(0o644)
    assert "secret_key" in bad(examine(house))


@pytest.mark.both_databases
def test_rebuild_holds_the_truth_and_what_changed_meanwhile(house: House, world: World) -> None:
    owner = world.enterprise()
    kept = [world.challenge(owner, title=f"需求{n}") for n in range(5)]
    world.challenge(owner, status="draft")
    index_all(house)
    house.search.put([])
    late: list[Challenge] = []

    def meanwhile(_rows: int) -> None:
        if not late:  # after the first batch was read and before the swap
            late.append(world.challenge(owner, title="重建时发布的需求"))

    report = Reindexing(house.database, house.search, house.matcher).rebuild(Kind.CHALLENGE, meanwhile)
    assert report.refused == () and report.requeued == 0 and report.replayed >= 1
    assert {ref for ref, _version in house.search.versions(Kind.CHALLENGE)} == {c.ref for c in [*kept, *late]}
    index_all(house)
    assert Consistency(house.database, house.search).compare(Kind.CHALLENGE).count_of_differences == 0


def test_a_rebuild_that_would_lose_documents_leaves_the_live_index(house: House, world: World) -> None:
    owner = world.enterprise()
    refs = {world.challenge(owner).ref for _ in range(3)}
    index_all(house)

    class Refusing:
        def __init__(self, inner: object) -> None:
            self.inner = inner

        def rebuild(self, kind: Kind) -> object:
            outer, generation = self, self.inner.rebuild(kind)  # type: ignore[attr-defined]

            class Generation:
                aborted = False

                def add(self, documents: list[Document]) -> list[Failure]:
                    return [Failure(d.kind, d.ref, "mapper_parsing_exception") for d in documents]

                def abort(self) -> None:
                    outer.aborted = True
                    generation.abort()

            return Generation()

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    refusing = Refusing(house.search)
    with pytest.raises(TooFew, match="3 of 3"):
        Reindexing(house.database, refusing, house.matcher).rebuild(Kind.CHALLENGE)  # type: ignore[arg-type]
    assert refusing.aborted
    assert {ref for ref, _version in house.search.versions(Kind.CHALLENGE)} == refs


def test_backup_while_someone_writes_then_restore(house: House, world: World, tmp_path: Path) -> None:
    var = house.settings.var
    (var / "uploads" / "ab").mkdir(parents=True)
    (var / "uploads" / "ab" / "file.pdf").write_bytes(b"%PDF-1.7")
    (var / "secret_key").write_text("geheim" * 8)
    world.challenge(world.enterprise(), title="备份前的需求")
    database = backups.sqlite_path(house.settings.database_url)
    stop = threading.Event()

    def write() -> None:
        owner = world.enterprise()
        while not stop.is_set():
            world.challenge(owner)

    writer = threading.Thread(target=write)
    writer.start()
    archive = tmp_path / "backup.tar.gz"
    try:
        backups.backup(database, var, archive)
    finally:
        stop.set()
        writer.join()
    assert archive.stat().st_mode & 0o077 == 0
    house.close()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    backups.restore(archive, elsewhere / "jieti.sqlite", elsewhere)
    with closing(sqlite3.connect(elsewhere / "jieti.sqlite")) as restored:
        assert restored.execute("SELECT count(*) FROM challenge WHERE title = '备份前的需求'").fetchone() == (1,)
        assert restored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (elsewhere / "uploads/ab/file.pdf").read_bytes() == b"%PDF-1.7"
    assert (elsewhere / "secret_key").read_text() == "geheim" * 8


def test_restore_refuses_what_is_no_backup_and_writes_nothing_outside(tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    database = var / "jieti.sqlite"
    database.write_bytes(b"old")
    nonsense = tmp_path / "nonsense.tar.gz"
    nonsense.write_bytes(b"no archive")
    with pytest.raises(backups.BackupError):
        backups.restore(nonsense, database, var)
    hostile = tmp_path / "hostile.tar.gz"
    (tmp_path / "evil").write_text("evil")
    with tarfile.open(hostile, "w:gz") as archive:
        archive.add(tmp_path / "evil", "../evil-out")
        archive.add(tmp_path / "evil", "uploads/../../evil-out")
    with pytest.raises(backups.BackupError):
        backups.restore(hostile, database, var)
    assert database.read_bytes() == b"old"
    assert not (tmp_path / "evil-out").exists()


def test_postgresql_is_told_to_use_its_own_tool() -> None:
    with pytest.raises(backups.BackupError, match="pg_dump"):
        backups.sqlite_path("postgresql://somewhere/jieti")
