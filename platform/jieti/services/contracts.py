"""技术合同: what a contract record must say, read from what was typed.

合同成交额 is the whole price, 技术交易额 the part of it that is technology: 0 ≤ 技术交易额 ≤ 合同成交额, both in 万元
(技术合同认定登记; both must be stated).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from jieti.domain.dates import parse_date
from jieti.domain.errors import Invalid, Problem
from jieti.domain.money import LARGEST, parse_money
from jieti.domain.typed import Unreadable, clean_line
from jieti.domain.vocabulary import ContractType

OLDEST = dt.date(2000, 1, 1)
LATEST = dt.date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class TypedContract:
    """The contract form's fields as typed."""

    kind: str = ""
    name: str = ""
    number: str = ""
    contract_value: str = ""
    tech_value: str = ""
    signed_on: str = ""
    valid_from: str = ""
    valid_until: str = ""


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """A contract record's content, checked. Amounts in 万元."""

    kind: ContractType
    name: str
    number: str
    contract_value: Decimal
    tech_value: Decimal
    signed_on: dt.date
    valid_from: dt.date | None
    valid_until: dt.date | None

    def amounts(self) -> dict[str, str]:
        """The two amounts as decimal strings, for the event from which figures are recomputed."""
        return {"contract_value": str(self.contract_value), "tech_value": str(self.tech_value)}


def read_contract(typed: TypedContract, today: dt.date) -> ContractTerms:
    """Raises Invalid with every problem; fields are named as in TypedContract. `today`: China's date."""
    problems: list[Problem] = []
    kind = typed.kind if typed.kind in {k.value for k in ContractType} else ""
    if not kind:
        problems.append(Problem("kind", "required"))
    name = _line(problems, "name", typed.name, 200, required=True)
    number = _line(problems, "number", typed.number, 40, required=False)
    contract_value = _money(problems, "contract_value", typed.contract_value)
    tech_value = _money(problems, "tech_value", typed.tech_value)
    if contract_value is not None and contract_value == 0:
        problems.append(Problem("contract_value", "zero"))
    if contract_value is not None and tech_value is not None and tech_value > contract_value:
        problems.append(Problem("tech_value", "tech_above_contract"))
    signed_on = _day(problems, "signed_on", typed.signed_on, required=True)
    valid_from = _day(problems, "valid_from", typed.valid_from, required=False)
    valid_until = _day(problems, "valid_until", typed.valid_until, required=False)
    if signed_on is not None and signed_on > today:
        problems.append(Problem("signed_on", "date_in_future"))
    start = valid_from or signed_on
    if valid_until is not None and start is not None and valid_until < start:
        problems.append(Problem("valid_until", "ends_before_start"))
    if problems or contract_value is None or tech_value is None or signed_on is None:
        raise Invalid(problems)
    return ContractTerms(
        kind=ContractType(kind),
        name=name,
        number=number,
        contract_value=contract_value,
        tech_value=tech_value,
        signed_on=signed_on,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _line(problems: list[Problem], field: str, typed: str, limit: int, *, required: bool) -> str:
    text = clean_line(typed[: limit * 4])
    if required and not text:
        problems.append(Problem(field, "required"))
    if len(text) > limit:
        problems.append(Problem(field, "too_long", {"limit": limit, "over": len(text) - limit}))
    return text


def _money(problems: list[Problem], field: str, typed: str) -> Decimal | None:
    """None where a problem was added."""
    if not typed.strip():
        problems.append(Problem(field, "required"))
        return None
    try:
        amount = parse_money(typed)
    except Unreadable as error:
        problems.append(Problem(field, error.code))
        return None
    if amount < 0 or amount > LARGEST:
        problems.append(Problem(field, "money_negative") if amount < 0 else _absurd(field))
        return None
    return amount.quantize(Decimal("0.0001"))


def _day(problems: list[Problem], field: str, typed: str, *, required: bool) -> dt.date | None:
    if not typed.strip():
        if required:
            problems.append(Problem(field, "required"))
        return None
    try:
        day = parse_date(typed)
    except Unreadable as error:
        problems.append(Problem(field, error.code))
        return None
    if not OLDEST <= day <= LATEST:
        problems.append(Problem(field, "date_unreadable"))
        return None
    return day


def _absurd(field: str) -> Problem:
    return Problem(field, "money_absurd", {"limit": f"{LARGEST:,}"})
