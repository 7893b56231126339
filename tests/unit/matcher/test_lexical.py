"""Shared words: the one that shares more stands higher, however much is shared."""

from __future__ import annotations

import math

import pytest

from matcher.lexical import BEND, BEYOND, LENGTHS, LONGER, TELLING, LexicalDocument, LexicalQuery
from matcher.pipeline import Matcher

KEYWORDS = "耐候钢 锈层稳定化 海洋大气腐蚀 桥梁支座 免涂装"
ABSTRACT = "针对海洋大气腐蚀环境下桥梁支座的免涂装要求，研究耐候钢的锈层稳定化处理，比较各钢种的锈层结构和腐蚀速率。"


def test_where_much_is_shared_the_order_stays(matcher: Matcher) -> None:
    lexical = matcher.features.lexical
    need = lexical.query(KEYWORDS)
    own = lexical.score(need, lexical.document("", ABSTRACT))
    half = lexical.score(need, lexical.document("", ABSTRACT.replace("锈层稳定化", "热").replace("免涂装", "强度")))
    assert own > half > BEND
    assert lexical.score(lexical.query(""), lexical.document("", ABSTRACT)) == 0


def test_a_compound_is_counted_with_its_parts(matcher: Matcher) -> None:
    """复合材料 comes with 复合 and 材料: in a whole need it weighs less itself, in a title each word weighs by its rarity."""
    lexical = matcher.features.lexical
    whole, title = lexical.query("复合材料"), lexical.query("复合材料", whole=False)
    assert set(whole.weights) == {"复合", "材料", "复合材料"} == set(title.weights)
    rarity = lexical.statistics.rarity
    assert title.weights == {word: rarity(word) for word in title.weights}
    part, compound = (
        whole.weights[word] / math.exp(TELLING * rarity(word)) / rarity(word) for word in ("复合", "复合材料")
    )
    assert part / compound == pytest.approx(LENGTHS[2] / LONGER)
    latin = lexical.query("pa66 复合")
    assert latin.weights["pa66"] == pytest.approx(rarity("pa66") * math.exp(TELLING * rarity("pa66")))


@pytest.mark.parametrize(("raw", "score"), [(-3.0, -3.0), (BEND, BEND), (BEND + 8, BEND + 8 * BEYOND)])
def test_beyond_the_bend_a_share_counts(matcher: Matcher, raw: float, score: float) -> None:
    need = LexicalQuery({"钢": 1.0}, (0.0, 0.0), (1.0, 1.0))
    assert matcher.features.lexical.score(need, LexicalDocument({"钢": raw}, 0.5)) == pytest.approx(score)
