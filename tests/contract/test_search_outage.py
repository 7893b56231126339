"""Engines that fail: Elasticsearch stopped in mid-batch, a dead address, a broken folder, a writer killed in mid-write."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from search.engines import open_engine
from search.ports import Document, EngineUnavailable, Kind, Query, SearchEngine
from tests.contract.search_documents import DIMENSIONS, NYLON, PUBLIC, result
from tests.elasticsearch_server import own_server, require

_SPAWN = multiprocessing.get_context("spawn")
ALL = Query(Kind.RESULT, PUBLIC, "零件", size=50)

CALLS: dict[str, Callable[[SearchEngine], object]] = {
    "put": lambda engine: engine.put([result("a", "零件")]),
    "remove": lambda engine: engine.remove(Kind.RESULT, "a", 2),
    "search": lambda engine: engine.search(ALL),
    "hybrid": lambda engine: engine.search(Query(Kind.RESULT, PUBLIC, "零件", NYLON)),
    "relax": lambda engine: engine.relax(Query(Kind.RESULT, PUBLIC, "零件 阀门")),
    "suggest": lambda engine: engine.suggest([Kind.RESULT], "零", PUBLIC),
    "candidates": lambda engine: engine.candidates(Kind.RESULT, text="零件", vector=NYLON, audience=PUBLIC),
    "vectors": lambda engine: engine.vectors(Kind.RESULT, ["a"]),
    "count": lambda engine: engine.count(Kind.RESULT),
    "versions": lambda engine: list(engine.versions(Kind.RESULT)),
    "rebuild": lambda engine: engine.rebuild(Kind.RESULT),
    "ping": lambda engine: engine.ping(),
}


def assert_unavailable(engine: SearchEngine) -> None:
    for call in CALLS.values():
        with pytest.raises(EngineUnavailable):
            call(engine)


@pytest.mark.elasticsearch
def test_elasticsearch_stopped_in_mid_batch_loses_nothing(tmp_path: Path) -> None:
    require()
    made = [result(f"r{number}", f"第{number}号零件", vector=NYLON) for number in range(900)]
    with own_server(tmp_path) as server:
        engine = open_engine(server.url, dimensions=DIMENSIONS, prefix="outage")
        engine.put([result("r0", "先来的零件", version=5)])

        def stopping() -> Iterator[Document]:
            for number, document in enumerate(made):
                if number == 700:  # the first five hundred are on their way
                    server.stop()
                yield document

        with pytest.raises(EngineUnavailable):
            engine.put(stopping())
        start = time.monotonic()
        assert_unavailable(engine)
        assert time.monotonic() - start < 30  # a dead server is no reason to keep a page waiting
        server.start()
        assert engine.put(made) == []  # the outbox sends all of them again
        versions = dict(engine.versions(Kind.RESULT))
        assert versions == {f"r{number}": 1 for number in range(900)} | {"r0": 5}
        assert engine.search(ALL).total == 900
        engine.close()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://127.0.0.1:9,http://127.0.0.1:19"])
def test_a_dead_address_is_unavailable_and_opens_nevertheless(address: str) -> None:
    engine = open_engine(address, dimensions=DIMENSIONS)
    assert_unavailable(engine)
    engine.close()


def test_a_folder_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("not a folder")
    with pytest.raises(EngineUnavailable):
        open_engine(str(tmp_path / "index"), dimensions=DIMENSIONS)


def test_a_broken_database_is_unavailable_and_a_rebuild_mends_it(tmp_path: Path) -> None:
    engine = open_engine(str(tmp_path), dimensions=DIMENSIONS)
    engine.put([result("a", "零件", vector=NYLON)])
    engine.close()
    for path in tmp_path.glob("result-1.sqlite*"):
        path.write_bytes(b"rubbish" * 1_000)
    engine = open_engine(str(tmp_path), dimensions=DIMENSIONS)
    with pytest.raises(EngineUnavailable):
        engine.search(ALL)
    with pytest.raises(EngineUnavailable):
        engine.put([result("a", "零件")])
    rebuild = engine.rebuild(Kind.RESULT)
    rebuild.add([result("a", "零件", vector=NYLON)])
    assert rebuild.commit() == 1
    assert engine.search(ALL).total == 1
    engine.close()


def test_vectors_of_another_encoder_ask_for_a_rebuild(tmp_path: Path) -> None:
    engine = open_engine(str(tmp_path), dimensions=DIMENSIONS * 2)
    engine.put([result("a", "零件")])
    engine.close()
    engine = open_engine(str(tmp_path), dimensions=DIMENSIONS)
    assert engine.search(Query(Kind.RESULT, PUBLIC, "零件", NYLON)).total == 1  # words still work
    assert "rebuild result" in engine.ping()
    with pytest.raises(EngineUnavailable, match="rebuild"):
        engine.put([result("b", "零件", vector=NYLON)])
    rebuild = engine.rebuild(Kind.RESULT)
    rebuild.add([result("b", "零件", vector=NYLON)])
    rebuild.commit()
    assert engine.search(Query(Kind.RESULT, PUBLIC, "", NYLON)).total == 1
    assert "rebuild" not in engine.ping()
    engine.close()


# -- several processes on one embedded index; top-level functions, since a spawned process imports them


def _write_for_ever(folder: str, started: Event) -> None:
    engine = open_engine(folder, dimensions=DIMENSIONS)
    version = 1
    while True:
        engine.put(
            [result(f"r{one}", f"零件第{version}版", "说明" * 50, version=version, vector=NYLON) for one in range(40)]
        )
        started.set()
        version += 1


def _read(folder: str, seconds: float) -> None:
    engine = open_engine(folder, dimensions=DIMENSIONS)
    end = time.monotonic() + seconds
    rounds = 0
    while time.monotonic() < end or rounds < 5:
        page = engine.search(Query(Kind.RESULT, PUBLIC, "零件", NYLON, facets=("county",), size=50))
        assert page.total == len(page.hits) == 40, page.total
        assert len({hit.version for hit in page.hits}) == 1, "half a batch was seen"
        assert len(engine.vectors(Kind.RESULT, ["r0", "r39"])) == 2
        rounds += 1
    engine.close()


def test_processes_read_while_one_writes_and_is_killed(tmp_path: Path) -> None:
    """Readers always see a whole batch; a writer killed with -9 leaves the index sound and open to others."""
    folder, started = str(tmp_path), _SPAWN.Event()
    writer = _SPAWN.Process(target=_write_for_ever, args=(folder, started), daemon=True)
    writer.start()
    assert started.wait(60)
    readers = [_SPAWN.Process(target=_read, args=(folder, 2.0)) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(90)
    assert [reader.exitcode for reader in readers] == [0, 0]
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    engine = open_engine(folder, dimensions=DIMENSIONS)
    reached = dict(engine.versions(Kind.RESULT))
    assert len(reached) == 40 and len(set(reached.values())) == 1
    engine.put([result(f"r{one}", "零件最后一版", version=10_000, vector=NYLON) for one in range(40)])
    assert {hit.version for hit in engine.search(ALL).hits} == {10_000}
    engine.close()
    with sqlite3.connect(tmp_path / "result-1.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.execute("INSERT INTO terms (terms) VALUES ('integrity-check')")
    connection.close()


def _search_after_fork(folder: str) -> None:
    """What gunicorn --preload does: the engine is opened and used before the fork, and after it by all."""
    engine = open_engine(folder, dimensions=DIMENSIONS)
    engine.put([result("a", "零件", vector=NYLON)])
    assert engine.search(ALL).total == 1
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                engine.put([result(f"child-{number}", "零件", vector=NYLON)])
                code = 0 if engine.search(ALL).total >= 2 else 2
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0, 0, 0], codes
    assert engine.search(ALL).total == 4


def test_an_engine_opened_before_a_fork_works_in_the_children(tmp_path: Path) -> None:
    process = _SPAWN.Process(target=_search_after_fork, args=(str(tmp_path),))
    process.start()
    process.join(90)
    assert process.exitcode == 0
