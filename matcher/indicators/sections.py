"""The sections of the form in which firms write needs: what is wanted, and what is so today.

Counties' forms ask for 需求内容, 预期目标 and 现有工作基础 (each with a colon), and what comes back is often all three in one text.
"""

from __future__ import annotations

import re

_PRESENT = r"(?:现有)?(?:工作)?基础(?:条件|背景)?|(?:企业|公司|技术|国内外|研究|行业|发展)?现状|(?:企业|公司|单位)(?:简介|概况|介绍|情况)|(?:项目|技术|行业)?背景"
_WANTED = r"(?:技术|主要|具体|研究|项目|开发)?(?:需求|要求|目标|指标|内容|难题)(?:内容|描述)?|(?:预期|阶段|研究|总体|合作|达到)的?目[标的]|考核指标"
_HEADING = re.compile(rf"(?P<present>{_PRESENT})[:：]|(?:{_WANTED})[:：]")


def wanted(text: str) -> list[str]:
    """The text without the sections on what is so today, in pieces; the whole where it has none."""
    pieces, start, keep = [], 0, True
    for heading in _HEADING.finditer(text):
        if keep:
            pieces.append(text[start : heading.start()])
        start, keep = heading.start(), heading["present"] is None
    if keep:
        pieces.append(text[start:])
    return [piece for piece in pieces if piece]
