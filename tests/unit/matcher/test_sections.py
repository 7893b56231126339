"""What a need's form says of today is no part of what is asked."""

from __future__ import annotations

import pytest

from matcher.indicators import indicators_of
from matcher.indicators.sections import wanted
from matcher.types import Need, Offer

FORM = (
    "需求内容：研磨机主轴振动大，噪声要降下来，问题是传动带噪声80 dB。"
    "预期目标：整机噪声不高于62 dB。"
    "现有工作基础：已有样机两台，主轴转速为1450 r/min"
)


def test_only_what_is_wanted_is_asked() -> None:
    asked = indicators_of(Need("n", "研磨机降噪", FORM))
    assert [(one.name, one.value) for one in asked] == [("整机噪声", 62.0)]
    assert all(one.source in FORM for one in asked)


def test_of_sealed_text_too_and_of_results_nothing_is_left_out() -> None:
    asked = indicators_of(Need("n", "研磨机降噪", "", sealed=FORM))
    assert [one.value for one in asked] == [62.0]
    assert {one.value for one in indicators_of(Offer("o", "研磨机", FORM))} >= {62.0, 1450.0}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("噪声不高于62 dB", "噪声不高于62 dB"),
        ("企业简介：年产值2亿元。技术需求：耐温120℃", "技术需求：耐温120℃"),
        ("耐温120℃。现状：耐温90℃", "耐温120℃。"),
        ("背景：甲。预期目标：乙。现有基础：丙。需求内容：丁", "预期目标：乙。需求内容：丁"),
        ("在现有工作基础上提高到120℃", "在现有工作基础上提高到120℃"),
    ],
)
def test_sections_on_what_is_so_today_are_cut_out(text: str, left: str) -> None:
    assert "".join(wanted(text)) == left
