"""Contract records: any two amounts, read as typed, hold only if 0 ≤ 技术交易额 ≤ 合同成交额 and the contract is worth something."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jieti.domain.errors import Invalid
from jieti.domain.money import LARGEST
from jieti.services.contracts import TypedContract, read_contract

TODAY = dt.date(2026, 11, 23)
GOOD = TypedContract(
    kind="licence", name="许可合同", contract_value="80", tech_value="80", signed_on="2026年11月20日", number=" HT-1 "
)
amounts = st.decimals(min_value=-10, max_value=LARGEST * 2, places=4, allow_nan=False, allow_infinity=False)
forms = st.sampled_from(["{}", "{}万", "{}万元", " {} ", "¥{}"])


def codes(typed: TypedContract) -> set[tuple[str, str]]:
    try:
        read_contract(typed, TODAY)
    except Invalid as error:
        return {(p.field, p.code) for p in error.problems}
    return set()


@given(contract=amounts, tech=amounts, form=forms)
def test_technology_value_lies_within_the_contract_value(contract: Decimal, tech: Decimal, form: str) -> None:
    typed = replace(GOOD, contract_value=form.format(contract), tech_value=form.format(tech))
    found = codes(typed)
    holds = 0 < contract <= LARGEST and 0 <= tech <= contract
    assert (found == set()) is holds, (found, contract, tech)
    if holds:
        terms = read_contract(typed, TODAY)
        assert (terms.contract_value, terms.tech_value) == (contract, tech)
        assert Decimal(terms.amounts()["tech_value"]) <= Decimal(terms.amounts()["contract_value"])
    if 0 < contract < tech <= LARGEST:
        assert found == {("tech_value", "tech_above_contract")}


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
@example("1" + "0" * 24, "", "")  # more digits than decimal's context holds
def test_no_text_breaks_the_reading(money: str, day: str, name: str) -> None:
    codes(replace(GOOD, contract_value=money, tech_value=money, signed_on=day, valid_until=day, name=name, number=name))


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("１２０", "120"),
        ("1,200.5", "1200.5"),
        ("120万", "120"),
        ("1.2亿元", "12000"),
        ("5000元", "0.5"),
        ("0.0001", "0.0001"),
    ],
)
def test_amounts_as_people_type_them(typed: str, amount: str) -> None:
    terms = read_contract(replace(GOOD, contract_value=typed, tech_value="0"), TODAY)
    assert terms.contract_value == Decimal(amount)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "barter"}, ("kind", "required")),
        ({"name": " \u200b "}, ("name", "required")),
        ({"name": "长" * 201}, ("name", "too_long")),
        ({"contract_value": "一百"}, ("contract_value", "money_unreadable")),
        ({"contract_value": "-5"}, ("contract_value", "money_negative")),
        ({"contract_value": "0", "tech_value": "0"}, ("contract_value", "zero")),
        ({"contract_value": "99999999"}, ("contract_value", "money_absurd")),
        ({"contract_value": "80.00001"}, ("contract_value", "money_too_fine")),
        ({"signed_on": "2026-11-24"}, ("signed_on", "date_in_future")),
        ({"signed_on": "2026-02-30"}, ("signed_on", "date_unreadable")),
        ({"signed_on": "0001-01-01"}, ("signed_on", "date_unreadable")),
        ({"valid_until": "2026-11-19"}, ("valid_until", "ends_before_start")),
        ({"valid_from": "2027-01-01", "valid_until": "2026-12-31"}, ("valid_until", "ends_before_start")),
    ],
)
def test_what_does_not_hold_is_named(change: dict[str, str], expected: tuple[str, str]) -> None:
    assert expected in codes(replace(GOOD, **change))


def test_content_is_cleaned() -> None:
    terms = read_contract(GOOD, TODAY)
    assert (terms.number, terms.signed_on) == ("HT-1", dt.date(2026, 11, 20))
