"""Engines of the search contract: each test runs on the embedded one and on a real Elasticsearch server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.engines import open_engine
from search.ports import SearchEngine
from tests.contract.search_documents import DIMENSIONS, HOUSE
from tests.elasticsearch_server import drop_indices, elasticsearch_prefix, elasticsearch_url, new_prefix

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


@pytest.fixture(scope="module", params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def stocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """The same listings as `filled`, put once for all tests that only read."""
    if request.param == "embedded":
        engine = open_engine(str(tmp_path_factory.mktemp("stocked")), dimensions=DIMENSIONS)
        engine.put(HOUSE)
        yield engine
        engine.close()
        return
    url, prefix = request.getfixturevalue("elasticsearch_url"), new_prefix()
    engine = open_engine(url, dimensions=DIMENSIONS, prefix=prefix)
    engine.put(HOUSE)
    yield engine
    engine.close()
    drop_indices(url, prefix)


@pytest.fixture
def empty(open_another: Open) -> SearchEngine:
    """An engine without documents."""
    return open_another()


@pytest.fixture
def filled(empty: SearchEngine) -> SearchEngine:
    """An engine with the small house of listings in `search_documents`."""
    assert empty.put(HOUSE) == []
    return empty
