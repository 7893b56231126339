"""Indicators read out of prose: name, comparator, value or range, unit, condition, and the words they were read from.

A quantity is a number with a unit, or a number after a comparator. Years, money, and what a listing says of its firm
(注册资金, 成立于2011年) are no indicators. A quantity that only sets the scene (在-40℃下, （25℃）) is the condition of the
indicator beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcher.indicators import numbers
from matcher.indicators.names import is_measure, name_before
from matcher.indicators.normal import level
from matcher.indicators.units import COUNTS, LETTERS, UNIT, convert, to_pint
from matcher.types import Indicator, Operator

LONGEST_TEXT = 50_000
LONGEST_CLAUSE = 300
LONGEST_LOOSE_NAME = 10
"""Characters of a name that does not end as names of measured things do: longer ones are sentences."""

_BEFORE = {
    Operator.GE: "≥|>=|不低于|不得低于|不应低于|不小于|不得小于|不应小于|不少于|不得少于|大于等于|大于或等于|高于等于|至少|最少|最低|不短于|不亚于|不弱于",
    Operator.LE: "≤|<=|不高于|不得高于|不应高于|不大于|不得大于|不应大于|不超过|不得超过|不应超过|不多于|不长于|小于等于|小于或等于|低于等于|至多|最多|最高不超过|控制在(?=[^，。；,;]{0,16}?(?:以内|之内|以下))",
    Operator.GT: ">|大于|高于|超过|多于|长于|超",
    Operator.LT: "<|小于|低于|少于|短于|不到",
    Operator.EQ: "=",
}
_BETTER = "优于|好于"
"""Smaller or larger, as the name says."""
_PLAIN = "达到了|达到|可达到|可达|达|提升至|提高至|提高到|提升到|降低至|降低到|降至|降到|提高了|提升了|降低了|减少了|提高|提升|增加|降低|减少|缩短|为|是|约为|约|大约|在|:|至|到|最高可达|最高|最大|最小|控制在"
_AFTER_GE = "(?:及|或|（含）|\\(含\\))?(?:以上|之上|起)"
_AFTER_LE = "(?:及|或|（含）|\\(含\\))?(?:以下|以内|之内|之下)"
_SMALLER_IS_BETTER = re.compile(
    r"误差|精度(?!率)|分辨率|偏差|粗糙|损耗|能耗|噪|残留|缺陷|不良|公差|变形|时间|延迟|漂移|泄漏|失重|磨损|排放|平面度|圆度|同轴|跳动|波动|杂质"
)

_N = numbers.NUMBER
_SIGNED = rf"(?:[+\-]|零下|负)?\s?{_N}"
_TO = r"\s?(?:~|-|至|到|—)\s?"
_VALUE = (
    rf"(?:±\s?(?P<spread>{_N})"
    rf"|(?P<mid>{_SIGNED})\s?(?P<unit_mid>{UNIT})?\s?±\s?(?P<tolerance>{_N})"
    rf"|(?P<low>{_SIGNED})\s?(?P<unit_low>{UNIT})?{_TO}(?P<high>{_SIGNED})"
    rf"|(?P<value>{_SIGNED}))"
)
_OPERATORS = "|".join(f"(?P<{operator.name}>{words})" for operator, words in _BEFORE.items())
_QUANTITY = re.compile(
    rf"(?P<before>(?:{_OPERATORS}|(?P<better>{_BETTER}))\s?)?(?:(?<=R[az])|(?<=[pP]H)|(?<![A-Za-z0-9_.\-/×^~±])(?<![A-Za-z]-)){_VALUE}\s?(?P<unit>{UNIT})?"
    rf"(?P<after>\s?(?:(?P<at_least>{_AFTER_GE})|(?P<at_most>{_AFTER_LE})|左右|上下))?",
)  # fmt: skip
_CLAUSE = re.compile(r"[^。；;！!？?\r\n]+")
_MONEY = re.compile(r"\s?(?:元|万元|亿元|美元|块钱|人民币)")
_SCENE = re.compile(r"\s?(?:条件|环境|工况|温度|情况|高温|低温|恒温)?(?:条件)?(?:下|时|中)(?![降调行方料面游水间限])")
_PARENTHESIS = re.compile(r"\s?[（(]\s?([^（）()]{2,40})[）)]")
_FROM = re.compile(r"(?:由|从|自)\s?(?:原来的?|原有的?|目前的?|现有的?|现在的?|原|约|大约)?\s?$")
_CHANGE = re.compile(
    r"\s?(?:左右|以上|以下)?\s?(?:提高|提升|增加|增大|延长|扩大|改善|降低|下降|减少|减小|缩短|降|升|增|减|变)?(?:到|至|为|成)"
)
_THAN = re.compile(
    r"^(?P<name>.+?)(?P<words>不低于|不小于|不少于|大于|高于|超过|不超过|不高于|不大于|小于|低于)(?P<than>[\u4e00-\u9fff]{1,8})$"
)
_AFTER_WORD = re.compile(r"[\u4e00-\u9fff:)）]\s?$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ORGANISATION = re.compile(
    r"注册资[金本]|占地|厂房|员工|职工|人员|销售|产值|利润|营业|营收|税|投资|投入|资产|成立|年产|产能|市场|专利|企业|公司现有|博士|研发中心|经费|预算|合作期|(?:项目|研发|实施|建设)周期|工期"
)


def parse(text: str) -> list[Indicator]:
    """Indicators of a text in order of appearance; each `source` is a substring of `text`."""
    text = text[:LONGEST_TEXT]
    same_length = level(text)
    found: list[Indicator] = []
    for sentence in _CLAUSE.finditer(same_length):
        for start in range(sentence.start(), sentence.end(), LONGEST_CLAUSE):
            end = min(sentence.end(), start + LONGEST_CLAUSE)
            found.extend(_sentence(text[start:end], same_length[start:end]))
    return found


def _sentence(original: str, text: str) -> Iterator[Indicator]:
    scene = ""
    previous_end = 0
    name, name_start = "", 0
    for match in _QUANTITY.finditer(text):
        if not _is_quantity(match, text):
            continue
        if (scene_found := _SCENE.match(text, match.end())) and not match["before"]:
            scene = original[_scene_start(text, match.start(), previous_end) : scene_found.end()].strip()
            previous_end = scene_found.end()
            continue
        if _in_parenthesis(text, match.start()) and not match["before"]:
            continue  # the condition of the indicator before it, taken there
        before = text[previous_end : match.start()]
        origin = _FROM.search(before)
        head = name_before(before[: origin.start()] if origin else before, limited=bool(match["before"]))
        if head is None:
            continue
        name_text, offset = head
        if origin and _CHANGE.match(text, match.end()):
            # “由1650℃降至1450℃”: the first value is what is left behind; the name goes on to the second.
            name, name_start = name_text, previous_end + offset
            previous_end = match.end()
            continue
        if name_text:
            name, name_start = name_text, previous_end + offset
        elif not (name and _CHANGE.match(text, previous_end)):
            name, name_start = "", match.start()
        indicator = _indicator(match, name)
        limited = match["before"] or match["after"] or match["spread"] or match["mid"] or _THAN.match(name)
        if name and not is_measure(name) and not (limited and len(name) <= LONGEST_LOOSE_NAME):
            indicator = None
        if indicator is None or _ORGANISATION.search(text[min(previous_end, name_start) : match.end()]):
            previous_end, name = match.end(), ""
            continue
        start = name_start
        condition = scene
        end = match.end()
        if note := _PARENTHESIS.match(text, end):
            condition = "；".join(filter(None, (condition, original[note.start(1) : note.end(1)])))
            end = note.end()
        yield Indicator(
            indicator.name, indicator.operator, indicator.value, indicator.value_to, indicator.unit, condition,
            original[start:end].strip(),
        )  # fmt: skip
        scene, name = "", ""
        previous_end = end


def _is_quantity(match: re.Match[str], text: str) -> bool:
    unit, before = match["unit"], match["before"]
    number = match["value"]
    if number and numbers.is_chinese(number.strip()):
        percent = number.strip().startswith(("百分之", "千分之"))
        if not percent and (unit is None or not (before or match["after"]) or unit in {"个", "级", "分", "种"}):
            return False
    if _MONEY.match(text, match.end("unit") if unit else _end_of_number(match)):
        return False
    if unit is None:
        if number and numbers.is_chinese(number.strip()):
            return number.strip().startswith(("百分之", "千分之"))
        rest = text[match.end() :].lstrip()
        return bool(before or match["mid"]) and not rest[:1].isalpha() and not _YEAR.fullmatch((number or "").strip())
    if unit.startswith("年") and (
        _YEAR.fullmatch((number or match["high"] or "").strip()) or not (before or match["after"] or match["low"])
    ):
        return False
    if unit in {"月", "日", "周"} or re.match(r"\s?/\s?\d", text[match.end("unit") :]):  # 20g/100g
        return False
    limited = bool(before or match["after"] or match["low"] or match["spread"] or match["mid"])
    if limited:
        return True
    if unit in COUNTS:
        return unit == "次" and _signed(number or "0")[0] >= 100
    return unit not in LETTERS or bool(_AFTER_WORD.search(text[: match.start()]))


def _end_of_number(match: re.Match[str]) -> int:
    return max(match.end(group) for group in ("spread", "tolerance", "high", "value"))


def _indicator(match: re.Match[str], name: str) -> Indicator | None:
    unit = (match["unit"] or match["unit_low"] or match["unit_mid"] or "").strip()
    if unit and to_pint(unit) is None:
        return None
    operator = _operator(match, name, unit)
    if than := _THAN.match(name):  # “强度不低于母材的90%”
        name = than["name"]
        operator = next(o for o, words in _BEFORE.items() if re.fullmatch(words, than["words"]))
    try:
        if match["spread"]:
            return Indicator(name, Operator.PLUS_MINUS, 0.0, numbers.read(match["spread"])[0], unit)
        if match["mid"]:
            return Indicator(
                name, Operator.PLUS_MINUS, _signed(match["mid"])[0], numbers.read(match["tolerance"])[0], unit
            )
        if match["low"]:
            low, high = _signed(match["low"])[0], _signed(match["high"])[0]
            if match["unit_low"] and match["unit_low"].strip() != unit:  # 20Hz～20kHz
                converted = convert(low, match["unit_low"], unit)
                if converted is None:
                    return None
                low = converted
            return Indicator(name, Operator.RANGE, low, high, unit) if low < high else None
        value, said = _signed(match["value"])
    except (ValueError, OverflowError):
        return None
    return Indicator(name, operator, value, None, unit or said)


def _operator(match: re.Match[str], name: str, unit: str) -> Operator:
    if match["better"]:
        smaller = _SMALLER_IS_BETTER.search(name) and not (unit == "%" and "精度" in name)
        return Operator.LE if smaller else Operator.GE
    if match["at_least"]:
        return Operator.GE
    if match["at_most"]:
        return Operator.LE
    return next((operator for operator in _BEFORE if match[operator.name]), Operator.EQ)


def _signed(text: str) -> tuple[float, str]:
    text = text.strip()
    value, unit = numbers.read(text.removeprefix("零下").lstrip("+-负"))
    return (-value if text.startswith(("-", "零下", "负")) else value), unit


def _scene_start(text: str, quantity: int, least: int) -> int:
    """A condition begins with 在 or 于, else at the clause's start."""
    head = text[least:quantity]
    cut = max(head.rfind(mark) for mark in "，,、:(（")
    for word in ("在", "于", "经"):
        cut = max(cut, head.rfind(word, max(cut, 0)) - 1)
    return least + cut + 1


def _in_parenthesis(text: str, position: int) -> bool:
    head = text[:position]
    return max(head.rfind("("), head.rfind("（")) > max(head.rfind(")"), head.rfind("）"))
