"""Index settings, mapping and source documents."""

from __future__ import annotations

from typing import Any

from search.documents import FIELDS, Prepared, tie_break
from search.ports import FACETS

REPLICAS = "0-1"
"""One copy where there is a second node to hold it."""


def index_body(dimensions: int, *, building: bool) -> dict[str, Any]:
    """A strict mapping: a field it does not know is an error. `building`: no refresh and no copies until the swap."""
    terms = {name: {"type": "text", "analyzer": "whitespace", "index_options": "freqs"} for name in FIELDS}
    keyword = {"type": "keyword"}
    settings: dict[str, Any] = {"number_of_shards": 1, "max_result_window": 10_000}
    if building:
        settings |= {"refresh_interval": "-1", "number_of_replicas": 0}
    else:
        settings |= {"auto_expand_replicas": REPLICAS}
    return {
        "settings": settings,
        "mappings": {
            "dynamic": "strict",
            "_meta": {"dimensions": dimensions},
            "properties": {
                "ref": keyword,
                "revision": {"type": "long"},
                "tie": {"type": "long"},
                "alive": {"type": "boolean"},
                "audience": keyword,
                "facets": {"properties": dict.fromkeys(FACETS, keyword)},
                "published_on": {"type": "date", "format": "strict_date"},
                "deadline": {"type": "date", "format": "strict_date"},
                "amount": {"type": "double"},
                "terms": {"properties": terms},
                "hints": {
                    "type": "text",
                    "analyzer": "whitespace",
                    "index_options": "docs",
                    "norms": False,
                    "index_prefixes": {"min_chars": 1, "max_chars": 12},
                },
                "vector": {
                    "type": "dense_vector",
                    "dims": dimensions,
                    "index": True,
                    "similarity": "cosine",
                    "index_options": {"type": "int8_hnsw"},
                },
                "shown": {"type": "object", "enabled": False},
            },
        },
    }


def source(document: Prepared) -> dict[str, Any]:
    """What is sent for a document."""
    made: dict[str, Any] = {
        "ref": document.ref,
        "revision": document.version,
        "tie": document.tie,
        "alive": True,
        "audience": document.audience,
        "facets": document.facets,
        "terms": document.terms,
        "hints": document.hints,
        "shown": {"title": document.title, "summary": document.summary, "body": document.body},
        "published_on": document.published_on,
        "deadline": document.deadline,
        "amount": document.amount,
    }
    if document.vector is not None:
        made["vector"] = document.vector
    return made


def tombstone(ref: str, version: int) -> dict[str, Any]:
    """What stays of a removed document: its version, so that an older put arriving late stays out.

    A plain delete keeps its version for `index.gc_deletes` (a minute) only, and not across a shard's move.
    """
    return {"ref": ref, "revision": version, "tie": tie_break(ref), "alive": False, "audience": []}
