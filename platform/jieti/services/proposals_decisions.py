"""Deciding on proposals: the county checks qualification, the firm compares and chooses, everyone hears why.

Choosing a proposal does not close the challenge: a deal may still fail, and then another proposal is there. The deal
that signs a contract signs the challenge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import joinedload

from jieti.domain.errors import Invalid, MoveNotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import PROPOSAL, Actor
from jieti.domain.permissions import Permission, permissions_of, require
from jieti.domain.typed import clean_text
from jieti.domain.vocabulary import Role
from jieti.persistence.models import Challenge, Deal, Proposal, utcnow
from jieti.persistence.repositories.access import get_visible, visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import recipients
from jieti.services.actors import challenge_actors, proposal_actors
from jieti.services.moves import Moves
from jieti.services.proposals import WITH_ALL, Clock, proposal_url

REASON_LIMIT = 500
SIDE_BY_SIDE = 3
MOST_LISTED = 100
DECISIONS = ("accept", "decline", "qualify", "disqualify", "shortlist", "withdraw")
_TOLD_AUTHOR = {
    "accept": "proposal_accepted",
    "decline": "proposal_declined",
    "qualify": "proposal_qualified",
    "disqualify": "proposal_disqualified",
    "shortlist": "proposal_shortlisted",
}
_NEEDED = {
    "accept": Permission.DECIDE_PROPOSAL,
    "decline": Permission.DECIDE_PROPOSAL,
    "qualify": Permission.REVIEW_LISTING,
    "disqualify": Permission.REVIEW_LISTING,
    "withdraw": Permission.WRITE_PROPOSAL,
}
_BEST_FIRST = ("awarded", "shortlisted", "qualified", "submitted", "not_selected", "disqualified", "withdrawn")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A challenge's proposals, best standing first; `chosen`: the at most three side by side."""

    challenge: Challenge
    proposals: Sequence[Proposal]
    chosen: Sequence[Proposal]
    verbs: dict[str, tuple[str, ...]]  # by proposal ref
    deals: dict[int, str]  # proposal id → ref of a deal that the reader may see


class ProposalDecisions:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def compare(self, challenge_ref: str, chosen: Sequence[str] = ()) -> Comparison:
        """For the firm, its county's officers and brokers; NotVisible to anyone else. Three queries."""
        require(self._identity, Permission.SIGNED_IN)
        session = self._uow.session
        challenge = get_visible(session, Challenge, challenge_ref, self._identity, joinedload(Challenge.organisation))
        if not challenge_actors(self._identity, challenge) & {
            Actor.OWNER,
            Actor.OFFICER,
            Actor.BROKER,
            Actor.PROVINCE,
        }:
            raise NotVisible("challenge", challenge_ref)
        order = case(*((Proposal.status == status, n) for n, status in enumerate(_BEST_FIRST)), else_=len(_BEST_FIRST))
        proposals = session.scalars(
            select(Proposal)
            .where(
                Proposal.challenge_id == challenge.id,
                Proposal.status != "draft",
                visible(Proposal, self._identity),
            )
            .options(*WITH_ALL)
            .order_by(order, Proposal.submitted_at, Proposal.id)
            .limit(MOST_LISTED)
        ).all()
        deals: dict[int, str] = {}
        if proposals:
            statement = select(Deal.proposal_id, Deal.ref).where(
                Deal.proposal_id.in_([p.id for p in proposals]), visible(Deal, self._identity)
            )
            deals = {proposal_id: ref for proposal_id, ref in session.execute(statement) if proposal_id is not None}
        picked = [p for p in proposals if p.ref in set(chosen)][:SIDE_BY_SIDE] or proposals[:SIDE_BY_SIDE]
        return Comparison(
            challenge=challenge,
            proposals=proposals,
            chosen=picked,
            verbs={p.ref: self._verbs(p) for p in proposals},
            deals=deals,
        )

    def find(self, ref: str, verb: str) -> Proposal:
        """The proposal, for a decision's own page. Raises NotVisible, NotAllowed, MoveNotAllowed."""
        require(self._identity, _NEEDED.get(verb, Permission.SIGNED_IN))
        proposal = get_visible(self._uow.session, Proposal, ref, self._identity, *WITH_ALL)
        if verb not in DECISIONS:
            raise MoveNotAllowed("no_such_move", lifecycle="proposal", source=proposal.status, verb=verb)
        if verb not in self._verbs(proposal):
            known = any(t.source == proposal.status and t.verb == verb for t in PROPOSAL.transitions)
            code = "wrong_actor" if known else "no_such_move"
            raise MoveNotAllowed(code, lifecycle="proposal", source=proposal.status, verb=verb)
        return proposal

    def decide(self, ref: str, verb: str, version: int, reason: str = "") -> Proposal:
        """Make the decision; the author hears it with its reason, and the county of a choice.

        Raises Invalid (`reason`), MoveNotAllowed (also `decided_meanwhile`: another was first), NotVisible, NotAllowed.
        """
        session = self._uow.session
        session.execute(select(Proposal.id).where(Proposal.ref == ref).with_for_update())
        proposal = self.find(ref, verb)
        if proposal.version != version:
            raise MoveNotAllowed("decided_meanwhile", lifecycle="proposal", source=proposal.status, verb=verb)
        why = clean_text(reason[: REASON_LIMIT * 4])
        if len(why) > REASON_LIMIT:
            raise Invalid([Problem("reason", "too_long", {"limit": REASON_LIMIT, "over": len(why) - REASON_LIMIT})])
        required = any(
            t.source == proposal.status and t.verb == verb and t.reason_required for t in PROPOSAL.transitions
        )
        if required and not why:
            raise Invalid([Problem("reason", "required")])
        challenge = proposal.challenge
        Moves(self._uow, self._identity).proposal(proposal, challenge, verb, why, at=self._clock())
        url = proposal_url(proposal.ref)
        told = {"title": challenge.title, "organisation": proposal.organisation.name, "reason": why}
        if verb in _TOLD_AUTHOR:
            self._uow.notify([proposal.author_id], _TOLD_AUTHOR[verb], url, told)
        if verb == "accept":
            self._uow.notify(self._county(challenge), "proposal_chosen", url, told)
        if verb == "withdraw" and proposal.submitted_at is not None:
            self._uow.notify(recipients.members(session, challenge.organisation_id), "proposal_withdrawn", url, told)
        return proposal

    def _verbs(self, proposal: Proposal) -> tuple[str, ...]:
        actors = proposal_actors(self._identity, proposal, proposal.challenge)
        may = permissions_of(self._identity)
        return tuple(
            t.verb
            for t in PROPOSAL.open_to(proposal.status, actors)
            if t.verb in DECISIONS and _NEEDED.get(t.verb, Permission.SIGNED_IN) in may
        )

    def _county(self, challenge: Challenge) -> list[int]:
        """Officers and brokers who may open the deal now."""
        session = self._uow.session
        brokers = [
            user_id
            for user_id, agency in recipients.with_role(session, Role.BROKER)
            if challenge.region_code == agency.region_code or challenge.region_code in agency.served_regions
        ]
        return [*recipients.officers(session, challenge.region_code), *brokers]
