"""Quantities in a sentence: a number or two, with comparator, unit and what comes after (以上, 左右), each with its place.

Nothing is said here of what they are quantities of. Years, money, dimensions (600×400) and parts of names are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from matcher.indicators import numbers
from matcher.indicators.numbers import scale_of
from matcher.indicators.units import COUNTS, LETTERS, UNIT, convert, to_pint
from matcher.types import Operator

BEFORE = {
    Operator.GE: "≥|>=|不低于|不得低于|不应低于|不小于|不得小于|不应小于|不少于|不得少于|不应少于|大于等于|大于或等于|高于等于|高于或等于|至少|最少|最低|不短于|不亚于|不弱于",
    Operator.LE: "≤|<=|不高于|不得高于|不应高于|不大于|不得大于|不应大于|不超过|不得超过|不应超过|不超|不多于|不长于|小于等于|小于或等于|低于等于|低于或等于|至多|最多|最高不超过|控制在(?=[^，。；,;]{0,16}?(?:以内|之内|以下))",
    Operator.GT: ">|大于|高于|超过|多于|长于|超",
    Operator.LT: "<|小于|低于|少于|短于|不到|不足",
    Operator.EQ: "=",
}
_BETTER = "优于|好于"
"""Smaller or larger, as the name says."""
AFTER_GE = r"(?:及|或|\(含\))?(?:以上|之上|起)"
AFTER_LE = r"(?:及|或|\(含\))?(?:以下|以内|之内|之下)"

_N = numbers.NUMBER
_SIGN = r"(?:[+\-]|零下|负)"
_SIGNED = rf"{_SIGN}?\s?[φΦ]?{_N}"
_TO = r"\s?(?:~{1,3}|-{1,4}|至|到|(?:与|和)(?=[^，。]{1,12}之间))\s?"
HARDNESS = "HRC|HRB|HRA|HBW|HB|HV"
_VALUE = (
    rf"(?:±\s?(?P<spread>{_N})"
    rf"|\(\s?(?P<mid_in>{_SIGNED})\s?±\s?(?P<tolerance_in>{_N})\s?\)"
    rf"|\(\s?(?P<low_in>{_SIGNED})\s?[~\-]\s?(?P<high_in>{_SIGNED})\s?\)(?P<power>{numbers.COMMON_POWER})?"
    rf"|(?P<plus>\+\s?{_N})\s?/\s?(?P<minus>-\s?{_N})"
    rf"|(?P<part>\d+(?:\.\d+)?)\s?:\s?(?P<whole>\d+(?:\.\d+)?)(?![\d:])"
    rf"|(?P<mid>{_SIGNED})\s?(?P<unit_mid>{UNIT})?\s?±\s?(?P<tolerance>{_N})"
    rf"|(?P<low>{_SIGNED})\s?(?P<unit_low>{UNIT})?{_TO}(?P<high>{_SIGNED})"
    rf"|(?P<value>{_SIGNED}))"
)
_OPERATORS = "|".join(f"(?P<{operator.name}>{words})" for operator, words in BEFORE.items())
_PER = "分钟|小时|秒|天|日|周|月|年|吨|公斤|千克|克|升|亩|公顷|米|公里|平方米|立方米|件|个|台|片|只|株|头|次|批"
PER = re.compile(rf"每(?P<per>{_PER})\s?$")
_QUANTITY = re.compile(
    rf"(?P<before>(?:{_OPERATORS}|(?P<better>{_BETTER}))\s?(?:每(?P<per>{_PER})|(?P<base>[\u4e00-\u9fff]{{2,8}}的))?\s?)?"
    rf"(?:(?<=R[az])|(?<=[pP]H)|(?<![A-Za-z0-9_.\-/×^~±])(?<![A-Za-z]-))(?P<scale>(?<![A-Za-z])(?:{HARDNESS})\s?)?"
    rf"{_VALUE}\s?(?P<unit>{UNIT})?"
    rf"(?P<after>\s?(?:(?P<at_least>{AFTER_GE})|(?P<at_most>{AFTER_LE})|左右|上下))?",
)  # fmt: skip
_SCALED = re.compile(r"(?:百万|千万|万|亿)$")
_MONEY = re.compile(r"\s?(?:[百千]?万?亿?[元美欧]|块钱|人民币)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DIMENSION = re.compile(rf"\s?(?:{UNIT})?\s?[×xX*]\s?\d")
_GRADE = re.compile(r"(?:高|低|耐热|双相|马氏体)?(?:不锈钢|[\u4e00-\u9fff]?钢|合金|型|系列|牌号|材质)")
_AFTER_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z:)%²³]\s{0,2}$")
_AFTER_WORD = re.compile(r"[\u4e00-\u9fff:)]\s?$")
_SPANS = frozenset({"年", "个月", "小时", "天"})
_SHARE = frozenset({"%", "‰", "倍"})
_LONGEST_PLAIN = 6
"""Digits of a bare number that may still be a value: longer ones are numbers of telephones and accounts."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """`start` is where the comparator begins, `end` where 以上 or the unit ends.

    `limited`: a comparator, range or tolerance marks it as a requirement. `loose`: a plain count or a letter that may be
    a unit; only a telling name, or a sentence that sets the scene, makes it a quantity. `bare`: without a unit.
    """

    start: int
    end: int
    operator: Operator
    value: float
    value_to: float | None = None
    unit: str = ""
    limited: bool = False
    stated: bool = False  # a comparator or 以上 in words or signs
    better: bool = False
    loose: bool = False
    bare: bool = False
    ratio: bool = False
    needs_unit: bool = False  # a number with a word behind it (≥45　断裂伸长率): one only where the name tells its unit
    base: str = ""  # 母材 of 不低于母材的90%
    per: str = ""  # 分钟 of 每分钟120件


def quantities(text: str) -> Iterator[Quantity]:
    """In order, of a levelled text."""
    for match in _QUANTITY.finditer(text):
        if (quantity := _quantity(match, text)) is not None:
            yield quantity


def quantity_at(text: str, position: int, *, listed: bool = False) -> Quantity | None:
    """The one that begins right there; in a list (分别为10、20和30mm) a bare number is one too."""
    match = _QUANTITY.match(text, position)
    return None if match is None else _quantity(match, text, listed=listed)


def with_unit(quantity: Quantity, unit: str) -> Quantity:
    """The unit told elsewhere: in the name (厚度/mm), or at the end of a list."""
    return replace(quantity, unit=unit, bare=False, loose=False)


def _quantity(match: re.Match[str], text: str, *, listed: bool = False) -> Quantity | None:
    unit = (
        (match["unit_mid"] if match["unit"] == "%" else "")
        or match["unit"]
        or match["unit_low"]
        or match["unit_mid"]
        or (match["scale"] or "").strip()
        or ""
    ).strip()
    number = (match["value"] or "").strip()
    if unit and to_pint(unit) is None:
        return None
    end_of_value = match.end("unit") if match["unit"] else _end_of_number(match)
    if _MONEY.match(text, end_of_value) or _DIMENSION.match(text, _end_of_number(match)):
        return None
    stated = bool(match["before"] or match["at_least"] or match["at_most"])
    limited = bool(stated or match["after"] or _range_or_tolerance(match))
    if number and not listed and not _readable_number(number, unit, stated or bool(match["after"])):
        return None
    if unit.startswith("年") and _YEAR.fullmatch(number or (match["high"] or "").strip()):
        return None
    try:
        read = _values(match, unit)
    except (ValueError, OverflowError):
        return None
    if read is None:
        return None
    operator, value, value_to, said = read
    base = (match["base"] or "").removesuffix("的")
    unit = unit or said
    if base and unit not in _SHARE:
        return None
    bare = not unit
    if bare and not listed and not stated and not _AFTER_NAME.search(text, max(0, match.start() - 3), match.start()):
        return None
    needs_unit = False
    if bare and not listed and not match["part"] and not _bare_is_value(match, text, number):
        needs_unit = stated and text[match.end() - 1 : match.end() + 1].find(" ") >= 0
        if not needs_unit:
            return None
    if unit in LETTERS and not limited and _GRADE.match(text, match.end()):  # 304N不锈钢
        return None
    if (unit in {"月", "日"} and not stated) or (unit == "目" and value < 0):
        return None
    return Quantity(
        match.start(),
        match.end(),
        operator,
        value,
        value_to,
        unit,
        limited=limited,
        stated=stated or bool(match["spread"] or match["mid"] or match["mid_in"] or match["plus"]),
        better=bool(match["better"]),
        loose=not limited
        and (
            unit in COUNTS
            or (unit in _SPANS and numbers.is_chinese(number or "0"))
            or (unit in LETTERS and not _AFTER_WORD.search(text[: match.start()]))
        ),
        bare=bare,
        ratio=bool(match["part"]),
        needs_unit=needs_unit,
        base=base,
        per=match["per"] or "",
    )


def _range_or_tolerance(match: re.Match[str]) -> bool:
    return any(match[group] for group in ("spread", "mid", "mid_in", "low", "low_in", "plus"))


def _end_of_number(match: re.Match[str]) -> int:
    groups = ("spread", "tolerance", "tolerance_in", "high", "high_in", "power", "minus", "whole", "value")
    end = max(match.end(group) for group in groups)
    return end + 1 if match["mid_in"] or (match["low_in"] and not match["power"]) else end


def _readable_number(number: str, unit: str, limited: bool) -> bool:
    """Numerals in words are values only beside a unit and a comparator, or where they are shares (百分之, 九成)."""
    if not numbers.is_chinese(number):
        return True
    if number.startswith(("百分之", "千分之", "万分之")) or "成" in number:
        return True
    if not unit or unit in {"个", "级", "分", "种", "组", "层"}:
        return False
    return limited or unit in {"倍", *_SPANS} or (len(number) > 1 and any(char in number for char in "十百千万"))


def _bare_is_value(match: re.Match[str], text: str, number: str) -> bool:
    if len(re.sub(r"\D", "", match.group())) > 2 * _LONGEST_PLAIN or _YEAR.fullmatch(number):
        return False
    if number and numbers.is_chinese(number):
        return number.startswith(("百分之", "千分之", "万分之"))
    rest = text[match.end() : match.end() + 2].lstrip()
    return not rest[:1].isalpha() or rest.startswith(("之", "时", "且", "和"))


def _values(match: re.Match[str], unit: str) -> tuple[Operator, float, float | None, str] | None:
    """(operator, value, value_to, unit said by the number itself)."""
    if match["spread"]:
        value, said = numbers.read(match["spread"])
        return Operator.PLUS_MINUS, 0.0, value, said
    for mid, tolerance in (("mid", "tolerance"), ("mid_in", "tolerance_in")):
        if match[mid]:
            middle, said = signed(match[mid])
            if match["unit_mid"] and match["unit"] == "%" != match["unit_mid"].strip():  # 5V±5%
                return Operator.PLUS_MINUS, middle, abs(middle) * numbers.read(match[tolerance])[0] / 100, said
            return Operator.PLUS_MINUS, middle, numbers.read(match[tolerance])[0], said
    if match["plus"]:
        return Operator.RANGE, signed(match["minus"])[0], signed(match["plus"])[0], ""
    if match["part"]:
        whole = float(match["whole"])
        return (_operator(match), float(match["part"]) / whole, None, "") if whole else None
    for first, last in (("low", "high"), ("low_in", "high_in")):
        if match[first]:
            (low, _), (high, said) = signed(match[first]), signed(match[last])
            if match["power"]:
                factor = numbers.power(match["power"].strip())
                low, high = low * factor, high * factor
            if (
                (scale := _SCALED.search(match[last]))
                and not _SCALED.search(match[first])
                and low < high / scale_of(scale[0])
            ):
                low *= scale_of(scale[0])  # 5到6亿
            below = (match["unit_low"] or "").strip()
            if below and unit and below != unit:  # 20Hz～20kHz
                converted = convert(low, below, unit)
                if converted is None:
                    return None
                low = converted
            return (Operator.RANGE, low, high, said) if low < high else None
    value, said = signed(match["value"])
    return _operator(match), value, None, said


def _operator(match: re.Match[str]) -> Operator:
    if match["at_least"]:
        return Operator.GE
    if match["at_most"]:
        return Operator.LE
    return next((operator for operator in BEFORE if match[operator.name]), Operator.EQ)


def signed(text: str) -> tuple[float, str]:
    """As `numbers.read`, with a sign (-, 零下, 负) and after φ."""
    text = text.strip()
    value, unit = numbers.read(text.removeprefix("零下").lstrip("+-负 φΦ"))
    return (-value if text.startswith(("-", "零下", "负")) else value), unit
