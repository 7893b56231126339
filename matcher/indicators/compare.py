"""Whether an offer meets what a need asks: met, short by so much, or not stated.

Not stated is said wherever one cannot know: no indicator of that name, units that do not convert, or a limit that leaves
the question open. It is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from matcher.indicators.names import CHANGES
from matcher.indicators.normal import level
from matcher.indicators.quantity import quantities
from matcher.indicators.units import convert, meant, to_pint
from matcher.types import Indicator, IndicatorVerdict, Operator, Verdict

_TOLERANCE = 1e-9
LEAST_ALIKE = 0.6
"""From which likeness two names are taken for names of one thing."""
_NOISE = re.compile(r"[\s的了之·\-_/（）()]|产品|材料|指标|参数|数值|平均|最大|最小|最高|最低|要求")
_SYNONYMS = (
    (
        "工作温度",
        "使用温度",
        "耐温",
        "温度范围",
        "耐受温度",
        "适用温度",
        "工作温度范围",
        "耐温范围",
        "使用温度范围",
        "耐高低温",
    ),
    ("使用寿命", "寿命", "工作寿命", "服役寿命", "循环寿命"),
    ("粒径", "粒度", "平均粒径", "d50", "粒径d50", "粒度d50", "中位粒径"),
    ("合格率", "良品率", "成品率", "良率"),
    ("识别率", "识别准确率", "识别精度", "准确率"),
    ("噪声", "噪音", "运行噪声", "工作噪音"),
    ("去除率", "脱除率"),
    ("含量", "质量分数", "纯度"),
    ("转速", "旋转速度"),
    ("硬度", "表面硬度"),
    ("拉伸强度", "抗拉强度"),
    ("弯曲强度", "抗弯强度", "抗折强度"),
    ("冲击强度", "冲击韧性", "抗冲击韧性", "抗冲击强度", "缺口冲击强度"),
    ("密度", "堆积密度"),
)
_GROUPS = [frozenset(_NOISE.sub("", word.lower()) for word in group) for group in _SYNONYMS]
_CHANGE = re.compile(rf"^(?:{CHANGES})|(?:{CHANGES}|[低高多少小大轻快])$")
_LESS = re.compile(r"[降减少缩轻薄低小省]|节约|压缩")
_DIFFERENCE = re.compile(
    r"温升|温差|温度?(?:波动|均匀|偏差|误差|变化)|[控测]温(?:精度|误差)|波动|升温|降温|升高|降低|下降|提高"
)
"""Names of differences of temperature."""
_CONDITION_PARTS = re.compile(r"-?\d+(?:\.\d+)?|[A-Za-z]+|[\u4e00-\u9fff]{2}")
_COVERING = re.compile(r"温|耐|适用|工作|使用|量程|测量范围|检测范围|频率范围|频段|范围|波段")
"""Of such an indicator the asked range must be covered; of others (粒径, 含量) the stated value must lie within."""


def compare_all(asked: Sequence[Indicator], stated: Sequence[Indicator]) -> tuple[IndicatorVerdict, ...]:
    """One verdict for each asked indicator that has a name, in order."""
    return tuple(compare(indicator, stated) for indicator in asked if indicator.name)


def compare(asked: Indicator, stated: Sequence[Indicator]) -> IndicatorVerdict:
    """The verdict by the best-named stated indicator that settles the question."""
    ranked = [(_alike(asked.name, s.name), _same_condition(asked, s), -place) for place, s in enumerate(stated)]
    named = [stated[-place] for alike, _condition, place in sorted(ranked, reverse=True) if alike >= LEAST_ALIKE]
    for candidate in named:
        if _other_condition(asked, candidate):
            continue
        converted = _in_unit_of(asked, candidate)
        if converted is None:
            continue
        shortfall = _shortfall(asked, converted)
        if shortfall is None:
            continue
        if shortfall <= _rounding(asked.value):
            return IndicatorVerdict(asked, candidate, Verdict.MET)
        return IndicatorVerdict(asked, candidate, Verdict.SHORT, shortfall)
    return IndicatorVerdict(asked, named[0] if named else None, Verdict.NOT_STATED)


def _same_condition(asked: Indicator, stated: Indicator) -> float:
    """0 to 1: share of the asked condition's numbers and words that the stated one has."""
    wanted = set(_CONDITION_PARTS.findall(level(asked.condition)))
    return len(wanted & set(_CONDITION_PARTS.findall(level(stated.condition)))) / len(wanted) if wanted else 0.0


def _other_condition(asked: Indicator, stated: Indicator) -> bool:
    """Both name a condition of one kind (temperature, duration, …), with no value in common: what holds at 23℃ says
    nothing of −40℃, what holds after 7 days nothing of 28."""
    theirs = _condition_values(stated.condition)
    return any(
        kind in theirs and not any(_same(a, b) for a in values for b in theirs[kind])
        for kind, values in _condition_values(asked.condition).items()
    )


def _condition_values(condition: str) -> dict[str, list[float]]:
    """Kind of quantity → its values, in base units (a range by both ends)."""
    found: dict[str, list[float]] = {}
    if not condition:
        return found
    for quantity in quantities(level(condition)):
        unit = to_pint(quantity.unit) if quantity.unit else None
        if unit is None:
            continue
        base = str(unit.to_base_units().units)
        for value in (quantity.value, quantity.value_to):
            if value is not None and (converted := _in_base(value, quantity.unit, base)) is not None:
                found.setdefault(base, []).append(converted)
    return found


def _in_base(value: float, unit: str, base: str) -> float | None:
    if base == "kelvin":
        return convert(value, unit, "K")
    pint_unit = to_pint(unit)
    return None if pint_unit is None else float((value * pint_unit).to_base_units().magnitude)


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _rounding(a, b)


def _rounding(*values: float) -> float:
    """What the conversion of units may have taken off such values or added to them."""
    return _TOLERANCE * max(1.0, *map(abs, values))


def _alike(asked: str, stated: str) -> float:
    """0 to 1. Two names of one thing by our list, one within the other, or many shared pairs of characters."""
    if _direction(asked) != _direction(stated):
        return 0.0  # thirty per cent less is not thirty per cent
    a, b = (_NOISE.sub("", _CHANGE.sub("", level(name).lower())) for name in (asked, stated))
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    for group in _GROUPS:
        if a in group and b in group:
            return 0.9
    if (a in b or b in a) and min(len(a), len(b)) >= 2:
        # 强度 within 抗拉强度 may be another strength: an ending alone is too little unless it is most of the name.
        return 0.6 + 0.3 * min(len(a), len(b)) / max(len(a), len(b)) if min(len(a), len(b)) >= 3 else 0.5
    pairs_a, pairs_b = ({name[i : i + 2] for i in range(len(name) - 1)} for name in (a, b))
    if not pairs_a or not pairs_b:
        return 0.0
    return 2 * len(pairs_a & pairs_b) / (len(pairs_a) + len(pairs_b))


def _direction(name: str) -> int:
    """-1 for a decrease, 1 for an increase, 0 for a plain value."""
    change = _CHANGE.search(name)
    if change is None or name == change.group():
        return 0
    return -1 if _LESS.search(change.group()) else 1


def _in_unit_of(asked: Indicator, stated: Indicator) -> Indicator | None:
    """The stated indicator in the asked unit; None where the units do not measure the same."""
    if bool(asked.unit) != bool(stated.unit):
        return None
    spread = stated.operator is Operator.PLUS_MINUS
    unit, wanted = meant(stated.unit, stated.name), meant(asked.unit, asked.name)
    # ±1℃ is a difference whole; 80±2℃ is a temperature with a difference.
    difference = bool(_DIFFERENCE.search(asked.name)) or (spread and stated.value == 0)
    value = convert(stated.value, unit, wanted, difference=difference) if asked.unit else stated.value
    if value is None:
        return None
    value_to = stated.value_to
    if value_to is not None and asked.unit:
        value_to = convert(value_to, unit, wanted, difference=difference or spread)
        if value_to is None:
            return None
    return replace(stated, value=value, value_to=value_to, unit=asked.unit)


def _interval(indicator: Indicator) -> tuple[float, float]:
    """Least and greatest value that the words allow; infinite where they set no limit."""
    value, to = indicator.value, indicator.value_to
    infinite = float("inf")
    match indicator.operator:
        case Operator.GE | Operator.GT:
            return value, infinite
        case Operator.LE | Operator.LT:
            return -infinite, value
        case Operator.RANGE:
            return value, value if to is None else to
        case Operator.PLUS_MINUS:
            return value - (to or 0.0), value + (to or 0.0)
    return value, value


def _shortfall(asked: Indicator, stated: Indicator) -> float | None:
    """In the asked unit; 0 where met, None where the statement leaves it open."""
    low, high = _interval(stated)
    infinite = float("inf")
    # "At most 1" leaves "at least 1" open, however the conversion of units has rounded it.
    rounding = _rounding(asked.value)
    match asked.operator:
        case Operator.GE | Operator.GT:
            if low > -infinite:
                return max(0.0, asked.value - low)
            return asked.value - high if high < asked.value - rounding else None
        case Operator.LE | Operator.LT:
            if high < infinite:
                return max(0.0, high - asked.value)
            return low - asked.value if low > asked.value + rounding else None
    least, greatest = _interval(asked)
    if asked.operator is Operator.RANGE and _COVERING.search(asked.name) and stated.operator is Operator.RANGE:
        return max(0.0, low - least) + max(0.0, greatest - high)
    if asked.operator is Operator.RANGE and _COVERING.search(asked.name):
        return None  # one value does not tell a range's other end
    if asked.operator is Operator.PLUS_MINUS and asked.value == 0 and stated.operator is not Operator.PLUS_MINUS:
        # ±0.05 asked, 0.03 stated: an error is stated by its size
        return max(0.0, high - greatest) if high < infinite else None
    if low == -infinite or high == infinite:
        return None
    return max(0.0, least - low, high - greatest)
