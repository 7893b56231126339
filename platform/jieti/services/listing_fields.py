"""What is asked of a challenge and of a result: each field once, with its step, its kind and its limit.

Forms, validation, drafts, snapshots and the list of changes are all driven by these rows (domain fact sheet: each of
主要问题, 技术指标, 预期目标 at most 500 characters; keywords at most 5 on a challenge; five IP forms and more on a result).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Reading(StrEnum):
    """How a raw value is read."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    TAGS = "tags"
    MONEY = "money"
    DATE = "date"
    LEVEL = "level"  # TRL 1 to 9
    FLAG = "flag"
    INDICATORS = "indicators"
    IP_ROWS = "ip_rows"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """`limit`: characters of a text, or number of entries. `vocabulary`: name of a closed list, see listing_validation.

    `companion`: the flag that stands for "no value" of a MONEY field (面议). `sealed`: shown to the sealed audience only.
    `future`: a DATE that must not be in the past; `past`: one that must not be in the future.
    """

    name: str
    step: str
    reading: Reading
    limit: int = 0
    required: bool = False
    vocabulary: str = ""
    companion: str = ""
    sealed: bool = False
    future: bool = False
    past: bool = False
    entry_limit: int = 20  # characters of one TAGS entry


R = Reading
MOST_KEYWORDS = 5
MOST_INDICATORS = 20

CHALLENGE_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("title", "problem", R.LINE, 60, required=True),
    FieldSpec("main_problem", "problem", R.TEXT, 500, required=True),
    FieldSpec("tech_requirements", "problem", R.TEXT, 500),
    FieldSpec("expected_goal", "problem", R.TEXT, 500),
    FieldSpec("field", "problem", R.CHOICE, required=True, vocabulary="fields"),
    FieldSpec("industry", "problem", R.CHOICE, vocabulary="industries"),
    FieldSpec("keywords", "problem", R.TAGS, MOST_KEYWORDS),
    FieldSpec("activity_type", "problem", R.CHOICE, vocabulary="activities"),
    FieldSpec("indicators", "indicators", R.INDICATORS, MOST_INDICATORS),
    FieldSpec("modes", "terms", R.CHOICES, required=True, vocabulary="modes"),
    FieldSpec("trl_min", "terms", R.LEVEL),
    FieldSpec("budget", "terms", R.MONEY, required=True, companion="budget_negotiable"),
    FieldSpec("deadline", "terms", R.DATE, required=True, future=True),
    FieldSpec("ip_terms", "terms", R.TEXT, 500),
    FieldSpec("solver_conditions", "terms", R.TEXT, 500),
    FieldSpec("intended_partner", "terms", R.LINE, 100),
    FieldSpec("anonymous", "terms", R.FLAG),
    FieldSpec("sealed_text", "sealed", R.TEXT, 2000, sealed=True),
    FieldSpec("sealed_indicators", "sealed", R.INDICATORS, MOST_INDICATORS, sealed=True),
    FieldSpec("contact_name", "contact", R.LINE, 40, required=True),
    FieldSpec("contact_phone", "contact", R.LINE, 40, required=True),
)

RESULT_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("title", "basics", R.LINE, 60, required=True),
    FieldSpec("summary", "basics", R.LINE, 120, required=True),
    FieldSpec("body", "basics", R.TEXT, 2000, required=True),
    FieldSpec("advantages", "basics", R.TEXT, 500),
    FieldSpec("market", "basics", R.TEXT, 500),
    FieldSpec("field", "basics", R.CHOICE, required=True, vocabulary="fields"),
    FieldSpec("industry", "basics", R.CHOICE, vocabulary="industries"),
    FieldSpec("keywords", "basics", R.TAGS, MOST_KEYWORDS),
    FieldSpec("indicators", "indicators", R.INDICATORS, MOST_INDICATORS),
    FieldSpec("trl", "maturity", R.LEVEL, required=True),
    FieldSpec("trl_scale", "maturity", R.CHOICE, vocabulary="trl_scales"),
    FieldSpec("modes", "maturity", R.CHOICES, required=True, vocabulary="modes"),
    FieldSpec("price", "maturity", R.MONEY, required=True, companion="price_negotiable"),
    FieldSpec("completed_on", "maturity", R.DATE, past=True),
    FieldSpec("region_code", "maturity", R.REGION, required=True),
    FieldSpec("ip_rows", "ip", R.IP_ROWS, MOST_INDICATORS),
    FieldSpec("awards", "ip", R.TEXT, 500),
    FieldSpec("contact_name", "contact", R.LINE, 40, required=True),
    FieldSpec("contact_phone", "contact", R.LINE, 40, required=True),
)

FIELDS: Mapping[str, tuple[FieldSpec, ...]] = {"challenge": CHALLENGE_FIELDS, "result": RESULT_FIELDS}
STEPS: Mapping[str, tuple[str, ...]] = {
    "challenge": ("problem", "indicators", "terms", "sealed", "contact", "check"),
    "result": ("basics", "indicators", "maturity", "ip", "contact", "check"),
}

INDICATOR_PARTS = ("name", "operator", "value", "value_to", "unit", "condition")
IP_PARTS = ("kind", "number", "status", "title")
ROW_PARTS: Mapping[Reading, tuple[str, ...]] = {R.INDICATORS: INDICATOR_PARTS, R.IP_ROWS: IP_PARTS}


def fields_of(kind: str, step: str) -> tuple[FieldSpec, ...]:
    """The rows of one step. An unknown step has none."""
    return tuple(spec for spec in FIELDS[kind] if spec.step == step)


def step_of(kind: str, name: str) -> str:
    """The step in which a field (or one part of its rows, `indicators.2.unit`) is asked."""
    head = name.split(".", 1)[0]
    for spec in FIELDS[kind]:
        if head in (spec.name, spec.companion):
            return spec.step
    return STEPS[kind][0]


def raw_names(spec: FieldSpec) -> tuple[str, ...]:
    return (spec.name, spec.companion) if spec.companion else (spec.name,)


def empty_rows_dropped(rows: Sequence[Mapping[str, Any]], parts: Sequence[str]) -> list[dict[str, str]]:
    """Rows as typed, those in which nothing was typed left out (an operator alone is the form's own choice)."""
    kept = []
    for row in rows:
        typed = {part: str(row.get(part) or "") for part in parts}
        if any(typed[part].strip() for part in parts if part not in {"operator", "status", "kind"}):
            kept.append(typed)
    return kept
