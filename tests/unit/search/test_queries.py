"""Elasticsearch bodies, without a server: above all that none is built without the audience."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from search import fusion, queries, querytext
from search.ports import FACETS, Kind, Query, Sort

VECTOR = np.eye(4, dtype=np.float32)[0]
AUDIENCE = frozenset({"public", "org:1"})
ALLOWED = {"terms": {"audience": ["org:1", "public"]}}
FULL = Query(Kind.RESULT, AUDIENCE, "尼龙 齿轮", VECTOR, {"county": ("331082",), "field": ("a", "b")}, FACETS)
TEXT = querytext.parse(FULL.text)


def builders(query: Query) -> dict[str, dict[str, Any]]:
    text = querytext.parse(query.text)
    made = {
        "page": queries.page(query, text, 0.6, fused=False),
        "fused": queries.page(query, text, 0.6, fused=True),
        "lexical": queries.lexical_ranking(query, text),
        "by_refs": queries.by_refs(["a"], query.audience),
        "total": queries.total(query, text, 0.6),
        "suggestion": queries.suggestion(("a",), ("b",), query.audience),
        "lexical_candidates": queries.lexical_candidates({"a": 1}, query.audience, 9),
    }
    if query.vector is not None:
        made["dense"] = queries.dense_ranking(query, query.vector, 0.6)
        made["dense_candidates"] = queries.dense_candidates(query.vector, query.audience, 9)
    return made


def every_clause(body: object, name: str) -> list[Any]:
    """All values of this key, at any depth."""
    if isinstance(body, dict):
        own = [body[name]] if name in body else []
        return own + [one for value in body.values() for one in every_clause(value, name)]
    if isinstance(body, list):
        return [one for value in body for one in every_clause(value, name)]
    return []


@pytest.mark.parametrize("query", [FULL, Query(Kind.RESULT, AUDIENCE), Query(Kind.RESULT, AUDIENCE, "尼龙")])
def test_every_body_holds_the_audience_and_leaves_tombstones_out(query: Query) -> None:
    for name, body in builders(query).items():
        searched = body["query"]
        own = searched["knn"]["filter"] if "knn" in searched else searched["bool"]["filter"]
        if name == "total":  # the audience stands one level deeper, beside the words
            own = searched["bool"]["filter"][0]["bool"]["filter"]
        assert ALLOWED in own and {"term": {"alive": True}} in own, name
        for nearest in every_clause(searched, "knn"):
            assert ALLOWED in nearest["filter"], name


@pytest.mark.parametrize("name", builders(FULL))
def test_an_empty_audience_matches_nothing_everywhere(name: str) -> None:
    body = builders(Query(Kind.RESULT, frozenset(), "尼龙", VECTOR, {"county": ("1",)}, FACETS))[name]
    audiences, tombstones = every_clause(body["query"], "match_none"), every_clause(body["query"], "alive")
    assert len(audiences) == len(tombstones) >= 1  # they stand side by side
    assert "audience" not in json.dumps(body)


def test_no_body_needs_a_script() -> None:
    assert "script" not in json.dumps(list(builders(FULL).values()))


def test_words_ask_for_as_many_terms_as_the_shared_rule() -> None:
    clause = queries.words(querytext.parse("耐磨 尼龙 齿轮 注塑"))["combined_fields"]
    assert clause["minimum_should_match"] == "3"
    assert clause["query"].split() == ["耐磨", "尼龙", "齿轮", "注塑"]
    assert clause["fields"][0] == "terms.title^3.0"
    assert queries.words(querytext.parse("的")) == {"match_none": {}}


def test_filters_narrow_after_the_facets_and_each_facet_leaves_its_own_out() -> None:
    body = queries.page(FULL, TEXT, 0.6, fused=True)
    county, field = {"terms": {"facets.county": ["331082"]}}, {"terms": {"facets.field": ["a", "b"]}}
    assert body["post_filter"] == {"bool": {"filter": [county, field]}}
    assert body["aggs"]["county"]["filter"] == {"bool": {"filter": [field]}}
    assert body["aggs"]["field"]["filter"] == {"bool": {"filter": [county]}}
    assert body["aggs"]["trl"]["filter"] == {"bool": {"filter": [county, field]}}
    assert set(body["aggs"]) == set(FACETS)
    assert county not in body["query"]["bool"]["filter"]


def test_an_empty_filter_is_none() -> None:
    assert "post_filter" not in queries.page(
        Query(Kind.RESULT, AUDIENCE, filters={"county": ()}), TEXT, 0.6, fused=False
    )


@pytest.mark.parametrize(
    ("sort", "text", "first"),
    [
        (Sort.RELEVANCE, "尼龙", "_score"),
        (Sort.RELEVANCE, "", "published_on"),
        (Sort.NEWEST, "尼龙", "published_on"),
        (Sort.DEADLINE, "尼龙", "deadline"),
        (Sort.AMOUNT, "", "amount"),
    ],
)
def test_every_order_ends_with_the_tie_break(sort: Sort, text: str, first: str) -> None:
    query = Query(Kind.RESULT, AUDIENCE, text, sort=sort)
    body = queries.page(query, querytext.parse(text), 0.6, fused=False)
    assert next(iter(body["sort"][0])) == first
    assert body["sort"][-1] == {"tie": "asc"}


def test_pages_beyond_the_window_ask_for_no_hits() -> None:
    beyond = Query(Kind.RESULT, AUDIENCE, page=501, size=20)
    assert queries.page(beyond, querytext.parse(""), 0.6, fused=False)["size"] == 0
    last = queries.page(Query(Kind.RESULT, AUDIENCE, page=500, size=20), querytext.parse(""), 0.6, fused=False)
    assert (last["from"], last["size"]) == (fusion.MAX_WINDOW - 20, 20)


def test_neighbours_keep_the_floor_and_candidates_have_none() -> None:
    assert queries.nearest(VECTOR, AUDIENCE, 100, 0.6)["knn"]["similarity"] == 0.6
    assert "similarity" not in queries.dense_candidates(VECTOR, AUDIENCE, 200)["query"]["knn"]


def test_repeated_terms_weigh_more_in_candidates() -> None:
    body = queries.lexical_candidates({"尼龙": 3, "齿轮": 1, "注塑": 1}, AUDIENCE, 10)
    should = body["query"]["bool"]["must"][0]["bool"]["should"]
    assert {(one["combined_fields"]["query"], one["combined_fields"]["boost"]) for one in should} == {
        ("尼龙", 3),
        ("齿轮 注塑", 1),
    }
