"""Registering 科技成果."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import select

from jieti.domain.lifecycles import RESULT, Actor, Transition
from jieti.domain.permissions import Permission
from jieti.persistence.models import Event, Expert, Result
from jieti.services import recipients
from jieti.services.actors import result_actors
from jieti.services.listings import Listings


class Results(Listings[Result]):
    kind: ClassVar[str] = "result"
    permission: ClassVar[Permission] = Permission.POST_RESULT
    revisable: ClassVar[frozenset[str]] = frozenset({"listed", "negotiating"})
    owner_verbs: ClassVar[tuple[str, ...]] = ("negotiate", "release", "contract", "relist", "recall", "delist")

    @property
    def model(self) -> type[Result]:
        return Result

    def actors(self, record: Result) -> frozenset[Actor]:
        return result_actors(self.identity, record)

    def move_and_tell(self, ref: str, verb: str, reason: str, url: str) -> Result:
        """`move`; one made by another than the author is told to the author."""
        record = self.move(ref, verb, reason)
        if record.created_by_id is not None and record.created_by_id != self.identity.user_id:
            self.uow.notify([record.created_by_id], f"result_{verb}", url, {"title": record.title, "reason": reason})
        return record

    def _new(self) -> Result:
        who = self.identity
        profile = self.uow.session.scalar(select(Expert.id).where(Expert.user_id == who.user_id))
        return Result(
            organisation_id=who.organisation_id,
            created_by_id=who.user_id,
            region_code=who.region_code,
            contact_name=who.name[:40],
            expert_id=profile,
            created_at=self.clock(),
            updated_at=self.clock(),
        )

    def _move(self, record: Result, verb: str, reason: str = "") -> Event:
        return self.moves.result(record, verb, reason, at=self.clock())

    def _refresh(self, record: Result) -> None:
        self.moves.refresh_result(record)

    def _submitted(self, record: Result, url: str) -> None:
        session = self.uow.session
        # A university without a transfer office on the platform: the county's officer confirms in its stead.
        told = recipients.transfer_office(session, record.organisation_id) or recipients.officers(
            session, record.region_code
        )
        self.uow.notify(
            told, "listing_submitted", url, {"title": record.title, "organisation": record.organisation.name}
        )

    def _lifecycle_open(self, record: Result) -> tuple[Transition, ...]:
        return RESULT.open_to(record.status, self.actors(record))
