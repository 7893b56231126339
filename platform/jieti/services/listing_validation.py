"""The rules of what a listing may hold, each once: forms, import and interfaces all read raw values through here.

`read_listing(kind, raw, today)` returns the typed values of every field that could be read and *all* problems found.
Nothing is cut: what is too long is counted and told. Problem codes are worded by the interface.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jieti.domain.dates import parse_date
from jieti.domain.errors import Invalid, Problem
from jieti.domain.money import LARGEST, parse_money
from jieti.domain.regions import regions
from jieti.domain.typed import Unreadable, clean_line, clean_text, half_width
from jieti.domain.vocabulary import TRL_RANGE, ActivityType, CooperationMode, IndustrySection, PriorityField
from jieti.services.listing_fields import FIELDS, FieldSpec, Reading
from jieti.services.listing_validation_rows import read_indicators, read_ip_rows

TRL_SCALES = ("GB/T 22900",)
VOCABULARIES: Mapping[str, Collection[str]] = {
    "fields": [x.value for x in PriorityField],
    "industries": [x.value for x in IndustrySection],
    "activities": [x.value for x in ActivityType],
    "modes": [x.value for x in CooperationMode],
    "trl_scales": TRL_SCALES,
}
EARLIEST = dt.date(1980, 1, 1)
FURTHEST = dt.timedelta(days=3 * 366)  # a call that stays open longer is a slip of the year
_SEPARATORS = re.compile(r"[、,，;；\n\t]+")
_PHONE = re.compile(r"[+\d][\d\-()转 ]{4,}\d")
_DIVISION = re.compile(r"[A-T]\d{2}")  # section letter and 2-digit 大类 of GB/T 4754

Read = tuple[Any, list[Problem]]


@dataclass(frozen=True, slots=True)
class Checked:
    """`values` by field name, typed, for the fields that could be read; `problems` in the order of the fields."""

    values: Mapping[str, Any]
    problems: tuple[Problem, ...]

    def required(self) -> Mapping[str, Any]:
        """The values. Raises Invalid with every problem where there is one."""
        if self.problems:
            raise Invalid(self.problems)
        return self.values


def read_listing(kind: str, raw: Mapping[str, Any], *, today: dt.date) -> Checked:
    """`kind`: challenge or result. `raw`: strings as typed (lists for choices, rows as dicts of strings), by field name."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for spec in FIELDS[kind]:
        value, found = read_field(spec, raw, today)
        problems.extend(found)
        if not found:
            values[spec.name] = value
    return Checked(values, tuple(problems))


def read_field(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    """One field's typed value and what is wrong with it."""
    value, found = _READERS[spec.reading](spec, raw, today)
    empty = value in (None, "", [])
    excused = bool(spec.companion and truthy(raw.get(spec.companion)))
    if spec.required and empty and not found and not excused:
        found = [Problem(spec.name, "money_required" if spec.companion else "required")]
    return value, found


def truthy(value: Any) -> bool:
    """A check box as browsers, files and Python say it."""
    return (
        value if isinstance(value, bool) else str(value or "").strip().lower() in {"1", "y", "yes", "on", "true", "是"}
    )


def _string(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def over(spec_name: str, length: int, limit: int) -> list[Problem]:
    """已超12字."""
    return [Problem(spec_name, "too_long", {"limit": limit, "over": length - limit})] if length > limit else []


def _line(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    text = clean_line(_string(raw, spec.name))
    found = over(spec.name, len(text), spec.limit)
    if spec.name == "contact_phone" and text and not found and not _PHONE.fullmatch(half_width(text)):
        found = [Problem(spec.name, "phone_unreadable")]
    return text, found


def _text(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    text = clean_text(_string(raw, spec.name))
    return text, over(spec.name, len(text), spec.limit)


def _choice(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    code = _string(raw, spec.name).strip()
    known = code in VOCABULARIES[spec.vocabulary]
    if code and not known and spec.name == "industry":
        known = bool(_DIVISION.fullmatch(code))
    return code, [Problem(spec.name, "unknown_choice")] if code and not known else []


def _choices(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    given = raw.get(spec.name) or []
    codes = [str(c) for c in (given if isinstance(given, list | tuple) else [given])]
    unknown = [c for c in codes if c not in VOCABULARIES[spec.vocabulary]]
    return list(dict.fromkeys(codes)), [Problem(spec.name, "unknown_choice")] if unknown else []


def split_tags(text: str | Sequence[str]) -> list[str]:
    """Words separated by 、 or by commas, semicolons or line ends; each once, in the order typed."""
    pieces = _SEPARATORS.split(text) if isinstance(text, str) else [str(t) for t in text]
    words = [clean_line(piece) for piece in pieces]
    return list(dict.fromkeys(word for word in words if word))


def _tags(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    words = split_tags(raw.get(spec.name) or "")
    if len(words) > spec.limit:
        return words, [Problem(spec.name, "too_many", {"limit": spec.limit, "over": len(words) - spec.limit})]
    long = next((w for w in words if len(w) > spec.entry_limit), None)
    return words, [Problem(spec.name, "keyword_too_long", {"word": long, "limit": spec.entry_limit})] if long else []


def read_money(name: str, text: str) -> tuple[Decimal | None, list[Problem]]:
    """万元, 0 to 100,000; "" is None."""
    if not text.strip():
        return None, []
    try:
        amount = parse_money(text)
    except Unreadable as error:
        return None, [Problem(name, error.code)]
    if amount < 0:
        return None, [Problem(name, "money_negative")]
    if amount > LARGEST:
        return None, [Problem(name, "money_absurd", {"limit": str(LARGEST)})]
    return amount, []


def _money(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    if truthy(raw.get(spec.companion)):
        return None, []
    amount, found = read_money(spec.name, _string(raw, spec.name))
    # 0 on the bureau's forms means 面议: asked to be said outright, so that nobody reads it as "for nothing".
    return amount, [Problem(spec.name, "money_zero")] if amount == 0 and not found else found


def _date(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    text = _string(raw, spec.name)
    if not text.strip():
        return None, []
    try:
        day = parse_date(text)
    except Unreadable as error:
        return None, [Problem(spec.name, error.code)]
    if spec.future and day < today:
        return None, [Problem(spec.name, "date_past")]
    if spec.future and day > today + FURTHEST:
        return None, [Problem(spec.name, "date_too_far")]
    if spec.past and day > today:
        return None, [Problem(spec.name, "date_future")]
    if day < EARLIEST:
        return None, [Problem(spec.name, "date_unreadable")]
    return day, []


def _level(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    text = half_width(_string(raw, spec.name))
    if not text:
        return None, []
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) in TRL_RANGE):
        return None, [Problem(spec.name, "unknown_choice")]
    return int(text), []


def _flag(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    return truthy(raw.get(spec.name)), []


def _region(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    code = half_width(_string(raw, spec.name))
    return code, [Problem(spec.name, "unknown_choice")] if code and code not in regions() else []


def _rows(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    return read_indicators(spec, raw.get(spec.name) or [])


def _ip(spec: FieldSpec, raw: Mapping[str, Any], today: dt.date) -> Read:
    return read_ip_rows(spec, raw.get(spec.name) or [])


_READERS: Mapping[Reading, Callable[[FieldSpec, Mapping[str, Any], dt.date], Read]] = {
    Reading.LINE: _line,
    Reading.TEXT: _text,
    Reading.CHOICE: _choice,
    Reading.CHOICES: _choices,
    Reading.TAGS: _tags,
    Reading.MONEY: _money,
    Reading.DATE: _date,
    Reading.LEVEL: _level,
    Reading.FLAG: _flag,
    Reading.INDICATORS: _rows,
    Reading.IP_ROWS: _ip,
    Reading.REGION: _region,
}
