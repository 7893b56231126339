"""What is said of a challenge while it is written: what its text leaves open, asked back by the matcher. Advice, never a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jieti.services.listing_validation import split_tags
from jieti.services.matching_texts import indicators_of
from matcher.askback import Question, questions
from matcher.types import Need

MOST_QUESTIONS = 5
MOST_TEXT = 5_000
"""Characters of a field that are read: what is typed has no limit before it is submitted."""


def asked_back(need: Need) -> tuple[Question, ...]:
    """The most useful questions first."""
    return questions(need)[:MOST_QUESTIONS]


def need_of_draft(raw: Mapping[str, Any], values: Mapping[str, Any], *, region: str, sealed: bool = True) -> Need:
    """A challenge as it stands while it is typed.

    `raw`: as typed; `values`: what could be read of it (rows that cannot be read yet take no part). `sealed`: with what
    its owner seals, which only its owner may be told anything of.
    """
    texts = (_text(raw, name) for name in ("main_problem", "tech_requirements", "expected_goal"))
    rows = [*(values.get("indicators") or []), *((values.get("sealed_indicators") or []) if sealed else [])]
    return Need(
        id="",
        title=_text(raw, "title"),
        body="\n".join(text for text in texts if text),
        keywords=tuple(split_tags(_text(raw, "keywords"))),
        indicators=indicators_of(rows),
        sealed=_text(raw, "sealed_text") if sealed else "",
        field=str(values.get("field") or ""),
        industry=str(values.get("industry") or ""),
        region=region,
        modes=tuple(values.get("modes") or ()),
        trl_min=values.get("trl_min"),
    )


def _text(raw: Mapping[str, Any], name: str) -> str:
    return str(raw.get(name) or "")[:MOST_TEXT].strip()
