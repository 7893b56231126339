"""Reading one listing: what its page shows to whoever asks. A bounded number of queries, whatever its history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from jieti.domain.audience import sealed_audience, visible_to
from jieti.domain.errors import NotVisible
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import Actor
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.persistence.models import Attachment, Challenge, Deal, Event, ListingVersion, Proposal, Result
from jieti.persistence.repositories.access import get_visible, visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.actors import challenge_actors, result_actors
from jieti.services.attachments import listed
from jieti.services.listing_content import open_part

L = TypeVar("L", Challenge, Result)

LONGEST_TIMELINE = 60
SEALED_VIEW = "challenge.sealed_view"
_NOT_TOLD = ("challenge.sealed_view", "challenge.create", "result.create")
_PUBLIC = {"challenge": challenge_states.PUBLIC, "result": result_states.PUBLIC}
_INSIDERS = frozenset({Actor.OWNER, Actor.SOLVER, Actor.OFFICER, Actor.TRANSFER_OFFICE, Actor.PROVINCE, Actor.SYSTEM})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A line of 经过. `actor` and `reason` are "" where the reader may not know them."""

    at: Any
    name: str
    actor: str
    organisation: str
    reason: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed content, only ever built for someone of the sealed audience."""

    text: str
    indicators: list[dict[str, Any]]
    attachments: tuple[Attachment, ...]
    owner: bool


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`organisation_shown`: False for an anonymous firm before a reader who may not know it."""

    kind: str
    record: Any
    actors: frozenset[Actor]
    organisation_shown: bool
    contact_shown: bool
    has_sealed: bool
    sealed: Sealed | None
    attachments: tuple[Attachment, ...]
    timeline: tuple[Occurrence, ...]
    versions: tuple[tuple[int, Any], ...]
    last_reason: str = ""
    proposal_count: int = 0
    waiting_proposals: int = 0
    my_proposal: tuple[str, str] | None = None  # ref, status
    sealed_views: tuple[Occurrence, ...] = field(default=())

    @property
    def owner(self) -> bool:
        return Actor.OWNER in self.actors

    @property
    def insider(self) -> bool:
        return bool(self.actors & _INSIDERS)


class ListingPages:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._session = uow.session
        self._identity = identity

    def challenge(self, ref: str) -> ListingPage:
        """Raises NotVisible."""
        record = get_visible(self._session, Challenge, ref, self._identity, joinedload(Challenge.organisation))
        actors = challenge_actors(self._identity, record)
        insider = bool(actors & _INSIDERS)
        files = listed(self._session, "challenge", record.id)
        events = self._events("challenge", record.id)
        may_open = visible_to(
            sealed_audience(
                organisation_id=record.organisation_id, region_code=record.region_code, status=record.status
            ),
            self._identity,
        )
        sealed_files = tuple(a for a in files if a.sealed)
        has_sealed = record.has_sealed or bool(sealed_files)
        deals_with_it = not insider and in_deal(self._session, record.id, self._identity)
        shown = insider or not record.anonymous or deals_with_it
        count, waiting = self._proposals(record.id)
        return ListingPage(
            kind="challenge",
            record=record,
            actors=actors,
            organisation_shown=shown,
            contact_shown=insider or Actor.BROKER in actors or deals_with_it,
            has_sealed=has_sealed,
            sealed=Sealed(record.sealed_text, record.sealed_indicators, sealed_files, Actor.OWNER in actors)
            if may_open and has_sealed
            else None,
            attachments=tuple(a for a in files if not a.sealed),
            timeline=_told("challenge", events, insider, "" if shown else record.organisation.name),
            versions=self._versions("challenge", record),
            last_reason=_last_reason(events, record.status) if insider else "",
            proposal_count=count,
            waiting_proposals=waiting,
            my_proposal=self._my_proposal(record.id),
            sealed_views=tuple(_occurrence(e, True, "") for e in events if e.name == SEALED_VIEW)
            if Actor.OWNER in actors
            else (),
        )

    def result(self, ref: str) -> ListingPage:
        """Raises NotVisible."""
        record = get_visible(
            self._session, Result, ref, self._identity, joinedload(Result.organisation), joinedload(Result.created_by)
        )
        actors = result_actors(self._identity, record)
        insider = bool(actors & _INSIDERS)
        events = self._events("result", record.id)
        return ListingPage(
            kind="result",
            record=record,
            actors=actors,
            organisation_shown=True,
            contact_shown=insider or self._identity.verified,
            has_sealed=False,
            sealed=None,
            attachments=tuple(a for a in listed(self._session, "result", record.id) if not a.sealed),
            timeline=_told("result", events, insider, ""),
            versions=self._versions("result", record),
            last_reason=_last_reason(events, record.status) if insider else "",
        )

    def version(self, kind: str, ref: str, number: int) -> tuple[ListingPage, ListingVersion, dict[str, Any], bool]:
        """A kept version: the page, the row, what of its content may be seen, and whether that includes sealed fields.

        Raises NotVisible; a version from before the listing was out is its insiders' alone.
        """
        page = self.challenge(ref) if kind == "challenge" else self.result(ref)
        row = self._session.scalar(
            select(ListingVersion).where(
                ListingVersion.kind == kind,
                ListingVersion.listing_id == page.record.id,
                ListingVersion.version == number,
            )
        )
        if row is None or number not in {version for version, _at in page.versions}:
            raise NotVisible(kind, ref)
        sealed_too = page.sealed is not None
        return page, row, dict(row.snapshot) if sealed_too else open_part(kind, row.snapshot), sealed_too

    def _events(self, kind: str, record_id: int) -> list[Event]:
        statement = (
            select(Event)
            .where(Event.subject_kind == kind, Event.subject_id == record_id)
            .order_by(Event.at.desc(), Event.id.desc())
            .limit(LONGEST_TIMELINE)
        )
        return list(self._session.scalars(statement))

    def _versions(self, kind: str, record: Challenge | Result) -> tuple[tuple[int, Any], ...]:
        statement = (
            select(ListingVersion.version, ListingVersion.at)
            .where(ListingVersion.kind == kind, ListingVersion.listing_id == record.id)
            .order_by(ListingVersion.version.desc())
            .limit(LONGEST_TIMELINE)
        )
        rows = [(version, at) for version, at in self._session.execute(statement)]
        actors = (
            challenge_actors(self._identity, record)
            if isinstance(record, Challenge)
            else result_actors(self._identity, record)
        )
        if actors & _INSIDERS:
            return tuple(rows)
        # To the public, what was first approved is the beginning: earlier drafts to the bureau are not theirs to read.
        if record.published_at is None:
            return ()
        before = [row for row in rows if row[1] <= record.published_at]
        return tuple([row for row in rows if row[1] > record.published_at] + before[:1])

    def _proposals(self, challenge_id: int) -> tuple[int, int]:
        waiting = func.sum(case((Proposal.status.in_(("submitted", "qualified", "shortlisted")), 1), else_=0))
        row = self._session.execute(
            select(func.count(), waiting).where(
                Proposal.challenge_id == challenge_id, Proposal.status.not_in(("draft", "withdrawn"))
            )
        ).one()
        return int(row[0] or 0), int(row[1] or 0)

    def _my_proposal(self, challenge_id: int) -> tuple[str, str] | None:
        if self._identity.user_id is None:
            return None
        row = self._session.execute(
            select(Proposal.ref, Proposal.status)
            .where(
                Proposal.challenge_id == challenge_id,
                Proposal.author_id == self._identity.user_id,
                Proposal.status != "withdrawn",
            )
            .order_by(Proposal.id.desc())
            .limit(1)
        ).first()
        return (row[0], row[1]) if row else None


def in_deal(session: Session, challenge_id: int, identity: Identity) -> bool:
    """Does the identity take part in a deal of this challenge? Who does may know the firm and its contact."""
    if not identity.signed_in:
        return False
    statement = select(Deal.id).where(Deal.challenge_id == challenge_id, visible(Deal, identity)).limit(1)
    return session.scalar(statement) is not None


def _told(kind: str, events: Collection[Event], insider: bool, hidden_firm: str) -> tuple[Occurrence, ...]:
    """The public reads what happened since the listing is out, without reasons and without people's names."""
    told = [e for e in events if e.name not in _NOT_TOLD]
    if not insider:
        told = [e for e in told if e.to_status in _PUBLIC[kind]]
    return tuple(_occurrence(e, insider, hidden_firm) for e in told)


def _occurrence(event: Event, insider: bool, hidden_firm: str) -> Occurrence:
    return Occurrence(
        at=event.at,
        name=event.name,
        actor=event.actor_name if insider else "",
        organisation="" if hidden_firm and event.actor_organisation == hidden_firm else event.actor_organisation,
        reason=event.reason if insider else "",
        data=event.data if insider else {},
    )


def _last_reason(events: Collection[Event], status: str) -> str:
    """Why the listing is where it is: the reason of its last move, if that move gave one."""
    return next((e.reason for e in events if e.to_status == status and e.from_status != e.to_status), "")
