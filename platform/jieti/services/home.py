"""The front page: what is being asked for now, and how many contracts the past year brought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import distinct, func, select

from jieti.domain.identity import Identity
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.permissions import Permission, require
from jieti.persistence.models import Challenge, Deal, Event, Organisation, Result, utcnow
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.browse import Entry, Rows
from search.ports import Kind

SHOWN = 8
SIGNED_EVENT = "deal.sign_contract"
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Front:
    """`signed`: deals that reached 已签合同 in the past 365 days and were not cancelled since."""

    wanted: Sequence[Entry]
    open_challenges: int
    open_results: int
    universities: int
    signed: int


class Home:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Callable[[], dt.datetime] = utcnow) -> None:
        self._session = uow.session
        self._identity = identity
        self._rows = Rows(uow, identity)
        self._clock = clock

    def front(self) -> Front:
        require(self._identity, Permission.BROWSE)
        looking = (Challenge.status.in_(sorted(challenge_states.OPEN_FOR_PROPOSALS))) & visible(
            Challenge, self._identity
        )
        newest = (
            select(Challenge).where(looking).order_by(Challenge.published_at.desc(), Challenge.id.desc()).limit(SHOWN)
        )
        listed = (Result.status == "listed") & visible(Result, self._identity)
        return Front(
            wanted=self._rows.dressed(Kind.CHALLENGE, self._rows.load(Kind.CHALLENGE, newest), {}),
            open_challenges=self._rows.count(looking, Kind.CHALLENGE),
            open_results=self._rows.count(listed, Kind.RESULT),
            universities=self._session.scalar(
                select(func.count(distinct(Organisation.id)))
                .join(Result, Result.organisation_id == Organisation.id)
                .where(listed)
            )
            or 0,
            signed=self._signed(),
        )

    def _signed(self) -> int:
        statement = (
            select(func.count(distinct(Event.subject_id)))
            .join(Deal, Deal.id == Event.subject_id)
            .where(Event.name == SIGNED_EVENT, Event.at >= self._clock() - YEAR, Deal.stage != "cancelled")
        )
        return self._session.scalar(statement) or 0
