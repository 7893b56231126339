"""What holds of any text and any indicators: nothing raises, every quote is verbatim, time is bounded, units do not matter."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matcher.indicators import compare, parse
from matcher.indicators.units import convert
from matcher.types import Indicator, Operator, Verdict

PIECES = (
    "抗拉强度 屈服强度 目前 分别 不低于 优于 ≥ ≤ < > ± ~ - — 至 到 、 ， 。 ； ： ( ) （ ） 600 1,200.5 10⁻⁶ ×10 3.5 二十 九成 百分之 MPa ℃ % ppm r/min 目 W/(m·K)"
    " μm 万次 以上 以下 左右 的 每 每分钟 在 下 时 后 由 降至 提高 比 较 达到 φ @ 1:3 28d HRC Ra GB/T 2024年 元 １２３ ｋＮ 名称"
).split()
texts = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_text_is_read_and_quoted_verbatim(text: str) -> None:
    for indicator in parse(text):
        assert indicator.source and indicator.source in text
        assert all(part in text for part in indicator.condition.split("；"))
        assert indicator.value == indicator.value and abs(indicator.value) != float("inf")
        assert (indicator.value_to is not None) == (indicator.operator in {Operator.RANGE, Operator.PLUS_MINUS})
        if indicator.operator is Operator.RANGE:
            assert indicator.value < (indicator.value_to or 0.0)


RUNS = (
    "达到",
    "达到为",
    "1",
    "1 ",
    "12,345",
    "1:3",
    "(",
    "5MPa、",
    "由5提高到",
    "较甲比乙",
    "一",
    "1×",
    "每每",
    "10⁻⁶",
    "分别5、",
)


@pytest.mark.parametrize("piece", RUNS)
def test_a_run_of_anything_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    """No pattern may go over a text in ever more ways. Against the same text's tenth, so that a busy machine does not matter."""
    whole = (piece * 5_000)[:5_000]
    parse(whole[:500])
    started = time.process_time()
    parse(whole[:500])
    tenth = time.process_time() - started
    started = time.process_time()
    parse(whole)
    assert time.process_time() - started < 60 * tenth + 0.5


@settings(max_examples=3, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *RUNS]), min_size=20, max_size=60))
def test_a_hundred_thousand_pasted_characters_are_read(pieces: list[str]) -> None:
    text = "".join(pieces)
    pasted = (text * (100_000 // len(text) + 1))[:100_000]
    started = time.process_time()
    assert all(indicator.source in pasted for indicator in parse(pasted)[:50])
    assert time.process_time() - started < 60


MEGAPASCALS = st.integers(min_value=1, max_value=5_000)
LIMITS = st.sampled_from([Operator.GE, Operator.GT, Operator.LE, Operator.LT])
STATEMENTS = st.sampled_from([Operator.EQ, *Operator])
UNITS = ("MPa", "GPa", "kPa", "兆帕", "N/mm²", "bar")


def made(operator: Operator, value: float, width: float, unit: str) -> Indicator:
    to = {Operator.RANGE: value + width, Operator.PLUS_MINUS: width}.get(operator)
    return Indicator("抗拉强度", operator, value, to, unit)


def moved(indicator: Indicator, unit: str) -> Indicator:
    value = convert(indicator.value, indicator.unit, unit)
    to = None if indicator.value_to is None else convert(indicator.value_to, indicator.unit, unit)
    assert value is not None
    return Indicator(indicator.name, indicator.operator, value, to, unit)


@example(Operator.GE, 1, Operator.LE, 1, 1, "MPa", "bar")
@settings(max_examples=200, deadline=None)
@given(
    LIMITS | st.just(Operator.RANGE),
    MEGAPASCALS,
    STATEMENTS,
    MEGAPASCALS,
    st.integers(1, 500),
    st.sampled_from(UNITS),
    st.sampled_from(UNITS),
)
def test_a_verdict_does_not_depend_on_the_units(
    asked: Operator, limit: int, stated: Operator, value: int, width: int, ours: str, theirs: str
) -> None:
    question, statement = made(asked, limit, width, "MPa"), made(stated, value, width, "MPa")
    plain = compare(question, [statement])
    other = compare(moved(question, ours), [moved(statement, theirs)])
    assert other.verdict is plain.verdict
    if plain.shortfall is not None:
        shortfall = convert(plain.shortfall, "MPa", ours)
        assert other.shortfall == pytest.approx(shortfall, rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(LIMITS, MEGAPASCALS, MEGAPASCALS)
def test_a_plain_value_meets_a_limit_or_is_short_by_the_distance(asked: Operator, limit: int, value: int) -> None:
    found = compare(made(asked, limit, 0, "MPa"), [made(Operator.EQ, value, 0, "MPa")])
    distance = limit - value if asked in {Operator.GE, Operator.GT} else value - limit
    assert found.verdict is (Verdict.SHORT if distance > 0 else Verdict.MET)
    assert found.shortfall == (pytest.approx(distance) if distance > 0 else None)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["目", "HRC", "次", "℃", "%", "级", "dB"]),
    st.sampled_from(["μm", "MPa", "kg", "m"]),
    st.integers(1, 1000),
)
def test_what_measures_another_thing_is_never_compared(unit: str, other: str, value: int) -> None:
    asked, stated = (
        Indicator("粒度", Operator.GE, value, None, unit),
        Indicator("粒度", Operator.EQ, value, None, other),
    )
    assert compare(asked, [stated]).verdict is Verdict.NOT_STATED
    assert compare(stated, [asked]).verdict is Verdict.NOT_STATED
    assert convert(value, unit, other) is None
