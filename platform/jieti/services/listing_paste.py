"""贴一段话，拆成指标: rows for the form out of prose, by the matcher's own reader."""

from __future__ import annotations

from jieti.services.listing_fields import MOST_INDICATORS
from jieti.services.listing_validation_rows import raw_number
from matcher.indicators import label, parse

MOST_TEXT = 20_000


def split_into_rows(text: str) -> list[dict[str, str]]:
    """Rows as a person would type them, at most MOST_INDICATORS; nothing found gives none. They are checked like any other."""
    return [
        {
            "name": indicator.name or label(indicator)[:40],
            "operator": indicator.operator.value,
            "value": raw_number(float(indicator.value)),
            "value_to": "" if indicator.value_to is None else raw_number(float(indicator.value_to)),
            "unit": indicator.unit,
            "condition": indicator.condition,
        }
        for indicator in parse(text[:MOST_TEXT])[:MOST_INDICATORS]
    ]
