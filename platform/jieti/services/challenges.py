"""Posting 技术需求."""

from __future__ import annotations

from typing import ClassVar

from jieti.domain.errors import Invalid, MoveNotAllowed
from jieti.domain.lifecycles import CHALLENGE, Actor, Transition
from jieti.domain.permissions import Permission
from jieti.persistence.models import Challenge, Event
from jieti.services import recipients
from jieti.services.actors import challenge_actors
from jieti.services.listing_fields import CHALLENGE_FIELDS
from jieti.services.listing_validation import read_field
from jieti.services.listings import Listings

_DEADLINE = next(spec for spec in CHALLENGE_FIELDS if spec.name == "deadline")
_ENDING = frozenset({"withdraw", "close_failed", "take_offline"})


class Challenges(Listings[Challenge]):
    kind: ClassVar[str] = "challenge"
    permission: ClassVar[Permission] = Permission.POST_CHALLENGE
    revisable: ClassVar[frozenset[str]] = frozenset({"published", "reviewing"})
    owner_verbs: ClassVar[tuple[str, ...]] = (
        "start_review",
        "reopen",
        "start_solving",
        "solve",
        "recall",
        "restore",
        "close_failed",
        "withdraw",
        "take_offline",
    )

    @property
    def model(self) -> type[Challenge]:
        return Challenge

    def actors(self, record: Challenge) -> frozenset[Actor]:
        return challenge_actors(self.identity, record)

    def move_and_tell(self, ref: str, verb: str, reason: str, url: str) -> Challenge:
        """`move`, and those who answered it are told where it ends; an officer's move is told to the owner."""
        record = self.move(ref, verb, reason)
        if verb in _ENDING:
            told = recipients.proposers(self.uow.session, record.id)
            self.uow.notify(told, "challenge_closed", url, {"title": record.title})
        if Actor.OWNER not in self.actors(record):
            self._tell_owners(record, f"challenge_{verb}", url, reason=reason)
        return record

    def may_extend(self, record: Challenge) -> bool:
        return Actor.OWNER in self.actors(record) and record.status in self.revisable | {"expired"}

    def extend(self, ref: str, deadline: str) -> Challenge:
        """A later deadline, as typed: an expired challenge is open again, an open one gets a new version.

        Raises Invalid (`deadline`), MoveNotAllowed.
        """
        record = self.owned(ref, lock=True)
        if record.status not in self.revisable | {"expired"}:
            raise MoveNotAllowed("no_such_move", lifecycle=self.kind, source=record.status, verb="extend")
        day, problems = read_field(_DEADLINE, {"deadline": deadline}, self.today)
        if problems:
            raise Invalid(problems)
        if record.deadline == day:
            return record
        record.deadline = day
        if record.status == "expired":
            self._move(record, "extend")
            self._keep_version(record)
        else:
            self._revised(record, ["deadline"])
        return record

    def _new(self) -> Challenge:
        who = self.identity
        return Challenge(
            organisation_id=who.organisation_id,
            created_by_id=who.user_id,
            region_code=who.region_code,
            contact_name=who.name[:40],
            created_at=self.clock(),
            updated_at=self.clock(),
        )

    def _move(self, record: Challenge, verb: str, reason: str = "") -> Event:
        return self.moves.challenge(record, verb, reason, at=self.clock())

    def _refresh(self, record: Challenge) -> None:
        self.moves.refresh_challenge(record)

    def _submitted(self, record: Challenge, url: str) -> None:
        told = recipients.officers(self.uow.session, record.region_code)
        self.uow.notify(
            told, "listing_submitted", url, {"title": record.title, "organisation": record.organisation.name}
        )

    def _lifecycle_open(self, record: Challenge) -> tuple[Transition, ...]:
        return CHALLENGE.open_to(record.status, self.actors(record))
