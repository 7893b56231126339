"""Port queries → Elasticsearch bodies. Pure functions: tests read their output without a server.

Every body is built on `_visible`, which holds the audience filter and leaves tombstones out. What is found, and in
which order, is decided in `search.fusion`; `minimum_should_match` carries `search.querytext`'s rule.
No scripts: a server may have them switched off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search import access, fusion, querytext, suggestions
from search.documents import FIELDS
from search.ports import Query, Sort, Vector

Body = dict[str, Any]

_NEWEST: list[Body] = [{"published_on": {"order": "desc", "missing": "_last"}}, {"tie": "asc"}]
_SORTS: Mapping[Sort, list[Body]] = {
    Sort.NEWEST: _NEWEST,
    Sort.DEADLINE: [{"deadline": {"order": "asc", "missing": "_last"}}, {"tie": "asc"}],
    Sort.AMOUNT: [{"amount": {"order": "desc", "missing": "_last"}}, {"tie": "asc"}],
}
_BY_SCORE: list[Body] = [{"_score": "desc"}, {"tie": "asc"}]
SHOWN = ["shown", "revision"]
"""What a hit needs of its source."""


def _visible(audience: Iterable[str]) -> list[Body]:
    return [access.elasticsearch_filter(audience), {"term": {"alive": True}}]


def _fields() -> list[str]:
    return [f"terms.{name}^{weight}" for name, weight in FIELDS.items()]


def words(text: querytext.QueryText) -> Body:
    """Documents that hold enough of the text's terms, by BM25 over all fields as one."""
    if not text.terms:
        return {"match_none": {}}
    return {
        "combined_fields": {
            "query": " ".join(text.terms),
            "fields": _fields(),
            "minimum_should_match": str(text.required),
        }
    }


def _any_of(weighted: Mapping[str, int]) -> Body:
    """Documents with any of the terms, each term as often as the text has it."""
    by_weight: dict[int, list[str]] = {}
    for term, weight in weighted.items():
        by_weight.setdefault(weight, []).append(term)
    return {
        "bool": {
            "should": [
                {"combined_fields": {"query": " ".join(terms), "fields": _fields(), "operator": "or", "boost": weight}}
                for weight, terms in by_weight.items()
            ],
            "minimum_should_match": 1,
        }
    }


def nearest(vector: Vector, audience: Iterable[str], size: int, floor: float | None) -> Body:
    """The nearest visible documents; the filter works inside the search, so that `size` of them are found."""
    body: Body = {
        "field": "vector",
        "query_vector": [float(value) for value in vector],
        "k": size,
        "num_candidates": min(10_000, size * 4),
        "rescore_vector": {"oversample": 2.0},
        "filter": _visible(audience),
    }
    if floor is not None:
        body["similarity"] = floor
    return {"knn": body}


def filters(chosen: Mapping[str, Sequence[str]], *, but: str | None = None) -> list[Body]:
    """OR within a facet, AND across facets, without the facet whose own values are to be counted."""
    return [{"terms": {f"facets.{name}": list(values)}} for name, values in chosen.items() if values and name != but]


def _members(query: Query, text: querytext.QueryText, floor: float) -> Body:
    """What is found before filters, for counting: lexical hits and dense neighbours."""
    visible = _visible(query.audience)
    if not query.text.strip() and query.vector is None:
        return {"bool": {"filter": visible}}
    should = [words(text)]
    if query.vector is not None:
        should.append(nearest(query.vector, query.audience, fusion.NEIGHBOURS, floor))
    return {"bool": {"should": should, "minimum_should_match": 1, "filter": visible}}


def _facets(query: Query) -> Body:
    return {
        name: {
            "filter": {"bool": {"filter": filters(query.filters, but=name)}},
            "aggs": {"values": {"terms": {"field": f"facets.{name}", "size": fusion.MAX_FACET_VALUES}}},
        }
        for name in query.facets
    }


def page(query: Query, text: querytext.QueryText, floor: float, *, fused: bool) -> Body:
    """Total, facets, and the page's hits, unless the order is to come from the fusion (`fused`)."""
    first = (query.page - 1) * query.size
    inside = not fused and first + query.size <= fusion.MAX_WINDOW
    body: Body = {
        "query": _members(query, text, floor),
        "track_total_hits": True,
        "from": first if inside else 0,
        "size": query.size if inside else 0,
        "_source": SHOWN,
    }
    if inside:
        ranked = query.sort is Sort.RELEVANCE and bool(text.terms)
        body["sort"] = _BY_SCORE if ranked else _SORTS.get(query.sort, _NEWEST)
        body["track_scores"] = ranked
    narrowing = filters(query.filters)
    if narrowing:
        body["post_filter"] = {"bool": {"filter": narrowing}}
    if query.facets:
        body["aggs"] = _facets(query)
    return body


def lexical_ranking(query: Query, text: querytext.QueryText) -> Body:
    """Ids of the best lexical hits, best first."""
    return {
        "query": {"bool": {"must": [words(text)], "filter": _visible(query.audience) + filters(query.filters)}},
        "sort": _BY_SCORE,
        "size": fusion.depth(query.page, query.size),
        "_source": False,
        "track_total_hits": False,
    }


def dense_ranking(query: Query, vector: Vector, floor: float) -> Body:
    """Ids of the neighbours that the filters leave, nearest first."""
    body: Body = {
        "query": nearest(vector, query.audience, fusion.NEIGHBOURS, floor),
        "sort": _BY_SCORE,
        "size": fusion.NEIGHBOURS,
        "_source": False,
        "track_total_hits": False,
    }
    narrowing = filters(query.filters)
    if narrowing:
        body["post_filter"] = {"bool": {"filter": narrowing}}
    return body


def by_refs(refs: Sequence[str], audience: Iterable[str]) -> Body:
    """The texts of these documents, as far as they are visible."""
    return {
        "query": {"bool": {"filter": [{"terms": {"ref": list(refs)}}, *_visible(audience)]}},
        "size": len(refs),
        "_source": SHOWN,
    }


def total(query: Query, text: querytext.QueryText, floor: float) -> Body:
    """How many documents the query finds, filters included."""
    narrowed = [_members(query, text, floor), *filters(query.filters)]
    return {"query": {"bool": {"filter": narrowed}}, "size": 0, "track_total_hits": True}


def suggestion(whole: Sequence[str], beginnings: Sequence[str], audience: Iterable[str]) -> Body:
    """Titles for what is typed so far, newest first; `search.suggestions.order` orders them."""
    clauses: list[Body] = [{"term": {"hints": term}} for term in whole]
    starts = [{"prefix": {"hints": {"value": beginning}}} for beginning in beginnings]
    clauses.append({"bool": {"should": starts, "minimum_should_match": 1}})
    return {
        "query": {"bool": {"filter": clauses + _visible(audience)}},
        "sort": _NEWEST,
        "size": suggestions.POOL,
        "_source": ["shown.title"],
        "track_total_hits": False,
    }


def lexical_candidates(weighted: Mapping[str, int], audience: Iterable[str], size: int) -> Body:
    return {
        "query": {"bool": {"must": [_any_of(weighted)], "filter": _visible(audience)}},
        "sort": _BY_SCORE,
        "size": size,
        "_source": ["revision"],
        "track_total_hits": False,
    }


def dense_candidates(vector: Vector, audience: Iterable[str], size: int) -> Body:
    return {
        "query": nearest(vector, audience, size, None),
        "sort": _BY_SCORE,
        "size": size,
        "_source": ["revision"],
        "track_total_hits": False,
    }


def vectors(refs: Sequence[str]) -> Body:
    """Stored vectors, through `fields`: newer servers leave vectors out of the source."""
    return {
        "query": {"bool": {"filter": [{"terms": {"ref": list(refs)}}, {"term": {"alive": True}}]}},
        "size": len(refs),
        "_source": False,
        "fields": ["vector"],
    }


def alive() -> Body:
    """Everything but tombstones: for counting and for comparing versions, never for showing."""
    return {"term": {"alive": True}}
