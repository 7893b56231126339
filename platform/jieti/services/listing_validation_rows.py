"""The rules of rows: indicators (名称 比较 值 至 单位 测试条件) and IP (形式 号 状态 名称)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from jieti.domain.errors import Problem
from jieti.domain.quantities import parse_quantity
from jieti.domain.typed import Unreadable, clean_line, half_width
from jieti.domain.vocabulary import IndicatorOperator, IpKind, IpStatus
from jieti.services.listing_fields import INDICATOR_PARTS, IP_PARTS, FieldSpec, empty_rows_dropped

LONGEST = {"name": 40, "unit": 20, "condition": 100}
_UNITLESS_ENDS = ("比", "率", "数", "级", "倍", "pH", "PH", "ph", "指数", "系数")
_UNITLESS_STARTS = ("相对",)
"""Ratios, counts and grades (泊松比, 误码率, 放大倍数, 气味等级, 相对粘度, pH) may have no unit: none is asked of them."""

_SECOND = {IndicatorOperator.RANGE.value, IndicatorOperator.PLUS_MINUS.value}
OPERATORS = frozenset(o.value for o in IndicatorOperator)

Rows = tuple[list[dict[str, Any]], list[Problem]]


def read_indicators(spec: FieldSpec, rows: Sequence[Mapping[str, Any]]) -> Rows:
    """Typed rows: value and value_to as numbers (None where the operator has no second). Empty rows are skipped."""
    typed: list[dict[str, Any]] = []
    problems: list[Problem] = []
    kept = empty_rows_dropped(rows, INDICATOR_PARTS)
    if len(kept) > spec.limit:
        problems.append(Problem(spec.name, "too_many", {"limit": spec.limit, "over": len(kept) - spec.limit}))
    for position, row in enumerate(kept):
        value, found = _indicator(f"{spec.name}.{position}", row)
        problems.extend(found)
        typed.append(value)
    return typed, problems


def _indicator(prefix: str, row: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    text = {part: clean_line(row[part]) for part in ("name", "unit", "condition")}
    for part, limit in LONGEST.items():
        if len(text[part]) > limit:
            problems.append(Problem(f"{prefix}.{part}", "too_long", {"limit": limit, "over": len(text[part]) - limit}))
    if not text["name"]:
        problems.append(Problem(f"{prefix}.name", "required"))
    operator = row["operator"].strip() or IndicatorOperator.GE.value
    if operator not in OPERATORS:
        problems.append(Problem(f"{prefix}.operator", "unknown_choice"))
    value, unit, found = _number(f"{prefix}.value", row["value"])
    problems.extend(found)
    value_to: float | None = None
    if operator in _SECOND:
        value_to, second_unit, found = _number(f"{prefix}.value_to", row["value_to"])
        problems.extend(found)
        unit = unit or second_unit
    if operator == IndicatorOperator.RANGE.value and value is not None and value_to is not None and value > value_to:
        problems.append(Problem(f"{prefix}.value_to", "range_order"))
    if operator == IndicatorOperator.PLUS_MINUS.value and value_to is not None and value_to < 0:
        problems.append(Problem(f"{prefix}.value_to", "tolerance_negative"))
    text["unit"] = text["unit"] or unit
    if not text["unit"] and text["name"] and not _unitless(text["name"]):
        problems.append(Problem(f"{prefix}.unit", "unit_required"))
    return {**text, "operator": operator, "value": value, "value_to": value_to}, problems


def _unitless(name: str) -> bool:
    return name.endswith(_UNITLESS_ENDS) or name.startswith(_UNITLESS_STARTS)


def _number(name: str, text: str) -> tuple[float | None, str, list[Problem]]:
    """A number; a unit typed behind it (67%) is taken along."""
    if not text.strip():
        return None, "", [Problem(name, "required")]
    try:
        value, unit = parse_quantity(text)
    except Unreadable as error:
        return None, "", [Problem(name, error.code)]
    return value, unit, []


def read_ip_rows(spec: FieldSpec, rows: Sequence[Mapping[str, Any]]) -> Rows:
    typed: list[dict[str, Any]] = []
    problems: list[Problem] = []
    kept = empty_rows_dropped(rows, IP_PARTS)
    if len(kept) > spec.limit:
        problems.append(Problem(spec.name, "too_many", {"limit": spec.limit, "over": len(kept) - spec.limit}))
    for position, row in enumerate(kept):
        prefix = f"{spec.name}.{position}"
        value = {
            "kind": row["kind"].strip(),
            "number": half_width(row["number"]),
            "status": row["status"].strip(),
            "title": clean_line(row["title"]),
        }
        if value["kind"] not in {k.value for k in IpKind}:
            problems.append(Problem(f"{prefix}.kind", "unknown_choice" if value["kind"] else "required"))
        if value["status"] and value["status"] not in {s.value for s in IpStatus}:
            problems.append(Problem(f"{prefix}.status", "unknown_choice"))
        for part, limit in (("number", 40), ("title", 120)):
            if len(value[part]) > limit:
                problems.append(
                    Problem(f"{prefix}.{part}", "too_long", {"limit": limit, "over": len(value[part]) - limit})
                )
        # A trade secret has no number; anything registered has one, or a title to find it by.
        if not value["number"] and not value["title"]:
            problems.append(Problem(f"{prefix}.number", "required"))
        typed.append(value)
    return typed, problems


def raw_rows(rows: Sequence[Mapping[str, Any]], parts: Sequence[str]) -> list[dict[str, str]]:
    """Stored rows as a form shows them: numbers without trailing zeros."""
    return [{part: raw_number(row.get(part)) for part in parts} for row in rows]


def raw_number(value: Any) -> str:
    """A stored part as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
