"""The review queue: what waits for the bureau's officers and the transfer offices, and their decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from jieti.domain.errors import Invalid, MoveNotAllowed, NotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import Actor
from jieti.domain.permissions import Permission, permissions_of
from jieti.domain.vocabulary import Membership, Verification
from jieti.domain.vocabulary import Role as RoleName
from jieti.persistence.models import Challenge, ListingVersion, Organisation, Result, Role, User, utcnow
from jieti.persistence.repositories.access import get_visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import recipients
from jieti.services.actors import result_actors
from jieti.services.duplicates import Duplicates
from jieti.services.listing_content import changes, open_part
from jieti.services.matching_texts import need_of, offer_of_result
from jieti.services.moves import Moves
from jieti.services.reviews_warnings import Caution, cautions_of

PAGE_SIZE = 20
DECISIONS = ("approve", "return", "reject")
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class QueueRow:
    kind: str
    ref: str
    title: str
    organisation: str
    region_code: str
    submitted_at: dt.datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class Queue:
    rows: tuple[QueueRow, ...]
    total: int
    number: int
    pending_organisations: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """`changed`: (field, before, after) since the content that was decided on before; None the first time."""

    kind: str
    record: Any
    changed: list[tuple[str, Any, Any]] | None
    cautions: tuple[Caution, ...]
    decisions: tuple[str, ...]
    lists: bool  # approving makes it public


class Reviews:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Callable[[], dt.datetime] = utcnow) -> None:
        self._uow = uow
        self._session = uow.session
        self._identity = identity
        self._clock = clock
        self._moves = Moves(uow, identity)

    def queue(self, page: int = 1, kind: str = "") -> Queue:
        """What waits for the identity, oldest first. Raises NotAllowed."""
        self._require()
        parts = []
        if kind != "result":
            parts.append(
                select(literal("challenge").label("kind"), Challenge.id, Challenge.submitted_at.label("at")).where(
                    self._waiting_challenges()
                )
            )
        if kind != "challenge":
            parts.append(
                select(literal("result").label("kind"), Result.id, Result.submitted_at.label("at")).where(
                    self._waiting_results()
                )
            )
        waiting = union_all(*parts).subquery()
        total = self._session.scalar(select(func.count()).select_from(waiting)) or 0
        number = min(max(1, page), max(1, -(-total // PAGE_SIZE)))
        keys = self._session.execute(
            select(waiting.c.kind, waiting.c.id)
            .order_by(waiting.c.at, waiting.c.kind, waiting.c.id)
            .limit(PAGE_SIZE)
            .offset((number - 1) * PAGE_SIZE)
        ).all()
        found: dict[tuple[str, int], QueueRow] = {}
        models: tuple[tuple[str, Any], ...] = (("challenge", Challenge), ("result", Result))
        for name, model in models:
            ids = [record_id for record_kind, record_id in keys if record_kind == name]
            if ids:
                statement = select(model).where(model.id.in_(ids)).options(joinedload(model.organisation))
                for record in self._session.scalars(statement):
                    found[(name, record.id)] = _row(name, record)
        rows = tuple(found[(name, record_id)] for name, record_id in keys)
        return Queue(rows, total, number, self._pending_organisations())

    def item(self, kind: str, ref: str, duplicates: Duplicates | None = None) -> ReviewItem:
        """One waiting listing with what a reviewer wants to know. Raises NotVisible for one that is not theirs to decide.

        `duplicates`: where given, what else says the same is among the cautions.
        """
        record = self._deciding(kind, ref)
        kept = list(
            self._session.scalars(
                select(ListingVersion)
                .where(ListingVersion.kind == kind, ListingVersion.listing_id == record.id)
                .order_by(ListingVersion.version.desc())
                .limit(2)
            )
        )
        alike = []
        if duplicates is not None:
            text = need_of(record, with_sealed=False) if kind == "challenge" else offer_of_result(record)
            alike = duplicates.of(kind, record, text, but_id=record.id)
        content = open_part(kind, kept[0].snapshot) if kept else {}
        changed = changes(kind, kept[1].snapshot, kept[0].snapshot) if len(kept) > 1 else None
        return ReviewItem(
            kind=kind,
            record=record,
            changed=changed,
            cautions=tuple(cautions_of(self._session, kind, record, content, alike)),
            decisions=DECISIONS,
            lists=self._lists(kind, record),
        )

    def decide(self, kind: str, ref: str, decision: str, reason: str, url: str, review_url: str) -> str:
        """Approve (and publish or list), return for changes, or reject; the owner is told. Returns the new status.

        `url`: the listing's page, `review_url`: its review page, for the notifications.
        Raises NotVisible, Invalid (`decision`, `reason`), MoveNotAllowed (decided by another meanwhile).
        """
        self._require()
        record = self._visible(kind, ref)
        if decision not in DECISIONS:
            raise Invalid([Problem("decision", "required")])
        reason = reason.strip()
        if decision != "approve" and not reason:
            raise Invalid([Problem("reason", "reason_required")])
        if len(reason) > LONGEST_REASON:
            over = len(reason) - LONGEST_REASON
            raise Invalid([Problem("reason", "too_long", {"limit": LONGEST_REASON, "over": over})])
        if not self._decides(kind, record):
            raise MoveNotAllowed("no_such_move", lifecycle=kind, source=record.status, verb=decision)
        move = self._moves.challenge if kind == "challenge" else self._moves.result
        told = {"title": record.title, "reason": reason}
        owners = recipients.owners(self._session, record)
        if decision != "approve":
            move(record, "ask_changes" if decision == "return" else "reject", reason, at=self._clock())
            notice = "listing_returned" if decision == "return" else "listing_rejected"
            self._uow.notify(owners, notice, url, told)
            return str(record.status)
        lists = self._lists(kind, record)
        for verb in self._approving_verbs(kind, record):
            move(record, verb, reason, at=self._clock())
        if lists:
            self._uow.notify(owners, "listing_approved", url, told)
        else:
            self._uow.notify(owners, "result_confirmed", url, told)
            officers = recipients.officers(self._session, record.region_code)
            told_office = {"title": record.title, "organisation": record.organisation.name}
            self._uow.notify(officers, "listing_submitted", review_url, told_office)
        return str(record.status)

    def counts(self) -> int:
        """How many listings wait for the identity."""
        return self.queue().total

    # ------------------------------------------------------------------------------------------------------------------

    def _require(self) -> None:
        if not permissions_of(self._identity) & {Permission.REVIEW_LISTING, Permission.CONFIRM_RESULT}:
            raise NotAllowed("permission", permission=Permission.REVIEW_LISTING.value)

    def _regions(self) -> list[str]:
        if not self._identity.verified or RoleName.OFFICER not in self._identity.roles:
            return []
        return sorted(self._identity.regions)

    def _waiting_challenges(self) -> ColumnElement[bool]:
        return and_(Challenge.status == "submitted", Challenge.region_code.in_(self._regions()))

    def _waiting_results(self) -> ColumnElement[bool]:
        office_there = (
            exists()
            .where(
                User.organisation_id == Result.organisation_id,
                User.membership == Membership.ACTIVE.value,
                User.roles.any(Role.name == RoleName.TRANSFER_OFFICE.value),
                Organisation.id == User.organisation_id,
                Organisation.verification == Verification.VERIFIED.value,
            )
            .correlate(Result)
        )
        county = and_(
            Result.region_code.in_(self._regions()),
            or_(Result.status == "confirmed", and_(Result.status == "submitted", ~office_there)),
        )
        own = self._identity.active_member and RoleName.TRANSFER_OFFICE in self._identity.roles
        office: ColumnElement[bool] = (
            and_(Result.status == "submitted", Result.organisation_id == self._identity.organisation_id)
            if own
            else false()
        )
        return or_(county, office)

    def _pending_organisations(self) -> int:
        regions = self._regions()
        if not regions or Permission.VERIFY_ORGANISATION not in permissions_of(self._identity):
            return 0
        statement = select(func.count()).where(
            Organisation.verification == Verification.PENDING.value, Organisation.region_code.in_(regions)
        )
        return self._session.scalar(statement) or 0

    def _visible(self, kind: str, ref: str) -> Any:
        if kind == "challenge":
            return get_visible(self._session, Challenge, ref, self._identity, joinedload(Challenge.organisation))
        if kind == "result":
            return get_visible(self._session, Result, ref, self._identity, joinedload(Result.organisation))
        raise NotVisible(kind, ref)

    def _decides(self, kind: str, record: Any) -> bool:
        if kind == "challenge":
            statement = select(Challenge.id).where(Challenge.id == record.id, self._waiting_challenges())
        else:
            statement = select(Result.id).where(Result.id == record.id, self._waiting_results())
        return self._session.scalar(statement) is not None

    def _deciding(self, kind: str, ref: str) -> Any:
        self._require()
        record = self._visible(kind, ref)
        if not self._decides(kind, record):
            raise NotVisible(kind, ref)
        return record

    def _lists(self, kind: str, record: Any) -> bool:
        return kind == "challenge" or Actor.OFFICER in result_actors(self._identity, record)

    def _approving_verbs(self, kind: str, record: Any) -> tuple[str, ...]:
        if kind == "challenge":
            return ("approve", "publish")
        steps = ("confirm",) if record.status == "submitted" else ()
        return (*steps, "list") if self._lists(kind, record) else steps


def _row(kind: str, record: Any) -> QueueRow:
    return QueueRow(
        kind, record.ref, record.title, record.organisation.name, record.region_code, record.submitted_at, record.status
    )
