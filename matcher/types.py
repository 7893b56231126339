"""The matcher's vocabulary: what goes in and what comes out. All frozen, all plain values (JSON-able by `dataclasses.asdict`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """Calibrated on technology-transfer staff's judgements: 强 / 较强 / 弱 / 无."""

    STRONG = 4
    FAIR = 3
    WEAK = 2
    NONE = 1


class Operator(StrEnum):
    GE = ">="
    GT = ">"
    LE = "<="
    LT = "<"
    EQ = "="
    RANGE = "range"  # value..value_to
    PLUS_MINUS = "+-"  # value ± value_to


@dataclass(frozen=True, slots=True)
class Indicator:
    """One technical indicator; `source` is the verbatim span it was read from ("" for a form row)."""

    name: str
    operator: Operator
    value: float
    value_to: float | None = None
    unit: str = ""
    condition: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """A challenge as the matcher sees it. `sealed` joins scoring only where the caller wants the full score."""

    id: str
    title: str
    body: str = ""
    keywords: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    sealed: str = ""
    field: str = ""
    industry: str = ""
    region: str = ""  # 6-digit code
    modes: tuple[str, ...] = ()
    trl_min: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A result, or an expert's profile: what can be offered to a need."""

    id: str
    title: str
    body: str = ""
    keywords: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    field: str = ""
    industry: str = ""
    region: str = ""
    modes: tuple[str, ...] = ()
    trl: int | None = None
    updated_on: str = ""  # ISO date


class Verdict(StrEnum):
    MET = "met"
    SHORT = "short"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class IndicatorVerdict:
    """How an offer meets one asked indicator. `shortfall` in the asked unit, where the verdict is SHORT."""

    asked: Indicator
    stated: Indicator | None
    verdict: Verdict
    shortfall: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: two verbatim spans that support it and the terms they share; no terms where they are alike in meaning only."""

    need_quote: str
    offer_quote: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """One feature's share in the score, for 「为什么排在这里」. `name` is an identifier the interface words."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`sentence` is plain Chinese for a manager; `missing` what the need asks and the offer does not say."""

    sentence: str
    evidence: tuple[Evidence, ...]
    verdicts: tuple[IndicatorVerdict, ...]
    missing: tuple[str, ...]
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Match:
    need_id: str
    offer_id: str
    score: float  # 0..1, comparable between needs
    level: Level
    explanation: Explanation
