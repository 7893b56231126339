"""The search contract, reading: both engines find, count, order and mark the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from search.ports import FACETS, Facet, Hit, Kind, Page, Query, SearchEngine, Sort, Span
from tests.contract.search_documents import DIMENSIONS, FIRM, HOUSE, NYLON, PUBLIC, VISION, direction, result

BY_REF = {document.ref: document for document in HOUSE}
HOSTILE = [
    '"',
    "尼龙\"' OR 1=1 --",
    "*",
    "尼* AND (",
    "NEAR(尼龙 齿轮)",
    "title:尼龙 ^ -",
    '{"match_all": {}}',
    "\x00尼龙\x00",
    "\ud800尼龙\udfff",
    "😀😀",
    "的",
    "<script>alert(1)</script>",
    "\\",
    "a" * 5_000,
    "尼龙，" * 3_500_000,  # 10 MB of pasted text
    "𠮷野家",
]


def refs(page: Page) -> list[str]:
    return [hit.ref for hit in page.hits]


def find(engine: SearchEngine, text: str = "", **changes: object) -> Page:
    return engine.search(replace(Query(Kind.RESULT, PUBLIC, text), **changes))  # type: ignore[arg-type]


def joined(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)


def marked(spans: Sequence[Span]) -> list[str]:
    return [span.text for span in spans if span.marked]


def test_an_engine_without_documents_finds_nothing(empty: SearchEngine) -> None:
    assert find(empty, "尼龙", facets=FACETS, vector=NYLON) == Page((), 0, dict.fromkeys(FACETS, ()))
    assert empty.count(Kind.RESULT) == 0
    assert list(empty.versions(Kind.RESULT)) == []
    assert empty.vectors(Kind.RESULT, ["nylon"]) == {}
    assert list(empty.suggest(list(Kind), "尼", PUBLIC)) == []
    assert list(empty.candidates(Kind.RESULT, text="尼龙", vector=NYLON, audience=PUBLIC)) == []
    assert list(empty.relax(Query(Kind.RESULT, PUBLIC, "尼龙 齿轮"))) == []
    assert str(Kind.RESULT) in empty.ping()


@pytest.mark.parametrize("audience", [frozenset(), frozenset({""})])
def test_no_identity_sees_nothing(stocked: SearchEngine, audience: frozenset[str]) -> None:
    query = Query(Kind.RESULT, audience, "尼龙", NYLON, facets=FACETS)
    assert stocked.search(query) == Page((), 0, dict.fromkeys(FACETS, ()))
    assert stocked.search(Query(Kind.RESULT, audience)).total == 0
    assert list(stocked.suggest([Kind.RESULT], "尼", audience)) == []
    assert list(stocked.candidates(Kind.RESULT, text="尼龙", vector=NYLON, audience=audience)) == []
    assert list(stocked.relax(replace(query, text="尼龙 海带"))) == []


def test_an_audience_decides_over_hits_totals_facets_and_everything(stocked: SearchEngine) -> None:
    outside = find(stocked, "尼龙", facets=("county",), vector=NYLON)
    inside = find(stocked, "尼龙", facets=("county",), vector=NYLON, audience=FIRM)
    assert set(refs(outside)) == {"nylon", "gear"}
    assert set(refs(inside)) == {"nylon", "gear", "inside"}
    assert (outside.total, inside.total) == (2, 3)
    assert Facet("331082", 1) in outside.facets["county"]
    assert Facet("331082", 2) in inside.facets["county"]
    assert "inside" not in {ref for _, ref, _ in stocked.suggest([Kind.RESULT], "尼龙", PUBLIC)}
    assert "inside" in {ref for _, ref, _ in stocked.suggest([Kind.RESULT], "尼龙", FIRM)}
    proposed = stocked.candidates(Kind.RESULT, text="尼龙", vector=NYLON, audience=PUBLIC)
    assert {"inside", "nobody"}.isdisjoint(one.ref for one in proposed)
    assert find(stocked, "没有读者的尼龙记录").total == 0


def test_kinds_do_not_mix(filled: SearchEngine) -> None:
    filled.put([replace(BY_REF["nylon"], kind=Kind.CHALLENGE, title="尼龙需求")])
    assert find(filled, "尼龙需求", kind=Kind.CHALLENGE).total == 1
    assert find(filled, "尼龙需求").total == 0
    assert [kind for kind, _, _ in filled.suggest([Kind.CHALLENGE], "尼龙", PUBLIC)] == [Kind.CHALLENGE]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("尼龙", {"nylon", "gear"}),
        ("尼龍", {"nylon", "gear"}),
        ("ＰＡ６６", {"nylon"}),
        ("pa66/gf30", {"nylon"}),
        ("GF30", {"nylon"}),
        ("1.8g/cm3", {"nylon"}),
        ("1.8 g/cm³", {"nylon"}),
        ("120℃", {"nylon"}),
        ("120°C", {"nylon"}),
        ("10⁻⁶", {"water"}),
        ("99.2%", {"vision"}),
        ("99.2％", {"vision"}),
        ("第一大学", {"nylon"}),
        ("机器视觉缺陷检测", {"vision"}),
        ("尼龙 齿轮", {"gear"}),
        ("asdfgh", set()),
        ("PA6", set()),
        ("尼龙 海带", set()),
        ("的", set()),
        ("，。！", set()),
    ],
)
def test_what_a_text_finds(stocked: SearchEngine, text: str, found: set[str]) -> None:
    page = find(stocked, text)
    assert set(refs(page)) == found
    assert page.total == len(found)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_only_texts(stocked: SearchEngine, text: str) -> None:
    page = find(stocked, text, vector=VISION, facets=FACETS)
    assert {"inside", "nobody"}.isdisjoint(refs(page))
    find(stocked, text)
    stocked.suggest(list(Kind), text, PUBLIC)
    stocked.relax(Query(Kind.RESULT, PUBLIC, text + " 尼龙"))
    stocked.candidates(Kind.RESULT, text=text, vector=None, audience=PUBLIC)


def test_hostile_filters_and_tokens_are_only_values(stocked: SearchEngine) -> None:
    assert find(stocked, filters={"county": ("' OR 1=1 --",)}).total == 0
    assert find(stocked, audience=frozenset({"' OR 1=1 --", "*"})).total == 0


def test_vectors_join_the_words(stocked: SearchEngine) -> None:
    assert set(refs(find(stocked, "尼龙", vector=NYLON))) == {"nylon", "gear"}
    assert set(refs(find(stocked, "膜分离", vector=NYLON))) == {"water", "nylon", "gear"}
    assert refs(find(stocked, vector=VISION))[0] == "vision"
    assert find(stocked, "asdfgh", vector=direction(0, 0, 0, 0, 1)).total == 0  # far from everything


def test_a_document_good_in_both_rankings_comes_first(filled: SearchEngine) -> None:
    filled.put(
        [
            result("words", "阻燃尼龙 尼龙", vector=direction(0, 0, 0, 1)),
            result("both", "阻燃尼龙", "一段别的话", vector=direction(0, 0, 0, 0, 1)),
            result("dense", "聚酰胺防火", vector=direction(0, 0, 0, 0, 0.9, 0.1)),
        ]
    )
    assert refs(find(filled, "阻燃尼龙", vector=direction(0, 0, 0, 0, 1)))[0] == "both"


@pytest.mark.parametrize("vector", [None, direction(1, 1)])
def test_choosing_a_facet_value_gives_as_many_hits_as_it_promised(
    stocked: SearchEngine, vector: np.ndarray | None
) -> None:
    """Facets count with every filter but their own, words and neighbours alike."""
    chosen = {"county": ("331082", "330281")}
    page = find(stocked, "尼龙", vector=vector, filters=chosen, facets=FACETS, audience=FIRM)
    for name, facets in page.facets.items():
        for facet in facets:
            narrowed = find(stocked, "尼龙", vector=vector, filters=chosen | {name: (facet.value,)}, audience=FIRM)
            assert narrowed.total == facet.count, (name, facet)
    assert page.total == sum(facet.count for facet in page.facets["county"] if facet.value in chosen["county"])


def test_filters_are_or_within_and_and_across(stocked: SearchEngine) -> None:
    def found(**filters: tuple[str, ...]) -> set[str]:
        return set(refs(find(stocked, filters=filters)))

    assert found(county=("331082",)) == {"nylon", "vision"}
    assert found(county=("331082", "330281")) == {"nylon", "vision", "gear"}
    assert found(county=("331082", "330281"), field=("materials",)) == {"nylon", "gear"}
    assert found(mode=("a",)) == {"nylon", "vision"}
    assert found(county=()) == {"nylon", "vision", "gear", "water"}
    assert found(county=("000000",)) == set()


def test_facets_come_by_count_then_value_without_zeros(stocked: SearchEngine) -> None:
    page = find(stocked, facets=("county", "mode", "status"), filters={"field": ("materials", "ai")})
    assert page.facets == {
        "county": (Facet("331082", 2), Facet("330281", 1)),
        "mode": (Facet("a", 2), Facet("b", 2)),
        "status": (),
    }


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.RELEVANCE, ["gear", "nylon", "vision", "water"]),  # nothing asked: newest first
        (Sort.NEWEST, ["gear", "nylon", "vision", "water"]),
        (Sort.DEADLINE, ["vision", "gear", "water", "nylon"]),
        (Sort.AMOUNT, ["water", "nylon", "gear", "vision"]),
    ],
)
def test_sorting_puts_what_has_no_value_last(stocked: SearchEngine, sort: Sort, order: list[str]) -> None:
    assert refs(find(stocked, sort=sort)) == order


@pytest.mark.parametrize("vector", [None, NYLON])
def test_sorting_keeps_what_was_found(stocked: SearchEngine, vector: np.ndarray | None) -> None:
    by_rank = find(stocked, "尼龙", vector=vector)
    by_date = find(stocked, "尼龙", vector=vector, sort=Sort.NEWEST)
    assert refs(by_date) == ["gear", "nylon"]
    assert by_rank.total == by_date.total


def test_pages_cover_everything_once(filled: SearchEngine) -> None:
    filled.put([result(f"many-{number}", f"尼龙第{number}号", vector=NYLON) for number in range(37)])
    for vector in (None, NYLON):
        for sort in (Sort.RELEVANCE, Sort.AMOUNT):
            seen = [
                ref
                for page in range(1, 7)
                for ref in refs(find(filled, "尼龙", vector=vector, sort=sort, page=page, size=8))
            ]
            assert len(seen) == len(set(seen)) == 39
    assert find(filled, "尼龙", page=9).hits == ()
    assert find(filled, "尼龙", page=9).total == 39
    assert find(filled, "尼龙", page=100_000).hits == ()
    assert find(filled, "尼龙", vector=NYLON, page=100_000).total == 39


def test_marks_are_verbatim(stocked: SearchEngine) -> None:
    page = find(stocked, "pa66 尼龍 抗衝擊 1.8g/cm3")
    (hit,) = page.hits
    assert joined(hit.title) == BY_REF["nylon"].title
    assert marked(hit.title) == ["尼龙PA66"]
    assert joined(hit.snippet).replace("…", "") in BY_REF["nylon"].body
    assert marked(hit.snippet) == ["尼龙", "抗冲击", "1.8 g/cm³"]


def test_a_snippet_is_cut_around_what_matches(filled: SearchEngine) -> None:
    body = "前言若干。" * 200 + "本项目解决阻尼合金的疲劳问题。" + "后记若干。" * 200
    filled.put([result("long", "一份长文", body)])
    (hit,) = find(filled, "阻尼合金").hits
    text = joined(hit.snippet)
    assert marked(hit.snippet) == ["阻尼合金"]
    assert text.startswith("…") and text.endswith("…") and len(text) < 200
    assert text.strip("…") in body


def test_a_hit_by_meaning_alone_marks_nothing_and_shows_its_beginning(stocked: SearchEngine) -> None:
    hits = {hit.ref: hit for hit in find(stocked, "膜分离", vector=NYLON).hits}
    assert marked(hits["nylon"].snippet) == []
    assert joined(hits["nylon"].snippet) == BY_REF["nylon"].body


def test_hits_carry_what_was_stored(filled: SearchEngine) -> None:
    filled.put([replace(BY_REF["water"], version=7)])
    (hit,) = find(filled, "印染废水").hits
    assert isinstance(hit, Hit)
    assert (hit.kind, hit.ref, hit.version) == (Kind.RESULT, "water", 7)
    assert hit.score > 0


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("增韧尼", "nylon"),
        ("尼", "gear"),
        ("耐磨尼龙齿", "gear"),
        ("pa6", "nylon"),
        ("ＰＡ66", "nylon"),
        ("zrnl", "nylon"),
        ("卷积", None),
        ("印染", "water"),
        ("機器視", "vision"),
        ("", None),
        ("  ", None),
    ],
)
def test_suggestions(stocked: SearchEngine, typed: str, first: str | None) -> None:
    suggested = stocked.suggest([Kind.CHALLENGE, Kind.RESULT], typed, PUBLIC)
    assert (suggested[0][1] if suggested else None) == first
    for _, ref, title in suggested:
        assert title == BY_REF[ref].title


def test_suggestions_are_few_and_begin_with_what_begins_so(filled: SearchEngine) -> None:
    filled.put([result(f"s{number}", f"第{number}号阀门") for number in range(12)] + [result("valve", "阀门铸造")])
    suggested = filled.suggest([Kind.RESULT], "阀门", PUBLIC, size=5)
    assert len(suggested) == 5
    assert suggested[0] == (Kind.RESULT, "valve", "阀门铸造")


def test_relaxing_tells_what_to_give_up(stocked: SearchEngine) -> None:
    query = Query(Kind.RESULT, PUBLIC, "尼龍 海带", filters={"trl": ("9",)})
    assert stocked.search(query).total == 0
    assert list(stocked.relax(query)) == []  # two things stand in the way
    (word,) = stocked.relax(replace(query, filters={}))
    assert (word.dropped_word, word.dropped_filter, word.total) == ("海带", None, 2)
    (one,) = stocked.relax(replace(query, text="尼龍"))
    assert (one.dropped_word, one.dropped_filter, one.total) == (None, ("trl", "9"), 2)
    assert find(stocked, "尼龍").total == one.total


def test_candidates_are_the_union_of_both_lists_with_raw_scores(stocked: SearchEngine) -> None:
    challenge = "我们生产注塑齿轮，尼龙齿轮磨损快，尼龙需要增韧。" * 3
    proposed = stocked.candidates(Kind.RESULT, text=challenge, vector=direction(0.2, 1), audience=PUBLIC)
    by_ref = {one.ref: one for one in proposed}
    assert set(by_ref) == {"gear", "nylon", "vision", "water"}
    assert by_ref["water"].lexical is None
    for ref, document in BY_REF.items():
        if ref in by_ref:
            assert document.vector is not None
            cosine = float(document.vector @ direction(0.2, 1))
            assert by_ref[ref].dense == pytest.approx(cosine, abs=0.002)
    assert (by_ref["gear"].lexical or 0) > (by_ref["nylon"].lexical or 0) > 0
    best = stocked.candidates(Kind.RESULT, text=challenge, vector=direction(0, 0, 1), audience=PUBLIC, size=1)
    assert {one.ref for one in best} == {"gear", "water"}
    words = stocked.candidates(Kind.RESULT, text=challenge, vector=None, audience=PUBLIC)
    assert [one.dense for one in words] == [None, None]


def test_stored_vectors_come_back(stocked: SearchEngine) -> None:
    found = stocked.vectors(Kind.RESULT, ["nylon", "absent", "vision", "nylon"])
    assert set(found) == {"nylon", "vision"}
    np.testing.assert_allclose(found["nylon"], NYLON, atol=1e-6)
    assert found["vision"].dtype == np.float32 and found["vision"].shape == (DIMENSIONS,)


@pytest.mark.parametrize("vector", [np.ones(DIMENSIONS + 1, np.float32), np.full(DIMENSIONS, np.nan, np.float32)])
def test_a_query_vector_that_cannot_be_compared_is_an_error(stocked: SearchEngine, vector: np.ndarray) -> None:
    with pytest.raises(ValueError, match="vector"):
        find(stocked, vector=vector)


@pytest.mark.parametrize(
    "changes",
    [{"filters": {"colour": ("red",)}}, {"facets": ("colour",)}, {"page": 0}, {"size": 0}, {"size": 100_000}],
    ids=str,
)
def test_a_query_that_makes_no_sense_is_an_error(stocked: SearchEngine, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"unknown facets|no such page"):
        find(stocked, **changes)
