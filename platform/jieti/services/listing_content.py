"""Between a listing's columns, what a form shows, and what a version keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jieti.persistence.models import Challenge, Result
from jieti.services.listing_fields import FIELDS, ROW_PARTS, FieldSpec, Reading
from jieti.services.listing_validation_rows import raw_number, raw_rows

Listing = Challenge | Result


def raw_of(kind: str, record: Listing) -> dict[str, Any]:
    """The accepted content as a form would have it typed: strings, lists of codes, rows of strings."""
    raw: dict[str, Any] = {}
    for spec in FIELDS[kind]:
        raw[spec.name] = _raw_value(spec, getattr(record, spec.name))
        if spec.companion:
            # A record that was never submitted has said nothing yet about money.
            raw[spec.companion] = bool(record.title) and getattr(record, spec.name) is None
    return raw


def _raw_value(spec: FieldSpec, value: Any) -> Any:
    if spec.reading in ROW_PARTS:
        return raw_rows(value or [], ROW_PARTS[spec.reading])
    if spec.reading is Reading.CHOICES:
        return list(value or [])
    if spec.reading is Reading.TAGS:
        return "、".join(value or [])
    if spec.reading is Reading.FLAG:
        return bool(value)
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return raw_number(value)


def plain_decimal(value: Decimal) -> str:
    """80, 80.5: no exponent, no trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def apply(kind: str, record: Listing, values: Mapping[str, Any]) -> list[str]:
    """Put validated values into the columns; the names of the fields that changed, in the order of the fields."""
    changed = [spec.name for spec in FIELDS[kind] if getattr(record, spec.name) != values[spec.name]]
    for name in changed:
        setattr(record, name, values[name])
    return changed


def snapshot(kind: str, record: Listing) -> dict[str, Any]:
    """The content as JSON, sealed fields included: kept in listing_version, for the sealed audience only."""
    return {spec.name: _json(getattr(record, spec.name)) for spec in FIELDS[kind]}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def open_part(kind: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A snapshot without its sealed fields."""
    sealed = {spec.name for spec in FIELDS[kind] if spec.sealed}
    return {name: value for name, value in kept.items() if name not in sealed}


def changes(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of two snapshots, in the order of the fields."""
    found = []
    for spec in FIELDS[kind]:
        old, new = before.get(spec.name), after.get(spec.name)
        if old != new and (old or new):
            found.append((spec.name, old, new))
    return found


def sealed_names(kind: str) -> frozenset[str]:
    return frozenset(spec.name for spec in FIELDS[kind] if spec.sealed)
