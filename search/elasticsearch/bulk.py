"""Bulk writes whose every item is read: stored, older than what is there, refused, or not now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import orjson

from search.elasticsearch.connection import Connection, unavailable_on_error
from search.ports import EngineUnavailable, Failure, Kind

_CHUNK_BYTES = 6_000_000
_CHUNK_ITEMS = 500
_BUSY = frozenset({429, 502, 503, 504})

Item = tuple[str, int, dict[str, Any]]
"""(ref, version, source)."""


def write(connection: Connection, kind: Kind, aliases: Sequence[str], items: Iterable[Item]) -> list[Failure]:
    """Send items to each alias. Raises EngineUnavailable where one was not taken for a reason that may pass:
    then some may be stored; sending all of them again is safe, versions see to it."""
    failures: dict[str, Failure] = {}
    for chunk in _chunks(aliases, items):
        with unavailable_on_error():
            response = connection.writing().bulk(operations=cast(Any, chunk), require_alias=True)
        if response["errors"]:
            for result in response["items"]:
                failure = _read(kind, result["index"], aliases)
                if failure is not None:
                    failures[failure.ref] = failure
    return list(failures.values())


def _chunks(aliases: Sequence[str], items: Iterable[Item]) -> Iterator[list[bytes]]:
    # lines are made here and not by the client: orjson takes NumPy rows as they are
    lines: list[bytes] = []
    size = 0
    for ref, version, source in items:
        body = orjson.dumps(source, option=orjson.OPT_SERIALIZE_NUMPY)
        for alias in aliases:
            action = {"_index": alias, "_id": ref, "version": version, "version_type": "external_gte"}
            lines += [orjson.dumps({"index": action}), body]
            size += len(body)
        if size > _CHUNK_BYTES or len(lines) >= 2 * _CHUNK_ITEMS:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def _read(kind: Kind, result: dict[str, Any], aliases: Sequence[str]) -> Failure | None:
    """None: stored, or older than what is there (409)."""
    status = result["status"]
    if status in (200, 201, 409):
        return None
    error = result.get("error") or {}
    reason = f"{error.get('type')}: {error.get('reason')}"
    if error.get("type") == "index_not_found_exception":
        if len(aliases) > 1 and result["_index"] != aliases[-1]:
            return None  # the rebuild ended meanwhile: what it built is behind the last alias now, or given up
        raise EngineUnavailable(f"{result['_index']} is gone")
    if status in _BUSY:
        raise EngineUnavailable(reason)
    cause = (error.get("caused_by") or {}).get("reason") or ""
    if "dimension" in cause or "dimension" in reason:
        # our own check let it through, so the index is of another encoder: no document's fault
        raise EngineUnavailable(f"the {kind} index holds vectors of another encoder ({cause or reason}): rebuild it")
    return Failure(kind, result["_id"], reason[:500])
