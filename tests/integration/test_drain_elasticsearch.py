"""Elasticsearch stopped while the worker is in the middle of a batch: the rows wait, pages go on, then all is indexed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from numpy.typing import NDArray
from sqlalchemy import delete, func, select

from jieti.bootstrap import House
from jieti.factory import create_app
from jieti.jobs.handlers import INDEX, drain
from jieti.persistence.models import OutboxRow
from jieti.persistence.outbox import Outbox
from jieti.persistence.unit_of_work import UnitOfWork
from matcher.pipeline import Matcher
from search.engines import open_engine
from search.ports import EngineUnavailable, Kind
from tests.elasticsearch_server import OwnServer, own_server
from tests.fakes import HashingEncoder
from tests.world import World

pytestmark = pytest.mark.elasticsearch


class StoppingEncoder(HashingEncoder):
    """Stops the server while the second batch is being encoded: after its rows were claimed and before it is sent."""

    def __init__(self, server: OwnServer) -> None:
        self.server = server
        self.stopped = False

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> NDArray[np.float32]:
        if not self.stopped and any("需求99" in text for text in texts):
            self.stopped = True
            self.server.stop()
        return super().encode(texts, batch_size)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnServer]:
    with own_server(tmp_path / "elasticsearch") as started:
        yield started


def test_stopped_in_mid_batch_nothing_is_lost(house: House, world: World, server: OwnServer) -> None:
    house.__dict__["matcher"] = Matcher.load(encoder=StoppingEncoder(server))
    house.__dict__["search"] = open_engine(server.url, dimensions=64, prefix="drain")
    owner = world.enterprise()
    refs = {world.challenge(owner, title=f"需求{n}").ref for n in range(100)}
    with UnitOfWork(house.database) as uow:
        uow.session.execute(delete(OutboxRow).where(OutboxRow.topic != "index"))
    outbox = Outbox(house.database)
    assert drain(house, outbox, INDEX) == 64
    with pytest.raises(EngineUnavailable):
        drain(house, outbox, INDEX)
    with UnitOfWork(house.database, read=True) as uow:
        waiting = uow.session.scalars(select(OutboxRow)).all()
        assert len(waiting) == 36
        assert {row.attempts for row in waiting} == {0}
        assert all("search engine" in row.last_error for row in waiting)

    app: Flask = create_app(house.settings, testing=True, house=house)
    down = app.test_client().get("/challenges?q=需求")
    assert down.status_code == 200
    page = down.get_data(as_text=True)
    assert "搜索暂时不可用，先按时间列出。" in page and "需求99" in page
    assert app.test_client().get("/search?q=需求").status_code == 200
    assert app.test_client().get("/search/suggestions?q=需").status_code == 200

    server.start()
    outbox.end_leases()
    while drain(house, outbox, INDEX):
        pass
    with UnitOfWork(house.database, read=True) as uow:
        assert uow.session.scalar(select(func.count()).select_from(OutboxRow)) == 0
    assert {ref for ref, _version in house.search.versions(Kind.CHALLENGE)} == refs
    up = app.test_client().get("/challenges?q=需求").get_data(as_text=True)
    assert "搜索暂时不可用" not in up
