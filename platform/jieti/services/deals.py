"""对接项目: one deal as a person sees it, and what everyone with a deal may do to it: notes, next step, participants.

Opening is in `deals_opening`, moving through the stages in `deals_moves`, lists and the board in `deals_lists`.
Whoever is on a deal sees both sides' names, an anonymous firm's too: nobody can negotiate with a blank.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from jieti.domain.dates import china_day, parse_date
from jieti.domain.errors import Conflict, Invalid, MoveNotAllowed, NotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import DEAL, Actor, Transition
from jieti.domain.lifecycles.deal import ENDED
from jieti.domain.permissions import Permission, permissions_of, require
from jieti.domain.typed import Unreadable, clean_line, clean_text
from jieti.domain.vocabulary import Membership
from jieti.persistence.models import Contract, Deal, DealNote, DealParticipant, Event, Match, Proposal, User, utcnow
from jieti.persistence.repositories.access import get_visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.actors import deal_actors
from jieti.services.moves import Moves

Clock = Callable[[], dt.datetime]
"""Now, as naive UTC."""

NOTE_LIMIT = 2000
NEXT_STEP_LIMIT = 200
TITLE_LIMIT = 120
LEADERS = frozenset({Actor.BROKER, Actor.OFFICER})
WITH_PARTIES = (
    joinedload(Deal.challenge),
    joinedload(Deal.result),
    joinedload(Deal.expert),
    joinedload(Deal.buyer),
    joinedload(Deal.seller),
    joinedload(Deal.broker),
)


def deal_url(ref: str) -> str:
    return f"/deals/{ref}"


@dataclass(frozen=True, slots=True)
class DealView:
    """All that a deal's page shows. `moves`: what this person may do to it now, in the table's order."""

    deal: Deal
    contract: Contract | None
    participants: Sequence[DealParticipant]
    notes: Sequence[DealNote]
    events: Sequence[Event]
    match: Match | None
    proposal: Proposal | None
    moves: tuple[Transition, ...]
    leads: bool  # its broker, or an officer of its county
    may_write: bool  # takes part; the province's administrator only looks
    today: dt.date

    @property
    def ended(self) -> bool:
        return self.deal.stage in ENDED

    @property
    def overdue(self) -> bool:
        return not self.ended and self.deal.next_step_on is not None and self.deal.next_step_on < self.today


def lock(session: Session, ref: str) -> None:
    """Two writers of one deal: the second waits, then reads what the first wrote (SQLite has one writer anyway)."""
    session.execute(select(Deal.id).where(Deal.ref == ref).with_for_update())


def check_version(deal: Deal, version: int, session: Session) -> None:
    """Raises Conflict where another changed the deal since the form was opened (`by`, `at`: who did, when)."""
    if deal.version == version:
        return
    last = session.scalars(
        select(Event)
        .where(Event.subject_kind == "deal", Event.subject_id == deal.id)
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(1)
    ).first()
    raise Conflict(
        "edited_meanwhile",
        version=deal.version,
        at=last.at if last else deal.updated_at,
        by=last.actor_name if last else "",
    )


def read_next_step(text: str, on: str, today: dt.date) -> tuple[str, dt.date]:
    """What happens next and on which day: both, or Invalid. A day that has passed is nobody's next step."""
    problems: list[Problem] = []
    step = clean_line(text[: NEXT_STEP_LIMIT * 4])
    if not step:
        problems.append(Problem("next_step", "required"))
    elif len(step) > NEXT_STEP_LIMIT:
        problems.append(
            Problem("next_step", "too_long", {"limit": NEXT_STEP_LIMIT, "over": len(step) - NEXT_STEP_LIMIT})
        )
    day = today
    try:
        day = parse_date(on) if on.strip() else today
        if not on.strip():
            problems.append(Problem("next_step_on", "required"))
        elif day < today:
            problems.append(Problem("next_step_on", "date_passed"))
        elif day.year > today.year + 10:
            problems.append(Problem("next_step_on", "date_unreadable"))
    except Unreadable as error:
        problems.append(Problem("next_step_on", error.code))
    if problems:
        raise Invalid(problems)
    return step, day


class Deals:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def view(self, ref: str) -> DealView:
        """Raises NotVisible. A bounded number of queries, whatever the deal's length (newest 100 events, 50 notes)."""
        require(self._identity, Permission.SEE_DEALS)
        session = self._uow.session
        deal = get_visible(session, Deal, ref, self._identity, *WITH_PARTIES)
        actors = deal_actors(self._identity, deal)
        may_move = Permission.MOVE_DEAL in permissions_of(self._identity)
        people = session.scalars(
            select(DealParticipant)
            .where(DealParticipant.deal_id == deal.id)
            .options(joinedload(DealParticipant.user).joinedload(User.organisation))
            .order_by(DealParticipant.added_at, DealParticipant.user_id)
        ).all()
        return DealView(
            deal=deal,
            contract=session.scalars(select(Contract).where(Contract.deal_id == deal.id)).first(),
            participants=people,
            notes=session.scalars(
                select(DealNote)
                .where(DealNote.deal_id == deal.id)
                .options(joinedload(DealNote.author))
                .order_by(DealNote.at.desc(), DealNote.id.desc())
                .limit(50)
            ).all(),
            events=session.scalars(
                select(Event)
                .where(Event.subject_kind == "deal", Event.subject_id == deal.id)
                .order_by(Event.at.desc(), Event.id.desc())
                .limit(100)
            ).all(),
            match=session.get(Match, deal.match_id) if deal.match_id else None,
            proposal=session.get(Proposal, deal.proposal_id) if deal.proposal_id else None,
            moves=DEAL.open_to(deal.stage, actors) if may_move else (),
            leads=bool(actors & LEADERS),
            may_write=may_move and self._takes_part(deal, actors, {p.user_id for p in people}),
            today=china_day(self._clock()),
        )

    def candidates(self, ref: str) -> Sequence[User]:
        """Active members of either organisation who are not on the deal yet (at most 50)."""
        deal = get_visible(self._uow.session, Deal, ref, self._identity)
        known = select(DealParticipant.user_id).where(DealParticipant.deal_id == deal.id)
        return self._uow.session.scalars(
            select(User)
            .where(
                or_(User.organisation_id == deal.buyer_id, User.organisation_id == deal.seller_id),
                User.membership == Membership.ACTIVE.value,
                User.id.not_in(known),
            )
            .options(joinedload(User.organisation))
            .order_by(User.organisation_id, User.id)
            .limit(50)
        ).all()

    def add_note(self, ref: str, text: str) -> DealNote:
        """A note that everyone on the deal reads. Raises Invalid (`text`: required, too_long)."""
        deal = self._for_writing(ref)
        note = clean_text(text[: NOTE_LIMIT * 4])
        if not note:
            raise Invalid([Problem("text", "required")])
        if len(note) > NOTE_LIMIT:
            raise Invalid([Problem("text", "too_long", {"limit": NOTE_LIMIT, "over": len(note) - NOTE_LIMIT})])
        assert self._identity.user_id is not None
        row = DealNote(deal_id=deal.id, author_id=self._identity.user_id, text=note, at=self._clock())
        self._uow.session.add(row)
        self._tell(deal, "deal_note")
        return row

    def set_next_step(self, ref: str, version: int, text: str, on: str) -> Deal:
        """Raises Invalid, Conflict; MoveNotAllowed `deal_ended` where it is over."""
        deal = self._for_writing(ref)
        check_version(deal, version, self._uow.session)
        if deal.stage in ENDED:
            raise MoveNotAllowed("deal_ended")
        step, day = read_next_step(text, on, china_day(self._clock()))
        deal.next_step, deal.next_step_on = step, day
        self._touch(deal)
        self._uow.record(
            "deal.next_step",
            "deal",
            deal.id,
            self._identity,
            data={"next_step": step, "next_step_on": day.isoformat()},
            region_code=deal.region_code,
            at=deal.updated_at,
        )
        return deal

    def add_participant(self, ref: str, user_ref: str) -> User:
        """Bring in a member of the buying or the selling organisation. Raises NotVisible for anyone else."""
        deal = self._for_writing(ref)
        session = self._uow.session
        user = session.scalars(
            select(User).where(User.ref == user_ref, User.membership == Membership.ACTIVE.value)
        ).first()
        if user is None or user.organisation_id not in {deal.buyer_id, deal.seller_id}:
            raise NotVisible("user", user_ref)
        if session.get(DealParticipant, (deal.id, user.id)) is not None:
            return user
        side = "buyer" if user.organisation_id == deal.buyer_id else "seller"
        session.add(DealParticipant(deal_id=deal.id, user_id=user.id, side=side, added_at=self._clock()))
        session.flush()
        Moves(self._uow, self._identity).refresh_deal(deal, set(participant_ids(session, deal)))
        self._uow.record(
            "deal.participant", "deal", deal.id, self._identity, data={"name": user.name}, region_code=deal.region_code
        )
        if user.id != self._identity.user_id:
            self._uow.notify([user.id], "deal_joined", deal_url(deal.ref), {"title": deal.title})
        return user

    def _for_writing(self, ref: str) -> Deal:
        require(self._identity, Permission.MOVE_DEAL)
        lock(self._uow.session, ref)
        deal = get_visible(self._uow.session, Deal, ref, self._identity, *WITH_PARTIES)
        people = set(participant_ids(self._uow.session, deal))
        if not self._takes_part(deal, deal_actors(self._identity, deal), people):
            raise NotAllowed("not_on_deal")
        return deal

    def _takes_part(self, deal: Deal, actors: frozenset[Actor], people: set[int]) -> bool:
        return bool(actors & (LEADERS | {Actor.OWNER, Actor.SOLVER})) or self._identity.user_id in people

    def _touch(self, deal: Deal) -> None:
        deal.version += 1
        deal.updated_at = self._clock()

    def _tell(self, deal: Deal, kind: str) -> None:
        others = [u for u in participant_ids(self._uow.session, deal) if u != self._identity.user_id]
        self._uow.notify(others, kind, deal_url(deal.ref), {"title": deal.title, "who": self._identity.name})


def participant_ids(session: Session, deal: Deal) -> list[int]:
    """Everyone on the deal: its broker first."""
    statement = (
        select(DealParticipant.user_id)
        .where(DealParticipant.deal_id == deal.id)
        .order_by(DealParticipant.added_at, DealParticipant.user_id)
    )
    return list(dict.fromkeys([deal.broker_id, *session.scalars(statement)]))
