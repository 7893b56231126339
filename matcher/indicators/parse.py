"""Indicators read out of prose: name, comparator, value or range, unit, condition, and the words they were read from.

A quantity is a number with a unit, or a number after a comparator. Years, money, and what a listing says of its firm
(注册资金, 成立于2011年) are no indicators. A quantity that only sets the scene (在-40℃下, 60℃搁置7天, （25℃）) is the condition of
the indicator beside it; so are 目前 and what a change is measured against (较进口刀具).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from matcher.indicators import lists, scene
from matcher.indicators.names import CHANGES, PRESENT, Name, counts, is_measure, is_note, is_number, name_before
from matcher.indicators.noise import is_noise
from matcher.indicators.normal import level
from matcher.indicators.quantity import AFTER_GE, AFTER_LE, BEFORE, HARDNESS, Quantity, quantities, with_unit
from matcher.indicators.units import UNIT, convert
from matcher.types import Indicator, Operator

LONGEST_TEXT = 50_000
LONGEST_CLAUSE = 300
LONGEST_LOOK = 120
"""Characters before a quantity among which its name is looked for."""
LONGEST_LOOSE_NAME = 10
"""Characters of a name that does not end as names of measured things do: longer ones are sentences."""

_SMALLER_IS_BETTER = re.compile(
    r"误差|精度(?!率)|分辨率|偏差|粗糙|损耗|能耗|(?<!信)噪|残留|缺陷|不良|公差|变形|时间|延迟|漂移|漏|气密|失重|磨损|排放|圆度|圆柱度|[平直轮波同真垂][面线廓纹轴空直行]度|平行度|极限真空|跳动|波动|杂质|均匀性|稳定[性度]|重复性|非线性"
)
_SPANS = frozenset({"年", "个月", "月", "天", "周"})
_ELEMENTS = frozenset("铅镉汞砷铬镍铜锌铁铝硅碳硫磷氮氧氢氯氟钠钾钙镁锰钴钛锡钒钼钨")
_FINE = frozenset({"mm", "μm", "微米", "毫米", "nm", "ppm", "ppb", "mg/L", "μg/L"})
_RATE = re.compile(r"精度|均匀|稳定|重复|分辨率")
_CLAUSE = re.compile(r"[^。；;！!？?\r\n]+")
_HAS_NUMBER = re.compile(r"[\d一二两三四五六七八九十百千⁰¹²³]")
_PARENTHESIS = re.compile(r"\s?\(\s?([^()]{2,40})\)")
_FROM = re.compile(r"(?:由|从|自)\s?(?:原来的?|原有的?|目前的?|现有的?|现在的?|当前的?|原|约|大约)?\s?(?:Ra|φ)?$")
_FROM_LOOSE = re.compile(r"(?:由|从)[^，,、。:\d]{0,8}$")
_CHANGE = re.compile(
    r"\s?(?:左右|以上|以下)?\s?(?:改善|[提升降减增延缩扩变做加拉下上][\u4e00-\u9fff]{0,2}?)?(?:到|至|为|成)"
)
PRESENT_STATE = re.compile(rf"(?<![由从比较与同于])(?:{PRESENT})(?!(?:的|工作|研究|研发)*基础)")
_TARGET = re.compile(
    r"希望|要求|需(?!求)|应(?!用)|拟|期望|计划|力争|目标|提高到|提升[到至]|降[到至低]|新|预期|后(?=[\u4e00-\u9fff])|改为"
)
_BETWEEN = re.compile(
    rf"(?P<low>\d+(?:\.\d+)?)\s?(?P<unit_low>{UNIT})?\s?[<≤]\s?(?P<name>[\u4e00-\u9fffA-Za-z]{{1,12}})\s?[<≤]\s?(?P<high>\d+(?:\.\d+)?)\s?(?P<unit>{UNIT})?"
)
_HEADING = re.compile(r"^\s?(?:名称|项目|检测项目|参数|指标名称|指标)\s?:\s?(?P<name>[^，,:]{2,18})$")
_EMPTY_NAMES = frozenset({"指标", "数值", "要求", "参数值", "指标值", "目标值", "标准值", "技术要求", "值", "数据"})
_RELATIVE = re.compile(r"(?P<verb>达到|达|到|至|为|是)(?P<base>[\u4e00-\u9fff]{2,8})的\s?$")
_TO_VALUE = re.compile(r"(?:提高|提升|增加|延长|扩大|降低|下降|减少|缩短|达|做|降)[到至]\s?(?:约|R[az])?$")
_ONLY_CHANGE = re.compile(rf"(?:{CHANGES}|降)[到至](?:R[az])?")
_WORDS = re.compile(r"[\u4e00-\u9fff]{2,}(?:度|率|量|力|压|强|值|比)(?:提高|达)")
_SHARES = frozenset({"%", "‰", "倍"})
_SHORT_CHANGES = frozenset("低高多少大小轻快长短")
_THAN = re.compile(
    r"^(?P<name>.{2,}?)(?P<word>达到|不低于|不小于|不少于|大于|高于|超过|不超过|不高于|不大于|小于|低于)(?P<than>[\u4e00-\u9fff]{0,8})$"
)
_BEHIND = re.compile(r"\s?的(?P<name>[\u4e00-\u9fff]{2,6})(?![^，,。；;]{0,16}[<>≤≥\d±]|下|中|时)")
_TRIAL = re.compile(r"\s?的?(?P<name>[\u4e00-\u9fff]{2,6}(?:试验|测试))(?=无|不|合格|通过|[，,]|$)")
_AT = re.compile(rf"\s?@\s?([\d.]+\s?{UNIT})")
_AFTER = re.compile(rf"\s?(?:(?P<at_least>{AFTER_GE})|(?P<at_most>{AFTER_LE}))")
_JOINT = re.compile(r"\s?(?:,|，|、|且|而|并且|和|并)?\s?")


def parse(text: str) -> list[Indicator]:
    """Indicators of a text in order of appearance; each `source` is a substring of `text`."""
    text = text[:LONGEST_TEXT]
    same_length = level(text)
    found: list[Indicator] = []
    heading = ""
    for sentence in _CLAUSE.finditer(same_length):
        for start in range(sentence.start(), sentence.end(), LONGEST_CLAUSE):
            end = min(sentence.end(), start + LONGEST_CLAUSE)
            if _HAS_NUMBER.search(same_length, start, end):
                found.extend(_Sentence(text[start:end], same_length[start:end], heading).indicators())
        title = _HEADING.match(sentence.group())
        heading = title["name"].strip() if title else ""
    return found


class _Sentence:
    """One pass over a sentence's quantities. `done`: what is accounted for, `given`: as indicators; `pending`: conditions that wait for their indicator."""

    def __init__(self, original: str, text: str, heading: str) -> None:
        self.original, self.text, self.heading = original, text, heading
        self.done = self.given = 0
        self.pending = scene.Pending(text)
        self.present: tuple[int, int] | None = None
        self.name, self.name_start = "", 0
        """Kept from a value that was left behind (由3%降至0.5%)."""
        self.last_name = ""

    def indicators(self) -> Iterator[Indicator]:
        last: tuple[Quantity, Indicator] | None = None
        for quantity in quantities(self.text):
            if quantity.start < self.done:
                continue
            if (between := _BETWEEN.search(self.text, max(self.done, quantity.start - 1), quantity.end + 60)) and (
                between.start() <= quantity.start + 1
            ):
                if indicator := self._between(between):
                    yield indicator
                continue
            if last and (both := self._both_limits(last, quantity)):
                yield both
                last = None
                continue
            if last:
                yield last[1]
                last = None
            if shared := lists.shared_out(self.text, self.given, quantity):
                yield from self._shares(shared)
                continue
            indicator = self._indicator(quantity)
            if indicator is not None:
                last = (quantity, indicator)
        if last:
            yield last[1]

    def _indicator(self, quantity: Quantity) -> Indicator | None:
        """What `quantity` says, or None: then it was noise, a condition, or the first of two values."""
        text = self.text
        if (
            (trial := _TRIAL.match(text, quantity.end))
            and not quantity.stated
            and not text[self.done : quantity.start].strip(" ，,、:")
        ):
            return self._trial(quantity, trial)
        if self.pending.takes(quantity, self.done):
            self._look_at_time(text[self.done : quantity.start], self.done)
            self.done = self.pending.end
            return None
        if scene.in_bracket(text, quantity, self.done):
            return None  # a note: read with the indicator it belongs to
        least = max(self.done, quantity.start - LONGEST_LOOK)
        before = text[least : quantity.start]
        self._look_at_time(before, least)
        changes = bool(_CHANGE.match(text, quantity.end))
        origin = _FROM.search(before) or (_FROM_LOOSE.search(before) if changes else None)
        relative = _RELATIVE.search(before) if quantity.unit in _SHARES else None
        head = before[: origin.start() if origin else relative.end("verb") if relative else len(before)]
        name = name_before(head, limited=quantity.stated or origin is not None)
        if name is None:
            return None
        if origin and changes:
            # “由1650℃降至1450℃”: the first value is what is left behind; the name goes on to the second.
            self.name, self.name_start, self.done = name.text, least + name.start, quantity.end
            return None
        gap = before.strip(" ，,:")
        label, start = self._label(quantity, name, before, least)
        notes = [(least + a, least + b) for a, b in name.notes]
        if than := _THAN.match(label):  # 产量高于对照30%以上
            label = than["name"]
            if quantity.unit in _SHARES and than["than"]:
                notes.append((start + than.start("than"), start + than.end("than")))
                word = next((o for o, words in BEFORE.items() if re.fullmatch(words, than["word"])), quantity.operator)
                if quantity.operator is Operator.EQ:
                    quantity = replace(quantity, operator=word)
        self.name = ""
        if quantity.unit == "" and name.unit:
            quantity = with_unit(quantity, name.unit)
        if not (name.changed and (not quantity.loose or quantity.unit in {"天", "年", "周"})) and not self._is_one(
            quantity, label, gap, name.per
        ):
            if not self._noise(start, quantity, label):
                self.pending.may_take(quantity, self.done, label)
            if not quantity.bare or quantity.stated:
                self.done = quantity.end
            return None
        if self._noise(start, quantity, label):
            self.pending.clear()
            self.done = quantity.end
            return None
        if relative:
            notes.append((least + relative.start("base"), least + relative.end("base")))
        return self._made(quantity, label, start, notes, name)

    def _label(self, quantity: Quantity, name: Name, before: str, least: int) -> tuple[str, int]:
        """The name and where its words begin: as found before the quantity, else behind it, else what the sentence told."""
        label, start = name.text, least + name.start
        if label in _SHORT_CHANGES and self.last_name:
            label = self.last_name + label
        elif (
            not is_measure(label)
            and quantity.unit not in _SPANS
            and (behind := _BEHIND.match(self.text, quantity.end))
            and (after := _measure_in(behind["name"]))
        ):
            label, start = after, quantity.start  # 150Pa的压强
        if label in _EMPTY_NAMES and self.heading:
            label = self.heading
        if label and not _ONLY_CHANGE.fullmatch(label) and not (label.endswith("后") and _TO_VALUE.search(before)):
            return label, start
        if self.name and _CHANGE.match(self.text, self.done):
            return self.name, self.name_start
        if scened := self._before_scene():
            return scened
        if self.last_name:
            if self.pending.first(self.done) is not None and quantity.stated and not before.strip(" ，,:"):
                return self.last_name, quantity.start  # 室温下大于200MPa，600℃时大于80MPa
            if _TO_VALUE.search(before) and not _WORDS.search(before):
                return self.last_name, least + len(before) - len(before.lstrip(" ，,、"))
        if self.heading and before.strip(" :") in _EMPTY_NAMES | {""}:
            return self.heading, quantity.start
        return "", quantity.start

    def _before_scene(self) -> tuple[str, int] | None:
        """转化率在200℃时达到92%: the name stands before the condition."""
        held = self.pending.first(self.done)
        if held is None or held <= self.given:
            return None
        name = name_before(self.text[self.given : held], limited=False)
        return (name.text, self.given + name.start) if name and name.text and is_measure(name.text) else None

    def _made(
        self, quantity: Quantity, label: str, start: int, notes: list[tuple[int, int]], name: Name | None
    ) -> Indicator:
        conditions = [*self.pending.spans(start), *sorted(notes)]
        if self.present:
            conditions.insert(0, self.present)
            if self.present[0] >= self.done:
                start = min(start, self.present[0])
        end = quantity.end
        operator = _operator(quantity, label)
        if quantity.base:
            place = self.text.find(quantity.base, quantity.start)
            conditions.append((place, place + len(quantity.base)))
        if at := _AT.match(self.text, end):  # 0.6A/W@900nm
            conditions.append(at.span(1))
            end = at.end()
        if note := _PARENTHESIS.match(self.text, end):
            if is_note(note[1]):
                conditions.append(note.span(1))
            end = note.end()
            if operator is Operator.EQ and (after := _AFTER.match(self.text, end)):  # 300kN(锚固长度1.0m)以上
                operator = Operator.GE if after["at_least"] else Operator.LE
                end = after.end()
        self.done = self.given = end
        self.last_name = label
        per = quantity.per or (name.per if name else "")
        unit = f"{quantity.unit}/{per}" if per and quantity.unit else quantity.unit
        said = dict.fromkeys(self.original[a:b].strip() for a, b in conditions)
        self.pending.clear()
        return Indicator(
            label, operator, quantity.value, quantity.value_to, unit, "；".join(said),
            self.original[start:end].strip(),
        )  # fmt: skip

    def _trial(self, quantity: Quantity, trial: re.Match[str]) -> Indicator:
        """三百小时盐雾试验无锈蚀: the name comes behind."""
        self.done = self.given = trial.end("name")
        source = self.original[quantity.start : self.done]
        return Indicator(trial["name"], quantity.operator, quantity.value, quantity.value_to, quantity.unit, "", source)

    def _shares(self, shared: lists.Shared) -> Iterator[Indicator]:
        self._look_at_time(self.text[self.done : shared.start], self.done)
        spans = [] if shared.shares[0].condition else self.pending.spans(shared.start)
        for share in shared.shares:
            if self._noise(shared.start, share.quantity, share.name) or (
                share.quantity.bare and not share.quantity.stated
            ):
                continue
            notes = [*spans, share.condition] if share.condition else [*spans]
            yield Indicator(
                share.name,
                _operator(share.quantity, share.name),
                share.quantity.value,
                share.quantity.value_to,
                share.quantity.unit,
                "；".join(self.original[a:b].strip() for a, b in notes),
                self.original[shared.start : share.quantity.end].strip(),
            )
        self.pending.clear()
        self.done = self.given = shared.end

    def _between(self, match: re.Match[str]) -> Indicator | None:
        """0.3<孔隙率<0.5; followed by 时 it is the next one's condition."""
        if scene.AFTER.match(self.text, match.end()):
            self.pending.hold(match.start(), match.end() + 1)
            self.done = self.pending.end
            return None
        self.done = match.end()
        unit, below = (match["unit"] or "").strip(), (match["unit_low"] or "").strip()
        unit = unit or below
        low, high = float(match["low"]), float(match["high"])
        converted = convert(low, below, unit) if below and below != unit else low
        if converted is None or converted >= high:
            return None
        label = match["name"]
        if re.fullmatch(HARDNESS, label) and (named := name_before(self.text[: match.start()])):  # 硬度180≤HB<240
            label, unit = named.text, label
        return Indicator(
            label, Operator.RANGE, converted, high, unit, "", self.original[match.start() : match.end()].strip()
        )

    def _both_limits(self, last: tuple[Quantity, Indicator], quantity: Quantity) -> Indicator | None:
        """大于10μm小于25μm: one range."""
        first, indicator = last
        lower, upper = (Operator.GE, Operator.GT), (Operator.LE, Operator.LT)
        if (
            first.operator not in lower
            or quantity.operator not in upper
            or not _JOINT.fullmatch(self.text, self.done, quantity.start)
        ):
            return None
        low = convert(first.value, first.unit, quantity.unit) if quantity.unit else first.value
        if low is None or low >= quantity.value:
            return None
        begin = self.original.rfind(indicator.source, 0, quantity.start)
        self.done = quantity.end
        return Indicator(
            indicator.name, Operator.RANGE, low, quantity.value, quantity.unit, indicator.condition,
            self.original[begin : quantity.end].strip(),
        )  # fmt: skip

    def _is_one(self, quantity: Quantity, label: str, gap: str, per: str) -> bool:
        if quantity.ratio:
            return label.endswith(("比", "比例", "比值"))
        if not label:
            return quantity.stated and bool(quantity.unit) and not gap and quantity.end >= len(self.text.rstrip(" ，,"))
        if len(label) == 1 and not label.isascii() and not (label in _ELEMENTS and quantity.stated and quantity.unit):
            return False
        if quantity.bare:
            if quantity.needs_unit:
                return False
            if not quantity.stated and not is_number(label):
                return quantity.operator is Operator.RANGE and is_measure(label)
            return is_measure(label) or len(label) <= LONGEST_LOOSE_NAME
        if per:
            return True
        if quantity.loose:
            return counts(label)
        return is_measure(label) or (quantity.limited and len(label) <= LONGEST_LOOSE_NAME)

    def _noise(self, start: int, quantity: Quantity, label: str) -> bool:
        begin = max(self.done, self.text.rfind("，", 0, start) + 1, self.text.rfind(",", 0, start) + 1)
        return is_noise(self.text[begin : quantity.end + 2], self.text[:start], label, quantity.unit)

    def _look_at_time(self, before: str, least: int) -> None:
        """目前 holds until the sentence speaks of what is wanted."""
        present = max(PRESENT_STATE.finditer(before), key=lambda match: match.start(), default=None)
        if _TARGET.search(before, present.end() if present else 0):
            self.present = None
        elif present:
            self.present = (least + present.start(), least + present.end())


def _measure_in(words: str) -> str:
    """The longest beginning that names a measured thing."""
    return next((words[:end] for end in range(len(words), 1, -1) if is_measure(words[:end])), "")


def _operator(quantity: Quantity, label: str) -> Operator:
    if not quantity.better:
        return quantity.operator
    smaller = bool(_SMALLER_IS_BETTER.search(label)) or (
        "灵敏" in label and (quantity.value < 0 or quantity.unit in _FINE)
    )
    if quantity.unit == "%" and quantity.value > 50 and _RATE.search(label):
        return Operator.GE  # 识别精度优于95%
    return Operator.LE if smaller else Operator.GE
