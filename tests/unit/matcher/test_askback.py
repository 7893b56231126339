"""Questions asked back: few, and only for what the text does not have."""

from __future__ import annotations

from matcher.askback import Gap, questions
from matcher.types import Indicator, Need, Operator

FULL = Need(
    "n",
    "冷锻模具氮化物涂层脱落",
    "我们用PVD工艺在模具钢表面沉积涂层，用于汽车紧固件冷锻生产线，使用中容易脱落。要求提高结合力。",
    indicators=(Indicator("结合力", Operator.GE, 60, None, "N", "划痕法，室温"),),
)


def test_a_full_need_is_asked_nothing() -> None:
    assert questions(FULL) == ()


def test_a_number_without_unit_is_named() -> None:
    asked = questions(Need("n", "涂层", "模具涂层的结合力≥60，摩擦系数≤0.1。"))
    assert any(q.about.endswith("结合力≥60") for q in asked if q.gap is Gap.NO_UNIT)
    assert all("摩擦系数" not in q.about for q in asked if q.gap is Gap.NO_UNIT)
    row = Need("n", "涂层", indicators=(Indicator("结合力", Operator.GE, 60),))
    assert any(q.gap is Gap.NO_UNIT and q.about == "结合力" for q in questions(row))


def test_an_indicator_without_condition_is_named() -> None:
    asked = questions(Need("n", "PA66", "缺口冲击强度≥12kJ/m²，壁厚2mm。"))
    assert [q.about for q in asked if q.gap is Gap.NO_CONDITION] == ["缺口冲击强度≥12kJ/m²"]
    assert not any(q.gap is Gap.NO_CONDITION for q in questions(FULL))


def test_what_the_text_does_not_speak_of() -> None:
    gaps = {
        q.gap
        for q in questions(Need("n", "想找专家来谈一谈", "我们想找专家来谈一谈，看看有没有可以合作的地方，谢谢。"))
    }
    assert {Gap.NO_INDICATOR, Gap.MATERIAL, Gap.EFFECT, Gap.SCENE} <= gaps


def test_a_first_line_is_left_alone() -> None:
    assert questions(Need("n", "涂层脱落")) == ()
