"""A small house of listings that the search contract is told on, and the ways to open an engine over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from search.ports import Document, Kind, Vector

DIMENSIONS = 16
PUBLIC = frozenset({"public"})
FIRM = frozenset({"public", "org:7"})


def direction(*weights: float) -> Vector:
    """The unit vector along the first axes with these weights."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[: len(weights)] = weights
    return vector / np.float32(np.linalg.norm(vector))


def result(ref: str, title: str, body: str = "", **changes: object) -> Document:
    """A public result, version 1, unless told otherwise."""
    made = Document(kind=Kind.RESULT, ref=ref, version=1, title=title, body=body, audience=PUBLIC)
    return replace(made, **changes)  # type: ignore[arg-type]


NYLON, VISION, WATER = direction(1), direction(0, 1), direction(0, 0, 1)

HOUSE = (
    result(
        "nylon",
        "增韧尼龙PA66/GF30复合材料",
        "研究了尼龙的抗冲击韧性，密度 1.8 g/cm³，长期使用温度 120℃，断裂伸长率不低于15%。",
        keywords=("尼龙", "增韧"),
        organisation="第一大学",
        facets={"county": ("331082",), "city": ("3310",), "field": ("materials",), "trl": ("6",), "mode": ("a", "b")},
        vector=NYLON,
        published_on=date(2026, 3, 1),
        amount=Decimal("80"),
    ),
    result(
        "gear",
        "耐磨尼龙齿轮的注塑工艺",
        "针对注塑件翘曲，优化了模具温度。",
        facets={"county": ("330281",), "city": ("3302",), "field": ("materials",), "trl": ("8",), "mode": ("b",)},
        vector=direction(0.9, 0.3),
        published_on=date(2026, 5, 1),
        deadline=date(2026, 12, 1),
        amount=Decimal("30.5"),
    ),
    result(
        "vision",
        "基于深度学习的轴承表面缺陷机器视觉检测",
        "采用卷积神经网络，检出率 99.2%。",
        facets={"county": ("331082",), "city": ("3310",), "field": ("ai",), "trl": ("7",), "mode": ("a",)},
        vector=VISION,
        published_on=date(2026, 1, 1),
        deadline=date(2026, 11, 1),
    ),
    result(
        "water",
        "印染废水膜分离与回用",
        "反渗透膜通量衰减慢，颗粒直径 10⁻⁶ m 以下。",
        facets={"county": ("330603",), "city": ("3306",), "field": ("environment",), "trl": ("7",)},
        vector=WATER,
        published_on=date(2025, 6, 1),
        deadline=date(2027, 1, 1),
        amount=Decimal("200"),
    ),
    result(
        "inside",
        "尼龙薄膜的内部试验记录",
        "仅本单位可见的尼龙配方方向。",
        audience=frozenset({"org:7"}),
        facets={"county": ("331082",), "city": ("3310",), "field": ("materials",)},
        vector=direction(0.95, 0, 0.2),
        published_on=date(2026, 6, 1),
    ),
    result("nobody", "没有读者的尼龙记录", audience=frozenset(), vector=NYLON),
)
