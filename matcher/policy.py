"""Policy weights: what is added to a pair's score for reasons other than what its texts say.

They order matches and never change a level (a level says how well the texts fit). Each is switchable and appears by
its name among a match's contributions. The values are set by hand, in models/policy-v2.json, not fitted: no labelled data
says what a county's policy should be worth.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from matcher.indicators import compare_all
from matcher.types import Contribution, Need, Offer, Verdict

DEFAULT_FILE = Path(__file__).resolve().parent / "models" / "policy-v2.json"
NAMES = ("indicators", "field", "industry", "mode", "trl", "same_county", "accelerated", "shanhai", "fresh")

STALE_DAYS = 730
"""After two years without a change, whether an offer still stands must be asked anyway."""


@dataclass(frozen=True, slots=True)
class PolicyWeights:
    """Version and weights, in the ranker's units (one unit is the usual distance between neighbouring levels)."""

    version: str
    weights: Mapping[str, float]

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> PolicyWeights:
        """Raises OSError, or ValueError for a file that names an unknown weight."""
        data = json.loads(path.read_text(encoding="utf-8"))
        weights = {str(name): float(value) for name, value in data["weights"].items()}
        unknown = set(weights) - set(NAMES)
        if unknown:
            raise ValueError(f"{path}: unknown policy weights {', '.join(sorted(unknown))}")
        return cls(str(data["version"]), weights)

    def only(self, names: Collection[str]) -> PolicyWeights:
        """The same weights with those not named switched off; the version says which are on, a bit each in NAMES' order.

        Raises ValueError for an unknown name.
        """
        unknown = set(names) - set(NAMES)
        if unknown:
            raise ValueError(f"unknown policy weights {', '.join(sorted(unknown))}")
        if set(NAMES) <= set(names):
            return self
        mask = sum(1 << bit for bit, name in enumerate(NAMES) if name in names)
        return PolicyWeights(
            f"{self.version}~{mask:02x}", {name: value for name, value in self.weights.items() if name in names}
        )


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What the caller knows of counties on the day of matching, and which contributions are switched on.

    `accelerated`: region codes favoured on that day; `shanhai`: paired counties, each pair in one frozenset; `on`: the day,
    from which an offer's age is counted (None: age has no part).
    """

    enabled: frozenset[str] = frozenset(NAMES)
    accelerated: frozenset[str] = frozenset()
    shanhai: frozenset[frozenset[str]] = field(default_factory=frozenset)
    on: date | None = None


def contributions(
    need: Need, offer: Offer, weights: PolicyWeights, context: PolicyContext | None
) -> tuple[Contribution, ...]:
    """The policy's share in this pair's score; empty without a context. What is not known adds nothing."""
    if context is None:
        return ()
    held = {
        "indicators": _indicators_met(need, offer),
        "field": float(bool(need.field) and need.field == offer.field),
        "industry": float(bool(need.industry) and need.industry == offer.industry),
        "mode": float(bool(set(need.modes) & set(offer.modes))),
        "trl": -float(max(0, (need.trl_min or 0) - offer.trl)) if need.trl_min and offer.trl else 0.0,
        "same_county": float(bool(need.region) and need.region == offer.region),
        "accelerated": float(need.region in context.accelerated),
        "shanhai": float(frozenset((need.region, offer.region)) in context.shanhai),
        "fresh": _freshness(offer.updated_on, context.on),
    }
    return tuple(
        Contribution(f"policy.{name}", share * weights.weights.get(name, 0.0))
        for name, share in held.items()
        if share and name in context.enabled and weights.weights.get(name)
    )


def _freshness(updated_on: str, on: date | None) -> float:
    """1 for what was updated today, falling in a line to 0 for what nobody has touched for STALE_DAYS."""
    if not updated_on or on is None:
        return 0.0
    days = (on - date.fromisoformat(updated_on)).days
    return min(1.0, max(0.0, 1 - days / STALE_DAYS))


def _indicators_met(need: Need, offer: Offer) -> float:
    """Share of the asked indicator rows that the offer's rows meet, less the share they miss: -1 to 1.

    Of rows alone, not of prose: what is stated as an indicator is what its owner stands for, and it costs next to nothing.
    """
    if not need.indicators or not offer.indicators:
        return 0.0
    verdicts = [verdict.verdict for verdict in compare_all(need.indicators, offer.indicators)]
    return (verdicts.count(Verdict.MET) - verdicts.count(Verdict.SHORT)) / len(verdicts)
