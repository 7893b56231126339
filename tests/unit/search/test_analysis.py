"""Analysis: what counts as the same spelling, what stays whole, and where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import analysis

TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("尼龙龍增韌強度℃㎡³⁻½㈱ＡＢ１２＋－～ e\u0301\u0300ﬁİ₂Ωµμ.%/°\x00\ud800😀"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("PA66/GF30", "pa66/gf30"),
        ("PA66/GF30", "gf30"),
        ("密度1.8g/cm³", "1.8g/cm3"),
        ("密度 1.8 g/cm³", "1.8g/cm3"),
        ("120℃", "120°c"),
        ("-40℃~120℃", "-40°c"),
        ("10⁻⁶", "10-6"),
        ("粒径 5 μm", "5μm"),
        ("粒径 5 µm", "5μm"),  # micro sign
        ("≥67％", "67%"),
        ("67 %", "67%"),
        ("2000 h", "2000h"),
        ("ＧＢ／Ｔ", "gb/t"),
        ("C++", "c++"),
        ("0.05mm", "0.05mm"),
        ("尼龍", "尼龙"),
        ("聚醯亞胺", "聚酰亚胺"),
        ("鋁", "铝"),
        ("Kármán", "kármán"),
        ("Ka\u0301rma\u0301n", "kármán"),
    ],
)
def test_a_term_of_a_text(text: str, term: str) -> None:
    assert term in analysis.terms(text)


def test_numbers_grow_no_false_parts() -> None:
    assert analysis.terms("1.8g 0.05mm v1.2") == ["1.8g", "0.05mm", "v1.2"]


def test_particles_are_dropped_and_one_character_materials_kept() -> None:
    assert analysis.terms("铝的和钢") == ["铝", "钢"]


def test_the_dictionary_holds_words_together() -> None:
    assert "抗冲击韧性" in analysis.terms("抗冲击韧性")
    assert "揭榜挂帅" in analysis.terms("揭榜挂帅")
    words = analysis.dictionary()
    assert len(words) > 500 and len(set(words)) == len(words)
    assert all(len(word) > 1 and not word.isspace() for word in words)


def test_words_of_a_query_point_into_what_was_typed() -> None:
    text = "ＰＡ６６/GF30 的尼龍，1.8 g/cm³"
    assert [text[word.start : word.end] for word in analysis.words(text)] == ["ＰＡ６６/GF30", "尼龍", "1.8 g/cm³"]


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_is_analysed_and_offsets_hold(text: str) -> None:
    folded = analysis.fold(text)
    assert folded.origin is None or len(folded.origin) == len(folded.text)
    for start in range(len(folded.text)):
        first, last = folded.source(start, start + 1, len(text))
        assert 0 <= first < last <= len(text)
    for term in analysis.terms(text):
        assert term and not any(char.isspace() for char in term)
        term.encode()
    end = 0
    for word in analysis.words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.start
        assert word.terms


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_folding_is_stable(text: str) -> None:
    """A snippet of stored text is found by pasting it."""
    cleaned = analysis.clean(text)
    assert len(cleaned) == len(text)
    cleaned.encode()
    assert analysis.terms(cleaned) == analysis.terms(text)
