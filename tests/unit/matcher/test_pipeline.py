"""Ranking: the same pair scores the same however it is asked; policy moves order, never levels; sealed text stays aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from matcher.encoders import SHIPPED
from matcher.pipeline import Matcher
from matcher.policy import NAMES, PolicyContext, PolicyWeights
from matcher.ranker import DEFAULT_FOLDER
from matcher.types import Level, Need, Offer
from search.ports import Candidate, Kind
from tests.fakes import HashingEncoder

NEED = Need(
    "n",
    "模具表面耐磨涂层脱落",
    "冷锻模具表面的氮化物涂层使用三千次后脱落，需要提高涂层与模具钢的结合力。",
    field="new_materials",
    region="330523",
    modes=("joint_development",),
    trl_min=6,
)
OFFERS = [
    Offer("coating", "模具钢表面氮化物涂层结合力增强技术", "通过离子氮化过渡层提高涂层结合力，冷锻模具寿命提高两倍。",
          field="new_materials", region="331122", modes=("licence",), trl=7),
    Offer("title-only", "冷锻模具涂层"),
    Offer("rice", "水稻病虫害遥感监测", "利用多光谱影像识别稻飞虱。", field="agriculture", region="330523"),
    Offer("empty", "", ""),
]  # fmt: skip


def test_the_fitting_offer_comes_first(matcher: Matcher) -> None:
    ranked = matcher.rank(NEED, OFFERS)
    assert ranked[0].offer_id == "coating" and ranked[0].level >= Level.FAIR
    levels = {match.offer_id: match.level for match in ranked}
    assert levels["rice"] is Level.NONE
    assert all(0 <= match.score <= 1 for match in ranked)
    assert [m.score for m in ranked] == sorted((m.score for m in ranked), reverse=True)


def test_a_pair_scores_the_same_alone_among_others_and_the_other_way_round(matcher: Matcher) -> None:
    for match in matcher.rank(NEED, OFFERS, explain=False):
        offer = next(offer for offer in OFFERS if offer.id == match.offer_id)
        alone = matcher.rank(NEED, [offer], explain=False)[0]
        turned = matcher.rank_needs(offer, [Need("other", "茶叶杀青"), NEED], explain=False)
        back = next(m for m in turned if m.need_id == NEED.id)
        stored = matcher.rank(NEED, [offer], offer_vectors={offer.id: matcher.encode_offer(offer)}, explain=False)[0]
        assert alone.score == pytest.approx(match.score, abs=1e-5)
        assert back.score == pytest.approx(match.score, abs=1e-5)
        assert stored.score == pytest.approx(match.score, abs=1e-5)
        assert alone.level is back.level is match.level


def test_explanations_only_where_asked_and_for_the_top(matcher: Matcher) -> None:
    assert [m.offer_id for m in matcher.rank(NEED, OFFERS, top=1)] == ["coating"]
    quiet = matcher.rank(NEED, OFFERS, explain=False)[0].explanation
    assert quiet.evidence == () and quiet.sentence == "" and len(quiet.contributions) == 3
    assert matcher.rank(NEED, OFFERS, top=1)[0].explanation.evidence
    assert matcher.rank(NEED, []) == []


def test_policy_adds_what_it_says_and_leaves_the_level(matcher: Matcher) -> None:
    context = PolicyContext(accelerated=frozenset({"330523"}), shanhai=frozenset({frozenset({"330523", "331122"})}))
    plain = {m.offer_id: m for m in matcher.rank(NEED, OFFERS, explain=False)}
    moved = {m.offer_id: m for m in matcher.rank(NEED, OFFERS, explain=False, policy=context)}
    added = {c.name: c.value for c in moved["coating"].explanation.contributions if c.name.startswith("policy.")}
    assert set(added) == {"policy.field", "policy.accelerated", "policy.shanhai"}
    assert moved["coating"].score > plain["coating"].score
    assert all(moved[name].level is plain[name].level for name in plain)
    assert any(c.name == "policy.same_county" for c in moved["rice"].explanation.contributions)
    off = matcher.rank(NEED, OFFERS, explain=False, policy=replace(context, enabled=frozenset()))
    assert {m.offer_id: m.score for m in off} == {name: m.score for name, m in plain.items()}


def test_what_was_updated_lately_comes_a_little_earlier(matcher: Matcher) -> None:
    def share(updated_on: str, on: date | None) -> float:
        offer = replace(OFFERS[0], updated_on=updated_on)
        (match,) = matcher.rank(NEED, [offer], explain=False, policy=PolicyContext(on=on))
        return next((c.value for c in match.explanation.contributions if c.name == "policy.fresh"), 0.0)

    today, weight = date(2026, 3, 2), PolicyWeights.load().weights["fresh"]
    assert share("2026-03-02", today) == pytest.approx(weight)
    assert share("2025-03-02", today) == pytest.approx(weight / 2)
    assert share("2020-01-01", today) == share("", today) == share("2026-03-02", None) == 0


def test_missing_maturity_counts_against_an_offer(matcher: Matcher) -> None:
    young = replace(OFFERS[0], trl=3)
    (match,) = matcher.rank(NEED, [young], explain=False, policy=PolicyContext())
    share = next(c.value for c in match.explanation.contributions if c.name == "policy.trl")
    assert share == pytest.approx(-3 * PolicyWeights.load().weights["trl"])
    assert set(PolicyWeights.load().weights) == set(NAMES)


def test_sealed_text_joins_the_score_only_where_given(matcher: Matcher) -> None:
    sealed = replace(NEED, sealed="现用离子氮化过渡层，结合力只有30N。")
    assert matcher.rank(sealed, OFFERS)[0].score != matcher.rank(NEED, OFFERS)[0].score
    quotes = [e.need_quote for m in matcher.rank(NEED, OFFERS) for e in m.explanation.evidence]
    assert all("离子氮化" not in quote for quote in quotes)


def test_another_encoder_is_brought_to_the_rankers_scale() -> None:
    other = Matcher.load(HashingEncoder())
    assert other.version != Matcher.load(HashingEncoder()).ranker.version
    ranked = other.rank(NEED, OFFERS, explain=False)
    assert ranked[0].offer_id in {"coating", "title-only"}
    assert next(m.level for m in ranked if m.offer_id == "rice") <= Level.WEAK


class OneShelf:
    """The one method of an engine that the matcher calls; notes what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}

    def candidates(self, kind: Kind, **asked: object) -> Sequence[Candidate]:
        self.asked = {"kind": kind, **asked}
        return [Candidate("coating", 1, 3.0, 0.8)]


def test_candidates_are_asked_for_by_words_and_vector(matcher: Matcher) -> None:
    shelf = OneShelf()
    found = matcher.candidates(NEED, shelf, Kind.RESULT, {"public"}, size=50)  # type: ignore[arg-type]
    assert [c.ref for c in found] == ["coating"]
    assert shelf.asked["audience"] == frozenset({"public"}) and shelf.asked["size"] == 50
    assert np.allclose(shelf.asked["vector"], matcher.encode_need(NEED))  # type: ignore[arg-type]
    assert "结合力" in str(shelf.asked["text"])


def test_odd_texts_break_nothing(matcher: Matcher) -> None:
    odd = ["", " \n", "😀" * 50, "<script>alert(1)</script>", "1" * 5000, "，。；", "\x00", "𠮷", "ＰＡ６６ " * 3000]
    for text in odd:
        ranked = matcher.rank(Need("n", text, text), [Offer(str(i), other, other) for i, other in enumerate(odd)])
        assert all(np.isfinite(match.score) for match in ranked)


def test_the_version_names_all_that_decides(matcher: Matcher) -> None:
    assert f"{SHIPPED.name}@" in matcher.version
    assert DEFAULT_FOLDER.name in matcher.version and "policy-v2" in matcher.version
