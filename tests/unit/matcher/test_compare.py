"""Verdicts across operators and units; what cannot be known is not stated."""

from __future__ import annotations

import pytest

from matcher.indicators import compare, indicators_of, parse
from matcher.indicators.numbers import read
from matcher.indicators.units import convert
from matcher.types import Indicator, Need, Verdict


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
        ("温升不超过40K", "温升35℃", Verdict.MET, None),
        ("温升不超过40℃", "温升45K", Verdict.SHORT, 5),
        ("控温精度±1℃", "控温精度±0.5K", Verdict.MET, None),
        ("工作温度80±5℃", "工作温度353.15±2K", Verdict.MET, None),
        ("耐高温1700度以上", "耐高温1750℃", Verdict.MET, None),
        ("膜厚50～80nm", "膜厚0.07μm", Verdict.MET, None),
        ("膜厚50～80nm", "膜厚不小于60nm", Verdict.NOT_STATED, None),
        ("响应时间不超过2min", "响应时间90s", Verdict.MET, None),
        ("能耗降低30%以上", "能耗降低35%", Verdict.MET, None),
        ("能耗降低30%以上", "能耗减少25%", Verdict.SHORT, 5),
        ("降低能耗30%以上", "能耗下降40%", Verdict.MET, None),
        ("能耗降低30%以上", "能耗35%", Verdict.NOT_STATED, None),
        ("收率提高5%以上", "收率降低6%", Verdict.NOT_STATED, None),
        ("抗压强度（28d）≥40MPa", "抗压强度（7d）45MPa", Verdict.NOT_STATED, None),
        ("抗压强度（7d）≥40MPa", "抗压强度（168h）45MPa", Verdict.MET, None),
        ("冲击强度≥8kJ/m²（-40℃）", "冲击强度9kJ/m²（23℃）", Verdict.NOT_STATED, None),
        ("传动比1:20", "传动比1:20", Verdict.MET, None),
        ("导热系数≥3W/m·K", "导热系数3.5W/(m·K)", Verdict.MET, None),
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
        (1, "万次", "次", 10_000), (2, "年", "h", 17_520), (1, "/℃", "/K", 1), (100, "目", "μm", None), (60, "HRC", "HV", None), (1, "GPa", "MPa", 1000), (90, "min", "h", 1.5), (350, "nm", "μm", 0.35), (0.02, "%", "ppm", 200), (200, "目", "mm", None),
        (6.2, "kW/(m³/min)", "kW·min/m³", 6.2), (20, "g/100g", "%", 20), (3, "吨/小时", "t/d", 72), (5, "mL/100g", "mL/kg", 50), (1, "奇怪", "mm", None),
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


def test_what_a_need_says_of_today_is_not_asked() -> None:
    need = Need("n", "脱硫技术", "目前脱硫效率为88%，要求脱硫效率达到97%以上。")
    (asked,) = indicators_of(need)
    assert (asked.value, asked.condition) == (97, "")


def test_a_list_shares_out_its_values() -> None:
    first, second = parse("轴承钢的抗拉、屈服强度分别≥600、400 MPa")
    assert (first.name, first.value, first.unit) == ("抗拉强度", 600, "MPa")
    assert (second.name, second.value, second.unit) == ("屈服强度", 400, "MPa")
