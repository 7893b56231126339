"""What a challenge would be matched with if it were published as it stands: computed while it is written, never stored.

The real engine and the real matcher, over fewer candidates than the worker's (`services.matching`): the nearest ones decide
what is shown. Runs in a web process on the encoder that it has loaded already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from jieti.domain.dates import china_day
from jieti.domain.identity import PUBLIC, Identity
from jieti.domain.lifecycles import result as result_states
from jieti.domain.permissions import Permission, require
from jieti.persistence.models import Result, utcnow
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matching import KEPT, county_policy
from jieti.services.matching_texts import offer_of_result
from matcher.pipeline import Matcher
from matcher.types import Level, Match, Need
from search.ports import EngineUnavailable, Kind, SearchEngine

CANDIDATES = 60
"""By words and by meaning each, so 120 at most are ranked."""
SHOWN = 5
LEAST_TEXT = 12
"""Characters of title and text from which a preview says anything."""


class State(StrEnum):
    FOUND = "found"
    DISTANT = "distant"  # nothing better than 弱
    NONE = "none"
    TOO_LITTLE = "too_little"
    ENGINE_DOWN = "engine_down"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One result with its level and why. `explanation`: dict form of matcher.types.Explanation."""

    result: Result
    level: int
    explanation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """`total`: results of level 强 or 较强, `more` where it is only the bound of what is counted. `best`: the best of them,
    or of the weak ones where there is none better."""

    state: State
    total: int = 0
    more: bool = False
    best: Sequence[Foreseen] = ()


class MatchPreviews:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, engine: SearchEngine, matcher: Matcher) -> None:
        self._session = uow.session
        self._identity = identity
        self._engine = engine
        self._matcher = matcher

    def of(self, need: Need) -> Preview:
        """For the challenge's own organisation: its sealed text may take part. Reads only. Raises NotAllowed."""
        require(self._identity, Permission.POST_CHALLENGE)
        if len(need.title) + len(need.body) + len(need.sealed) < LEAST_TEXT:
            return Preview(State.TOO_LITTLE)
        try:
            # What is public is what the worker matches with: a result that only its owner sees is no match to come.
            found = self._matcher.candidates(need, self._engine, Kind.RESULT, {PUBLIC}, CANDIDATES)
            rows = self._rows([candidate.ref for candidate in found])
            vectors = self._engine.vectors(Kind.RESULT, list(rows))
        except EngineUnavailable:
            return Preview(State.ENGINE_DOWN)
        offers = {ref: offer_of_result(row) for ref, row in rows.items()}
        policy = county_policy(china_day(utcnow()))

        def ranked(refs: Sequence[str], explain: bool) -> list[Match]:
            chosen = [offers[ref] for ref in refs]
            ranked = self._matcher.rank(need, chosen, explain=explain, offer_vectors=vectors, policy=policy)
            return sorted(ranked, key=lambda match: (-match.level, -match.score))

        every = ranked(list(offers), explain=False)
        good = [match for match in every if match.level >= Level.FAIR]
        worth = good or [match for match in every if match.level >= Level.WEAK]
        best = ranked([match.offer_id for match in worth[:SHOWN]], explain=True)
        return Preview(
            state=State.FOUND if good else State.DISTANT if worth else State.NONE,
            total=min(len(good), KEPT),
            more=len(good) > KEPT,
            best=[Foreseen(rows[match.offer_id], int(match.level), asdict(match.explanation)) for match in best],
        )

    def _rows(self, refs: Sequence[str]) -> dict[str, Result]:
        """As they stand in the database now, which has the last word on who may see them."""
        statement = (
            select(Result)
            .where(Result.ref.in_(refs), Result.status.in_(result_states.MATCHABLE), visible(Result, self._identity))
            .options(joinedload(Result.organisation))
        )
        return {row.ref: row for row in self._session.scalars(statement)}
