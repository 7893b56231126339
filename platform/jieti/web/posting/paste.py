"""贴一段话，拆成指标: rows for the form out of prose, by the matcher's own reader."""

from __future__ import annotations

from jieti.services.listing_validation_rows import raw_number

MOST_TEXT = 20_000
MOST_ROWS = 20


def split_into_rows(text: str) -> list[dict[str, str]]:
    """Rows as typed; nothing found gives none."""
    from matcher.indicators import parse_indicators

    found = parse_indicators(text[:MOST_TEXT])[:MOST_ROWS]
    return [
        {
            "name": indicator.name,
            "operator": indicator.operator.value,
            "value": raw_number(indicator.value),
            "value_to": raw_number(indicator.value_to),
            "unit": indicator.unit,
            "condition": indicator.condition,
        }
        for indicator in found
    ]
