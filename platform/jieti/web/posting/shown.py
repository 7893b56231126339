"""A listing's content in words: for the check step, for versions, for what changed, for conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from jieti.domain.dates import parse_date
from jieti.domain.money import parse_money
from jieti.domain.typed import Unreadable
from jieti.services.listing_fields import FIELDS, FieldSpec, Reading, fields_of
from jieti.services.listing_validation import split_tags, truthy
from jieti.web import words
from jieti.web.filters import date_prose, money, quantity
from jieti.web.posting.labels import FIELD_LABELS

VOCABULARIES: dict[str, Mapping[str, Any]] = {
    "fields": words.FIELDS,
    "industries": words.INDUSTRIES,
    "activities": words.ACTIVITIES,
    "modes": words.MODES,
    "trl_scales": {},
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field in words. `value` is a text, or a list of texts (rows)."""

    name: str
    label: Any
    value: Any
    sealed: bool


def lines(kind: str, step: str, raw: Mapping[str, Any]) -> list[Line]:
    """The fields of a step as they stand; "" where nothing was typed."""
    return [
        Line(spec.name, FIELD_LABELS[kind][spec.name], worded(spec, raw.get(spec.name), raw), spec.sealed)
        for spec in fields_of(kind, step)
    ]


def of_snapshot(kind: str, kept: Mapping[str, Any], *, contact: bool) -> list[Line]:
    """The fields of a kept version; the contact only for who may know it."""
    return [
        Line(spec.name, FIELD_LABELS[kind][spec.name], worded(spec, kept[spec.name], kept), spec.sealed)
        for spec in FIELDS[kind]
        if spec.name in kept and (contact or spec.step != "contact")
    ]


def worded_by_name(kind: str, name: str, value: Any) -> Any:
    spec = next((s for s in FIELDS[kind] if s.name == name), None)
    if spec is None:  # a companion flag
        return _("面议") if truthy(value) else _("不选“面议”")
    return worded(spec, value, {})


def worded(spec: FieldSpec, value: Any, raw: Mapping[str, Any]) -> Any:
    """A raw or a typed value in words; what cannot be read is shown as typed."""
    if spec.companion and truthy(raw.get(spec.companion)):
        return _("面议")
    if spec.reading is Reading.INDICATORS:
        return [indicator_line(row) for row in value or []]
    if spec.reading is Reading.IP_ROWS:
        return [ip_line(row) for row in value or []]
    if spec.reading is Reading.FLAG:
        return _("是") if truthy(value) else _("否")
    if value in (None, "", []):
        return ""
    match spec.reading:
        case Reading.CHOICES:
            return words.listed(VOCABULARIES[spec.vocabulary].get(code, code) for code in value)
        case Reading.CHOICE:
            return industry(value) if spec.name == "industry" else str(VOCABULARIES[spec.vocabulary].get(value, value))
        case Reading.TAGS:
            return words.listed(split_tags(value))
        case Reading.LEVEL:
            return f"TRL {value} {words.TRL[int(value)]}" if str(value) in {str(n) for n in words.TRL} else str(value)
        case Reading.MONEY:
            return _money(value)
        case Reading.DATE:
            return _day(value)
        case Reading.REGION:
            return words.county(str(value))
        case _:
            return str(value)


def industry(code: str) -> str:
    """The section's name; an imported 大类 (C29) is shown with its code."""
    section = words.INDUSTRIES.get(code[:1])
    if section is None:
        return code
    return str(section) if len(code) == 1 else f"{section} {code}"


def indicator_line(row: Mapping[str, Any]) -> str:
    """缺口冲击强度 ≥12 kJ/m²（-40℃）."""
    try:
        asked = quantity({**row, "value": _number(row.get("value")), "value_to": _number(row.get("value_to"))})
    except (InvalidOperation, ValueError):
        sign = words.OPERATORS.get(str(row.get("operator") or ""), "")
        asked = f"{sign}{row.get('value') or ''} {row.get('value_to') or ''} {row.get('unit') or ''}".strip()
    line = f"{row.get('name') or ''} {asked}".strip()
    return words.with_note(line, row["condition"]) if row.get("condition") else line


def ip_line(row: Mapping[str, Any]) -> str:
    parts = (
        words.IP_KINDS.get(row.get("kind", "")),
        row.get("number"),
        row.get("title"),
        words.IP_STATUSES.get(row.get("status", "")),
    )
    return " ".join(str(part) for part in parts if part)


def _number(value: Any) -> Any:
    return None if value in (None, "") else value if isinstance(value, int | float) else Decimal(str(value).strip())


def _money(value: Any) -> str:
    try:
        return money(value if isinstance(value, Decimal) else parse_money(str(value)))
    except Unreadable:
        return str(value)


def _day(value: Any) -> str:
    try:
        return date_prose(parse_date(str(value)))
    except Unreadable:
        return str(value)
