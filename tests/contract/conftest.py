"""Engines of the search contract: each test runs on the embedded one and on a real Elasticsearch server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.engines import open_engine
from search.ports import SearchEngine
from tests.contract.search_documents import DIMENSIONS, HOUSE
from tests.elasticsearch_server import elasticsearch_prefix, elasticsearch_url

__all__ = ["elasticsearch_prefix", "elasticsearch_url"]

Open = Callable[[], SearchEngine]


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def open_another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens a further engine on the same index, as another process would."""
    opened: list[SearchEngine] = []
    if request.param == "embedded":
        address, prefix = str(tmp_path / "index"), "jieti"
    else:
        address = request.getfixturevalue("elasticsearch_url")
        prefix = request.getfixturevalue("elasticsearch_prefix")

    def open_it() -> SearchEngine:
        engine = open_engine(address, dimensions=DIMENSIONS, prefix=prefix)
        opened.append(engine)
        return engine

    yield open_it
    for engine in opened:
        engine.close()


@pytest.fixture
def empty(open_another: Open) -> SearchEngine:
    """An engine without documents."""
    return open_another()


@pytest.fixture
def filled(empty: SearchEngine) -> SearchEngine:
    """An engine with the small house of listings in `search_documents`."""
    assert empty.put(HOUSE) == []
    return empty
