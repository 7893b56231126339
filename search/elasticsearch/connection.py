"""The client: short timeouts, one client a process, and its errors as the port's EngineUnavailable."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import elastic_transport
import elasticsearch

from search.ports import EngineUnavailable

SEARCH_SECONDS = 5.0
WRITE_SECONDS = 60.0
_BUSY = frozenset({408, 429, 502, 503, 504})

Search = tuple[str, dict[str, Any]]
"""(index or alias, body)."""


@contextmanager
def unavailable_on_error() -> Iterator[None]:
    """No answer, or one that says "not now", is EngineUnavailable; anything else is a fault of ours and stays."""
    try:
        yield
    except elastic_transport.TransportError as error:
        raise EngineUnavailable(f"Elasticsearch does not answer: {type(error).__name__}") from error
    except elasticsearch.ApiError as error:
        if error.status_code in _BUSY:
            raise EngineUnavailable(f"Elasticsearch answers {error.status_code}") from error
        raise


class Connection:
    """A lazily made client. After a fork the child makes its own: sockets must not be shared."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = [address.strip() for address in addresses if address.strip()]
        self._lock = threading.Lock()
        self._client: elasticsearch.Elasticsearch | None = None
        self._pid = os.getpid()

    @property
    def client(self) -> elasticsearch.Elasticsearch:
        with self._lock:
            if self._client is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._client = elasticsearch.Elasticsearch(
                    self._addresses,
                    request_timeout=SEARCH_SECONDS,
                    retry_on_timeout=False,
                    max_retries=min(2, len(self._addresses) - 1),
                    http_compress=False,
                )
            return self._client

    def writing(self) -> elasticsearch.Elasticsearch:
        """The client with the patience that bulk, refresh and alias changes may need."""
        return self.client.options(request_timeout=WRITE_SECONDS)

    @contextmanager
    def point_in_time(self, index: str, keep_alive: str) -> Iterator[str | None]:
        """The index as it is now, whatever is written meanwhile: its id, or None where no such index exists."""
        try:
            with unavailable_on_error():
                point = str(self.client.open_point_in_time(index=index, keep_alive=keep_alive)["id"])
        except elasticsearch.NotFoundError:
            yield None
            return
        try:
            yield point
        finally:
            # The server ends it by itself after `keep_alive`: that closing fails must not hide what was found.
            with suppress(elasticsearch.ApiError, elastic_transport.TransportError):
                self.client.close_point_in_time(id=point)

    def searches_at(self, point: str, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any] | None]:
        """As `searches`, all of them in the one state of the index that `point` holds."""
        return self._searches([({}, body | {"pit": {"id": point}}) for body in bodies])

    def searches(self, searches: Sequence[Search]) -> list[dict[str, Any] | None]:
        """All searches in one request; None for one whose index does not exist (nothing was ever put).

        Half a result is no result: a shard that does not answer makes the whole EngineUnavailable.
        """
        return self._searches([({"index": index}, body) for index, body in searches])

    def _searches(self, searches: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any] | None]:
        lines: list[dict[str, Any]] = []
        for header, body in searches:
            lines.append(header | {"allow_partial_search_results": False})
            lines.append(body)
        with unavailable_on_error():
            responses = self.client.msearch(searches=lines)["responses"]
        found: list[dict[str, Any] | None] = []
        for response in responses:
            error = response.get("error")
            if error is None:
                found.append(response)
            elif error.get("type") == "index_not_found_exception":
                found.append(None)
            elif response.get("status") in _BUSY:
                raise EngineUnavailable(f"Elasticsearch: {error.get('type')}")
            else:
                raise RuntimeError(f"Elasticsearch refused a search: {_cause(error)}")
        return found

    def close(self) -> None:
        with self._lock:
            if self._client is not None and self._pid == os.getpid():
                self._client.close()
            self._client = None


def _cause(error: dict[str, Any]) -> str:
    root = (error.get("root_cause") or [error])[0]
    return f"{root.get('type')}: {root.get('reason')}"
