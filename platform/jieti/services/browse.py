"""Rows for lists: loaded by reference in the engine's order, or by date where there is no engine. Bounded queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from jieti.domain.audience import challenge_audience
from jieti.domain.identity import PUBLIC, Identity
from jieti.domain.lifecycles import result as result_states
from jieti.persistence.models import Challenge, Expert, Proposal, Result
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.projection import LISTED, MODELS, UNLISTED, Listing
from search.ports import Hit, Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list: the record (its organisation is loaded), the hit that led to it, and a count that a card shows.

    `count`: proposals handed in to a challenge, public results of an expert. `named`: the firm's name may be shown.
    """

    record: Listing
    hit: Hit | None
    count: int = 0
    named: bool = True

    @property
    def status(self) -> str:
        if isinstance(self.record, Expert):
            return LISTED if self.record.listed else UNLISTED
        return self.record.status


class Rows:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._session = uow.session
        self.identity = identity

    def entries(self, kind: Kind, refs: Sequence[str], hits: Mapping[str, Hit]) -> list[Entry]:
        """Those of the referenced rows that the identity may see, in the order of `refs`: two queries."""
        if not refs:
            return []
        model = MODELS[kind]
        found = self.load(kind, select(model).where(model.ref.in_(refs), visible(model, self.identity)))
        by_ref = {record.ref: record for record in found}
        return self.dressed(kind, [by_ref[ref] for ref in refs if ref in by_ref], hits)

    def load(self, kind: Kind, statement: Select[Any]) -> Sequence[Listing]:
        records: Sequence[Listing] = self._session.scalars(
            statement.options(joinedload(MODELS[kind].organisation))
        ).all()
        return records

    def dressed(self, kind: Kind, records: Sequence[Listing], hits: Mapping[str, Hit]) -> list[Entry]:
        counts = self._counts(kind, [r.id for r in records])
        return [
            Entry(
                record,
                # Marked text of an older version would show what its owner has changed since.
                hit if (hit := hits.get(record.ref)) is not None and hit.version == record.version else None,
                counts.get(record.id, 0),
                self.named(record),
            )
            for record in records
        ]

    def named(self, record: Listing) -> bool:
        """May this person read the firm's name? An anonymous one's is for its own people and the county's."""
        if not isinstance(record, Challenge) or not record.anonymous:
            return True
        inner = challenge_audience(
            status=record.status, organisation_id=record.organisation_id, region_code=record.region_code
        )
        return self.identity.system or not self.identity.tokens.isdisjoint(inner - {PUBLIC})

    def count(self, condition: ColumnElement[bool], kind: Kind) -> int:
        model = MODELS[kind]
        return self._session.scalar(select(func.count()).select_from(model).where(condition)) or 0

    def _counts(self, kind: Kind, ids: Sequence[int]) -> dict[int, int]:
        if not ids or kind is Kind.RESULT:
            return {}
        if kind is Kind.CHALLENGE:
            statement: Any = (
                select(Proposal.challenge_id, func.count())
                .where(Proposal.challenge_id.in_(ids), Proposal.status.not_in(["draft", "withdrawn"]))
                .group_by(Proposal.challenge_id)
            )
        else:
            statement = (
                select(Result.expert_id, func.count())
                .where(Result.expert_id.in_(ids), Result.status.in_(sorted(result_states.PUBLIC)))
                .group_by(Result.expert_id)
            )
        return {int(key): number for key, number in self._session.execute(statement) if key is not None}


def by_date(
    rows: Rows, kind: Kind, filters: Mapping[str, tuple[str, ...]], *, page: int, size: int, statuses: Sequence[str]
) -> tuple[int, list[Entry]]:
    """(how many, one page of them) newest first, straight from the database: what is left when the engine is away.

    Only filters that a column answers are applied: county, field, industry, trl, status.
    """
    model = MODELS[kind]
    newest: Any
    conditions: list[Any] = [visible(model, rows.identity)]
    if filters.get("county"):
        conditions.append(model.region_code.in_(filters["county"]))
    if model is Expert:
        conditions.append(Expert.listed if LISTED in statuses else Expert.listed.is_(False))
        newest = Expert.updated_at
    else:
        listing = Challenge if kind is Kind.CHALLENGE else Result
        conditions.append(listing.status.in_(statuses))
        if filters.get("field"):
            conditions.append(listing.field.in_(filters["field"]))
        if filters.get("industry"):
            conditions.append(func.substr(listing.industry, 1, 1).in_(filters["industry"]))
        if filters.get("trl"):
            trl = Challenge.trl_min if kind is Kind.CHALLENGE else Result.trl
            conditions.append(trl.in_([int(v) for v in filters["trl"]]))
        newest = listing.published_at
    joined = conditions[0]
    for condition in conditions[1:]:
        joined = joined & condition
    total = rows.count(joined, kind)
    statement = (
        select(model).where(joined).order_by(newest.desc(), model.id.desc()).limit(size).offset((page - 1) * size)
    )
    return total, rows.dressed(kind, rows.load(kind, statement), {})
