"""Zhejiang's 90 county-level units, the dated 加快发展县 flags and 山海协作 pairs. Read once from regions.csv.

The flag is dated: 26 counties in 2019; August 2024 平阳, 柯城, 莲都 out and 洞头, 嵊泗 in; May 2025 永嘉, 苍南, 江山 out.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

PROVINCE = "33"


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    name: str
    city: str
    name_en: str
    city_en: str

    @property
    def city_code(self) -> str:
        return self.code[:4]


@dataclass(frozen=True, slots=True)
class Flag:
    """Half-open interval of validity; `until` None: still valid as far as known."""

    since: date
    until: date | None

    def holds(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


_2019, _2024, _2025 = date(2019, 1, 1), date(2024, 8, 1), date(2025, 5, 28)
_IN_2019 = (
    "330127 330324 330326 330327 330328 330329 330723 330727 330802 330803 330822 330824 330825 330881 "
    "331022 331023 331024 331102 331121 331122 331123 331124 331125 331126 331127 331181"
).split()
_OUT_2024 = {"330326", "330802", "331102"}
_OUT_2025 = {"330324", "330327", "330881"}
_IN_2024 = ("330305", "330922")

_PAIRS = (
    "330521-331122 330111-331122 330110-330802 330212-330803 330211-330825 330603-330881 330282-330822 330522-331126 "
    "330203-331126 330206-331125 330411-331181 330109-331181 330683-331121 330482-331121 330782-331102 330381-330328 "
    "330303-330327 330382-330326 330106-330127"
).split()
SHANHAI_PAIRS: frozenset[frozenset[str]] = frozenset(frozenset(p.split("-")) for p in _PAIRS)


@cache
def regions() -> dict[str, Region]:
    """By 6-digit code, in the order of the codes."""
    with (Path(__file__).parent / "regions.csv").open(encoding="utf-8") as lines:
        return {row["code"]: Region(**row) for row in csv.DictReader(lines)}


@cache
def cities() -> dict[str, str]:
    """4-digit prefix to the city's name."""
    return {r.city_code: r.city for r in regions().values()}


@cache
def cities_en() -> dict[str, str]:
    """4-digit prefix to the city's name in pinyin, without a word for its kind."""
    return {r.city_code: r.city_en for r in regions().values()}


def accelerated(code: str, on: date) -> bool:
    """Is the county a 加快发展县 on this day?"""
    if code in _IN_2024:
        return Flag(_2024, None).holds(on)
    if code not in _IN_2019:
        return False
    until = _2024 if code in _OUT_2024 else _2025 if code in _OUT_2025 else None
    return Flag(_2019, until).holds(on)


def shanhai_paired(one: str, other: str) -> bool:
    """Are the two counties partners in 山海协作 (many to many)?"""
    return frozenset((one, other)) in SHANHAI_PAIRS
