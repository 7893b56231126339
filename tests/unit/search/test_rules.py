"""The rules both engines share: audience, how many terms, fusion, highlighting, suggestions."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import access, fusion, querytext, snippets, suggestions
from search.ports import Kind

TOKENS = st.frozensets(st.sampled_from(["", "public", "org:1", "org:2", "county:331082"]))


@given(TOKENS, TOKENS)
def test_the_audience_rule_is_an_intersection_of_named_tokens(
    document: frozenset[str], identity: frozenset[str]
) -> None:
    assert access.may_see(document, identity) == bool((document - {""}) & (identity - {""}))


def test_an_empty_identity_is_a_filter_that_matches_nothing() -> None:
    assert access.elasticsearch_filter(frozenset()) == {"match_none": {}}
    assert access.elasticsearch_filter({""}) == {"match_none": {}}
    assert access.elasticsearch_filter({"b", "a"}) == {"terms": {"audience": ["a", "b"]}}


def test_an_audience_is_never_one_text() -> None:
    with pytest.raises(TypeError):
        access.tokens("public")


@pytest.mark.parametrize(("terms", "required"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (8, 6), (9, 4), (40, 20)])
def test_how_many_terms_a_hit_holds(terms: int, required: int) -> None:
    assert querytext.required(terms) == required


def test_a_pasted_page_is_clipped() -> None:
    parsed = querytext.parse("尼龙轴承阻燃注塑" * 100_000)
    assert len(parsed.source) == querytext.MAX_SEARCH_TEXT
    varied = querytext.parse(" ".join(f"型号{number}x" for number in range(1000)))
    assert len(varied.terms) <= querytext.MAX_SEARCH_TERMS
    assert {term for word in varied.words for term in word.terms} == set(varied.terms)
    assert len(querytext.weighted_terms(" ".join(f"a{number}b" for number in range(5000)))) <= querytext.MAX_LONG_TERMS


def test_dropping_a_word_keeps_what_another_word_asks_too() -> None:
    parsed = querytext.parse("尼龙 轴承 尼龙")
    assert parsed.word(1) == "轴承"
    assert parsed.without(0).terms == ("轴承", "尼龙")


@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(0, 30), unique=True))
def test_fusion_holds_all_of_both_and_never_punishes_a_second_vote(lexical: list[int], dense: list[int]) -> None:
    fused = fusion.fuse(lexical, dense)
    assert {key for key, _ in fused} == set(lexical) | set(dense)
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    place = {key: rank for rank, (key, _) in enumerate(fused)}
    for better, worse in pairwise(lexical):
        if worse not in dense:
            assert place[better] < place[worse]


def test_fusion_breaks_ties_by_the_lexical_rank() -> None:
    assert [key for key, _ in fusion.fuse(["a", "b"], ["b", "a"])] == ["a", "b"]
    assert [key for key, _ in fusion.fuse(["a"], ["b"])] == ["a", "b"]


@given(st.integers(1, 500), st.integers(1, 100))
def test_the_fused_depth_fills_the_page(page: int, size: int) -> None:
    assert fusion.depth(page, size) >= min(page * size, fusion.MAX_WINDOW)


@given(st.text(max_size=300), st.text(max_size=300), st.lists(st.sampled_from(["尼龙", "pa66", "1.8g/cm3", "a", "铝"])))
@settings(max_examples=200, deadline=None)
def test_pieces_are_verbatim(summary: str, body: str, terms: list[str]) -> None:
    assert "".join(span.text for span in snippets.mark(summary, terms)) == summary
    text = "".join(span.text for span in snippets.snippet(summary, body, terms) if span != snippets.ELLIPSIS)
    assert text in summary or text in body
    assert len(text) <= snippets.SNIPPET
    assert all(span.text for span in snippets.snippet(summary, body, terms))


def test_latin_terms_are_marked_as_whole_words() -> None:
    assert [span.text for span in snippets.mark("PA6 与 PA66 与 GPA6", ("pa6",)) if span.marked] == ["PA6"]


def test_hints_hold_words_keywords_and_initials_from_any_word_on() -> None:
    hints = suggestions.hints("改性尼龙材料", ["阻燃"]).split()
    assert {"改性", "尼龙", "材料", "阻燃", "~gxnlcl", "~nlcl", "~cl", "~zr"} <= set(hints)


@pytest.mark.parametrize(
    ("typed", "whole", "beginnings"),
    [
        ("尼龙材", ("尼龙",), ("材",)),
        ("聚酰亚", (), ("聚酰亚",)),
        ("nlcl", (), ("nlcl", "~nlcl")),
        ("pa66 阻", ("pa66",), ("阻",)),
        ("", (), ()),
        ("😀", (), ()),
    ],
)
def test_reading_a_prefix(typed: str, whole: tuple[str, ...], beginnings: tuple[str, ...]) -> None:
    assert suggestions.read_prefix(typed) == (whole, beginnings)


def test_suggestions_begin_with_what_begins_so() -> None:
    found = [(Kind.RESULT, "1", "第一号阀门"), (Kind.RESULT, "2", "阀门"), (Kind.RESULT, "3", "别的")]
    assert [ref for _, ref, _ in suggestions.order("阀門", found)] == ["2", "1", "3"]
