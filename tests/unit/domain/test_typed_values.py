"""Money, dates, numbers as people type them."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieti.domain.dates import china_day, parse_date
from jieti.domain.money import parse_money
from jieti.domain.quantities import parse_number, parse_quantity
from jieti.domain.typed import Unreadable, clean_line, clean_text, half_width

FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("120", "120"),
        ("１２０", "120"),
        ("1,200", "1200"),
        ("１，２００．５", "1200.5"),
        ("120万", "120"),
        ("120 万元", "120"),
        ("1.2亿", "12000"),
        ("1.2亿元", "12000"),
        ("500000元", "50"),
        ("￥80万元", "80"),
        ("¥1元", "0.0001"),
        ("-5", "-5"),
        ("－５", "-5"),
        ("80.", "80"),
        (".5", "0.5"),
        ("80万元整", "80"),
    ],
)
def test_money_is_read(typed: str, amount: str) -> None:
    assert parse_money(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed", ["", "abc", "1,2", "12,34", "1.2.3", "1e5", "NaN", "Infinity", "八十万", "80美元", "1" * 50, "80%"]
)
def test_money_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_money(typed)
    assert caught.value.code == "money_unreadable"


def test_parts_of_a_yuan_are_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        parse_money("0.00001")
    assert caught.value.code == "money_too_fine"


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=Decimal("99999999"), places=4))
def test_money_survives_writing_and_reading(amount: Decimal) -> None:
    assert parse_money(f"{amount:,f}") == amount
    assert parse_money(f"{amount:f}".translate(FULL_WIDTH)) == amount


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-31",
        "2026/12/31",
        "2026.12.31",
        "2026年12月31日",
        "20261231",
        "２０２６－１２－３１",
        " 2026 年 12 月 31 日 ",
    ],
)
def test_dates_are_read(typed: str) -> None:
    assert parse_date(typed) == dt.date(2026, 12, 31)


@pytest.mark.parametrize("typed", ["", "2026-02-30", "31/12/2026", "12月31日", "2026-13-01", "0000-01-01", "明天"])
def test_dates_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        parse_date(typed)


@settings(deadline=None)
@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_dates_survive_writing_and_reading(day: dt.date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == day


def test_the_day_in_china() -> None:
    assert china_day(dt.datetime(2026, 12, 31, 15, 59)) == dt.date(2026, 12, 31)
    assert china_day(dt.datetime(2026, 12, 31, 16, 0)) == dt.date(2027, 1, 1)


@pytest.mark.parametrize(
    ("typed", "value", "unit"),
    [
        ("-40", -40, ""),
        ("－40", -40, ""),
        ("−40℃", -40, "℃"),
        ("１，２００", 1200, ""),
        ("1.2×10³", 1200, ""),
        ("10³", 1000, ""),
        ("10⁻³", 0.001, ""),
        ("1.2*10^3 Pa", 1200, "Pa"),
        ("1e-3", 0.001, ""),
        ("67%", 67, "%"),
        ("2000 h", 2000, "h"),
        ("0", 0, ""),
    ],
)
def test_quantities_are_read(typed: str, value: float, unit: str) -> None:
    read, found = parse_quantity(typed)
    assert math.isclose(read, value, abs_tol=1e-12) and found == unit


@pytest.mark.parametrize("typed", ["", "nan", "inf", "1e999", "1-3", "≥5", "--5", "1,2", "x" * 100])
def test_numbers_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        parse_number(typed)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_numbers_survive_writing_and_reading(value: float) -> None:
    assert parse_number(repr(value)) == value


@settings(deadline=None)
@given(st.text(max_size=80))
def test_anything_typed_is_read_or_refused(text: str) -> None:
    """Never another error, whatever is typed."""
    for read in (parse_money, parse_date, parse_quantity):
        try:
            read(text)
        except Unreadable:
            continue


@settings(deadline=None)
@given(st.text(max_size=200))
def test_cleaning_settles_and_leaves_no_control_character(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert not any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in cleaned)
    assert "\n" not in clean_line(text)
    cleaned.encode()


def test_cleaning_keeps_what_people_mean() -> None:
    assert clean_text("强度😀≥１２\r\n第二行\0\u200b\u202e") == "强度😀≥１２\n第二行"
    assert clean_line("  PA66\t增韧 \n 改性 ") == "PA66 增韧 改性"
    assert half_width("９１３３ ０５２１－ＭＡ") == "91330521-MA"
