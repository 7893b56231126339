"""Opening a deal: a broker or an officer brings a challenge together with whoever may solve it, from a match or a proposal.

One open deal a pair: a second opening (a double click, a colleague) finds the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from jieti.domain.dates import china_day
from jieti.domain.errors import Invalid, MoveNotAllowed, NotAllowed, Problem
from jieti.domain.identity import SYSTEM, Identity
from jieti.domain.lifecycles.deal import ENDED
from jieti.domain.permissions import Permission, require
from jieti.domain.typed import clean_line
from jieti.domain.vocabulary import Membership, Role
from jieti.persistence.models import (
    Challenge,
    Deal,
    DealParticipant,
    Expert,
    Match,
    Organisation,
    Proposal,
    Result,
    User,
    utcnow,
)
from jieti.persistence.repositories.access import get_visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.deals import TITLE_LIMIT, Clock, deal_url, participant_ids, read_next_step
from jieti.services.moves import Moves

CHALLENGE_OPEN = frozenset({"published", "reviewing", "awarded"})
RESULT_OPEN = frozenset({"listed", "negotiating"})
PROPOSAL_OPEN = frozenset({"submitted", "qualified", "shortlisted", "awarded"})


@dataclass(frozen=True, slots=True)
class Pair:
    """What a deal would be opened from. `existing`: the pair's open deal, if there is one already."""

    challenge: Challenge
    result: Result | None
    expert: Expert | None
    buyer: Organisation
    seller: Organisation | None
    match: Match | None
    proposal: Proposal | None
    existing: Deal | None

    @property
    def offer_title(self) -> str:
        if self.result is not None:
            return self.result.title
        if self.expert is not None:
            return self.expert.name
        return self.proposal.author.name if self.proposal is not None else ""

    @property
    def title(self) -> str:
        """A title to start from: open words only, and no firm's name (it may be anonymous to others)."""
        return self.challenge.title[:TITLE_LIMIT]


class AlreadyOpen(MoveNotAllowed):
    """The pair has an open deal; `params["ref"]` is its reference."""


class DealOpening:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def pair(self, *, match_ref: str = "", proposal_ref: str = "") -> Pair:
        """Raises NotVisible , NotAllowed `other_county`, MoveNotAllowed: challenge_closed, offer_closed."""
        require(self._identity, Permission.OPEN_DEAL)
        found = self._from_match(match_ref) if match_ref else self._from_proposal(proposal_ref)
        if not self._identity.verified or found.challenge.region_code not in self._identity.regions:
            raise NotAllowed("other_county")
        if found.existing is not None:
            return found
        if found.challenge.status not in CHALLENGE_OPEN:
            raise MoveNotAllowed("challenge_closed")
        if found.result is not None and found.result.status not in RESULT_OPEN:
            raise MoveNotAllowed("offer_closed")
        if found.expert is not None and not found.expert.listed:
            raise MoveNotAllowed("offer_closed")
        return found

    def open(
        self, *, title: str, next_step: str, next_step_on: str, match_ref: str = "", proposal_ref: str = ""
    ) -> Deal:
        """Raises AlreadyOpen, Invalid (title, next_step, next_step_on), and what `pair` raises."""
        pair = self.pair(match_ref=match_ref, proposal_ref=proposal_ref)
        session = self._uow.session
        # Two openings at once: the second waits for the first's row of the challenge, then finds its deal.
        session.execute(select(Challenge.id).where(Challenge.id == pair.challenge.id).with_for_update())
        existing = pair.existing or self._existing(pair.challenge.id, pair.result, pair.expert, pair.seller)
        if existing is not None:
            raise AlreadyOpen("already_open", ref=existing.ref)
        now = self._clock()
        problems: list[Problem] = []
        name = clean_line(title[: TITLE_LIMIT * 4])
        if not name:
            problems.append(Problem("title", "required"))
        elif len(name) > TITLE_LIMIT:
            problems.append(Problem("title", "too_long", {"limit": TITLE_LIMIT, "over": len(name) - TITLE_LIMIT}))
        step, day = "", china_day(now)
        try:
            step, day = read_next_step(next_step, next_step_on, china_day(now))
        except Invalid as error:
            problems.extend(error.problems)
        if problems:
            raise Invalid(problems)
        assert self._identity.user_id is not None  # OPEN_DEAL is nobody's without an account
        deal = Deal(
            title=name,
            challenge_id=pair.challenge.id,
            result_id=pair.result.id if pair.result else None,
            expert_id=pair.expert.id if pair.expert else None,
            match_id=pair.match.id if pair.match else None,
            proposal_id=pair.proposal.id if pair.proposal else None,
            buyer_id=pair.buyer.id,
            seller_id=pair.seller.id if pair.seller else None,
            broker_id=self._identity.user_id,
            region_code=pair.challenge.region_code,
            next_step=step,
            next_step_on=day,
            stage_since=now,
            created_at=now,
            updated_at=now,
        )
        session.add(deal)
        session.flush()
        self._bring_in(deal, pair)
        Moves(self._uow, self._identity).refresh_deal(deal, set(participant_ids(session, deal)))
        self._uow.record(
            "deal.open",
            "deal",
            deal.id,
            self._identity,
            to_status=deal.stage,
            data=_refs(pair),
            region_code=deal.region_code,
            field=pair.challenge.field,
            at=now,
        )
        if pair.result is not None and pair.result.status == "listed":
            Moves(self._uow, SYSTEM).result(pair.result, "negotiate", at=now)
        others = [u for u in participant_ids(session, deal) if u != self._identity.user_id]
        self._uow.notify(others, "deal_opened", deal_url(deal.ref), {"title": deal.title, "who": self._identity.name})
        return deal

    def _bring_in(self, deal: Deal, pair: Pair) -> None:
        """The leader, who posted the challenge, who made the offer; a side without such a person: its organisation's administrators."""
        leader = "officer" if Role.OFFICER in self._identity.roles else "broker"
        people: dict[int, str] = {deal.broker_id: leader}
        offered_by = (
            pair.proposal.author_id
            if pair.proposal
            else pair.result.created_by_id
            if pair.result
            else pair.expert.user_id
            if pair.expert
            else None
        )
        for side, user_id, organisation in (
            ("buyer", pair.challenge.created_by_id, pair.buyer),
            ("seller", offered_by, pair.seller),
        ):
            chosen = [user_id] if user_id is not None else self._administrators(organisation)
            for chosen_id in chosen:
                people.setdefault(chosen_id, side)
        self._uow.session.add_all(
            DealParticipant(deal_id=deal.id, user_id=user_id, side=side, added_at=deal.created_at)
            for user_id, side in people.items()
        )
        self._uow.session.flush()

    def _administrators(self, organisation: Organisation | None) -> list[int]:
        if organisation is None:
            return []
        statement = (
            select(User.id)
            .where(
                User.organisation_id == organisation.id,
                User.membership == Membership.ACTIVE.value,
                User.organisation_admin.is_(True),
            )
            .order_by(User.id)
            .limit(3)
        )
        return list(self._uow.session.scalars(statement))

    def _from_match(self, ref: str) -> Pair:
        match = get_visible(
            self._uow.session,
            Match,
            ref,
            self._identity,
            joinedload(Match.challenge).joinedload(Challenge.organisation),
            joinedload(Match.result).joinedload(Result.organisation),
            joinedload(Match.expert).joinedload(Expert.organisation),
        )
        offer = match.result or match.expert
        seller = offer.organisation if offer is not None else None
        return Pair(
            challenge=match.challenge,
            result=match.result,
            expert=match.expert,
            buyer=match.challenge.organisation,
            seller=seller,
            match=match,
            proposal=None,
            existing=self._existing(match.challenge_id, match.result, match.expert, seller),
        )

    def _from_proposal(self, ref: str) -> Pair:
        proposal = get_visible(
            self._uow.session,
            Proposal,
            ref,
            self._identity,
            joinedload(Proposal.challenge).joinedload(Challenge.organisation),
            joinedload(Proposal.organisation),
            joinedload(Proposal.author),
            joinedload(Proposal.result),
        )
        existing = self._existing(proposal.challenge_id, proposal.result, None, proposal.organisation)
        if existing is None and proposal.status not in PROPOSAL_OPEN:
            raise MoveNotAllowed("offer_closed")
        return Pair(
            challenge=proposal.challenge,
            result=proposal.result,
            expert=None,
            buyer=proposal.challenge.organisation,
            seller=proposal.organisation,
            match=None,
            proposal=proposal,
            existing=existing,
        )

    def _existing(
        self, challenge_id: int, result: Result | None, expert: Expert | None, seller: Organisation | None
    ) -> Deal | None:
        """The same challenge with the same seller, about the same result or expert where both name one.

        A university has many experts: a deal with one of them does not stand in for another, nor for another's result.
        """
        statement = select(Deal).where(Deal.challenge_id == challenge_id, Deal.stage.not_in(sorted(ENDED)))
        if seller is not None:
            statement = statement.where(Deal.seller_id == seller.id)
        else:
            statement = statement.where(Deal.seller_id.is_(None))
        expert_id = expert.id if expert is not None else result.expert_id if result is not None else None
        if result is not None:
            statement = statement.where(or_(Deal.result_id == result.id, Deal.result_id.is_(None)))
        if result is not None or expert is not None:
            statement = statement.where(or_(Deal.expert_id.is_(None), Deal.expert_id == expert_id))
        if expert is not None:
            theirs = select(Result.id).where(Result.expert_id == expert.id)
            statement = statement.where(or_(Deal.result_id.is_(None), Deal.result_id.in_(theirs)))
        return self._uow.session.scalars(statement.order_by(Deal.id).limit(1)).first()


def _refs(pair: Pair) -> dict[str, str | int]:
    """What a deal came from, for figures: the level is the open one, which sealed text has no part in."""
    data: dict[str, str | int] = {"challenge": pair.challenge.ref}
    if pair.match is not None:
        data |= {"match": pair.match.ref, "match_level": pair.match.open_level}
    if pair.result is not None:
        data["result"] = pair.result.ref
    if pair.expert is not None:
        data["expert"] = pair.expert.ref
    if pair.proposal is not None:
        data["proposal"] = pair.proposal.ref
    return data
