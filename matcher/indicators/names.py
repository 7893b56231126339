"""What a quantity is the quantity of: the words before it, without verbs and fillers."""

from __future__ import annotations

import re

LONGEST = 18
_BOUNDARY = re.compile(r"[，,、。；;（()）“”\"《》]|(?<=\d)\.(?!\d)|\d[.、)）](?=[\u4e00-\u9fff])")
_LEADING = re.compile(
    r"^(?:\s|[①-⑳]|[(（]?\d{1,2}[.、)）]\s?|以及|并且|而且|同时|其中|其|且|和|及|与|并(?!联|发)|使得|使(?!用)|要求|需要|需(?!求|水|氧)|应(?!力|变|用|急|答)"
    r"|将|对(?!比|称|准)|从|由|把|按|以|可以|可(?!靠|见|溶|控|调|燃)|能够|能(?=达|实现|使)|实现|满足|具有|具备|达到|保证|确保|希望|期望|拟|计划|预计|我们|我司|本项目"
    r"|产品(?=[\u4e00-\u9fff])|主要技术指标|技术指标|指标|预期目标|目标)+"
)
_VERBS = (
    "达到了|可达到|能达到|应达到|要达到|需达到|达到|可达|达|提升至|提高至|提高到|提升到|降低至|降低到|降至|降到|提高了|提升了|降低了|减少了|缩短了|减轻了|减轻|减小|上升|增大|下降了|延长了|"
    "提高|提升|增加|降低|下降|减少|缩短|节约|节省|延长|控制在|保持在|稳定在|维持在|处于|位于|约为|大约为|大约|约|应为|为|是|在|至|到|从|φ|Φ|Ф|Ø|∅|必须|须|需要|"
    "最高可达|高达|低至|要求|应|需|(?<![性功节效动热])能|可|均|都|分别|仅|只有|有|的|:|=|≥|≤|>|<|达成|做到|加到|加|保持|一般|通常|比(?:现有|原有|原来|原|传统|同类|国外|进口|普通|常规).{0,8}?"
)
_COMPARISON = re.compile(r"较(?![低高好大小长短])|相比|相对于|比(?=同行|现有|原|传统|常规|国外|进口)")
_TRAILING = re.compile(rf"(?:\s|{_VERBS})+$")
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-zα-ωΑ-Ω]")
_STOP = re.compile(
    r"[<>≤≥]|合同|公司|我国|双方|进度|每年|据|第|编号|电话|邮编|[图表]$|(?:UL|GB|GB/T|ISO|ASTM|JIS|IEC|DIN|HG|JB|QB)\s?$"
)


_MEASURE = re.compile(
    r"(?:[度率量力压速距离径长宽高厚深重温频值数比差命阻幅功角级效耗期龄损]|时间|周期|寿命|电流|电压|功率|面积|体积|容积|范围|尺寸|规格|间距|噪[声音]|含[\u4e00-\u9fff]{1,3}|成本|产能|介电常数|常数|耐[\u4e00-\u9fff]{1,3}|余量|公差|误差|延时|"
    r"电池|收率|变形|粗糙度|性|跨|流|运行|工作|倍率|行程|量程|带宽|波长|分辨|公差|续航|里程|扭矩|精度|负荷|效益|误判|保温|[A-Za-zα-ωΑ-Ω]\d{0,3})$"
)


def is_measure(name: str) -> bool:
    """Whether the name ends as the names of measured things do."""
    return bool(_MEASURE.search(name))


def name_before(text: str, *, limited: bool = True) -> tuple[str, int] | None:
    """(name, its position in `text`): of the last clause, or of the one before where the last has no word of its own
    (“韧性，不低于67%”; only for a quantity that is `limited` by a comparator). ("", …) where there is none; None where what stands there says that this is no indicator."""
    end = len(text)
    for attempt in range(2):
        start = 0
        for boundary in _BOUNDARY.finditer(text, 0, end):
            if boundary.end() <= end:
                start = boundary.end()
        found = _trim(text, start, end)
        if found is not None:
            name, position = found
            return None if _STOP.search(name) else (name, position)
        if attempt or not limited or start == 0 or text[start - 1] not in "，,（()）":
            break
        end = start - 1
    return "", len(text)


def _trim(text: str, start: int, end: int) -> tuple[str, int] | None:
    if leading := _LEADING.match(text[start:end]):
        start += leading.end()
    while trailing := _TRAILING.search(text[start:end]):
        end = start + trailing.start()
    if comparison := _COMPARISON.search(text, start + 1, end):
        end = comparison.start()
    piece = text[start:end]
    # The name is the last noun phrase: what stands before 的, 使, a colon or a verb is about something else.
    cut = 0
    for mark in re.finditer(
        r"的|:|使得|使(?!用)|要求|保证|确保|实现|具有|采用|通过|后(?=[\u4e00-\u9fff]{2})", piece[:-1]
    ):
        if _WORD.search(piece[mark.end() :]):
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
    return stripped.rstrip(), start
