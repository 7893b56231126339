"""Lists that share out values: 抗拉、屈服强度分别≥600、400 MPa; 圆度和球度均大于0.9; 在-20℃和60℃下容量保持率分别不低于75%和92%."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matcher.indicators.names import is_measure, name_before
from matcher.indicators.quantity import Quantity, quantity_at, with_unit
from matcher.types import Operator

MOST = 8
_SHARED = re.compile(r"(?P<how>分别|依次|均|都|皆)[^，,。；;、\d]{0,8}$")
_AND = re.compile(r"\s?(?:、|，|,|和|与|及|以及|/)\s?")
_SPLIT = re.compile(r"、|以及|和|与|及|(?<=[\u4e00-\u9fff])/(?=[\u4e00-\u9fff])")
_CLAUSE_END = re.compile(r"[，,。；;:]")
_FRAME = re.compile(r"^(?:在|于|经)|(?:条件)?(?:下|时)的?(?=[\u4e00-\u9fff]|$)")
_OPPOSITES = (
    "纵横",
    "径轴",
    "上下",
    "内外",
    "长宽高厚深",
    "前后",
    "左右",
    "高低",
    "正负",
    "干湿",
    "经纬",
    "冷热",
    "初终",
)
_PAIR = re.compile(r"(?P<both>纵横|经纬|径轴|横纵)向")
_HEADS = re.compile(
    r"(?:(?:去除|脱除|浸出|回收|利用|转化|保留|保持|合格|识别|检出|膨胀|收缩|透过|吸收|提取)率|[\u4e00-\u9fff]{0,2}强度|硬度|精度|浓度|含量|温度|压力|误差|偏差|速度|效率|模量|寿命|尺寸"
    r"|行程|厚度|直径|功率|成本|产量|用量|消耗|率|度|量)$"
)


@dataclass(frozen=True, slots=True)
class Share:
    """One value of a list with its name and, where the list is of conditions, its condition's place."""

    name: str
    quantity: Quantity
    condition: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    start: int
    end: int
    shares: tuple[Share, ...]


def shared_out(text: str, least: int, first: Quantity) -> Shared | None:
    """The list whose first value is `first`, in the levelled `text` from `least` on; None where there is none or it does not
    come out even."""
    how = _SHARED.search(text, max(least, first.start - 12), first.start)
    if how is None:
        return None
    heads = [end.end() for end in _CLAUSE_END.finditer(text, least, how.start())]
    start = heads[-1] if heads else least
    places = _pieces(text, start, how.start())
    if len(places) == 1 and (pair := _PAIR.search(text, *places[0])):  # 经纬向强度分别为
        return _both_ways(text, start, places[0], pair, _values(text, first))
    if how["how"] in {"分别", "依次"}:
        values = _values(text, first)
    else:
        values = [first] * len(places)
    if not 2 <= len(places) <= MOST or len(values) != len(places):
        return None
    names = _names(text, places)
    if names is None:
        return None
    shares = tuple(Share(name, value, place) for (name, place), value in zip(names, values, strict=True))
    return Shared(start, values[-1].end, shares)


def _both_ways(
    text: str, start: int, place: tuple[int, int], pair: re.Match[str], values: Sequence[Quantity]
) -> Shared | None:
    name = name_before(text[slice(*place)])
    if len(values) != 2 or name is None or pair.group() not in name.text:
        return None
    names = [name.text.replace(pair["both"], one) for one in pair["both"]]
    shares = tuple(Share(each, value) for each, value in zip(names, values, strict=True))
    return Shared(start, values[-1].end, shares)


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [start, *(place for mark in _SPLIT.finditer(text, start, end) for place in mark.span()), end]
    return [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True) if text[a:b].strip()]


def _values(text: str, first: Quantity) -> list[Quantity]:
    """`first` may have stood without its unit: the list is read anew, its last unit and first comparator hold for all."""
    values: list[Quantity] = []
    position = first.start
    while len(values) < MOST and (value := quantity_at(text, position, listed=True)) is not None:
        values.append(value)
        between = _AND.match(text, value.end)
        if between is None:
            break
        position = between.end()
    unit = ""
    for place in range(len(values) - 1, -1, -1):
        if values[place].unit:
            unit = values[place].unit
        elif unit:
            values[place] = with_unit(values[place], unit)
    stated = [value for value in values if value.stated and value.operator is not Operator.PLUS_MINUS]
    if stated:
        giver = stated[0]
        values = [
            replace(v, operator=giver.operator, stated=True, limited=True, better=giver.better)
            if v.operator is Operator.EQ and not v.stated
            else v
            for v in values
        ]
    return values


def _names(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[str, tuple[int, int] | None]] | None:
    last = text[places[-1][0] : places[-1][1]]
    if conditions := _conditions(text, places):
        return conditions
    found = name_before(last)
    if found is None or not found.text:
        return None
    name = found.text
    of = last.rfind("的", 0, len(last) - 1)
    whole, shared = name, ""
    if of >= 0 and last[of + 1 :].strip() == name:  # 镍、钴、锰的浸出率
        shared = name
        whole = last[:of].strip() + name
    names: list[str] = []
    for start, end in places[:-1]:
        piece = name_before(text[start:end])
        if piece is None or not piece.text:
            return None
        names.append(piece.text + (shared or _rest(piece.text, name)))
    return [(each, None) for each in (*names, whole)]


def _conditions(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[str, tuple[int, int] | None]]:
    """7d、28d抗压强度: each piece begins with a quantity, the last goes on with the name."""
    spans = []
    name = ""
    for start, end in places:
        begin = start + len(text[start:end]) - len(text[start:end].lstrip())
        if frame := _FRAME.match(text[begin:end]):
            begin += frame.end() if frame.start() == 0 and frame.group() in {"在", "于", "经"} else 0
        value = quantity_at(text, begin, listed=True)
        if value is None or value.end > end or value.bare:
            return []
        spans.append((begin, value.end))
        name = text[value.end : end]
    frame = _FRAME.match(name)
    found = name_before(name[frame.end() :] if frame else name)
    if found is None or not found.text:
        return []
    return [(found.text, span) for span in spans]


def _rest(piece: str, name: str) -> str:
    """What a short piece (抗拉, 横向, COD) shares with the whole name at the list's end (屈服强度, 纵向拉伸强度)."""
    if any(piece[-1] in pair and name[0] in pair and piece[-1] != name[0] for pair in _OPPOSITES):
        return name[1:]  # 纵、横向强度
    if len(piece) == 1 and piece.isascii() and name[0].isascii() and not name[1:2].isascii():
        return name[1:]  # X、Y、Z轴行程
    head = _HEADS.search(name)
    if head is None or _HEADS.search(piece) or (is_measure(piece) and not piece.isascii()):
        return ""
    alike = name.rfind(piece[-1], 0, head.start())
    if alike >= 0 and is_measure(name[alike + 1 :]):
        return name[alike + 1 :]
    if len(piece) < len(name) - 1 and len(piece) >= 2 and not piece.isascii() and is_measure(name[len(piece) :]):
        rest = name[len(piece) :]
        if rest.endswith(head.group()[-2:]) and len(rest) <= len(head.group()) + 2:
            return rest if head.group() in rest or len(head.group()) > len(rest) else head.group()
    return head.group()
