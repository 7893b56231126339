"""What a challenge's text leaves open, asked back while it is written: the matcher's questions. Advice, never a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jieti.services.listing_validation import split_tags
from matcher.askback import Question, questions
from matcher.types import Indicator, Need, Operator

MOST_QUESTIONS = 5
MOST_TEXT = 5_000


def asked_back(raw: Mapping[str, Any], indicators: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """`raw`: the challenge as typed; `indicators`: its readable rows, open and sealed. The most useful questions first."""
    texts = (str(raw.get(name) or "")[:MOST_TEXT] for name in ("main_problem", "tech_requirements", "expected_goal"))
    need = Need(
        id="",
        title=str(raw.get("title") or "")[:MOST_TEXT],
        body="\n".join(text for text in texts if text),
        keywords=tuple(split_tags(str(raw.get("keywords") or "")[:MOST_TEXT])),
        indicators=tuple(_indicator(row) for row in indicators if row.get("value") is not None),
        sealed=str(raw.get("sealed_text") or "")[:MOST_TEXT],
    )
    return questions(need)[:MOST_QUESTIONS]


def _indicator(row: Mapping[str, Any]) -> Indicator:
    return Indicator(
        name=row["name"],
        operator=Operator(row["operator"]),
        value=row["value"],
        value_to=row["value_to"],
        unit=row["unit"],
        condition=row["condition"],
    )
