"""Reading amounts in 万元 (10,000 yuan) as people type them: １２０, 1,200, 120万, 1.2亿, 500000元."""

from __future__ import annotations

import re
from decimal import Decimal

from jieti.domain.typed import Unreadable, half_width

LARGEST = Decimal(100_000)
"""10亿元: more than any contract of the province's market so far; an amount above it is a slip of the unit."""

_AMOUNT = re.compile(
    r"[¥￥]?(?P<sign>[+-]?)[¥￥]?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?P<unit>万元|万|亿元|亿|元|)(?:人民币|整)?"
)
_FACTORS = {
    "": Decimal(1),
    "万": Decimal(1),
    "万元": Decimal(1),
    "亿": Decimal(10_000),
    "亿元": Decimal(10_000),
    "元": Decimal("0.0001"),
}
_LONGEST = 24
"""Characters: more than any real amount takes, and no more digits than decimal arithmetic holds."""


def parse_money(text: str) -> Decimal:
    """The amount in 万元, exact to one yuan; a bare number is 万元.

    Raises Unreadable: `money_unreadable`, `money_too_fine` (parts of a yuan). Sign and size are the caller's to judge.
    """
    folded = half_width(text)
    match = _AMOUNT.fullmatch(folded) if len(folded) <= _LONGEST else None
    if match is None:
        raise Unreadable("money_unreadable")
    amount = Decimal(match["number"].replace(",", "")) * _FACTORS[match["unit"]]
    if amount < 10**12 and amount != amount.quantize(Decimal("0.0001")):  # larger ones quantize cannot take
        raise Unreadable("money_too_fine")
    return -amount if match["sign"] == "-" else amount
