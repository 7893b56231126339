"""Quantities that set the scene: 在-40℃下, 60℃搁置7天, 浸泡72小时后, 28d抗压强度. They are the condition of the next indicator."""

from __future__ import annotations

import re

from matcher.indicators.quantity import Quantity
from matcher.indicators.units import to_pint
from matcher.types import Operator

AFTER = re.compile(
    r"\s?(?:[\u4e00-\u9fff]{0,3}(?:条件|环境|工况|温度|情况|高温|低温|恒温|压力|幅宽|载荷|负载|负荷|荷载|电压|电流|转速|湿度|深度|气氛|真空|光照|功率|流量|厚度))?(?:条件)?(?:(?:的?工况下?|下|时|(?<!其)中|处)(?![降调行方料面游水间限效置理])|内(?![径孔壁腔层外阻应部])|(?:频段|波段)(?=不|[大小高低优]于|[<>≤≥]))"
)
_CHAIN = re.compile(r"、[^，,:；;]{1,24}?(?:(?:条件|环境|工况|情况)下|的工况)")
_LATER = re.compile(r"[\u4e00-\u9fff]{0,6}?后(?![面续期处端缀])")
_PROCESS = re.compile(
    r"(?:存储|储存|贮存|搁置|静置|放置|循环|浸泡|老化|保温|保压|煮沸|水煮|暴露|加热|煅烧|焙烧|充放电?|存放|保存|放电|充电|退火|淬火|冻融|水浴|发酵|反应|干燥|烘烤|烘干|照射|热处理|培养|水冷|压力下|条件下)$"
)
_BEHIND = re.compile(r"的?[\u4e00-\u9fff]{2}")
_DELIVERY = re.compile(r"\s*(?:在|预期|预计|计划|拟|将|合同|项目|力争|争取|于|$)")
_EACH = re.compile(r"每(?:掘进|行驶|运行|生产|加工|前进|使用|消耗)?$")
_WHILE = re.compile(r"[\u4e00-\u9fff]{1,6}?时(?![间长效])")
_SHARE_OF = re.compile(r"的(?:比例|占比|份额|概率|含量|颗粒|部分)")
_BREAK = re.compile(r"[，,:]")
_OPERATOR_NEXT = re.compile(r"\s?(?:[<>≤≥=±\d]|不|[大小高低多少]于|超过|达|为|优于|在|控制)")
_LONGEST_TAIL = 8
"""Characters after a scene's quantity up to the comma: 充放, 搁置, 水冷."""
_LEADING = re.compile(r"(?:\s|、|[(]?\d{1,2}[).、]|[).]|要求|需要?|希望|使|应|且|并|其)+")
_LEADS = ("在", "于", "经", "当", "用于")


class Pending:
    """Conditions read and not yet given to an indicator, as places in the sentence."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._held: list[tuple[int, int]] = []
        self._open: tuple[int, int] | None = None
        self._narrow = False
        self.end = 0

    def clear(self) -> None:
        self._held, self._open, self._narrow = [], None, False

    def hold(self, start: int, end: int) -> None:
        """A finished condition."""
        if (
            self._open
            and not _BREAK.search(self._text, self._open[1], start)
            and (not self._narrow or self._text[self._open[1] : start].strip() in {"", "、"})
        ):
            start = self._open[0]
        self._open, self._narrow = None, False
        if self._held and not _BREAK.search(self._text, self._held[-1][1], start):
            start = self._held.pop()[0]
        self._held.append((start, end))
        self.end = end

    def takes(self, quantity: Quantity, least: int) -> bool:
        """Whether words around `quantity` say that it is a condition (…下, …后, 保压…)."""
        text = self._text
        if quantity.stated and _SHARE_OF.match(text, quantity.end):  # 粒径小于10μm的比例
            self.hold(self._start(quantity.start, least), quantity.end)
            return True
        if not quantity.stated and (each := _EACH.search(text, max(least, quantity.start - 4), quantity.start)):
            self.hold(each.start(), quantity.end)  # 每100m不多于5根
            return True
        if quantity.stated and text[max(least, quantity.start - 2) : quantity.start].endswith(("对", "对于")):
            self.hold(quantity.start, quantity.end)
            return True
        if quantity.stated and quantity.operator is not Operator.RANGE:
            return False
        if chain := _CHAIN.match(text, quantity.end):
            self.hold(
                self._start(quantity.start, least), chain.end() + (1 if text.startswith("下", chain.end()) else 0)
            )
            return True
        moving = (
            _WHILE.match(text, quantity.end)
            if text[quantity.start - 1 : quantity.start] in {"在", "以", "当", "于"}
            else None
        )
        after = moving or AFTER.match(text, quantity.end) or _LATER.match(text, quantity.end)
        if after:
            if after.group().endswith("内") and quantity.unit in {"年", "个月", "月"}:
                begin = self._clause(quantity.start, least)
                if _DELIVERY.match(text[begin : quantity.start]):
                    self.end = after.end()
                else:
                    self.hold(quantity.start, after.end())  # 巷道一年内底鼓量
            else:
                self.hold(self._start(quantity.start, least), after.end())
            return True
        if not quantity.loose or quantity.unit in {"次", "周", "天", "年", "个月", "月"}:
            begin = self._clause(quantity.start, least)
            words = text[begin : quantity.start]
            if _PROCESS.search(words.rstrip()) and len(words) <= 24 and self._goes_on(quantity.end):
                if self._open and not _BREAK.search(text, self._open[1], quantity.start):
                    begin = self._open[0]
                elif self._held and not _BREAK.search(text, self._held[-1][1], quantity.start):
                    begin = self._held.pop()[0]
                self._open, self._narrow = (begin, quantity.end), False
                self.end = quantity.end
                return True
        return False

    def may_take(self, quantity: Quantity, least: int, label: str) -> None:
        """A quantity that is no indicator: a condition, where it stands first in its clause or right before a name."""
        if quantity.bare or _is_count(quantity):
            return
        if quantity.stated and (label or not _BEHIND.match(self._text, quantity.end)):
            return  # but: 0.1mm以上的划痕
        begin = self._clause(quantity.start, least)
        first = not self._text[begin : quantity.start].strip(" :①②③④⑤()0123456789、在于经当")
        if self._open and not _BREAK.search(self._text, self._open[1], quantity.start):
            self._open = (self._open[0], quantity.end)
            return
        self._finish(quantity.start)
        if first:
            begin += mark.end() if (mark := _LEADING.match(self._text[begin : quantity.start])) else 0
        else:
            lead = self._text[quantity.start - 1 : quantity.start]
            begin = quantity.start - (1 if lead in {"经", "在", "于"} else 0)
        self._open, self._narrow = (begin, quantity.end), not first

    def first(self, position: int) -> int | None:
        """Where a condition begins that ends right at `position`."""
        return self._held[0][0] if self._held and self.end == position else None

    def spans(self, name_start: int) -> list[tuple[int, int]]:
        """The conditions of an indicator whose name begins at `name_start`."""
        self._finish(name_start)
        return list(self._held)

    def _finish(self, position: int) -> None:
        if self._open is None:
            return
        start, end = self._open
        stop = _BREAK.search(self._text, end, max(end, position))
        if stop is not None:
            if self._narrow or stop.start() - end > _LONGEST_TAIL:
                self._open = None
                return
            end = stop.start()
        self._held.append((start, end))
        self._open, self._narrow = None, False

    def _start(self, quantity: int, least: int) -> int:
        """A condition begins with 在 or 于, else at the clause's start."""
        head = self._text[least:quantity]
        cut = max(head.rfind(mark) for mark in "，,:(;")
        lead = -1
        for word in _LEADS:
            lead = max(lead, head.rfind(word, max(cut, 0)))
        if lead > cut:
            return least + lead - (1 if head[lead - 1 : lead + 1] == "用于" else 0)
        start = cut + 1
        if leading := _LEADING.match(head[start:]):
            start += leading.end()
        return least + start

    def _clause(self, quantity: int, least: int) -> int:
        head = self._text[least:quantity]
        return least + max(head.rfind(mark) for mark in "，,:(;") + 1

    def _goes_on(self, end: int) -> bool:
        """Whether another quantity follows in the sentence, for which this one can set the scene."""
        return bool(re.search(r"[\d百]", self._text[end:]))


def _is_count(quantity: Quantity) -> bool:
    unit = to_pint(quantity.unit)
    return (
        unit is None
        or (quantity.loose and "[pieces]" in unit.dimensionality)
        or quantity.unit in {"月", "日", "级", "年"}
    )


def in_bracket(text: str, quantity: Quantity, least: int) -> bool:
    """Within a bracket, without a comparator or with the name going on behind the bracket."""
    opening = text.rfind("(", 0, quantity.start + 1)
    if opening < 0 or text.rfind(")", 0, quantity.start) > opening or text[quantity.start] == "(":
        return False
    if quantity.stated and re.search(r"[\u4e00-\u9fff]{2}", text[opening + 1 : quantity.start]):
        return False  # (流速差≤5%，温差≤3℃)
    close = text.find(")", quantity.start)
    if close < 0 or quantity.end > close:
        return False
    return not quantity.stated or bool(_OPERATOR_NEXT.match(text, close + 1))
