"""Faithful explanations: every quote is there, every reason goes with its sentence, nothing sealed leaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.pipeline import Matcher
from matcher.types import Explanation, Need, Offer, Verdict

PIECES = st.sampled_from(
    [
        "开发高韧性PA66尼龙", "缺口冲击强度≥12kJ/m²", "使用寿命不少于2000h", "，", "。", "；", "\n", " ", "以POE接枝物增韧PA66", "耐温-40℃~120℃",
        "激光熔覆碳化钨涂层", "注塑模具", "①", "（25℃）", "😀", "Ｄ５０ 1–3 μm", "ﬁ", "聚酰胺", "、", "寿命1600小时", "!", "热障涂层在航空发动机叶片上", "A" * 130,
    ]
)  # fmt: skip
TEXT = st.lists(PIECES | st.text(max_size=8), max_size=14).map("".join)


def quotes_are_verbatim(explanation: Explanation, need: Need, offer: Offer) -> None:
    ours = [need.title, need.body, need.sealed, *need.keywords]
    theirs = [offer.title, offer.body, *offer.keywords]
    for reason in explanation.evidence:
        assert reason.terms or explanation.sentence.startswith("没有相同的技术词")
        assert reason.terms or len(explanation.evidence) == 1
        assert any(reason.need_quote in text for text in ours)
        assert any(reason.offer_quote in text for text in theirs)
    for verdict in explanation.verdicts:
        assert any(verdict.asked.source in text for text in ours)
        assert verdict.stated is None or any(verdict.stated.source in text for text in theirs)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXT, body=TEXT, sealed=TEXT, offer_title=TEXT, offer_body=TEXT)
def test_every_quote_is_a_span_of_its_document(
    matcher: Matcher, title: str, body: str, sealed: str, offer_title: str, offer_body: str
) -> None:
    need, offer = Need("n", title, body, sealed=sealed), Offer("o", offer_title, offer_body)
    quotes_are_verbatim(matcher.explainer.explain(need, offer), need, offer)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXT, body=TEXT, sealed=TEXT, offer_body=TEXT)
def test_the_open_explanation_knows_nothing_sealed(
    matcher: Matcher, title: str, body: str, sealed: str, offer_body: str
) -> None:
    """With `sealed` taken away by the caller, the explanation is what it would be had there never been any."""
    full = Need("n", title, body, sealed=sealed)
    offer = Offer("o", "PA66增韧", offer_body)
    explanation = matcher.explainer.explain(replace(full, sealed=""), offer)
    assert explanation == matcher.explainer.explain(Need("n", title, body), offer)
    for reason in explanation.evidence:
        assert reason.need_quote in title or reason.need_quote in body


NEED = Need(
    "n",
    "PA66增韧改性材料",
    "需要开发高韧性PA66尼龙。缺口冲击强度≥12kJ/m²，使用寿命不少于2000h，耐温-40℃~120℃。",
)
OFFER = Offer("a", "高流动性增韧尼龙66制备技术", "以POE接枝物增韧PA66。缺口冲击强度达到15 kJ/m²，使用寿命1600小时。")


def test_the_example_of_the_guide(matcher: Matcher) -> None:
    explanation = matcher.rank(NEED, [OFFER])[0].explanation
    verdicts = {v.asked.name: v for v in explanation.verdicts}
    assert verdicts["缺口冲击强度"].verdict is Verdict.MET
    assert verdicts["使用寿命"].verdict is Verdict.SHORT
    assert verdicts["使用寿命"].shortfall == pytest.approx(400)
    assert verdicts["耐温"].verdict is Verdict.NOT_STATED
    assert "耐温" in explanation.missing
    assert "缺口冲击强度满足" in explanation.sentence
    assert "使用寿命差400 h" in explanation.sentence
    assert explanation.sentence.endswith("耐温未说明。")
    assert "PA66" in {term for reason in explanation.evidence for term in reason.terms}


def test_a_reason_taken_from_the_text_disappears(matcher: Matcher) -> None:
    shorter = replace(OFFER, title="高流动性材料制备技术", body="使用寿命1600小时。")
    terms = {t for e in matcher.explainer.explain(NEED, shorter).evidence for t in e.terms}
    assert "PA66" not in terms and "增韧" not in terms


def test_without_common_words_no_reason_is_given(matcher: Matcher) -> None:
    explanation = matcher.explainer.explain(NEED, Offer("b", "水稻病虫害遥感监测"))
    assert explanation.evidence == ()
    assert explanation.sentence.startswith("文字上没有找到共同的技术要点")


def test_closest_sentences_stand_in_where_no_word_is_shared(matcher: Matcher) -> None:
    need = Need("n", "车间数字化改造", "焊接车间想上自动化。食堂明年翻新。")
    offer = Offer("o", "机器人弧焊工作站", "由机械手完成工件的熔焊。")
    explanation = matcher.explainer.explain(need, offer)
    (reason,) = explanation.evidence
    assert reason.terms == () and reason.need_quote == "焊接车间想上自动化。"
    assert explanation.sentence.startswith("没有相同的技术词，列出意思最接近的两处")
    gone = matcher.explainer.explain(replace(need, body="食堂明年翻新。", title="改造"), offer)
    assert gone.evidence == ()


def test_a_common_word_alone_is_no_concept(matcher: Matcher) -> None:
    explanation = matcher.explainer.explain(Need("n", "甾体激素的生物发酵"), Offer("o", "海洋生物标本管理"))
    assert "生物" not in explanation.sentence


def test_a_unit_is_no_concept_that_both_share(matcher: Matcher) -> None:
    need = Need("n", "薄壁件注塑", "壁厚0.4 mm，冲击强度30 kJ/m2，阻燃尼龙薄壁件。")
    offer = Offer("o", "阻燃尼龙", "厚度1.2 mm的阻燃尼龙，冲击强度12 kJ/m2。")
    terms = {term.lower() for reason in matcher.explainer.explain(need, offer).evidence for term in reason.terms}
    assert terms and not terms & {"mm", "kj/m2"}
