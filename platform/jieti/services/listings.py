"""Posting: what challenges and results have in common. Create, type, submit, publish changes, move.

`challenges.py` and `results.py` say what differs. Permission first, then visibility, then ownership, then the rules.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from jieti.domain.dates import china_day
from jieti.domain.errors import MoveNotAllowed, NotAllowed, NotVisible
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import Actor
from jieti.domain.permissions import Permission, require
from jieti.persistence.models import Challenge, Event, ListingVersion, Result, utcnow
from jieti.persistence.repositories.access import get_visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import recipients
from jieti.services.drafts import DraftConflict, Drafts, Saved
from jieti.services.listing_content import apply, sealed_names, snapshot
from jieti.services.listing_validation import Checked, read_listing
from jieti.services.moves import Moves

L = TypeVar("L", Challenge, Result)

WRITABLE = frozenset({"draft", "needs_fix"})
"""Statuses before the listing is out: what is typed goes to review."""


class Listings(ABC, Generic[L]):
    kind: ClassVar[str]
    permission: ClassVar[Permission]
    revisable: ClassVar[frozenset[str]]
    """Statuses in which the listing is out and its owner may publish changes."""
    owner_verbs: ClassVar[tuple[str, ...]]
    """Moves that a person makes on the listing's own page (the rest follow from reviews, proposals, deals, time)."""

    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Callable[[], dt.datetime] = utcnow) -> None:
        self.uow = uow
        self.identity = identity
        self.clock = clock
        self.moves = Moves(uow, identity)
        self.drafts = Drafts(identity, clock)

    # What differs ---------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def model(self) -> type[L]: ...

    @abstractmethod
    def actors(self, record: L) -> frozenset[Actor]: ...

    @abstractmethod
    def _new(self) -> L:
        """A fresh record of the identity's organisation, not added yet."""

    @abstractmethod
    def _move(self, record: L, verb: str, reason: str = "") -> Event: ...

    @abstractmethod
    def _refresh(self, record: L) -> None: ...

    @abstractmethod
    def _submitted(self, record: L, url: str) -> None:
        """Tell those who decide next."""

    # The same for both ----------------------------------------------------------------------------------------------

    @property
    def today(self) -> dt.date:
        return china_day(self.clock())

    def create(self) -> L:
        """An empty draft. Raises NotAllowed: `permission`, `no_organisation`."""
        require(self.identity, self.permission)
        if self.identity.organisation_id is None:
            raise NotAllowed("no_organisation")
        record = self._new()
        self.uow.session.add(record)
        self.uow.session.flush()
        self.uow.record(
            f"{self.kind}.create",
            self.kind,
            record.id,
            self.identity,
            to_status=record.status,
            region_code=record.region_code,
            at=self.clock(),
        )
        self._refresh(record)
        return record

    def visible(self, ref: str) -> L:
        """Raises NotVisible."""
        return get_visible(self.uow.session, self.model, ref, self.identity, joinedload(self.model.organisation))

    def owned(self, ref: str, *, lock: bool = False) -> L:
        """The record, for its owner. Raises NotAllowed, NotVisible (also for those who see it and do not own it)."""
        require(self.identity, self.permission)
        record = self.visible(ref)
        if Actor.OWNER not in self.actors(record):
            raise NotVisible(self.kind, ref)
        if lock:  # on PostgreSQL two savers take turns; SQLite's writers do anyway
            self.uow.session.refresh(record, with_for_update={"of": self.model})
        return record

    def editable(self, ref: str, *, lock: bool = False) -> L:
        """Raises MoveNotAllowed `not_editable` where its status does not let its content change."""
        record = self.owned(ref, lock=lock)
        if record.status not in WRITABLE | self.revisable:
            raise MoveNotAllowed("not_editable", lifecycle=self.kind, source=record.status, verb="edit")
        return record

    def raw(self, record: L) -> dict[str, Any]:
        return self.drafts.raw(self.kind, record)

    def check(self, record: L) -> Checked:
        """What would be submitted now, and every problem of it."""
        return read_listing(self.kind, self.raw(record), today=self.today)

    def save_step(self, ref: str, step: str, values: Mapping[str, Any], version: int) -> Saved:
        """Raises Conflict (then commit all the same: what was typed is kept), Invalid `draft_too_large`."""
        record = self.editable(ref, lock=True)
        saved = self.drafts.save(self.kind, record, step, values, version)
        if not record.title:  # a draft is listed by what its owner typed as title
            record.updated_at = saved.at
        return saved

    def draft_conflict(self, ref: str, step: str) -> tuple[L, DraftConflict | None]:
        record = self.editable(ref)
        return record, self.drafts.conflict(self.kind, record, step)

    def resolve(self, ref: str, step: str, take_mine: Mapping[str, bool], version: int) -> Saved:
        return self.drafts.resolve(self.kind, self.editable(ref, lock=True), step, take_mine, version)

    def submit(self, ref: str, url: str) -> L:
        """Into review. Raises Invalid with every problem, MoveNotAllowed. `url`: the review page, for the notification."""
        record = self.owned(ref, lock=True)
        if record.status not in WRITABLE:
            raise MoveNotAllowed("no_such_move", lifecycle=self.kind, source=record.status, verb="submit")
        self._accept(record, self.check(record).required())
        self._move(record, "submit")
        self._keep_version(record)
        self._submitted(record, url)
        return record

    def revise(self, ref: str) -> list[str]:
        """Publish what was changed on a listing that is out: a new version, indexed and matched again.

        Returns the changed fields; none: nothing happens. Raises Invalid, MoveNotAllowed.
        """
        record = self.owned(ref, lock=True)
        if record.status not in self.revisable:
            raise MoveNotAllowed("no_such_move", lifecycle=self.kind, source=record.status, verb="revise")
        changed = self._accept(record, self.check(record).required())
        if changed:
            self._revised(record, changed)
        return changed

    def discard(self, ref: str) -> None:
        """Forget what was typed since the last accepted content of a listing that is out."""
        record = self.owned(ref, lock=True)
        if record.status not in self.revisable:
            raise MoveNotAllowed("no_such_move", lifecycle=self.kind, source=record.status, verb="discard")
        self._forget_draft(record)

    def open_verbs(self, record: L) -> tuple[str, ...]:
        """The moves of `owner_verbs` that the identity may make now, in that order."""
        from_table = {t.verb for t in self._lifecycle_open(record)}
        return tuple(verb for verb in self.owner_verbs if verb in from_table)

    def needs_reason(self, record: L, verb: str) -> bool:
        return any(t.verb == verb and t.reason_required for t in self._lifecycle_open(record))

    def move(self, ref: str, verb: str, reason: str = "") -> L:
        """One of `owner_verbs`. Raises NotVisible, MoveNotAllowed (`no_such_move`, `wrong_actor`, `reason_required`)."""
        require(self.identity, Permission.SIGNED_IN)
        record = self.visible(ref)
        if verb not in self.owner_verbs:
            raise MoveNotAllowed("no_such_move", lifecycle=self.kind, source=record.status, verb=verb)
        self._move(record, verb, reason)
        return record

    def last_reason(self, record: L) -> str:
        """Why the listing came to its present status, if whoever moved it said so."""
        statement = (
            select(Event.reason)
            .where(Event.subject_kind == self.kind, Event.subject_id == record.id, Event.to_status == record.status)
            .order_by(Event.id.desc())
            .limit(1)
        )
        return self.uow.session.scalar(statement) or ""

    @abstractmethod
    def _lifecycle_open(self, record: L) -> tuple[Any, ...]: ...

    # Inside ---------------------------------------------------------------------------------------------------------

    def _accept(self, record: L, values: Mapping[str, Any]) -> list[str]:
        changed = apply(self.kind, record, values)
        self._forget_draft(record)
        return changed

    def _forget_draft(self, record: L) -> None:
        record.draft = {}
        record.draft_version += 1
        record.draft_saved_at = None
        record.draft_saved_by = ""

    def _revised(self, record: L, changed: list[str]) -> None:
        now = self.clock()
        record.version += 1
        record.updated_at = now
        # That sealed content changed is not told to those who may not see it: the event's data is open.
        shown = [name for name in changed if name not in sealed_names(self.kind)]
        self.uow.record(
            f"{self.kind}.revise",
            self.kind,
            record.id,
            self.identity,
            from_status=record.status,
            to_status=record.status,
            region_code=record.region_code,
            field=record.field,
            data={"version": record.version, "fields": shown},
            at=now,
        )
        self._keep_version(record)
        self._refresh(record)

    def _keep_version(self, record: L) -> None:
        self.uow.session.add(
            ListingVersion(
                kind=self.kind,
                listing_id=record.id,
                version=record.version,
                snapshot=snapshot(self.kind, record),
                actor_id=self.identity.user_id,
                at=self.clock(),
            )
        )
        self.uow.session.flush()

    def _tell_owners(self, record: L, notice: str, url: str, **params: Any) -> None:
        self.uow.notify(recipients.owners(self.uow.session, record), notice, url, {"title": record.title, **params})
