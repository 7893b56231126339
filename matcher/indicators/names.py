"""What a quantity is the quantity of: the words before it, without verbs and fillers.

A change keeps its verb (能耗降低30%: the name is 能耗降低), because thirty per cent less is not thirty per cent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcher.indicators.quantity import PER
from matcher.indicators.units import UNIT, to_pint

LONGEST = 18
_LONGEST_TRAIL = 30
_LONGEST_AFTER = 14
"""Characters of an “…后” that is taken for a condition."""
CHANGES = "提高|提升|增加|增长|增大|上升|升高|延长|扩大|降低|下降|减少|减小|减轻|减薄|缩短|缩小|压缩|节约|节省|减低"
PRESENT = "问题是|目前|现阶段|当前|现有|现在|原有|现行|现(?=生产|使用|采用|用)"
_BOUNDARY = re.compile(r"[，,、。；;()“”\"《》!?]|(?<=\d)\.(?!\d)|\d[.、)](?=[\u4e00-\u9fff])")
_LEADING = re.compile(
    rf"^(?:\s|[.]|[①-⑳]|[(]?\d{{1,2}}[.、)]\s?|以及|并且|而且|同时|其中|其|且|和|及|与|并(?!联|发)|使得|使(?!用)|要求|需要|需(?!求|水|氧)|应(?!力|变|用|急|答)|经(?!济|向|度|过)"
    rf"|将|是(?!否)|为了?(?!止)|(?:提高|提升|增加|延长|降低|减少|缩短|降)[到至](?=[\u4e00-\u9fff]{{2}})|但是?|而|特别是|尤其是?|对于|一般|通常|(?:稳定)?保持(?!率|量|性)|对(?!比|称|准)|从|由|通过(?!率)|把|按|以|可以|可(?!靠|见|溶|控|调|燃|用)|能够|能(?=达|实现|使)|实现|满足|具有|具备|达到|保证|确保|希望|期望|拟|计划|预计|我们|我司|我厂|我院|我公司|本项目|本厂"
    rf"|产品(?=[\u4e00-\u9fff]{{2}})|主要技术指标|技术指标|指标|预期目标|目标|(?:{PRESENT})的?|研制的|试制的|该|后(?=[\u4e00-\u9fff]{{2}}))+"
)
_VERBS = (
    "达到了|可达到|能达到|应达到|要达到|需达到|达到|可达|达|提升至|提高至|提高到|提升到|增加到|增加至|降低至|降低到|下降到|下降至|减少到|减少至|降至|降到|减至|缩短到|缩短至|缩短为|延长到|延长至|"
    "控制在|保持在|稳定在|维持在|处于|位于|介于|约为|大约为|大约|约|应为|为|是|在|至|到|从|φ|Φ|Ф|Ø|∅|必须|须|需要|"
    "最高可达|长达|多达|深达|高达|低至|要求|应|需|(?<![性功节效动热产耗])能|可调|可|均|都|分别|依次|仅|只有|有|的|:|=|≥|≤|>|<|达成|突破|做到|加到|保持|一般|通常|不得|也|则|不|占|应设计|设计|设置|保存|(?<![热化稳])稳定|局部|近|仍"
)
_TRAILING = re.compile(rf"(?:\s|,|{_VERBS})++$")  # possessive: 达到达到… could be cut in two ways each
_CHANGE = re.compile(rf"(?:{CHANGES})(?:了|幅度)?(?:约|近|可达|达)?\s?$")
_SHORT_CHANGE = re.compile(r"[低高多少小大轻快长短]\s?$")
"""A change only where a comparison stands before it (比同类产品低3dB)."""
_CHANGES_FIRST = re.compile(rf"(?:{CHANGES})(?!幅度|率)[\u4e00-\u9fff]{{2}}")
_BASE = re.compile(
    r"(?P<base>(?:较(?![低高好大小长短]|为)|比(?![重例容表值色热较]|$)|相比于?|相较于?|相对于)[\u4e00-\u9fffA-Za-z0-9]{1,16})$"
)
_BASE_CLAUSE = re.compile(
    r"(?P<base>(?:与|和|同|比|较|相比于?|相较于?|相对于)[\u4e00-\u9fffA-Za-z0-9]{2,16}(?:相比较?|比较|相较)?)[，,]\s?$"
)
_COMPARISON = re.compile(r"(?<!比)较(?![低高好大小长短])|相比|相对于|比(?=同行|现有|原|传统|常规|国外|进口)")
_WINDOW = re.compile(r"[一二两三四五六七八九十]+(?:年|个月|天|小时|分钟)内$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-zα-ωΑ-Ω]")
_STOP = re.compile(
    r"[<>≤≥±]|合同|公司|我国|双方|进度|每年|^据|第|编号|电话|手机|传真|邮编|邮箱|微信|型号|牌号|地址|[图表]$|号$|^数量$|用于$|^(?:维持|持续|经过|历时)$|(?:不够|较|很|更)[高低大小好差多少]$|[A-Z]{1,3}/[A-Z]{1,4}$|\d目$"
    r"|(?:UL|GB|GB/T|ISO|ASTM|JIS|IEC|DIN|HG|JB|QB|FDA|CFR|MT/T)\s?$"
)
_CUT = re.compile(
    r"的|:|使得|使(?!用)|要求|保证|确保|实现|具有|采用|通过(?!率)|前提下|情况下|条件下|基础上|(?<![断先前采产术售灾])后(?=[\u4e00-\u9fffA-Z]{2})|(?<![小同定及临瞬实延耗用])时(?![间长效延刻钟序域速区差频变限])(?=[\u4e00-\u9fff]{2})|(?<=[温压载热常件境况态])下(?![降限料垂游行调])(?=[\u4e00-\u9fff]{3})|满足|预计|目标[是为]|指标[是为]|(?<=[\u4e00-\u9fff]{2})内(?![径阻孔应腔部壁圈外])(?=[\u4e00-\u9fff]{3})|(?<![相绝配针反面])对(?![比称准中流焊])(?=[\u4e00-\u9fff]{3})|可(?=连续|承受|耐受)|(?<=[\u4e00-\u9fff]{2})中(?![心位间值性温频段压径])(?=[\u4e00-\u9fff]{2})|(?<![\u4e00-\u9fff])\d+[.、]"
)
_TAIL = re.compile(r"[,/\s]\s?(?P<unit>%|" + UNIT + r")$")
_STANDARD = re.compile(r"(?<![A-Za-z])[A-Z]{1,4}/[A-Z]{1,4}\s?$")
_SCENE_TAIL = re.compile(
    r"(?<=[\u4e00-\u9fff]{2})(?:室温|常温|高温|低温|常压|真空|满载|空载|静态|动态)(?:条件|环境)?下$"
)
_TAIL_JOINED = re.compile(r"(?<=[\u4e00-\u9fff])(?P<unit>dB\(A\)|[A-Za-zμ]{2}[A-Za-z0-9/·²³℃]{0,6}|[%‰℃])$")
_NOTE = re.compile(r"/?\((?P<note>[^()]{1,40})\)\s?$")
_NOTE_WORDS = re.compile(r"[\u4e00-\u9fff]|^\s?[\d≥≤<>±+\-φ~]")
_SCALE = re.compile(r"(?<![A-Za-z])(HRC|HRB|HRA|HBW|HB|HV)$")
_EACH_TAIL = re.compile(r"(?<=[\u4e00-\u9fff])每[\u4e00-\u9fff]{1,4}$")
_EACH_WITHIN = re.compile(r"(?<=[\u4e00-\u9fff])每(?:分钟|小时|秒|天|日|年)(?=[\u4e00-\u9fff]{2})")
_EACH = re.compile(r"^每(?P<per>分钟|小时|秒|天|日|年|吨|亩)(?:可以?|能够?|应)?(?=[\u4e00-\u9fff]{2})")
_MEASURE = re.compile(
    r"(?:[度率量力压速距离径长宽高厚深重温频值数矩比差命阻幅功角级效耗期龄损强程益载荷展积容流段拍限尺航隙区寿]|时间|周期|电流|电压|面积|体积|范围|尺寸|规格|间距|噪[声音]|含[\u4e00-\u9fff]{1,3}"
    r"|^日(?:处理|加工|产)[\u4e00-\u9fff]*|成本|产能|常数|耐[\u4e00-\u9fff]{1,3}|公差|误差|延时|电池|变形|[性跨]|流|运行|工作|作业|倍率|带宽|波长|分辨|续航|电[耗量]|误判|保温|亩产|单产"
    r"|温[升降]|压降|节[水电能煤油]|增[产收重]|减[重产排施]|降[本噪]|提效|衰减|抑制|收缩|窜动|跳动|波动|应变|进给|行程|水分|粒重|湿度|色牢度"
    r"|[A-Za-zα-ωΑ-Ω]\d{0,3}|[A-Za-z][²³]|[₀-₉])$"
)
_COUNTED = re.compile(
    r"(?:数|数量|容量|次数|期|时间|寿命|周期|年限|时长|里程|精度|等级|牢度|能力|能量|晶粒度|附着力|速度|频率|效率|航程|试验|测试|续航|位数|温[度升差]|耐[\u4e00-\u9fff]{1,4})$"
)
_PLAIN_NUMBER = re.compile(r"(?:系数|因数|比|常数|指数|硬度|折射率|模数|值|[pP]H|碱度|酸度|光泽度|分子量|R[az])$")


@dataclass(frozen=True, slots=True)
class Name:
    """`start`: where the name's words begin in the text it was looked for in. `notes`: conditions told on the way
    (较进口刀具, the bracket behind the name, 热处理后). `unit`: told with the name (厚度/mm). `per`: 分钟 of 每分钟."""

    text: str
    start: int
    notes: tuple[tuple[int, int], ...] = ()
    unit: str = ""
    per: str = ""
    changed: bool = False


def is_note(bracket: str) -> bool:
    """Whether a bracket tells a condition (28d, 室温), not another name (COD) or a test's letters (A35/W7)."""
    return bool(_NOTE_WORDS.search(bracket))


def is_measure(name: str) -> bool:
    """Whether the name ends as the names of measured things do."""
    return bool(_MEASURE.search(name) or _CHANGE.search(name) or _CHANGES_FIRST.match(name))


def counts(name: str) -> bool:
    """Whether a plain count (64通道, 135天) after that name is its value."""
    return bool(_COUNTED.search(name))


def is_number(name: str) -> bool:
    """Whether a number without a unit after that name is its value (风阻系数0.28)."""
    return bool(_PLAIN_NUMBER.search(name))


def name_before(text: str, *, limited: bool = True) -> Name | None:
    """The name at the end of `text`: of the last clause, or of the one before where the last has no word of its own
    (“韧性，不低于67%”; only for a quantity that is `limited` by a comparator). Its text is "" where there is none; None where
    what stands there says that this is no indicator."""
    if _STANDARD.search(text):
        return None
    end = len(text)
    per, unit, verb = "", "", ""
    notes: list[tuple[int, int]] = []
    while True:
        length = end
        if trailing := _TRAILING.search(text, max(0, end - _LONGEST_TRAIL), end):
            if change := _CHANGE.search(text, 0, end):
                verb, end = change.group().strip(), change.start()
                break
            end = trailing.start()
        elif change := _CHANGE.search(text, 0, end):
            verb, end = change.group().strip(), change.start()
            break
        if found := PER.search(text, 0, end):
            per, end = found["per"], found.start()
        elif (found := _EACH_TAIL.search(text, 0, end)) and not _MEASURE.search(found.group()):
            notes.append(found.span())
            end = found.start()
        if (
            not unit
            and (found := _TAIL_JOINED.search(text, max(0, end - 9), end))
            and to_pint(found["unit"]) is not None
        ):
            unit, end = found["unit"], found.start()
        if found := _SCENE_TAIL.search(text, max(0, end - 12), end):
            notes.append(found.span())
            end = found.start()
        if found := _NOTE.search(text, 0, end):
            if to_pint(found["note"].strip()) is not None:
                unit = found["note"].strip()
            elif is_note(found["note"]):
                notes.append(found.span("note"))
            end = found.start()
        if end == length:
            break
    if (
        not unit
        and (found := _TAIL.search(text, 0, end))
        and _HAN.search(text, 0, found.start())
        and to_pint(found["unit"]) is not None
    ):
        unit, end = found["unit"], found.start()
    if not unit and (found := _SCALE.search(text, 0, end)) and found.start() > 0:
        unit, end = found[1], found.start()
    if (base := _BASE.search(text, 0, end)) and (verb or _SHORT_CHANGE.search(base["base"])):
        stop = base.end()
        if not verb:
            short = _SHORT_CHANGE.search(text, 0, end)
            verb, stop = (short.group().strip(), short.start()) if short else ("", stop)
        alone = not _WORD.search(text[_clause_start(text, base.start()) : base.start()])
        if verb and alone:
            return Name(verb, base.start(), ((base.start("base"), stop),), unit, per, True)
        if verb:
            notes.append((base.start("base"), stop))
            end = base.start()
    return _in_clauses(text, end, verb, unit, per, notes, limited=limited)


def _clause_start(text: str, position: int) -> int:
    return max(text.rfind(mark, 0, position) for mark in "，,、:;()") + 1


def _in_clauses(
    text: str, end: int, verb: str, unit: str, per: str, notes: list[tuple[int, int]], *, limited: bool
) -> Name | None:
    for attempt in range(2):
        start = 0
        for boundary in _BOUNDARY.finditer(text, 0, end):
            if boundary.group() == ")" and attempt == 0 and (inside := _bracket(text, boundary.start())):
                notes.append(inside)  # 快充(30%~80%)时间
            start = boundary.end()
        found = _trim(text, start, end)
        if found is not None:
            name, position, after = found
            if after:
                notes.append(after)
            if verb and (clause := _BASE_CLAUSE.search(text, 0, start)):
                notes.append(clause.span("base"))
            if _STOP.search(name):
                return None
            if within := _EACH_WITHIN.search(name):  # 单台设备每小时处理量
                position, name = position + within.start(), name[within.start() :]
            each = _EACH.match(name)
            if each and not (_MEASURE.search(name) and re.search(r"[量数]$|能力$", name)):
                per, name = each["per"], name[each.end() :]
            return Name(name + verb, position, tuple(notes), unit, per, bool(verb))
        if verb and attempt == 0 and end > start:
            return Name("", len(text))
        if attempt or not limited or start == 0 or text[start - 1] not in "，,()":
            break
        end = start - 1
    return Name("", len(text), tuple(notes), unit, per)


def _bracket(text: str, close: int) -> tuple[int, int] | None:
    opening = text.rfind("(", max(0, close - 40), close)
    return (opening + 1, close) if opening >= 0 and re.search(r"\d", text[opening:close]) else None


def _trim(text: str, start: int, end: int) -> tuple[str, int, tuple[int, int] | None] | None:
    """(name, its position, the place of an “…后” before it)."""
    if leading := _LEADING.match(text[start:end]):
        start += leading.end()
    while trailing := _TRAILING.search(text, max(start, end - _LONGEST_TRAIL), end):
        end = trailing.start()
    if comparison := _COMPARISON.search(text, start + 1, end):
        end = comparison.start()
    piece = text[start:end]
    # The name is the last noun phrase: what stands before 的, 使, a colon or a verb is about something else.
    cut, after = 0, None
    for mark in _CUT.finditer(piece):
        if mark.end() < len(piece) and _WORD.search(piece[mark.end() :]):
            if mark.group() == "内" and (window := _WINDOW.search(piece, cut, mark.end())):
                after = (start + window.start(), start + window.end())
                cut = mark.end()
                continue
            after = (
                (start + cut, start + mark.end())
                if mark.group() in {"后", "时", "下"} and mark.end() - cut <= _LONGEST_AFTER
                else None
            )
            cut = mark.end()
    start += cut
    if leading := _LEADING.match(text[start:end]):
        start += leading.end()
    piece = text[start:end]
    stripped = piece.lstrip()
    start += len(piece) - len(stripped)
    if not _WORD.search(stripped):
        return None
    if len(stripped) > LONGEST:
        start += len(stripped) - LONGEST
        stripped = stripped[-LONGEST:]
    return stripped.rstrip(), start, after
