"""Reading the numbers of indicator rows: -40, １，２００, 1.2×10³, 1e-3, and a unit typed along (67%)."""

from __future__ import annotations

import math
import re

from jieti.domain.typed import Unreadable, half_width

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_POWER = re.compile(r"10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_NUMBER = re.compile(
    r"(?P<mantissa>[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+))"
    r"(?:[eE](?P<e>[+-]?\d{1,3})|[x×*·]10\^?(?P<power>[+-]?\d{1,3}))?"
    r"(?P<unit>[^\d.,+\-\s].*)?"
)
_BARE_POWER = re.compile(r"(?P<sign>[+-]?)10\^(?P<power>[+-]?\d{1,3})(?P<unit>\D.*)?")
_LONGEST = 60


def parse_quantity(text: str) -> tuple[float, str]:
    """Number and the unit typed behind it ("" where none is).

    Raises Unreadable `number_unreadable`; infinite and not-a-number are no numbers here.
    """
    # Superscripts first: NFKC would turn 10³ into 103.
    marked = _POWER.sub(lambda m: "10^" + m[1].translate(_SUPERSCRIPTS), text)
    folded = half_width(marked)
    if len(folded) > _LONGEST:
        raise Unreadable("number_unreadable")
    bare = _BARE_POWER.fullmatch(folded)
    if bare is not None:
        value = float(f"{bare['sign']}1e{bare['power']}")
        unit = bare["unit"]
    else:
        match = _NUMBER.fullmatch(folded)
        if match is None:
            raise Unreadable("number_unreadable")
        exponent = match["e"] or match["power"] or "0"
        value = float(f"{match['mantissa'].replace(',', '')}e{exponent}")
        unit = match["unit"]
    if not math.isfinite(value):
        raise Unreadable("number_unreadable")
    return value, (unit or "").replace("°C", "℃").replace("°F", "℉")  # NFKC took these apart


def parse_number(text: str) -> float:
    """A number alone. Raises Unreadable `number_unreadable`."""
    value, unit = parse_quantity(text)
    if unit:
        raise Unreadable("number_unreadable")
    return value
