"""Shared words: the one that shares more stands higher, however much is shared."""

from __future__ import annotations

import pytest

from matcher.lexical import BEND, BEYOND, LexicalDocument, LexicalQuery
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


@pytest.mark.parametrize(("raw", "score"), [(-3.0, -3.0), (BEND, BEND), (BEND + 8, BEND + 8 * BEYOND)])
def test_beyond_the_bend_a_share_counts(matcher: Matcher, raw: float, score: float) -> None:
    need = LexicalQuery({"钢": 1.0}, (0.0, 0.0), (1.0, 1.0))
    assert matcher.features.lexical.score(need, LexicalDocument({"钢": raw}, 0.5)) == pytest.approx(score)
