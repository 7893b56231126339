"""Reading a proposal from what was typed: an answer for each open indicator, the plan, the terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jieti.domain.errors import Invalid, Problem
from jieti.domain.money import LARGEST, parse_money
from jieti.domain.typed import Unreadable, clean_line, clean_text

STEPS = ("indicators", "plan", "terms", "check")
MEETS = ("met", "partly", "no")
"""达到, 部分达到, 不能."""

TEXTS: tuple[tuple[str, int, bool], ...] = (
    ("summary", 2000, True),
    ("team", 1000, True),
    ("schedule", 1000, True),
    ("ip_terms", 500, False),
)
"""Field, most characters, required."""
ANSWER_PARTS: tuple[tuple[str, int], ...] = (("value", 60), ("evidence", 500), ("when", 60))
STEP_OF = {
    "answers": "indicators",
    "summary": "plan",
    "result": "plan",
    "team": "terms",
    "price": "terms",
    "schedule": "terms",
    "ip_terms": "terms",
}


@dataclass(frozen=True, slots=True)
class ProposalContent:
    """`answers`: one a challenge's indicator, in its order: {name, meets, value, evidence, when}. `price` 万元; None: 面议."""

    answers: list[dict[str, Any]]
    summary: str
    result_ref: str
    team: str
    price: Decimal | None
    schedule: str
    ip_terms: str


def read_proposal(typed: Mapping[str, Any], indicators: Sequence[Mapping[str, Any]]) -> ProposalContent:
    """Raises Invalid with every problem (`answers.0.meets`, `summary`, `price`, …)."""
    problems: list[Problem] = []
    rows = typed.get("answers") or []
    answers: list[dict[str, Any]] = []
    for position, indicator in enumerate(indicators):
        row = rows[position] if position < len(rows) else {}
        meets = row.get("meets", "")
        if meets not in MEETS:
            problems.append(Problem(f"answers.{position}.meets", "required"))
        answer = {"name": indicator.get("name", ""), "meets": meets}
        for part, limit in ANSWER_PARTS:
            answer[part] = _text(
                problems, f"answers.{position}.{part}", row.get(part, ""), limit, line=part != "evidence"
            )
        if meets == "met" and not answer["evidence"]:
            problems.append(Problem(f"answers.{position}.evidence", "evidence_missing"))
        answers.append(answer)
    texts = {name: _text(problems, name, typed.get(name, ""), limit) for name, limit, _required in TEXTS}
    problems += [Problem(name, "required") for name, _limit, required in TEXTS if required and not texts[name]]
    price = None if typed.get("negotiable") else _price(problems, str(typed.get("price", "")))
    if problems:
        raise Invalid(problems)
    return ProposalContent(
        answers=answers,
        summary=texts["summary"],
        result_ref=str(typed.get("result", ""))[:16],
        team=texts["team"],
        price=price,
        schedule=texts["schedule"],
        ip_terms=texts["ip_terms"],
    )


def _text(problems: list[Problem], field: str, typed: Any, limit: int, *, line: bool = False) -> str:
    text = (clean_line if line else clean_text)(str(typed))
    if len(text) > limit:
        problems.append(Problem(field, "too_long", {"limit": limit, "over": len(text) - limit}))
    return text


def _price(problems: list[Problem], typed: str) -> Decimal | None:
    if not typed.strip():
        problems.append(Problem("price", "required"))
        return None
    try:
        amount = parse_money(typed)
    except Unreadable as error:
        problems.append(Problem("price", error.code))
        return None
    if amount < 0 or amount > LARGEST:
        problems.append(Problem("price", "money_negative") if amount < 0 else _absurd("price"))
        return None
    return amount.quantize(Decimal("0.0001"))


def _absurd(field: str) -> Problem:
    return Problem(field, "money_absurd", {"limit": f"{LARGEST:,}"})
