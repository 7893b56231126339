"""From listings to the matcher's terms. Sealed text joins only where the caller asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jieti.persistence.models import Challenge, Expert, Result
from matcher.types import Indicator, Need, Offer, Operator


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def indicators_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Indicator, ...]:
    """Form rows to indicators; a row without a readable number takes no part."""
    found = []
    for row in rows:
        value = _number(row.get("value"))
        if value is None:
            continue
        found.append(
            Indicator(
                name=str(row.get("name", "")),
                operator=Operator(row.get("operator") or Operator.EQ),
                value=value,
                value_to=_number(row.get("value_to")),
                unit=str(row.get("unit") or ""),
                condition=str(row.get("condition") or ""),
            )
        )
    return tuple(found)


def need_of(challenge: Challenge, *, with_sealed: bool) -> Need:
    """The challenge as the matcher sees it; `with_sealed` adds the sealed text and indicators (for the full score)."""
    rows: list[dict[str, Any]] = list(challenge.indicators)
    sealed = ""
    if with_sealed:
        rows += challenge.sealed_indicators
        sealed = challenge.sealed_text
    return Need(
        id=challenge.ref,
        title=challenge.title,
        body="\n".join(t for t in (challenge.main_problem, challenge.tech_requirements, challenge.expected_goal) if t),
        keywords=tuple(challenge.keywords),
        indicators=indicators_of(rows),
        sealed=sealed,
        field=challenge.field,
        industry=challenge.industry,
        region=challenge.region_code,
        modes=tuple(challenge.modes),
        trl_min=challenge.trl_min,
    )


def offer_of_result(result: Result) -> Offer:
    return Offer(
        id=result.ref,
        title=result.title,
        body="\n".join(t for t in (result.summary, result.body, result.advantages) if t),
        keywords=tuple(result.keywords),
        indicators=indicators_of(result.indicators),
        field=result.field,
        industry=result.industry,
        region=result.region_code,
        modes=tuple(result.modes),
        trl=result.trl,
        updated_on=result.updated_at.date().isoformat(),
    )


def offer_of_expert(expert: Expert, result_titles: Sequence[str]) -> Offer:
    """An expert is matched through their profile and the titles of their listed results."""
    return Offer(
        id=expert.ref,
        title=expert.directions.split("\n")[0][:80] or expert.name,
        body="\n".join(
            t for t in (expert.directions, expert.provides, expert.bio, *expert.projects, *result_titles) if t
        ),
        keywords=tuple(expert.keywords),
        field=expert.fields[0] if expert.fields else "",
        region=expert.region_code,
        updated_on=expert.updated_at.date().isoformat(),
    )
