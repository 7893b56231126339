"""Listings that say the same as one that is being posted or reviewed. Advice: it blocks nothing and decides nothing.

Only listings that the reader may see are looked at, and only their open text: what is hidden is not hinted at either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from jieti.domain.identity import Identity
from jieti.persistence.models import Challenge, Result
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.listing_keys import MODELS, print_of, sharing
from matcher.duplicates import Likeness, likeness
from matcher.pipeline import Matcher
from matcher.types import Need, Offer
from search.ports import EngineUnavailable, Kind, SearchEngine

DEAD = ("draft", "withdrawn", "rejected", "delisted")
"""Statuses of listings that nobody needs to be told of."""
CANDIDATES = 20
MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Alike:
    record: Challenge | Result
    likeness: Likeness


class Duplicates:
    """With the engine and the matcher, reworded texts are found too; without, or where the engine is down, those that share text."""

    def __init__(
        self, uow: UnitOfWork, identity: Identity, *, engine: SearchEngine | None = None, matcher: Matcher | None = None
    ) -> None:
        self._session = uow.session
        self._identity = identity
        self._engine = engine
        self._matcher = matcher

    def of(
        self, kind: str, values: Mapping[str, Any] | Challenge | Result, text: Need | Offer, *, but_id: int
    ) -> list[Alike]:
        """The most alike first, at most MOST_SHOWN. `values`: the listing's open fields; `text`: the same for the matcher,
        without anything sealed; `but_id`: the listing itself."""
        mine = print_of(kind, values)
        cosines = self._near(kind, text)
        by_keys = {listing_id for _key, listing_id in sharing(self._session, kind, mine.min_hashes())}
        model = MODELS[kind]
        statement = select(model).where(
            model.id.in_(sorted(by_keys, reverse=True)[: 10 * CANDIDATES]) | model.ref.in_(list(cosines)),
            model.id != but_id,
            model.status.not_in(DEAD),
            visible(model, self._identity),
        )
        found = []
        for record in self._session.scalars(statement.order_by(model.id.desc()).limit(10 * CANDIDATES)):
            alike = likeness(mine, print_of(kind, record), cosines.get(record.ref))
            if alike is not None:
                found.append(Alike(record, alike))
        found.sort(key=lambda one: one.likeness is not Likeness.SAME)
        return found[:MOST_SHOWN]

    def _near(self, kind: str, text: Need | Offer) -> dict[str, float | None]:
        """References of the engine's nearest documents, with the cosine where they are near in meaning."""
        if self._engine is None or self._matcher is None:
            return {}
        matcher = self._matcher
        vector = matcher.encode_need(text) if isinstance(text, Need) else matcher.encode_offer(text)
        words = "\n".join((text.title, " ".join(text.keywords), text.body))
        try:
            found = self._engine.candidates(
                Kind(kind), text=words, vector=vector, audience=self._identity.tokens, size=CANDIDATES
            )
        except EngineUnavailable:
            return {}
        return {candidate.ref: candidate.dense for candidate in found}
