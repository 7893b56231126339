"""Verdicts across operators and units; what cannot be known is not stated."""

from __future__ import annotations

import pytest

from matcher.indicators import compare, parse
from matcher.indicators.numbers import read
from matcher.indicators.units import convert
from matcher.types import Indicator, Verdict


def one(text: str) -> Indicator:
    (indicator,) = parse(text)
    return indicator


@pytest.mark.parametrize(
    ("asked", "stated", "verdict", "shortfall"),
    [
        ("抗拉强度≥600MPa", "抗拉强度达到0.65GPa", Verdict.MET, None),
        ("抗拉强度≥600MPa", "抗拉强度550～620MPa", Verdict.SHORT, 50),
        ("使用寿命不少于2000h", "使用寿命1600小时", Verdict.SHORT, 400),
        ("使用寿命不少于2000h", "使用寿命不超过3000h", Verdict.NOT_STATED, None),
        ("使用寿命不少于2000h", "使用寿命不超过1500h", Verdict.SHORT, 500),
        ("使用寿命不少于2000h", "循环寿命5000次", Verdict.NOT_STATED, None),
        ("噪声不大于65dB", "运行噪声62dB", Verdict.MET, None),
        ("噪声不大于65dB", "噪声低于70dB", Verdict.SHORT, 5),
        ("工作温度-40℃~120℃", "使用温度-50～150℃", Verdict.MET, None),
        ("工作温度-40℃~120℃", "工作温度-20～100℃", Verdict.SHORT, 40),
        ("工作温度-40℃~120℃", "工作温度100℃", Verdict.NOT_STATED, None),
        ("粒径1–3μm", "粒径2000nm", Verdict.MET, None),
        ("粒径1–3μm", "平均粒径5μm", Verdict.SHORT, 2),
        ("定位精度±0.05mm", "定位精度±20μm", Verdict.MET, None),
        ("定位精度±0.05mm", "定位精度0.08mm", Verdict.SHORT, 0.03),
        ("堆积密度≥1.80克/立方厘米", "堆积密度1850kg/m3", Verdict.MET, None),
        ("筛网细度200目以上", "筛网细度75μm", Verdict.NOT_STATED, None),
        ("铅含量不超过0.005%", "铅含量40ppm", Verdict.MET, None),
        ("循环寿命10万次以上", "循环寿命8万次", Verdict.SHORT, 20000),
        ("导热系数≥3W/(m·K)", "导热系数3.5W/(m·℃)", Verdict.MET, None),
        ("抗拉强度≥600MPa", "吸水率0.1%", Verdict.NOT_STATED, None),
    ],
)
def test_verdicts(asked: str, stated: str, verdict: Verdict, shortfall: float | None) -> None:
    found = compare(one(asked), parse(stated))
    assert found.verdict is verdict
    assert found.shortfall == (None if shortfall is None else pytest.approx(shortfall))


def test_what_does_not_convert_is_quoted() -> None:
    found = compare(one("表面硬度≥60HRC"), parse("表面硬度1800HV"))
    assert found.verdict is Verdict.NOT_STATED
    assert found.stated is not None and found.stated.source == "表面硬度1800HV"


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (-40, "℃", "K", 233.15), (3000, "rpm", "转/分", 3000), (1, "L/min", "m³/h", 0.06), (5, "kJ/m²", "J/cm²", 0.5), (500, "ppm", "%", 0.05),
        (1, "万次", "次", 10_000), (2, "年", "h", 17_520), (1, "/℃", "/K", 1), (100, "目", "μm", None), (60, "HRC", "HV", None), (1, "奇怪", "mm", None),
        (10, "℃/min", "K/min", 10), (1, "MPa·m½", "MPa·m1/2", 1), (20, "ｋＮ", "N", 20_000),
    ],
)  # fmt: skip
def test_units(value: float, unit: str, wanted: str, expected: float | None) -> None:
    assert convert(value, unit, wanted) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,200.5", 1200.5), ("2.5×10⁻⁶", 2.5e-6), ("1×10^14", 1e14), ("1×10-9", 1e-9), ("10⁻³", 1e-3), ("10万", 1e5), ("三千", 3000), ("一万二千", 12000),
     ("百分之六十七", 67), ("千分之三", 3), ("零点五", 0.5), ("1e-3", 1e-3), ("两百零五", 205), ("1.2亿", 1.2e8)],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    assert read(text)[0] == pytest.approx(value)


def test_sources_and_conditions_are_verbatim() -> None:
    text = "在－４０℃下，缺口冲击强度不低于8kJ/m²；抗压强度≥40ＭＰａ（28天龄期）。"
    first, second = parse(text)
    assert first.condition == "在－４０℃下" and second.condition == "28天龄期"
    assert all(i.source in text and i.condition in text for i in (first, second))
