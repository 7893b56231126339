"""The worker as a process: killed in mid-batch, told to stop, two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from jieti.bootstrap import House
from jieti.jobs.heartbeat import Heartbeat
from jieti.jobs.schedule import Job, Schedule
from jieti.jobs.worker import Worker
from jieti.persistence.models import OutboxRow, WorkerHeartbeat, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.settings import Settings
from search.ports import Kind
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[[float], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "JIETI_VAR": str(settings.var),
        "JIETI_DATABASE_URL": settings.database_url,
        "JIETI_SECRET_KEY": settings.secret_key,
        "JIETI_SEARCH_URL": settings.search_url,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }

    def run(seconds: float) -> subprocess.Popen[bytes]:
        with (tmp_path / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.worker_process", str(seconds)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def rows(house: House, *conditions: object) -> int:
    with UnitOfWork(house.database, read=True) as uow:
        statement = select(func.count()).select_from(OutboxRow).where(OutboxRow.topic == "index", *conditions)  # type: ignore[arg-type]
        return uow.session.scalar(statement) or 0


def only_index(house: House) -> None:
    with UnitOfWork(house.database) as uow:
        uow.session.execute(delete(OutboxRow).where(OutboxRow.topic != "index"))


@pytest.mark.both_databases
def test_killed_in_mid_batch_nothing_is_lost(house: House, world: World, start: Start) -> None:
    owner = world.enterprise()
    refs = {world.challenge(owner, title=f"需求{n}").ref for n in range(100)}
    only_index(house)
    slow = start(0.02)  # about 2.5 s a batch of 64, title and text each encoded
    wait_for(lambda: 0 < rows(house, OutboxRow.due_at <= utcnow()) < 100)  # the first batch is claimed, the rest is due
    slow.send_signal(signal.SIGKILL)
    slow.wait()
    assert rows(house) == 100
    assert house.search.count(Kind.CHALLENGE) == 0
    if not house.database.is_sqlite:  # several workers may be at work there: a lease must end by itself
        with UnitOfWork(house.database) as uow:
            for row in uow.session.scalars(select(OutboxRow)):
                row.due_at = utcnow()
    start(0.0)
    wait_for(lambda: rows(house) == 0)
    assert {ref for ref, _version in house.search.versions(Kind.CHALLENGE)} == refs


def test_told_to_stop_it_finishes_the_batch_in_hand(house: House, world: World, start: Start) -> None:
    owner = world.enterprise()
    for n in range(70):
        world.challenge(owner, title=f"需求{n}")
    only_index(house)
    worker = start(0.01)
    wait_for(lambda: 0 < rows(house, OutboxRow.due_at <= utcnow()) < 70)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    assert rows(house) == 6, "the batch of 64 is done, the next was not begun"
    assert house.search.count(Kind.CHALLENGE) == 64
    with UnitOfWork(house.database, read=True) as uow:
        assert uow.session.scalar(select(func.count()).select_from(WorkerHeartbeat)) == 0


def test_a_second_worker_on_sqlite_stands_by_and_takes_over(house: House, world: World, start: Start) -> None:
    def beating() -> set[str]:
        with UnitOfWork(house.database, read=True) as uow:
            return set(uow.session.scalars(select(WorkerHeartbeat.name)))

    first = start(0.0)
    wait_for(lambda: len(beating()) == 1)
    second = start(0.0)
    time.sleep(1.5)
    assert {name.rsplit(":", 1)[1] for name in beating()} == {str(first.pid)}
    first.send_signal(signal.SIGTERM)
    first.wait(timeout=20)
    wait_for(lambda: {name.rsplit(":", 1)[1] for name in beating()} == {str(second.pid)})


def test_a_worker_whose_work_hangs_looks_dead(house: House) -> None:
    def last() -> object:
        with UnitOfWork(house.database, read=True) as uow:
            return uow.session.scalar(select(WorkerHeartbeat.at))

    with Heartbeat(house.database, every=0.05, stuck=0.3) as heartbeat:
        first = last()
        wait_for(lambda: last() != first)
        time.sleep(0.5)
        stale = last()
        time.sleep(0.3)
        assert last() == stale
        heartbeat.moved()
        wait_for(lambda: last() != stale)


def test_a_failing_job_does_not_stop_the_schedule(house: House) -> None:
    import datetime as dt

    ran: list[str] = []
    now = [0.0]

    def fail(_house: House) -> None:
        ran.append("bad")
        raise RuntimeError("broken")

    jobs = (
        Job("bad", dt.timedelta(seconds=10), fail),
        Job("good", dt.timedelta(seconds=60), lambda _house: ran.append("good")),
    )
    schedule = Schedule(house, jobs, clock=lambda: now[0])
    assert schedule.run_due() == 2
    assert schedule.run_due() == 0
    now[0] = 11.0
    assert schedule.run_due() == 1
    assert ran == ["bad", "good", "bad"]


def test_one_turn_prefers_the_index_to_matching(house: House, world: World) -> None:
    world.challenge(world.enterprise())
    worker = Worker(house)
    assert worker.turn() == 1
    with UnitOfWork(house.database, read=True) as uow:
        assert set(uow.session.scalars(select(OutboxRow.topic))) == {"match"}
