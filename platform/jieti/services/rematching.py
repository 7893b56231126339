"""Which listings are to be matched again: after the models, the policy weights or the encoder changed, or all of them.

A listing is due where no standing match of it was made by today's models. What is due drops out as it is matched, so that
this needs no note of how far one has come; a listing that nothing fits stays due, which costs one matching each time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Select, exists, func, select

from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Expert, Match, OutboxRow, Result
from jieti.persistence.unit_of_work import UnitOfWork
from search.ports import Kind


class Rematching:
    def __init__(self, database: Database, matcher_version: str) -> None:
        self._database = database
        self._version = matcher_version

    def total(self, kind: Kind, *, everything: bool, after: int = 0) -> int:
        """How many are due with a higher id than `after`; with `everything`, all that take part in matching."""
        with UnitOfWork(self._database, read=True) as uow:
            due = self._due(kind, everything=everything, after=after).subquery()
            return uow.session.scalar(select(func.count()).select_from(due)) or 0

    def batches(self, kind: Kind, *, everything: bool, after: int = 0, size: int = 32) -> Iterator[list[int]]:
        """Their ids in ascending order, read as they are asked for."""
        while True:
            with UnitOfWork(self._database, read=True) as uow:
                ids = list(uow.session.scalars(self._due(kind, everything=everything, after=after).limit(size)))
            if not ids:
                return
            yield ids
            after = ids[-1]

    def waiting(self, kind: Kind, ids: Collection[int], *, since: int) -> tuple[int, int]:
        """Of these listings' promises above the outbox's mark `since`: (not yet worked on or in hand, failed)."""
        counts = (
            select(func.count().filter(OutboxRow.attempts == 0), func.count().filter(OutboxRow.attempts > 0))
            .where(OutboxRow.topic == "match", OutboxRow.subject_kind == kind.value, OutboxRow.id > since)
            .where(OutboxRow.subject_id.in_(list(ids)))
        )
        with UnitOfWork(self._database, read=True) as uow:
            untried, failed = uow.session.execute(counts).one()
        return untried, failed

    def _due(self, kind: Kind, *, everything: bool, after: int) -> Select[int]:
        model: type[Challenge] | type[Result] | type[Expert]
        taking_part: ColumnElement[bool]
        mine: ColumnElement[bool]
        if kind is Kind.CHALLENGE:
            model, mine = Challenge, Match.challenge_id == Challenge.id
            taking_part = Challenge.status.in_(challenge_states.MATCHABLE)
        elif kind is Kind.RESULT:
            model, mine = Result, Match.result_id == Result.id
            taking_part = Result.status.in_(result_states.MATCHABLE)
        else:
            model, mine = Expert, Match.expert_id == Expert.id
            taking_part = Expert.listed.is_(True)
        statement = select(model.id).where(taking_part, model.id > after).order_by(model.id)
        if not everything:
            statement = statement.where(~exists().where(mine, Match.current, Match.matcher_version == self._version))
        return statement
