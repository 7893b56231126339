"""Opening an engine from its address: the one place that knows which engines there are."""

from __future__ import annotations

from pathlib import Path

from search import fusion
from search.ports import SearchEngine


def open_engine(
    address: str, *, dimensions: int, prefix: str = "jieti", similarity_floor: float = fusion.SIMILARITY_FLOOR
) -> SearchEngine:
    """`http://…` or `https://…` (several nodes: comma-separated) is Elasticsearch, anything else a folder's path.

    `dimensions` of the vectors; `prefix` of Elasticsearch's index names (tenants, tests); `similarity_floor` is the
    cosine from which a dense neighbour counts as found (see `search.fusion`). Connects lazily to Elasticsearch, so
    that a process starts where the server is down; raises EngineUnavailable where a folder cannot be used.
    """
    if address.startswith(("http://", "https://")):
        from search.elasticsearch.engine import ElasticsearchEngine  # the client is heavy: only where it is used

        return ElasticsearchEngine(address.split(","), dimensions=dimensions, prefix=prefix, floor=similarity_floor)
    from search.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(Path(address), dimensions=dimensions, floor=similarity_floor)
