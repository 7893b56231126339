"""Bands of budget and price for facets, in 万元. The upper bound belongs to the next band."""

from __future__ import annotations

from decimal import Decimal

BANDS: tuple[tuple[str, Decimal | None], ...] = (
    ("under_20", Decimal(20)),
    ("20_50", Decimal(50)),
    ("50_100", Decimal(100)),
    ("100_300", Decimal(300)),
    ("over_300", None),
)
NEGOTIABLE = "negotiable"


def amount_band(amount: Decimal | None) -> str:
    """The band's identifier; None is 面议."""
    if amount is None:
        return NEGOTIABLE
    return next(name for name, upper in BANDS if upper is None or amount < upper)
