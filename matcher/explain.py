"""Why a pair fits, in quotes: no reason without the sentence of either side that supports it.

Reasons are found by shared words: a reader can see for themselves that they are there, and a sentence that is removed
from a text takes its reason with it. Only where no telling word is shared, the two sentences that the encoder finds
closest are quoted, without terms, and said to be that. Every quote is a substring of the title, the body or the sealed text
it stands in. Of a need without `sealed`, nothing sealed can appear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from matcher.closest import closest
from matcher.encoder import Encoder
from matcher.indicators import compare_all, indicators_of, label
from matcher.indicators.units import to_pint
from matcher.sentences import sentences
from matcher.statistics import TermStatistics
from matcher.tokens import Tokenizer, normalise
from matcher.types import Contribution, Evidence, Explanation, Indicator, IndicatorVerdict, Need, Offer, Verdict

MOST_EVIDENCE = 3
MOST_TERMS = 5
MOST_NAMED = 3
"""Indicators named of each outcome."""
MOST_SENTENCES = 80
"""Of each side, from the start: what follows in a longer text is rarely about the matter, and pairs cost time."""
LEAST_RARITY = 3.7
"""A word less rare says nothing (应用, 生物, 管理, 检测): by the table of word counts, about one text in forty."""
LEAST_WEIGHT = 4.5
"""Sum of the rarities that a further reason must add."""
_CONDITION_HEAD = re.compile(r"[，,；;、]")
COMMON = frozenset(
    "技术 研究 方法 应用 系统 设备 装置 工艺 产品 材料 制备 开发 研发 生产 制造 设计 提高 降低 实现 解决 问题 要求 需求 目标 项目 企业 公司 "
    "国内 国内外 先进 水平 领域 目前 现有 进行 通过 采用 具有 能够 可以 以及 关键 关键技术 性能 高性能 新型 高效 产业化 优化 改进 控制 "
    "过程 质量 效果 主要 达到 指标 技术指标 推广 基于 使用 相关 方案 成果 合作 希望 不同 一种 条件 需要 我们 我司 本公司 "
    "降到 升到 下降 上升 稳定 试制 连续 数据 保证 保持 变化 影响 不足 情况 存在 客户 单位 样品 试验 测试 验证 完成 形成 批次 一家 左右 以上 以下 以内 "
    "同时 之间 其中 由于 导致 造成 容易 较大 较小 较高 较低 目标 能力 条件下 团队 公司 工作 经过 结果 表明 说明 没有 不能 不同 不变 现有 原有 达标 "
    "产业 行业 工业 管理 处理 设施 升级 改造 建设 服务 综合".split()
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    words: frozenset[str]


class Explainer:
    """See the module. Cheap: some milliseconds a pair."""

    def __init__(self, statistics: TermStatistics, tokenizer: Tokenizer, encoder: Encoder) -> None:
        self._statistics = statistics
        self._tokenizer = tokenizer
        self._encoder = encoder

    def explain(self, need: Need, offer: Offer, contributions: Sequence[Contribution] = ()) -> Explanation:
        asked = self._sentences(need.title, need.body, need.sealed)
        offered = self._sentences(offer.title, offer.body)
        evidence = tuple(self._shared(need, asked, offered)) or tuple(self._alike(asked, offered))
        verdicts = compare_all(indicators_of(need), indicators_of(offer))
        missing = tuple(self._missing(need, offer, verdicts))
        return Explanation(_sentence(evidence, verdicts), evidence, verdicts, missing, tuple(contributions))

    def _shared(self, need: Need, asked: Sequence[_Sentence], offered: Sequence[_Sentence]) -> Iterable[Evidence]:
        named = set(self._tokenizer(" ".join((need.title, *need.keywords))))

        def weigh(word: str) -> float:
            """What the title or a keyword names counts double: it is what the need is about."""
            return self._statistics.rarity(word) * (2.0 if word in named else 1.0)

        told: set[str] = set()
        for _round in range(MOST_EVIDENCE):
            best: tuple[float, _Sentence, _Sentence, list[str]] | None = None
            for ours in asked:
                for theirs in offered:
                    shared = ours.words & theirs.words
                    if not shared - told:
                        continue
                    fresh = _longest(shared - told)
                    weight = sum(weigh(word) for word in fresh)
                    # Of equally telling quotes the shorter is the better one.
                    weight -= 0.004 * (len(ours.text) + len(theirs.text))
                    if best is None or weight > best[0]:
                        best = (weight, ours, theirs, _longest(shared))
            if best is None or best[0] < (LEAST_WEIGHT if told else LEAST_RARITY):
                return
            _weight, ours, theirs, terms = best
            told |= ours.words & theirs.words
            terms.sort(key=weigh, reverse=True)
            yield Evidence(ours.text, theirs.text, tuple(_as_written(t, ours.text) for t in terms[:MOST_TERMS]))

    def _alike(self, asked: Sequence[_Sentence], offered: Sequence[_Sentence]) -> Iterable[Evidence]:
        quotes = closest(self._encoder, [ours.text for ours in asked], [theirs.text for theirs in offered])
        if quotes is not None:
            yield Evidence(*quotes, ())

    def _sentences(self, *texts: str) -> list[_Sentence]:
        found: dict[str, _Sentence] = {}
        for text in texts:
            for sentence in sentences(text):
                if len(found) >= MOST_SENTENCES or sentence in found:
                    continue
                words = frozenset(word for word in self._tokenizer(sentence) if self._tells(word))
                if words:
                    found[sentence] = _Sentence(sentence, words)
        return list(found.values())

    def _tells(self, word: str) -> bool:
        if word in COMMON or len(word) < 2 or word[0].isdigit() or (word.isascii() and _is_unit(word)):
            return False
        return self._statistics.rarity(word) >= LEAST_RARITY

    def _missing(self, need: Need, offer: Offer, verdicts: Sequence[IndicatorVerdict]) -> Iterable[str]:
        """Indicators that the offer does not state, then telling words of the need's title that it does not have."""
        asked = [verdict.asked for verdict in verdicts]
        for verdict in verdicts:
            if verdict.verdict is Verdict.NOT_STATED:
                yield _name(verdict.asked, asked)
        text = normalise("\n".join((offer.title, offer.body, *offer.keywords)))
        words = {word for word in self._tokenizer(need.title) if self._tells(word) and word not in text}
        absent = sorted(_longest(words), key=self._statistics.rarity, reverse=True)
        yield from (_as_written(word, need.title) for word in absent[:3])


@lru_cache(maxsize=4096)
def _is_unit(word: str) -> bool:
    """mm or kj/m2 that both texts hold is no concept they share: quantities are compared as indicators."""
    return any(to_pint(spelling) is not None for spelling in (word, word.upper(), word.capitalize()))


def _longest(words: Iterable[str]) -> list[str]:
    """Without words that are part of another one (search mode gives 锂离子 and 离子); in a fixed order."""
    kept: list[str] = []
    for word in sorted(words, key=lambda w: (-len(w), w)):
        if not any(word in other for other in kept):
            kept.append(word)
    return kept


def _as_written(word: str, text: str) -> str:
    """The word as the text writes it (PA66, not pa66), where it can be found again."""
    start = text.lower().find(word)
    return text[start : start + len(word)] if start >= 0 and len(text.lower()) == len(text) else word


def _sentence(evidence: Sequence[Evidence], verdicts: Sequence[IndicatorVerdict]) -> str:
    """For a manager: what both are about, then each indicator's outcome by name."""
    terms = _longest(dict.fromkeys(term for reason in evidence for term in reason.terms[:2]))
    order = [term for reason in evidence for term in reason.terms[:2] if term in terms]
    parts = []
    if order:
        parts.append("双方都涉及" + "、".join(list(dict.fromkeys(order))[:3]))
    elif evidence:
        parts.append("没有相同的技术词，列出意思最接近的两处")
    else:
        parts.append("文字上没有找到共同的技术要点")
    asked = [verdict.asked for verdict in verdicts]
    by = {kind: [v for v in verdicts if v.verdict is kind] for kind in Verdict}
    met = [_name(v.asked, asked) for v in by[Verdict.MET]]
    silent = [_name(v.asked, asked) for v in by[Verdict.NOT_STATED]]
    if met:
        parts.append("、".join(met[:MOST_NAMED]) + ("等" if len(met) > MOST_NAMED else "") + "满足")
    for verdict in by[Verdict.SHORT][:MOST_NAMED]:
        shortfall = f"{_plain(verdict.shortfall or 0)}{_spaced(verdict.asked.unit)}"
        parts.append(f"{_name(verdict.asked, asked)}差{shortfall}")
    if silent:
        parts.append("、".join(silent[:MOST_NAMED]) + ("等" if len(silent) > MOST_NAMED else "") + "未说明")
    return "，".join(parts) + "。"


def _name(indicator: Indicator, among: Sequence[Indicator]) -> str:
    """Its name; with the head of its condition where another one asked has the same name."""
    name = label(indicator)
    if indicator.condition and sum(label(other) == name for other in among) > 1:
        return f"{name}（{_CONDITION_HEAD.split(indicator.condition, maxsplit=1)[0]}）"
    return name


def _plain(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e6 else f"{value:.3e}"


def _spaced(unit: str) -> str:
    return f" {unit}" if unit[:1].isascii() and unit[:1].isalpha() else unit
