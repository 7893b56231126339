"""What a need's text leaves open: asked back while it is written, as advice that never blocks.

Small on purpose: words that show that something is there, numbers whose unit or test condition is missing. It says what
it did not find, not that it is missing in truth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from matcher.encoder import document_text
from matcher.indicators import indicators_of, label
from matcher.indicators.normal import level
from matcher.indicators.parse import parse
from matcher.types import Indicator, Need


class Gap(StrEnum):
    """An identifier that the interface words."""

    NO_UNIT = "no_unit"
    NO_CONDITION = "no_condition"
    NO_INDICATOR = "no_indicator"
    MATERIAL = "material"
    METHOD = "method"
    EFFECT = "effect"
    PRODUCT = "product"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class Question:
    """`about`: the words of the text that the question is about ("" where it is about the whole)."""

    gap: Gap
    about: str = ""


_SHOWS = {
    Gap.MATERIAL: r"材料|钢|铝|铜|钛|镁|合金|塑料|树脂|橡胶|尼龙|PA\d|纤维|陶瓷|玻璃|硅|碳|石墨|聚[\u4e00-\u9fff]|涂料|涂层|粉体|粉末|颗粒|溶液|乳液|"
    r"催化剂|添加剂|原料|薄膜|膜|电解液|电极|木|竹|茶|稻|果|菌|酶|蛋白|面料|纱|浆料|废水|污泥|气体|数据|图像|[a-zA-Z]+\d*(?:合金|钢)",
    Gap.METHOD: r"工艺|方法|采用|通过|利用|基于|算法|模型|技术路线|改性|合成|制备|加工|焊接|铸造|锻造|注塑|挤出|烧结|热处理|表面处理|镀|喷涂|发酵|提取|分离|检测|识别|控制|仿真|设计|优化|培育|栽培",
    Gap.EFFECT: r"提高|提升|降低|减少|改善|解决|达到|缩短|延长|增强|实现|满足|避免|消除|优于|不低于|不超过|替代",
    Gap.PRODUCT: r"产品|设备|装备|装置|系统|机组|机床|机器人|零件|部件|构件|模具|器件|芯片|传感器|电机|电池|阀|泵|轴承|软件|平台|试剂|药|食品|饲料|肥|种子|品种|板|管|线|膜|布|瓶|车|船|灯|机(?=[，。、的])",
    Gap.SCENE: r"用于|应用于|适用于|使用环境|工况|场景|现场|车间|生产线|产线|环境下|条件下|户外|室内|海洋|矿山|田间|大棚|医院|仓储|运行中|使用中|生产中|过程中",
}
_PATTERNS = {gap: re.compile(words, re.IGNORECASE) for gap, words in _SHOWS.items()}
_BARE = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,8})(?:≥|≤|>=|<=|>|<|不低于|不高于|不小于|不大于|不少于|不超过|大于|小于|高于|低于|达到)\s?"
    r"\d+(?:\.\d+)?(?=\s*(?:[，。、；;,!！?？)）]|以上|以下|以内|$))"
)
_NEEDS_NO_UNIT = re.compile(r"系数|比$|pH|ph|指数|倍数|折射率|损耗|因子|个数|数量|次数|等级|级别")
_CONDITIONED = re.compile(
    r"强度|韧性|硬度|寿命|循环|黏度|粘度|耐|腐蚀|磨损|摩擦|精度|效率|率$|噪|泄漏|附着|导热|电阻|灵敏度|稳定|老化|密度"
)
SHORTEST_TEXT = 20
"""Characters from which a text is asked about at all: nobody is scolded while writing the first line."""
MOST_CONDITIONS = 3


def questions(need: Need) -> tuple[Question, ...]:
    """The most useful first: numbers without unit, indicators without test condition, then what the text does not speak of."""
    text = document_text(need.title, "\n".join(filter(None, (need.body, need.sealed))), need.keywords)
    found = [Question(Gap.NO_UNIT, words) for words in _without_unit(need, text)]
    indicators = indicators_of(need)
    open_conditions = [i for i in indicators if i.name and not i.condition and _CONDITIONED.search(i.name)]
    found += [Question(Gap.NO_CONDITION, _words(i)) for i in open_conditions[:MOST_CONDITIONS]]
    if len(text) < SHORTEST_TEXT:
        return tuple(found)
    if not indicators:
        found.append(Question(Gap.NO_INDICATOR))
    found += [Question(gap) for gap, pattern in _PATTERNS.items() if not pattern.search(text)]
    return tuple(found)


def _without_unit(need: Need, text: str) -> list[str]:
    rows = [i for i in need.indicators if not i.unit and i.name and not _NEEDS_NO_UNIT.search(i.name)]
    found = [label(row) for row in rows]
    levelled = level(text)
    for match in _BARE.finditer(levelled):
        read = parse(text[match.start() : match.end()])
        if all(not i.unit for i in read) and not _NEEDS_NO_UNIT.search(match["name"]):
            found.append(text[match.start() : match.end()])
    return list(dict.fromkeys(found))


def _words(indicator: Indicator) -> str:
    return indicator.source or indicator.name
