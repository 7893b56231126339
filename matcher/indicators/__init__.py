"""Technical indicators: read out of Chinese engineering prose, and compared across units."""

from __future__ import annotations

from matcher.indicators.compare import compare, compare_all
from matcher.indicators.parse import PRESENT_STATE as PRESENT
from matcher.indicators.parse import parse
from matcher.indicators.sections import wanted
from matcher.types import Indicator, Need, Offer

__all__ = ["compare", "compare_all", "indicators_of", "label", "parse"]


def indicators_of(listing: Need | Offer) -> tuple[Indicator, ...]:
    """Form rows first, then what the texts state besides them; nothing of one name and value twice.

    Where a need has rows, they alone are what it asks: its text tells of the present state too (“现开裂率3.5%”).
    """
    if isinstance(listing, Need) and listing.indicators:
        return listing.indicators
    if isinstance(listing, Need):
        texts = [listing.title, *wanted(listing.body), *wanted(listing.sealed)]
    else:
        texts = [listing.title, listing.body]
    found: dict[tuple[str, float, float | None, str], Indicator] = {}
    named = {row.name for row in listing.indicators if row.name}
    for row in listing.indicators:
        found.setdefault((row.name, row.value, row.value_to, row.unit), row)
    for text in texts:
        for indicator in parse(text):
            if isinstance(listing, Need) and PRESENT.match(indicator.condition):
                continue  # what is so today is not what is asked
            # What a row already says is often told once more in the text, in other words.
            if indicator.name and not any(indicator.name in name or name in indicator.name for name in named):
                key = (indicator.name, indicator.value, indicator.value_to, indicator.unit)
                found.setdefault(key, indicator)
    return tuple(found.values())


def label(indicator: Indicator) -> str:
    """As a reader would write it: the name, or the words it was read from."""
    return indicator.name or indicator.source or f"{indicator.value:g}{indicator.unit}"
